"""Reports go on, but the same value far longer than it ever stays the same."""

from dataclasses import dataclass, field
from typing import ClassVar

from edge.sensors.detectors.base import Takes, finding
from edge.sensors.lately import ENOUGH, Condition, WorstOfDays
from edge.sensors.model import Change, Finding, Kind, Severity


@dataclass(frozen=True, slots=True)
class StuckSettings:
    """Stuck after `times` the longest run of one value in the past 14 days, at least `least_s` and ten reports."""

    times: float = 3.0
    least_s: float = 3 * 3600.0
    learn_days: int = 5
    key: str = "stuck"
    severity: Severity = Severity.WARNING


@dataclass(slots=True)
class Stuck:
    """Learns for how long the value normally repeats, in seconds and in reports."""

    kind: ClassVar[Kind] = Kind.STUCK
    takes: ClassVar[Takes] = Takes.NUMBERS
    ticks: ClassVar[bool] = False

    settings: StuckSettings
    condition: Condition = field(default_factory=Condition)
    longest_s: WorstOfDays = field(default_factory=WorstOfDays)
    most_reports: WorstOfDays = field(default_factory=WorstOfDays)
    value: float | None = None
    since_s: float = 0.0
    reports: int = 0

    def update(self, at_s: float, value: float) -> Finding | None:
        if value == self.value:
            self.reports += 1
            return self._lasts(at_s)
        ran_s, ran = at_s - self.since_s, self.reports
        first = self.value is None
        self.value, self.since_s, self.reports = value, at_s, 1
        if first:
            return None
        if not self.condition.active:
            self.longest_s.note(at_s, ran_s)
            self.most_reports.note(at_s, float(ran))
        if self.condition.ends():
            self.longest_s.note(at_s, self.longest_s.most() * ENOUGH * self.settings.times)
            return self._found(Change.ENDED, at_s, self.condition.over(), ran_s)
        return None

    def _lasts(self, at_s: float) -> Finding | None:
        settings = self.settings
        lasts_s = at_s - self.since_s
        if lasts_s < settings.least_s or self.reports < 10 or self.condition.active:
            return None
        learnt = self.longest_s.count >= settings.learn_days
        if not learnt or lasts_s <= settings.times * self.longest_s.most():
            return None
        if self.reports <= settings.times * self.most_reports.most():
            return None
        self.condition.begins(self.since_s, 0.0)
        return self._found(Change.BEGAN, at_s, self.since_s, lasts_s)

    def _found(self, change: Change, at_s: float, since_s: float, lasts_s: float) -> Finding:
        usual_s = self.longest_s.most()
        return finding(self, change, at_s, since_s, lasts_s, high=usual_s, times=lasts_s / max(usual_s, 1.0))
