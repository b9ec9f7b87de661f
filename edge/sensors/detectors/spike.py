"""One wild value, or two, among values that go on as before."""

from array import array
from dataclasses import dataclass, field
from typing import ClassVar

from edge.sensors.detectors.base import Takes, finding
from edge.sensors.lately import HOUR_S, Condition, Middle, WorstOfDays
from edge.sensors.model import Change, Finding, Kind, Severity

_AROUND = 5


@dataclass(frozen=True, slots=True)
class SpikeSettings:
    """Wild is `times` further from its surroundings than anything in 14 days, 8 steps, and `least` in its unit."""

    times: float = 2.0
    least: float = 0.0
    learn_days: int = 3
    quiet_s: float = HOUR_S
    key: str = "spike"
    severity: Severity = Severity.INFO


def _nothing() -> "array[float]":
    return array("d", [0.0] * _AROUND)


@dataclass(slots=True)
class Spike:
    """Holds a far value back until the next ones say whether the sensor has come back: only then it was a spike."""

    kind: ClassVar[Kind] = Kind.SPIKE
    takes: ClassVar[Takes] = Takes.NUMBERS
    ticks: ClassVar[bool] = False

    settings: SpikeSettings
    condition: Condition = field(default_factory=Condition)
    around: "array[float]" = field(default_factory=_nothing)
    count: int = 0
    step: Middle = field(default_factory=Middle)
    furthest: WorstOfDays = field(default_factory=WorstOfDays)
    last: float = 0.0
    wild: float = 0.0
    wild_s: float = 0.0
    wild_count: int = 0

    def update(self, at_s: float, value: float) -> Finding | None:
        if self.count < _AROUND:
            self._accept(value)
            return None
        middle = sorted(self.around)[_AROUND // 2]
        size = value - middle
        size = size if size >= 0 else -size
        bound = self._bound()
        if size > bound and self.wild_count < 3:
            self._doubt(at_s, value, size, middle)
            return None
        found = None
        if self.wild_count:
            found = self._resolved(at_s, middle, bound, returned=size <= bound)
        else:
            self.furthest.note(at_s, size)
            if self.condition.active and at_s - self.wild_s > self.settings.quiet_s:
                self.condition.ends()
                found = finding(self, Change.ENDED, at_s, self.condition.over(), value)
        self._accept(value)
        return found

    def _bound(self) -> float:
        settings = self.settings
        learnt = self.furthest.count >= settings.learn_days
        most = self.furthest.most()
        usual = settings.times * most if learnt else 10.0 * most
        return max(usual, 8.0 * self.step.value, settings.least) if self.step.count > 50 else float("inf")

    def _doubt(self, at_s: float, value: float, size: float, middle: float) -> None:
        self.wild_count += 1
        if self.wild_count == 1 or size > abs(self.wild - middle):
            self.wild = value
        self.wild_s = at_s

    def _resolved(self, at_s: float, middle: float, bound: float, *, returned: bool) -> Finding | None:
        """The sensor came back, or stays where it went: then it was no spike, and that much can happen."""
        size = abs(self.wild - middle)
        self.wild_count = 0
        if not returned:
            self.furthest.note(at_s, size)
            self.count = 0
            return None
        if not self.condition.begins(self.wild_s, 0.0):
            return None
        most = max(self.furthest.most(), 1e-9)
        low, high = middle - bound, middle + bound
        return finding(self, Change.BEGAN, at_s, self.wild_s, self.wild, low=low, high=high, times=size / most)

    def _accept(self, value: float) -> None:
        step = value - self.last
        if self.count:
            self.step.note(step if step >= 0 else -step, 500.0)
        self.around[self.count % _AROUND] = value
        self.count += 1
        self.last = value
