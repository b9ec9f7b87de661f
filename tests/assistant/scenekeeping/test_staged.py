"""Scenes and routines in words: made by example or out of orders, played, undone, kept apart from what is critical."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from edge.assistant.model import Source
from edge.assistant.scenekeeping.staged import Staged
from edge.devices.model import Area, Device, DeviceState, Outcome, ServiceCall
from edge.router.model import Call, Decision, Routing
from edge.router.phrases import Where, load_phrases
from tests.assistant.conftest import Scene, assemble

PHRASES = load_phrases()


class Phrased:
    """Sentences by their templates, what was scripted, and talk."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.scripted: dict[str, tuple[Call, ...]] = {}

    def __call__(self, text: str, area: str | None) -> Routing:
        found = PHRASES.recognise(text, Where(self.scene.registry, area, self.scene.clock.now()))
        if found is not None:
            return found
        calls = self.scripted.get(text)
        return Routing(text, Decision.ACT, calls) if calls else Routing(text, Decision.CHAT, confidence=1.0)


class Playing:
    """Plays scenes beside the devices, as the service does."""

    def __init__(self, staged: Staged, scene: Scene) -> None:
        self.staged, self.devices = staged, scene.actuator

    async def perform(self, call: ServiceCall) -> Outcome:
        owner = self.staged if self.staged.owns(call.device) else self.devices
        return await owner.perform(call)


class House:
    def __init__(self, scene: Scene, staged: Staged, router: Phrased) -> None:
        self.scene, self.staged, self.router = scene, staged, router

    async def say(self, text: str, area: str | None = "den") -> str:
        self.scene.actuator.calls.clear()
        return (await self.scene.say(text, source=Source.VOICE, area=area)).text

    @property
    def sent(self) -> set[tuple[str, str]]:
        return {(device, service) for device, service, _ in self.scene.actuator.sent}

    def set(self, device: str, state: str, **attributes: object) -> None:
        self.scene.registry.set_state(device, DeviceState(state, attributes))

    def state(self, device: str) -> str | None:
        return self.scene.registry.state(device).state


DEVICES = (
    Device("light.den_ceiling", "Den Ceiling Light", "den"),
    Device("light.den_floor", "Floor Lamp", "den"),
    Device("cover.den_blind", "Den Blind", "den", device_class="blind"),
    Device("cover.den_gate", "Den Garage Gate", "den", device_class="garage"),
    Device("lock.den_door", "Den Door", "den"),
    Device("switch.den_fire", "Fire", "den"),
    Device("light.attic", "Attic Light", "attic"),
    Device("scene.relax", "Relax"),
)
FIRST = {"light.den_ceiling": "off", "cover.den_blind": "closed", "cover.den_gate": "closed", "lock.den_door": "locked"}


@pytest.fixture
async def house(scene: Scene, tmp_path: Path) -> AsyncIterator[House]:
    router = Phrased(scene)
    for device in tuple(scene.registry.devices):
        scene.registry.remove_device(device)
    for area in ("den", "attic"):
        scene.registry.put_area(Area(area, area.capitalize()))
    for device in DEVICES:
        scene.registry.put_device(device)
    staged = Staged(tmp_path / "scenes.toml", scene.registry, scene.clock)
    scene.router = router  # type: ignore[assignment]
    devices, scene.actuator = scene.actuator, Playing(staged, scene)  # type: ignore[assignment]
    scene.assistant = assemble(scene)
    scene.actuator = devices
    await scene.assistant.stage_through(staged)
    house = House(scene, staged, router)
    for device, state in FIRST.items():
        house.set(device, state)
    house.set("light.den_floor", "on", brightness=51)
    house.set("switch.den_fire", "off")
    house.set("light.attic", "on", brightness=255)
    yield house


async def test_no_file_is_made_before_there_is_a_scene(house: House) -> None:
    await house.say("which scenes are there")
    assert not await asyncio.to_thread(house.staged.file.exists)


async def test_a_room_is_kept_and_comes_back(house: House) -> None:
    said = await house.say("save this as movie time")
    assert "the floor lamp is on at 20 percent" in said
    house.set("light.den_ceiling", "on", brightness=255)
    house.set("light.den_floor", "off")
    house.set("cover.den_blind", "open")
    house.set("light.attic", "off")
    assert await house.say("movie time") == "Movie time."
    assert house.sent == {
        ("light.den_ceiling", "turn_off"),
        ("light.den_floor", "turn_on"),
        ("cover.den_blind", "close_cover"),
    }
    assert house.scene.registry.state("light.den_floor").attributes["brightness"] == 51
    assert await house.say("movie time") == "It is all as in movie time already."
    assert house.sent == set()


