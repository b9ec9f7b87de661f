"""Days that were, and weeks, weekends, months and years: "yesterday", "the third of may", "last week"."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from edge.router.values.clock import MONTHS, WEEKDAYS, ordinal_at
from edge.router.values.numbers import read_number

_THIS: Final = frozenset({"this", "current"})
_LAST: Final = frozenset({"last", "previous"})
_UNSAID: Final = frozenset({"sun", "mon", "sat", "wed", "may", "march"})
"""Short names that are words of their own too, unless "on" or a day stands beside them."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day, and the token after the words that name it."""

    date: date
    last: int


def day_at(tokens: Sequence[str], at: int, today: date) -> Day | None:
    """The day that is named at a token, today or before."""
    word = tokens[at] if at < len(tokens) else ""
    after = list(tokens[at + 1 : at + 4])
    if word == "today":
        return Day(today, at + 1)
    if word == "yesterday":
        return Day(today - timedelta(days=1), at + 1)
    if word == "day" and after[:2] == ["before", "yesterday"]:
        return Day(today - timedelta(days=2), at + 3)
    if word == "day" and after[:1] == ["before"] and after[1:2] != ["last"]:
        return Day(today - timedelta(days=2), at + 2)
    if word == "this" and after[:1] and after[0] in ("morning", "afternoon", "evening"):
        return Day(today, at + 1)
    return _weekday_at(tokens, at, today) or _date_at(tokens, at, today)


def _weekday_at(tokens: Sequence[str], at: int, today: date) -> Day | None:
    word = tokens[at] if at < len(tokens) else ""
    which = ""
    if word in _LAST | _THIS | {"past"} and at + 1 < len(tokens):
        which, word, at = word, tokens[at + 1], at + 1
    number = WEEKDAYS.get(word)
    if number is None or (word in _UNSAID and not which and (not at or tokens[at - 1] != "on")):
        return None
    week = list(tokens[at + 1 : at + 4])
    while week and week[0] in {"of", "the"}:
        week = week[1:]
    if week[:2] == ["last", "week"] or week[:2] == ["previous", "week"]:
        skipped = 3 if tokens[at + 1] not in {"of", "the"} else 4
        monday = today - timedelta(days=today.weekday() + 7)
        return Day(monday + timedelta(days=number), at + skipped)
    back = (today.weekday() - number) % 7
    return Day(today - timedelta(days=back if which in _THIS else back or 7), at + 1)


def _date_at(tokens: Sequence[str], at: int, today: date) -> Day | None:
    """ "may third", "the 3rd of may", "3 may 2025", "the third"; the last that was."""
    word = tokens[at] if at < len(tokens) else ""
    month = MONTHS.get(word)
    if month is not None:
        day = _day_number(tokens, at + 1)
        return None if day is None else _dated(month, day[0], tokens, day[1], today)
    day = _day_number(tokens, at)
    if day is None:
        return None
    number, last = day
    named = last + 1 if tokens[last : last + 1] == ["of"] else last
    month = MONTHS.get(tokens[named]) if named < len(tokens) else None
    if month is not None:
        return _dated(month, number, tokens, named + 1, today)
    ordinal = ordinal_at(tokens, at) is not None and at > 0 and tokens[at - 1] == "the"
    return _dated(None, number, tokens, last, today) if ordinal and (at < 2 or tokens[at - 2] == "on") else None


def _day_number(tokens: Sequence[str], at: int) -> tuple[int, int] | None:
    at += tokens[at : at + 1] == ["the"]
    ordinal = ordinal_at(tokens, at)
    if ordinal is not None:
        return ordinal
    number = read_number(tokens, at)
    if number is None or number[0] != int(number[0]) or not 1 <= number[0] <= 31:
        return None
    return int(number[0]), number[1]


