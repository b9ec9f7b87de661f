"""A door: an address that is listened on, tried again while somebody else has it, for a bounded number of guests."""

import asyncio
import contextlib
import errno
import logging
import os
import socket
import stat
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from edge.wyoming import LINE_BYTES, Event, EventStream, Limits, WyomingError

log = logging.getLogger(__name__)

_FIRST_RETRY_S: Final = 1.0
_SLOWEST_RETRY_S: Final = 60.0

Serve = Callable[[EventStream], Awaitable[None]]
"""Talks to one guest until the end; raises `WyomingError` for one that does not speak the protocol."""


@dataclass(frozen=True, slots=True)
class Door:
    """Where to listen: a host and a port, or a socket's path."""

    host: str = "127.0.0.1"
    port: int = 0
    path: Path | None = None
    setting: str = "wyoming.port"
    """The key that says so, for messages."""

    def __str__(self) -> str:
        return str(self.path) if self.path is not None else f"{self.host}:{self.port}"

    @property
    def is_open(self) -> bool:
        """Whether others than this machine can reach it."""
        return self.path is None and self.host not in ("127.0.0.1", "::1", "localhost")


class Listener:
    """Async context manager: while it is entered, the door is open, or it is tried to open it."""

    def __init__(self, door: Door, serve: Serve, *, most: int, limits: Limits | None = None) -> None:
        """`most`: guests at a time; one more is told so and sent away."""
        self.door = door
        self.port: int | None = None
        """The port, once it is listened on."""
        self.trouble: str | None = None
        """Why nobody can come in, as a sentence with what to do; None while it is listened."""
        self.opened = asyncio.Event()
        self._serve = serve
        self._most = most
        self._limits = limits
        self._guests: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    @property
    def guests(self) -> int:
        """How many are served now."""
        return len(self._guests)

    async def __aenter__(self) -> Self:
        self._opening = asyncio.create_task(self._open(), name=f"wyoming-{self.door}")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._opening.cancel()
        if self._server is not None:
            self._server.close()
        for guest in self._guests:
            guest.cancel()
        await asyncio.gather(self._opening, *self._guests, return_exceptions=True)
        if self._server is not None and self.door.path is not None:
            await asyncio.to_thread(self.door.path.unlink, missing_ok=True)

    async def _open(self) -> None:
        delay_s = _FIRST_RETRY_S
        while True:
            try:
                self._server = await self._started()
            except OSError as error:
                trouble = self._why(error)
                if trouble != self.trouble:
                    log.warning("wyoming.not_listening", extra={"address": str(self.door), "why": trouble})
                self.trouble = trouble
                await asyncio.sleep(delay_s)
                delay_s = min(delay_s * 2, _SLOWEST_RETRY_S)
            else:
                self.trouble = None
                self.port = _port(self._server)
                self.opened.set()
                log.info("wyoming.listening", extra={"address": str(self.door), "port": self.port})
                return

    async def _started(self) -> asyncio.Server:
        if self.door.path is None:
            return await asyncio.start_server(self._welcome, self.door.host, self.door.port, limit=LINE_BYTES)
        await asyncio.to_thread(_make_way, self.door.path)
        server = await asyncio.start_unix_server(self._welcome, self.door.path, limit=LINE_BYTES)
        await asyncio.to_thread(self.door.path.chmod, 0o600)
        return server

    def _why(self, error: OSError) -> str:
        if error.errno == errno.EADDRINUSE:
            return f"{self.door} is in use by another program: end that, or set {self.door.setting} to another"
        if error.errno == errno.EADDRNOTAVAIL or isinstance(error, socket.gaierror):
            return f"{self.door} is no address of this machine: set wyoming.host to one, or to 0.0.0.0 for all"
        return f"{self.door} can't be listened on ({error.strerror or error}): set {self.door.setting} to another"

    async def _welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task: asyncio.Task[Any] | None = asyncio.current_task()
        assert task is not None  # noqa: S101 - the server made one
        stream = EventStream(reader, writer, self._limits)
        try:
            if len(self._guests) >= self._most:
                log.warning("wyoming.full", extra={"peer": stream.peer, "most": self._most})
                await stream.write(Event("error", {"text": "too many clients at once", "code": "busy"}))
                return
            self._guests.add(task)
            await self._serve(stream)
        except WyomingError as error:
            log.warning("wyoming.broken_off", extra={"peer": stream.peer, "reason": str(error)})
            with contextlib.suppress(WyomingError):
                await stream.write(Event("error", {"text": str(error), "code": "WyomingError"}))
        except asyncio.CancelledError:
            stream.abort()  # the service ends
        except Exception:
            log.exception("wyoming.failed", extra={"peer": stream.peer})
        finally:
            self._guests.discard(task)
            stream.close()


def _port(server: asyncio.Server) -> int | None:
    name = server.sockets[0].getsockname()
    return int(name[1]) if isinstance(name, tuple) else None


def _make_way(path: Path) -> None:
    """Remove a socket that nobody listens on any more; raises OSError where somebody does."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISSOCK(path.stat().st_mode):
            raise OSError(errno.EEXIST, "there is a file of that name")
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            if probe.connect_ex(os.fspath(path)) == 0:
                raise OSError(errno.EADDRINUSE, "in use")
        path.unlink()
