"""Buttons call and mute the room, lights show what it does, and what can't be used is named and stops nothing."""

import asyncio
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from gpiozero import Device
from gpiozero.pins.mock import MockFactory

from edge.settings.speech import ButtonSettings, LightSettings
from edge.speech.controls import controls
from edge.speech.floor import RoomState
from edge.speech.light import told
from tests.speech.rooms import entered

TELL = "import sys; open(sys.argv[1], 'a').write(sys.argv[2] + ' ')"


@pytest.fixture(autouse=True)
def pins() -> Iterator[MockFactory]:
    Device.pin_factory = MockFactory()
    yield Device.pin_factory
    Device.pin_factory.reset()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 (what is looked at tells nobody)
            await asyncio.sleep(0.01)


async def test_a_button_calls_the_room_and_the_light_shines_while_it_listens(pins: MockFactory, tmp_path: Path) -> None:
    async with (
        entered(tmp_path) as home,
        controls(home.room, ButtonSettings(pin=17), LightSettings(pin=27, muted_pin=22)) as troubles,
    ):
        assert troubles == ()
        assert not pins.pin(27).state
        pins.pin(17).drive_low()
        await home.until("listening")
        assert pins.pin(27).state
        pins.pin(17).drive_high()
        home.told.sentences.append("turn on the light")
        home.microphone.talk()
        await home.until("thinking")
        assert not pins.pin(27).state


async def test_a_button_mutes_and_the_light_says_so(pins: MockFactory, tmp_path: Path) -> None:
    async with (
        entered(tmp_path) as home,
        controls(home.room, ButtonSettings(mute_pin=5), LightSettings(muted_pin=22)),
    ):
        pins.pin(5).drive_low()
        await home.until("muted")
        await until(lambda: not home.microphone.is_open)
        assert pins.pin(22).state
        await until((tmp_path / "muted").exists)
        await home.room.mute(False)
        await home.until("idle")
        await until(lambda: home.microphone.is_open)
        assert not pins.pin(22).state


async def test_what_can_not_be_used_is_named_and_the_rest_works(pins: MockFactory, tmp_path: Path) -> None:
    async with (
        entered(tmp_path) as home,
        controls(home.room, ButtonSettings(pin=17, mute_pin=17), LightSettings(pin=99)) as troubles,
    ):
        assert [trouble[:26] for trouble in troubles] == ["the button at GPIO 17 can'", "the LED at GPIO 99 can't b"]
        pins.pin(17).drive_low()
        await home.until("listening")


async def test_a_program_is_told_each_state_and_the_end(tmp_path: Path) -> None:
    file = tmp_path / "states"
    async with told([sys.executable, "-c", TELL, str(file)]) as show:
        for state in (RoomState.IDLE, RoomState.LISTENING):
            show(state)
            await until(lambda state=state: file.exists() and file.read_text().endswith(f"{state} "))  # type: ignore[misc]
    assert file.read_text() == "idle listening off "


async def test_a_program_that_hangs_or_is_not_there_holds_nothing_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("edge.speech.light._LONGEST_S", 0.05)
    async with told([sys.executable, "-c", "import time; time.sleep(60)"]) as show:
        show(RoomState.LISTENING)
        await until(lambda: "light.failed" in caplog.messages)
    async with told([str(tmp_path / "nothing")]) as show:
        show(RoomState.LISTENING)
    assert "No such file" in caplog.records[-1].reason  # type: ignore[attr-defined]


@pytest.mark.parametrize("wrong", [{"key": "banana"}, {"pin": -1}, {"mute_key": "0"}])
def test_settings_say_what_was_expected(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"expected|greater than"):
        ButtonSettings.model_validate(wrong)
