"""Things to press: a key of any keyboard or remote control plugged in, and a button at a GPIO pin."""

import asyncio
import contextlib
import errno
import importlib
import logging
import os
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from edge.speech.push import PushToTalk
from edge.speech.sound import SpeechError

log = logging.getLogger(__name__)

_EVENT: Final = struct.Struct("@llHHi")
"""struct input_event of linux/input.h: seconds, microseconds, type, code, value."""
_KEY_EVENT: Final = 1
_AGAIN_S: Final = 2.0
KEYS: Final = {
    "space": 57,
    "enter": 28,
    "f1": 59,
    "f12": 88,
    "playpause": 164,
    "mute": 113,
    "micmute": 248,
    "voicecommand": 582,
    "search": 217,
    "assistant": 583,
}
"""Names of keys and their codes in linux/input-event-codes.h; any other is given as its code."""


def key_code(name: str) -> int:
    """The code of a key by its name or number; raises `SpeechError`."""
    code = KEYS.get(name.casefold(), int(name) if name.isdecimal() else 0)
    if not 0 < code < 0x300:
        raise SpeechError(f"there is no key called {name!r}: use its code, or one of {', '.join(KEYS)}")
    return code


async def watch_key(push: PushToTalk, device: Path, key: str, area: str | None = None) -> None:
    """Press while `key` is down on an input device such as `/dev/input/by-id/…-event-kbd`; runs until cancelled.

    A device that is unplugged is waited for. Raises `SpeechError` for an unknown key.
    """
    code = key_code(key)
    known = ""
    while True:
        try:
            async with _opened(device) as events:
                known = ""
                log.info("push.ready", extra={"device": str(device), "key": key})
                async for happened, value in events:
                    if happened == code:
                        push.press("key", area) if value else push.release("key")
        except OSError as error:
            if known != str(error):
                known = str(error)
                log.warning("push.missing", extra={"device": str(device), "reason": known})
        push.release("key")
        await asyncio.sleep(_AGAIN_S)


@asynccontextmanager
async def gpio_button(push: PushToTalk, pin: int, area: str | None = None) -> AsyncIterator[None]:
    """Press while the button between `pin` (as Broadcom counts) and ground is down; raises `SpeechError`."""
    loop = asyncio.get_running_loop()
    button = await asyncio.to_thread(_button, pin)

    def threadsafe(act: Callable[[], None]) -> Callable[[], None]:
        def act_in_loop() -> None:
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(act)

        return act_in_loop

    button.when_pressed = threadsafe(lambda: push.press("gpio", area))
    button.when_released = threadsafe(lambda: push.release("gpio"))
    try:
        yield
    finally:
        push.release("gpio")
        await asyncio.to_thread(button.close)


def _button(pin: int) -> Any:
    try:
        library = importlib.import_module("gpiozero")
    except ImportError as error:
        raise SpeechError(f"a button at a pin needs a package: pip install 'edge-assistant[gpio]' ({error})") from error
    try:
        return library.Button(pin, bounce_time=0.02)
    except (library.GPIOZeroError, OSError, ValueError) as error:
        raise SpeechError(f"the button at GPIO {pin} can't be used: {error}") from error


@asynccontextmanager
async def _opened(device: Path) -> AsyncIterator[AsyncIterator[tuple[int, int]]]:
    """Codes and values of key events; raises OSError now or later, when the device goes."""
    descriptor = await asyncio.to_thread(os.open, device, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    loop = asyncio.get_running_loop()
    readable = asyncio.Event()
    loop.add_reader(descriptor, readable.set)

    async def events() -> AsyncIterator[tuple[int, int]]:
        while True:
            await readable.wait()
            readable.clear()
            for happened, value in _read(descriptor):
                yield happened, value

    try:
        yield events()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


def _read(descriptor: int) -> list[tuple[int, int]]:
    try:
        data = os.read(descriptor, 64 * _EVENT.size)
    except BlockingIOError:
        return []
    if not data:
        raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
    whole = len(data) // _EVENT.size * _EVENT.size
    return [(code, value) for _, _, kind, code, value in _EVENT.iter_unpack(data[:whole]) if kind == _KEY_EVENT]
