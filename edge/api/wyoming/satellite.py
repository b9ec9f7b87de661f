"""This machine's own room as a satellite: Home Assistant connects, hears what follows the wake word, and answers."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, Final, Protocol, Self

import numpy as np

from edge.api.wyoming.info import satellite_info
from edge.api.wyoming.listening import Door, Listener
from edge.api.wyoming.ports import Model, Spoken
from edge.errors import EdgeError
from edge.pcm import RATE_HZ, Samples, ToMono
from edge.wyoming import Event, EventStream, PcmFormat, WyomingError, number, pcm_format, text

log = logging.getLogger(__name__)

_MOST: Final = 4
"""Connections: Home Assistant's own, and those with which it looks who is there."""
_SILENT_S: Final = 30.0
"""One that is to send pings every two seconds, and has sent nothing for so long, is gone."""
_HEARS_S: Final = 40.0
"""The longest that it may listen."""
_ANSWERS_S: Final = 60.0
"""The longest from then on to the beginning of its answer: a language model may be slow."""
_GOES_ON_S: Final = 15.0
"""The longest pause within its answer."""
_MOST_SAMPLES: Final = 300 * 48_000
"""Of an answer, five minutes of the best sound; more is not played."""
_MOST_ANNOUNCED: Final = 8
"""Announcements that wait to be heard."""
_LONGEST: Final = 2000
_LONGEST_TIMER_S: Final = 1e8


class SatelliteError(EdgeError):
    """Home Assistant can't answer; the message says why."""


class Room(Protocol):
    """The room, as Home Assistant sees it."""

    async def wake_words(self) -> tuple[Model, ...]:
        """What is listened for."""
        ...

    async def announce(self, sounds: AsyncIterator[Spoken]) -> None:
        """Say what was made elsewhere; returns when it has been heard."""
        ...

    async def timer(self, kind: str, key: str, facts: Mapping[str, Any]) -> None:
        """One of Home Assistant's timers was `started`, `updated`, `cancelled` or is `finished`."""
        ...


class Sounds:
    """Sound that comes in as events, until its end."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Spoken | None] = asyncio.Queue()
        self._left = _MOST_SAMPLES
        self._convert: ToMono | None = None
        self.ended = False

    def begin(self, format_: PcmFormat) -> None:
        """Raises `EdgeError` where the format can't be converted."""
        self._convert = ToMono(PcmFormat(RATE_HZ, format_.width, format_.channels))
        self._rate_hz = format_.rate_hz

    def feed(self, chunk: bytes) -> None:
        """The next chunk; what nobody would listen to any more is dropped."""
        if self._convert is not None and self._left > 0:
            samples = self._convert.feed(chunk)  # one channel of 16 bits; the loudspeaker knows any rate
            self._left -= len(samples)
            self._queue.put_nowait(Spoken(samples, self._rate_hz))

    def end(self) -> None:
        """There is no more."""
        if not self.ended:
            self.ended = True
            self._queue.put_nowait(None)

    async def pieces(self, first_s: float) -> AsyncGenerator[Spoken, None]:
        """As they come; none where the first does not come in time."""
        within_s = first_s
        with contextlib.suppress(TimeoutError):
            while True:
                async with asyncio.timeout(within_s):
                    piece = await self._queue.get()
                if piece is None:
                    return
                within_s = _GOES_ON_S
                yield piece


class _Talk:
    """One conversation."""

    def __init__(self) -> None:
        self.heard = asyncio.Event()
        self.answer = Sounds()
        self.trouble: str | None = None

    def fail(self, trouble: str) -> None:
        self.trouble = trouble
        self.heard.set()
        self.answer.end()


