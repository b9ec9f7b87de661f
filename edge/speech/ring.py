"""The last seconds that were heard, so that a sentence without a pause after the wake word is caught whole."""

from typing import Final

import numpy as np

from edge.speech.sound import RATE_HZ, Samples

_SECONDS: Final = 8.0
_TAIL_S: Final = 0.25
"""How long a sound of our own goes on in the microphone after its end: buffers on the way, and the room."""


class Ring:
    """A fixed stretch of sound; times are seconds of sound since the first sample, and never run backwards."""

    def __init__(self, seconds: float = _SECONDS) -> None:
        self._kept: Samples = np.zeros(round(seconds * RATE_HZ), dtype=np.int16)
        self._written = 0

    @property
    def end_s(self) -> float:
        """The time of the newest sample's end."""
        return self._written / RATE_HZ

    @property
    def start_s(self) -> float:
        """The time of the oldest sample that is still there."""
        return max(0, self._written - len(self._kept)) / RATE_HZ

    def push(self, samples: Samples, *, ours: bool = False) -> Samples:
        """Keep what was heard, silence in its place where it was a sound of our own; returns what was kept."""
        kept = np.zeros_like(samples) if ours else samples
        newest = kept[-len(self._kept) :]
        at = (self._written + len(kept) - len(newest)) % len(self._kept)
        first = min(len(newest), len(self._kept) - at)
        self._kept[at : at + first] = newest[:first]
        self._kept[: len(newest) - first] = newest[first:]
        self._written += len(kept)
        return kept

    def since(self, at_s: float) -> Samples:
        """A copy of everything from that time on, as far back as it is kept."""
        oldest = max(0, self._written - len(self._kept))
        begin = min(max(round(at_s * RATE_HZ), oldest), self._written)
        places = np.arange(begin, self._written) % len(self._kept)
        return self._kept[places]

    def clear(self) -> None:
        """Forget the sound but not the time: what was said while muted is not heard afterwards."""
        self._kept[:] = 0


class OwnSound:
    """Whether a sound of our own is in the microphone now: from its first sample until the room has gone quiet."""

    def __init__(self, tail_s: float = _TAIL_S) -> None:
        self._tail_s = tail_s
        self._sounding = 0
        self._until_s = -1.0

    def began(self) -> None:
        """A sound of ours goes out from now on."""
        self._sounding += 1

    def ended(self, now_s: float) -> None:
        """It is over; `now_s` is on the same clock as what `covers` is asked."""
        self._sounding = max(0, self._sounding - 1)
        self._until_s = max(self._until_s, now_s + self._tail_s)

    def covers(self, now_s: float) -> bool:
        """Whether what is heard now may be ours."""
        return self._sounding > 0 or now_s < self._until_s
