"""What an engine of wake words is, whatever networks it runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from edge.speech.sound import Samples


@dataclass(frozen=True, slots=True)
class Score:
    """How sure a network is, at its surest since it was last asked; from `threshold` on it has heard its word."""

    word: str
    probability: float
    threshold: float


class WakeEngine(Protocol):
    """Networks of one make, on one stream of sound."""

    @property
    def words(self) -> Sequence[str]:
        """What it listens for."""
        ...

    def feed(self, samples: Samples) -> Sequence[Score]:
        """Take any number of samples at `RATE_HZ`; one score for each word that got one."""
        ...

    def reset(self) -> None:
        """Forget what was heard."""
        ...


def threshold(cutoff: float, sensitivity: float) -> float:
    """What a network must reach: its maker's `cutoff` at 0.5, less towards 1 (down to 0.5), more towards 0."""
    if sensitivity >= 0.5:
        return cutoff - (sensitivity - 0.5) * 2 * max(0.0, cutoff - 0.5)
    return cutoff + (0.5 - sensitivity) * 2 * max(0.0, 0.995 - cutoff)
