"""What a source may, may not, and what stays as it was ordered by whom."""

import pytest

from edge.assistant.confirmation import Confirmation
from edge.assistant.model import Reply, Source, Utterance
from edge.assistant.people import Limit, Limits
from edge.devices import DeviceState, Outcome
from edge.router.model import Call, Decision
from tests.assistant.conftest import Scene, assemble
from tests.assistant.fakes import calls

LIGHTS = Limit("http", "tablet", may=frozenset({"light"}))
ON = Call("light.turn_on", {}, ("light.counter",))
UNLOCK = Call("lock.unlock", {}, ("lock.front",), confirm=True)
LOCK = Call("lock.lock", {}, ("lock.front",))


@pytest.fixture(autouse=True)
def script(scene: Scene) -> None:
    scene.router.on("on", ON)
    scene.router.on("lock", LOCK)
    scene.router.on("unlock", UNLOCK)
    scene.router.on("both", ON, LOCK)
    scene.router.on("everything off", Call("light.turn_off", {}, ("light.hall", "light.office_lamp", "lock.front")))
    scene.router.on("lock later", Call("lock.lock", {"after": 600}, ("lock.front",)))
    scene.router.on("on later", Call("light.turn_on", {"after": 600}, ("light.counter",)))
    scene.router.on("timer", Call("timer.start", {"duration": 60}))
    scene.router.on("list", Call("todo.add_item", {"item": "milk"}))
    scene.router.on("is it locked", Call("state.get", {}, ("lock.front",)), decision=Decision.QUERY)
    scene.router.on("time", Call("time.get"), decision=Decision.QUERY)
    scene.router.on("undo", Call("assistant.undo"))
    scene.router.on("chat", decision=Decision.CHAT)


def limited(scene: Scene, *limits: Limit) -> None:
    scene.assistant.gate.limits = Limits(limits)


async def tablet(scene: Scene, text: str, area: str | None = None) -> Reply:
    return await scene.assistant.ask(Utterance(text, Source.HTTP, area, origin="tablet", authenticated=True))


async def test_a_tablet_switches_lights_and_not_locks(scene: Scene) -> None:
    limited(scene, LIGHTS)
    assert (await tablet(scene, "on")).text == "The counter light is on."
    reply = await tablet(scene, "lock")
    assert reply.text == "I'm sorry, I may not lock the front door for whoever asks from here."
    assert "may not" in (await tablet(scene, "unlock")).text
    assert not (await tablet(scene, "yes")).text
    assert scene.actuator.sent == [("light.counter", "turn_on", {})]


async def test_others_are_as_free_as_ever(scene: Scene) -> None:
    limited(scene, LIGHTS)
    await scene.say("lock")
    await scene.say("lock", source=Source.HTTP, origin="another")
    assert len(scene.actuator.sent) == 2


async def test_of_several_orders_what_may_be_is_done(scene: Scene) -> None:
    limited(scene, LIGHTS)
    reply = await tablet(scene, "both")
    assert reply.text.startswith("The counter light is on. I'm sorry, I may not lock the front door")
    assert scene.actuator.sent == [("light.counter", "turn_on", {})]


async def test_of_several_devices_those_are_left_that_may_not_be(scene: Scene) -> None:
    limited(scene, LIGHTS)
    await tablet(scene, "everything off")
    assert {device for device, _, _ in scene.actuator.sent} == {"light.hall", "light.office_lamp"}


async def test_the_question_names_what_asks_first_and_it_alone(scene: Scene) -> None:
    scene.router.on("open up", Call("cover.open", {}, ("cover.blinds", "cover.garage")))
    scene.registry.set_state("cover.blinds", DeviceState("closed"))
    reply = await scene.say("open up")
    assert reply.text == "The bedroom blinds are open. Shall I open the garage door?"
    assert scene.actuator.sent == [("cover.blinds", "open_cover", {})]
    await scene.say("yes")
    assert scene.actuator.sent[1:] == [("cover.garage", "open_cover", {})]


async def test_areas_and_single_devices_and_what_is_excepted(scene: Scene) -> None:
    limited(scene, Limit("http", "tablet", areas=frozenset({"Hall"}), may_not=frozenset({"lock"})))
    await tablet(scene, "everything off")
    assert [device for device, _, _ in scene.actuator.sent] == ["light.hall"]
    assert "may not" in (await tablet(scene, "on")).text
    limited(scene, Limit("http", "tablet", may=frozenset({"light.counter"})))
    await tablet(scene, "on")
    assert scene.actuator.sent[-1][0] == "light.counter"


