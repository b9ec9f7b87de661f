"""PINs as they are spoken and typed: alone, after an order, and wherever else digits stand in a text; pure."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

SHORTEST: Final = 4
"""Digits; a run of fewer is no PIN."""
_DIGITS: Final = {
    "zero": "0", "oh": "0", "o": "0", "nought": "0", "naught": "0", "nil": "0", "one": "1", "two": "2", "three": "3",
    "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
}  # fmt: skip
_TENS: Final = {
    word: f"{tens}0"
    for tens, word in enumerate(("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"), 2)
}
_TEENS: Final = {
    word: str(number)
    for number, word in enumerate(
        ("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
        10,
    )
}
_NUMERALS: Final = _DIGITS | _TENS | _TEENS
_SOUNDS_LIKE: Final = {"to": "2", "too": "2", "for": "4", "fore": "4", "ate": "8", "won": "1", "tree": "3", "sex": "6"}
"""What ears write for digits; taken for them only where a PIN was asked for."""
_TIMES: Final = {"double": 2, "triple": 3, "treble": 3}
_ROUND: Final = frozenset({"hundred", "thousand", "and"})
"""Said between numbers, and no digit."""
_AROUND: Final = frozenset(
    {"pin", "code", "passcode", "is", "the", "my", "it", "its", "s", "yes", "please", "ok", "okay", "sure", "um", "uh"}
    | {"er", "here", "number", "secret", "that", "this", "with", "using", "by", "then", "so", "well", "was", "yeah"}
)
_BEFORE_A_PIN: Final = frozenset({"pin", "code", "passcode", "with", "using", "is", "my", "the", "please", "number"})
_NOT_BEFORE: Final = frozenset(
    {"at", "until", "till", "to", "for", "from", "in", "on", "after", "before", "about", "of", "channel", "past"}
)
"""What comes before a time of day or an amount."""
_WORD: Final = re.compile(r"\d+|[a-z]+")


@dataclass(frozen=True, slots=True)
class Parted:
    """An order, and the digits that were said with it."""

    order: str
    said: str
    """As they were said."""


@dataclass(frozen=True, slots=True)
class Run:
    """Numbers that follow one another."""

    start: int
    end: int
    readings: tuple[str, ...]
    """As digits; "forty seven" is 47, and may be 407."""


def alone(text: str, *, asked: bool = False) -> tuple[str, ...]:
    """The readings of a PIN that is said by itself, with a word or two around it; nothing where more is said.

    `asked`: whether one was asked for, and what only sounds like digits may be some.
    """
    numerals = []
    said = _WORD.findall(text.casefold())
    sure = any(word.isdigit() or word in _NUMERALS for word in said)
    for word in said:
        if word.isdigit() or word in _NUMERALS or word in _TIMES:
            numerals.append(word)
        elif asked and sure and word in _SOUNDS_LIKE:
            numerals.append(_SOUNDS_LIKE[word])
        elif word not in _AROUND and word not in _ROUND:
            return ()
    return _readings(numerals)


def parted(text: str) -> Parted | None:
    """An order with a PIN after it or before it; None where no digits stand there, or they are a time or an amount."""
    found = runs(text)
    if not found or text[: found[0].start].strip() == text[found[-1].end :].strip() == "":
        return None
    last, first = found[-1], found[0]
    if len(last.readings[0]) >= SHORTEST and not _WORD.search(text[last.end :].casefold()):
        before = _WORD.findall(text[: last.start].casefold())
        if before and before[-1] not in _NOT_BEFORE:
            return Parted(_without_lead(text[: last.start]), text[last.start : last.end])
    if len(first.readings[0]) >= SHORTEST:
        lead = _WORD.findall(text[: first.start].casefold())
        if all(word in _AROUND for word in lead):
            return Parted(text[first.end :].strip(" ,.;:-!"), text[first.start : first.end])
    return None


def holds(text: str, pin: str) -> bool:
    """Whether all digits of a text, whatever is between them, have the PIN in them in some reading."""
    said = [word for word in _WORD.findall(text.casefold()) if word.isdigit() or word in _NUMERALS or word in _TIMES]
    return any(pin in read for read in _readings(said))


def count(text: str) -> int:
    """How many digits a text has, spoken ones too."""
    return sum(len(word) if word.isdigit() else len(_NUMERALS.get(word, "")) for word in _WORD.findall(text.casefold()))


def runs(text: str) -> list[Run]:
    """The numbers of a text, those that follow one another together."""
    found: list[Run] = []
    words: list[re.Match[str]] = []

    def close() -> None:
        while words and not _is_numeral(words[-1].group()):
            words.pop()
        if words:
            readings = _readings([word.group() for word in words if word.group() not in _ROUND])
            found.append(Run(words[0].start(), words[-1].end(), readings))
        words.clear()

    for match in _WORD.finditer(text.casefold()):
        word = match.group()
        large = bool(words) and (word != "and" or words[-1].group() in _ROUND)
        if _is_numeral(word) or word in _TIMES or (large and word in _ROUND):
            words.append(match)
        else:
            close()
    close()
    return [run for run in found if run.readings]


def without(text: str, pins: Collection[str], instead: str, *, every: bool = False) -> str:
    """The text with `instead` for each run of numbers that is one of the PINs; with `every`, for each that is as long
    as one."""
    if len(text) != len(text.casefold()):
        return instead if any(holds(text, pin) for pin in pins) else text
    for run in reversed(runs(text)):
        long = every and any(len(read) >= SHORTEST for read in run.readings)
        if long or any(pin in read for pin in pins for read in run.readings):
            text = f"{text[: run.start]}{instead}{text[run.end :]}"
    return text


def _is_numeral(word: str) -> bool:
    return word.isdigit() or word in _NUMERALS


def _without_lead(text: str) -> str:
    """The order without "… with the code"."""
    rest = text.rstrip(" ,.;:-!")
    while (word := re.search(r"[A-Za-z]+$", rest)) is not None and word.group().casefold() in _BEFORE_A_PIN:
        rest = rest[: word.start()].rstrip(" ,.;:-!")
    return rest


def _readings(numerals: Sequence[str]) -> tuple[str, ...]:
    """Both ways to read them: as pairs ("forty seven eleven" is 4711), and one after the other (40711)."""
    repeated: list[str] = []
    times = 1
    for word in numerals:
        if word in _TIMES:
            times = _TIMES[word]
            continue
        repeated += [word] * times
        times = 1
    if not repeated:
        return ()
    pairs: list[str] = []
    tens = False
    for word in repeated:
        if tens and word in _DIGITS and _DIGITS[word] != "0":
            pairs[-1] = pairs[-1][:-1]
        pairs.append(_NUMERALS.get(word, word))
        tens = word in _TENS
    plain = "".join(_NUMERALS.get(word, word) for word in repeated)
    return tuple(dict.fromkeys(("".join(pairs), plain)))