class SatelliteServer:
    """Async context manager: while it is entered, Home Assistant may connect. The latest that wants the room has it."""

    def __init__(self, door: Door, room: Room, *, name: str, area: Callable[[], str | None]) -> None:
        """`area`: the name of the area, for Home Assistant to propose."""
        self._room = room
        self._name = name
        self._area = area
        self._stream: EventStream | None = None
        self._talk: _Talk | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.listener = Listener(door, self._serve, most=_MOST)

    async def __aenter__(self) -> Self:
        await self.listener.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.listener.__aexit__()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def there(self) -> bool:
        """Whether Home Assistant is there and wants to answer."""
        return self._stream is not None

    def facts(self) -> dict[str, Any]:
        """For `edge status`."""
        listener = self.listener
        listening = [str(listener.door)] if listener.opened.is_set() else []
        return {"listening": listening, "trouble": listener.trouble, "home_assistant": self.there}

    async def converse(
        self, word: str | None, frames: AsyncIterator[Samples], on_heard: Callable[[], None]
    ) -> AsyncGenerator[Spoken, None]:
        """What it says to what is said; `on_heard` once it listens no more. Raises `EdgeError`."""
        stream = self._stream
        if stream is None:
            raise SatelliteError("Home Assistant is not connected")
        talk = self._talk = _Talk()
        sending = asyncio.create_task(self._send(stream, word, frames, talk), name="satellite-sound")
        try:
            try:
                async with asyncio.timeout(_HEARS_S):
                    await talk.heard.wait()
            except TimeoutError:
                talk.fail("Home Assistant has listened for too long")
            await _ended(sending)
            if talk.trouble is None:
                on_heard()
                async for piece in talk.answer.pieces(_ANSWERS_S):
                    yield piece
            if talk.trouble is not None:
                raise SatelliteError(f"Home Assistant did not answer: {talk.trouble}")
        finally:
            await _ended(sending)
            if self._talk is talk:
                self._talk = None
            if not talk.heard.is_set():  # given up: it need not listen on
                await self._try(stream, Event("audio-stop"))

    async def played(self) -> None:
        """The answer has been heard."""
        if self._stream is not None:
            await self._try(self._stream, Event("played"))

    async def _send(self, stream: EventStream, word: str | None, frames: AsyncIterator[Samples], talk: _Talk) -> None:
        facts = PcmFormat().facts
        try:
            await stream.write(Event("detection", {"name": word, "timestamp": None, "speaker": None}))
            stages = {"start_stage": "asr", "end_stage": "tts", "restart_on_end": False}
            await stream.write(Event("run-pipeline", stages | ({"wake_word_name": word} if word else {})))
            await stream.write(Event("audio-start", {**facts, "timestamp": 0}))
            async for frame in frames:
                await stream.write(Event("audio-chunk", facts, np.asarray(frame, "<i2").tobytes()))
            await stream.write(Event("audio-stop"))
        except EdgeError as error:
            talk.fail(str(error))

    async def _try(self, stream: EventStream, event: Event) -> None:
        with contextlib.suppress(WyomingError):
            await stream.write(event)

    # What comes in ------------------------------------------------------------------------------------------------

    async def _serve(self, stream: EventStream) -> None:
        announcement: Sounds | None = None
        try:
            while True:
                try:
                    async with asyncio.timeout(_SILENT_S):
                        event = await stream.read()
                except TimeoutError:
                    raise WyomingError(f"nothing came for {_SILENT_S:g} s") from None
                if event is None:
                    return
                announcement = await self._take(stream, event, announcement)
        finally:
            self._leave(stream)
            if announcement is not None:
                announcement.end()

    async def _take(self, stream: EventStream, event: Event, announcement: Sounds | None) -> Sounds | None:
        """Do what the event asks for; returns the announcement that goes on."""
        talk = self._talk if stream is self._stream else None
        match event.type:
            case "describe":
                words = await self._room.wake_words()
                await stream.write(satellite_info(self._name, self._area(), words, PcmFormat()))
            case "ping":
                await stream.write(Event("pong", {"text": text(event.data, "text", _LONGEST)}))
            case "run-satellite":
                if self._stream is not stream and self._talk is not None:
                    self._talk.fail("another has taken the room")
                self._stream = stream
                log.info("satellite_of.ready", extra={"peer": stream.peer})
            case "pause-satellite":
                self._leave(stream)
            case "voice-stopped" | "transcript" if talk is not None:
                talk.heard.set()
            case "error" if talk is not None:
                talk.fail(text(event.data, "text", _LONGEST) or "it does not say why")
            case "audio-start" | "audio-chunk" | "audio-stop":
                return self._sound(stream, event, talk, announcement)
            case "timer-started" | "timer-updated" | "timer-cancelled" | "timer-finished":
                await self._timer(event)
        return announcement

    def _sound(
        self, stream: EventStream, event: Event, talk: _Talk | None, announcement: Sounds | None
    ) -> Sounds | None:
        """Sound of an answer, or else of an announcement; returns the announcement that goes on."""
        if event.type == "audio-start":
            if announcement is not None:
                announcement.end()
            if talk is None:
                return self._announce(stream, pcm_format(event.data)) if stream is self._stream else None
            talk.heard.set()
            talk.answer.begin(pcm_format(event.data))
            return None
        sounds = announcement or (talk.answer if talk is not None else None)
        if event.type == "audio-chunk":
            if sounds is not None:
                sounds.feed(event.payload or b"")
            return announcement
        if sounds is not None:
            sounds.end()
        return None

    def _announce(self, stream: EventStream, format_: PcmFormat) -> Sounds:
        if len(self._tasks) >= _MOST_ANNOUNCED:
            raise WyomingError(f"more than {_MOST_ANNOUNCED} announcements wait to be heard")
        sounds = Sounds()
        sounds.begin(format_)

        async def announce() -> None:
            try:
                await self._room.announce(sounds.pieces(_GOES_ON_S))
            except EdgeError as error:
                log.warning("satellite_of.not_announced", extra={"reason": str(error)})
            await self._try(stream, Event("played"))

        self._soon(announce())
        return sounds

    async def _timer(self, event: Event) -> None:
        key = text(event.data, "id", _LONGEST)
        if key is None:
            raise WyomingError(f"{event.type!r} came without `id`")
        facts = {
            "name": text(event.data, "name", _LONGEST),
            "total_seconds": number(event.data, "total_seconds", 0, _LONGEST_TIMER_S),
        }
        try:
            await self._room.timer(event.type.removeprefix("timer-"), key, facts)
        except EdgeError as error:
            log.warning("satellite_of.timer_lost", extra={"reason": str(error)})

    def _leave(self, stream: EventStream) -> None:
        if self._stream is stream:
            self._stream = None
            log.info("satellite_of.gone", extra={"peer": stream.peer})
            if self._talk is not None:
                self._talk.fail("it has gone")

    def _soon(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _ended(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
