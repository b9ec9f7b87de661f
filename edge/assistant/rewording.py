"""Has a language model say a text in better words, and takes that only where all it says was in the text."""

import asyncio
import logging
import re
from collections.abc import Collection, Mapping
from contextlib import aclosing
from typing import Final

from edge.assistant.ports import ChatModel, ChatTurn
from edge.devices.words import listed
from edge.errors import EdgeError
from edge.llm.gate import Priority

log = logging.getLogger(__name__)

_ASKED: Final = (
    "Say the following to somebody at home in friendly, natural English, as short as it is or shorter. Keep every "
    "number, unit, time and name exactly as it is written, add nothing, explain nothing, and answer with the text "
    "alone:\n\n"
)
_LONGEST: Final = 1.25
_NUMBER: Final = re.compile(r"(?<![\w.])(\d+(?::\d\d(?!\d)|[.,]\d+)?)(?:\s*(%|°[CF]?|[a-z/²³]+))?", re.IGNORECASE)
_WORD: Final = re.compile(r"[a-z][a-z'’]*", re.IGNORECASE)
_COUNTED: Final[Mapping[str, str]] = {
    "one": "1",
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "six": "6",
    "seven": "7",
    "eight": "8",
    "nine": "9",
    "ten": "10",
    "eleven": "11",
    "twelve": "12",
    "thirteen": "13",
    "fourteen": "14",
    "fifteen": "15",
    "twenty": "20",
    "thirty": "30",
    "forty": "40",
    "fifty": "50",
    "sixty": "60",
    "seventy": "70",
    "eighty": "80",
    "ninety": "90",
    "hundred": "100",
    "thousand": "1000",
    "once": "1",
    "twice": "2",
    "both": "2",
    "half": "½",
    "double": "2×",
    "doubled": "2×",
    "triple": "3×",
    "tripled": "3×",
    "third": "⅓",
    "quarter": "¼",
    "dozen": "12",
    "dozens": "12",
    "most": "most",
    "few": "few",
    "several": "several",
    "majority": "most",
}
"""Words that say how many, or how much."""
_UNITS: Final[Mapping[str, str]] = {
    "%": "percent",
    "°": "degrees",
    "°c": "degrees",
    "°f": "degrees",
    "degree": "degrees",
    "watt": "watts",
    "w": "watts",
    "hour": "hours",
    "h": "hours",
    "minute": "minutes",
    "min": "minutes",
    "mins": "minutes",
    "day": "days",
    "litre": "litres",
    "liters": "litres",
    "liter": "litres",
    "time": "times",
    "week": "weeks",
    "second": "seconds",
    "lx": "lux",
}
_MEASURES: Final = frozenset(
    {*_UNITS.values(), *listed("parts, lux, volts, amps, hectopascals, cubic, kwh, ppm, kilowatt, milliamps")}
)
_CAUSES: Final = listed(
    "because, cause, caused, causes, causing, due, thanks, therefore, hence, consequently, reason, reasons, result, "
    "resulted, resulting, led, triggered, made, making, explains, owing, probably, certainly, definitely, surely"
)
_NOT: Final = listed(
    "not, no, never, nothing, none, neither, nobody, without, cannot, can't, isn't, wasn't, didn't, hasn't, hardly"
)
_UP: Final = listed(
    "rose, rise, rises, risen, rising, up, increased, increase, warmer, hotter, higher, climbed, more, gained"
)
_DOWN: Final = listed(
    "fell, fall, falls, fallen, falling, down, decreased, decrease, colder, cooler, lower, dropped, less, lost"
)


class Rewording:
    """`names`: the words of everything in the house, of which only those of the text may be in its place."""

    def __init__(self, model: ChatModel, within_s: float) -> None:
        self._model = model
        self._within_s = within_s

    async def better(self, text: str, names: Collection[str] = ()) -> str:
        """The text in better words; as it is where there is no model, it takes too long, or says something else."""
        if self._model.unavailable is not None or not text:
            return text
        try:
            async with asyncio.timeout(self._within_s):
                said = await self._said(text)
        except (EdgeError, TimeoutError) as error:
            log.info("rewording.failed", extra={"reason": str(error) or "too slow"})
            return text
        why = objection(text, said, names)
        if why:
            log.info("rewording.refused", extra={"reason": why})
            return text
        return said

    async def _said(self, text: str) -> str:
        answer = self._model.answer(
            (ChatTurn("user", _ASKED + text),), priority=Priority.BACKGROUND, toolbox=None, may_call=False
        )
        async with aclosing(answer) as parts:  # type: ignore[type-var]
            pieces = [part async for part in parts if isinstance(part, str)]
        return " ".join("".join(pieces).split()).strip('"“” ')


def objection(text: str, said: str, names: Collection[str] = ()) -> str:
    """Why `said` may not stand for `text`; empty where it may.

    Every number has to be there with the same unit, none besides; nothing else may be said to be the reason, to have
    gone the other way, or not to be so; nothing else of the house may be named.
    """
    ours, theirs = _words(text), _words(said)
    if not said or len(theirs) > _LONGEST * len(ours) + 4:
        return "it is empty or too long"
    if (odd := _figures(said) - _figures(text)) or (odd := _figures(text) - _figures(said)):
        return f"{min(odd)} differs"
    ours_set, theirs_set = set(ours), set(theirs)
    if new := (theirs_set - ours_set) & _CAUSES:
        return f"it says {min(new)}"
    if bool(theirs_set & _NOT) != bool(ours_set & _NOT):
        return "it says what is not, or is"
    for one, other in ((_UP, _DOWN), (_DOWN, _UP)):
        if ours_set & one and not ours_set & other and theirs_set & other:
            return "it goes the other way"
    if new := (theirs_set - ours_set) & {word.casefold() for word in names}:
        return f"it names {min(new)}"
    if _named(ours_set, names) - theirs_set:
        return "it leaves something out"
    return "it asks" if said.endswith("?") else ""


def _named(said: set[str], names: Collection[str]) -> set[str]:
    return said & {word.casefold() for word in names}


def _words(text: str) -> list[str]:
    return [one.casefold().replace("’", "'") for one in _WORD.findall(text)]


def _figures(text: str) -> set[str]:
    """Each number with its unit: "21.4 degrees", "14:20", "9 times"; words that count as numbers do."""
    plain = re.sub(r"\bminus\s+(?=\d)", "−", text, flags=re.IGNORECASE)
    found = set()
    for match in re.finditer(r"(−?)" + _NUMBER.pattern, plain, re.IGNORECASE):
        unit = (match[3] or "").casefold()
        unit = _UNITS.get(unit, unit)
        found.add(f"{match[1]}{match[2].replace(',', '')} {unit if unit in _MEASURES else ''}".strip())
    counted = [_COUNTED[word] for word in _words(text) if word in _COUNTED]
    return found | {f"{one} in words" for one in counted}
