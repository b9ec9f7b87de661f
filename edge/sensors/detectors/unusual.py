"""Unusual for this hour of this weekday."""

from array import array
from dataclasses import dataclass, field
from typing import ClassVar

from edge.sensors.detectors.base import Takes, finding
from edge.sensors.lately import DAY_S, HOUR_S, NEVER, Condition, WorstOfDays, hour_of_week
from edge.sensors.model import Change, Finding, Kind, Severity

_HOURS = 168


@dataclass(frozen=True, slots=True)
class UnusualSettings:
    """Unusual when `hours` in a row are `times` further off than any of 14 days, and by `least` in its unit."""

    times: float = 1.8
    least: float = 0.0
    hours: int = 2
    learn_days: int = 14
    settled_days: float = 3.0
    key: str = "unusual"
    severity: Severity = Severity.INFO


def _unknown() -> "array[float]":
    return array("f", [NEVER] * _HOURS)


@dataclass(slots=True)
class Unusual:
    """A typical value and deviation for each of the week's 168 hours, about a level that follows the season."""

    kind: ClassVar[Kind] = Kind.UNUSUAL
    takes: ClassVar[Takes] = Takes.HOURS
    ticks: ClassVar[bool] = False

    settings: UnusualSettings
    condition: Condition = field(default_factory=Condition)
    typical: "array[float]" = field(default_factory=_unknown)
    deviation: "array[float]" = field(default_factory=_unknown)
    level: float | None = None
    spread: float = 0.0
    furthest: WorstOfDays = field(default_factory=WorstOfDays)
    run: int = 0

    def update(self, at_s: float, value: float) -> Finding | None:
        if self.level is None:
            self.level = value
        hour = hour_of_week(at_s)
        expected = self.level + self._typical(hour)
        off = value - expected
        scale = self._scale(hour)
        distance = abs(off) / scale if scale > 0.0 else 0.0
        settings = self.settings
        bound = max(settings.times * self.furthest.most(), 4.0)
        learnt = self.furthest.count >= settings.learn_days
        if learnt and distance > bound and abs(off) > settings.least:
            self.run += 1
            found = self._off(at_s, value, expected, bound * scale)
        else:
            self.run = 0
            self.furthest.note(at_s, distance)
            found = None
            if self.condition.ends():
                found = self._found(Change.ENDED, at_s, self.condition.over(), value, expected, bound * scale)
        self._learn(hour, value, scale)
        return found

    def normal(self, at_s: float) -> tuple[float, float] | None:
        """From and to what is normal at this hour of the week; None while learning."""
        if self.level is None or self.furthest.count < self.settings.learn_days:
            return None
        hour = hour_of_week(at_s)
        middle = self.level + self._typical(hour)
        reach = max(self.furthest.most() * self._scale(hour), self.settings.least)
        return middle - reach, middle + reach

    def _typical(self, hour: int) -> float:
        """Of this hour of the week; while that is unknown, of the same hour on the other days."""
        known = self.typical[hour]
        if known == known:
            return known
        others = [one for one in self.typical[hour % 24 :: 24] if one == one]
        return sum(others) / len(others) if others else 0.0

    def _scale(self, hour: int) -> float:
        known = self.deviation[hour]
        return max(known, self.spread / 2) if known == known else self.spread

    def _off(self, at_s: float, value: float, expected: float, bound: float) -> Finding | None:
        if self.run >= self.settings.hours and self.condition.begins(at_s - (self.run - 1) * HOUR_S, 0.0):
            return self._found(Change.BEGAN, at_s, self.condition.since_s or at_s, value, expected, bound)
        since_s = self.condition.since_s
        if since_s is None or at_s - since_s < self.settings.settled_days * DAY_S:
            return None
        self.level = value - self._typical(hour_of_week(at_s))
        self.run = 0
        self.condition.ends()
        return self._found(Change.ENDED, at_s, self.condition.over(), value, expected, bound)

    def _learn(self, hour: int, value: float, scale: float) -> None:
        """The first such hour counts whole, later ones a quarter; none by more than three deviations."""
        level = self.level or 0.0
        bound = 3.0 * scale if self.furthest.count >= 3 and scale > 0.0 else float("inf")
        off = max(-bound, min(bound, value - level - self._typical(hour)))
        size = abs(off)
        self.spread += (size - self.spread) / 72.0 if self.furthest.count >= 1 else (size - self.spread) / 8.0
        known = self.typical[hour]
        self.typical[hour] = self._typical(hour) + (off / 4.0 if known == known else off)
        deviation = self.deviation[hour]
        self.deviation[hour] = self.spread if deviation != deviation else deviation + (size - deviation) / 4.0
        self.level = level + off / 72.0

    def _found(
        self, change: Change, at_s: float, since_s: float, value: float, expected: float, bound: float
    ) -> Finding:
        times = abs(value - expected) / max(bound / self.settings.times, 1e-9)
        return finding(self, change, at_s, since_s, value, low=expected - bound, high=expected + bound, times=times)
