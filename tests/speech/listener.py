"""Listens to a microphone beside a test."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import numpy as np

from edge.speech.levels import rms_dbfs
from edge.speech.sound import RATE_HZ, Microphone, Samples, Sound

LOUD_DBFS = -40.0


class Listener:
    """What was heard so far."""

    def __init__(self) -> None:
        self.frames: list[Samples] = []
        self.on_frame: Callable[[Samples], object] = lambda _: None
        self._news = asyncio.Event()

    def take(self, frame: Samples) -> None:
        self.frames.append(frame)
        self.on_frame(frame)
        self._news.set()

    async def until(self, condition: Callable[[], bool], within_s: float = 30.0) -> None:
        """Wait until something holds; looked at with every frame."""
        async with asyncio.timeout(within_s):
            while not condition():
                self._news.clear()
                await self._news.wait()

    def loud(self, since: int = 0) -> int:
        """How many frames were."""
        return sum(rms_dbfs(frame) > LOUD_DBFS for frame in self.frames[since:])


@asynccontextmanager
async def listening(microphone: Microphone) -> AsyncIterator[Listener]:
    """Takes every frame while the block lasts."""
    listener = Listener()
    frames = microphone.frames()

    async def take() -> None:
        async with contextlib.aclosing(frames):  # type: ignore[type-var]
            async for frame in frames:
                listener.take(frame)

    task = asyncio.create_task(take())
    try:
        yield listener
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def tone(hz: float, seconds: float, rate_hz: int = RATE_HZ, amplitude: float = 8000.0) -> Samples:
    """A sine."""
    times = np.arange(round(seconds * rate_hz)) / rate_hz
    return (amplitude * np.sin(2 * np.pi * hz * times)).astype(np.int16)


async def one(samples: Samples, rate_hz: int = RATE_HZ) -> AsyncIterator[Sound]:
    """One piece to play."""
    yield Sound(samples, rate_hz)


def pitch_hz(samples: Samples, rate_hz: int = RATE_HZ) -> float:
    """The strongest frequency."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * rate_hz / len(samples))
