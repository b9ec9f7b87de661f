"""A light that shows what the room does: LEDs at pins, or a program that is told."""

import asyncio
import contextlib
import logging
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from edge.child import environment, signalled
from edge.speech.buttons import pins
from edge.speech.floor import RoomState
from edge.speech.sound import SpeechError

log = logging.getLogger(__name__)

OFF: Final = "off"
"""What a program is told when nothing listens any more."""
_HEARING: Final = frozenset({RoomState.LISTENING, RoomState.FOLLOWING_UP})
_LONGEST_S: Final = 5.0

Show = Callable[[RoomState], None]
"""Shows a state; returns at once."""


@asynccontextmanager
async def led(pin: int, states: frozenset[RoomState]) -> AsyncIterator[Show]:
    """An LED between `pin` (as Broadcom counts) and ground that shines in these states; raises `SpeechError`."""
    lamp = await asyncio.to_thread(_led, pin)
    try:
        yield lambda state: (lamp.on if state in states else lamp.off)()
    finally:
        await asyncio.to_thread(lamp.close)


def _led(pin: int) -> Any:
    library = pins()
    try:
        return library.LED(pin)
    except (library.GPIOZeroError, OSError, ValueError) as error:
        raise SpeechError(f"the LED at GPIO {pin} can't be used: {error}") from error


def hearing_led(pin: int) -> contextlib.AbstractAsyncContextManager[Show]:
    """Shines while somebody is listened to."""
    return led(pin, _HEARING)


def muted_led(pin: int) -> contextlib.AbstractAsyncContextManager[Show]:
    """Shines while the microphone is closed."""
    return led(pin, frozenset({RoomState.MUTED}))


@asynccontextmanager
async def told(command: Sequence[str]) -> AsyncIterator[Show]:
    """Runs a program with each state as its last argument, one at a time; of states that wait, the newest counts.

    It gets 5 s, and none of the service's environment; it is told `off` at the end.
    """
    news, newest = asyncio.Event(), ""

    async def tell() -> None:
        said = ""
        while True:
            await news.wait()
            news.clear()
            if newest != said:
                said = newest
                await _run([*command, said])

    def show(state: RoomState) -> None:
        nonlocal newest
        newest = state.value
        news.set()

    telling = asyncio.create_task(tell(), name="light")
    try:
        yield show
    finally:
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)
        await _run([*command, OFF])


async def _run(command: Sequence[str]) -> None:
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE, env=environment(), start_new_session=True
        )
    except (OSError, ValueError) as error:
        log.warning("light.failed", extra={"command": command[0], "reason": str(error)})
        return
    try:
        async with asyncio.timeout(_LONGEST_S):
            _, errors = await process.communicate()
    except TimeoutError:
        log.warning("light.failed", extra={"command": command[0], "reason": f"it takes longer than {_LONGEST_S:g} s"})
        return
    finally:
        if process.returncode is None:
            signalled(process)
            await process.communicate()  # to the end of its pipe, without which the loop keeps it
    if process.returncode:
        reason = errors[-200:].decode("utf-8", "replace").strip() or f"it ended with {process.returncode}"
        log.warning("light.failed", extra={"command": command[0], "reason": reason})
