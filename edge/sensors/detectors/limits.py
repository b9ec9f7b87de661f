"""Above or below a limit for long enough, until it is back by a margin."""

from dataclasses import dataclass, field
from typing import ClassVar

from edge.sensors.detectors.base import Takes, finding
from edge.sensors.lately import Condition
from edge.sensors.model import Change, Finding, Kind, Severity


@dataclass(frozen=True, slots=True)
class LimitsSettings:
    """`low` and `high` in the sensor's unit, either may be None; over once back inside by `hysteresis`."""

    low: float | None = None
    high: float | None = None
    hysteresis: float = 0.0
    hold_s: float = 0.0
    key: str = "limits"
    severity: Severity = Severity.WARNING


@dataclass(slots=True)
class Limits:
    """Says so when a value has stayed outside for `hold_s`, also where nothing new is reported meanwhile."""

    kind: ClassVar[Kind] = Kind.LIMITS
    takes: ClassVar[Takes] = Takes.NUMBERS
    ticks: ClassVar[bool] = True

    settings: LimitsSettings
    condition: Condition = field(default_factory=Condition)
    value: float = 0.0

    def update(self, at_s: float, value: float) -> Finding | None:
        self.value = value
        settings = self.settings
        margin = settings.hysteresis if self.condition.active else 0.0
        outside = (settings.high is not None and value > settings.high - margin) or (
            settings.low is not None and value < settings.low + margin
        )
        if outside:
            return self._begins(at_s)
        if self.condition.since_s is not None and self.condition.ends():
            return self._found(Change.ENDED, at_s, self.condition.over())
        return None

    def tick(self, now_s: float) -> Finding | None:
        waiting = self.condition.since_s is not None and not self.condition.active
        return self._begins(now_s) if waiting else None

    def _begins(self, at_s: float) -> Finding | None:
        if self.condition.begins(at_s, self.settings.hold_s):
            return self._found(Change.BEGAN, at_s, self.condition.since_s or at_s)
        return None

    def _found(self, change: Change, at_s: float, since_s: float) -> Finding:
        return finding(self, change, at_s, since_s, self.value, low=self.settings.low, high=self.settings.high)
