"""From a script to pieces of sound for the loudspeaker: made ahead, as loud as is wanted now, and counted as heard."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import aclosing, asynccontextmanager
from typing import Final

import numpy as np

from edge.speech.saying import spoken
from edge.speech.script import Script
from edge.speech.sound import Sound
from edge.speech.tts import TextToSpeech

_PIECE_S: Final = 0.032
"""A new volume is heard after a few pieces."""
_UNHEARD_S: Final = 0.3
"""What was given to the loudspeaker last may not have been heard yet."""
_AHEAD_S: Final = 8.0
"""Speech is made this far ahead of what is heard."""

Volume = Callable[[], float]
"""What samples are multiplied by now."""


@asynccontextmanager
async def begun(sounds: AsyncGenerator[Sound, None]) -> AsyncIterator[AsyncIterator[Sound]]:
    """The same sounds, of which the first is made already while a loudspeaker is being opened; closed at the end."""
    first = asyncio.create_task(anext(sounds, None))

    async def all_of_them() -> AsyncIterator[Sound]:
        piece = await first
        while piece is not None:
            yield piece
            piece = await anext(sounds, None)

    try:
        yield all_of_them()
    finally:
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        await sounds.aclose()


async def played(sound: Sound, volume: Volume) -> AsyncGenerator[Sound, None]:
    """A finished sound, piece by piece."""
    for piece in _pieces(sound):
        yield _at(piece, volume())


async def delivered(script: Script, voice: TextToSpeech, volume: Volume) -> AsyncGenerator[Sound, None]:
    """What of the script was not heard yet; while it is taken, `script.heard` follows what must have been heard.

    Raises `SpeechError` of the voice, and what the script's writer raised.
    """
    ends: deque[tuple[int, float]] = deque()
    at_s = 0.0
    async with aclosing(_ahead(_made(script, voice))) as made:
        async for number, sound in made:
            for piece in _pieces(sound):
                while len(ends) > 1 and ends[0][1] + _UNHEARD_S <= at_s:
                    script.heard = ends.popleft()[0] + 1
                yield _at(piece, volume())
                at_s += piece.seconds
                if ends and ends[-1][0] == number:
                    ends.pop()
                ends.append((number, at_s))
    script.heard = len(script.sentences)


async def _made(script: Script, voice: TextToSpeech) -> AsyncGenerator[tuple[int, Sound], None]:
    async for number, sentence in script.left():
        async with aclosing(_spoken(voice, sentence)) as sounds:
            async for sound in sounds:
                yield number, sound


async def _spoken(voice: TextToSpeech, sentence: str) -> AsyncGenerator[Sound, None]:
    sounds = voice.speak(spoken(sentence))
    try:
        async for sound in sounds:
            yield sound
    finally:
        if isinstance(sounds, AsyncGenerator):
            await sounds.aclose()


async def _ahead(source: AsyncGenerator[tuple[int, Sound], None]) -> AsyncGenerator[tuple[int, Sound], None]:
    """The same, with `_AHEAD_S` of it made before it is asked for."""
    ready: deque[tuple[int, Sound]] = deque()
    changed = asyncio.Event()
    taken = asyncio.Event()

    async def make() -> None:
        async with aclosing(source):
            async for item in source:
                ready.append(item)
                changed.set()
                while sum(sound.seconds for _, sound in ready) > _AHEAD_S:
                    taken.clear()
                    await taken.wait()

    making = asyncio.create_task(make())
    making.add_done_callback(lambda _: changed.set())
    try:
        while True:
            while ready:
                item = ready.popleft()
                taken.set()
                yield item
            if making.done() and not ready:
                break
            changed.clear()
            await changed.wait()
        await making
    finally:
        making.cancel()
        await asyncio.gather(making, return_exceptions=True)


def _pieces(sound: Sound) -> Iterator[Sound]:
    step = max(1, round(sound.rate_hz * _PIECE_S))
    for at in range(0, len(sound.samples), step):
        yield Sound(sound.samples[at : at + step], sound.rate_hz)


def _at(sound: Sound, factor: float) -> Sound:
    if factor == 1.0:
        return sound
    return Sound(np.clip(sound.samples * factor, -32768, 32767).astype(np.int16), sound.rate_hz)