def _dated(month: int | None, day: int, tokens: Sequence[str], last: int, today: date) -> Day | None:
    year = _year_at(tokens, last)
    if year is not None and month is not None:
        try:
            return Day(date(year, month, day), last + 1)
        except ValueError:
            return None
    for back in range(49):
        at = today.year * 12 + today.month - 1 - back
        if month is not None and at % 12 + 1 != month:
            continue
        try:
            found = date(at // 12, at % 12 + 1, day)
        except ValueError:
            continue
        if found <= today:
            return Day(found, last)
    return None


def _year_at(tokens: Sequence[str], at: int) -> int | None:
    word = tokens[at] if at < len(tokens) else ""
    return int(word) if len(word) == 4 and word.isdecimal() and 1970 <= int(word) < 2200 else None


def span_at(tokens: Sequence[str], at: int, now: datetime) -> tuple[datetime, datetime, str, int] | None:
    """A week, weekend, month or year that is named at a token: start, end, how one says it, and the token after it."""
    word, after = tokens[at], tokens[at + 1] if at + 1 < len(tokens) else ""
    today = now.date()
    which = "this" if word in _THIS else "last" if word in _LAST else ""
    unit, last = (after, at + 2) if which else (word, at + 1)
    if unit in {"week", "month", "year"} and tokens[last : last + 2] == ["before", "last"] and not which:
        return (*_whole(_start(unit, _start(unit, _start(unit, today) - _DAY) - _DAY), unit), f"the {unit} before last",
                last + 2)  # fmt: skip
    if unit == "weekend":
        return _weekend(which, now, last)
    if which and unit in {"week", "month", "year"}:
        start = _start(unit, today) if which == "this" else _start(unit, _start(unit, today) - _DAY)
        return (*_whole(start, unit), f"{which} {unit}", last)
    if unit == "week" and at and tokens[at - 1] in {"the", "all", "whole"}:
        return (*_whole(_start(unit, today), unit), "this week", last)
    return _month(tokens, at, today, which) or _year(tokens, at)


_DAY: Final = timedelta(days=1)


def _start(unit: str, day: date) -> date:
    if unit == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if unit == "month" else day.replace(month=1, day=1)


def _whole(start: date, unit: str) -> tuple[datetime, datetime]:
    days = {"week": 7, "month": 31, "year": 366}[unit]
    end = start + timedelta(days=days)
    return _midnight(start), _midnight(end if unit == "week" else _start(unit, end))


def _weekend(which: str, now: datetime, last: int) -> tuple[datetime, datetime, str, int]:
    """The one that is, or was: nobody asks what will have been."""
    today = now.date()
    saturday = today - timedelta(days=(today.weekday() - 5) % 7)
    if which == "last" and today.weekday() >= 5:
        saturday -= timedelta(days=7)
    said = "this weekend" if today.weekday() >= 5 and which != "last" else "last weekend"
    return _midnight(saturday), _midnight(saturday + timedelta(days=2)), said, last


def _month(tokens: Sequence[str], at: int, today: date, which: str) -> tuple[datetime, datetime, str, int] | None:
    named = at + 1 if which else at
    word = tokens[named] if named < len(tokens) else ""
    month = MONTHS.get(word)
    before = tokens[named - 1] if named else ""
    if month is None or (word in _UNSAID and before not in {"in", "last", "during", "since", "this", "of", "all"}):
        return None
    if named + 1 < len(tokens) and _year_at(tokens, named + 1) is None and _day_number(tokens, named + 1) is not None:
        return None
    year = _year_at(tokens, named + 1)
    last = named + (1 if year is None else 2)
    if year is None:
        year = today.year - (month > today.month or (which == "last" and month == today.month))
    start = date(year, month, 1)
    said = f"in {start:%B}" + ("" if year == today.year else f" {year}")
    return (*_whole(start, "month"), said, last)


def _year(tokens: Sequence[str], at: int) -> tuple[datetime, datetime, str, int] | None:
    year = _year_at(tokens, at)
    if year is None or not at or tokens[at - 1] not in {"in", "during", "since", "of"}:
        return None
    return (*_whole(date(year, 1, 1), "year"), f"in {year}", at + 1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())
