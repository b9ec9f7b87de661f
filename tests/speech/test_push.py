"""Push-to-talk: pressing, holding and tapping, by keys and buttons."""

import asyncio
import contextlib
import os
import struct
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from edge.settings.speech import key_code
from edge.speech.buttons import Action, gpio_button, once, talking, watch_keyboards, watch_keys
from edge.speech.push import Press, PushToTalk
from edge.speech.sound import SpeechError

SPACE = 57


class Clock:
    """Time as a test sets it."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def event(kind: int, code: int, value: int) -> bytes:
    """As the kernel writes it."""
    return struct.pack("@llHHi", 0, 0, kind, code, value)


async def soon(condition: asyncio.Future[Press] | asyncio.Task[Press]) -> Press:
    """It, in reasonable time."""
    return await asyncio.wait_for(condition, 20)


async def test_a_tap_begins_and_leaves_the_end_to_the_sentence() -> None:
    push = PushToTalk(Clock())
    push.tap("mqtt", "kitchen")
    assert await push.pressed() == Press("mqtt", "kitchen")
    assert not push.held
    assert not push.ended


async def test_what_is_held_ends_the_sentence_when_it_is_released() -> None:
    clock = Clock()
    push = PushToTalk(clock)
    push.press("gpio")
    await push.pressed()
    assert push.held
    clock.now = 3.0
    assert not push.ended
    push.release("gpio")
    assert push.ended
    push.press("gpio")
    await push.pressed()
    assert not push.ended


async def test_a_key_that_repeats_presses_once() -> None:
    push = PushToTalk(Clock())
    for _ in range(5):
        push.press("key")
    await push.pressed()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(push.pressed(), 0.05)


def test_releasing_what_was_not_pressed_is_nothing() -> None:
    push = PushToTalk(Clock())
    push.release("key")
    assert not push.ended


def test_keys_have_names_and_codes() -> None:
    assert key_code("Space") == SPACE
    assert key_code("200") == 200
    for name in ("banana", "0", "99999"):
        with pytest.raises(ValueError, match="expected a key's code"):
            key_code(name)


@pytest.fixture
async def keyboard(tmp_path: Path) -> AsyncIterator[int]:
    """A pipe in the place of an input device: what is written is what a kernel would give."""
    os.mkfifo(tmp_path / "event0")
    descriptor = os.open(tmp_path / "event0", os.O_RDWR | os.O_NONBLOCK)
    yield descriptor
    with contextlib.suppress(OSError):
        os.close(descriptor)


async def test_a_key_is_pressed_and_released(keyboard: int, tmp_path: Path) -> None:
    push = PushToTalk()
    watching = asyncio.create_task(watch_keys({SPACE: talking(push, "key")}, tmp_path / "event0"))
    os.write(keyboard, event(4, 4, 7) + event(1, 30, 1) + event(1, SPACE, 1) + event(0, 0, 0))
    assert await soon(asyncio.create_task(push.pressed())) == Press("key")
    os.write(keyboard, event(1, SPACE, 2) + event(1, SPACE, 0) + event(1, SPACE, 1))
    assert await soon(asyncio.create_task(push.pressed())) == Press("key")
    watching.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await watching


async def test_a_keyboard_that_is_unplugged_lets_go_and_is_waited_for(
    keyboard: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.speech.buttons._AGAIN_S", 0.01)
    push = PushToTalk()
    watching = asyncio.create_task(watch_keys({SPACE: talking(push, "key")}, tmp_path / "event0"))
    os.write(keyboard, event(1, SPACE, 1))
    await soon(asyncio.create_task(push.pressed()))
    os.close(keyboard)
    (tmp_path / "event0").unlink()
    while push.held:  # noqa: ASYNC110 - what lets go tells nobody
        await asyncio.sleep(0)
    os.mkfifo(tmp_path / "event0")
    again = os.open(tmp_path / "event0", os.O_RDWR | os.O_NONBLOCK)
    os.write(again, event(1, SPACE, 1))
    assert await soon(asyncio.create_task(push.pressed())) == Press("key")
    watching.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await watching
    os.close(again)


async def test_every_keyboard_is_watched_also_one_that_is_plugged_in_later(
    keyboard: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.speech.buttons._AGAIN_S", 0.01)
    push = PushToTalk()
    by_id, by_path = tmp_path / "by-id", tmp_path / "by-path"
    by_id.mkdir()
    by_path.mkdir()
    for link in (by_id / "usb-Remote-event-kbd", by_path / "usb-0:1-event-kbd"):
        link.symlink_to(tmp_path / "event0")
    (by_id / "usb-Mouse-event-mouse").symlink_to(tmp_path / "nothing")
    watching = asyncio.create_task(watch_keyboards({SPACE: talking(push, "key")}, None, tmp_path))
    os.write(keyboard, event(1, SPACE, 1) + event(1, SPACE, 0))
    await soon(asyncio.create_task(push.pressed()))
    os.mkfifo(tmp_path / "event1")
    later = os.open(tmp_path / "event1", os.O_RDWR | os.O_NONBLOCK)
    (by_id / "usb-Later-event-kbd").symlink_to(tmp_path / "event1")
    os.write(later, event(1, SPACE, 1))
    await soon(asyncio.create_task(push.pressed()))
    watching.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await watching
    os.close(later)


def test_what_is_done_once_is_not_done_again_while_it_is_held() -> None:
    done: list[int] = []
    action = once(lambda: done.append(1))
    for _ in range(3):
        action.press()
    action.release()
    action.press()
    assert len(done) == 2


async def test_a_button_at_a_pin_is_pressed_and_released() -> None:
    from gpiozero import Device
    from gpiozero.pins.mock import MockFactory

    Device.pin_factory = MockFactory()
    push = PushToTalk()
    async with gpio_button(talking(push, "gpio"), 17):
        Device.pin_factory.pin(17).drive_low()
        assert await soon(asyncio.create_task(push.pressed())) == Press("gpio")
        assert push.held
    assert not push.held
    Device.pin_factory.reset()


async def test_a_pin_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from gpiozero import Device
    from gpiozero.pins.mock import MockFactory

    Device.pin_factory = MockFactory()
    with pytest.raises(SpeechError, match="the button at GPIO 99 can't be used"):
        async with gpio_button(Action(lambda: None), 99):
            pass
