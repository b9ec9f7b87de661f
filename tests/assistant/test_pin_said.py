"""A PIN in the same sentence, wrong ones, and who gets to see what of it."""

from typing import Any

import pytest

from edge.assistant.confirmation import PIN_SAID, Confirmation
from edge.assistant.lockout import FIRST_S
from edge.assistant.model import Reply, Source, Utterance
from edge.router.model import Call, Decision
from tests.assistant.conftest import Scene

UNLOCK = Call("lock.unlock", {"name": "Front Door"}, ("lock.front",), confirm=True)
ON = Call("light.turn_on", {}, ("light.counter",))
UNLOCKED: tuple[str, str, dict[str, Any]] = ("lock.front", "unlock", {})


@pytest.fixture(autouse=True)
def script(scene: Scene) -> None:
    scene.configured(Confirmation(pin="1234"))
    scene.router.on("unlock the door", UNLOCK)
    scene.router.on("unlock the door and turn on the light", UNLOCK, ON)
    scene.router.on("turn on the light", ON)
    scene.router.on("chat about 1234 and 1966", decision=Decision.CHAT)


async def voice(scene: Scene, text: str) -> Reply:
    return await scene.say(text, source=Source.VOICE, area="hall")


@pytest.mark.parametrize(
    "text",
    [
        "unlock the door, one two three four",
        "unlock the door 1234",
        "unlock the door with the pin twelve thirty-four",
        "1234 unlock the door",
    ],
)
async def test_an_order_with_its_pin_is_done_at_once(scene: Scene, text: str) -> None:
    reply = await voice(scene, text)
    assert reply.text == "The front door is unlocked."
    assert [call.function for call in reply.calls] == ["lock.unlock"]
    assert scene.actuator.sent == [UNLOCKED]


async def test_it_is_enough_to_call_it_it(scene: Scene) -> None:
    lock = Call("lock.lock", {"name": "Front Door"}, ("lock.front",))
    scene.router.on("lock the front door", lock)
    scene.router.on("unlock the front door", UNLOCK)
    scene.actuator.outcomes = {}
    await voice(scene, "lock the front door")
    assert (await voice(scene, "unlock it, 1234")).text == "The front door is unlocked."


async def test_what_needs_no_pin_is_done_with_it(scene: Scene) -> None:
    assert (await voice(scene, "unlock the door and turn on the light, 1234")).text == (
        "The counter light is on. The front door is unlocked."
    )


async def test_a_wrong_one_opens_nothing_and_counts(scene: Scene) -> None:
    for _ in range(5):
        assert "not the PIN" in (await voice(scene, "unlock the door 4321")).text
    assert (await voice(scene, "unlock the door 1234")).text == "I may not do that now."
    scene.clock.advance(FIRST_S)
    await voice(scene, "unlock the door 1234")
    assert scene.actuator.sent == [UNLOCKED]


async def test_what_asks_for_no_pin_is_no_try(scene: Scene) -> None:
    """Nor does it tell whether it was one."""
    for text in ("turn on the light 1234", "turn on the light 4321", "1234", "4321"):
        await voice(scene, text)
    assert all(device != "lock.front" for device, _, _ in scene.actuator.sent)
    assert "PIN" in (await voice(scene, "unlock the door")).text


async def test_the_pin_from_another_room_confirms_nothing(scene: Scene) -> None:
    await voice(scene, "unlock the door")
    await scene.say("1234", source=Source.VOICE, area="bedroom")
    assert scene.actuator.sent == []


@pytest.mark.parametrize("pin", ["1234", "4321"])
async def test_right_or_wrong_it_is_kept_nowhere(scene: Scene, pin: str) -> None:
    kept = scene.recorded(Confirmation(pin="1234"))
    told: list[str] = []
    scene.assistant.watch(lambda utterance, reply: told.extend((utterance.text, reply.request)))
    await voice(scene, f"unlock the door {pin}")
    assert {one.text for one in kept} == {f"unlock the door {PIN_SAID}"}
    assert set(told) == {f"unlock the door {PIN_SAID}"}


async def test_the_language_model_does_not_get_it(scene: Scene) -> None:
    await voice(scene, "chat about 1234 and 1966")
    assert scene.model.asked[-1][-1].text == "chat about (a number) and 1966"
    await scene.say("chat about 1234 and 1966", source=Source.MQTT)
    assert scene.model.asked[-1][-1].text == "chat about (a number) and (a number)"


@pytest.mark.parametrize("text", ["4711", "is it 1234 or not", "is it 4711 or not", "say 1 2 and then 3 4 backwards"])
async def test_nobody_afar_finds_it_by_what_is_hidden(scene: Scene, text: str) -> None:
    told: list[tuple[str, str]] = []
    scene.assistant.watch(lambda utterance, reply: told.append((utterance.text, reply.text)))
    await scene.assistant.ask(Utterance(text, Source.MQTT))
    assert told == [(PIN_SAID, "")]


async def test_nobody_afar_finds_it_by_replies(scene: Scene) -> None:
    scene.router.on("note it", Call("todo.add_item", {"item": "5678 or 1234", "name": "shopping"}))
    told: list[str] = []
    scene.assistant.watch(lambda _, reply: told.append(reply.text))
    await scene.assistant.ask(Utterance("note it", Source.MQTT))
    assert told[0].count(PIN_SAID) == 2
