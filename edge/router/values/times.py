"""When something is to happen: clock times, dates, the sun, and what comes back every day or week."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from edge.router.values.clock import DAYS, Clock, clock_at, part_hour, part_of_day, read_clock
from edge.router.values.dates import Named, divmod_month, moved, nth_weekday, read_date
from edge.router.values.durations import read_duration
from edge.router.values.numbers import read_number, split
from edge.router.values.repeats import Repeat, read_repeat

_SUN: Final = {
    **dict.fromkeys(["sunset", "sundown", "dark"], "sunset"),
    **dict.fromkeys(["sunrise", "sunup", "daylight"], "sunrise"),
    **dict.fromkeys(["dusk", "nightfall", "twilight"], "dusk"),
    **dict.fromkeys(["dawn", "daybreak"], "dawn"),
}
_SUN_MOVES: Final = (
    (
        re.compile(r"\b(?:sun (?:goes|has gone|is) down|sun (?:sets|has set)|(?:gets|turns|goes|getting) dark)\b"),
        "sunset",
    ),
    (re.compile(r"\b(?:sun (?:comes|goes|is|has come) up|sun (?:rises|has risen)|(?:gets|turns) light)\b"), "sunrise"),
)
_EVENT: Final = frozenset({"when", "once", "as", "after", "whenever", "the", "every"})
"""Words that begin a clause that tells when, and not on what condition."""
_NOW: Final = re.compile(r"^(?:right |just |as of )?(?:now|currently|at the moment|at present|still|moment|present)$")
_BEFORE_A_TIME: Final = frozenset({"till", "until", "til", "by", "at", "about", "around"})
_HOW_NEARLY: Final = frozenset({"exactly", "precisely", "approximately", "roughly"})
_TODAY: Final = re.compile(r"\b(?:today|this (?:morning|afternoon|evening))\b")
_SAME_TIME: Final = re.compile(r"\b(?:(?:at )?(?:this|the same|same) time(?: as (?:now|today))?)\b")
_MEANT: Final = {
    "nightly": "night",
    "weeknight": "night",
    "weeknights": "night",
    "first thing": "morning",
    "last thing": "night",
}
_WHOLE_HOUR: Final = re.compile(r"\b(?:on|at|top of) the (?:next |top of the )?hour\b|\btop of the hour\b")
_PAST_OR_TO: Final = frozenset({"past", "to", "till"})
_NOON: Final = frozenset({"noon", "midday", "midnight"})


@dataclass(frozen=True, slots=True)
class When:
    """A point in time, one that comes back, or one the sun decides; at least one of `at`, `repeat`, `sun` is set."""

    at: datetime | None = None
    """The first time, in the local time of `now`; with `sun` the day it is for, where one was named."""
    repeat: str | None = None
    """As `edge.router.values.repeats.Repeat` names it: `daily`, `weekdays`, `monday,thursday`, `2 hours`, …"""
    sun: str | None = None
    """`sunrise`, `sunset`, `dawn` or `dusk`."""
    sun_offset: int = 0
    """Seconds after (negative: before) the sun rises or sets."""

    def arguments(self) -> dict[str, str | int]:
        """As arguments of a call: `at` in ISO 8601, `repeat`, `sun`, `sun_offset`."""
        named: dict[str, str | int] = {}
        if self.at is not None:
            named["at"] = self.at.replace(tzinfo=None).isoformat(timespec="seconds")
        if self.repeat is not None:
            named["repeat"] = self.repeat
        if self.sun is not None:
            named["sun"] = self.sun
            if self.sun_offset:
                named["sun_offset"] = self.sun_offset
        return named


@dataclass(frozen=True, slots=True)
class _Said:
    """What a phrase says of a time, before it is clear which one is meant."""

    tokens: list[str]
    """What is left beside the repeat and the date."""
    repeat: Repeat | None
    dated: Named | None
    clock: Clock | None
    part: str | None
    exact: time | None
    """The time of day it is now, where that is what was said."""
    today: bool = False
    """Whether it was said to be on this very day, even where that has passed."""


def when(text: str, now: datetime, *, morning: bool = False) -> When | None:
    """When a text says, from `now` on; None where it says no time.

    A time without am or pm is the next one to come; with a day it is the hour people are awake (1 to 6 the afternoon),
    with `morning` (alarm clocks) the one before noon from 4 on.
    """
    said = _read(text, now)
    sun = _sun(said.tokens)
    if sun is not None:
        day = None if said.dated is None or said.dated.day == now.date() else _midnight(said.dated.day, now)
        return When(day, said.repeat.named if said.repeat else None, sun, _sun_offset(said.tokens))
    apart = _apart(said, now, morning=morning) or _minutes_alone(said.tokens, now)
    if apart is not None and said.repeat is None:
        return When(at=apart)
    if said.repeat is not None:
        return _again(said, said.repeat, now, morning=morning)
    if said.dated is None and said.clock is None and said.part is None and said.exact is None:
        return None
    return When(at=_point(said, now, morning=morning))


def _read(text: str, now: datetime) -> _Said:
    lower = " ".join(split(text))
    same = _SAME_TIME.search(lower) is not None
    lower = _SAME_TIME.sub(" ", lower) if same else lower
    tokens = lower.split()
    while tokens[:1] and tokens[0] in _BEFORE_A_TIME:
        tokens = tokens[1:]
    tokens = [word for word in tokens if word not in _HOW_NEARLY]
    joined = " ".join(tokens)
    meant = [part for word, part in _MEANT.items() if re.search(rf"\b{word}\b", joined)]
    repeat = read_repeat(tokens)
    rest = [word for at, word in enumerate(tokens) if repeat is None or at not in repeat.used] + meant
    dated = (
        None if repeat is not None and (repeat.by_the_clock or repeat.named == "daily") else read_date(rest, now.date())
    )
    rest = [word for at, word in enumerate(rest) if dated is None or at not in dated.used]
    clock = None if same else read_clock(rest)
    part = part_of_day(rest)
    if "tonight" in tokens and part is None:
        part = "tonight"
    kept = same or (dated is not None and dated.keeps_clock and clock is None and part is None)
    return _Said(rest, repeat, dated, clock, part, now.time() if kept else None, _TODAY.search(joined) is not None)


def _sun(tokens: Sequence[str]) -> str | None:
    text = " ".join(tokens)
    sun = next((_SUN[word] for word in tokens if word in _SUN), None)
    sun = sun or next((name for moves, name in _SUN_MOVES if moves.search(text)), None)
    return sun or ("sunrise" if "light" in tokens and "first" in tokens else None)


def _midnight(day: date, now: datetime) -> datetime:
    return datetime.combine(day, time(), now.tzinfo)


def _time(said: _Said, *, morning: bool, dated: bool) -> time:
    clock = said.clock
    if said.exact is not None:
        return said.exact
    if clock is None:
        return time(*part_hour(said.part)) if said.part else time(8)
    if clock.sure or not dated:
        return time(clock.hour24, clock.minute)
    early = 4 if morning else 7
    return time(clock.hour % 12 + (12 if clock.hour < early or clock.hour == 12 else 0), clock.minute)


def _point(said: _Said, now: datetime, *, morning: bool) -> datetime:
    point = _ahead(said, now, morning=morning)
    this_day = said.dated is None or said.dated.day == now.date()
    passed = said.today and this_day and said.clock is not None and point.date() > now.date()
    return point - timedelta(days=1) if passed else point


def _ahead(said: _Said, now: datetime, *, morning: bool) -> datetime:
    day, clock = None if said.dated is None else said.dated.day, said.clock
    if day is not None and day != now.date():
        at = datetime.combine(day, _time(said, morning=morning, dated=True), now.tzinfo)
        night = said.part == "night" and clock is not None and clock.half == "am" and clock.hour24 < 5
        return at + timedelta(days=1) if night else at
    if clock is not None and not clock.sure and not morning:
        hours = (clock.hour % 12, clock.hour % 12 + 12)
        return min(_after(now, time(hour, clock.minute)) for hour in hours)
    return _after(now, _time(said, morning=morning, dated=True))


def _after(now: datetime, at: time) -> datetime:
    """The next moment with this time of day."""
    point = datetime.combine(now.date(), at, now.tzinfo)
    return point if point > now else point + timedelta(days=1)


def _apart(said: _Said, now: datetime, *, morning: bool) -> datetime | None:
    """ "an hour before midnight", "half an hour after noon"."""
    for at in range(len(said.tokens)):
        found = read_duration(said.tokens, at)
        if found is None or said.tokens[found[1] : found[1] + 1] not in (["before"], ["after"], ["past"]):
            continue
        named = clock_at(said.tokens, found[1] + 1)
        if named is None or (said.tokens[found[1]] == "past" and said.tokens[found[1] + 1] not in _NOON):
            continue
        sign = -1 if said.tokens[found[1]] == "before" else 1
        base = _point(_Said(said.tokens, None, said.dated, named[0], said.part, None), now, morning=morning)
        point = base + sign * timedelta(seconds=found[0].total_s)
        return point if point > now else point + timedelta(days=1)
    return None


def _minutes_alone(tokens: Sequence[str], now: datetime) -> datetime | None:
    """ "on the hour", "at twenty past", "quarter to": within the hour to come."""
    text = " ".join(tokens)
    minute: int | None = 0 if _WHOLE_HOUR.search(text) or text == "the hour" else None
    if minute is None and tokens and tokens[-1] in _PAST_OR_TO:
        said = {"quarter": 15, "half": 30}.get(tokens[-2]) if len(tokens) in (2, 3) else None
        number = None if said is not None else read_number(tokens, 0)
        if number is not None and list(tokens[number[1] :]) in ([tokens[-1]], ["minutes", tokens[-1]]):
            said = int(number[0]) if number[0] == int(number[0]) and 0 < number[0] < 60 else None
        minute = None if said is None else said if tokens[-1] == "past" else 60 - said
    if minute is None:
        return None
    point = now.replace(minute=minute, second=0, microsecond=0)
    return point if point > now else point + timedelta(hours=1)


def _again(said: _Said, repeat: Repeat, now: datetime, *, morning: bool) -> When:
    if repeat.by_the_clock:
        if said.clock is not None:
            return When(_point(said, now, morning=morning), repeat.named)
        if repeat.named == "hourly":
            return When((now + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0), repeat.named)
        count, _, unit = repeat.named.partition(" ")
        return When(now + timedelta(**{unit: int(count)}), repeat.named)
    several = _several(said, now, morning=morning) if repeat.named == "daily" else None
    if several is not None:
        return several
    at = _time(said, morning=morning, dated=True)
    if repeat.named.startswith("FREQ=MONTHLY"):
        return When(_in_month(repeat.named, at, now), repeat.named)
    if said.dated is not None and repeat.named in {"monthly", "yearly", "weekly"}:
        return When(datetime.combine(said.dated.day, at, now.tzinfo), repeat.named)
    return When(_next_day(repeat, now, at), repeat.named)


def _several(said: _Said, now: datetime, *, morning: bool) -> When | None:
    """ "at eight in the morning and eight at night", every day."""
    pieces = " ".join(said.tokens).split(" and ")
    if len(pieces) < 2:
        return None
    times = []
    for piece in pieces:
        tokens = piece.split()
        clock = read_clock(tokens)
        if clock is None:
            return None
        one = _Said(tokens, None, None, clock, part_of_day(tokens), None)
        times.append(_time(one, morning=morning, dated=True))
    if len({at.minute for at in times}) != 1:
        return None
    hours = ",".join(str(at.hour) for at in sorted(times))
    first = min(_after(now, at) for at in times)
    return When(first, f"FREQ=DAILY;BYHOUR={hours};BYMINUTE={times[0].minute};BYSECOND=0")


def _in_month(rule: str, at: time, now: datetime) -> datetime:
    """The first time by a rule such as `FREQ=MONTHLY;BYDAY=-1FR`, which has one in every month or two."""
    _, _, which = rule.rpartition("=")
    for ahead in range(12):
        year, month = divmod_month(now.year * 12 + now.month - 1 + ahead)
        if which == "-1":
            after = moved(date(year, month, 1), 1, "month")
            day = None if after is None else after - timedelta(days=1)
        else:
            code = [name[:2].upper() for name in DAYS].index(which[-2:])
            day = nth_weekday(year, month, code, int(which[:-2]))
        if day is not None and (point := datetime.combine(day, at, now.tzinfo)) > now:
            return point
    return now


def _next_day(repeat: Repeat, now: datetime, at: time) -> datetime:
    named: dict[str, Sequence[int]] = {"weekdays": range(5), "weekends": range(5, 7)}
    days = named.get(repeat.named) or [DAYS.index(day) for day in repeat.named.split(",") if day in DAYS]
    days = days if repeat.weekday is None else [repeat.weekday]
    point = _after(now, at)
    while days and point.weekday() not in days:
        point += timedelta(days=1)
    return point


def _sun_offset(tokens: Sequence[str]) -> int:
    for at in range(len(tokens)):
        if (found := read_duration(tokens, at)) is not None:
            sign = -1 if "before" in tokens[found[1] :] else 1
            return sign * found[0].total_s
    return 0


def sun_event(text: str) -> When | None:
    """A clause that says no more than that the sun rises or sets, as a time: "when it gets dark"; else None."""
    tokens = split(text)
    said = " ".join(tokens)
    if not tokens or tokens[0] not in _EVENT or len(tokens) > 8 or not {"and", "or", "if"}.isdisjoint(tokens):
        return None
    return next((When(sun=sun) for moves, sun in _SUN_MOVES if moves.search(said)), None)


def is_now(text: str) -> bool:
    """Whether a text only says that now is meant."""
    return bool(_NOW.match(" ".join(split(text))))
