"""Tells sound that comes as it is made from sound that waited somewhere: nobody answers what was said a while ago."""

import time
from collections.abc import Callable
from typing import Final

_LATE_S: Final = 1.5
"""Sound this much behind may be stale."""
_BURST: Final = 2.0
"""What waited comes at more than this many times the speed of time."""
_SLACK_S: Final = 0.2
"""Sound changes hands in pieces: this much at once says nothing."""
_SURE_S: Final = 0.5
"""Sound that came in time for this long after a gap is no late one: nothing was sent meanwhile."""


class Pace:
    """Watches one stream of sound by how much came when."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._heard_s = 0.0
        self._least_s: float | None = None
        """By how much it was behind when it was least so, on a clock of its own."""
        self._watched: tuple[float, float] | None = None
        """Since when it is watched whether late sound comes in a burst, and what had been heard then."""
        self._burst = False

    def begin(self) -> None:
        """A new stream: what comes now is new."""
        self._least_s = self._watched = None

    def stale(self, seconds: float) -> bool:
        """Take note of a piece of that length that has come now; whether it waited for long."""
        now_s, before_s = self._clock(), self._heard_s
        self._heard_s += seconds
        behind_s = now_s - self._heard_s
        if self._least_s is None or behind_s < self._least_s + _LATE_S:
            self._least_s = behind_s if self._least_s is None else min(self._least_s, behind_s)
            self._watched = None
            return False
        if self._watched is None:
            self._watched, self._burst = (now_s, before_s), False
        since_s, heard_then_s = self._watched
        wall_s = now_s - since_s
        fast = self._heard_s - heard_then_s > _BURST * wall_s + _SLACK_S
        self._burst = self._burst or fast
        if wall_s > _SURE_S:
            self._watched, self._burst = (now_s, self._heard_s), fast
            if not fast:
                self.begin()
        return self._burst
