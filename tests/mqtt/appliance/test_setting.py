"""What is set over MQTT: carried out, refused with a reason, never out of date."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.mqtt.appliance.announcing import COMPONENTS
from edge.mqtt.appliance.component import CommandError
from edge.mqtt.appliance.controls import LONGEST_COMMAND
from tests.mosquitto import Mosquitto
from tests.mqtt.appliance.fakes import BASE, FACTS, Hands, staged


@pytest.mark.parametrize(
    ("entity", "payload", "done"),
    [
        ("volume", "35", ("volume", 0.35)),
        ("volume", "35.0", ("volume", 0.35)),
        ("volume", " 0 ", ("volume", 0.0)),
        ("mute", "ON", ("mute", True)),
        ("mute", "off", ("mute", False)),
        ("guests", "ON", ("guests", True)),
        ("guests", "OFF", ("guests", False)),
        ("wake_word", "alexa", ("wake_word", "alexa")),
        ("model", "phi", ("model", "phi")),
        ("restart", "PRESS", ("restart", None)),
        ("tune", "PRESS", ("tune", None)),
    ],
)
async def test_each_can_be_set(
    broker: Mosquitto, tmp_path: Path, entity: str, payload: str, done: tuple[str, Any]
) -> None:
    async with staged(broker, tmp_path) as scene:
        await scene.announced()
        await scene.set(entity, payload)
        assert await scene.next_told() == {"event": "set", "entity": entity, "done": True}
    assert scene.hands.set == [done]


@pytest.mark.parametrize(
    ("entity", "payload", "reason"),
    [
        ("volume", "101", "expected a number from 0 to 100, found '101'"),
        ("volume", "nan", "expected a number from 0 to 100, found 'nan'"),
        ("volume", "loud", "expected a number from 0 to 100, found 'loud'"),
        ("volume", "", "expected a number from 0 to 100, found ''"),
        ("mute", "maybe", "expected one of ON, OFF, found 'MAYBE'"),
        ("wake_word", "hey you", "expected one of alexa, okay_nabu, found 'hey you'"),
        ("model", "", "expected one of phi, qwen, found ''"),
        ("restart", "ON", "expected one of PRESS, found 'ON'"),
        ("volume", "9" * 300, "more than 256 characters"),
        ("mute", "\udcff", "expected one of ON, OFF, found '���'"),
    ],
)
async def test_what_makes_no_sense_is_refused_and_the_true_state_told_again(
    broker: Mosquitto, tmp_path: Path, entity: str, payload: str, reason: str
) -> None:
    async with staged(broker, tmp_path) as scene:
        await scene.announced()
        scene.inbox.messages.clear()
        await scene.set(entity, payload.encode("utf-8", "surrogatepass"))
        told = await scene.next_told()
        if entity != "restart":
            await scene.inbox.until(lambda _: scene.last(f"entity/{entity}") is not None)
    assert told == {"event": "set", "entity": entity, "done": False, "reason": reason}
    assert scene.hands.set == []


async def test_a_retained_command_is_old_and_not_carried_out(broker: Mosquitto, tmp_path: Path) -> None:
    async with staged(broker, tmp_path) as scene:
        await scene.announced()
        await scene.set("restart", "PRESS", retain=True)
        assert (await scene.next_told())["done"]
    async with staged(broker, tmp_path) as scene:
        await scene.announced()
        await scene.set("volume", "10")
        await scene.next_told()
    assert scene.hands.set == [("volume", 0.1)]


async def test_of_what_comes_while_it_is_busy_only_the_latest_counts(broker: Mosquitto, tmp_path: Path) -> None:
    async with staged(broker, tmp_path) as scene:
        await scene.announced()
        scene.hands.go_on.clear()
        for volume in range(0, 101, 10):
            await scene.set("volume", str(volume))
        await scene.set("mute", "ON")
        await scene.inbox.until(lambda messages: any(message.topic == f"{BASE}/set/mute" for message in messages))
        scene.hands.go_on.set()
        await scene.next_told()
        await scene.next_told()
        await scene.next_told()
    assert [value for what, value in scene.hands.set if what == "volume"] == [0.0, 1.0]


async def test_a_button_that_is_pressed_again_meanwhile_does_nothing_more(broker: Mosquitto, tmp_path: Path) -> None:
    async with staged(broker, tmp_path) as scene:
        await scene.announced()
        scene.hands.go_on.clear()
        await scene.set("tune", "PRESS")
        await scene.set("tune", "PRESS")
        assert await scene.next_told() == {
            "event": "set",
            "entity": "tune",
            "done": False,
            "reason": "it is being done already",
        }
        scene.hands.go_on.set()
        assert (await scene.next_told())["done"]
    assert scene.hands.set == [("tune", None)]


async def test_what_the_service_refuses_is_told_with_its_reason(broker: Mosquitto, tmp_path: Path) -> None:
    async with staged(broker, tmp_path) as scene:
        await scene.announced()
        scene.hands.refusal = "the model is gone"
        await scene.set("model", "phi")
        told = await scene.next_told()
    assert told == {"event": "set", "entity": "model", "done": False, "reason": "the model is gone"}


async def test_a_fault_costs_one_command_and_nothing_else(
    broker: Mosquitto, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with staged(broker, tmp_path) as scene:
        await scene.announced()
        scene.hands.error = ValueError("broken")
        await scene.set("volume", "10")
        assert (await scene.next_told())["reason"] == "there is a fault in the service (broken): see its log"
        scene.hands.error = None
        await scene.set("volume", "20")
        assert (await scene.next_told())["done"]
    assert "set.failed" in [record.message for record in caplog.records]


async def test_nothing_is_set_of_what_is_not_there(broker: Mosquitto, tmp_path: Path) -> None:
    async with staged(broker, tmp_path) as scene:
        await scene.announced()
        scene.change(listening=None, volume=None)
        await scene.shows("available/voice", "offline")
        await scene.set("volume", "10")
        assert not (await scene.next_told())["done"]
        for topic in ("timers", "nothing", "request", "problem_disk"):
            await scene.set(topic, "1")
        scene.change(listening="idle", volume=0.5)
        await scene.shows("available/voice", "online")
        await scene.set("volume", "20")
        assert (await scene.next_told())["entity"] == "volume"
    assert scene.hands.set == [("volume", 0.2)]


@given(st.sampled_from([each for each in COMPONENTS if each.command]), st.text(max_size=LONGEST_COMMAND))
async def test_whatever_text_comes_it_is_done_or_refused(component: Any, payload: str) -> None:
    hands = Hands()
    try:
        await component.command(payload, FACTS, hands)
    except CommandError as error:
        assert str(error)
        assert hands.set == []
    else:
        assert len(hands.set) == 1


@given(st.text(), st.text(max_size=10_000))
async def test_whatever_was_said_states_and_attributes_stay_within_limits(text: str, reply: str) -> None:
    from edge.mqtt.appliance import Exchange

    exchange = Exchange("1", text, reply, "chat", "llm", "http", None, (), 1.0)
    facts = replace(FACTS, last=exchange)
    for component in COMPONENTS:
        if component.state is not None and component.platform != "update":
            assert len(component.state(facts) or "") <= 255
        if component.attributes is not None:
            assert len(str(component.attributes(facts))) < 20_000
