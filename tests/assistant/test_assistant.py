"""One utterance in, one reply out: what is carried out, what is answered, what is left to the language model."""

import asyncio

import pytest

from edge.assistant.model import ReplySource, Source, Utterance
from edge.devices import DeviceState, Outcome, ServiceCall
from edge.errors import EdgeError
from edge.llm.errors import LlmBusy
from edge.llm.gate import Priority
from edge.router.model import Call, Decision, Routing
from tests.assistant.conftest import Scene

LAMP = Call("light.set", {"name": "Bedroom Lamp", "brightness": 20}, ("light.bedroom_lamp",), "HassLightSet")
LOCK = Call("lock.lock", {"name": "Front Door"}, ("lock.front",), "HassTurnOn")


async def test_a_sentence_moves_a_device_and_the_reply_reads_the_state_back(scene: Scene) -> None:
    scene.router.on("dim the bedroom lamp to 20", LAMP)
    reply = await scene.say("dim the  bedroom lamp to 20")
    assert scene.actuator.sent == [("light.bedroom_lamp", "turn_on", {"brightness_pct": 20})]
    assert reply.text == "The bedroom lamp is at 20 percent."
    assert (reply.decision, reply.source) == (Decision.ACT, ReplySource.ROUTER)
    assert reply.to_json()["calls"] == [
        {
            "function": "light.set",
            "ha_intent": "HassLightSet",
            "arguments": {"name": "Bedroom Lamp", "brightness": 20},
            "targets": ["light.bedroom_lamp"],
        }
    ]


async def test_what_ears_took_it_for_goes_before_the_text_and_doubts_are_asked_about(scene: Scene) -> None:
    text = "dim the bedroom lamb"
    doubted = Routing(text, Decision.CLARIFY, (LAMP,), 0.2, question="Did you say: dim the bedroom lamp?")
    reply = await scene.assistant.ask(Utterance(text, Source.VOICE, reading=doubted))
    assert (reply.decision, reply.listen, scene.actuator.sent) == (Decision.CLARIFY, True, [])
    await scene.assistant.ask(Utterance("yes", Source.VOICE))
    assert [device for device, _, _ in scene.actuator.sent] == ["light.bedroom_lamp"]


async def test_several_calls_are_told_in_one_sentence(scene: Scene) -> None:
    scene.router.on("dim the lamp and lock up", LAMP, LOCK)
    reply = await scene.say("dim the lamp and lock up")
    assert reply.text == "The bedroom lamp is at 20 percent and the front door was already locked."


async def test_calls_to_one_device_keep_their_order_and_see_each_others_effect(scene: Scene) -> None:
    target = ("light.bedroom_lamp",)
    scene.router.on(
        "x",
        Call("light.turn_on", {}, target),
        Call("light.set", {"brightness": 50}, target),
        Call("light.dim", {}, target),
    )
    await scene.say("x")
    assert [data for _, _, data in scene.actuator.sent] == [{}, {"brightness_pct": 50}, {"brightness_pct": 37}]


async def test_what_did_not_answer_and_what_is_off_line_is_said(scene: Scene) -> None:
    scene.actuator.outcomes = {"light.hall": Outcome.UNANSWERED, "light.counter": Outcome.UNAVAILABLE}
    scene.router.on("off", Call("light.turn_off", {}, ("light.hall", "light.counter", "light.office_lamp")))
    reply = await scene.say("off")
    assert reply.text == (
        "The lamp in the office is off. The hall light did not answer. The counter light is off line."
    )


async def test_a_failing_link_is_reported_not_raised(scene: Scene) -> None:
    class Broken:
        async def perform(self, call: ServiceCall) -> Outcome:
            raise EdgeError(f"the broker is gone: {call.device}")

    scene.assistant._hands._actuator = Broken()
    scene.router.on("lock", LOCK)
    assert (await scene.say("lock")).text == "The front door did not answer."


async def test_nothing_is_carried_out_unless_the_decision_is_to_act(scene: Scene) -> None:
    for decision in Decision:
        if decision is not Decision.ACT:
            scene.router.on(decision.value, LAMP, decision=decision)
            await scene.say(decision.value)
    assert scene.actuator.calls == []


async def test_silence_answers_what_was_not_for_the_assistant(scene: Scene) -> None:
    reply = await scene.say("mumble")
    assert (reply.text, reply.decision) == ("", Decision.IGNORE)


async def test_conditions_are_declined_with_nothing_carried_out(scene: Scene) -> None:
    scene.router.on("c", LAMP, Call("lock.lock", {"condition": "when I leave"}, ("lock.front",)))
    reply = await scene.say("c")
    assert reply.text == "I know nothing here that tells me “when I leave”, so I have done nothing."
    assert scene.actuator.calls == []


async def test_a_text_of_a_document_s_length_is_refused_and_not_routed(scene: Scene) -> None:
    reply = await scene.say("turn on the light " * 500)
    assert "too long" in reply.text
    assert scene.router.heard == []


