"""Holds a spoken reply against what was expected: numbers, times, lengths and names, as people say them."""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from edge.assistant.model import Reply
from edge.assistant.phrases import UNITS
from edge.router.model import Decision
from edge.router.values.past import pasts
from edge.sensors.errors import SensorError
from edge.sensors.history.units import convert, normal

_ONES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_SPOKEN = {"no": 0, "never": 0, "once": 1, "twice": 2} | {word: at for at, word in enumerate(_ONES)}
_NUMBER = re.compile(r"(minus |[-−])?(?<![A-Za-z\d.])(\d+(?:\.\d+)?)")
_BOUND = re.compile(r"\b(?:above|below) (?:minus )?\d+(?:\.\d+)?")
"""What the reply repeats of the question."""
_LENGTH = re.compile(r"(\d+(?:\.\d+)?) (second|minute|hour|day|week)s?")
_CLOCK = re.compile(r"\b\d{1,2}:\d{2}\b")
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}
_UNITS = {word: unit for unit, words in UNITS.items() for word in words} | {
    "degree": "°C", "degrees": "°C", "degrees fahrenheit": "°F", "degree fahrenheit": "°F",
}  # fmt: skip
"""A bare degree is the home's."""


def right(
    expected: Mapping[str, Any],
    reply: Reply,
    now: datetime,
    names: Callable[[str], list[str]] = lambda one: [one],
    rivals: Sequence[str] = (),
) -> bool:
    """Whether a reply says what is expected, or one of the other accepted values.

    Of several numbers, counts, lengths and names the first is what it says; of two compared also how much one is more
    or less. `names`: what a device is called; `rivals`: names that may not come before the right one.
    """
    kind = expected["kind"]
    if kind == "clarify":
        return _clarifies(expected, reply, names)
    values = [expected["value"], *expected.get("also", [])]
    return any(_says(kind, value, expected, reply, now, rivals) for value in values)


def _says(
    kind: str, value: Any, expected: Mapping[str, Any], reply: Reply, now: datetime, rivals: Sequence[str]
) -> bool:
    text = reply.text
    tolerance = float(expected.get("tolerance") or 0)
    match kind:
        case "number":
            return any(
                abs(one - float(value)) <= tolerance + 1e-9 for one in _numbers(text, expected.get("unit") or "")
            )
        case "duration_s":
            return any(abs(one - float(value)) <= tolerance + 1e-9 for one in _lengths(text)[:1])
        case "time":
            wanted = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
            wanted = wanted if wanted.tzinfo else wanted.replace(tzinfo=now.tzinfo)
            return any(abs((one - wanted).total_seconds()) <= max(tolerance, 59) for one in _times(text, now))
        case "count":
            return any(abs(one - float(value)) <= tolerance for one in _counts(text)[:1])
        case "yes_no":
            begins = re.match(r"(yes|no)\b", text.lower())
            return begins is not None and begins.group(1) == _word(value)
        case "name":
            return _named_first(str(value), text, rivals)
        case "trend":
            return _trend(text) == value
        case "normal":
            return ("that is normal" if _word(value) == "yes" else "that is unusual") in text.lower()
        case _:
            raise ValueError(kind)


def _word(value: Any) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value).lower()


def _clarifies(expected: Mapping[str, Any], reply: Reply, names: Callable[[str], list[str]]) -> bool:
    text = reply.text.lower()
    named = sum(any(_named(name, reply.text) for name in names(one)) for one in expected["candidates"])
    asks = reply.decision is Decision.CLARIFY and "?" in text
    return asks and named >= 2 and not _NUMBER.search(text)


def _named(name: str, text: str) -> bool:
    """By name, or by what tells it apart."""
    said = text.lower()
    words = [word for word in re.findall(r"[a-z0-9]+", name.lower()) if word not in _PLAIN]
    return name.lower() in said or (bool(words) and all(re.search(rf"\b{word}\b", said) for word in words))


_PLAIN = {"sensor", "temperature", "humidity", "the", "room", "of", "in", "thermometer"}


