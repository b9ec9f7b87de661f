"""Questions back: confirmations from the same source and room in time, and short answers to "which one?"."""

import pytest

from edge.assistant.confirmation import Confirmation
from edge.assistant.model import Reply, ReplySource, Source, Utterance
from edge.router.model import Call, Decision
from tests.assistant.conftest import Scene

UNLOCK = Call("lock.unlock", {"name": "Front Door"}, ("lock.front",), "HassTurnOff", confirm=True)
LAMPS = ("light.office_lamp", "light.bedside")


@pytest.fixture(autouse=True)
def script(scene: Scene) -> None:
    scene.router.on("unlock the front door", UNLOCK)
    scene.router.on("open the garage", Call("cover.open", {"name": "Garage Door"}, ("cover.garage",)))
    scene.router.on("lock", Call("lock.lock", {}, ("lock.front",)))
    scene.router.on(
        "turn on the lamp",
        Call("light.turn_on", {}, ()),
        decision=Decision.CLARIFY,
        question="The lamp in the office or in the bedroom?",
        candidates=LAMPS,
    )
    for source in Source:
        scene.router.on(source.value)


async def test_a_critical_action_waits_for_a_yes(scene: Scene) -> None:
    reply = await scene.say("unlock the front door")
    assert (reply.text, reply.decision, reply.listen) == ("Shall I unlock the front door?", Decision.ACT, True)
    assert reply.to_json()["calls"][0]["confirm"] is True
    assert scene.actuator.calls == []
    reply = await scene.say("yes please")
    assert (reply.text, reply.source) == ("The front door is unlocked.", ReplySource.DIALOGUE)
    assert scene.actuator.sent == [("lock.front", "unlock", {})]


@pytest.mark.parametrize("answer", ["yes", "Yes!", "confirm", "do it", "go ahead", "yes, unlock the front door", "ok"])
async def test_ways_to_say_yes(scene: Scene, answer: str) -> None:
    await scene.say("unlock the front door")
    await scene.say(answer)
    assert scene.actuator.sent == [("lock.front", "unlock", {})]


@pytest.mark.parametrize("answer", ["no", "no don't", "never mind", "stop", "no wait yes", "yes no", "lock", "hmm", ""])
async def test_everything_else_leaves_the_door_shut_for_good(scene: Scene, answer: str) -> None:
    await scene.say("unlock the front door")
    await scene.say(answer)
    if answer:
        await scene.say("yes")
    assert ("lock.front", "unlock", {}) not in scene.actuator.sent


async def mumbled(scene: Scene, text: str) -> Reply:
    return await scene.assistant.ask(Utterance(text, Source.VOICE, clear=False))


async def test_a_yes_that_may_have_been_another_word_is_asked_for_again(scene: Scene) -> None:
    await scene.say("unlock the front door", source=Source.VOICE)
    reply = await mumbled(scene, "yes")
    assert (reply.text, reply.listen) == ("Sorry? Shall I unlock the front door?", True)
    assert scene.actuator.calls == []
    await scene.say("yes", source=Source.VOICE)
    assert scene.actuator.sent == [("lock.front", "unlock", {})]


async def test_a_no_counts_however_it_is_said(scene: Scene) -> None:
    await scene.say("unlock the front door", source=Source.VOICE)
    assert (await mumbled(scene, "no")).text == "All right, I left it."
    await scene.say("yes", source=Source.VOICE)
    assert scene.actuator.calls == []


async def test_asking_again_gives_no_more_time(scene: Scene) -> None:
    await scene.say("unlock the front door", source=Source.VOICE)
    for _ in range(2):
        scene.clock.advance(8)
        reply = await mumbled(scene, "yes")
    assert "too long" in reply.text
    await scene.say("yes", source=Source.VOICE)
    assert scene.actuator.calls == []


async def test_a_mumbled_yes_to_a_doubtful_order_is_asked_for_again(scene: Scene) -> None:
    order = Call("lock.lock", {"name": "Front Door"}, ("lock.front",))
    scene.router.on("lock it", order, decision=Decision.CLARIFY, question="Did you say: lock it?")
    await scene.say("lock it", source=Source.VOICE)
    assert (await mumbled(scene, "yes")).text == "Shall I lock the front door?"
    assert scene.actuator.calls == []
    await scene.say("yes", source=Source.VOICE)
    assert scene.actuator.sent == [("lock.front", "lock", {})]


