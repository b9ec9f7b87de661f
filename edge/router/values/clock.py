"""Times of day and days, as they were said, before anyone asks which of them is meant."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from edge.router.values.numbers import ONES, TENS

DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEKDAYS: Final = (
    {day: at for at, day in enumerate(DAYS)}
    | {day + "s": at for at, day in enumerate(DAYS)}
    | {"mon": 0, "tue": 1, "tues": 1, "wed": 2, "thu": 3, "thurs": 3, "fri": 4, "sat": 5, "sun": 6}
)
MONTHS: Final = {
    name: at
    for at, names in enumerate(
        [
            "january jan",
            "february feb",
            "march",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sept sep",
            "october oct",
            "november nov",
            "december dec",
        ],
        1,
    )
    for name in names.split()
}
ORDINALS: Final = {
    word: at
    for at, word in enumerate(
        [
            "first",
            "second",
            "third",
            "fourth",
            "fifth",
            "sixth",
            "seventh",
            "eighth",
            "ninth",
            "tenth",
            "eleventh",
            "twelfth",
            "thirteenth",
            "fourteenth",
            "fifteenth",
            "sixteenth",
            "seventeenth",
            "eighteenth",
            "nineteenth",
            "twentieth",
        ],
        1,
    )
} | {"thirtieth": 30}
_PARTS: Final = {
    "morning": (8, 0),
    "afternoon": (15, 0),
    "evening": (19, 0),
    "night": (22, 0),
    "tonight": (20, 0),
    "breakfast": (8, 0),
    "lunch": (12, 30),
    "lunchtime": (12, 30),
    "dinner": (18, 30),
    "dinnertime": (18, 30),
    "bedtime": (22, 0),
    "teatime": (17, 0),
}
"""Parts of the day, and the hour they stand for when none is said."""
_NAMED: Final = {"noon": 12, "midday": 12, "midnight": 0}
_ROUND: Final = frozenset({5, 10, 15, 25})
_JOINTS: Final = frozenset({"past", "till"})
_LATE: Final = frozenset({"afternoon", "evening", "tonight", "night", "pm"})


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day; `half` is am or pm, or None where both may be meant."""

    hour: int
    minute: int
    half: str | None = None

    @property
    def sure(self) -> bool:
        """Whether only one time of day can be meant."""
        return self.half is not None or self.hour == 0 or self.hour > 12

    @property
    def hour24(self) -> int:
        """The hour 0..23, taken for the morning where both may be meant."""
        if self.half is None or self.hour > 12:
            return self.hour % 24
        return self.hour % 12 + (12 if self.half == "pm" else 0)


def part_of_day(tokens: Sequence[str]) -> str | None:
    """The part of the day that is named, if one is."""
    return next((word for word in tokens if word in _PARTS), None)


def part_hour(part: str) -> tuple[int, int]:
    """Hour and minute that a part of the day stands for."""
    return _PARTS[part]


def clock_at(tokens: Sequence[str], at: int, *, bare: bool = True) -> tuple[Clock, int] | None:
    """The time of day that is said at a token and the token after it; `bare`: a lone number counts as an hour."""
    word = tokens[at] if at < len(tokens) else ""
    if word in _NAMED:
        return Clock(_NAMED[word], 0, "pm" if _NAMED[word] else "am"), at + 1
    if not word:
        return None
    for last in range(min(len(tokens), at + 6), at + 2, -1):
        # What is added or taken comes first and the hour last: the shortest phrase that reads is the whole of it.
        if (found := _read_past_to(tokens[at:last], 0)) is not None and _read_past_to(tokens[at : last - 1], 0) is None:
            return _with_half_at(found, tokens, last)
    digital = _read_digital(tokens, at)
    if digital is not None and (":" in word or bare or _half_at(tokens, at + 1) is not None):
        return _with_half_at(digital, tokens, at + 1)
    hour = _small(tokens, at, 25)
    if hour is None:
        return None
    minute = _small(tokens, hour[1], 60)
    marked = tokens[hour[1]] if hour[1] < len(tokens) else ""
    if minute is not None and (minute[0] >= 10 or marked == "oh"):
        found, last = _valid(hour[0], minute[0]), minute[1]
    elif marked == "hundred":
        found, last = _valid(hour[0], 0, exact=True), hour[1] + 1
    else:
        last = hour[1] + (marked in {"oclock", "h"}) + 2 * (tokens[hour[1] : hour[1] + 2] == ["o", "clock"])
        found = _valid(hour[0], 0) if bare or last > hour[1] or _half_at(tokens, last) is not None else None
    return None if found is None else _with_half_at(found, tokens, last)


def _half_at(tokens: Sequence[str], at: int) -> tuple[str, int] | None:
    """ "am", "p m"."""
    word = tokens[at] if at < len(tokens) else ""
    if word in {"am", "pm"}:
        return word, at + 1
    return (f"{word}m", at + 2) if word in {"a", "p"} and tokens[at + 1 : at + 2] == ["m"] else None


def _with_half_at(clock: Clock, tokens: Sequence[str], at: int) -> tuple[Clock, int]:
    half = _half_at(tokens, at)
    if half is None:
        return clock, at
    return (clock if clock.sure else Clock(clock.hour, clock.minute, half[0])), half[1]


def ordinal_at(tokens: Sequence[str], at: int) -> tuple[int, int] | None:
    """ "third", "twenty first", "3rd": the number and the token after it."""
    word = tokens[at] if at < len(tokens) else ""
    if word in ORDINALS:
        return ORDINALS[word], at + 1
    if word in TENS and at + 1 < len(tokens) and ORDINALS.get(tokens[at + 1], 10) < 10:
        return TENS[word] + ORDINALS[tokens[at + 1]], at + 2
    if word.isdecimal() and at + 1 < len(tokens) and tokens[at + 1] in {"st", "nd", "rd", "th"}:
        return int(word[:3]), at + 2
    return None


