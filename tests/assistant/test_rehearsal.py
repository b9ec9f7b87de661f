"""What would be said is what the assistant says, and nothing moves for it."""

import pytest

from edge.assistant.confirmation import Confirmation
from edge.assistant.rehearsal import Rehearsal
from edge.devices import Registry
from edge.router.model import Call, Decision, Routing
from tests.assistant.fakes import ScriptedRouter, house
from tests.schedule.fakes import FakeClock


@pytest.fixture
def registry() -> Registry:
    return house()


async def reply(registry: Registry, routing: Routing, confirmation: Confirmation | None = None) -> str:
    before = {one: registry.state(one) for one in registry.devices}
    rehearsal = Rehearsal(ScriptedRouter(), registry, FakeClock(), confirmation or Confirmation())
    said = await rehearsal.reply(routing)
    assert {one: registry.state(one) for one in registry.devices} == before
    return said


def of(device: str, function: str, **arguments: str) -> Call:
    return Call(function, arguments, (device,))


async def test_a_question_about_a_device_is_answered(registry: Registry) -> None:
    light = next(one for one in registry.devices if one.startswith("light."))
    said = await reply(registry, Routing("is it on", Decision.QUERY, (of(light, "state.get", state="on"),)))
    assert said.endswith(".")
    assert registry.devices[light].name.casefold() in said.casefold()


async def test_what_needs_a_yes_is_asked_about_and_the_rest_not_reported(registry: Registry) -> None:
    lock = next(one for one in registry.devices if one.startswith("lock."))
    light = next(one for one in registry.devices if one.startswith("light."))
    both = (of(light, "light.turn_on"), of(lock, "lock.unlock"))
    said = await reply(registry, Routing("both", Decision.ACT, both))
    assert said.startswith("Shall I unlock")
    assert said.count(".") == 0
    assert "PIN" in await reply(registry, Routing("both", Decision.ACT, both), Confirmation(pin="1234"))


async def test_what_is_refused_is_said_and_what_would_be_done_is_not(registry: Registry) -> None:
    light = next(one for one in registry.devices if one.startswith("light."))
    refused = Routing("if it rains", Decision.ACT, (of(light, "light.turn_on", condition="it rains"),))
    assert await reply(registry, refused) == "I know nothing here that tells me “it rains”, so I have done nothing."
    assert await reply(registry, Routing("on", Decision.ACT, (of(light, "light.turn_on"),))) == ""


async def test_a_question_back_is_worded_as_the_assistant_words_it(registry: Registry) -> None:
    light = next(one for one in registry.devices if one.startswith("light."))
    doubtful = Routing("on", Decision.CLARIFY, (of(light, "light.turn_on"),), question="Did you say: on?")
    assert (await reply(registry, doubtful)).startswith("Shall I ")
    which = Routing("on", Decision.CLARIFY, question="Which light?")
    assert await reply(registry, which) == "Which light?"


@pytest.mark.parametrize("decision", [Decision.CHAT, Decision.IGNORE])
async def test_what_is_for_the_language_model_or_for_nobody_has_no_words(
    registry: Registry, decision: Decision
) -> None:
    assert await reply(registry, Routing("tell me a joke", decision)) == ""


async def test_timers_that_are_kept_elsewhere_are_not_spoken_of(registry: Registry) -> None:
    assert await reply(registry, Routing("how long", Decision.QUERY, (Call("timer.status", {}, ()),))) == ""


async def test_one_sentence_does_not_answer_the_question_of_another(registry: Registry) -> None:
    lock = next(one for one in registry.devices if one.startswith("lock."))
    rehearsal = Rehearsal(ScriptedRouter(), registry, FakeClock(), Confirmation())
    asked = Routing("unlock it", Decision.ACT, (of(lock, "lock.unlock"),))
    assert await rehearsal.reply(asked)
    assert await rehearsal.reply(asked) == await rehearsal.reply(asked)
