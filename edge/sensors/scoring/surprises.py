"""Many views of the present of a series, each as how seldom it has looked so."""

import math
from dataclasses import dataclass, field

from edge.sensors.scoring.blend import Blend
from edge.sensors.scoring.expected import Expected
from edge.sensors.scoring.ranks import Ranks, Sum
from edge.sensors.scoring.tails import Tail
from edge.sensors.scoring.views import Level, Liveliness, Range, Shape

BLOCKS = {
    "error": 1,
    "errors": 1,
    "errors_log": 1,
    "season": 8,
    "level": 4,
    "level_long": 15,
    "lively": 4,
    "lively_long": 18,
    "shape": 4,
    "range": 1,
    "range_log": 1,
    "blend": 1,
    "blends": 1,
    "blends_log": 1,
    "blends_long": 8,
    "blends_sum": 4,
    "rank": 1,
    "ranks": 4,
    "ranks_long": 12,
    "ranks_sum": 6,
    "rank_shape": 4,
    "rank_shape_long": 8,
}
"""The views, and over how many values each says about the same."""

_FAR = 20.0


def _near(error: float) -> float:
    return max(-_FAR, min(_FAR, error))


@dataclass(slots=True)
class Surprises:
    """Feed it a series in order; constant memory."""

    expected: Expected = field(default_factory=Expected)
    expected_log: Expected = field(default_factory=Expected)
    blend: Blend = field(default_factory=Blend)
    blend_log: Blend = field(default_factory=Blend)
    ranks: Ranks = field(default_factory=Ranks)
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
    blend_one: Level = field(default_factory=lambda: Level(1))
    blends: Level = field(default_factory=lambda: Level(6))
    blends_log: Level = field(default_factory=lambda: Level(6))
    blends_long: Level = field(default_factory=lambda: Level(24))
    blends_sum: Sum = field(default_factory=Sum)
    ranks_short: Level = field(default_factory=lambda: Level(12))
    ranks_long: Level = field(default_factory=lambda: Level(48))
    ranks_sum: Sum = field(default_factory=Sum)
    rank_shape: Shape = field(default_factory=Shape)
    rank_shape_long: Shape = field(default_factory=lambda: Shape(each=4, bank=1000, every=2))
    tails: dict[str, Tail] = field(default_factory=lambda: {name: Tail(block) for name, block in BLOCKS.items()})
    slow: float = 0.0
    size: float = 0.0
    count: int = 0

    def of(self, at_s: float, value: float) -> list[float]:
        """One for each of `BLOCKS`, in its order: 0 for nothing new, 4 for once in ten thousand, 8 at most."""
        found = []
        for name, size in self._sizes(at_s, value).items():
            tail = self.tails[name]
            surprise = tail.surprise(size)
            found.append(surprise * self._worth_of_season() if name == "season" and surprise else surprise)
            tail.note(size)
        return found

    def _worth_of_season(self) -> float:
        return min(1.0, max(0.0, 2.0 * self.expected.credible() - 0.2))

    def _sizes(self, at_s: float, value: float) -> dict[str, float]:
        self.count += 1
        if self.count == 1:
            self.slow, self.size = value, abs(value)
        self.size += (abs(value) - self.size) / min(self.count, 500)
        log = math.copysign(math.log1p(abs(value) / (0.1 * self.size + 1e-12)), value)
        error, error_log = self.expected.error(at_s, value), self.expected_log.error(at_s, log)
        blend, blend_log = self.blend.error(at_s, value), self.blend_log.error(at_s, log)
        day, rank = self.expected.day.expected(at_s), self.ranks.place(value)
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
            "blend": self.blend_one.size(blend),
            "blends": self.blends.size(_near(blend)),
            "blends_log": self.blends_log.size(_near(blend_log)),
            "blends_long": self.blends_long.size(_near(blend)),
            "blends_sum": self.blends_sum.size(blend_log),
            "rank": abs(rank),
            "ranks": self.ranks_short.size(rank),
            "ranks_long": self.ranks_long.size(rank),
            "ranks_sum": self.ranks_sum.size(rank / 1.8),
            "rank_shape": self.rank_shape.size(rank),
            "rank_shape_long": self.rank_shape_long.size(rank),
        }