async def test_locks_gates_and_what_is_off_are_not_taken_in(house: House) -> None:
    await house.say("save this as movie time")
    (kept,) = house.staged.now
    assert set(kept.states) == {"light.den_ceiling", "light.den_floor", "cover.den_blind"}


async def test_playing_can_be_undone(house: House) -> None:
    await house.say("save this as movie time")
    house.set("light.den_ceiling", "on", brightness=200)
    house.set("light.den_floor", "off")
    await house.say("movie time")
    house.router.scripted["undo that"] = (Call("assistant.undo"),)
    await house.say("undo that")
    assert (house.state("light.den_ceiling"), house.state("light.den_floor")) == ("on", "off")


@pytest.mark.parametrize(
    ("text", "devices"),
    [
        ("remember the lights like this as x", {"light.den_ceiling", "light.den_floor"}),
        ("save the blinds as they are as x", {"cover.den_blind"}),
        ("save this as x for the attic", {"light.attic"}),
        ("save the whole house as x", {"light.den_ceiling", "light.den_floor", "cover.den_blind", "light.attic"}),
    ],
)
async def test_what_is_taken_in_can_be_said(house: House, text: str, devices: set[str]) -> None:
    await house.say(text)
    (kept,) = house.staged.now
    assert set(kept.states) == devices


async def test_without_a_room_it_asks_which(house: House) -> None:
    assert await house.say("save this as party", area=None) == "For which room, or for the whole house?"
    await house.say("the attic", area=None)
    assert [set(one.states) for one in house.staged.now] == [{"light.attic"}]


async def test_nothing_is_replaced_without_a_yes(house: House) -> None:
    await house.say("save this as movie time")
    house.set("light.den_floor", "off")
    assert "Shall I replace it?" in await house.say("save this as movie time")
    await house.say("no")
    assert house.staged.now[0].states["light.den_floor"].state == "on"
    await house.say("save this as movie time")
    await house.say("yes")
    assert house.staged.now[0].states["light.den_floor"].state == "off"


@pytest.mark.parametrize("name", ["relax", "den", "floor lamp"])
async def test_names_that_mean_something_else_are_refused(house: House, name: str) -> None:
    assert "choose another" in await house.say(f"save this as {name}")
    assert house.staged.now == ()


async def test_a_scene_is_renamed_listed_told_and_deleted(house: House) -> None:
    await house.say("save this as movie time")
    assert await house.say("rename movie time to cinema") == "Movie time is called cinema now."
    assert await house.say("which scenes are there") == "There are cinema and Relax."
    assert (await house.say("what does cinema do")).startswith("Cinema: the Den ceiling light is off")
    assert await house.say("delete cinema") == "Cinema is deleted."
    assert house.staged.now == ()
    assert "scene.edge_movie_time" not in house.scene.registry.devices


async def test_scenes_of_others_work_as_ever(house: House) -> None:
    await house.say("play the relax scene")
    assert house.sent == {("scene.relax", "turn_on")}


async def test_scenes_of_others_want_a_verb(house: House) -> None:
    await house.say("relax")
    assert house.sent == set()


async def test_scenes_are_there_after_a_restart(house: House) -> None:
    await house.say("save this as movie time")
    house.scene.registry.remove_device("scene.edge_movie_time")
    again = Staged(house.staged.file, house.scene.registry, house.scene.clock)
    await house.scene.assistant.stage_through(again)
    assert [one.name for one in again.now] == ["movie time"]
    assert "scene.edge_movie_time" in house.scene.registry.devices


LOCK = Call("lock.lock", {}, ("lock.den_door",))
UNLOCK = Call("lock.unlock", {}, ("lock.den_door",))
DARK = Call("light.turn_off", {}, ("light.den_floor",))


async def test_a_routine_is_read_back_kept_on_a_yes_and_done_in_order(house: House) -> None:
    house.router.scripted |= {"lock the door": (LOCK,), "turn off the floor lamp": (DARK,)}
    said = await house.say("goodnight means lock the door, then wait five minutes and turn off the floor lamp")
    assert said == (
        "When you say “goodnight”, I lock the Den door and turn off the floor lamp after 5 minutes. Shall I keep that?"
    )
    assert house.staged.now == ()
    await house.say("yes")
    house.set("lock.den_door", "unlocked")
    assert await house.say("goodnight") == "The Den door is locked. I'll turn off the floor lamp in 5 minutes."
    assert house.sent == {("lock.den_door", "lock")}
    house.scene.clock.advance(301)
    await house.scene.announcement()
    assert house.state("light.den_floor") == "off"


async def test_a_routine_asks_for_what_is_critical_every_time(house: House) -> None:
    house.router.scripted["unlock the door"] = (UNLOCK,)
    await house.say("when I say burglar unlock the door")
    await house.say("yes")
    assert await house.say("burglar") == "Shall I unlock the Den door?"
    assert house.sent == set()
    await house.say("no")
    assert await house.say("burglar") == "Shall I unlock the Den door?"
    await house.say("yes")
    assert house.sent == {("lock.den_door", "unlock")}