def _named_first(name: str, text: str, rivals: Sequence[str]) -> bool:
    """The name, and none of the others before it."""
    said = text.lower()
    places = {one: said.find(one.lower()) for one in {name, *rivals, *_DAYS}}
    found = places.pop(name)
    if found < 0:
        return False
    return not any(0 <= place < found and one.lower() not in name.lower() for one, place in places.items())


_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "yesterday", "today"]


def _trend(text: str) -> str:
    said = text.lower()
    ways = {"rising": "rising", "falling": "falling", "steady": "steady", " rose ": "rising", " fell ": "falling"}
    return next((way for word, way in ways.items() if word in said), "")


def _numbers(text: str, unit: str) -> list[float]:
    """Numbers with this unit, or another of the same quantity, or none after them."""
    found: list[float] = []
    bare = re.sub(r"\b(?:past|last) \d+ \w+|\d+(?:st|nd|rd|th)\b", " ", _CLOCK.sub(" ", _BOUND.sub(" ", text)))
    for match in _NUMBER.finditer(bare):
        value = float(match.group(2)) * (-1 if match.group(1) else 1)
        after = bare[match.end() :].strip().lower()
        said = next((known for words, known in sorted(_UNITS.items(), key=lambda one: -len(one[0]))
                     if after.startswith(words.lower())), None)  # fmt: skip
        more = re.match(r"[a-zµ³² ]{0,40}?\b(?:more|less|higher|lower|warmer|colder)\b", after) is not None
        if found and not more:
            continue
        if said is not None and unit and normal(said) != normal(unit):
            with suppress(SensorError):
                found.append(convert(value, said, unit, difference=more))
            continue
        found.append(value)
    return found


def _counts(text: str) -> list[float]:
    words = re.findall(r"[a-z]+|\d+", _CLOCK.sub(" ", _BOUND.sub(" ", text)).lower())
    found = [float(_SPOKEN[word]) if word in _SPOKEN else float(word) for word in words
             if word in _SPOKEN or word.isdecimal()]  # fmt: skip
    if re.search(r"\b(?:was|has) not (?:been )?\w+", text.lower()):
        found.append(0.0)
    return found


def _lengths(text: str) -> list[float]:
    """ "2 hours and 5 minutes", "45 minutes"; nothing for "was not open"."""
    found: list[float] = []
    last_end = None
    for match in _LENGTH.finditer(text):
        seconds = float(match.group(1)) * _SECONDS[match.group(2)]
        if last_end is not None and re.fullmatch(r"(?:,| and|, and)? ", text[last_end : match.start()]):
            found[-1] += seconds
        else:
            found.append(seconds)
        last_end = match.end()
    if re.search(r"\b(?:was not|never)\b", text.lower()):
        found.append(0.0)
    return found


def _times(text: str, now: datetime) -> list[datetime]:
    """Each time of day in the reply, on the day that the reply names nearest before it."""
    found: list[datetime] = []
    plain = now.replace(tzinfo=None)
    days = [(0, plain)]
    marks = re.compile(
        r"\btoday\b|\byesterday\b|\blast night\b|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|"
        r"\b\d{1,2}(?:st|nd|rd|th) of \w+(?: \d{4})?"
    )
    for match in marks.finditer(text.lower()):
        words = re.findall(r"\d+|[a-z]+", match.group().replace("last night", "yesterday"))
        read = pasts(["on", *words], plain) if words[0] not in ("today", "yesterday") else pasts(words, plain)
        if read:
            days.append((match.start(), read[0].start))
    for match in _CLOCK.finditer(text):
        hour, _, minute = match.group().partition(":")
        nearest = [(at, day) for at, day in days if at <= match.start()][-1][1]
        point = datetime(nearest.year, nearest.month, nearest.day, int(hour) % 24, int(minute), tzinfo=now.tzinfo)
        if "last night" in text.lower() and point.hour < 12 and nearest.date() < now.date():
            point += timedelta(days=1)
        found.append(point)
    return found[:1]
