"""The connections that are open: only so many at once, and none that says nothing."""

import asyncio
import logging
import socket
import ssl
import weakref
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from edge.log import RateLimited

if TYPE_CHECKING:
    from aiohttp import web

    Serving = Callable[[], Awaitable[web.Server]]
    """What answers; made when the first client is there."""

log = logging.getLogger(__name__)

FIRST_REQUEST_S: Final = 20.0
"""How long a client may take to send the head of its first request."""
HANDSHAKE_S: Final = 10.0
REFUSAL: Final = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_BREATH_S: Final = 0.2


class Connections:
    """Accepts connections for one server on any number of sockets."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._open: weakref.WeakSet[asyncio.Transport] = weakref.WeakSet()
        self._served: weakref.WeakSet[asyncio.BaseTransport] = weakref.WeakSet()
        self._leaving: weakref.WeakSet[asyncio.Transport] = weakref.WeakSet()
        self._opening: set[asyncio.Task[None]] = set()
        self._limited = RateLimited(log)

    @property
    def count(self) -> int:
        """How many are open."""
        return len(self._opening) + sum(_lives(transport) for transport in self._open)

    def served(self, request: "web.Request") -> None:
        """A request has come in: its connection is one that says something."""
        if request.transport is not None:
            self._served.add(request.transport)

    def sweep(self) -> None:
        """Break off those that were closing when this was last called: nobody reads their last words."""
        closing = [transport for transport in self._open if _lives(transport) and transport.is_closing()]
        for transport in closing:
            if transport in self._leaving:
                transport.abort()
        self._leaving = weakref.WeakSet(closing)

    def close(self) -> None:
        """Hang up on all."""
        for task in self._opening:
            task.cancel()
        for transport in list(self._open):
            transport.abort()

    async def accept(self, sock: socket.socket, serving: "Serving", context: ssl.SSLContext | None) -> None:
        """Take connections until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, address = await loop.sock_accept(sock)
            except OSError as error:
                # Out of descriptors, most likely: with fewer connections it goes on.
                self._limited.warning("http.not_accepted", str(error.errno), {"why": error.strerror})
                await asyncio.sleep(_BREATH_S)
                continue
            if self.count >= self._most:
                self._limited.warning("http.too_many", str(address[0]), {"most": self._most})
                _refuse(connection, encrypted=context is not None)
                continue
            task = asyncio.create_task(self._take(connection, serving, context), name="http.connect")
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)

    async def _take(self, connection: socket.socket, serving: "Serving", context: ssl.SSLContext | None) -> None:
        loop = asyncio.get_running_loop()
        try:
            server = await serving()
            transport, _ = await loop.connect_accepted_socket(
                server, connection, ssl=context, ssl_handshake_timeout=HANDSHAKE_S if context else None
            )
        except (OSError, TimeoutError) as error:
            connection.close()
            log.debug("http.no_handshake", extra={"why": str(error)})
            return
        except asyncio.CancelledError:
            connection.close()
            raise
        except Exception:
            connection.close()
            log.exception("http.fault")
            return
        self._open.add(transport)
        loop.call_later(FIRST_REQUEST_S, self._end_if_silent, weakref.ref(transport))

    def _end_if_silent(self, reference: "weakref.ref[asyncio.Transport]") -> None:
        transport = reference()
        if transport is not None and transport not in self._served and not transport.is_closing():
            transport.abort()


def _lives(transport: asyncio.Transport) -> bool:
    """Whether there still is a connection: one that is closed stays open for what its client has yet to read."""
    return not transport.is_closing() or transport.get_write_buffer_size() > 0


def _refuse(connection: socket.socket, *, encrypted: bool) -> None:
    with connection:
        connection.setblocking(False)
        if not encrypted:
            try:
                connection.send(REFUSAL)
                connection.shutdown(socket.SHUT_WR)
                connection.recv(65536)  # what came is read, or the answer would be lost with it
            except OSError:
                pass
