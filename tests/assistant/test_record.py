"""Who did what: what is kept of a request, of what it led to later, and what is kept of nothing."""

import asyncio
import contextlib
from collections.abc import Callable

import pytest

from edge.assistant.confirmation import PIN_SAID, Confirmation
from edge.assistant.model import Source, Utterance
from edge.assistant.record import Record
from edge.devices.model import Agent
from edge.router.model import Call, Decision
from tests.assistant.conftest import Scene
from tests.assistant.fakes import calls

LIGHT_ON = Call("light.turn_on", {"name": "Hall Light"}, ("light.hall",))
UNLOCK = Call("lock.unlock", {"name": "Front Door"}, ("lock.front",), "HassTurnOff", confirm=True)


def deeds(record: Record) -> list[tuple[str, str, str, str]]:
    """Device, service, how it ended, whose doing it was."""
    made = []
    for one in record.deeds:
        assert one.call.cause is not None
        made.append((one.call.device, one.call.service, one.outcome.value, one.call.cause.by.value))
    return made


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110 (what is waited for is a list)
            await asyncio.sleep(0)


async def test_a_request_is_kept_as_it_comes_and_once_it_is_answered(scene: Scene) -> None:
    kept = scene.recorded()
    scene.router.on("light", LIGHT_ON)
    asked = Utterance("light", Source.MQTT, "hall", id="a1", origin="panel", authenticated=True)
    await scene.assistant.ask(asked)
    came, answered = kept
    assert (came.number, came.decision) == (answered.number, None)
    assert (answered.source, answered.origin, answered.area, answered.id) == ("mqtt", "panel", "hall", "a1")
    assert (answered.authenticated, answered.text, answered.decision) == (True, "light", "act")
    assert answered.reply == "The hall light was already on."
    assert deeds(answered) == [("light.hall", "turn_on", "already", "person")]
    assert answered.time_s == scene.clock.now().timestamp()


async def test_every_command_says_for_whom_it_is(scene: Scene) -> None:
    scene.router.on("light", LIGHT_ON)
    await asyncio.gather(
        *(
            scene.assistant.ask(Utterance("light", source, id=source.value, origin=f"from {source.value}"))
            for source in (Source.VOICE, Source.HTTP, Source.WYOMING)
        )
    )
    causes = [call.cause for call in scene.actuator.calls]
    assert {(one.source, one.origin, one.request) for one in causes if one} == {
        (source, f"from {source}", source) for source in ("voice", "http", "wyoming")
    }


async def test_a_confirmation_tells_how_and_of_what(scene: Scene) -> None:
    kept = scene.recorded()
    scene.router.on("unlock the door", UNLOCK)
    first = await scene.say("unlock the door", source=Source.VOICE)
    await scene.say("yes", source=Source.VOICE)
    assert kept[1].deeds == ()
    assert (kept[3].confirmed, kept[3].follows) == ("yes", first.id)
    assert deeds(kept[3]) == [("lock.front", "unlock", "done", "person")]


@pytest.mark.parametrize(
    "said",
    [
        "1234",
        "1 2 3 4",
        "one two three four",
        "twelve thirty four",
        "the pin is 1234",
        "9999",
        "unlock the door with 1234",
        "4321",
    ],
)
async def test_a_pin_right_or_wrong_is_kept_and_told_nowhere(scene: Scene, said: str) -> None:
    kept = scene.recorded(Confirmation(pin="1234"))
    told: list[str] = []
    scene.assistant.watch(lambda utterance, reply: told.extend((utterance.text, reply.request)))
    scene.router.on("unlock the door", UNLOCK)
    await scene.say("unlock the door", source=Source.MQTT)
    reply = await scene.say(said, source=Source.MQTT)
    await scene.say(said, source=Source.HTTP)  # nobody has asked there
    assert reply.request == PIN_SAID
    assert {one.text.removeprefix("unlock the door ") for one in kept[2:]} == {PIN_SAID}
    assert told[2:] == [PIN_SAID] * 4


async def test_what_is_no_pin_stays_as_it_is(scene: Scene) -> None:
    kept = scene.recorded(Confirmation(pin="1234"))
    for text in ("dim the lamp to 20", "five", "wake me at 7 30", "12"):
        await scene.say(text)
    assert [one.text for one in kept[::2]] == ["dim the lamp to 20", "five", "wake me at 7 30", "12"]


async def test_what_is_undone_is_kept_with_the_request_that_undid_it(scene: Scene) -> None:
    kept = scene.recorded()
    scene.router.on("off", Call("light.turn_off", {}, ("light.hall",)))
    scene.router.on("undo", Call("assistant.undo"))
    await scene.say("off")
    await scene.say("undo")
    assert deeds(kept[3])[0][:2] == ("light.hall", "turn_on")


async def test_what_the_language_model_calls_is_its_own_doing(scene: Scene) -> None:
    kept = scene.recorded()
    scene.router.on("gloomy", decision=Decision.CHAT)
    scene.model.rounds = [(calls(("turn_on", {"name": "Bedroom Lamp"})),), ("Done.",)]
    await scene.say("gloomy", source=Source.VOICE)
    assert deeds(kept[-1]) == [("light.bedroom_lamp", "turn_on", "done", "model")]
    assert kept[-1].answered_by == "llm"
    (command,) = scene.actuator.calls
    assert command.cause is not None
    assert (command.cause.source, command.cause.by) == ("voice", Agent.MODEL)


async def test_what_was_ordered_for_later_tells_who_ordered_it(scene: Scene) -> None:
    kept = scene.recorded()
    scene.router.on("off later", Call("light.turn_off", {"after": 1200}, ("light.hall",)))
    reply = await scene.say("off later", source=Source.HTTP, origin="token of the tablet", area="hall")
    scene.clock.advance(1200)
    await until(lambda: len(kept) == 3)
    due = kept[-1]
    assert (due.source, due.origin, due.follows) == ("schedule", "http token of the tablet", reply.id)
    assert (due.decision, due.area) == ("call_due", "hall")
    assert [(device, service, by) for device, service, _, by in deeds(due)] == [("light.hall", "turn_off", "schedule")]


async def test_what_was_done_is_kept_though_nobody_waits_for_the_answer(scene: Scene) -> None:
    kept = scene.recorded()
    scene.router.on("chat", decision=Decision.CHAT)
    scene.model.gate = asyncio.Event()
    asking = asyncio.create_task(scene.say("chat"))
    await until(lambda: bool(scene.model.asked))
    asking.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asking
    assert (len(kept), kept[1].decision) == (2, None)
    assert kept[1].ms > 0


async def test_a_pin_that_is_noted_for_later_is_kept_and_told_nowhere(scene: Scene) -> None:
    kept = scene.recorded(Confirmation(pin="4711"))
    scene.router.on("note it", Call("todo.add_item", {"item": "the gate, forty seven eleven", "name": "shopping"}))
    told: list[str] = []
    scene.assistant.watch(lambda _, reply: told.append(reply.text))
    reply = await scene.say("note it")
    assert "eleven" in reply.text.casefold()
    assert reply.shown == PIN_SAID
    assert told == [PIN_SAID]
    assert kept[-1].reply == PIN_SAID
    assert kept[-1].calls[0].arguments["item"] == PIN_SAID
