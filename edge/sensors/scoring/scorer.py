"""One score in 0..1 for each value of a series: 0 for all but a few, well apart."""

import math
from dataclasses import dataclass, field

from edge.sensors.scoring.surprises import Surprises
from edge.sensors.scoring.weighing import WORTH_WEIGHING, Circumstances, network

_LARGEST = 1e30
_QUIET = 80
_QUIET_OF_ALL = 0.03
_STEP = 1.5
_LEAST = -3.0
_WORTH_A_LOOK = -1.0
"""In log odds, as the two above."""


@dataclass(slots=True)
class Scorer:
    """Feed it a series in order; constant memory, the same constants for every series.

    After something was said, only what is clearly more unusual is said for the next 80 values and 3 % of all so far.
    """

    surprises: Surprises = field(default_factory=Surprises)
    circumstances: Circumstances = field(default_factory=Circumstances)
    count: int = 0
    said: float = -math.inf
    said_at: int = 0

    def score(self, at_s: float, value: float) -> float:
        """How unusual, 0 to 1; 0.5 is worth a look. `at_s` in seconds since 1970 tells hours and weekdays."""
        return self.weigh(self.surprises.of(at_s, max(-_LARGEST, min(_LARGEST, value))))

    def weigh(self, surprises: list[float]) -> float:
        """The same of a value whose surprises, one for each view, are known."""
        self.count += 1
        now = -math.inf
        if max(surprises) > WORTH_WEIGHING:
            now = network().log_odds(self.circumstances.inputs(surprises))
        self.circumstances.note(surprises)
        return self._said(now)

    def _said(self, now: float) -> float:
        if self.count - self.said_at > _QUIET + _QUIET_OF_ALL * self.count:
            self.said = -math.inf
        if now < _LEAST or now < self.said + _STEP:
            return 0.0
        self.said, self.said_at = now, self.count
        return 1.0 / (1.0 + math.exp(_WORTH_A_LOOK - now))
