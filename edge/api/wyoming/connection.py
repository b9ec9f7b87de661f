"""One client of the server: its events in order, and what was asked for with them, one thing at a time."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Final

from edge.api.wyoming.conversing import Conversations
from edge.api.wyoming.info import info
from edge.api.wyoming.ports import Speech
from edge.api.wyoming.speaking import Text, synthesize, whole
from edge.api.wyoming.transcribing import LONGEST_S, Frames, transcribe
from edge.api.wyoming.waking import Waking, wanted_words
from edge.errors import EdgeError
from edge.wyoming import Event, EventStream, PcmFormat, WyomingError, pcm_format, table, text

log = logging.getLogger(__name__)

_IDLE_S: Final = 120.0
"""How long a client may say nothing while nothing is done for it."""
_HEARING_S: Final = 6.0
"""The longest pause in sound that is being recognised: others wait for the recogniser."""
_STREAMING_S: Final = 300.0
"""The longest pause in a text that is being spoken, or in sound that is listened to for wake words."""
_TEXT_S: Final = 900.0
"""How long a text may take to come: others want to be spoken to."""
_LONGEST_NAME: Final = 200
_LONGEST_TEXT: Final = 100_000
"""Characters in one event; how much is spoken is bounded where it is spoken."""


class BusyError(EdgeError):
    """More is asked for at once than this machine does at once."""


class Slots:
    """How much of one kind is done at a time, for all clients together."""

    def __init__(self, most: int, what: str) -> None:
        self._free = most
        self._what = what

    @contextlib.contextmanager
    def taken(self) -> Iterator[None]:
        """One of them; raises `BusyError` where none is free."""
        if self._free <= 0:
            raise BusyError(f"too many clients want {self._what} at once: try again in a moment")
        self._free -= 1
        try:
            yield
        finally:
            self._free += 1


@dataclass(slots=True)
class Services:
    """What all connections share."""

    speech: Speech
    conversations: Conversations
    conversation: str
    """`handle` or `intent`."""
    language: str
    hearing: Slots = field(default_factory=lambda: Slots(4, "speech recognised"))
    speaking: Slots = field(default_factory=lambda: Slots(4, "speech"))
    waking: Slots = field(default_factory=lambda: Slots(8, "wake words"))
    thinking: Slots = field(default_factory=lambda: Slots(8, "an answer"))


class Connection:
    """One client, from `run` to its end."""

    def __init__(self, stream: EventStream, services: Services) -> None:
        self._stream = stream
        self._with = services
        self._job: asyncio.Task[None] | None = None
        self._frames: Frames | None = None
        self._until_s = 0.0
        self._text: Text | None = None
        self._waking: Waking | None = None
        self._words: Sequence[str] | None = None
        self._takers: Mapping[str, Callable[[Event], Awaitable[None]]] = {
            "describe": self._describe,
            "ping": self._ping,
            "transcribe": self._transcribe,
            "detect": self._detect,
            "audio-start": self._audio_start,
            "audio-chunk": self._audio_chunk,
            "audio-stop": self._audio_stop,
            "synthesize": self._synthesize,
            "synthesize-start": self._synthesize_start,
            "synthesize-chunk": self._synthesize_chunk,
            "synthesize-stop": self._synthesize_stop,
            "transcript": self._converse,
            "recognize": self._converse,
        }

    async def run(self) -> None:
        """Serve it until it has gone. Raises `WyomingError` where it does not speak the protocol."""
        reading: asyncio.Task[Event | None] | None = None
        try:
            with ExitStack() as self._held:
                async with asyncio.TaskGroup() as self._jobs:
                    while True:
                        reading = reading or asyncio.create_task(self._stream.read(), name="wyoming-read")
                        if not await self._within_time(reading):
                            break
                        event, reading = reading.result(), None
                        if event is None:
                            break
                        taker = self._takers.get(event.type)
                        if taker is not None:  # others are for other servers, or for a later version
                            await taker(event)
                    self._leave_off()
        except ExceptionGroup as group:
            error = group.exceptions[0]
            if not isinstance(error, EdgeError) or isinstance(error, WyomingError):
                raise error from None
            log.warning("wyoming.refused", extra={"peer": self._stream.peer, "reason": str(error)})
            await self._stream.write(Event("error", {"text": str(error), "code": type(error).__name__}))
        finally:
            if reading is not None:
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)

    async def _within_time(self, reading: "asyncio.Task[Event | None]") -> bool:
        """Whether something came, or the end; False where it has been silent for too long with nothing to wait for."""
        while not reading.done():
            if self._hears:
                left_s = min(_HEARING_S, self._until_s - time.monotonic())
            elif self._text is not None:
                left_s = min(_STREAMING_S, self._until_s - time.monotonic())
            else:
                left_s = _STREAMING_S if self._waking is not None else _IDLE_S
            await asyncio.wait({reading}, timeout=max(0.0, left_s))
            if reading.done():
                break
            if self._hears:
                raise WyomingError("the sound of a sentence stopped coming, or came slower than it was spoken")
            if self._waking is not None or self._text is not None or self._job is None or self._job.done():
                return False
        return True

    @property
    def _hears(self) -> bool:
        return self._frames is not None and not self._frames.ended

    def _leave_off(self) -> None:
        """The client says nothing more: what it has not finished asking for is not done."""
        if (self._hears or self._text is not None) and self._job is not None:
            self._job.cancel()

    async def _begin(self, slots: Slots, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do it beside reading on, once what was asked for before is done."""
        if self._hears or self._text is not None:
            raise WyomingError("something else was asked for within a sentence or a text that had not ended")
        if self._job is not None:
            await asyncio.wait({self._job})

        async def job() -> None:
            with slots.taken():
                await work()

        self._job = self._jobs.create_task(job(), name="wyoming-job")

    async def _describe(self, _: Event) -> None:
        languages = (self._with.language,)
        await self._stream.write(info(await self._with.speech.offer(), self._with.conversation, languages))

    async def _ping(self, event: Event) -> None:
        await self._stream.write(Event("pong", {"text": text(event.data, "text", _LONGEST_NAME)}))

    # Sound that comes in ------------------------------------------------------------------------------------------

    async def _transcribe(self, _: Event) -> None:
        self._words = None

    async def _detect(self, event: Event) -> None:
        """Satellites ask anew after each sentence, and end no stream before."""
        self._words = wanted_words(event.data)
        self._leave_waking()

    async def _listen_for_words(self, words: Sequence[str], format_: PcmFormat) -> None:
        self._leave_waking()
        self._held.enter_context(self._with.waking.taken())
        self._waking = Waking(await self._with.speech.wake(words), format_)

    def _leave_waking(self) -> None:
        if self._waking is not None:
            self._waking = None
            self._held.close()

    async def _audio_start(self, event: Event) -> None:
        format_ = pcm_format(event.data)
        if self._words is not None:
            await self._listen_for_words(self._words, format_)
            return
        frames = Frames(format_)
        with_ = self._with
        await self._begin(with_.hearing, lambda: transcribe(self._stream, frames, with_.speech, with_.language))
        self._frames = frames
        self._until_s = time.monotonic() + 1.5 * LONGEST_S

    async def _audio_chunk(self, event: Event) -> None:
        if self._waking is None and self._words is not None:  # old satellites say nothing of a beginning
            await self._listen_for_words(self._words, pcm_format(event.data))
        if self._waking is not None:
            await self._waking.feed(self._stream, event)
        elif self._frames is not None and not self._frames.ended:
            self._frames.feed(event.payload or b"")

    async def _audio_stop(self, _: Event) -> None:
        if self._waking is not None:
            if not self._waking.detected:
                await self._stream.write(Event("not-detected"))
            self._leave_waking()
        elif self._frames is not None:
            self._frames.end()

    # Text that comes in -------------------------------------------------------------------------------------------

    async def _synthesize(self, event: Event) -> None:
        if self._text is not None:
            return  # the text that has come in pieces, once more for servers that take no pieces
        said = text(event.data, "text", _LONGEST_TEXT) or ""
        made = whole(said, text(event.data, "text_format", _LONGEST_NAME))
        voice = _voice(event)
        await self._begin(self._with.speaking, lambda: synthesize(self._stream, made, self._with.speech, voice))

    async def _synthesize_start(self, event: Event) -> None:
        made = Text()
        voice = _voice(event)
        await self._begin(self._with.speaking, lambda: self._in_pieces(made, voice))
        self._text = made
        self._until_s = time.monotonic() + _TEXT_S

    async def _in_pieces(self, made: Text, voice: str | None) -> None:
        await synthesize(self._stream, made, self._with.speech, voice)
        await self._stream.write(Event("synthesize-stopped"))

    async def _synthesize_chunk(self, event: Event) -> None:
        if self._text is not None:
            self._text.feed(text(event.data, "text", _LONGEST_TEXT) or "")

    async def _synthesize_stop(self, _: Event) -> None:
        if self._text is not None:
            self._text.end()
            self._text = None

    async def _converse(self, event: Event) -> None:
        await self._begin(self._with.thinking, lambda: self._with.conversations.answer(self._stream, event.data))


def _voice(event: Event) -> str | None:
    """The voice that is asked for by name; none of ours has several speakers."""
    return text(table(event.data, "voice"), "name", _LONGEST_NAME)
