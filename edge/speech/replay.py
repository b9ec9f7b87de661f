"""A microphone that plays recordings in real time, for trying the whole service without a room."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Final

import numpy as np

from edge.speech.recordings import frames_of, read_recording
from edge.speech.sound import FRAME, RATE_HZ, Samples, SpeechError

_FRAME_S: Final = FRAME / RATE_HZ
_BETWEEN_S: Final = 1.0
"""Silence before each recording, at least."""
_HISS: Final = 4.0
"""A room is never as quiet as zeros."""


def recordings(place: Path) -> tuple[Path, ...]:
    """The file itself, or a directory's WAV files in the order of their names; raises `SpeechError`."""
    if not place.is_dir():
        if not place.is_file():
            raise SpeechError(f"there is no recording {place}")
        return (place,)
    files = tuple(sorted(file for file in place.iterdir() if file.suffix.casefold() == ".wav"))
    if not files:
        raise SpeechError(f"there is no WAV file in {place}")
    return files


class Replay:
    """One recording after the other, each once the room has become idle, and then the silence of a room."""

    def __init__(self, files: tuple[Path, ...], *, paced: bool = True) -> None:
        """`paced`: as fast as time goes; otherwise as fast as the frames are taken."""
        self._files = files
        self._paced = paced
        self._began_s = 0.0
        self._given = 0
        self.idle: Callable[[], bool] = lambda: True
        """Whether the next may begin."""
        self.on_begin: Callable[[Path], None] = lambda file: None  # noqa: ARG005 (nobody waits)
        self.finished = asyncio.Event()

    async def frames(self) -> AsyncIterator[Samples]:
        """`FRAME` samples at `RATE_HZ` at a time, for ever. Raises `SpeechError` for what can't be read."""
        self._began_s, self._given = time.monotonic(), 0
        chance = np.random.default_rng(0)
        hiss = (chance.normal(size=(64, FRAME)) * _HISS).astype(np.int16)
        while self._files:
            file, self._files = self._files[0], self._files[1:]
            samples = await asyncio.to_thread(read_recording, file)
            quiet = 0
            while quiet * _FRAME_S < _BETWEEN_S or not self.idle():
                yield await self._in_time(hiss[quiet % len(hiss)])
                quiet += 1
            self.on_begin(file)
            for frame in frames_of(samples):
                yield await self._in_time(frame)
        self.finished.set()
        while True:
            for frame in hiss:
                yield await self._in_time(frame)

    async def _in_time(self, frame: Samples) -> Samples:
        self._given += 1
        wait_s = self._began_s + self._given * _FRAME_S - time.monotonic()
        await asyncio.sleep(max(0.0, wait_s) if self._paced else 0)
        return frame
