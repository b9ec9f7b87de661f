"""Other names, parts and multiples, and what moves the thing that a sensor tells of, in passing."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from edge.assistant.remembering.remembered import Remembered
from edge.devices.model import Device, DeviceState
from tests.assistant.following.conftest import Talk

ON = "turn_on"


@pytest.fixture
async def naming(talk: Talk, tmp_path: Path) -> AsyncIterator[Talk]:
    scene = talk.scene
    async with Remembered(tmp_path / "memory.sqlite", scene.registry, scene.clock, lambda: False) as remembered:
        scene.assistant.remember_through(remembered)
        yield talk


@pytest.mark.parametrize(
    "text",
    ["call it Jupiter", "let's call that one Jupiter", "rename it to Jupiter", "it's called Jupiter from now on"],
)
async def test_what_was_moved_gets_another_name(naming: Talk, text: str) -> None:
    await naming.say("turn on the sink light")
    await naming.say(text)
    assert await naming.say("turn Jupiter off") == [("light.sink", "turn_off", {})]
    await naming.say("turn on the table light")
    await naming.say("no, call this one Saturn")
    assert "Saturn" in naming.reply


async def test_a_room_is_named_from_within(naming: Talk) -> None:
    await naming.say("turn on the sink light")
    await naming.say("call this room the galley")
    assert naming.reply == "All right: the kitchen is also called galley."


async def test_a_timer_spoken_of_last_is_what_gets_the_name(naming: Talk) -> None:
    await naming.say("turn on the sink light")
    await naming.say("set a timer for ten minutes")
    await naming.say("call it rice")
    assert [name for _, name, _ in naming.waiting] == ["rice"]
    await naming.say("is the table light on")
    await naming.say("call it Mars")
    assert [name for _, name, _ in naming.waiting] == ["rice"]


@pytest.mark.parametrize("text", ["call it off", "call it a day", "call it back"])
async def test_what_is_called_off_gets_no_name(naming: Talk, text: str) -> None:
    await naming.say("turn on the sink light")
    await naming.say(text)
    assert "also called" not in naming.reply


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("half of that", 30),
        ("halve it", 30),
        ("half as bright", 30),
        ("make it half as bright please", 30),
        ("cut that in half", 30),
        ("a third of that", 20),
        ("half as much again", 90),
        ("double it", 100),
        ("twice as bright", 100),
    ],
)
async def test_a_part_or_a_multiple_is_of_the_level_that_was_set(talk: Talk, text: str, level: int) -> None:
    await talk.say("set the table light to sixty percent")
    assert await talk.say(text) == [("light.table", ON, {"brightness_pct": level})]


async def test_without_an_order_it_is_of_what_is_reported(talk: Talk) -> None:
    await talk.say("is the hall light on")
    assert await talk.say("half of that") == [("light.hall", ON, {"brightness_pct": 25})]


async def test_degrees_have_no_half(talk: Talk) -> None:
    await talk.say("set the office thermostat to 20 degrees")
    assert await talk.say("double that") == []


async def test_a_timer_is_doubled_and_halved(talk: Talk) -> None:
    await talk.say("set a timer for ten minutes")
    await talk.say("double it")
    assert talk.waiting == [("timer", "", 1195)]
    await talk.say("half the time")
    assert talk.waiting == [("timer", "", 590)]


async def test_what_a_sensor_told_of_is_closed_by_what_moves_it(talk: Talk) -> None:
    registry = talk.scene.registry
    registry.put_device(Device("cover.win_c", "Window Opener", "bedroom", device_class="window"))
    registry.set_state("cover.win_c", DeviceState("open", {"current_position": 100}))
    await talk.say("is the bedroom window open")
    assert await talk.say("close it") == [("cover.win_c", "close_cover", {})]


async def test_the_plug_that_measures_is_switched(talk: Talk) -> None:
    registry = talk.scene.registry
    registry.put_device(Device("sensor.kettle_power", "Kettle Power", "kitchen", (), "power", "W", group="Kettle Plug"))
    registry.put_device(Device("switch.kettle", "Kettle", "kitchen", group="Kettle Plug"))
    registry.set_state("sensor.kettle_power", DeviceState("2100"))
    registry.set_state("switch.kettle", DeviceState("on"))
    await talk.say("what is the kettle power")
    assert await talk.say("switch it off") == [("switch.kettle", "turn_off", {})]


async def test_what_nothing_moves_is_said_to_be_so(talk: Talk) -> None:
    await talk.say("is the bedroom window open")
    assert await talk.say("close it") == []
    assert talk.reply == "I can tell how the bedroom window is, but not close anything there. Which one do you mean?"
    assert await talk.say("the bedroom blinds") == [("cover.blinds", "close_cover", {})]


async def test_another_order_is_no_answer_to_which_one(talk: Talk) -> None:
    await talk.say("is the bedroom window open")
    await talk.say("close it")
    sent = await talk.say("open the blinds")
    assert all(service != "close_cover" for _, service, _ in sent)
