"""Rises or falls faster than it should."""

from array import array
from dataclasses import dataclass, field
from typing import ClassVar

from edge.sensors.detectors.base import Takes, finding
from edge.sensors.lately import Condition
from edge.sensors.model import Change, Finding, Kind, Severity

_ANCHORS = 5


@dataclass(frozen=True, slots=True)
class RateSettings:
    """`rise` and `fall` are by how much the value may move, in its unit, within `over_s` seconds; None is any."""

    rise: float | None = None
    fall: float | None = None
    over_s: float = 900.0
    key: str = "rate"
    severity: Severity = Severity.WARNING


def _nothing() -> "array[float]":
    return array("d", [0.0] * _ANCHORS)


@dataclass(slots=True)
class Rate:
    """Compares with the value of a while ago; two reports must agree, so that one wild value is no movement."""

    kind: ClassVar[Kind] = Kind.RATE
    takes: ClassVar[Takes] = Takes.NUMBERS
    ticks: ClassVar[bool] = False

    settings: RateSettings
    condition: Condition = field(default_factory=Condition)
    times: "array[float]" = field(default_factory=_nothing)
    values: "array[float]" = field(default_factory=_nothing)
    count: int = 0
    seen: int = 0

    def update(self, at_s: float, value: float) -> Finding | None:
        moved = self._moved(at_s, value)
        settings = self.settings
        rises = settings.rise is not None and moved > settings.rise
        falls = settings.fall is not None and -moved > settings.fall
        if rises or falls:
            self.seen += 1
            if self.seen >= 2 and self.condition.begins(at_s, 0.0):
                return self._found(Change.BEGAN, at_s, at_s - settings.over_s, moved)
            return None
        self.seen = 0
        if self.condition.ends():
            return self._found(Change.ENDED, at_s, self.condition.over(), moved)
        return None

    def _moved(self, at_s: float, value: float) -> float:
        """By how much since the oldest anchor that is no older than a window and a quarter; a new anchor a quarter."""
        over_s = self.settings.over_s
        if self.count == 0 or at_s - self.times[(self.count - 1) % _ANCHORS] >= over_s / 4:
            self.times[self.count % _ANCHORS] = at_s
            self.values[self.count % _ANCHORS] = value
            self.count += 1
        for place in range(max(0, self.count - _ANCHORS), self.count):
            if at_s - self.times[place % _ANCHORS] <= over_s * 1.25:
                return value - self.values[place % _ANCHORS]
        return 0.0

    def _found(self, change: Change, at_s: float, since_s: float, moved: float) -> Finding:
        settings = self.settings
        low = None if settings.fall is None else -settings.fall
        return finding(self, change, at_s, since_s, moved, low=low, high=settings.rise)