def read_clock(tokens: Sequence[str], *, bare: bool = True) -> Clock | None:
    """The time of day in a phrase; `bare`: a lone number counts as an hour."""
    for at in range(len(tokens)):
        if (found := _read_past_to(tokens, at)) is not None:
            return _with_half(found, tokens)
    for named, hour in _NAMED.items():
        if named in tokens:
            return Clock(hour, 0, "pm" if hour else "am")
    if any(word in _JOINTS and (at == 0 or tokens[at - 1] not in _PARTS) for at, word in enumerate(tokens)):
        return None  # half a phrase: what was to be added or taken was not understood
    for at in range(len(tokens)):
        if (found := _read_digital(tokens, at) or _read_spoken(tokens, at, bare=bare)) is not None:
            return _with_half(found, tokens)
    return None


def _with_half(clock: Clock, tokens: Sequence[str]) -> Clock:
    if clock.half is not None or clock.hour == 0 or clock.hour > 12:
        return clock
    if "am" in tokens or "morning" in tokens:
        return Clock(clock.hour, clock.minute, "am")
    if not _LATE.isdisjoint(tokens):
        small = ("night" in tokens or "tonight" in tokens) and (clock.hour < 5 or clock.hour == 12)
        return Clock(clock.hour, clock.minute, "am" if small and "pm" not in tokens else "pm")
    return clock


def _small(tokens: Sequence[str], at: int, limit: int) -> tuple[int, int] | None:
    """A whole number below `limit` and where it ends: "forty five", "5", "oh five"."""
    if at >= len(tokens):
        return None
    word = tokens[at]
    value, end = None, at + 1
    if word.isdecimal() and len(word) <= 2:
        value = int(word)
    elif word in TENS:
        value = TENS[word]
        if end < len(tokens) and 0 < ONES.get(tokens[end], 0) < 10:
            value, end = value + ONES[tokens[end]], end + 1
    elif word == "oh" and end < len(tokens) and 0 < ONES.get(tokens[end], 0) < 10:
        value, end = ONES[tokens[end]], end + 1
    elif word in ONES and word not in {"dozen", "nil", "oh"}:
        value = ONES[word]
    return (value, end) if value is not None and value < limit else None


def _read_past_to(tokens: Sequence[str], at: int) -> Clock | None:
    """ "half past nine", "quarter to seven", "ten minutes past 6", "half nine"."""
    named = {"half": 30, "quarter": 15}.get(tokens[at])
    minute: tuple[int, int] | None = (named, at + 1) if named else _small(tokens, at, 60)
    if minute is None:
        return None
    minutes, end = minute
    if end < len(tokens) and tokens[end] in {"minute", "minutes", "min"}:
        end += 1
    if end >= len(tokens):
        return None
    heard_to = tokens[end] in {"two", "too", "2"} and minutes in _ROUND and _small(tokens, end + 1, 13) is not None
    if heard_to or tokens[end] in {"past", "after", "to", "till", "before", "of"}:
        back = heard_to or tokens[end] in {"to", "till", "before", "of"}
        if end + 1 < len(tokens) and tokens[end + 1] in {"noon", "midday", "midnight"}:
            total = (0 if tokens[end + 1] == "midnight" else 720) + (-minutes if back else minutes)
            return Clock(total % 1440 // 60, total % 60, "pm" if total >= 720 else "am")
        hour = _small(tokens, end + 1, 25)
        if hour is None:
            return None
        value = hour[0] % 24
        if back and minutes:
            value, minutes = (value - 1 if value > 1 else (12 if value == 1 else 23)), 60 - minutes
        return Clock(value, minutes)
    if tokens[at] == "half" and (hour := _small(tokens, end, 13)) is not None:
        return Clock(hour[0], 30)
    return None


def _read_digital(tokens: Sequence[str], at: int) -> Clock | None:
    """ "7:30", "7.30", "07:30", "0700", "19h"."""
    word = tokens[at]
    for sign in ":.":
        hour, found, minute = word.partition(sign)
        if found and hour.isdecimal() and minute[:2].isdecimal() and len(minute) == 2 and len(hour) <= 2:
            return _valid(int(hour), int(minute), exact=hour.startswith("0"))
    if len(word) == 4 and word.isdecimal():
        return _valid(int(word[:2]), int(word[2:]), exact=word.startswith("0"))
    return None


def _read_spoken(tokens: Sequence[str], at: int, *, bare: bool) -> Clock | None:
    """ "seven", "nine thirty", "eighteen hundred", "7 am", "nine o clock"."""
    hour = _small(tokens, at, 25)
    if hour is None:
        return None
    value, end = hour
    after = tokens[end] if end < len(tokens) else ""
    if after == "hundred":
        return _valid(value, 0, exact=True)
    exact = tokens[at] == "oh"
    if (minute := _small(tokens, end, 60)) is not None and (minute[0] >= 10 or after == "oh"):
        return _valid(value, minute[0], exact=exact)
    if after in {"oclock", "o", "am", "pm", "h"} or bare:
        return _valid(value, 0)
    return None


def _valid(hour: int, minute: int, *, exact: bool = False) -> Clock | None:
    if hour > 24 or minute > 59:
        return None
    if exact and hour <= 12:
        return Clock(hour, minute, "pm" if hour == 12 else "am")
    return Clock(hour % 24, minute)
