"""What comes back: days, weekdays, intervals and the sun, as rules of RFC 5545 on the home's clock."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from edge.schedule.clock import Clock
from edge.schedule.errors import ScheduleError

if TYPE_CHECKING:
    from dateutil.rrule import rrule

_LONGEST_DAYS: Final = 400
"""How far ahead the next sunrise is looked for: the polar night is shorter."""
DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NAMED: Final = {
    "daily": "FREQ=DAILY",
    "weekdays": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
    "weekends": "FREQ=WEEKLY;BYDAY=SA,SU",
    "weekly": "FREQ=WEEKLY",
    "monthly": "FREQ=MONTHLY",
    "yearly": "FREQ=YEARLY",
    "hourly": "FREQ=HOURLY",
}
_UNITS: Final = {
    "minutes": "MINUTELY",
    "hours": "HOURLY",
    "days": "DAILY",
    "weeks": "WEEKLY",
    "months": "MONTHLY",
    "years": "YEARLY",
}
_STEPS_S: Final = {"MINUTELY": 60, "HOURLY": 3600}


@dataclass(frozen=True, slots=True)
class Place:
    """Where the house is, for the sun: degrees north and east, metres above the sea."""

    latitude: float
    longitude: float
    elevation_m: float = 0.0


@dataclass(frozen=True, slots=True)
class Recurrence:
    """When something is due again; `sun` alone is the next rise or set and no more after it."""

    rule: str = ""
    """An RRULE of RFC 5545 without its start; empty: once."""
    first: str = ""
    """The first time, ISO 8601 on the home's clock without a zone: the rule counts from it."""
    sun: str = ""
    """`sunrise`, `sunset`, `dawn` or `dusk` (of the citizens: 6° below) in the place of the time of day."""
    sun_offset_s: float = 0.0
    """After the sun's moment; negative: before."""

    def __bool__(self) -> bool:
        return bool(self.rule or self.sun)


ONCE: Final = Recurrence()


def rule_of(repeat: str) -> str:
    """The rule for `daily`, `weekdays`, `weekly`, `monday,thursday`, `2 hours` …, or one that is a rule already.

    Raises `ScheduleError`.
    """
    if repeat in _NAMED:
        return _NAMED[repeat]
    if repeat.startswith("FREQ="):
        _read(repeat, datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None))
        return repeat
    days = repeat.split(",")
    if all(day in DAYS for day in days):
        return f"FREQ=WEEKLY;BYDAY={','.join(day[:2].upper() for day in days)}"
    count, _, unit = repeat.partition(" ")
    if count.isascii() and count.isdigit() and 0 < int(count) < 1000 and unit in _UNITS:
        return f"FREQ={_UNITS[unit]};INTERVAL={int(count)}"
    raise ScheduleError(f"I don't know what “{repeat}” means for something that comes back.")


class Calendar:
    """Answers when a recurrence is due next, on the clock and at the place of the home."""

    def __init__(self, clock: Clock, place: Place | None = None) -> None:
        self._clock = clock
        self.place = place

    def next_s(self, what: Recurrence, after_s: float) -> float | None:
        """The first moment later than `after_s`, both in seconds since the epoch; None where there is none.

        Raises `ScheduleError` where the sun is asked for and the place is not known, or the rule makes no sense.
        """
        if what.sun:
            return self._next_sun(what, after_s)
        facts = _facts(what.rule)
        step_s = _STEPS_S.get(facts.get("FREQ", ""), 0) * int(facts.get("INTERVAL", "1"))
        if step_s and len(facts) <= 2:
            # Hours go by whatever the clock on the wall does twice a year.
            first_s = self._clock.epoch_s(datetime.fromisoformat(what.first))
            return first_s + max(0, math.floor((after_s - first_s) / step_s) + 1) * step_s
        for local in _occurrences(_rule(what), self._naive(after_s) - timedelta(hours=3)):
            at_s = self._clock.epoch_s(local)
            if at_s > after_s:
                return at_s
        return None

    def sun_s(self, sun: str, day: date) -> float | None:
        """When the sun is at one of those moments on that day, in seconds since the epoch; None where it never is.

        By the NOAA's formulas, as `astral` has them, which are right within a minute or two between the polar circles.
        Raises `ScheduleError` where the place is not known.
        """
        if self.place is None:
            raise ScheduleError(
                "I don't know where we are, so I can't tell when the sun rises and sets: "
                "set `latitude` and `longitude` under `[location]`."
            )
        from astral import Observer
        from astral.sun import dawn, dusk, sunrise, sunset

        observer = Observer(self.place.latitude, self.place.longitude, self.place.elevation_m)
        moments: dict[str, Callable[..., datetime]] = {
            "sunrise": sunrise,
            "sunset": sunset,
            "dawn": dawn,
            "dusk": dusk,
        }
        try:
            return moments[sun](observer, day, tzinfo=self._clock.now().tzinfo or UTC).timestamp()
        except ValueError:
            return None

    def dark(self, at_s: float) -> bool:
        """Whether the sun is down at that moment; raises `ScheduleError` where the place is not known."""
        day = self._naive(at_s).date()
        rises, sets = self.sun_s("sunrise", day), self.sun_s("sunset", day)
        if rises is None or sets is None:
            return self._polar_night(day)
        return not rises <= at_s < sets if rises < sets else sets <= at_s < rises

    def _polar_night(self, day: date) -> bool:
        north = self.place is not None and self.place.latitude > 0
        return north == (day.month in (10, 11, 12, 1, 2, 3))

    def _next_sun(self, what: Recurrence, after_s: float) -> float | None:
        today = self._naive(after_s).date()
        days: Iterator[date] = (today + timedelta(days=one) for one in range(-1, _LONGEST_DAYS))
        if what.rule:
            ahead = _occurrences(_rule(what), datetime.combine(today - timedelta(days=2), datetime.min.time()))
            days = (one.date() for one, _ in zip(ahead, range(_LONGEST_DAYS), strict=False))
        for day in days:
            at_s = self.sun_s(what.sun, day)
            if at_s is not None and at_s + what.sun_offset_s > after_s:
                return at_s + what.sun_offset_s
        return None

    def _naive(self, at_s: float) -> datetime:
        return self._clock.local(at_s).replace(tzinfo=None)


def _facts(rule: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in rule.split(";") if "=" in part)


def _rule(what: Recurrence) -> "rrule":
    return _read(what.rule, datetime.fromisoformat(what.first))


def _read(rule: str, first: datetime) -> "rrule":
    from dateutil.rrule import rrule, rrulestr

    try:
        read = rrulestr(rule, dtstart=first)
    except (ValueError, TypeError) as error:
        raise ScheduleError(f"I can't make sense of “{rule}”: {error}.") from error
    if not isinstance(read, rrule):
        raise ScheduleError(f"I can't make sense of “{rule}”: expected one rule.")
    return read


def _occurrences(rule: "rrule", after: datetime) -> Iterator[datetime]:
    return iter(rule.xafter(after, inc=False))
