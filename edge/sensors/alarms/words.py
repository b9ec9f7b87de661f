"""Numbers, spans and moments as the texts of alarms have them; speech and screens both take these."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

_SPANS: Final = ((86_400.0, "day"), (3_600.0, "hour"), (60.0, "minute"), (1.0, "second"))
_NOW_S: Final = 60.0
_TIMES: Final = ("", "once", "twice", "three times", "four times", "five times", "six times")
_ORDINALS: Final = ("", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")


def _utc(at_s: float) -> datetime:
    return datetime.fromtimestamp(at_s, UTC)


@dataclass(frozen=True, slots=True)
class Moments:
    """The times of day of the home; where the clock can't be believed, how long ago it is takes their place."""

    now_s: Callable[[], float]
    local: Callable[[float], datetime] = _utc
    trusted: Callable[[], bool] = lambda: True

    def since(self, at_s: float) -> str:
        """ "since 10:04", "since yesterday at 22:10", "for 3 hours", "now"."""
        if not self.trusted():
            passed_s = self.now_s() - at_s
            return f"for {span(passed_s)}" if passed_s >= _NOW_S else "now"
        return f"since {self.when(at_s)}"

    def at(self, at_s: float) -> str:
        """ "at 10:04", "yesterday at 22:10", "3 hours ago", "just now"."""
        if not self.trusted():
            passed_s = self.now_s() - at_s
            return f"{span(passed_s)} ago" if passed_s >= _NOW_S else "just now"
        when = self.when(at_s)
        return when if " at " in when else f"at {when}"

    def when(self, at_s: float) -> str:
        """The time of day, with the day where that is not today's."""
        moment, today = self.local(at_s), self.local(self.now_s()).date()
        days = (today - moment.date()).days
        clock = f"{moment:%H:%M}"
        if days == 0:
            return clock
        if days == 1:
            return f"yesterday at {clock}"
        if 1 < days < 7:
            return f"{moment:%A} at {clock}"
        return f"{moment.day} {moment:%B} at {clock}"


def span(seconds: float) -> str:
    """A length of time, to the nearest unit that says enough: "40 seconds", "90 minutes", "3 hours", "12 days"."""
    seconds = max(0.0, seconds)
    for size, unit in _SPANS:
        if seconds >= 2 * size or (seconds >= 0.95 * size and seconds < 1.2 * size) or size == 1.0:
            count = round(seconds / size)
            return f"{count} {unit}{'' if count == 1 else 's'}"
    raise AssertionError


def number(value: float) -> str:
    """With as many decimals as say something: three digits, all of the whole part."""
    if not math.isfinite(value):
        return "nothing"
    size = abs(value)
    places = 0 if size >= 100 else 1 if size >= 1 else 2 if size >= 0.1 else 4
    rounded = round(value, places)
    return f"{rounded:,.{places}f}".rstrip("0").rstrip(".") if places else f"{rounded:,.0f}"


def measured(value: float | str, unit: str) -> str:
    """A value with its unit."""
    if isinstance(value, str):
        return value
    return f"{number(value)} {unit}" if unit else number(value)


def between(low: float | None, high: float | None, unit: str) -> str:
    """ "18 to 22 °C", "at most 22 °C", "at least 18 °C"; empty where there is no bound."""
    if low is not None and high is not None:
        return f"{number(low)} to {measured(high, unit)}"
    if high is not None:
        return f"at most {measured(high, unit)}"
    return f"at least {measured(low, unit)}" if low is not None else ""


def times(count: float) -> str:
    """How often, in words as far as that is short: "three times", "12 times"."""
    whole = round(count)
    return _TIMES[whole] if 0 < whole < len(_TIMES) else f"{whole:,} times"


def nth(count: int) -> str:
    """ "third", "12th" for what is counted."""
    if 0 < count < len(_ORDINALS):
        return _ORDINALS[count]
    ending = "th" if 10 < count % 100 < 20 else {1: "st", 2: "nd", 3: "rd"}.get(count % 10, "th")
    return f"{count}{ending}"


def listed(names: Iterable[str], most: int = 3) -> str:
    """ "A, B, C and 9 more"."""
    known = list(names)
    if len(known) <= most + 1:
        return " and ".join([", ".join(known[:-1]), known[-1]] if len(known) > 1 else known)
    return f"{', '.join(known[:most])} and {len(known) - most} more"