async def test_functions_of_no_device_go_by_their_group(scene: Scene) -> None:
    limited(scene, Limit("http", "tablet", may=frozenset({"timers"})))
    assert "set for" in (await tablet(scene, "timer")).text
    assert "may not" in (await tablet(scene, "list")).text
    assert "It" in (await tablet(scene, "time")).text


async def test_what_it_may_not_is_not_told_either_and_all_else_is(scene: Scene) -> None:
    limited(scene, LIGHTS)
    assert "locked" in (await tablet(scene, "is it locked")).text
    limited(scene, Limit("http", "tablet", may_not=frozenset({"lock"})))
    assert "may not tell you that" in (await tablet(scene, "is it locked")).text


async def test_what_is_due_is_looked_at_again(scene: Scene) -> None:
    """The tablet was free when it ordered, and is not when it comes to it."""
    await tablet(scene, "lock later")
    await tablet(scene, "on later")
    limited(scene, LIGHTS)
    scene.clock.advance(600)
    said = {(await scene.announcement()).text for _ in range(2)}
    assert scene.actuator.sent == [("light.counter", "turn_on", {})]
    assert "I'm sorry, I may not move the front door for whoever asks from here." in said


async def test_what_was_held_back_is_kept_with_the_request(scene: Scene) -> None:
    kept = scene.recorded()
    limited(scene, LIGHTS)
    await tablet(scene, "lock")
    (deed,) = kept[-1].deeds
    assert (deed.call.device, deed.outcome) == ("lock.front", Outcome.REFUSED)


async def test_it_undoes_only_what_it_may(scene: Scene) -> None:
    await tablet(scene, "both")
    limited(scene, Limit("http", "tablet", may=frozenset({"light"})))
    await tablet(scene, "undo")
    assert scene.actuator.sent[-1] == ("light.counter", "turn_off", {})
    assert all(service != "unlock" for _, service, _ in scene.actuator.sent)


async def test_the_language_model_may_for_it_what_it_may_itself(scene: Scene) -> None:
    limited(scene, LIGHTS)
    scene.model.rounds = [
        (calls(("lock_lock", {"name": "Front Door"}), ("turn_on", {"name": "Counter Light"})),),
        ("So.",),
    ]
    await tablet(scene, "chat")
    assert scene.actuator.sent == [("light.counter", "turn_on", {})]
    assert any("may not lock" in turn.text for turn in scene.model.asked[-1] if turn.role == "tool")


async def test_a_source_may_be_kept_from_chatting(scene: Scene) -> None:
    limited(scene, Limit("http", "tablet", may_not=frozenset({"chat"})))
    assert (await tablet(scene, "chat")).text == "I may not chat here."
    assert not scene.model.asked


async def test_where_a_source_is_can_be_set(scene: Scene) -> None:
    limited(scene, Limit("http", "tablet", area="Kitchen"))
    await tablet(scene, "light")
    await tablet(scene, "light", area="hall")
    assert scene.router.heard[-2:] == [("light", "kitchen"), ("light", "hall")]


async def test_a_wyoming_client_is_known_by_its_address(scene: Scene) -> None:
    limited(scene, Limit("wyoming", "192.0.2.7", may=frozenset({"light"})), Limit("mqtt", may=frozenset({"light"})))
    for origin in ("192.0.2.7:40000", "192.0.2.7:40001 conversation", "192.0.2.8:40000"):
        await scene.say("lock", source=Source.WYOMING, origin=origin)
    await scene.say("lock", source=Source.MQTT, origin="whatever/topic")
    assert len(scene.actuator.sent) == 1


async def test_what_nobody_confirmed_is_held_back_wherever_it_comes_from(scene: Scene) -> None:
    """A keeper that forgot to ask: the last look is at the service itself."""
    gate = scene.assistant.gate
    unlock = next(iter(scene.assistant._hands.services(UNLOCK)))
    assert gate.holds(unlock) == "I left the front door as it is: nobody has confirmed that."
    allowed = assemble(scene, Confirmation(never=frozenset({"lock.front"}))).gate
    assert not allowed.holds(unlock)
