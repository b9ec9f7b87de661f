"""Which stretches of the past a sentence names, and where: "last night", "on monday at noon", "in the past two hours".

Everything is in the local time of the home, without a zone: which moment that is, who asks must find out. Only what
counts back from now ("in the past two hours") is a length of time.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Final

from edge.router.values.between import of_clocks, point_on, readings
from edge.router.values.calendar import Day, day_at, span_at
from edge.router.values.clock import MONTHS, WEEKDAYS, Clock, clock_at, ordinal_at
from edge.router.values.durations import read_duration
from edge.router.values.numbers import read_number
from edge.router.values.stretch import NIGHT, PARTS, Past, bare, day_said, hm, part_said

_LEADS: Final = frozenset(
    [
        "in",
        "on",
        "at",
        "during",
        "over",
        "for",
        "from",
        "within",
        "throughout",
        "of",
        "the",
        "all",
        "whole",
        "so",
        "far",
        "around",
        "about",
        "by",
        "ever",
        "through",
    ]
)
"""Words that stand before a time and say no more than that."""
_CLOCKED: Final = frozenset(
    ["at", "around", "about", "by", "before", "after", "since", "until", "till", "between", "from", "and", "to"]
)
"""Words after which a lone number is a time of day."""
_UNITS: Final = {
    "minute": 60,
    "hour": 3600,
    "day": 86400,
    "week": 604800,
    "fortnight": 1209600,
    "month": 2592000,
    "year": 31536000,
}
_UNTIL: Final = frozenset({"until", "till", "to", "and", "through"})
_LONGEST: Final = 14
"""Words that one stretch of time takes at most."""


def pasts(tokens: Sequence[str], now: datetime) -> list[Past]:
    """All that a sentence names, in the order of its words; `now` in local time. Weekdays are the last that were."""
    found: list[Past] = []
    now = now.replace(tzinfo=None)
    at = 0
    while at < len(tokens):
        one = (_one_before(tokens, at, found[-1], now) if found else None) or _past_at(tokens, at, now)
        if one is None:
            at += 1
            continue
        if one.last < len(tokens) and not one.moment:
            inner = _between(tokens, one.last, now, one)
            one = one if inner is None else replace(inner, first=one.first)
        found.append(one)
        at = one.last
    return found


def _one_before(tokens: Sequence[str], at: int, other: Past, now: datetime) -> Past | None:
    """ "The day before", "the week before", after another stretch of time."""
    start = at
    at += tokens[at] == "the"
    unit = tokens[at] if at < len(tokens) else ""
    if unit not in {"day", "night", "week", "month"} or tuple(tokens[at + 1 : at + 2]) != ("before",):
        return None
    if tokens[at + 2 : at + 3] and tokens[at + 2] in {"yesterday", "last"}:
        return None
    return replace(earlier(other, unit, now), first=start, last=at + 2)


def earlier(other: Past, unit: str, now: datetime) -> Past:
    """The same stretch a day, week or month before."""
    back = timedelta(days=7 if unit == "week" else 1)
    if unit == "month":
        back = other.start - (other.start.replace(day=1) - timedelta(days=1)).replace(day=1)
    start, end = other.start - back, other.end - back
    if unit == "month" or (unit == "week" and other.end == now):
        end = other.start
    said = f"the {unit} before"
    if unit in ("day", "night"):
        said = part_said(start.date(), "night", now) if unit == "night" else day_said(start.date(), now)
    return Past(start, end, said)


def _past_at(tokens: Sequence[str], at: int, now: datetime) -> Past | None:
    start = at
    while at < len(tokens) and tokens[at] in _LEADS and at - start < 4:
        at += 1
    if at >= len(tokens):
        return None
    lead = tokens[at - 1] if at > start else ""
    one = (
        _between(tokens, start, now)
        or _open_ended(tokens, at, now)
        or _same_time(tokens, at, now)
        or _rolling(tokens, at, now)
        or _ago(tokens, at, now)
        or _plain(tokens, at, now, lead)
    )
    if one is None:
        return None
    while start < at and tokens[start] in {"on", "in", "over", "off"} and not _led(tokens, start):
        start += 1  # "was the light on yesterday", "when did it kick in this morning"
    return replace(one, first=start)


def _led(tokens: Sequence[str], at: int) -> bool:
    """Whether a preposition belongs to the time after it."""
    if tokens[at] == "on":
        return _dated(tokens, at + 1)
    plain = tokens[at + 1] in {"yesterday", "today", "tonight", "overnight", "this", "at"}
    return not plain and tokens[at + 1 : at + 3] not in (["last", "night"], ["last", "week"], ["last", "month"])


def _dated(tokens: Sequence[str], at: int) -> bool:
    """Whether a day stands there that "on" goes before."""
    while at < len(tokens) and tokens[at] in {"the", "last", "this", "past"}:
        at += 1
    word = tokens[at] if at < len(tokens) else ""
    return word in WEEKDAYS or word in MONTHS or ordinal_at(tokens, at) is not None or word[:1].isdecimal()


# Ends ----------------------------------------------------------------------------------------------------------------


def _open_ended(tokens: Sequence[str], at: int, now: datetime) -> Past | None:
    """ "since monday", "before noon", "after ten last night", "until six this morning"."""
    word = tokens[at]
    if word not in {"since", "before", "after", "until", "till"}:
        return None
    one = _inner(tokens, at + 1, now)
    if one is None or one.start > now:
        return None
    said = bare(one.said)
    if word == "since":
        return replace(one, end=now, said=f"since {said}", back_s=None)
    if not one.moment:
        if word == "after":
            return replace(one, start=min(one.end, now), end=now, said=f"after {said}", back_s=None)
        return None
    midnight = datetime.combine(one.start.date(), time())
    night = one.start.hour < 8
    if word == "after":
        nightly = {"night", "overnight"}.intersection(tokens[at : one.last])
        end = midnight + timedelta(hours=8 if night else 32 if nightly else 24)
        return replace(one, end=min(end, now), said=f"after {said}")
    return replace(one, start=midnight - timedelta(hours=4) if night else midnight, said=f"until {said}")


def _between(tokens: Sequence[str], at: int, now: datetime, around: Past | None = None) -> Past | None:
    """ "between noon and four", "from monday to wednesday", and after a day "between two and four"."""
    if tokens[at] not in {"between", "from"}:
        return None
    first = _hour_before_until(tokens, at + 1) or clock_at(tokens, at + 1)
    second = clock_at(tokens, first[1] + 1) if first is not None and _turns(tokens, first[1]) else None
    if first is not None and second is not None:
        after = None if around is not None else _around(tokens, second[1], now)
        return of_clocks(first[0], second[0], around or after, after.last if after else second[1], now)
    opens = None if around is not None else _inner(tokens, at + 1, now)
    closes = _inner(tokens, opens.last + 1, now) if opens is not None and _turns(tokens, opens.last) else None
    if opens is None or closes is None or closes.end <= opens.start:
        return None
    said = f"from {bare(opens.said)} to {bare(closes.said)}"
    return Past(opens.start, min(closes.end, now), said, last=closes.last)


def _turns(tokens: Sequence[str], at: int) -> bool:
    return at < len(tokens) and tokens[at] in _UNTIL


def _hour_before_until(tokens: Sequence[str], at: int) -> tuple[Clock, int] | None:
    """The "six" of "from six to eight", which is no six minutes to eight."""
    if tokens[at - 1] != "from" or tokens[at + 1 : at + 2] not in (["to"], ["till"]):
        return None
    return clock_at(tokens[: at + 1], at)


def _around(tokens: Sequence[str], at: int, now: datetime) -> Past | None:
    """The day or part of it after two times of day: "between two and four in the morning", "… yesterday"."""
    part = _part_after(tokens, at)
    if part is not None and tokens[at] != "this":
        midnight = datetime.combine(now.date(), time())
        return Past(midnight, midnight + timedelta(days=1), part[0], last=part[1], back_s=0)
    while at < len(tokens) and tokens[at] in _LEADS:
        at += 1
    return _plain(tokens, at, now, "") if at < len(tokens) else None


# Counting back -------------------------------------------------------------------------------------------------------


def _rolling(tokens: Sequence[str], at: int, now: datetime) -> Past | None:
    """ "(the) past two hours", "the last 24 hours", "the past week"; "last week" is no length of time."""
    word, after = tokens[at], at + 1
    if word not in {"past", "last", "previous"} or after >= len(tokens):
        return None
    found = read_duration(tokens, after)
    unit = tokens[after].removesuffix("s")
    if found is not None:
        seconds, last = found[0].total_s, found[1]
    elif (number := _counted(tokens, after)) is not None:
        seconds, last = number
    elif unit in _UNITS and (word == "past" or unit in {"hour", "minute", "day", "fortnight"}):
        seconds, last = _UNITS[unit], after + 1
    else:
        return None
    said = f"in the past {' '.join(tokens[after:last])}"
    return Past(now - timedelta(seconds=seconds), now, said, last=last, back_s=seconds)


def _counted(tokens: Sequence[str], at: int) -> tuple[int, int] | None:
    """ "three months", "few nights"."""
    number = read_number(tokens, at)
    if number is None or number[1] >= len(tokens):
        return None
    unit = {"night": "day"}.get(tokens[number[1]].removesuffix("s"), tokens[number[1]].removesuffix("s"))
    seconds = _UNITS.get(unit, 0) * number[0]
    return (round(seconds), number[1] + 1) if 0 < seconds < 10 * _UNITS["year"] else None


def _ago(tokens: Sequence[str], at: int, now: datetime) -> Past | None:
    """ "an hour ago": a moment; "three days ago", "a week ago": that day, or its time of day."""
    found = read_duration(tokens, at)
    span = (found[0].total_s, found[1]) if found is not None else _counted(tokens, at)
    if span is None and tokens[at] in {"a", "an", "one"} and at + 1 < len(tokens) and tokens[at + 1] in _UNITS:
        span = _UNITS[tokens[at + 1]], at + 2
    if span is None or span[1] >= len(tokens) or tokens[span[1]] != "ago":
        return None
    seconds, last = span[0], span[1] + 1
    said = " ".join(tokens[at:last])
    if seconds < 86400 or seconds % 86400:
        point = now - timedelta(seconds=seconds)
        return Past(point, point, said, last=last, back_s=seconds)
    day = Day((now - timedelta(seconds=seconds)).date(), last)
    return _on_day(tokens, day, now, said)


def _same_time(tokens: Sequence[str], at: int, now: datetime) -> Past | None:
    """ "this time yesterday", "the same time last week"."""
    if tokens[at] not in {"this", "same"} or tokens[at + 1 : at + 2] != ["time"]:
        return None
    week = tokens[at + 2 : at + 4] == ["last", "week"]
    day = Day(now.date() - timedelta(days=7), at + 4) if week else day_at(tokens, at + 2, now.date())
    if day is None or day.date >= now.date():
        return None
    point = datetime.combine(day.date, now.time())
    return Past(point, point, f"at {hm(point)} {day_said(day.date, now)}", last=day.last)


# Days, parts of days and times of day --------------------------------------------------------------------------------


def _inner(tokens: Sequence[str], at: int, now: datetime) -> Past | None:
    """What may stand after "since" and "from"."""
    lead = tokens[at - 1] if at else ""
    while at < len(tokens) and tokens[at] in _LEADS:
        at += 1
    if at >= len(tokens):
        return None
    return _ago(tokens, at, now) or _plain(tokens, at, now, lead if lead in _CLOCKED else "at")


def _plain(tokens: Sequence[str], at: int, now: datetime, lead: str) -> Past | None:
    span = span_at(tokens, at, now)
    if span is not None:
        start, end, said, last = span
        return Past(start, min(end, now) if start <= now else end, said, last=last)
    clock = clock_at(tokens, at, bare=lead in _CLOCKED)
    if clock is not None:
        return _at_clock(tokens, clock, now)
    night = _night_at(tokens, at, now)
    if night is not None:
        return _in_part(tokens, night, "night", now)
    day = day_at(tokens, at, now.date())
    if day is None:
        return None
    return _on_day(tokens, day, now, day_said(day.date, now))


def _on_day(tokens: Sequence[str], day: Day, now: datetime, said: str) -> Past | None:
    """A day, and what stands after it: a part of it, a time of day."""
    at = day.last
    while at < len(tokens) and tokens[at] in {"at", "in", "around", "about", "the", "during"}:
        at += 1
    if at < len(tokens) and (tokens[at] in PARTS or tokens[at] == "night"):
        return _in_part(tokens, Day(day.date, at + 1), tokens[at], now)
    bare = at > day.last and tokens[at - 1] in _CLOCKED
    clock = clock_at(tokens, at, bare=bare) if at < len(tokens) else None
    if clock is not None:
        last = clock[1]
        part = _part_after(tokens, last)
        point = point_on(clock[0], day.date, part[0] if part else None, now)
        return Past(point, point, f"at {hm(point)} {day_said(point.date(), now)}", last=part[1] if part else last)
    start = datetime.combine(day.date, time())
    end = start + timedelta(days=1)
    return Past(start, min(end, now) if start <= now else end, said, last=day.last)


def _in_part(tokens: Sequence[str], day: Day, part: str, now: datetime) -> Past:
    """A part of a day, and the time of day after it."""
    at = day.last
    clocked = at < len(tokens) and tokens[at] in {"at", "around", "about"}
    clock = clock_at(tokens, at + 1) if clocked else None
    if clock is not None:
        point = point_on(clock[0], day.date, part, now)
        return Past(point, point, f"at {hm(point)} {day_said(point.date(), now)}", last=clock[1])
    opens, closes = PARTS.get(part, NIGHT)
    start = datetime.combine(day.date, time()) + timedelta(hours=opens)
    end = datetime.combine(day.date, time()) + timedelta(hours=closes)
    return Past(start, min(end, now) if start <= now else end, part_said(day.date, part, now), last=day.last)


def _at_clock(tokens: Sequence[str], clock: tuple[Clock, int], now: datetime) -> Past:
    """A time of day, and the day that may stand after it: "at six this morning", "at noon on monday"."""
    read, last = clock
    part = _part_after(tokens, last)
    if part is not None:
        return _last_time(point_on(read, now.date(), part[0], now), now, part[1])
    at = last
    while at < len(tokens) and tokens[at] in {"on", "of", "the", "in"}:
        at += 1
    if at < len(tokens):
        night = _night_at(tokens, at, now)
        day = night or day_at(tokens, at, now.date())
        if day is not None:
            after = tokens[day.last] if day.last < len(tokens) else ""
            named = "night" if night else after if after in (*PARTS, "night") else None
            point = point_on(read, day.date, named, now)
            end = day.last + (1 if named and not night else 0)
            return Past(point, point, f"at {hm(point)} {day_said(point.date(), now)}", last=end)
    points = [datetime.combine(now.date(), one) for one in readings(read, None)]
    passed = [point if point <= now else point - timedelta(days=1) for point in points]
    point = max(passed)
    return Past(point, point, f"at {hm(point)} {day_said(point.date(), now)}", last=last)


def _last_time(point: datetime, now: datetime, last: int) -> Past:
    point = point if point <= now else point - timedelta(days=1)
    return Past(point, point, f"at {hm(point)} {day_said(point.date(), now)}", last=last)


def _part_after(tokens: Sequence[str], at: int) -> tuple[str, int] | None:
    """ "in the morning", "at night", "this morning"; "yesterday morning" is a day's."""
    lead = at
    while lead < len(tokens) and tokens[lead] in {"in", "the", "at", "this"}:
        lead += 1
    if lead > at and lead < len(tokens) and (tokens[lead] in PARTS or tokens[lead] == "night"):
        return tokens[lead], lead + 1
    return None


def _night_at(tokens: Sequence[str], at: int, now: datetime) -> Day | None:
    """The evening on which a night begins: "last night", "the night before last", "overnight", "monday night"."""
    today = now.date()
    word, after = tokens[at], list(tokens[at + 1 : at + 3])
    if word == "overnight":
        return Day(today - timedelta(days=1), at + 1)
    if word == "tonight":
        return Day(today - timedelta(days=1) if now.hour < 8 else today, at + 1)
    if word in {"last", "yesterday"} and after[:1] == ["night"]:
        return Day(today - timedelta(days=1), at + 2)
    if word == "night" and after == ["before", "last"]:
        return Day(today - timedelta(days=2), at + 3)
    if word == "night" and at and tokens[at - 1] in {"the", "all", "whole"} and after[:1] not in (["of"], ["on"]):
        return Day(today - timedelta(days=1), at + 1)
    return None
