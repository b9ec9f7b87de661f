"""Things to press: a key of any keyboard or remote control plugged in, and a button at a GPIO pin."""

import asyncio
import contextlib
import errno
import logging
import os
import struct
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from edge.gpio import gpiozero
from edge.speech.push import PushToTalk
from edge.speech.sound import SpeechError

log = logging.getLogger(__name__)

_EVENT: Final = struct.Struct("@llHHi")
"""struct input_event of linux/input.h: seconds, microseconds, type, code, value."""
_KEY_EVENT: Final = 1
_AGAIN_S: Final = 2.0
_PLUGGED: Final = ("by-id", "by-path")
_INPUT: Final = Path("/dev/input")


@dataclass(frozen=True, slots=True)
class Action:
    """What pressing something does, and letting go of it; keys that repeat press again and again."""

    press: Callable[[], None]
    release: Callable[[], None] = lambda: None


def talking(push: PushToTalk, source: str) -> Action:
    """Push-to-talk; `source` is what is pressed: `key`, `gpio`."""
    return Action(lambda: push.press(source), lambda: push.release(source))


def once(act: Callable[[], None]) -> Action:
    """Do it when it is pressed, and not while it is held."""
    held = False

    def press() -> None:
        nonlocal held
        if not held:
            act()
        held = True

    def release() -> None:
        nonlocal held
        held = False

    return Action(press, release)


async def watch_keyboards(actions: Mapping[int, Action], device: Path | None, directory: Path = _INPUT) -> None:
    """Watch these keys, by their codes, on an input device, or on every keyboard there is now or later; until
    cancelled.
    """
    if device is not None:
        await watch_keys(actions, device)
    async with asyncio.TaskGroup() as watching:
        seen: set[Path] = set()
        while True:
            for keyboard in await asyncio.to_thread(_keyboards, directory):
                if keyboard not in seen:
                    seen.add(keyboard)
                    watching.create_task(watch_keys(actions, keyboard))
            await asyncio.sleep(_AGAIN_S)


def _keyboards(directory: Path) -> list[Path]:
    """One link for each: what it is called stays when it is pulled out and put back."""
    links: dict[Path, Path] = {}
    for by in _PLUGGED:
        for link in sorted((directory / by).glob("*-event-kbd")):
            links.setdefault(link.resolve(), link)
    return list(links.values())


async def watch_keys(actions: Mapping[int, Action], device: Path) -> None:
    """Watch these keys on an input device such as `/dev/input/by-id/…-event-kbd`; runs until cancelled.

    A device that is unplugged is waited for.
    """
    known = ""
    while True:
        try:
            async with _opened(device) as events:
                known = ""
                log.info("push.ready", extra={"device": str(device)})
                async for happened, value in events:
                    action = actions.get(happened)
                    if action is not None:
                        (action.press if value else action.release)()
        except OSError as error:
            if known != str(error):
                known = str(error)
                log.warning("push.missing", extra={"device": str(device), "reason": known, "remedy": _remedy(error)})
        for action in actions.values():
            action.release()
        await asyncio.sleep(_AGAIN_S)


def _remedy(error: OSError) -> str:
    if error.errno in (errno.EACCES, errno.EPERM):
        return "add the service's user to the group input"
    return "plug it in, or name another in speech.button.keyboard"


@asynccontextmanager
async def gpio_button(action: Action, pin: int) -> AsyncIterator[None]:
    """Watch the button between `pin` (as Broadcom counts) and ground; raises `SpeechError`."""
    loop = asyncio.get_running_loop()
    button = await asyncio.to_thread(_button, pin)

    def threadsafe(act: Callable[[], None]) -> Callable[[], None]:
        def act_in_loop() -> None:
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(act)

        return act_in_loop

    button.when_pressed = threadsafe(action.press)
    button.when_released = threadsafe(action.release)
    try:
        yield
    finally:
        action.release()
        await asyncio.to_thread(button.close)


def _button(pin: int) -> Any:
    library = pins()
    try:
        return library.Button(pin, bounce_time=0.02)
    except (library.GPIOZeroError, OSError, ValueError) as error:
        raise SpeechError(f"the button at GPIO {pin} can't be used: {error}") from error


def pins() -> Any:
    """The library for pins; raises `SpeechError` where it is not installed."""
    try:
        return gpiozero()
    except ImportError as error:
        raise SpeechError(f"GPIO pins need a package: pip install 'edge-assistant[gpio]' ({error})") from error


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
