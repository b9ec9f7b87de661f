"""Doubles for the mouth: a loudspeaker that keeps what it plays, and a voice that counts."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator

import numpy as np

from edge.speech.sound import Samples, Sound, SpeechError

RATE_HZ = 16_000


class Loudspeaker:
    """Plays at once what it is given, as far as `allow` lets it; keeps what was heard."""

    def __init__(self) -> None:
        self.heard: list[Sound] = []
        self.plays = 0
        self.trouble: str | None = None
        self._allowed: float | None = None
        self._played_s = 0.0
        self._go_on = asyncio.Event()
        self._news = asyncio.Event()

    def allow(self, seconds: float | None) -> None:
        """Play no more than that much from now on; None: everything."""
        self._allowed = None if seconds is None else self._played_s + seconds
        self._go_on.set()

    async def play(self, sounds: AsyncIterator[Sound]) -> None:
        if self.trouble is not None:
            raise SpeechError(self.trouble)
        self.plays += 1
        async for sound in sounds:
            while self._allowed is not None and self._played_s >= self._allowed:
                self._news.set()
                self._go_on.clear()
                await self._go_on.wait()
            self.heard.append(sound)
            self._played_s += sound.seconds
            self._news.set()

    async def until(self, seconds: float) -> None:
        """Wait until that much has been played in all."""
        while self._played_s < seconds:
            self._news.clear()
            await self._news.wait()

    async def until_blocked(self) -> None:
        """Wait until it has played what it may."""
        while self._allowed is None or self._played_s < self._allowed:
            self._news.clear()
            await self._news.wait()

    @property
    def samples(self) -> Samples:
        """All of it."""
        return np.concatenate([sound.samples for sound in self.heard]) if self.heard else np.zeros(0, np.int16)

    def sentences(self, voice: "Counting") -> list[str]:
        """What a counting voice said, as it was heard, sentence by sentence."""
        levels = [round(float(sound.samples[0])) for sound in self.heard if len(sound.samples)]
        heard: list[str] = []
        for before, now in zip([None, *levels], levels, strict=False):
            if now != before and now in voice.said:
                heard.append(voice.said[now])
        return heard


class Counting:
    """A voice whose every sentence lasts a second and is a level of its own, so that a test can tell what was heard."""

    name = "counting"

    def __init__(self) -> None:
        self.said: dict[int, str] = {}
        self.trouble: str | None = None
        self.closed = 0

    def named(self, name: str | None) -> "Counting":
        if name not in (None, self.name):
            raise SpeechError(f"no voice is called {name}")
        return self

    async def speak(self, text: str) -> AsyncGenerator[Sound, None]:
        if self.trouble is not None:
            raise SpeechError(self.trouble)
        level = 100 * (len(self.said) % 300 + 1)
        self.said[level] = text
        try:
            for _ in range(10):
                yield Sound(np.full(RATE_HZ // 10, level, dtype=np.int16), RATE_HZ)
        finally:
            self.closed += 1
