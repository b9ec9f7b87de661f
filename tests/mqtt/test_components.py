"""Every kind of entity against what Home Assistant did with the same messages and services.

The cases under tests/data/discovery were written with tests/bench/ha_commands.py against Home Assistant 2026.2.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from edge.devices.model import DeviceState
from edge.mqtt.components import COMPONENTS
from edge.mqtt.discovery import Discovery
from edge.mqtt.entity import Entity, UnsupportedServiceError

CASES = {file.stem: file for file in sorted((Path(__file__).parent.parent / "data" / "discovery").glob("*.json"))}


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(CASES[request.param].read_text())
    return found


def entity_of(case: dict[str, Any]) -> Entity:
    changes = Discovery().feed(case["topic"], json.dumps(case["payload"]).encode())
    assert not changes.problems
    (entity,) = changes.added
    return entity


def receive_all(entity: Entity, case: dict[str, Any]) -> DeviceState:
    state = entity.current
    for topic, text, _ in case["messages"]:
        state = entity.receive(topic, text.encode()) or state
    return state


def test_states_are_home_assistants(case: dict[str, Any]) -> None:
    entity = entity_of(case)
    state = entity.current
    for topic, text, theirs in case["messages"]:
        assert topic in entity.topics
        state = entity.receive(topic, text.encode()) or state
        assert state.available == theirs["available"], (topic, text)
        if not state.available:
            continue
        assert state.state == theirs["state"], (topic, text)
        for name, value in json.loads(json.dumps(dict(state.attributes))).items():
            if name != "brightness" or theirs["attributes"].get("color_mode") != "unknown":
                assert value == theirs["attributes"].get(name), (topic, text, name)
        known = {name for name, value in theirs["attributes"].items() if value is not None}
        assert {name for name in known if not name.endswith("_color")} <= state.attributes.keys(), (topic, text)


def test_commands_are_home_assistants(case: dict[str, Any]) -> None:
    entity = entity_of(case)
    state = receive_all(entity, case)
    for service, data, theirs in case["commands"]:
        try:
            command = entity.command(service, data, state)
        except UnsupportedServiceError:
            assert theirs == [], (service, data)
            continue
        assert [[each.topic, each.payload] for each in command.publishes] == theirs, (service, data)
        if command.assumed:
            state = entity.assume(command.assumed)


def test_what_is_commanded_is_named_among_the_features(case: dict[str, Any]) -> None:
    entity = entity_of(case)
    assert {service for service, _, theirs in case["commands"] if theirs} <= entity.device.features


def test_there_is_a_case_for_every_component() -> None:
    covered = {json.loads(file.read_text())["topic"].split("/")[1] for file in CASES.values()}
    assert covered == COMPONENTS.keys() - {"media_player", "device_automation"}
