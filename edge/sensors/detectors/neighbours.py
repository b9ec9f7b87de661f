"""One sensor goes its own way, against those beside it that measure the same."""

from array import array
from dataclasses import dataclass, field
from typing import ClassVar

from edge.sensors.detectors.base import Takes, finding
from edge.sensors.lately import DAY_S, HOUR_S, Condition, WorstOfDays, line_through
from edge.sensors.model import Change, Finding, Kind, Severity

_HOURS = 24
_DAYS = 28
_AGREE = 0.85


@dataclass(frozen=True, slots=True)
class NeighboursSettings:
    """Off when a day's difference from the neighbours has moved `times` as far as ever, and by `least` in its unit."""

    times: float = 2.0
    least: float = 1.0
    hold_s: float = 6 * HOUR_S
    learn_days: int = 7
    key: str = "neighbours"
    severity: Severity = Severity.INFO


@dataclass(slots=True)
class Neighbours:
    """Compares the mean difference of 24 hours with the median of the 28 days before: slow ageing shows too."""

    kind: ClassVar[Kind] = Kind.NEIGHBOURS
    takes: ClassVar[Takes] = Takes.DIFFERENCES
    ticks: ClassVar[bool] = False

    settings: NeighboursSettings
    condition: Condition = field(default_factory=Condition)
    hours: "array[float]" = field(default_factory=lambda: array("f", [0.0] * _HOURS))
    hour_count: int = 0
    days: "array[float]" = field(default_factory=lambda: array("f", [0.0] * _DAYS))
    day_count: int = 0
    day: int = -1
    furthest: WorstOfDays = field(default_factory=WorstOfDays)

    def update(self, at_s: float, value: float) -> Finding | None:
        self.hours[self.hour_count % _HOURS] = value
        self.hour_count += 1
        if self.hour_count < _HOURS:
            return None
        mean = sum(self.hours) / _HOURS
        day = int(at_s // DAY_S)
        if day != self.day:
            self.days[self.day_count % _DAYS] = mean
            self.day_count += 1
            self.day = day
        if self.day_count < 3:
            return None
        return self._judge(at_s, mean, self._usual())

    def _usual(self) -> float:
        known = sorted(self.days[: min(self.day_count, _DAYS)])
        return known[len(known) // 2]

    def _creeps(self) -> bool:
        """Day after day a little further away: what is largest lately grows with it, so that is no measure."""
        first = max(0, self.day_count - _DAYS // 2)
        levels = [self.days[place % _DAYS] for place in range(first, self.day_count)]
        slope, agreement, noise = line_through(levels)
        moved = abs(slope) * (len(levels) - 1)
        return agreement >= _AGREE and moved > max(self.settings.least, 4.0 * noise)

    def _judge(self, at_s: float, mean: float, usual: float) -> Finding | None:
        settings = self.settings
        size = abs(mean - usual)
        bound = max(settings.times * self.furthest.earlier(), settings.least)
        learnt = self.furthest.count >= settings.learn_days
        off = learnt and (size > bound or (size > settings.least / 2 and self._creeps()))
        change = None
        if off:
            change = Change.BEGAN if self.condition.begins(at_s, settings.hold_s) else None
        else:
            self.furthest.note(at_s, size)
            change = Change.ENDED if self.condition.ends() else None
        if change is None:
            return None
        since_s = self.condition.over() if change is Change.ENDED else self.condition.since_s or at_s
        times = size / max(self.furthest.earlier(), 1e-9)
        return finding(self, change, at_s, since_s, mean, low=usual - bound, high=usual + bound, times=times)
