"""A server with its fakes, and a client that talks to it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal, Self

from edge.api.wyoming import Door, WyomingServer
from edge.wyoming import Event, EventStream, connect
from tests.api.wyoming.fakes import FakeMind, FakeSpeech

SOUND = {"rate": 16_000, "width": 2, "channels": 1}


class Client:
    """Talks to a server."""

    def __init__(self, stream: EventStream) -> None:
        self.stream = stream

    async def send(self, kind: str, data: dict[str, Any] | None = None, payload: bytes | None = None) -> None:
        await self.stream.write(Event(kind, data or {}, payload))

    async def get(self) -> Event:
        async with asyncio.timeout(10):
            event = await self.stream.read()
        assert event is not None, "the server hung up"
        return event

    async def until(self, kind: str) -> list[Event]:
        """All events up to that one."""
        events = [await self.get()]
        while events[-1].type != kind:
            events.append(await self.get())
        return events

    async def ended(self) -> bool:
        async with asyncio.timeout(10):
            return await self.stream.read() is None


class Setting:
    """A server with its fakes."""

    def __init__(self, conversation: Literal["handle", "intent"] = "handle", most: int = 8) -> None:
        self.speech = FakeSpeech()
        self.mind = FakeMind()
        self.server = WyomingServer([Door()], self.speech, self.mind, conversation=conversation, most=most)

    async def __aenter__(self) -> Self:
        await self.server.__aenter__()
        await self.server.listeners[0].opened.wait()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.server.__aexit__()

    @asynccontextmanager
    async def client(self) -> AsyncIterator[Client]:
        port = self.server.listeners[0].port
        assert port is not None
        async with await connect("127.0.0.1", port) as stream:
            yield Client(stream)
