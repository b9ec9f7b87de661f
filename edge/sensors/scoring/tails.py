"""How seldom: the chance that a statistic is as large as now, learnt from how large it has been."""

import math
from bisect import insort
from dataclasses import dataclass, field

_EXTREMES = 40


@dataclass(slots=True)
class Tail:
    """The largest values of a statistic (0 or more), and how many there were; beyond them a power law (Hill's).

    `surprise` is the negative decimal logarithm of the chance. Constant memory: old extremes fade with `memory` values.
    """

    memory: float = 8000.0
    count: float = 0.0
    largest: list[float] = field(default_factory=list)
    """Ascending, at most 40."""

    def surprise(self, size: float) -> float:
        """0 where it is nothing new, about 4 for once in ten thousand."""
        known = len(self.largest)
        if known < 5 or self.count < 30:
            return 0.0
        if size <= self.largest[0]:
            return 0.0
        share = known / (self.count + 1.0)
        base = self.largest[0]
        if base <= 0.0:
            base = 1e-12
        mean = sum(math.log(max(one, base) / base) for one in self.largest) / known
        floor = 0.05
        excess = math.log(size / base) / max(mean, floor)
        return -math.log10(share) + excess * 0.4343

    def note(self, size: float) -> None:
        """Take it in."""
        self.count += 1.0
        most = min(_EXTREMES, max(5, int(self.count * 0.02)))
        if len(self.largest) < most:
            insort(self.largest, size)
        elif size > self.largest[0]:
            self.largest.pop(0)
            insort(self.largest, size)
        if self.count > self.memory:
            self.count *= 1.0 - 1.0 / _EXTREMES
            self.largest.pop(0)
