"""Nothing reported for longer than this sensor usually takes, whether or not its value would have changed."""

from dataclasses import dataclass, field
from typing import ClassVar

from edge.sensors.detectors.base import Takes, finding
from edge.sensors.lately import DAY_S, ENOUGH, HOUR_S, Condition, Middle, WorstOfDays
from edge.sensors.model import Change, Finding, Kind, Severity


@dataclass(frozen=True, slots=True)
class StaleSettings:
    """Overdue after `times` the longest gap of the past 14 days, at least `least_s`; `unlearnt_s` in the first days."""

    times: float = 2.0
    least_s: float = 2.5 * HOUR_S
    unlearnt_s: float = 2 * DAY_S
    most_s: float = 14 * DAY_S
    key: str = "stale"
    severity: Severity = Severity.WARNING


@dataclass(slots=True)
class Stale:
    """Learns the gaps between reports, and the longest of each day."""

    kind: ClassVar[Kind] = Kind.STALE
    takes: ClassVar[Takes] = Takes.REPORTS
    ticks: ClassVar[bool] = True

    settings: StaleSettings
    condition: Condition = field(default_factory=Condition)
    gap: Middle = field(default_factory=Middle)
    longest: WorstOfDays = field(default_factory=WorstOfDays)
    last_s: float | None = None
    heard_s: float | None = None
    """The later of the last report and when we began to listen."""

    def update(self, at_s: float, _value: float | str) -> Finding | None:
        gap_s = 0.0 if self.heard_s is None else at_s - self.heard_s
        if self.last_s is not None and self.last_s == self.heard_s and gap_s > 0.0:
            self.gap.note(gap_s, 200.0)
            self.longest.note(at_s, min(gap_s, ENOUGH * self.limit_s()) if self.condition.active else gap_s)
        self.last_s = self.heard_s = at_s
        if self.condition.since_s is not None and self.condition.ends():
            return self._found(Change.ENDED, at_s, self.condition.over(), gap_s)
        return None

    def tick(self, now_s: float) -> Finding | None:
        if self.heard_s is None:
            self.heard_s = now_s
        gap_s = now_s - self.heard_s
        if self.condition.active or gap_s <= self.limit_s():
            return None
        self.condition.begins(self.heard_s, 0.0)
        return self._found(Change.BEGAN, now_s, self.heard_s, gap_s)

    def limit_s(self) -> float:
        """How long it may be silent, in seconds."""
        settings = self.settings
        if self.longest.count < 3 or self.gap.count < 10:
            return settings.unlearnt_s
        usual = max(settings.times * self.longest.most(), 3.0 * self.gap.value, settings.least_s)
        return min(usual, settings.most_s)

    def listening_again(self, now_s: float) -> None:
        """We were away ourselves: what was not heard meanwhile is not the sensor's silence."""
        if self.heard_s is not None:
            self.heard_s = max(self.heard_s, now_s)

    def _found(self, change: Change, at_s: float, since_s: float, gap_s: float) -> Finding:
        limit_s = self.limit_s()
        return finding(self, change, at_s, since_s, gap_s, high=limit_s, times=gap_s / max(self.gap.value or 1.0, 1.0))
