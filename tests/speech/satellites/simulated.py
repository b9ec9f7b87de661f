"""A satellite in a test: a Wyoming server on TCP that streams what is said to it and keeps what it is sent."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import numpy as np

from edge.speech.sound import FRAME, RATE_HZ, Samples
from edge.wyoming import Event, EventStream, WyomingError

FRAME_S = FRAME / RATE_HZ


class Simulated:
    """Serves one hub at a time; a second one hangs the first up."""

    def __init__(self, *, wakes: bool = False, area: str | None = None, plays: bool = True) -> None:
        self.wakes = wakes
        """Whether it finds its wake word by itself, and streams only then."""
        self.area = area
        self.plays = plays
        self.events: list[Event] = []
        self.heard: list[Samples] = []
        self.rate_hz = 0
        self.connections = 0
        self.running = False
        self.port = 0
        self.answers = True
        self._stream: EventStream | None = None
        self._news = asyncio.Event()
        self._playing = bytearray()

    # As the test sees it -------------------------------------------------------------------------------------------

    @property
    def types(self) -> list[str]:
        """Of what it was sent; sound and pings aside."""
        return [event.type for event in self.events if event.type not in ("audio-chunk", "ping", "pong")]

    @property
    def playing(self) -> bool:
        """Whether it was sent sound that has not ended."""
        return bool(self._playing)

    async def until(self, done: Callable[[], bool], seconds: float = 20) -> None:
        """Wait for something that comes with an event."""
        async with asyncio.timeout(seconds):
            while not done():
                self._news.clear()
                await self._news.wait()

    async def sent(self, *types: str) -> None:
        """Wait until these were sent, in that order, with others between."""

        def came() -> bool:
            rest = iter(self.types)
            return all(kind in rest for kind in types)

        try:
            await self.until(came)
        except TimeoutError:
            raise AssertionError(self.types) from None

    async def send(self, event: Event) -> None:
        assert self._stream is not None
        await self._stream.write(event)

    async def raw(self, data: bytes) -> None:
        """Bytes that may be no event."""
        assert self._stream is not None
        self._stream._writer.write(data)
        await self._stream._writer.drain()

    async def hear(self, samples: Samples, *, paced: bool = False, rate_hz: int = RATE_HZ) -> None:
        """Stream what its microphone hears, as time goes, or else at once as a stream of its own."""
        if not paced and not self.wakes:
            await self.pipeline("wake", restart_on_end=True)
        begin = asyncio.get_running_loop().time()
        for number, at in enumerate(range(0, len(samples), FRAME), 1):
            piece = samples[at : at + FRAME].astype("<i2").tobytes()
            await self.send(Event("audio-chunk", {"rate": rate_hz, "width": 2, "channels": 1}, piece))
            if paced:
                wait_s = begin + number * FRAME / rate_hz - asyncio.get_running_loop().time()
                await asyncio.sleep(max(0.0, wait_s))

    async def pipeline(self, start: str, end: str = "tts", **more: Any) -> None:
        await self.send(Event("run-pipeline", {"start_stage": start, "end_stage": end, **more}))

    async def wake(self, word: str = "okay_nabu") -> None:
        """It has heard its wake word."""
        await self.send(Event("detection", {"name": word}))
        await self.pipeline("asr")

    async def taken_in(self) -> None:
        """Wait until the hub has taken in what was sent."""
        await self.send(Event("ping", {"text": "taken in"}))
        await self.until(lambda: Event("pong", {"text": "taken in"}) in self.events)

    def hang_up(self) -> None:
        assert self._stream is not None
        self._stream.abort()

    # As the hub sees it --------------------------------------------------------------------------------------------

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        stream = EventStream(reader, writer)
        if self._stream is not None:
            self._stream.abort()
        self._stream = stream
        self.connections += 1
        self._news.set()
        try:
            while (event := await stream.read()) is not None:
                await self._on_event(stream, event)
        except WyomingError:
            pass
        finally:
            if self._stream is stream:
                self.running = False
            stream.abort()
            self._news.set()

    async def _on_event(self, stream: EventStream, event: Event) -> None:
        self.events.append(event)
        self._news.set()
        match event.type:
            case "describe" if self.answers:
                await stream.write(self._info())
            case "ping" if self.answers:
                await stream.write(Event("pong", event.data))
            case "run-satellite":
                self.running = True
                if not self.wakes:
                    await self.pipeline("wake", restart_on_end=True)
            case "pause-satellite":
                self.running = False
            case "audio-start":
                self.rate_hz = event.data["rate"]
                self._playing.clear()
            case "audio-chunk":
                self._playing += event.payload or b""
            case "audio-stop":
                self.heard.append(np.frombuffer(bytes(self._playing), "<i2"))
                self._playing.clear()
                if self.plays:
                    await stream.write(Event("played"))
            case _:
                pass

    def _info(self) -> Event:
        about = {"name": "simulated", "version": "1.0", "installed": True, "area": self.area, "has_vad": False}
        wake = [{"name": "wake", "installed": True, "models": []}] * self.wakes
        return Event("info", {"satellite": about | {"attribution": {"name": "test", "url": ""}}, "wake": wake})

    async def stop_streaming(self) -> None:
        await self.send(Event("audio-stop"))


@asynccontextmanager
async def simulated(*, port: int = 0, **how: Any) -> AsyncIterator[Simulated]:
    """A satellite that is there while the block lasts."""
    satellite = Simulated(**how)
    server = await asyncio.start_server(satellite._serve, "127.0.0.1", port)
    satellite.port = server.sockets[0].getsockname()[1]
    try:
        yield satellite
    finally:
        server.close()
        if satellite._stream is not None:
            satellite.hang_up()
        await server.wait_closed()
