"""The connection to Home Assistant: opened, let in, kept up, opened again; never fatal, never in a tight loop."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from edge.backoff import Backoff
from edge.homeassistant.access import Access
from edge.homeassistant.errors import (
    CertificateError,
    HomeAssistantError,
    LostError,
    NotHomeAssistantError,
    TokenError,
    TooOldError,
)
from edge.homeassistant.session import Session
from edge.homeassistant.wire import MOST_BYTES, Greeting, MessageError, read, version_of

if TYPE_CHECKING:
    import aiohttp

log = logging.getLogger(__name__)

OLDEST: Final = (2021, 1)
"""The oldest release that is spoken with; what later ones added is found out as it is used."""
_OPEN_S: Final = 10.0
_CLOSE_S: Final = 1.0
_FIRST_S, _MOST_S = 0.5, 5.0
_LASTED_S: Final = 15.0
"""A session that was longer was a good one."""
_SLOW_FIRST_S, _SLOW_MOST_S = 60.0, 600.0
"""Where only a person can mend it: Home Assistant may count wrong tokens and ban who shows them."""
_LOOK_AGAIN_S: Final = 5.0
"""How often it is looked whether another token was put in the place of one that was not taken."""


class LinkState(StrEnum):
    """How the connection is doing."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    LOST = "lost"
    REFUSED = "refused"
    """It answers, and a person has to mend something: the token, the certificate, the release, the address."""
    CLOSED = "closed"


@dataclass(slots=True)
class LinkCounts:
    """What happened since the start."""

    connects: int = 0
    received: int = 0


