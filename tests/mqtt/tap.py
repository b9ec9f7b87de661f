"""A man in the middle between us and a broker: refuses MQTT 5 as brokers of before 2018 do, or ends connections."""

import asyncio
import contextlib
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

Answer = Callable[[int], bytes | None]
"""From the version in a CONNECT to what is said before the connection is closed; None: let it through."""


SILENCE: Final = bytes(1)
"""Nothing is said, and the connection stays."""


def is_silent_to_5(version: int) -> bytes | None:
    """As those that wait for the rest of a packet that they don't understand."""
    return SILENCE if version >= 5 else None


def lets_pass(version: int) -> bytes | None:
    """Nothing but a wire."""
    return None


def refuses_5(version: int) -> bytes | None:
    """As MQTT 3.1.1 has it for a protocol that is not known: CONNACK with code 1."""
    return b"\x20\x02\x00\x01" if version >= 5 else None


def refuses_5_politely(version: int) -> bytes | None:
    """As MQTT 5 has it: CONNACK with reason code 0x84."""
    return b"\x20\x03\x00\x84\x00" if version >= 5 else None


def hangs_up_on_5(version: int) -> bytes | None:
    """As those that find the packet malformed."""
    return b"" if version >= 5 else None


class Tap:
    """Async context manager on a port of its own; what passes goes to `port`."""

    def __init__(self, port: int, answer: Answer, *, garbage: bytes | None = None) -> None:
        """`garbage`: what is said to everybody instead."""
        self.host = "127.0.0.1"
        self.port = 0
        self.versions: list[int] = []
        self._to = port
        self._answer = answer
        self._garbage = garbage
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, self.host, 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut(self) -> None:
        """End every connection, as a network does that is gone."""
        for task in self._tasks:
            task.cancel()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await (self._answer_to(reader, writer) if self._garbage is None else self._babble(reader, writer))
        writer.close()

    async def _babble(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.write(self._garbage or b"")
        await reader.read()

    async def _answer_to(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        begin = await self._connect_packet(reader)
        name = 2 + int.from_bytes(begin[1][:2], "big")
        version = begin[1][name]
        self.versions.append(version)
        said = self._answer(version)
        if said is SILENCE:
            await reader.read()
        elif said is not None:
            writer.write(said)
            await writer.drain()
        else:
            await self._pass_on(b"".join(begin), reader, writer)

    async def _connect_packet(self, reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
        head, length, shift = await reader.readexactly(1), 0, 0
        while True:
            byte = await reader.readexactly(1)
            head += byte
            length |= (byte[0] & 127) << shift
            shift += 7
            if byte[0] < 128:
                return head, await reader.readexactly(length)

    async def _pass_on(self, begin: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(self.host, self._to)
        back.write(begin)
        try:
            await asyncio.gather(_pump(reader, back), _pump(there, writer))
        finally:
            back.close()


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while data := await source.read(65_536):
        sink.write(data)
        await sink.drain()
    sink.close()
