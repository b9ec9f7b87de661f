"""The Unix socket through which the command line talks to the running service."""

import asyncio
import logging
import os
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from edge.api.wire import MOST_BYTES, ControlError, decode, encode
from edge.errors import EdgeError

log = logging.getLogger(__name__)

_MOST_CLIENTS: Final = 32
_LONGEST_PATH: Final = 107
"""Bytes that fit into a socket's address on Linux."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request: what is asked for, by whom, and a way to send pieces before the end."""

    arguments: Mapping[str, Any]
    uid: int
    """The user at the other end, as the kernel knows it."""
    send: Callable[[Mapping[str, Any]], Awaitable[None]]

    def text(self, key: str, default: str | None = None) -> str:
        """A text argument; raises `ControlError` when it is missing or something else."""
        value = self.arguments.get(key, default)
        if not isinstance(value, str):
            raise ControlError(f"`{key}`: expected a text")
        return value

    def text_or_none(self, key: str) -> str | None:
        """A text argument that may be missing."""
        return None if self.arguments.get(key) is None else self.text(key)


Answer = Callable[[Request], Awaitable[Mapping[str, Any]]]
"""Answers one kind of request; what it returns is the end of the answer. Raises `EdgeError` for the client to see."""


class ControlServer:
    """Async context manager: `path`, which only its owner may open, is ours while it is entered.

    Clients wait from then on; they are answered from `start`. Entering raises `ControlError` where another service is.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._answers: Mapping[str, Answer] = {}
        self._clients: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._listener = await asyncio.to_thread(_listener, self._path)
        return self

    async def start(self, answers: Mapping[str, Answer]) -> None:
        """Begin to answer."""
        self._answers = answers
        self._server = await asyncio.start_unix_server(self._serve, sock=self._listener, limit=MOST_BYTES)
        log.info("control.listening", extra={"path": str(self._path)})

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
        self._listener.close()
        for client in self._clients:
            client.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)
        await asyncio.to_thread(self._path.unlink, missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 (the server made one)
        if len(self._clients) >= _MOST_CLIENTS:
            writer.write(encode({"error": "too many clients at once"}))
            writer.close()
            return
        self._clients.add(task)
        try:
            await self._converse(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass  # the client went, or we do
        finally:
            self._clients.discard(task)
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        uid = _peer_uid(writer)
        line = await _line(reader)
        while line:
            # Read on while answering: an empty line means that nobody waits for the answer any more.
            following = asyncio.create_task(_line(reader))
            answering = asyncio.create_task(self._answer(line, uid, writer))
            try:
                await asyncio.wait({following, answering}, return_when=asyncio.FIRST_COMPLETED)
                if not answering.done() and not following.result():
                    return
                await answering
                line = await following
            finally:
                for task in (answering, following):
                    task.cancel()
                await asyncio.gather(answering, following, return_exceptions=True)

    async def _answer(self, line: bytes, uid: int, writer: asyncio.StreamWriter) -> None:
        async def send(message: Mapping[str, Any]) -> None:
            writer.write(encode(message))
            await writer.drain()

        try:
            arguments = decode(line)
            answer = self._wanted(arguments)
            await send({"done": dict(await answer(Request(arguments, uid, send)))})
        except EdgeError as error:
            await send({"error": str(error)})
        except ConnectionError:
            raise
        except Exception:
            log.exception("control.failed")
            await send({"error": "that failed inside the service: its log says why"})

    def _wanted(self, arguments: Mapping[str, Any]) -> Answer:
        answer = self._answers.get(str(arguments.get("do")))
        if answer is None:
            raise ControlError(f"`do`: expected one of {', '.join(sorted(self._answers))}")
        return answer


async def _line(reader: asyncio.StreamReader) -> bytes:
    """The next line, empty at the end or when it is longer than is taken."""
    try:
        return await reader.readline()
    except (ValueError, ConnectionError):
        return b""


def _peer_uid(writer: asyncio.StreamWriter) -> int:
    connection = writer.get_extra_info("socket")
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    uid: int = struct.unpack("3i", credentials)[1]
    return uid


def _listener(path: Path) -> socket.socket:
    """A listening socket; raises `ControlError` when another service has it or it can't be made."""
    if len(os.fsencode(path)) > _LONGEST_PATH:
        raise ControlError(f"{path}: too long for a socket's name: set EDGE_RUNTIME to a shorter directory")
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _remove_leftover(path)
        before = os.umask(0o177)
        try:
            listener.bind(str(path))
        finally:
            os.umask(before)
        listener.listen(_MOST_CLIENTS)
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        raise ControlError(f"{path}: can't listen there: {error.strerror}") from error
    except ControlError:
        listener.close()
        raise
    return listener


def _remove_leftover(path: Path) -> None:
    """A socket that nobody listens on any more is in the way."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        if path.exists() and probe.connect_ex(str(path)) == 0:
            raise ControlError(f"{path}: another `edge run` is running already")
    path.unlink(missing_ok=True)
