"""Visitors: what they may do, who ends that, and what outlives a restart."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from edge.assistant.confirmation import Confirmation
from edge.assistant.model import Reply, Source, Utterance
from edge.assistant.people import GuestMode, Limit, Limits
from edge.assistant.people.guests import House
from edge.assistant.people.keeper import GuestKeeper
from edge.router.model import Call, Decision
from tests.assistant.conftest import Scene
from tests.schedule.fakes import FakeClock

UNLOCK = Call("lock.unlock", {}, ("lock.front",), confirm=True)


@pytest.fixture(autouse=True)
def mode(scene: Scene) -> GuestMode:
    scene.router.on("guests", Call("guests.on", {"until": "Sunday"}))
    scene.router.on("we have guests", Call("guests.told"))
    scene.router.on("no guests", Call("guests.off"))
    scene.router.on("any guests", Call("guests.status"), decision=Decision.QUERY)
    scene.router.on("on", Call("light.turn_on", {}, ("light.counter",)))
    scene.router.on("unlock", UNLOCK)
    scene.router.on("lock", Call("lock.lock", {}, ("lock.front",)))
    scene.router.on("warm", Call("climate.set_temperature", {"temperature": 30}, ("climate.office",)))
    scene.router.on("mild", Call("climate.set_temperature", {"temperature": 21}, ("climate.office",)))
    scene.router.on("list", Call("todo.get_items", {"name": "shopping"}), decision=Decision.QUERY)
    scene.router.on("milk", Call("todo.add_item", {"item": "milk"}))
    scene.router.on("timer", Call("timer.start", {"duration": 60}))
    return equipped(scene)


def equipped(scene: Scene, house: House = House(), file: Path | None = None) -> GuestMode:  # noqa: B008 (frozen)
    made = GuestMode(scene.clock, house, file)
    gate = scene.assistant.gate
    gate.guests, gate.reading = made, scene.assistant.keepers.reading
    scene.assistant.keepers.add(GuestKeeper(made, scene.clock, gate.must_prove))
    return made


async def voice(scene: Scene, text: str) -> Reply:
    return await scene.say(text, source=Source.VOICE, area="hall")


async def test_it_is_turned_on_until_a_day_is_over(scene: Scene, mode: GuestMode) -> None:
    assert (await voice(scene, "guests")).text.startswith("Guest mode is on until Sunday night.")
    assert (await voice(scene, "any guests")).text == "Yes, guest mode is on until Sunday night."
    scene.clock.advance(timedelta(days=2, hours=5).total_seconds())
    assert mode.active
    scene.clock.advance(timedelta(hours=1).total_seconds())
    assert not mode.active


async def test_who_only_tells_of_visitors_is_asked(scene: Scene, mode: GuestMode) -> None:
    assert (await voice(scene, "we have guests")).text.endswith("Shall I turn guest mode on?")
    assert not mode.on
    await voice(scene, "yes")
    assert mode.on


async def test_visitors_have_light_and_warmth_within_bounds_and_nothing_private(scene: Scene, mode: GuestMode) -> None:
    await mode.change(True)
    for text in ("on", "lock", "mild", "timer"):
        assert "not" not in (await voice(scene, text)).text
    assert "between 16 and 24 degrees" in (await voice(scene, "warm")).text
    for text in ("list", "milk", "unlock"):
        assert "while there are visitors" in (await voice(scene, text)).text
    assert [service for _, service, _ in scene.actuator.sent] == ["turn_on", "lock", "set_temperature"]


async def test_the_people_who_live_here_prove_it_and_are_as_free_as_ever(scene: Scene, mode: GuestMode) -> None:
    await mode.change(True)
    await scene.say("warm")
    await scene.assistant.ask(Utterance("milk", Source.HTTP, origin="phone", authenticated=True))
    assert scene.actuator.sent[-1][2] == {"temperature": 30}
    assert scene.schedule.lists.named("shopping") is not None


async def test_with_the_pin_a_visitor_is_let_in(scene: Scene) -> None:
    scene.configured(Confirmation(pin="1234"))
    await equipped(scene).change(True)
    assert (await voice(scene, "unlock")).text == "To unlock the front door, tell me the PIN."
    await voice(scene, "1234")
    assert scene.actuator.sent == [("lock.front", "unlock", {})]


async def test_it_ends_with_the_pin_where_there_is_one(scene: Scene) -> None:
    scene.configured(Confirmation(pin="1234"))
    mode = equipped(scene)
    await mode.change(True)
    assert (await voice(scene, "no guests")).text == "To turn guest mode off, tell me the PIN."
    assert "PIN" in (await voice(scene, "yes")).text
    assert mode.on
    assert (await voice(scene, "1234")).text == "Guest mode is off. I'm all yours again."
    assert not mode.on


async def test_without_a_pin_the_room_may_end_it_and_mqtt_may_not(scene: Scene, mode: GuestMode) -> None:
    await mode.change(True)
    assert "may not" in (await scene.say("no guests", source=Source.MQTT)).text
    await scene.say("yes", source=Source.MQTT)
    assert mode.on
    await voice(scene, "no guests")
    assert not mode.on


async def test_a_guests_own_tablet_is_never_at_home(scene: Scene, mode: GuestMode) -> None:
    scene.assistant.gate.limits = Limits((Limit("http", "guest", guest=True),))
    guest = Utterance("milk", Source.HTTP, origin="guest", authenticated=True)
    assert "may not" in (await scene.assistant.ask(guest)).text
    await mode.change(True)
    for text in ("no guests", "yes"):
        await scene.assistant.ask(Utterance(text, Source.HTTP, origin="guest", authenticated=True))
    assert mode.on


async def test_what_a_visitor_ordered_for_later_stays_a_visitors(scene: Scene, mode: GuestMode) -> None:
    scene.router.on(
        "warm later", Call("climate.set_temperature", {"temperature": 30, "after": 60}, ("climate.office",))
    )
    await mode.change(True)
    await voice(scene, "warm later")
    await mode.change(False)
    scene.clock.advance(60)
    assert (await scene.announcement()).text
    assert scene.actuator.sent == []


async def test_what_was_ordered_before_they_came_is_done(scene: Scene, mode: GuestMode) -> None:
    scene.router.on(
        "warm later", Call("climate.set_temperature", {"temperature": 30, "after": 60}, ("climate.office",))
    )
    await voice(scene, "warm later")
    await mode.change(True)
    scene.clock.advance(60)
    await scene.announcement()
    assert scene.actuator.sent == [("climate.office", "set_temperature", {"temperature": 30})]


async def test_a_holiday_flat_always_has_visitors(scene: Scene) -> None:
    mode = equipped(scene, House(always=True))
    assert mode.active
    assert "may not" in (await voice(scene, "milk")).text


async def test_it_outlives_a_restart(tmp_path: Path) -> None:
    clock = FakeClock()
    mode = GuestMode(clock, file=tmp_path / "guests.json")
    await mode.change(True, clock.now().timestamp() + 60)
    after = GuestMode(clock, file=tmp_path / "guests.json")
    await asyncio.to_thread(after.load)
    assert after.active
    clock.advance(60)
    assert not after.active


@pytest.mark.parametrize("kept", ["", "{", "[]", '"on"', '{"on": 1'])
def test_a_damaged_file_lets_nobody_in(tmp_path: Path, kept: str) -> None:
    (tmp_path / "guests.json").write_text(kept)
    mode = GuestMode(FakeClock(), file=tmp_path / "guests.json")
    mode.load()
    assert mode.active


def test_without_a_file_there_are_none(tmp_path: Path) -> None:
    mode = GuestMode(FakeClock(), file=tmp_path / "guests.json")
    mode.load()
    assert not mode.active


def test_while_the_clock_is_wrong_they_stay() -> None:
    clock = FakeClock(trusted=False)
    assert GuestMode(clock, on=True, until_s=1.0).active