async def test_a_yes_that_comes_too_late_does_nothing(scene: Scene) -> None:
    await scene.say("unlock the front door")
    scene.clock.advance(15.1)
    reply = await scene.say("yes")
    assert scene.actuator.calls == []
    assert "too long" in reply.text


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"source": Source.CLI, "area": "kitchen"},
        {"source": Source.DEMO, "area": "hall"},
        {"source": Source.CLI, "area": "hall", "origin": "another terminal"},
    ],
)
async def test_a_yes_from_elsewhere_does_nothing(scene: Scene, elsewhere: dict[str, object]) -> None:
    await scene.say("unlock the front door", area="hall")
    await scene.say("yes", **elsewhere)  # type: ignore[arg-type]
    assert scene.actuator.calls == []
    await scene.say("yes", area="hall")
    assert len(scene.actuator.calls) == 1


async def test_the_service_decides_what_is_critical_not_the_router(scene: Scene) -> None:
    assert (await scene.say("open the garage")).text == "Shall I open the garage door?"
    assert scene.actuator.calls == []


async def test_what_is_not_critical_goes_ahead_while_the_rest_waits(scene: Scene) -> None:
    scene.router.on("both", Call("light.turn_off", {}, ("light.hall",)), UNLOCK)
    reply = await scene.say("both")
    assert reply.text == "The hall light is off. Shall I unlock the front door?"
    await scene.say("yes")
    assert scene.actuator.sent[-1] == ("lock.front", "unlock", {})


async def test_a_source_that_proves_nothing_can_t_confirm_without_a_pin(scene: Scene) -> None:
    reply = await scene.say("unlock the front door", source=Source.MQTT)
    assert "PIN" in reply.text
    await scene.say("yes", source=Source.MQTT)
    assert scene.actuator.calls == []


async def test_an_authenticated_source_may_say_yes(scene: Scene) -> None:
    for text in ("unlock the front door", "yes"):
        await scene.assistant.ask(Utterance(text, Source.HTTP, origin="tablet", authenticated=True))
    assert len(scene.actuator.calls) == 1


async def test_a_setting_lets_unproved_sources_say_yes(scene: Scene) -> None:
    scene.configured(Confirmation(unauthenticated=True))
    await scene.say("unlock the front door", source=Source.MQTT)
    await scene.say("yes", source=Source.MQTT)
    assert len(scene.actuator.calls) == 1


async def test_a_setting_lets_one_unproved_source_say_yes(scene: Scene) -> None:
    scene.configured(Confirmation(believed=frozenset({Source.WYOMING})))
    for source in (Source.MQTT, Source.WYOMING):
        await scene.say("unlock the front door", source=source)
        await scene.say("yes", source=source)
    assert len(scene.actuator.calls) == 1
    scene.configured(Confirmation(believed=frozenset({Source.WYOMING}), pin="1234"))
    await scene.say("unlock the front door", source=Source.WYOMING)
    assert (await scene.say("yes", source=Source.WYOMING)).text == "I need the PIN for that."


@pytest.mark.parametrize("source", [Source.MQTT, Source.VOICE])
async def test_with_a_pin_set_only_the_pin_confirms(scene: Scene, source: Source) -> None:
    scene.configured(Confirmation(pin="1234"))
    assert "PIN" in (await scene.say("unlock the front door", source=source)).text
    assert (await scene.say("yes", source=source)).text == "I need the PIN for that."
    assert scene.actuator.calls == []
    await scene.say("one two 3 four", source=source)
    assert len(scene.actuator.calls) == 1


async def test_pins_can_t_be_tried_for_ever(scene: Scene) -> None:
    scene.configured(Confirmation(pin="1234"))
    for number in range(5):
        await scene.say("unlock the front door", source=Source.MQTT, origin=str(number))
        assert "not the PIN" in (await scene.say("9999", source=Source.MQTT, origin=str(number))).text
    await scene.say("unlock the front door", source=Source.MQTT)
    await scene.say("1234", source=Source.MQTT)
    assert scene.actuator.calls == []
    scene.clock.advance(301)
    await scene.say("unlock the front door", source=Source.MQTT)
    await scene.say("1234", source=Source.MQTT)
    assert len(scene.actuator.calls) == 1


