"""What a person has at hand beside their voice: buttons that call or mute the room, a light that shows its state."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from edge.settings.speech import key_code
from edge.speech.buttons import Action, gpio_button, once, talking, watch_keyboards
from edge.speech.floor import RoomState
from edge.speech.light import Show, hearing_led, muted_led, told
from edge.speech.room import Room
from edge.speech.sound import SpeechError

if TYPE_CHECKING:
    from edge.settings.speech import ButtonSettings, LightSettings

log = logging.getLogger(__name__)

Given = TypeVar("Given")


@asynccontextmanager
async def controls(room: Room, button: "ButtonSettings", light: "LightSettings") -> AsyncIterator[tuple[str, ...]]:
    """Have them work while the block lasts; gives what can't be used and why: the room works without it."""
    troubles: list[str] = []
    async with AsyncExitStack() as stack:
        muting = _Muting(room)
        stack.push_async_callback(muting.close)
        for pin, action in ((button.pin, talking(room.push, "gpio")), (button.mute_pin, once(muting.turn))):
            if pin is not None:
                await _entered(stack, gpio_button(action, pin), troubles)
        keys = dict(_keys(button, room, muting.turn))
        if keys:
            await stack.enter_async_context(_running(watch_keyboards(keys, button.keyboard)))
        shows = [show for one in _lights(light) if (show := await _entered(stack, one, troubles)) is not None]
        for show in shows:
            stack.callback(room.observe(show))
            show(room.state)
        yield tuple(troubles)


class _Muting:
    """Mutes the room, or has it hear again, one after the other."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._last: asyncio.Task[None] | None = None

    def turn(self) -> None:
        self._last = asyncio.create_task(self._turned(self._last), name="room-mute")

    async def _turned(self, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.gather(before, return_exceptions=True)
        await self._room.mute(self._room.state is not RoomState.MUTED)

    async def close(self) -> None:
        if self._last is not None:
            await asyncio.gather(self._last, return_exceptions=True)


def _keys(button: "ButtonSettings", room: Room, mute: Callable[[], None]) -> Iterator[tuple[int, Action]]:
    if button.key is not None:
        yield key_code(button.key), talking(room.push, "key")
    if button.mute_key is not None:
        yield key_code(button.mute_key), once(mute)


def _lights(light: "LightSettings") -> Iterator[AbstractAsyncContextManager[Show]]:
    if light.pin is not None:
        yield hearing_led(light.pin)
    if light.muted_pin is not None:
        yield muted_led(light.muted_pin)
    if light.command:
        yield told(light.command)


async def _entered(stack: AsyncExitStack, one: AbstractAsyncContextManager[Given], troubles: list[str]) -> Given | None:
    try:
        return await stack.enter_async_context(one)
    except SpeechError as error:
        log.error("controls.unusable", extra={"reason": str(error)})  # noqa: TRY400 (the message says it all)
        troubles.append(str(error))
        return None


@asynccontextmanager
async def _running(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work, name="room-keys")
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
