"""In a state that nobody wants for long: a door open, a leak, smoke."""

from dataclasses import dataclass, field
from typing import ClassVar

from edge.sensors.detectors.base import Takes, finding
from edge.sensors.lately import ENOUGH, Condition, WorstOfDays
from edge.sensors.model import Change, Finding, Kind, Severity


@dataclass(frozen=True, slots=True)
class StateSettings:
    """Too long after `hold_s` in one of `states`, and, where `times` is not 0, that often the longest of 14 days."""

    states: frozenset[str] = frozenset({"on", "open"})
    hold_s: float = 0.0
    times: float = 0.0
    most_s: float = 86400.0
    key: str = "state"
    severity: Severity = Severity.WARNING


@dataclass(slots=True)
class State:
    """Learns how long such states usually last, where it may."""

    kind: ClassVar[Kind] = Kind.STATE
    takes: ClassVar[Takes] = Takes.STATES
    ticks: ClassVar[bool] = True

    settings: StateSettings
    condition: Condition = field(default_factory=Condition)
    longest_s: WorstOfDays = field(default_factory=WorstOfDays)
    state: str = ""

    def update(self, at_s: float, value: str) -> Finding | None:
        self.state = value
        if value in self.settings.states:
            return self._lasts(at_s)
        since_s = self.condition.since_s
        if since_s is None:
            return None
        lasted_s = at_s - since_s
        limit_s = self.limit_s()
        self.longest_s.note(at_s, min(lasted_s, ENOUGH * limit_s) if self.condition.active else lasted_s)
        if self.condition.ends():
            return finding(self, Change.ENDED, at_s, self.condition.over(), lasted_s, high=limit_s)
        return None

    def tick(self, now_s: float) -> Finding | None:
        return self._lasts(now_s) if self.condition.since_s is not None and not self.condition.active else None

    def limit_s(self) -> float:
        """How long such a state may last, in seconds."""
        settings = self.settings
        return max(settings.hold_s, min(settings.times * self.longest_s.most(), settings.most_s))

    def _lasts(self, at_s: float) -> Finding | None:
        limit_s = self.limit_s()
        if not self.condition.begins(at_s, limit_s):
            return None
        since_s = self.condition.since_s or at_s
        usual_s = max(self.longest_s.most(), limit_s, 1.0)
        lasts_s = at_s - since_s
        return finding(self, Change.BEGAN, at_s, since_s, lasts_s, high=limit_s, times=max(1.0, lasts_s / usual_s))
