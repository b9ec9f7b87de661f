"""The server: listens where it is allowed to, says why where it is not, and tries again without hurry.

What answers is imported and made when the first client is there: a house that asks over MQTT alone never pays for it.
"""

import asyncio
import logging
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from edge.api.http.access import Door, is_loopback
from edge.api.http.certificate import Certificate, CertificateError
from edge.api.http.connections import Connections
from edge.api.http.tokens import TokenError, Tokens
from edge.errors import EdgeError

if TYPE_CHECKING:
    from aiohttp import web

    from edge.api.http.page.front import Front
    from edge.api.http.routes import Route

log = logging.getLogger(__name__)

FIRST_RETRY_S: Final = 2.0
SLOWEST_RETRY_S: Final = 60.0
LOOK_S: Final = 30.0
"""How often certificate and tokens are looked at while it listens."""
LAST_WORDS_S: Final = 0.5
"""How long answers under way may go on when the service ends; twice, once they are told."""


@dataclass(frozen=True, slots=True)
class Listening:
    """Where and how to listen."""

    host: str = "127.0.0.1"
    ports: tuple[int, ...] = (8080, 11434)
    certificate: Certificate | None = None
    require_token: bool = False
    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    most_connections: int = 128
    most_bytes: int = 2_000_000

    @property
    def on_network(self) -> bool:
        """Whether others than this machine's programs could reach it."""
        return not is_loopback(self.host)


@dataclass(slots=True)
class Port:
    """One port, and what is wrong with it."""

    number: int
    listening: bool = False
    trouble: str = ""
    task: asyncio.Task[None] | None = field(default=None, repr=False)


