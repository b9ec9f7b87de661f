"""Sound as every part of the room sees it: mono samples at a rate, and where they come from and go to."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from edge.errors import EdgeError

Samples = NDArray[np.int16]
"""(n,) mono samples."""
RATE_HZ: Final = 16_000
"""What is heard is brought to this rate at the microphone; wake word, voice activity and recognisers want it."""
FRAME: Final = 512
"""Samples a frame: 32 ms, what silero's network takes."""


class SpeechError(EdgeError):
    """Something of the room that does not work; the message says what, and what to do."""


@dataclass(frozen=True, slots=True)
class Sound:
    """Samples and their rate."""

    samples: Samples
    rate_hz: int = RATE_HZ

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.samples) / self.rate_hz


class Microphone(Protocol):
    """Somewhere sound comes from. Lost and found again without an end: silence comes meanwhile, at the pace of time."""

    def frames(self) -> AsyncIterator[Samples]:
        """`FRAME` samples at `RATE_HZ` at a time, for ever; a file ends. Closing the iterator closes the device."""
        ...


class Loudspeaker(Protocol):
    """Somewhere sound goes to."""

    async def play(self, sounds: AsyncIterator[Sound]) -> None:
        """Play piece after piece and return when the last has been heard; cancelling falls silent within 50 ms.

        Raises `SpeechError` when there is no device.
        """
        ...
