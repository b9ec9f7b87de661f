"""What hears, speaks and listens, as far as HTTP needs it: made elsewhere, absent where there is none."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]
"""(n,) mono samples."""


@dataclass(frozen=True, slots=True)
class Pcm:
    """Sound: mono samples at a rate."""

    samples: Samples
    rate_hz: int


class Ears(Protocol):
    """Speech to text."""

    async def transcribe(self, samples: Samples) -> str:
        """What is said in (n,) samples at 16 kHz. Raises `EdgeError` where nothing here can tell."""
        ...


class Mouth(Protocol):
    """Text to speech."""

    def speak(self, text: str, voice: str | None) -> AsyncIterator[Pcm]:
        """Piece by piece. Raises `EdgeError` where nothing here can speak."""
        ...


class Room(Protocol):
    """The microphone of this machine."""

    def listen(self, word: str) -> bool:
        """`start`, `stop`, `mute` or `unmute`: whether there is something that can."""
        ...
