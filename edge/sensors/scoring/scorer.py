"""One score in 0..1 for each value of a series: near 0 for all but a few, well apart."""

import math
from dataclasses import dataclass, field

from edge.sensors.scoring.tails import Tail
from edge.sensors.scoring.views import Level, Liveliness, Profile, Range, Shape

_DAY_S = 86400.0
_WEEK_S = 7 * _DAY_S


@dataclass(slots=True)
class Expected:
    """What the value should be: the best lately of the last value, a running mean, the hour's and the weekday's."""

    day: Profile = field(default_factory=lambda: Profile(96, _DAY_S))
    week: Profile = field(default_factory=lambda: Profile(168, _WEEK_S))
    means: list[float] = field(default_factory=lambda: [0.0] * 2)
    errors: list[float] = field(default_factory=lambda: [0.0] * 6)
    level: float = 0.0
    count: int = 0
    hours: list[float] = field(default_factory=lambda: [0.0] * 24)
    any_hour: float = 0.0
    base: float = 0.0
    far: float = 0.0
    credible: float = 0.0

    def error(self, at_s: float, value: float) -> float:
        """The value less what was expected; then learn from it."""
        self.count += 1
        if self.count == 1:
            self.means = [value] * 2
            self.level = 0.0
            self.far = value
        candidates = self._candidates(at_s)
        best = min(range(len(candidates)), key=lambda one: self.errors[one])
        off = value - candidates[best]
        for place, candidate in enumerate(candidates):
            size = abs(value - candidate)
            self.errors[place] += (
                min(size, 5 * self.errors[place] + 1e-12 if self.count > 50 else size) - self.errors[place]
            ) / min(self.count, 400)
        for place, slowness in enumerate((4.0, 30.0)):
            self.means[place] += (value - self.means[place]) / slowness
        seasonal = self.day.expected(at_s)
        if seasonal is not None:
            self.level += (value - seasonal - self.level) / 60.0
        self.day.note(at_s, value)
        self.week.note(at_s, value)
        part = int(at_s % _DAY_S // 3600.0)
        usual, all_day = self.hours[part], self.any_hour
        self.any_hour += (abs(off) - all_day) / min(self.count, 2000)
        self.hours[part] += (abs(off) - usual) / min(self.count / 24 + 1, 100)
        self.credible = 1.0 - min(1.0, min(self.errors[2:5]) / (min(self.base, 1e300) + 1e-300))
        self.base += (
            min(abs(value - self.far), 5 * self.base + 1e-12 if self.count > 50 else 1e300) - self.base
        ) / min(self.count, 400)
        self.far += (value - self.far) / min(self.count, 600)
        unit = 0.5 * usual + 0.5 * all_day
        return off / unit if unit > 0 else (0.0 if off == 0 else math.copysign(100.0, off))

    def _candidates(self, at_s: float) -> list[float]:
        day, week = self.day.expected(at_s), self.week.expected(at_s)
        fallback = self.means[1]
        return [
            *self.means,
            day if day is not None else fallback,
            day + self.level if day is not None else fallback,
            week if week is not None else fallback,
        ]


@dataclass(slots=True)
class Scorer:
    """Feed it a series in order; constant memory."""

    expected: Expected = field(default_factory=Expected)
    expected_log: Expected = field(default_factory=Expected)
    errors: list[Level] = field(default_factory=lambda: [Level(length) for length in (1, 6, 24)])
    errors_log: list[Level] = field(default_factory=lambda: [Level(length) for length in (1, 6, 24)])
    seasonal: list[Level] = field(default_factory=lambda: [Level(length) for length in (6, 24, 96)])
    level: list[Level] = field(default_factory=lambda: [Level(length) for length in (12, 60)])
    slow: float = 0.0
    range: Range = field(default_factory=Range)
    range_log: Range = field(default_factory=Range)
    liveliness: list[Liveliness] = field(default_factory=lambda: [Liveliness(length) for length in (12, 72)])
    shapes: list[Shape] = field(default_factory=lambda: [Shape(length) for length in (12, 48, 288)])
    density: Tail = field(default_factory=Tail)
    dense: list[float] = field(default_factory=lambda: [0.0, 0.0])
    middle: float = 0.0
    tails: list[Tail] = field(default_factory=list)
    count: int = 0
    recent: float = 0.0

    def score(self, at_s: float, value: float) -> float:
        """How unusual, 0 to 1."""
        return self.combined(self.surprises(self.views(at_s, value)))

    def views(self, at_s: float, value: float) -> list[float]:
        """The sizes of all views."""
        self.count += 1
        if self.count == 1:
            self.slow = value
            self.middle = abs(value)
        self.middle += (abs(value) - self.middle) / min(self.count, 500)
        log = math.copysign(math.log1p(abs(value) / (0.1 * self.middle + 1e-12)), value)
        error = self.expected.error(at_s, value)
        error_log = self.expected_log.error(at_s, log)
        day = self.expected.day.expected(at_s)
        season = value - day if day is not None else 0.0
        off = value - self.slow
        self.slow += off / min(self.count, 1500)
        credible = max(0.0, self.expected.credible)
        errors = [one.size(error) for one in self.errors]
        now = min(self.density.surprise(errors[0]), 3.0)
        self.density.note(errors[0])
        self.dense[0] += (now - self.dense[0]) / 24
        self.dense[1] += (now - self.dense[1]) / 96
        return [
            *errors,
            *(one.size(error_log) for one in self.errors_log),
            *(one.size(season) for one in self.seasonal),
            *(one.size(off) for one in self.level),
            *(one.size(value) for one in self.liveliness),
            *(one.size(value) for one in self.shapes),
            self.range.size(value),
            self.range_log.size(log),
            *self.dense,
            credible,
        ]

    def surprises(self, sizes: list[float]) -> list[float]:
        """How seldom each view has been so large."""
        if not self.tails:
            self.tails = [Tail() for _ in sizes]
        found = []
        for tail, size in zip(self.tails, sizes, strict=True):
            found.append(tail.surprise(size))
            tail.note(size)
        return found

    def combined(self, surprises: list[float]) -> float:
        """The most surprising view, supported by the others; quiet after it has spoken."""
        ordered = sorted(surprises, reverse=True)
        now = ordered[0] + 0.5 * ordered[1] + 0.25 * ordered[2]
        self.recent *= 0.995
        if now <= self.recent + 0.5:
            return 0.0
        self.recent = now
        return 1.0 - math.exp(-now / 6.0)
