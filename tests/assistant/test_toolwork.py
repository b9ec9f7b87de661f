"""The language model calls tools: the same devices, confirmations, reports and undoing as when a person asks."""

from typing import Any

import pytest

from edge.assistant.confirmation import Confirmation
from edge.assistant.model import Source
from edge.assistant.ports import ChatTurn
from edge.assistant.talk import MOST_ROUNDS
from edge.assistant.toolbox import HOUSE_CHARACTERS, TOOL_CHARACTERS, toolset
from edge.devices import Area, Device, DeviceState, Registry
from edge.llm.errors import LlmError
from edge.llm.tools import Kind, Toolbox, ToolCalls, signature
from edge.router.model import Call, Decision
from edge.router.vocabulary import load_vocabulary
from tests.assistant.conftest import Scene
from tests.assistant.fakes import calls, device
from tests.llm.toolboxes import HOSTILE

WISH = "the lamp by my bed bothers me, and it is dark in the hall"


def talking(scene: Scene, *rounds: tuple[str | ToolCalls | Exception, ...]) -> None:
    """Have the router pass, and the model say these things one after another."""
    scene.router.on(WISH, decision=Decision.CHAT)
    scene.model.rounds = list(rounds)


async def test_a_chat_moves_a_device_and_the_model_tells_of_it(scene: Scene) -> None:
    talking(scene, ("One moment.", calls(("turn_on", {"name": "Bedroom Lamp"}))), ("It is ", "bright now."))
    reply = await scene.say(WISH)
    assert scene.actuator.sent == [("light.bedroom_lamp", "turn_on", {})]
    assert reply.text == "One moment. It is bright now."
    assert (reply.decision, reply.source.value) == (Decision.CHAT, "llm")
    assert [(call.function, call.targets) for call in reply.calls] == [("light.turn_on", ("light.bedroom_lamp",))]
    assert scene.model.asked[1][1:] == (
        ChatTurn("assistant", "calls (('turn_on', {'name': 'Bedroom Lamp'}),)"),
        ChatTurn("tool", "The bedroom lamp is on."),
    )


async def test_values_are_given_as_they_are(scene: Scene) -> None:
    made = calls(
        ("light_set", {"name": "Hall Light", "brightness": 20}),
        ("climate_set_temperature", {"name": "Office Thermostat", "temperature": 19.5}),
        ("light_set", {"name": "Main Light", "color": "red"}),
    )
    talking(scene, (made,))
    await scene.say(WISH)
    assert scene.actuator.sent == [
        ("light.hall", "turn_on", {"brightness_pct": 20}),
        ("climate.office", "set_temperature", {"temperature": 19.5}),
        ("light.kitchen_main", "turn_on", {"color_name": "red"}),
    ]


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (("state_get", {"name": "Office Window"}), "The office window is open."),
        (("sensor_query", {"measure": "temperature", "area": "Bedroom"}), "It is 21.4 degrees in the bedroom."),
        (("state_get", {"state": "open", "aggregate": "which"}), "window"),
        (("time_get", {}), "It is"),
    ],
)
async def test_states_and_readings_are_asked_for(scene: Scene, made: tuple[str, dict[str, Any]], words: str) -> None:
    talking(scene, (calls(made),))
    await scene.say(WISH)
    assert words in scene.model.asked[1][-1].text
    assert not scene.actuator.sent


async def test_a_name_of_several_devices_goes_by_the_area(scene: Scene) -> None:
    talking(scene, (calls(("turn_on", {"name": "Lamp", "area": "Bedroom"})),), (calls(("turn_off", {"name": "Lamp"})),))
    await scene.say(WISH)
    assert scene.actuator.sent == [("light.bedside", "turn_on", {})]
    assert "Not done" in scene.model.asked[2][-1].text
    assert "in the office" in scene.model.asked[2][-1].text


async def test_an_area_alone_means_what_it_means_for_the_router(scene: Scene) -> None:
    talking(scene, (calls(("turn_on", {"area": "Kitchen"})),))
    await scene.say(WISH)
    assert {device for device, _, _ in scene.actuator.sent} == {
        "light.kitchen_main",
        "light.counter",
        "light.sink",
        "light.table",
    }


async def test_critical_actions_ask_and_the_model_does_not_get_a_word_in(scene: Scene) -> None:
    talking(scene, (calls(("lock_unlock", {"name": "Front Door"}), ("turn_on", {"name": "Hall Light"})),))
    reply = await scene.say(WISH)
    assert reply.text == "Shall I unlock the front door?"
    assert reply.listen
    assert reply.calls[0].confirm
    assert not scene.actuator.sent
    assert len(scene.model.asked) == 1
    reply = await scene.say("yes")
    assert scene.actuator.sent == [("lock.front", "unlock", {})]


async def test_another_room_or_source_confirms_nothing(scene: Scene) -> None:
    talking(scene, (calls(("cover_open", {"name": "Garage Door"})),))
    await scene.say(WISH, area="kitchen")
    await scene.say("yes", area="hall")
    await scene.say("yes", source=Source.MQTT, area="kitchen")
    assert not scene.actuator.sent


async def test_a_source_that_may_not_confirm_is_told_so(scene: Scene) -> None:
    talking(scene, (calls(("lock_unlock", {"name": "Front Door"})),))
    reply = await scene.configured(Confirmation()).say(WISH, source=Source.MQTT)
    assert "confirm.pin" in reply.text
    assert not reply.listen
    assert not scene.actuator.sent


async def test_what_was_done_in_several_rounds_is_undone_at_once(scene: Scene) -> None:
    talking(scene, (calls(("turn_on", {"name": "Bedroom Lamp"})),), (calls(("turn_off", {"name": "Hall Light"})),))
    await scene.say(WISH)
    scene.actuator.calls.clear()
    scene.router.on("undo that", Call("assistant.undo"))
    await scene.say("undo that")
    assert {(device, service) for device, service, _ in scene.actuator.sent} == {
        ("light.hall", "turn_on"),
        ("light.bedroom_lamp", "turn_off"),
    }


