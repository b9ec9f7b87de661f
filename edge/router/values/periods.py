"""Which stretch of time a question is about: "last night", "since tuesday", "in the last two hours"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from edge.router.values.clock import MONTHS, WEEKDAYS, read_clock
from edge.router.values.dates import read_date
from edge.router.values.durations import read_duration
from edge.router.values.numbers import split
from edge.router.values.past import pasts
from edge.router.values.times import is_now, when

_POSSESSIVE: Final = re.compile(r"['’]s\b(?! (?:eve|day)\b)", re.IGNORECASE)
""" "yesterday's high", "last week's average"; but not "new year's eve"."""
_PARTS: Final = {"morning": (5, 12), "afternoon": (12, 18), "evening": (18, 23)}
_UNITS: Final = {"minute": 60, "hour": 3600, "day": 86400, "week": 604800}


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` to `end`; both the same for a single moment."""

    start: datetime
    end: datetime

    def arguments(self) -> dict[str, str]:
        """As arguments of a call: `start` and `end`, or `at`, in ISO 8601 local."""
        start, end = (moment.replace(tzinfo=None).isoformat(timespec="seconds") for moment in (self.start, self.end))
        return {"at": start} if start == end else {"start": start, "end": end}


def period(text: str, now: datetime) -> Period | None:
    """The stretch of time a text names; None for now, or where it names none."""
    if is_now(text):
        return None
    tokens = split(_POSSESSIVE.sub("", text))
    return _moment_of_a_day(tokens, now) or (
        _since(tokens, now) or _between(tokens, now) or _last(tokens, now) or _named(tokens, now) or _day(tokens, now)
    )


def _moment_of_a_day(tokens: Sequence[str], now: datetime) -> Period | None:
    """ "On monday at noon", "at six this morning", "in october": what is nothing else than that."""
    found = pasts(tokens, now)
    if (
        len(found) != 1
        or found[0].first
        or found[0].last < len(tokens)
        or not (found[0].moment or _MONTH & set(tokens))
    ):
        return None
    return Period(*(moment.replace(tzinfo=now.tzinfo) for moment in (found[0].start, found[0].end)))


_MONTH: Final = frozenset(MONTHS)


def _at(day: date, hour: int, now: datetime) -> datetime:
    return datetime.combine(day, time(), now.tzinfo) + timedelta(hours=hour)


def _whole(start: datetime, days: int, now: datetime) -> Period:
    """Whole days; what has begun ends now."""
    end = start + timedelta(days=days)
    return Period(start, min(end, now) if start <= now else end)


def _since(tokens: Sequence[str], now: datetime) -> Period | None:
    if "since" not in tokens:
        return None
    rest = " ".join(tokens[tokens.index("since") + 1 :])
    point = _moment(rest, now)
    if point is None:
        named = period(rest, now) if "since" not in rest else None
        point = None if named is None else named.start
    return None if point is None or point > now else Period(point, now)


def _moment(text: str, now: datetime) -> datetime | None:
    """The last time it was this o'clock."""
    clock = read_clock(split(text))
    if clock is None or read_date(split(text), now.date()) is not None:
        return None
    hours = {clock.hour24} if clock.sure else {clock.hour % 12, clock.hour % 12 + 12}
    points = [_at(now.date(), hour, now) + timedelta(minutes=clock.minute) for hour in hours]
    return max(point if point <= now else point - timedelta(days=1) for point in points)


def _between(tokens: Sequence[str], now: datetime) -> Period | None:
    """ "between noon and four", "from two to five"."""
    for first, second in (("between", "and"), ("from", "to"), ("from", "until"), ("from", "till")):
        if first in tokens and second in tokens[tokens.index(first) :]:
            opens = tokens.index(first)
            turns = tokens.index(second, opens)
            start = _moment(" ".join(tokens[opens + 1 : turns]), now)
            later = when(" ".join(tokens[turns + 1 :]), start) if start else None
            if start and later and later.at:
                return Period(start, later.at)
    return None


def _last(tokens: Sequence[str], now: datetime) -> Period | None:
    """ "in the last two hours", "over the last day", "an hour ago"."""
    for at in range(len(tokens)):
        found = read_duration(tokens, at)
        if found is None:
            continue
        start = now - timedelta(seconds=found[0].total_s)
        if "ago" in tokens[found[1] :]:
            return Period(start, start)
        return Period(start, now)
    for at, word in enumerate(tokens[:-1]):
        unit = _UNITS.get(tokens[at + 1].removesuffix("s"))
        rolling = unit is not None and (
            word == "past" or (word == "last" and tokens[at + 1] in {"hour", "minute", "day"})
        )
        if rolling and unit is not None:
            return Period(now - timedelta(seconds=unit), now)
    return None


def _named(tokens: Sequence[str], now: datetime) -> Period | None:
    said, today = set(tokens), now.date()
    monday = _at(today - timedelta(days=today.weekday()), 0, now)
    first = _at(today.replace(day=1), 0, now)
    last = "last" in said or "previous" in said
    if "overnight" in said or ("night" in said and said & {"last", "during", "all", "whole"}):
        return Period(_at(today - timedelta(days=1), 20, now), min(_at(today, 8, now), now))
    if "weekend" in said:
        saturday = monday + timedelta(days=5)
        return _whole(saturday - timedelta(days=7) if last else saturday, 2, now)
    if "week" in said and "next" not in said:
        return _whole(monday - timedelta(days=7), 7, now) if last else _whole(monday, 7, now)
    if "month" in said and "next" not in said:
        before = _at((today.replace(day=1) - timedelta(days=1)).replace(day=1), 0, now)
        return Period(before, first) if last else Period(first, now)
    if "year" in said and not said & {"next", "new"}:
        this = _at(date(today.year, 1, 1), 0, now)
        return Period(_at(date(today.year - 1, 1, 1), 0, now), this) if last else Period(this, now)
    return None


def _day(tokens: Sequence[str], now: datetime) -> Period | None:
    """A day or a part of one; weekdays are the last that were, unless "next" or "this" says otherwise."""
    said, today = set(tokens), now.date()
    past_weekday = next((WEEKDAYS[word] for word in tokens if word in WEEKDAYS and word != "sun"), None)
    dated = read_date(tokens, today)
    if "yesterday" in said:
        day = today - timedelta(days=2 if {"before", "day"} <= said else 1)
    elif past_weekday is not None and not said & {"next", "this", "coming"}:
        day = today - timedelta(days=(today.weekday() - past_weekday) % 7 or 7)
    elif dated is not None:
        day = dated.day
    elif said & {"today", "day", *_PARTS} and "other" not in said:
        day = today
    else:
        point = _moment(" ".join(tokens), now)
        return None if point is None else Period(point, point)
    for part, (opens, closes) in _PARTS.items():
        if part in said:
            return Period(_at(day, opens, now), _at(day, closes, now))
    if "tonight" in said or "night" in said:
        return Period(_at(day, 18, now), _at(day + timedelta(days=1), 6, now))
    return _whole(_at(day, 0, now), 1, now)