class HttpServer:
    """Async context manager: listens while it is entered; entering does not wait for that."""

    def __init__(
        self,
        listening: Listening,
        routes: "Callable[[], Awaitable[Sequence[Route]]]",
        tokens: Tokens,
        page: "Front | None" = None,
    ) -> None:
        """`routes`: awaited when the first client is there."""
        self._page = page
        self._listening = listening
        self._routes = routes
        self._tokens = tokens
        self._runner: web.AppRunner | None = None
        self._making = asyncio.Lock()
        self._ports = [Port(number) for number in dict.fromkeys(listening.ports) if number >= 0]
        self._connections = Connections(listening.most_connections)
        self._door = Door(
            tokens,
            needs_token=listening.on_network or listening.require_token,
            hosts=frozenset(host.casefold() for host in listening.hosts),
            origins=frozenset(listening.origins),
        )

    async def __aenter__(self) -> Self:
        for port in self._ports:
            port.task = asyncio.create_task(self._keep(port), name=f"http.{port.number}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        tasks = [port.task for port in self._ports if port.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._page is not None:
            self._page.close()
        if self._runner is not None:
            await self._runner.cleanup()
        self._connections.close()

    @property
    def ports(self) -> list[int]:
        """Those that are listened at now."""
        return [port.number for port in self._ports if port.listening]

    def facts(self) -> dict[str, Any]:
        """For `edge status` and `edge doctor`."""
        return {
            "host": self._listening.host,
            "https": self._listening.certificate is not None,
            "ports": {str(port.number): port.trouble or "listening" for port in self._ports},
            "connections": self._connections.count,
        }

    async def _serving(self) -> "web.Server":
        """What answers."""
        async with self._making:
            if self._runner is None:
                runner = await asyncio.to_thread(self._made, await self._routes())
                await runner.setup()
                self._runner = runner
            server = self._runner.server
        assert server is not None  # noqa: S101 (it was set up)
        return server

    def _made(self, routes: "Sequence[Route]") -> "web.AppRunner":
        from aiohttp import web

        from edge.api.http.app import application
        from edge.api.http.protocol_log import protocol_log

        return web.AppRunner(
            application(routes, self._door, self._listening.most_bytes, self._connections.served, self._page),
            access_log=None,
            logger=protocol_log(),
            handle_signals=False,
            handler_cancellation=True,
            auto_decompress=False,
            keepalive_timeout=30.0,
            shutdown_timeout=LAST_WORDS_S,
            max_line_size=8190,
            max_field_size=8190,
        )

    async def _keep(self, port: Port) -> None:
        """Listen, or say once why not and try again, with longer and longer pauses; until cancelled."""
        pause = FIRST_RETRY_S
        while True:
            try:
                await self._listen(port)
                pause = FIRST_RETRY_S
            except EdgeError as error:
                self._complain(port, str(error))
            await asyncio.sleep(pause)
            pause = min(pause * 2, SLOWEST_RETRY_S)

    async def _listen(self, port: Port) -> None:
        """Listen for as long as that is allowed. Raises `EdgeError`."""
        listening = self._listening
        await self._check_tokens()
        context = None
        if listening.certificate is not None:
            context = await asyncio.to_thread(listening.certificate.context)
        with await _bound(listening.host, port.number) as sock:
            port.number = sock.getsockname()[1]
            accepting = asyncio.create_task(self._connections.accept(sock, self._serving, context), name="http.accept")
            port.listening, port.trouble = True, ""
            facts = {"host": listening.host, "port": port.number, "https": context is not None}
            log.info("http.listening", extra=facts)
            try:
                await self._watch(port, context, accepting)
            finally:
                port.listening = False
                accepting.cancel()
                with suppress(asyncio.CancelledError):
                    await asyncio.wait((accepting,))

    async def _watch(self, port: Port, context: ssl.SSLContext | None, accepting: "asyncio.Task[None]") -> None:
        """Until it must not listen any more: a new certificate is taken up, one that expires is named."""
        certificate = self._listening.certificate
        while True:
            if certificate is not None and context is not None:
                try:
                    await asyncio.to_thread(certificate.renew, context)
                    port.trouble = ""
                except CertificateError as error:
                    self._complain(port, str(error))
            await asyncio.wait((accepting,), timeout=LOOK_S)
            self._connections.sweep()
            if accepting.done():
                await accepting
            await self._check_tokens()

    async def _check_tokens(self) -> None:
        if self._listening.on_network and not await asyncio.to_thread(self._tokens.all):
            raise TokenError(
                f"[http] host = {self._listening.host!r} lets the network in, and there is no token yet: "
                "make one with `edge config token add NAME`"
            )

    def _complain(self, port: Port, why: str) -> None:
        if port.trouble != why:
            event = "http.trouble" if port.listening else "http.not_listening"
            log.warning(event, extra={"host": self._listening.host, "port": port.number, "why": why})
        port.trouble = why


class ListenError(EdgeError):
    """An address can't be listened at; the message says what to do."""


def bound(host: str, port: int) -> socket.socket:
    """A listening socket. Raises `ListenError`. Blocks while a name is looked up."""
    try:
        return _opened(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE))
    except OSError as error:
        raise _refused(host, port, error) from error


async def _bound(host: str, port: int) -> socket.socket:
    """As `bound`, and nothing is left open by whoever is cancelled: once there is a socket, nothing is awaited."""
    loop = asyncio.get_running_loop()
    try:
        return _opened(await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE))
    except OSError as error:
        raise _refused(host, port, error) from error


def _opened(found: Sequence[tuple[Any, Any, int, str, Any]]) -> socket.socket:
    """A listening socket at the first of the addresses. Raises OSError."""
    family, kind, protocol, _, address = found[0]
    sock = socket.socket(family, kind, protocol)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
        sock.listen(256)
        sock.setblocking(False)
    except OSError:
        sock.close()
        raise
    return sock


def _refused(host: str, port: int, error: OSError) -> ListenError:
    what = "another program listens there (Ollama itself?)" if error.errno == 98 else error.strerror or str(error)
    return ListenError(
        f"{host}:{port} can't be listened at: {what}; end it, or set another port: http.port or http.ollama_port"
    )
