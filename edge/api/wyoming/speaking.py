"""Text to speech for a client: a whole text, or one that comes in pieces, as sound in the format of its first piece."""

import asyncio
import html
import logging
import re
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Final

import numpy as np

from edge.api.wyoming.ports import Speech
from edge.pcm import Samples, ToRate
from edge.wyoming import Event, EventStream, PcmFormat, WyomingError

log = logging.getLogger(__name__)

LONGEST: Final = 20_000
"""Characters of one text; about twenty minutes."""
_CHUNK: Final = 1024
"""Samples a chunk: some 50 ms."""
_TAG: Final = re.compile(r"<[^<>]*>")


class Text:
    """A text that comes in pieces."""

    def __init__(self) -> None:
        self._pieces: asyncio.Queue[str | None] = asyncio.Queue()
        self._left = LONGEST
        self.ended = False

    def feed(self, piece: str) -> None:
        """The next piece; raises `WyomingError` where it is too much."""
        self._left -= len(piece) + 1
        if self._left < 0:
            raise WyomingError(f"the text is longer than the {LONGEST} characters that are spoken at once")
        self._pieces.put_nowait(piece)

    def end(self) -> None:
        """There is no more."""
        self.ended = True
        self._pieces.put_nowait(None)

    async def __aiter__(self) -> AsyncIterator[str]:
        """The pieces as they come, until the end."""
        while (piece := await self._pieces.get()) is not None:
            yield piece


def whole(text: str, form: str | None) -> Text:
    """A text that is there already; of SSML only the words are spoken."""
    made = Text()
    made.feed(html.unescape(_TAG.sub(" ", text)) if form == "ssml" else text)
    made.end()
    return made


async def synthesize(stream: EventStream, text: Text, speech: Speech, voice: str | None) -> None:
    """Send the text as sound: `audio-start`, chunks, `audio-stop`. Raises `EdgeError` where nothing can speak."""
    out = _Out(stream)
    async with aclosing(speech.speak(aiter(text), voice)) as pieces:
        async for piece in pieces:
            await out.send(piece.samples, piece.rate_hz)
    await out.end()
    log.info("wyoming.spoken", extra={"peer": stream.peer, "voice": voice, "ms": round(out.ms)})


class _Out:
    """Sound of one rate, whatever rates its pieces have: another voice may stand in within a text."""

    def __init__(self, stream: EventStream) -> None:
        self._stream = stream
        self._format: PcmFormat | None = None
        self._change: tuple[int, ToRate] | None = None
        self._sent = 0

    @property
    def ms(self) -> float:
        """How long what was sent lasts."""
        return self._sent * 1000 / self._format.rate_hz if self._format else 0.0

    async def send(self, samples: Samples, rate_hz: int) -> None:
        if self._format is None:
            self._format = PcmFormat(rate_hz)
            await self._stream.write(Event("audio-start", {**self._format.facts, "timestamp": 0}))
        if self._change is None or self._change[0] != rate_hz:
            await self._flush()
            self._change = (rate_hz, ToRate(rate_hz, self._format.rate_hz))
        await self._chunks(self._change[1].feed(samples))

    async def end(self) -> None:
        await self._flush()
        if self._format is None:  # nothing to say is a moment of silence: a client waits for its beginning
            self._format = PcmFormat(22_050)
            await self._stream.write(Event("audio-start", {**self._format.facts, "timestamp": 0}))
        await self._stream.write(Event("audio-stop", {"timestamp": round(self.ms)}))

    async def _flush(self) -> None:
        if self._change is not None:
            await self._chunks(self._change[1].feed(np.zeros(0, np.int16), last=True))
            self._change = None

    async def _chunks(self, samples: Samples) -> None:
        assert self._format is not None  # noqa: S101 - only called once the first piece is there
        for at in range(0, len(samples), _CHUNK):
            chunk = samples[at : at + _CHUNK]
            facts = {**self._format.facts, "timestamp": round(self.ms)}
            await self._stream.write(Event("audio-chunk", facts, np.asarray(chunk, "<i2").tobytes()))
            self._sent += len(chunk)