class Link:
    """Async context manager. Entering starts the connection and does not wait for it.

    `live` is run with every session, from its begin to its end; what it raises ends the session, not the link.
    """

    def __init__(self, access: Access, live: Callable[[Session], Awaitable[None]]) -> None:
        self.access = access
        self._live = live
        self._session: Session | None = None
        self._state = LinkState.CONNECTING
        self._trouble: str | None = None
        self._version = ""
        self._task: asyncio.Task[None] | None = None
        self.counts = LinkCounts()

    @property
    def state(self) -> LinkState:
        """How the connection is doing now."""
        return self._state

    @property
    def trouble(self) -> str | None:
        """Why there is no connection, as a sentence with what to do about it."""
        return self._trouble

    @property
    def version(self) -> str:
        """The release that answered last; empty before any did."""
        return self._version

    @property
    def session(self) -> Session | None:
        """The session now; None while there is none."""
        return self._session

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._keep_up(), name="homeassistant-link")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
        self._state = LinkState.CLOSED

    # The connection ------------------------------------------------------------------------------------------------

    async def _keep_up(self) -> None:
        soon, late = Backoff(_FIRST_S, _MOST_S), Backoff(_SLOW_FIRST_S, _SLOW_MOST_S)
        shaky = Backoff(_FIRST_S, _SLOW_FIRST_S)
        while True:
            began_s, connects = asyncio.get_running_loop().time(), self.counts.connects
            shown = await asyncio.to_thread(self.access.fingerprint)
            try:
                await self._once()
            except (TokenError, TooOldError, CertificateError, NotHomeAssistantError) as error:
                self._settle(LinkState.REFUSED, error)
                await self._until_mended(late.next_s(), shown)
                continue
            except (HomeAssistantError, OSError, TimeoutError) as error:
                self._settle(LinkState.LOST, error)
            except Exception as error:
                log.exception("homeassistant.failed")
                self._settle(LinkState.LOST, error)
            late.reset()
            if asyncio.get_running_loop().time() - began_s > _LASTED_S:
                soon.reset()
                shaky.reset()
            # What breaks as soon as it stands may do so over and over, and is a lot of work each time.
            await asyncio.sleep((soon if self.counts.connects == connects else shaky).next_s())

    async def _once(self) -> None:
        """One connection, from its begin to its end, which is always an error."""
        import aiohttp

        token = await asyncio.to_thread(self.access.token)
        async with AsyncExitStack() as stack:
            try:
                socket = await self._open(stack)
                version = await self._enter(socket, token)
            except TimeoutError:
                raise LostError(f"{self.access.url} does not answer: is Home Assistant running?") from None
            except aiohttp.ClientError as error:
                raise self._said(error) from error
            await self._run(socket, Session(socket.send_str, version))

    async def _open(self, stack: AsyncExitStack) -> "aiohttp.ClientWebSocketResponse":
        import aiohttp

        trace = aiohttp.TraceConfig()
        trace.on_request_redirect.append(self._refuse_redirect)
        closing = aiohttp.ClientWSTimeout(ws_close=_CLOSE_S)
        ssl = await asyncio.to_thread(self.access.ssl_context)
        connector = aiohttp.TCPConnector(ssl=True if ssl is None else ssl, limit=1)
        client = await stack.enter_async_context(
            aiohttp.ClientSession(connector=connector, trace_configs=[trace], cookie_jar=aiohttp.DummyCookieJar())
        )
        async with asyncio.timeout(_OPEN_S):
            socket = await client.ws_connect(self.access.websocket, max_msg_size=MOST_BYTES, timeout=closing)
        stack.push_async_callback(_close, socket)
        return socket

    async def _refuse_redirect(self, _session: object, _context: object, params: object) -> None:
        """Whoever we are sent to must not get the token."""
        target = getattr(getattr(params, "response", None), "headers", {}).get("Location", "somewhere else")
        raise NotHomeAssistantError(
            f"{self.access.url} sends us on to {str(target)[:200]}: put Home Assistant's own address in "
            "[homeassistant] url"
        )

    async def _enter(self, socket: "aiohttp.ClientWebSocketResponse", token: str) -> str:
        """Show the token; the release that took it."""
        greeting = await self._greeting(socket)
        if greeting.kind == "auth_required":
            self._version = greeting.version
            if (0, 0) < version_of(greeting.version) < OLDEST:
                raise TooOldError(
                    f"Home Assistant {greeting.version} at {self.access.url} is too old: "
                    f"{OLDEST[0]}.{OLDEST[1]} or later is needed, 2024.4 or later for everything"
                )
            await socket.send_json({"type": "auth", "access_token": token})
            greeting = await self._greeting(socket)
        if greeting.kind == "auth_invalid":
            raise TokenError(
                f"Home Assistant at {self.access.url} does not take the token ({greeting.reason or 'no reason given'}):"
                f" make a long-lived access token on your profile page there and put it in {self.access.token_place}"
            )
        if greeting.kind != "auth_ok":
            raise NotHomeAssistantError(f"{self.access.url} asked for the token twice: is it Home Assistant?")
        return greeting.version or self._version

    async def _greeting(self, socket: "aiohttp.ClientWebSocketResponse") -> Greeting:
        import aiohttp

        async with asyncio.timeout(_OPEN_S):
            frame = await socket.receive()
        stranger = NotHomeAssistantError(
            f"what answers at {self.access.websocket} is not Home Assistant: mend [homeassistant] url"
        )
        if frame.type is not aiohttp.WSMsgType.TEXT:
            if frame.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSING, aiohttp.WSMsgType.CLOSED):
                raise LostError(f"{self.access.url} closed the connection: it is starting, or bans this address")
            raise stranger
        try:
            messages = read(frame.data)
        except MessageError:
            raise stranger from None
        if len(messages) != 1 or not isinstance(messages[0], Greeting):
            raise stranger
        return messages[0]

    async def _run(self, socket: "aiohttp.ClientWebSocketResponse", session: Session) -> None:
        self._session = session
        self._state, self._trouble = LinkState.CONNECTED, None
        self._version = session.version
        self.counts.connects += 1
        log.info("homeassistant.connected", extra={"url": self.access.url, "version": session.version})
        why = "the connection ended"
        work = {
            asyncio.ensure_future(self._read(socket, session)),
            asyncio.ensure_future(session.keep_alive()),
            asyncio.ensure_future(self._live(session)),
        }
        try:
            done, _ = await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
            failed = [error for one in done if (error := one.exception()) is not None]
            why = str(failed[0]) if failed else why
            if failed:
                raise failed[0]
            raise LostError(why)
        finally:
            self._session = None
            session.end(why)
            for one in work:
                one.cancel()
            await asyncio.gather(*work, return_exceptions=True)

    async def _read(self, socket: "aiohttp.ClientWebSocketResponse", session: Session) -> None:
        import aiohttp

        while True:
            frame = await socket.receive()
            if frame.type is aiohttp.WSMsgType.TEXT:
                self.counts.received += 1
                session.receive(frame.data)
            elif frame.type is aiohttp.WSMsgType.ERROR:
                raise LostError(f"{self.access.url}: {frame.data}")
            elif frame.type is not aiohttp.WSMsgType.BINARY:
                raise LostError(f"Home Assistant at {self.access.url} ended the connection")

    # Trouble -------------------------------------------------------------------------------------------------------

    def _said(self, error: "aiohttp.ClientError") -> HomeAssistantError:
        """What went wrong while connecting, in words that say what to do."""
        import aiohttp

        url = self.access.url
        if isinstance(error, aiohttp.ClientConnectorCertificateError):
            reason = error.certificate_error
            detail = getattr(reason, "verify_message", "") or str(reason)
            return CertificateError(
                f"the certificate of {url} can't be trusted ({detail}): renew it, or name its authority in "
                "[homeassistant] ca_file"
            )
        if isinstance(error, aiohttp.ClientSSLError):
            return CertificateError(f"no TLS with {url} ({error.os_error}): is it http:// that it speaks?")
        if isinstance(error, aiohttp.InvalidURL):
            return NotHomeAssistantError(f"{url} is no address: mend [homeassistant] url")
        if isinstance(error, aiohttp.WSServerHandshakeError):
            if error.status in (401, 403):
                return TokenError(f"{url} turns us away ({error.status}): is this address in its ip_bans.yaml?")
            if error.status >= 500 or error.status == 429:
                return LostError(f"{url} answers {error.status}: it is starting, or the proxy before it lacks it")
            return NotHomeAssistantError(
                f"what answers at {self.access.websocket} is not Home Assistant ({error.status}): "
                "mend [homeassistant] url"
            )
        cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
        why = getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
        return LostError(f"{url} can't be reached ({why}): is Home Assistant running, and the address right?")

    def _settle(self, state: LinkState, error: Exception) -> None:
        """Note what went wrong; a trouble that lasts is told once."""
        trouble = str(error) or type(error).__name__
        if (state, trouble) != (self._state, self._trouble):
            level = logging.ERROR if state is LinkState.REFUSED else logging.WARNING
            log.log(level, f"homeassistant.{state.value}", extra={"url": self.access.url, "reason": trouble})
        self._state, self._trouble = state, trouble

    async def _until_mended(self, most_s: float, shown: tuple[int, int] | None) -> None:
        """Wait, though not longer than it takes somebody to put another token in the place of the one shown."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(most_s):
                while await asyncio.to_thread(self.access.fingerprint) == shown:  # noqa: ASYNC110 (a file tells nobody)
                    await asyncio.sleep(_LOOK_AGAIN_S)


async def _close(socket: "aiohttp.ClientWebSocketResponse") -> None:
    with contextlib.suppress(Exception):
        await socket.close()
