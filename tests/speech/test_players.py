"""Players of the room make way and come back, whatever happens meanwhile."""

import asyncio
import json
from pathlib import Path

import pytest

from edge.devices import Area, Device, DeviceState, Outcome, Registry, ServiceCall
from edge.router.model import Call, Decision, Routing
from edge.speech.players import Players
from tests.assistant.fakes import FakeActuator

RADIO, TV = "media_player.radio", "media_player.tv"


class House:
    """A radio that plays in the kitchen, and a television in the lounge."""

    def __init__(self, directory: Path) -> None:
        self.file = directory / "ducked.json"
        self.registry = Registry()
        for area in ("kitchen", "lounge"):
            self.registry.put_area(Area(area, area.title()))
        for device, area in ((RADIO, "kitchen"), (TV, "lounge")):
            self.registry.put_device(Device(device, device, area))
            self.set(device, 0.5)
        self.actuator = Obedient(self.registry)

    def set(self, device: str, level: float, state: str = "playing", **more: object) -> None:
        self.registry.set_state(device, DeviceState(state, {"volume_level": level, **more}))

    def level(self, device: str = RADIO) -> object:
        return self.registry.state(device).attributes["volume_level"]

    def players(self) -> Players:
        return Players(self.registry, self.actuator, self.file, share=0.3)


class Obedient(FakeActuator):
    """Does as it is told, as far as it goes in steps."""

    step = 0.01

    async def perform(self, call: ServiceCall) -> Outcome:
        self.calls.append(call)
        if call.device in self.outcomes:
            return self.outcomes[call.device]
        now = self.registry.state(call.device)
        level = round(float(call.data["volume_level"]) / self.step) * self.step
        self.registry.set_state(call.device, DeviceState(now.state, {**now.attributes, "volume_level": level}))
        return Outcome.DONE


@pytest.fixture
def home(tmp_path: Path) -> House:
    return House(tmp_path)


async def test_what_plays_in_the_room_is_quieter_and_then_as_before(home: House) -> None:
    async with home.players() as players:
        kitchen = players.of("kitchen")
        await kitchen.duck()
        assert (home.level(), home.level(TV)) == (0.15, 0.5)
        assert json.loads(home.file.read_text()) == {RADIO: [0.5, 0.15]}
        await kitchen.restore()
        assert home.level() == 0.5
        assert not home.file.exists()


@pytest.mark.parametrize(
    ("level", "state", "more"), [(0.5, "paused", {}), (0.0, "playing", {}), (0.5, "playing", {"is_volume_muted": True})]
)
async def test_what_is_silent_is_left(home: House, level: float, state: str, more: dict[str, object]) -> None:
    home.set(RADIO, level, state, **more)
    async with home.players() as players:
        await players.of("kitchen").duck()
        await players.of("kitchen").restore()
    assert home.actuator.calls == []


async def test_what_somebody_sets_meanwhile_stays(home: House) -> None:
    async with home.players() as players:
        kitchen = players.of("kitchen")
        await kitchen.duck()
        home.set(RADIO, 0.4)
        await kitchen.restore()
        assert home.level() == 0.4
        assert not home.file.exists()


async def test_a_player_with_few_steps_comes_back_too(home: House) -> None:
    home.actuator.step = 0.1
    async with home.players() as players:
        kitchen = players.of("kitchen")
        await kitchen.duck()
        assert home.level() == 0.1
        await kitchen.restore()
        assert home.level() == 0.5


async def test_while_another_room_of_the_area_speaks_it_stays_quiet(home: House) -> None:
    async with home.players() as players:
        first, second = players.of("kitchen"), players.of("kitchen")
        await first.duck()
        await second.duck()
        await first.restore()
        assert home.level() == 0.15
        await second.restore()
        assert home.level() == 0.5


async def test_an_order_for_it_finds_it_as_it_was(home: House) -> None:
    async with home.players() as players:
        kitchen = players.of("kitchen")
        await kitchen.duck()
        await players.let_go(Routing("louder", Decision.ACT, (Call("media_player.volume_up", {}, (RADIO,)),)))
        assert home.level() == 0.5
        home.set(RADIO, 0.6)
        await kitchen.restore()
        assert home.level() == 0.6


async def test_after_a_restart_it_is_put_right_once_it_is_there(home: House) -> None:
    async with home.players() as players:
        await players.of("kitchen").duck()
    before = home.registry.devices[RADIO]
    home.registry.remove_device(RADIO)
    async with home.players():
        home.registry.put_device(before)
        home.set(RADIO, 0.15)
        await settled(home)
        assert home.level() == 0.5
        assert not home.file.exists()


async def test_after_a_restart_what_somebody_has_set_stays(home: House) -> None:
    async with home.players() as players:
        await players.of("kitchen").duck()
    home.set(RADIO, 0.8)
    async with home.players():
        await settled(home)
        assert home.level() == 0.8


async def test_a_new_ducking_before_it_was_put_right_forgets_nothing(home: House) -> None:
    home.file.write_text(json.dumps({RADIO: [0.5, 0.15]}))
    home.registry.set_state(RADIO, DeviceState("playing", {"volume_level": 0.15}, available=False))
    async with home.players() as players:
        home.actuator.outcomes[RADIO] = Outcome.UNAVAILABLE
        await players.of("kitchen").duck()
        del home.actuator.outcomes[RADIO]
        home.set(RADIO, 0.15)
        await players.of("kitchen").duck()
        await settled(home)
    assert json.loads(home.file.read_text() if home.file.exists() else "{}").get(RADIO, [home.level()])[0] == 0.5


async def test_what_is_gone_when_it_should_come_back_comes_back_later(home: House) -> None:
    async with home.players() as players:
        kitchen = players.of("kitchen")
        await kitchen.duck()
        home.registry.set_state(RADIO, DeviceState("playing", {"volume_level": 0.15}, available=False))
        await kitchen.restore()
        assert json.loads(home.file.read_text()) == {RADIO: [0.5, 0.15]}
        home.set(RADIO, 0.15)
        await settled(home)
        assert home.level() == 0.5


@pytest.mark.parametrize("kept", ["", "[1]", '{"a": 1}', '{"a": ["x", 1]}', "\x00"])
async def test_a_file_that_is_broken_stops_nothing(home: House, kept: str) -> None:
    home.file.write_text(kept)
    async with home.players() as players:
        await players.of("kitchen").duck()
        assert home.level() == 0.15


async def settled(home: House) -> None:
    """What was begun is done: the file is gone, or nothing is done for a while."""
    for _ in range(200):
        await asyncio.sleep(0.001)
        if not home.file.exists():
            return
