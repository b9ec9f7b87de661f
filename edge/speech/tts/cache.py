"""Keeps what was said lately, so that common replies need not be made again."""

from collections import OrderedDict
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final, Protocol

from edge.speech.sound import Sound

_MOST_BYTES: Final = 4 << 20
"""About a minute and a half of speech."""
_LONGEST: Final = 80
"""Characters of a text that may come again; the longer ones hold names and values."""


class _Engine(Protocol):
    @property
    def name(self) -> str: ...

    def speak(self, text: str) -> AsyncGenerator[Sound, None]: ...


class Cache:
    """Sounds by voice and text; what was used least lately goes first."""

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._most = most_bytes
        self._kept: OrderedDict[tuple[str, str], list[Sound]] = OrderedDict()
        self.size_bytes = 0

    def get(self, voice: str, text: str) -> list[Sound] | None:
        """The sound of the text, if it is kept."""
        found = self._kept.get((voice, text))
        if found is not None:
            self._kept.move_to_end((voice, text))
        return found

    def put(self, voice: str, text: str, sounds: list[Sound]) -> None:
        """Keep it, if it is worth its place."""
        size = _bytes(sounds)
        if len(text) > _LONGEST or size > self._most // 4:
            return
        self._drop((voice, text))
        self._kept[voice, text] = sounds
        self.size_bytes += size
        while self.size_bytes > self._most:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: tuple[str, str]) -> None:
        self.size_bytes -= _bytes(self._kept.pop(key, []))


class Cached:
    """A voice that remembers."""

    def __init__(self, engine: _Engine, cache: Cache, voice: str) -> None:
        """`voice` tells this voice's sounds from others' in the cache."""
        self._engine = engine
        self._cache = cache
        self._voice = voice

    @property
    def name(self) -> str:
        """The engine's."""
        return self._engine.name

    async def speak(self, text: str) -> AsyncGenerator[Sound, None]:
        """As the engine does. What is broken off is not kept."""
        kept = self._cache.get(self._voice, text)
        if kept is not None:
            for sound in kept:
                yield sound
            return
        made: list[Sound] = []
        async with aclosing(self._engine.speak(text)) as sounds:
            async for sound in sounds:
                made.append(sound)
                yield sound
        self._cache.put(self._voice, text, made)


def _bytes(sounds: list[Sound]) -> int:
    return sum(sound.samples.nbytes for sound in sounds)
