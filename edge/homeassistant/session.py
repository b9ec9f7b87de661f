"""One session with Home Assistant after it let us in: commands, their answers, subscriptions, pings."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final

from edge.homeassistant.errors import LostError, RefusedError
from edge.homeassistant.wire import Event, Message, MessageError, Pong, Result, read
from edge.log import RateLimited

log = logging.getLogger(__name__)

_ANSWER_S: Final = 30.0
_QUIET_S: Final = 20.0
"""After so long without a word from the other side it is asked whether it is there."""
_PONG_S: Final = 10.0
_MOST_WAITING: Final = 1_000

Handler = Callable[[Any], None]


class Session:
    """Numbers commands and hands out what comes back. `send` writes one text frame and raises OSError."""

    def __init__(self, send: Callable[[str], Awaitable[None]], version: str) -> None:
        self._send = send
        self.version = version
        self._next = 0
        self._waiting: dict[int, tuple[str, asyncio.Future[Any]]] = {}
        self._handlers: dict[int, Handler] = {}
        self._heard = 0
        self._limited = RateLimited(log)
        self._over = False

    async def call(self, command: str, *, timeout_s: float = _ANSWER_S, **data: Any) -> Any:
        """The result of a command. Raises `RefusedError`, and `LostError` where no answer comes."""
        return await self._ask(self._number(), command, data, timeout_s)

    async def subscribe(self, command: str, handler: Handler, **data: Any) -> int:
        """Have `handler` called with every event of a subscription; its number. Raises as `call` does."""
        number = self._number()
        self._handlers[number] = handler
        try:
            await self._ask(number, command, data, _ANSWER_S)
        except BaseException:
            self._handlers.pop(number, None)
            raise
        return number

    async def unsubscribe(self, number: int) -> None:
        """End a subscription; nothing happens where there is none."""
        if self._handlers.pop(number, None) is not None:
            await self.call("unsubscribe_events", subscription=number)

    async def keep_alive(self) -> None:
        """Ask for a word whenever it is quiet; raises `LostError` where none comes."""
        while True:
            heard = self._heard
            await asyncio.sleep(_QUIET_S)
            if heard != self._heard:
                continue
            await self.call("ping", timeout_s=_PONG_S)

    def receive(self, text: str) -> None:
        """One frame from the other side."""
        self._heard += 1
        try:
            messages = read(text)
        except MessageError as error:
            self._limited.warning("homeassistant.message_not_understood", "websocket", {"reason": str(error)[:200]})
            return
        for message in messages:
            self._take(message)

    def end(self, why: str) -> None:
        """The connection is gone: whoever waits is told."""
        self._over = True
        self._handlers.clear()
        waiting, self._waiting = self._waiting, {}
        for _, answer in waiting.values():
            if not answer.done():
                answer.set_exception(LostError(why))

    def _take(self, message: Message) -> None:
        match message:
            case Result() | Pong():
                command, answer = self._waiting.get(message.number, ("", None))
                if answer is None or answer.done():
                    return
                if isinstance(message, Result) and message.code is not None:
                    answer.set_exception(RefusedError(command, message.code, message.reason))
                else:
                    answer.set_result(message.value if isinstance(message, Result) else None)
            case Event():
                handler = self._handlers.get(message.number)
                if handler is not None:
                    self._handle(handler, message.content)

    def _handle(self, handler: Handler, content: Any) -> None:
        try:
            handler(content)
        except Exception as error:  # noqa: BLE001 # whatever an event brings up must not end the session
            told = {"reason": f"{type(error).__name__}: {error}"[:200]}
            self._limited.warning("homeassistant.event_not_understood", "websocket", told)

    def _number(self) -> int:
        self._next += 1
        return self._next

    async def _ask(self, number: int, command: str, data: dict[str, Any], timeout_s: float) -> Any:
        if self._over:
            raise LostError("there is no connection to Home Assistant")
        if len(self._waiting) >= _MOST_WAITING:
            raise LostError(f"{_MOST_WAITING} commands wait for Home Assistant already")
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[number] = (command, answer)
        try:
            async with asyncio.timeout(timeout_s):
                await self._write(json.dumps({"id": number, "type": command, **data}))
                return await answer
        except TimeoutError:
            raise LostError(f"Home Assistant does not answer {command} within {timeout_s:g} s") from None
        finally:
            self._waiting.pop(number, None)

    async def _write(self, text: str) -> None:
        try:
            await self._send(text)
        except (OSError, RuntimeError) as error:
            raise LostError(f"the connection to Home Assistant is gone: {error}") from error
