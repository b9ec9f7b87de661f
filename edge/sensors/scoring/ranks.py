"""Where a value stands among those before it, whatever their distribution."""

import math
from bisect import bisect_left, bisect_right
from collections import deque
from dataclasses import dataclass, field

_KEPT = 1000
_ANEW = 50
_FEWEST = 20
_FARTHEST = 8.0


@dataclass(slots=True)
class Ranks:
    """A thousand of the values before: all of the first 2,000, then every second, every third of later ones."""

    kept: deque[float] = field(default_factory=lambda: deque(maxlen=_KEPT))
    ordered: list[float] = field(default_factory=list)
    count: int = 0

    def place(self, value: float) -> float:
        """The log odds of its rank: 0 in the middle, about ±7 at the ends, ±15 far beyond them; then take it in."""
        self.count += 1
        if self.count % _ANEW == 1 and len(self.kept) > _FEWEST:
            self.ordered = sorted(self.kept)
        ordered, found = self.ordered, 0.0
        if ordered:
            size = len(ordered)
            share = ((bisect_left(ordered, value) + bisect_right(ordered, value)) / 2 + 0.5) / (size + 1)
            width = ordered[int(0.95 * size)] - ordered[int(0.05 * size)] or ordered[-1] - ordered[0] or 1e-9
            beyond = max(0.0, value - ordered[-1]) - max(0.0, ordered[0] - value)
            found = math.log(share / (1 - share)) + max(-_FARTHEST, min(_FARTHEST, beyond / width))
        if self.count < 2 * _KEPT or self.count % (self.count // _KEPT) == 0:
            self.kept.append(value)
        return found


@dataclass(slots=True)
class Sum:
    """What lies persistently to one side, summed up above an allowance of 0.7 a value."""

    up: float = 0.0
    down: float = 0.0

    def size(self, place: float) -> float:
        """The larger of both sums."""
        place = max(-6.0, min(6.0, place))
        self.up = max(0.0, self.up * 0.99 + place - 0.7)
        self.down = max(0.0, self.down * 0.99 - place - 0.7)
        return max(self.up, self.down)
