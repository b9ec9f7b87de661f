"""The last seconds that were heard, so that a sentence without a pause after the wake word is caught whole."""

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.speech.sound import RATE_HZ, Samples

_SECONDS: Final = 8.0
_TAIL_S: Final = 0.25
"""How long a sound of our own goes on in the microphone after its end: buffers on the way, and the room."""
_OURS: Final = 0.2
"""The share of a frame's power in our notes from which on it is dropped: speech has 2 % there, seldom 25."""
_OVERTONES: Final = (1, 2, 3)


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

    def push(self, samples: Samples) -> None:
        """Keep what was heard."""
        newest = samples[-len(self._kept) :]
        at = (self._written + len(samples) - len(newest)) % len(self._kept)
        first = min(len(newest), len(self._kept) - at)
        self._kept[at : at + first] = newest[:first]
        self._kept[: len(newest) - first] = newest[first:]
        self._written += len(samples)

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
    """Takes a sign of our own out of what is heard: from its first sample until the room has gone quiet.

    A sign is pure notes. Where they are much of what is heard it becomes silence; where somebody speaks meanwhile the
    notes alone are taken out: a device may take a second to play a sign of a sixth of one.
    """

    def __init__(self, tail_s: float = _TAIL_S) -> None:
        self._tail_s = tail_s
        self._sounding = 0
        self._until_s = -1.0
        self._notes: tuple[float, ...] = ()

    def began(self, notes: tuple[float, ...]) -> None:
        """A sound of ours, of notes of these Hertz, goes out from now on."""
        self._sounding += 1
        self._notes = notes

    def ended(self, now_s: float) -> None:
        """It is over; `now_s` is on the same clock as what `covers` is asked."""
        self._sounding = max(0, self._sounding - 1)
        self._until_s = max(self._until_s, now_s + self._tail_s)

    def covers(self, now_s: float) -> bool:
        """Whether what is heard now may be ours."""
        return self._sounding > 0 or now_s < self._until_s

    def without(self, frame: Samples) -> Samples:
        """A frame that may hold our sound, without it."""
        notes = _space(self._notes, len(frame))
        heard = frame.astype(np.float32)
        ours = notes @ (notes.T @ heard)
        if float(ours @ ours) > _OURS * float(heard @ heard):
            return np.zeros_like(frame)
        return np.clip(heard - ours, -32768, 32767).astype(np.int16)


@lru_cache(maxsize=8)
def _space(notes: tuple[float, ...], length: int) -> NDArray[np.float32]:
    """(length, n) orthonormal: what notes of these Hertz and their overtones can be, also as they swell and fade."""
    time_s = np.arange(length) / RATE_HZ
    swell = np.linspace(-1, 1, length)
    waves = [
        wave(2 * np.pi * hertz * overtone * time_s) * shape
        for hertz in notes
        for overtone in _OVERTONES
        for wave in (np.sin, np.cos)
        for shape in (np.ones(length), swell)
    ]
    return np.asarray(np.linalg.qr(np.array(waves).T)[0], dtype=np.float32)
