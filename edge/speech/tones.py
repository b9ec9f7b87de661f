"""Sounds that are no speech: what rings, and the short signs that say where a conversation stands."""

from enum import StrEnum
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.speech.sound import Sound

RATE_HZ: Final = 22_050
"""espeak-ng's and most of Piper's voices' rate, so that a tone before speech needs no other stream."""
_ATTACK_S: Final = 0.005
_RELEASE_S: Final = 0.03
_PEAK: Final = 0.6


class Earcon(StrEnum):
    """A sign of the conversation."""

    LISTENING = "listening"
    """Go on, you are heard."""
    DONE = "done"
    """It was understood, and there is nothing to say."""
    FAILED = "failed"
    """It was not understood."""


_NOTES: Final[dict[Earcon, tuple[tuple[float, float], ...]]] = {
    Earcon.LISTENING: ((659.3, 0.07), (880.0, 0.09)),
    Earcon.DONE: ((880.0, 0.07), (659.3, 0.09)),
    Earcon.FAILED: ((440.0, 0.11), (329.6, 0.16)),
}
"""Hertz and seconds."""


def notes(which: Earcon) -> tuple[float, ...]:
    """The Hertz of a sign's notes, which have two overtones each."""
    return tuple(hertz for hertz, _ in _NOTES[which])


@cache
def earcon(which: Earcon) -> Sound:
    """A sign of at most 0.3 s."""
    return _sound(np.concatenate([_bell(hertz, seconds) for hertz, seconds in _NOTES[which]]))


@cache
def ringing() -> Sound:
    """One ring of a timer: twice three rising notes, 1.6 s."""
    phrase = [_bell(hertz, 0.16) for hertz in (659.3, 784.0, 987.8)]
    pause = np.zeros(round(0.32 * RATE_HZ), dtype=np.float32)
    return _sound(np.concatenate([*phrase, pause, *phrase]))


@cache
def alarming() -> Sound:
    """What goes before the words of an alarm: three falling pairs, 1.5 s; no timer sounds like it."""
    return _sound(np.concatenate([_bell(hertz, 0.25) for hertz in (1046.5, 784.0) * 3]))


def _bell(hertz: float, seconds: float) -> NDArray[np.float32]:
    """A note with its first overtones, each fading faster than the one below it."""
    time_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    note = sum(
        part * np.sin(2 * np.pi * hertz * number * time_s) * np.exp(-time_s * 3.0 * number)
        for number, part in ((1, 0.7), (2, 0.22), (3, 0.08))
    )
    envelope = np.minimum(1.0, np.minimum(time_s / _ATTACK_S, (seconds - time_s) / _RELEASE_S))
    return np.asarray(note * envelope, dtype=np.float32)


def _sound(wave: NDArray[np.float32]) -> Sound:
    return Sound(np.asarray(wave * _PEAK * 32767, dtype=np.int16), RATE_HZ)
