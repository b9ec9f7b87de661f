"""Speech to text for a client: sound comes in as it is spoken, words go out as they become certain."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Final

import numpy as np

from edge.api.wyoming.ports import Speech
from edge.pcm import RATE_HZ, Samples, ToMono
from edge.wyoming import Event, EventStream, PcmFormat

log = logging.getLogger(__name__)

FRAME: Final = 512
"""Samples that are passed on at a time: 32 ms."""
LONGEST_S: Final = 60.0
"""What is said after that is not heard: it is no request."""
_CERTAIN: Final = 3
"""Words that so many transcripts in a row agreed on are told; what was told can't be taken back."""


class Frames:
    """Sound of one stream as frames for a recogniser; bounded by `LONGEST_S`, so that nobody can fill the memory."""

    def __init__(self, format_: PcmFormat) -> None:
        """Raises `EdgeError` where the format can't be converted."""
        self._convert = ToMono(format_)
        self._queue: asyncio.Queue[Samples | None] = asyncio.Queue()
        self._part: Samples = np.zeros(0, np.int16)
        self._left = round(LONGEST_S * RATE_HZ)
        self.ended = False

    def feed(self, chunk: bytes) -> None:
        """Take a chunk; what is over the limit is dropped, and costs nothing."""
        if self._left > 0:
            self._take(self._convert.feed(chunk))

    def end(self) -> None:
        """There is no more."""
        if self.ended:
            return
        self._take(self._convert.rest())
        if len(self._part):
            self._queue.put_nowait(np.pad(self._part, (0, FRAME - len(self._part))))
        self._queue.put_nowait(None)
        self.ended = True

    async def __aiter__(self) -> AsyncIterator[Samples]:
        """Frames of `FRAME` samples as they come, until the end."""
        while (frame := await self._queue.get()) is not None:
            yield frame

    def _take(self, samples: Samples) -> None:
        samples = samples[: self._left]
        self._left -= len(samples)
        joined = np.concatenate([self._part, samples])
        whole = len(joined) // FRAME * FRAME
        for frame in joined[:whole].reshape(-1, FRAME):
            self._queue.put_nowait(frame)
        self._part = joined[whole:]


class Certain:
    """Tells of a sentence that is still changing the words that have stayed the same for a while."""

    def __init__(self) -> None:
        self._before: list[list[str]] = []
        self._told: list[str] = []

    def feed(self, text: str) -> str:
        """The words that can be told now, with the space before them; empty where there are none."""
        self._before = [*self._before[-_CERTAIN + 1 :], text.split()]
        if len(self._before) < _CERTAIN:
            return ""
        agreed = _common(self._before)
        # The last word may still grow: "light" into "lights".
        return self._tell(agreed[:-1])

    def rest(self, text: str) -> str:
        """What of the final text was not told; empty too where it has become something else meanwhile."""
        return self._tell(text.split())

    def _tell(self, words: list[str]) -> str:
        told = len(self._told)
        if len(words) <= told or words[:told] != self._told:
            return ""
        self._told = words
        return (" " if told else "") + " ".join(words[told:])


async def transcribe(stream: EventStream, frames: Frames, speech: Speech, language: str) -> None:
    """Tell the client what is said; raises `EdgeError` where it can't be heard."""
    certain = Certain()
    text = ""
    started = False
    async with aclosing(speech.hear(aiter(frames))) as texts:
        async for text in texts:
            words = certain.feed(text)
            if words:
                if not started:
                    started = True
                    await stream.write(Event("transcript-start", {"language": language}))
                await stream.write(Event("transcript-chunk", {"text": words}))
    if started:
        rest = certain.rest(text)
        if rest:
            await stream.write(Event("transcript-chunk", {"text": rest}))
    await stream.write(Event("transcript", {"text": text, "language": language}))
    if started:
        await stream.write(Event("transcript-stop"))
    log.info("wyoming.transcribed", extra={"peer": stream.peer, "words": len(text.split())})


def _common(texts: list[list[str]]) -> list[str]:
    agreed = []
    for words in zip(*texts, strict=False):
        if any(word != words[0] for word in words):
            break
        agreed.append(words[0])
    return agreed
