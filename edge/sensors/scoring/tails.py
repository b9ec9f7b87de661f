"""How seldom: the chance that a statistic is as large as now, learnt from how large it has been."""

import math
from bisect import insort
from dataclasses import dataclass, field

_MEMORY = 8000
_EXTREMES = 40
_FEWEST = 5
_LEARN = 20
_SHARE = 0.02
_LEAST = 0.05
_MOST = 8.0
_DECIMAL = math.log10(math.e)


@dataclass(slots=True)
class Tail:
    """The largest fiftieth of what a statistic (0 or more) has been, 40 at most; beyond it an exponential.

    A statistic over several values is judged by the largest of each `block`, as neighbours say the same twice.
    Constant memory: extremes fade over about 8,000 values.
    """

    block: int = 1
    largest: list[float] = field(default_factory=list)
    """Ascending."""
    blocks: float = 0.0
    inside: int = 0
    highest: float = 0.0
    base: float = 0.0
    excess: float = 0.0

    def surprise(self, size: float) -> float:
        """The negative decimal logarithm of the chance: 0 for nothing new, 4 for once in ten thousand, 8 at most."""
        if size <= self.base or len(self.largest) < _FEWEST or self.blocks < _LEARN:
            return 0.0
        beyond = (size - self.base) / max(self.excess, _LEAST * self.base, 1e-12)
        seldom = math.log10((self.blocks + 1.0) / len(self.largest)) + beyond * _DECIMAL + math.log10(self.block)
        return min(seldom, _MOST)

    def note(self, size: float) -> None:
        """Take it in."""
        self.highest = max(self.highest, size)
        self.inside += 1
        if self.inside >= self.block:
            self._block_over(self.highest)
            self.inside, self.highest = 0, 0.0

    def _block_over(self, size: float) -> None:
        self.blocks += 1.0
        largest = self.largest
        if len(largest) < min(_EXTREMES, max(_FEWEST, int(self.blocks * _SHARE))):
            insort(largest, size)
        elif size > largest[0]:
            largest.pop(0)
            insort(largest, size)
        elif self.blocks * self.block <= _MEMORY:
            return
        if self.blocks * self.block > _MEMORY:
            self.blocks *= 1.0 - 1.0 / _EXTREMES
            largest.pop(0)
        self.base = largest[0] if largest else 0.0
        self.excess = sum(largest) / len(largest) - self.base if largest else 0.0