async def test_settings_add_questions_and_take_them_away(scene: Scene) -> None:
    scene.configured(Confirmation(also=frozenset({"light.hall"}), never=frozenset({"cover.garage"})))
    scene.router.on("dark", Call("light.turn_off", {}, ("light.hall",)))
    assert (await scene.say("dark")).text == "Shall I turn off the hall light?"
    await scene.say("no")
    await scene.say("open the garage")
    assert scene.actuator.sent == [("cover.garage", "open_cover", {})]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("the bedroom one", ["light.bedside"]),
        ("office", ["light.office_lamp"]),
        ("the first", ["light.office_lamp"]),
        ("the second one please", ["light.bedside"]),
        ("the last one", ["light.bedside"]),
        ("both", ["light.office_lamp", "light.bedside"]),
        ("all of them", ["light.office_lamp", "light.bedside"]),
        ("neither", []),
    ],
)
async def test_short_answers_pick_what_was_meant(scene: Scene, answer: str, expected: list[str]) -> None:
    reply = await scene.say("turn on the lamp")
    assert (reply.decision, reply.listen) == (Decision.CLARIFY, True)
    reply = await scene.say(answer)
    assert [call.device for call in scene.actuator.calls] == expected
    assert reply.source is ReplySource.DIALOGUE


async def test_an_answer_that_fits_several_is_asked_about_again(scene: Scene) -> None:
    await scene.say("turn on the lamp")
    reply = await scene.say("the lamp")
    assert reply.text == "The lamp in the office or the lamp in the bedroom?"
    await scene.say("bedroom")
    assert [call.device for call in scene.actuator.calls] == ["light.bedside"]


async def test_another_request_instead_of_an_answer_is_carried_out(scene: Scene) -> None:
    await scene.say("turn on the lamp")
    reply = await scene.say("lock")
    assert reply.text == "The front door was already locked."


async def test_a_picked_critical_device_still_asks(scene: Scene) -> None:
    scene.router.on(
        "open it", Call("cover.open"), decision=Decision.CLARIFY, candidates=("cover.garage", "cover.blinds")
    )
    await scene.say("open it")
    reply = await scene.say("the garage")
    assert reply.text == "Shall I open the garage door?"
    assert scene.actuator.calls == []


async def test_a_picked_device_of_another_kind_is_moved_by_its_own_function(scene: Scene) -> None:
    scene.router.on("on", Call("light.turn_on"), decision=Decision.CLARIFY, candidates=("light.hall", "cover.blinds"))
    await scene.say("on")
    reply = await scene.say("the blinds")
    assert reply.calls[0].function == "cover.open"


async def test_a_picked_area_is_routed_as_the_speaker_s_own(scene: Scene) -> None:
    scene.router.on("lights", decision=Decision.CLARIFY, candidates=("kitchen", "hall"))
    scene.router.on("lights", Call("light.turn_on", {}, ("light.sink",)), area="kitchen")
    await scene.say("lights")
    await scene.say("in the kitchen")
    assert [call.device for call in scene.actuator.calls] == ["light.sink"]


async def test_a_missing_value_completes_the_sentence(scene: Scene) -> None:
    scene.router.on("set a timer", Call("timer.start"), decision=Decision.CLARIFY, question="For how long?")
    scene.router.on("set a timer for ten minutes", Call("timer.start", {"minutes": 10}))
    assert (await scene.say("set a timer")).text == "For how long?"
    assert (await scene.say("ten minutes")).text == "The timer is set for 10 minutes."


async def test_a_doubtful_request_is_carried_out_on_a_yes(scene: Scene) -> None:
    call = Call("light.turn_off", {"name": "Hall Light"}, ("light.hall",))
    scene.router.on("mumble", call, decision=Decision.CLARIFY, question="Shall I turn off Hall Light?")
    await scene.say("mumble")
    assert scene.actuator.calls == []
    assert (await scene.say("yes")).text == "The hall light is off."
    await scene.say("mumble")
    assert (await scene.say("no")).text == "All right, I left it."
    assert len(scene.actuator.calls) == 1


async def test_a_doubtful_critical_request_needs_what_every_critical_one_needs(scene: Scene) -> None:
    scene.router.on("mumble", UNLOCK, decision=Decision.CLARIFY, question="Shall I unlock Front Door?")
    await scene.say("mumble", source=Source.MQTT)
    await scene.say("yes", source=Source.MQTT)
    assert scene.actuator.calls == []
    await scene.say("mumble")
    await scene.say("yes")
    assert len(scene.actuator.calls) == 1


async def test_a_name_that_nothing_has_gives_way_to_the_answer(scene: Scene) -> None:
    lost = Call("light.turn_on", {"name": "disco ball"})
    scene.router.on("turn on the disco ball", lost, decision=Decision.CLARIFY, question="Which device do you mean?")
    scene.router.on("turn on the hall light", Call("light.turn_on", {"name": "Hall Light"}, ("light.hall",)))
    await scene.say("turn on the disco ball")
    assert (await scene.say("hall light")).text == "The hall light was already on."