async def test_where_nobody_can_be_asked_what_is_critical_is_left_out(house: House) -> None:
    house.router.scripted |= {"unlock the door": (UNLOCK,), "turn off the floor lamp": (DARK,)}
    await house.say("make a routine called burglar: turn off the floor lamp then unlock the door")
    await house.say("yes")
    house.scene.actuator.calls.clear()
    assert await house.staged.perform(ServiceCall("scene.edge_burglar", "turn_on")) is Outcome.DONE
    assert house.sent == {("light.den_floor", "turn_off")}
    assert await house.staged.perform(ServiceCall("scene.edge_burglar", "turn_off")) is Outcome.UNSUPPORTED
    assert await house.staged.perform(ServiceCall("scene.edge_gone", "turn_on")) is Outcome.UNAVAILABLE


@pytest.mark.parametrize(
    "orders", ["turn on the flux capacitor", "turn off the floor lamp then fly to the moon", "wait five minutes"]
)
async def test_what_is_not_understood_makes_no_routine(house: House, orders: str) -> None:
    house.router.scripted["turn off the floor lamp"] = (DARK,)
    await house.say(f"goodnight means {orders}")
    await house.say("yes")
    assert house.staged.now == ()


async def test_several_scenes_and_orders_of_one_sentence_are_played_together(house: House) -> None:
    await house.say("save this as movie time")
    house.set("light.den_ceiling", "on", brightness=255)
    play = Call("scene.turn_on", {}, ("scene.edge_movie_time",))
    house.router.scripted["movie time and the fire"] = (play, Call("switch.turn_on", {}, ("switch.den_fire",)))
    await house.say("movie time and the fire")
    assert house.sent == {("light.den_ceiling", "turn_off"), ("switch.den_fire", "turn_on")}


async def test_what_did_not_work_is_said(house: House) -> None:
    await house.say("save this as movie time")
    house.set("light.den_ceiling", "on", brightness=255)
    house.scene.actuator.outcomes["light.den_ceiling"] = Outcome.UNANSWERED
    assert await house.say("movie time") == "Movie time. The Den ceiling light did not answer."


async def test_devices_are_put_into_a_scene_and_taken_out(house: House) -> None:
    await house.say("save this as movie time for the attic")
    assert await house.say("add the fire to movie time") == "Fire can't be a part of a scene."
    house.set("light.attic", "off")
    assert (
        await house.say("add the floor lamp to movie time") == "In movie time the floor lamp is on at 20 percent now."
    )
    await house.say("take the attic light out of movie time")
    assert [set(one.states) for one in house.staged.now] == [{"light.den_floor"}]
    assert "Nothing would be left" in await house.say("take the floor lamp out of movie time")


async def test_it_is_the_scene_that_was_made_just_now(house: House) -> None:
    await house.say("save this as movie time")
    await house.say("rename it cinema")
    assert [one.name for one in house.staged.now] == ["cinema"]
    await house.say("rename it theatre", area="attic")
    assert [one.name for one in house.staged.now] == ["cinema"]
    await house.say("delete it")
    assert house.staged.now == ()


@pytest.mark.parametrize("text", ["movie time", "Movietime!", "movie time please", "could you do movie time now"])
async def test_a_scene_is_played_by_its_name(house: House, text: str) -> None:
    await house.say("save this as movie time")
    house.set("light.den_ceiling", "on", brightness=255)
    assert await house.say(text) == "Movie time."


@pytest.mark.parametrize(
    "text", ["put it back to movie time", "back to movie time", "set everything to movie time again"]
)
async def test_everything_is_put_back_to_a_scene(house: House, text: str) -> None:
    await house.say("save this as movie time")
    house.set("light.den_ceiling", "on", brightness=255)
    assert await house.say(text) == "Movie time."
    assert ("light.den_ceiling", "turn_off") in house.sent


async def test_it_is_the_scene_that_was_played_just_now(house: House) -> None:
    await house.say("save this as movie time")
    await house.say("save this as tea time")
    house.set("light.den_ceiling", "on", brightness=255)
    await house.say("movie time")
    house.scene.clock.advance(500)
    await house.say("rename it cinema")
    assert {one.name for one in house.staged.now} == {"cinema", "tea time"}


@pytest.mark.parametrize("lead", ["ok perfect, ", "great, ", "Lovely, that's it, ", "thanks, "])
async def test_a_word_of_praise_before_it_changes_nothing(house: House, lead: str) -> None:
    assert (await house.say(f"{lead}remember this as reading time")).startswith("Saved as reading time")
