"""Speech that espeak-ng makes: good enough to wake a wake word and to have an end."""

import io
import subprocess
import wave
from functools import cache

import numpy as np
import soxr

from edge.speech.sound import FRAME, RATE_HZ, Samples

VOICES = ("en-us", "en-gb", "en-gb-x-rp", "en-029", "en-gb-scotland")


@cache
def say(text: str, voice: str = "en-us", words_a_minute: int = 150) -> Samples:
    """(n,) samples, without the silence around them."""
    made = subprocess.run(
        ["espeak-ng", "-v", voice, "-s", str(words_a_minute), "--stdout", text], capture_output=True, check=True
    ).stdout
    with wave.open(io.BytesIO(made)) as file:
        samples = np.frombuffer(file.readframes(1 << 24), dtype="<i2")
        heard = soxr.resample(samples, file.getframerate(), RATE_HZ)
    loud = np.flatnonzero(np.abs(heard) > 300)
    trimmed: Samples = heard[loud[0] : loud[-1] + 1]
    return trimmed


def hush(seconds: float, *, level: float = 10.0, seed: int = 0) -> Samples:
    """A quiet room."""
    return (np.random.default_rng(seed).normal(size=round(seconds * RATE_HZ)) * level).astype(np.int16)


def together(*parts: Samples) -> Samples:
    """One after the other, up to a whole frame."""
    joined = np.concatenate(parts)
    return np.concatenate([joined, hush((-len(joined) % FRAME) / RATE_HZ)])


def frames(samples: Samples) -> list[Samples]:
    """`FRAME` samples each."""
    return [samples[at : at + FRAME] for at in range(0, len(samples) - FRAME + 1, FRAME)]