async def test_a_router_that_fails_says_so(scene: Scene) -> None:
    def broken(text: str, area: str | None) -> object:
        raise EdgeError("the network's file is missing")

    scene.assistant._route = broken  # type: ignore[assignment]
    assert "the network's file is missing" in (await scene.say("hello")).text


@pytest.mark.parametrize(
    ("utterance", "priority"),
    [
        (Utterance("hi", Source.VOICE), Priority.VOICE),
        (Utterance("hi", Source.MQTT, speak=True), Priority.VOICE),
        (Utterance("hi", Source.HTTP), Priority.NORMAL),
    ],
)
async def test_who_waits_in_a_room_goes_first(scene: Scene, utterance: Utterance, priority: Priority) -> None:
    scene.router.on("hi", decision=Decision.CHAT)
    await scene.assistant.ask(utterance)
    assert scene.model.priorities == [priority]


async def test_chat_streams_and_remembers_the_turns_of_the_room(scene: Scene) -> None:
    pieces: list[str] = []

    async def on_text(piece: str) -> None:
        pieces.append(piece)

    scene.router.on("hi", decision=Decision.CHAT)
    reply = await scene.assistant.ask(Utterance("hi", Source.CLI), on_text)
    assert pieces == ["Hello", " there."]
    assert (reply.text, reply.source) == ("Hello there.", ReplySource.LLM)
    await scene.say("hi")
    assert [turn.text for turn in scene.model.asked[-1]] == ["hi", "Hello there.", "hi"]
    await scene.say("hi", area="kitchen")
    assert len(scene.model.asked[-1]) == 1
    scene.clock.advance(600)
    await scene.say("hi")
    assert len(scene.model.asked[-1]) == 1


async def test_without_a_model_the_reply_names_the_command(scene: Scene) -> None:
    scene.model.unavailable = "I have no language model: add one with `edge models add FILE`."
    scene.router.on("hi", decision=Decision.CHAT)
    assert (await scene.say("hi")).text == scene.model.unavailable
    assert scene.model.asked == []


async def test_a_model_that_dies_leaves_what_it_said_and_an_honest_end(scene: Scene) -> None:
    scene.model.error = EdgeError("worker died")
    scene.router.on("hi", decision=Decision.CHAT)
    reply = await scene.say("hi")
    assert reply.text == "Hello there. I could not finish that: the language model stopped."


async def test_a_model_that_is_busy_is_none_that_stopped(scene: Scene) -> None:
    scene.model.error = LlmBusy("8 wait")
    scene.router.on("hi", decision=Decision.CHAT)
    assert (await scene.say("hi")).text.endswith("ask me again in a moment.")


async def test_stop_ends_an_answer_that_is_coming(scene: Scene) -> None:
    scene.model.gate = asyncio.Event()
    scene.router.on("hi", decision=Decision.CHAT)
    scene.router.on("stop", Call("assistant.stop"))
    started = asyncio.Event()

    async def on_text(_: str) -> None:
        started.set()

    task = asyncio.create_task(scene.assistant.ask(Utterance("hi", Source.CLI), on_text))
    await started.wait()
    await scene.say("stop")
    reply = await task
    assert reply.text.startswith("Hello")
    assert scene.model.closed


async def test_the_text_of_any_reply_goes_to_the_listener_once(scene: Scene) -> None:
    pieces: list[str] = []

    async def on_text(piece: str) -> None:
        pieces.append(piece)

    scene.router.on("lock", LOCK)
    reply = await scene.assistant.ask(Utterance("lock", Source.CLI), on_text)
    assert pieces == [reply.text]


async def test_the_last_reply_is_repeated(scene: Scene) -> None:
    scene.router.on("lock", LOCK)
    scene.router.on("what", Call("assistant.repeat"))
    said = (await scene.say("lock")).text
    assert (await scene.say("what")).text == said
    assert (await scene.say("what")).text == said


async def test_the_last_action_is_undone_once(scene: Scene) -> None:
    scene.router.on(
        "x",
        Call("light.turn_off", {}, ("light.hall", "light.bedroom_lamp")),
        Call("cover.close", {}, ("cover.blinds",)),
    )
    scene.router.on("undo", Call("assistant.undo"))
    await scene.say("x")
    scene.actuator.calls.clear()
    reply = await scene.say("undo")
    assert sorted(scene.actuator.sent) == [
        ("cover.blinds", "open_cover", {}),
        ("light.hall", "turn_on", {"brightness": 128}),
    ]
    assert reply.source is ReplySource.DIALOGUE
    assert (await scene.say("undo")).text == "There is nothing to undo."


async def test_undoing_never_unlocks(scene: Scene) -> None:
    scene.registry.set_state("lock.front", DeviceState("unlocked"))
    scene.router.on("lock", LOCK)
    scene.router.on("undo", Call("assistant.undo"))
    await scene.say("lock")
    scene.actuator.calls.clear()
    reply = await scene.say("undo")
    assert scene.actuator.calls == []
    assert reply.text == "I left the front door as it is: ask me for that yourself."
