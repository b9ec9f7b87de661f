"""One score in 0..1 for each value of a series: 0 for all but a few, well apart."""

import math
from dataclasses import dataclass, field

from edge.sensors.scoring.expected import Expected
from edge.sensors.scoring.tails import Tail
from edge.sensors.scoring.views import Level, Liveliness, Range, Shape

_LARGEST = 1e30
_QUIET = 150
_STEP = 1.0
_LEAST = 3.5
_HALF = 9.0
_MOST = 20.0
_SUM = {"error": 2.0, "errors": 1.0, "errors_log": 0.4, "lively": 1.0, "range": 1.0, "range_log": 0.4}
_ALONE = {"season": 2.0, "level": 2.0, "level_long": 2.0, "lively_long": 2.0, "shape": 2.6, "range": 4.0}
_BLOCKS = {"season": 8, "level": 4, "level_long": 15, "lively": 4, "lively_long": 18, "shape": 4}
_VIEWS = tuple(dict.fromkeys((*_SUM, *_ALONE)))


@dataclass(slots=True)
class Scorer:
    """Feed it a series in order; constant memory, the same constants for every series.

    What is said is the sum of several views that agree, or one view alone that has seldom or never looked so. After
    something was said, only what is clearly more unusual is said for the next 150 values.
    """

    expected: Expected = field(default_factory=Expected)
    expected_log: Expected = field(default_factory=Expected)
    error: Level = field(default_factory=lambda: Level(1))
    errors: Level = field(default_factory=lambda: Level(6))
    errors_log: Level = field(default_factory=lambda: Level(6))
    season: Level = field(default_factory=lambda: Level(24))
    level: Level = field(default_factory=lambda: Level(12))
    level_long: Level = field(default_factory=lambda: Level(60))
    lively: Liveliness = field(default_factory=lambda: Liveliness(12))
    lively_long: Liveliness = field(default_factory=lambda: Liveliness(72))
    shape: Shape = field(default_factory=Shape)
    range: Range = field(default_factory=Range)
    range_log: Range = field(default_factory=Range)
    tails: dict[str, Tail] = field(default_factory=lambda: {name: Tail(_BLOCKS.get(name, 1)) for name in _VIEWS})
    slow: float = 0.0
    size: float = 0.0
    count: int = 0
    said: float = 0.0
    said_at: int = -_QUIET

    def score(self, at_s: float, value: float) -> float:
        """How unusual, 0 to 1; 0.5 is worth a look. `at_s` in seconds since 1970 tells hours and weekdays."""
        value = max(-_LARGEST, min(_LARGEST, value))
        surprises = {}
        for name, size in self._sizes(at_s, value).items():
            tail = self.tails[name]
            surprises[name] = tail.surprise(size)
            tail.note(size)
        surprises["season"] *= min(1.0, max(0.0, 2.0 * self.expected.credible() - 0.2))
        together = sum(weight * surprises[name] for name, weight in _SUM.items())
        alone = max(weight * surprises[name] for name, weight in _ALONE.items())
        return self._said(min(max(together, alone), _MOST))

    def _sizes(self, at_s: float, value: float) -> dict[str, float]:
        self.count += 1
        if self.count == 1:
            self.slow, self.size = value, abs(value)
        self.size += (abs(value) - self.size) / min(self.count, 500)
        log = math.copysign(math.log1p(abs(value) / (0.1 * self.size + 1e-12)), value)
        error, error_log = self.expected.error(at_s, value), self.expected_log.error(at_s, log)
        day = self.expected.day.expected(at_s)
        off = value - self.slow
        self.slow += off / min(self.count, 1500)
        return {
            "error": self.error.size(error),
            "errors": self.errors.size(error),
            "errors_log": self.errors_log.size(error_log),
            "season": self.season.size(0.0 if day is None else value - day),
            "level": self.level.size(off),
            "level_long": self.level_long.size(off),
            "lively": self.lively.size(value),
            "lively_long": self.lively_long.size(value),
            "shape": self.shape.size(value),
            "range": self.range.size(value),
            "range_log": self.range_log.size(log),
        }

    def _said(self, now: float) -> float:
        if self.count - self.said_at > _QUIET:
            self.said = 0.0
        if now <= max(_LEAST, self.said + _STEP):
            return 0.0
        self.said, self.said_at = now, self.count
        return 1.0 - math.exp2(-now / _HALF)
