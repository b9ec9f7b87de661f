"""Days to come: "friday week", "the last day of the month", "in three weeks", "the first monday in may"."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from edge.router.values.clock import MONTHS, ORDINALS, WEEKDAYS, ordinal_at
from edge.router.values.numbers import TENS, read_number

_UNITS: Final = {"day": 1, "week": 7, "fortnight": 14, "month": 31, "year": 366}
_FROM: Final = frozenset({"on", "from", "after"})
_NOW: Final = frozenset({"now", "today"})
_MOST: Final = 10_000


@dataclass(frozen=True, slots=True)
class Named:
    """A day, today or later, and which tokens said so."""

    day: date
    used: frozenset[int] = frozenset()
    keeps_clock: bool = False
    """Whether it was counted from now ("in three days"): without a time of day it is the same as now."""


def read_date(tokens: Sequence[str], today: date) -> Named | None:
    """The day a phrase names; None where it names none."""
    counted = _counted(tokens, today)
    if counted is not None:
        return counted
    base = _nth_weekday(tokens, today) or _last_day(tokens, today) or _base(tokens, today)
    return None if base is None else _shifted(tokens, base)


def _counted(tokens: Sequence[str], today: date) -> Named | None:
    """ "in three weeks", "two days from now", "in a month's time"."""
    for at in range(len(tokens)):
        span = _span_at(tokens, at)
        if span is None:
            continue
        count, unit, last = span
        begins = at > 0 and tokens[at - 1] in {"in", "after"}
        ends = list(tokens[last : last + 2])
        if ends[:1] == ["from"] and ends[1:] and ends[1] in _NOW:
            last += 2
        elif ends[:1] in (["later"], ["time"]) or ends[:1] == ["today"]:
            last += 1
        elif not begins or ends[:1] in (["on"], ["from"], ["after"], ["before"]):
            continue
        day = moved(today, count, unit)
        return None if day is None else Named(day, frozenset(range(at - begins, last)), keeps_clock=True)
    return None


def _span_at(tokens: Sequence[str], at: int) -> tuple[int, str, int] | None:
    """ "three weeks", "a fortnight", "one month": how many, of what, and the token after it."""
    number = (1.0, at + 1) if tokens[at] in {"a", "an"} else read_number(tokens, at)
    if number is None or number[1] >= len(tokens):
        return None
    last = number[1] + (tokens[number[1]] == "of")
    unit = tokens[last].removesuffix("s") if last < len(tokens) else ""
    if unit not in _UNITS or number[0] != int(number[0]) or not 0 < number[0] < _MOST:
        return None
    return int(number[0]), unit, last + 1


def moved(day: date, count: int, unit: str) -> date | None:
    """A day some days, weeks, months or years on; the last of a month where that has fewer days."""
    try:
        if unit in {"month", "year"}:
            months = day.month - 1 + count * (12 if unit == "year" else 1)
            year, month = day.year + months // 12, months % 12 + 1
            return date(year, month, min(day.day, monthrange(year, month)[1]))
        return day + timedelta(days=count * _UNITS[unit])
    except (ValueError, OverflowError):
        return None


def _shifted(tokens: Sequence[str], base: Named) -> Named:
    """A day as it was named, or as far from it as is said: "friday week", "a fortnight on saturday"."""
    if not base.used:
        return base
    first, last = min(base.used), max(base.used) + 1
    if tokens[last : last + 1] == ["week"]:
        return replace(base, day=base.day + timedelta(days=7), used=base.used | {last})
    for at in range(max(0, first - 5), first):
        span = _span_at(tokens, at)
        if span is None or not _joins(tokens[span[2] : first], tokens[first]):
            continue
        day = moved(base.day, span[0], span[1])
        if day is not None:
            return replace(base, day=day, used=base.used | frozenset(range(at, first)))
    return base


def _joins(between: Sequence[str], base: str) -> bool:
    return (len(between) == 1 and between[0] in _FROM) or (not between and base in {"tomorrow", "today"})


def _nth_weekday(tokens: Sequence[str], today: date) -> Named | None:
    """ "the first monday of next month", "the last friday in october"."""
    for at, word in enumerate(tokens):
        if word not in WEEKDAYS or not at or tokens[at + 1 : at + 2] not in (["of"], ["in"]):
            continue
        which = -1 if tokens[at - 1] == "last" else ORDINALS.get(tokens[at - 1], 0)
        month = _month_at(tokens, at + 2, today)
        if month is None or not -1 <= which <= 5 or not which:
            continue
        for year, number in month[0]:
            day = nth_weekday(year, number, WEEKDAYS[word], which)
            if day is not None and day >= today:
                return Named(day, frozenset(range(at - 1, month[1])))
    return None


def nth_weekday(year: int, month: int, weekday: int, which: int) -> date | None:
    """The first (1) … fifth (5) or last (-1) Monday (0) … of a month; None where there is none."""
    days = [
        day
        for number in range(1, monthrange(year, month)[1] + 1)
        if (day := date(year, month, number)).weekday() == weekday
    ]
    place = which if which < 0 else which - 1
    return days[place] if place < len(days) else None


def _last_day(tokens: Sequence[str], today: date) -> Named | None:
    for at, word in enumerate(tokens):
        if word == "last" and tokens[at + 1 : at + 3] == ["day", "of"]:
            month = _month_at(tokens, at + 3, today)
            if month is not None:
                year, number = month[0][0]
                return Named(date(year, number, monthrange(year, number)[1]), frozenset(range(at, month[1])))
        if word == "end" and tokens[at + 1 : at + 4] == ["of", "the", "month"]:
            return Named(today.replace(day=monthrange(today.year, today.month)[1]), frozenset(range(at, at + 4)))
    return None


def _month_at(tokens: Sequence[str], at: int, today: date) -> tuple[list[tuple[int, int]], int] | None:
    """Which months may be meant at a token ("the month", "next month", "may"), the likeliest first, and its end."""
    while at < len(tokens) and tokens[at] in {"the", "this"}:
        at += 1
    this = today.year * 12 + today.month - 1
    if tokens[at : at + 1] == ["month"]:
        return [divmod_month(this), divmod_month(this + 1)], at + 1
    if tokens[at : at + 2] == ["next", "month"]:
        return [divmod_month(this + 1)], at + 2
    number = MONTHS.get(tokens[at]) if at < len(tokens) else None
    if number is None:
        return None
    year = today.year + (number < today.month)
    return [(year, number), (year + 1, number)], at + 1


def divmod_month(count: int) -> tuple[int, int]:
    """A count of months since year 0 as year and month."""
    return count // 12, count % 12 + 1


def _base(tokens: Sequence[str], today: date) -> Named | None:
    text = " ".join(tokens)
    if "day after tomorrow" in text:
        at = text[: text.index("day after tomorrow")].count(" ")
        return Named(today + timedelta(days=2), frozenset(range(at, at + 3)))
    if "tomorrow" in tokens:
        return Named(today + timedelta(days=1), _places(tokens, "tomorrow"))
    for at, word in enumerate(tokens):
        if word in WEEKDAYS and word != "sun":
            days = (WEEKDAYS[word] - today.weekday()) % 7 or 7
            following = at > 0 and tokens[at - 1] == "next" and today.weekday() + days <= 6
            return Named(today + timedelta(days=days + (7 if following else 0)), frozenset({at}))
    if "today" in tokens or "tonight" in tokens:
        return Named(today, _places(tokens, "today"))
    return _calendar(tokens, today) or _feast(text, today) or _span(text, today)


def _places(tokens: Sequence[str], *named: str) -> frozenset[int]:
    return frozenset(at for at, word in enumerate(tokens) if word in named)


def _calendar(tokens: Sequence[str], today: date) -> Named | None:
    """ "march third", "the 5th of may", "october 3", "the twentieth"."""
    ordinal: tuple[int, frozenset[int]] | None = None
    for at, word in enumerate(tokens):
        if word in ORDINALS:
            tens = TENS.get(tokens[at - 1], 0) if at else 0
            ordinal = ORDINALS[word] + tens, frozenset({at - 1, at} if tens else {at})
        elif (found := ordinal_at(tokens, at)) is not None and word.isdecimal():
            ordinal = found[0], frozenset({at, at + 1})
    for at, word in enumerate(tokens):
        month = MONTHS.get(word)
        if month is None:
            continue
        day = ordinal or _plain_day(tokens, at)
        if day is not None:
            return _next(month, day[0], today, day[1] | {at})
    return None if ordinal is None else _next(None, ordinal[0], today, ordinal[1])


def _plain_day(tokens: Sequence[str], month_at: int) -> tuple[int, frozenset[int]] | None:
    for at in (month_at + 1, month_at - 1, month_at - 2):
        if not 0 <= at < len(tokens):
            continue
        number = read_number(tokens, at)
        if number is None or number[0] != int(number[0]) or not 0 < number[0] < 32 or ":" in tokens[at]:
            continue
        if at > month_at or number[1] == month_at:
            return int(number[0]), frozenset(range(at, number[1]))
    return None


def _next(month: int | None, day: int, today: date, used: frozenset[int]) -> Named | None:
    for ahead in range(49):
        at = today.month - 1 + ahead
        if month is not None and at % 12 + 1 != month:
            continue
        try:
            found = date(today.year + at // 12, at % 12 + 1, day)
        except ValueError:
            continue
        if found >= today:
            return Named(found, used)
    return None


def _feast(text: str, today: date) -> Named | None:
    feasts = (("christmas eve", 12, 24), ("christmas", 12, 25), ("boxing day", 12, 26), ("new years eve", 12, 31))
    more = (("new years", 1, 1), ("new year", 1, 1), ("halloween", 10, 31), ("valentines", 2, 14))
    for name, month, day in (*feasts, *more):
        if name in text:
            return _next(month, day, today, frozenset())
    return None


def _span(text: str, today: date) -> Named | None:
    """The first day of "next week", "next month", "the weekend"."""
    if "next week" in text:
        return Named(today + timedelta(days=7 - today.weekday()))
    if "next month" in text:
        return Named((today.replace(day=1) + timedelta(days=32)).replace(day=1))
    if "next year" in text:
        return Named(date(today.year + 1, 1, 1))
    if "weekend" in text:
        return Named(today + timedelta(days=(5 - today.weekday()) % 7))
    return None
