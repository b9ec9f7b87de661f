"""From a sentence that is for no device to a device that moves: a real worker, a real broker, the model's own call."""

import importlib.util
from pathlib import Path

import pytest

from edge.assistant.assistant import Assistant
from edge.assistant.model import Source, Utterance
from edge.assistant.talk import MOST_ROUNDS
from edge.devices.registry import ChangeKind
from edge.llm import LanguageModel, Options, State
from edge.models import ModelStore
from edge.router.model import Decision
from edge.router.vocabulary import load_vocabulary
from edge.schedule import Schedule
from tests.assistant.fakes import ScriptedRouter
from tests.llm.parrot import Table, make_parrot
from tests.llm.toolboxes import QWEN
from tests.mosquitto import Mosquitto
from tests.mqtt.test_house import LAMP, home
from tests.schedule.fakes import FakeClock

needs_library = pytest.mark.skipif(importlib.util.find_spec("llama_cpp") is None, reason="needs the llm extra")
pytestmark = [pytest.mark.llm, needs_library]

MARKS = ("<tool_call>", "</tool_call>")
CALLS_TURN_ON: Table = {
    "Ċ": ("<tool_call>", "hello"),
    '"': ("turn", "n", "L", "}"),
    "turn": ("_",),
    "_": ("on",),
    "{": ('"',),
    "</tool_call>": ("<|im_end|>",),
    "hello": ("<|im_end|>",),
}
CALLS_UNLOCK = CALLS_TURN_ON | {'"': ("l", "n", "F", "}"), "l": ("o",), "_": ("u",)}
WISH = "it is so dark in here"


async def ask(broker: Mosquitto, model: Path) -> tuple[str, list[str], str]:
    """What is said to the wish, the functions called, and the states of the lamp and the lock."""
    router = ScriptedRouter()
    router.on(WISH, decision=Decision.CHAT)
    clock = FakeClock()
    options = Options(model=str(model), n_ctx=8192, n_threads=1, poll_s=0.05, seed=1)
    async with (
        home(broker) as here,
        Schedule(None, clock, boot_id="boot-1") as schedule,
        LanguageModel(ModelStore(model.parent), options) as talks,
    ):
        here.answer("lamp/set", "lamp/state")
        await here.devices.publish("lamp/available", "online", retain=True)
        await here.devices.publish("lamp/state", "OFF", retain=True)
        await here.announce("light", LAMP)
        lock = {"name": "Front Door", "unique_id": "front", "command_topic": "front/set", "state_topic": "front"}
        await here.announce("lock", lock)
        await here.devices.publish("front", "LOCKED", retain=True)
        await here.until(ChangeKind.STATE, "light.lamp", "off")
        await here.until(ChangeKind.STATE, "lock.front_door", "locked")
        assert await talks.settled() is State.READY, talks.unavailable
        assistant = Assistant(
            route=router,
            registry=here.registry,
            actuator=here.house,
            chat=talks,
            schedule=schedule,
            clock=clock,
        )
        reply = await assistant.ask(Utterance(WISH, Source.CLI))
        states = [here.registry.state(one).state for one in ("light.lamp", "lock.front_door")]
        return reply.text, [call.function for call in reply.calls], " ".join(map(str, states))


@pytest.fixture(autouse=True)
def _vocabulary() -> None:
    load_vocabulary()


async def test_the_model_turns_a_lamp_on_through_the_broker(broker: Mosquitto, tmp_path: Path) -> None:
    model = make_parrot(tmp_path / "parrot.gguf", CALLS_TURN_ON, QWEN, MARKS)
    text, functions, states = await ask(broker, model)
    assert states == "on locked"
    assert functions == ["light.turn_on"] * MOST_ROUNDS
    assert text == "hello"


async def test_the_model_can_not_unlock_a_door_by_itself(broker: Mosquitto, tmp_path: Path) -> None:
    model = make_parrot(tmp_path / "parrot.gguf", CALLS_UNLOCK, QWEN, MARKS)
    text, functions, states = await ask(broker, model)
    assert states == "off locked"
    assert functions == ["lock.unlock"]
    assert text == "Shall I unlock the front door?"
