"""The level of a whole day has moved, further than it moves from one day to another."""

from array import array
from dataclasses import dataclass, field
from typing import ClassVar

from edge.sensors.detectors.base import Takes, finding
from edge.sensors.lately import DAY_S, Condition, Middle, WorstOfDays
from edge.sensors.model import Change, Finding, Kind, Severity

_HOURS = 24


@dataclass(frozen=True, slots=True)
class ShiftSettings:
    """Moved when the past 24 hours differ by `times` the most of 14 days, and by `least` in the sensor's unit."""

    times: float = 2.5
    least: float = 0.0
    learn_days: int = 7
    settled_days: float = 3.0
    key: str = "shift"
    severity: Severity = Severity.INFO


@dataclass(slots=True)
class Shift:
    """Compares the mean of 24 hours with a slow middle of such means; after `settled_days` the new level is normal."""

    kind: ClassVar[Kind] = Kind.SHIFT
    takes: ClassVar[Takes] = Takes.HOURS
    ticks: ClassVar[bool] = False

    settings: ShiftSettings
    condition: Condition = field(default_factory=Condition)
    hours: "array[float]" = field(default_factory=lambda: array("f", [0.0] * _HOURS))
    count: int = 0
    level: Middle = field(default_factory=Middle)
    furthest: WorstOfDays = field(default_factory=WorstOfDays)

    def update(self, at_s: float, value: float) -> Finding | None:
        self.hours[self.count % _HOURS] = value
        self.count += 1
        if self.count < _HOURS:
            return None
        mean = sum(self.hours) / _HOURS
        if self.level.count == 0:
            self.level.note(mean, 72.0)
        off = mean - self.level.value
        size = off if off >= 0 else -off
        bound = max(self.settings.times * self.furthest.earlier(), self.settings.least)
        if self.furthest.count >= self.settings.learn_days and size > bound:
            return self._moved(at_s, mean, bound)
        self.furthest.note(at_s, size)
        self.level.note(mean, 72.0)
        if self.condition.ends():
            return self._found(Change.ENDED, at_s, self.condition.over(), mean, bound)
        return None

    def _moved(self, at_s: float, mean: float, bound: float) -> Finding | None:
        if self.condition.begins(at_s, 0.0):
            return self._found(Change.BEGAN, at_s, at_s, mean, bound)
        if at_s - (self.condition.since_s or at_s) < self.settings.settled_days * DAY_S:
            return None
        self.level = Middle()
        self.level.note(mean, 72.0)
        self.condition.ends()
        return self._found(Change.ENDED, at_s, self.condition.over(), mean, bound)

    def _found(self, change: Change, at_s: float, since_s: float, mean: float, bound: float) -> Finding:
        low, high = self.level.value - bound, self.level.value + bound
        times = abs(mean - self.level.value) / max(self.furthest.earlier(), 1e-9)
        return finding(self, change, at_s, since_s, mean, low=low, high=high, times=times)