async def test_after_four_rounds_it_has_to_answer(scene: Scene) -> None:
    again = (calls(("time_get", {})),)
    talking(scene, *[again] * MOST_ROUNDS, ("Enough.",))
    reply = await scene.say(WISH)
    assert reply.text == "Enough."
    assert [may_call for _, may_call in scene.model.offered] == [True] * MOST_ROUNDS + [False]
    assert len({id(toolbox) for toolbox, _ in scene.model.offered}) == 1


async def test_a_model_that_fails_after_a_call_leaves_the_report(scene: Scene) -> None:
    talking(scene, (calls(("turn_on", {"name": "Bedroom Lamp"})),), (LlmError("it died"),))
    reply = await scene.say(WISH)
    assert reply.text == "The bedroom lamp is on."


@pytest.mark.parametrize(
    "made",
    [
        ("turn_on", {"name": "Bedroom Temperature"}),
        ("turn_on", {"name": "No Such Thing"}),
        ("fly", {}),
        ("lock_unlock", {"name": "Hall Light"}),
        ("light_set", {"name": "Hall Light"}),
        ("climate_set_temperature", {"name": "Hall Light", "temperature": 20}),
    ],
)
async def test_calls_that_can_not_be_are_told_to_the_model(scene: Scene, made: tuple[str, dict[str, Any]]) -> None:
    talking(scene, (calls(made),))
    reply = await scene.say(WISH)
    assert not scene.actuator.sent
    assert reply.text == "Hello there."
    assert len(scene.model.asked) == 2


async def test_turns_of_a_chat_keep_calls_and_results_and_begin_with_a_question(scene: Scene) -> None:
    for number in range(12):
        scene.router.on(f"chat {number}", decision=Decision.CHAT)
        scene.model.rounds = [(calls(("time_get", {})),), ("Late.",)]
        await scene.say(f"chat {number}")
        turns = scene.model.asked[-1]
        assert turns[0].role == "user"
        assert [turn.role for turn in turns[-3:]] == ["user", "assistant", "tool"]
        assert len(turns) <= 20


# The toolbox ------------------------------------------------------------------------------------------------------


def crowd(devices: int) -> Registry:
    registry = Registry()
    for at in range(20):
        registry.put_area(Area(f"a{at}", f"Room {at}"))
    for at in range(devices):
        domain = ("light", "switch", "cover", "sensor", "lock", "media_player", "climate", "fan")[at % 8]
        registry.put_device(
            Device(
                f"{domain}.d{at}", f"{domain.title()} {at}", f"a{at % 20}", device_class=None if at % 8 - 3 else "power"
            )
        )
    return registry


@pytest.mark.parametrize("devices", [0, 10, 300, 3000])
def test_the_text_stays_small_however_many_devices_there_are(devices: int) -> None:
    toolbox = toolset(crowd(devices), load_vocabulary()).toolbox
    assert len(toolbox.house) <= HOUSE_CHARACTERS + 100
    assert sum(len(signature(tool)) for tool in toolbox.tools) <= TOOL_CHARACTERS
    assert ("find" in {tool.name for tool in toolbox.tools}) is (devices >= 300)
    assert len(toolbox.names) <= 2000


async def test_names_that_had_no_room_are_found(scene: Scene) -> None:
    for at in range(300):
        scene.registry.put_device(device(f"switch.d{at}", f"Boat Pump {at}", "hall"))
    talking(
        scene,
        (calls(("find", {"words": "boat pump", "area": "Hall"})),),
        (calls(("find", {"words": "zeppelin"})),),
        (calls(("turn_on", {"name": "Boat Pump 7"})),),
    )
    await scene.say(WISH)
    assert "Boat Pump 0 (Hall), Boat Pump 1 (Hall)" in scene.model.asked[1][-1].text
    assert scene.model.asked[2][-1].text == "Nothing like that was found."
    assert scene.actuator.sent == [("switch.d7", "turn_on", {})]


async def test_the_toolbox_is_made_again_when_the_house_changes_and_not_before(scene: Scene) -> None:
    talking(scene)
    await scene.say(WISH)
    scene.registry.set_state("light.hall", DeviceState("off"))
    await scene.say(WISH)
    scene.registry.put_device(device("light.new", "New Light", "hall"))
    await scene.say(WISH)
    first, second, third = (toolbox for toolbox, _ in scene.model.offered)
    assert first is second
    assert isinstance(third, Toolbox) and "New Light" in third.names and third is not first


async def test_hostile_names_are_words_and_are_still_to_be_moved(scene: Scene) -> None:
    for at, name in enumerate(HOSTILE):
        scene.registry.put_device(device(f"light.hostile{at}", name, "hall"))
    made = toolset(scene.registry, load_vocabulary())
    written = f"{made.toolbox.house} {' '.join(made.toolbox.names)}"
    assert not set(written) & set('<>{}[]|`"\\\n')
    assert all(
        value == value.strip()
        for tool in made.toolbox.tools
        for parameter in tool.parameters
        if parameter.kind is Kind.CHOICE
        for value in parameter.values
    )
    names = [name for name, ids in made.devices.items() if ids[0].startswith("light.hostile")]
    talking(scene, (calls(*(("turn_on", {"name": name}) for name in names[:4])),))
    await scene.say(WISH)
    assert [device for device, _, _ in scene.actuator.sent] == [made.devices[name][0] for name in names[:4]]
    assert not set(scene.model.asked[1][-1].text) & set('<>{}[]|`"\\\n')
