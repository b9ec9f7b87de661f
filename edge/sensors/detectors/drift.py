"""The level creeps one way over two weeks: a compressor that gives in, a probe that ages."""

from array import array
from dataclasses import dataclass, field
from typing import ClassVar

from edge.sensors.detectors.base import Takes, finding
from edge.sensors.lately import DAY_S, Condition, line_through
from edge.sensors.model import Change, Finding, Kind, Severity

_DAYS = 14
_HOURS = 24


@dataclass(frozen=True, slots=True)
class DriftSettings:
    """Drifting when `agree` of all pairs of days go one way, and 14 days of it are `least` and `times` the noise.

    A day's level is the hour that `share` of its hours lie below: 0.5 is the median, 0.1 what it comes back to.
    """

    least: float = 1.0
    times: float = 4.0
    agree: float = 0.85
    learn_days: int = 7
    share: float = 0.5
    key: str = "drift"
    severity: Severity = Severity.WARNING


@dataclass(slots=True)
class Drift:
    """Keeps the level of each day, and draws Theil and Sen's line through the past 14."""

    kind: ClassVar[Kind] = Kind.DRIFT
    takes: ClassVar[Takes] = Takes.HOURS
    ticks: ClassVar[bool] = False

    settings: DriftSettings
    condition: Condition = field(default_factory=Condition)
    hours: "array[float]" = field(default_factory=lambda: array("f", [0.0] * _HOURS))
    hour_count: int = 0
    days: "array[float]" = field(default_factory=lambda: array("f", [0.0] * _DAYS))
    day_count: int = 0
    day: int = -1

    def update(self, at_s: float, value: float) -> Finding | None:
        day = int(at_s // DAY_S)
        found = None
        if day != self.day:
            if self.hour_count >= _HOURS // 2:
                found = self._day_over(at_s)
            self.day = day
            self.hour_count = 0
        if self.hour_count < _HOURS:
            self.hours[self.hour_count] = value
            self.hour_count += 1
        return found

    def _day_over(self, at_s: float) -> Finding | None:
        hours = sorted(self.hours[: self.hour_count])
        self.days[self.day_count % _DAYS] = hours[int(min(max(self.settings.share, 0.0), 1.0) * (len(hours) - 1))]
        self.day_count += 1
        if self.day_count < self.settings.learn_days:
            return None
        known = min(self.day_count, _DAYS)
        first = self.day_count - known
        levels = [self.days[place % _DAYS] for place in range(first, self.day_count)]
        slope, agreement, noise = line_through(levels)
        moved = slope * (known - 1)
        settings = self.settings
        drifting = abs(moved) > max(settings.least, settings.times * noise) and agreement >= settings.agree
        since_s = at_s - known * DAY_S
        if drifting:
            return self._found(Change.BEGAN, at_s, since_s, levels) if self.condition.begins(since_s, 0.0) else None
        if abs(moved) < settings.least / 2 and self.condition.ends():
            return self._found(Change.ENDED, at_s, self.condition.over(), levels)
        return None

    def _found(self, change: Change, at_s: float, since_s: float, levels: list[float]) -> Finding:
        least = self.settings.least
        low, high = levels[0] - least, levels[0] + least
        times = abs(levels[-1] - levels[0]) / max(least, 1e-9)
        return finding(self, change, at_s, since_s, levels[-1], low=low, high=high, times=times)
