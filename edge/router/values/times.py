"""When something is to happen: clock times, dates, the sun, and what comes back every day or week."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from edge.router.values.clock import DAYS, WEEKDAYS, Clock, part_hour, part_of_day, read_clock, read_date
from edge.router.values.durations import read_duration
from edge.router.values.numbers import read_number, split

_SUN: Final = {
    **dict.fromkeys(["sunset", "dusk", "nightfall", "sundown", "dark"], "sunset"),
    **dict.fromkeys(["sunrise", "dawn", "daybreak", "sunup", "daylight"], "sunrise"),
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


@dataclass(frozen=True, slots=True)
class When:
    """A point in time, one that comes back, or one the sun decides; at least one of `at`, `repeat`, `sun` is set."""

    at: datetime | None = None
    """The first time, in the local time of `now`."""
    repeat: str | None = None
    """`daily`, `weekdays`, `weekends`, `weekly`, `hourly`, days as `monday,thursday`, or `2 hours`, `3 days`."""
    sun: str | None = None
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


def when(text: str, now: datetime, *, morning: bool = False) -> When | None:
    """When a text says, from `now` on; None where it says no time.

    A time without am or pm is the next one to come; with a day it is the hour people are awake (1 to 6 the afternoon),
    with `morning` (alarm clocks) the one before noon from 4 on.
    """
    tokens = split(text)
    repeat, used = _repeat(tokens)
    rest = [word for at, word in enumerate(tokens) if at not in used]
    sun = next((_SUN[word] for word in rest if word in _SUN), None)
    sun = sun or next((name for moves, name in _SUN_MOVES if moves.search(" ".join(rest))), None)
    if sun is None and "light" in rest and "first" in rest:
        sun = "sunrise"
    if sun is not None:
        return When(repeat=repeat, sun=sun, sun_offset=_sun_offset(rest))
    dated = None if repeat in {"hourly", "daily"} else read_date(rest, now.date())
    clock = read_clock([word for at, word in enumerate(rest) if dated is None or at not in dated[1]])
    part = part_of_day(tokens)
    if dated is None and clock is None and part is None:
        return When(at=_next_repeat(repeat, now, time(8)), repeat=repeat) if repeat else None
    if repeat and repeat != "hourly":
        return When(at=_next_repeat(repeat, now, _time(clock, part, morning=morning, dated=True)), repeat=repeat)
    return When(at=_point(None if dated is None else dated[0], clock, part, now, morning=morning), repeat=repeat)


def _time(clock: Clock | None, part: str | None, *, morning: bool, dated: bool) -> time:
    if clock is None:
        return time(*part_hour(part)) if part else time(8)
    if clock.sure or not dated:
        return time(clock.hour24, clock.minute)
    early = 4 if morning else 7
    return time(clock.hour % 12 + (12 if clock.hour < early or clock.hour == 12 else 0), clock.minute)


def _point(day: date | None, clock: Clock | None, part: str | None, now: datetime, *, morning: bool) -> datetime:
    if day is not None and day != now.date():
        at = datetime.combine(day, _time(clock, part, morning=morning, dated=True), now.tzinfo)
        night = part == "night" and clock is not None and clock.half == "am" and clock.hour24 < 5
        return at + timedelta(days=1) if night else at
    if clock is not None and not clock.sure and not morning:
        hours = (clock.hour % 12, clock.hour % 12 + 12)
        return min(_after(now, time(hour, clock.minute)) for hour in hours)
    return _after(now, _time(clock, part, morning=morning, dated=True))


def _after(now: datetime, at: time) -> datetime:
    """The next moment with this time of day."""
    point = datetime.combine(now.date(), at, now.tzinfo)
    return point if point > now else point + timedelta(days=1)


def _repeat(tokens: list[str]) -> tuple[str | None, frozenset[int]]:
    """What comes back, and which tokens said so."""
    text = " ".join(tokens)
    marked = frozenset(at for at, word in enumerate(tokens) if word in {"every", "each"})
    for words, name in (
        (("weekday", "weekdays", "workday", "workdays"), "weekdays"),
        (("weekends",), "weekends"),
        (("hourly",), "hourly"),
        (("daily", "nightly"), "daily"),
        (("weekly",), "weekly"),
    ):
        if not set(words).isdisjoint(tokens):
            return name, marked | {at for at, word in enumerate(tokens) if word in words}
    if "monday to friday" in text or "monday through friday" in text:
        return "weekdays", marked | {at for at, word in enumerate(tokens) if word in WEEKDAYS or word == "to"}
    plural = {at for at, word in enumerate(tokens) if word in WEEKDAYS and word.endswith("s") and len(word) > 5}
    if marked or plural:
        days = [at for at, word in enumerate(tokens) if word in WEEKDAYS and word != "sun"]
        if days:
            return ",".join(DAYS[day] for day in sorted({WEEKDAYS[tokens[at]] for at in days})), marked | set(days)
    if not marked:
        return None, frozenset()
    for at in sorted(marked):
        after = tokens[at + 1] if at + 1 < len(tokens) else ""
        if after in {"day", "morning", "evening", "night", "afternoon"}:
            return "daily", marked | ({at + 1} if after == "day" else frozenset())
        if (interval := _interval(tokens, at + 1)) is not None:
            return interval[0], marked | set(range(at + 1, interval[1]))
        if after in {"weekend", "week", "hour"}:
            name = {"weekend": "weekends", "week": "weekly", "hour": "hourly"}[after]
            return name, marked | {at + 1}
    return None, frozenset()


def _interval(tokens: list[str], at: int) -> tuple[str, int] | None:
    """ "two hours", "other day", "30 minutes" after "every"."""
    count = (2.0, at + 1) if tokens[at : at + 1] == ["other"] else read_number(tokens, at)
    if count is None or count[1] >= len(tokens) or count[0] < 2 or count[0] != int(count[0]):
        return None
    unit = tokens[count[1]].removesuffix("s")
    return (f"{int(count[0])} {unit}s", count[1] + 1) if unit in {"minute", "hour", "day", "week"} else None


def _next_repeat(repeat: str | None, now: datetime, at: time) -> datetime | None:
    if repeat is None:
        return None
    if repeat == "hourly":
        return (now + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)
    count, _, unit = repeat.partition(" ")
    if unit in {"minutes", "hours"}:
        return now + timedelta(**{unit: int(count)})
    days = {"weekdays": range(5), "weekends": range(5, 7)}.get(repeat) or [
        DAYS.index(day) for day in repeat.split(",") if day in DAYS
    ]
    point = _after(now, at)
    while days and point.weekday() not in days:
        point += timedelta(days=1)
    return point


def _sun_offset(tokens: list[str]) -> int:
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
