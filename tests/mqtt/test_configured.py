"""`[[devices]]` entries: the same entities as from discovery, and errors that name the key."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.mqtt.configured import DeviceEntryError, configured_entities, configured_entity


def test_an_entry_is_the_entity_that_discovery_would_have_made() -> None:
    entity = configured_entity(
        {
            "id": "light.desk",
            "name": "Desk",
            "area": "Study",
            "aliases": ["lamp"],
            "command_topic": "d/set",
            "state_topic": "d",
        }
    )
    assert entity.device.name == "Desk"
    assert entity.device.area == "Study"
    assert entity.device.aliases == ("lamp",)
    assert entity.receive("d", b"ON") == entity.current
    assert entity.command("turn_off", {}, entity.current).publishes[0].payload == "OFF"


@pytest.mark.parametrize(
    ("entry", "device_id", "name"),
    [
        ({"domain": "switch", "name": "Coffee machine"}, "switch.coffee_machine", "Coffee machine"),
        ({"platform": "switch", "id": "pump"}, "switch.pump", "Pump"),
        ({"id": "switch.garden_pump"}, "switch.garden_pump", "Garden pump"),
    ],
)
def test_the_id_may_be_made_of_domain_and_name(entry: dict[str, Any], device_id: str, name: str) -> None:
    device = configured_entity({**entry, "command_topic": "x"}).device
    assert (device.id, device.name) == (device_id, name)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"id": "light.desk", "command_topc": "x"}, r"light\.desk.*command_topc.*did you mean `command_topic`"),
        ({"id": "light.desk", "cmd_t": "x"}, "write it out, `command_topic`"),
        ({"id": "ligth.desk"}, "did you mean `light`"),
        ({"id": "camera.door"}, "voice assistant"),
        ({"id": "light.desk"}, "command_topic is missing"),
        ({"id": "light."}, "a domain, a dot"),
        ({"id": 5}, "needs an id"),
        ({"name": "x"}, "needs an id"),
        ({"id": "switch.x", "command_topic": "x", "aliases": "y"}, "aliases: expected a list"),
        ({"id": "switch.x", "command_topic": "x", "area": 3}, "area: expected a text"),
        ({"id": "switch.x", "command_topic": "x", "entity_category": "odd"}, "config or diagnostic"),
        ({"id": "switch.x", "command_topic": "x", "device": {}}, "no such key"),
        ({"id": "switch.x", "command_topic": "x", "value_template": "{{"}, "value_template: template, line 1"),
        ({"id": "media_player.tv", "volume_max": 0}, "volume_max must be more"),
    ],
)
def test_an_error_names_the_device_the_key_and_the_near_miss(entry: dict[str, Any], message: str) -> None:
    with pytest.raises(DeviceEntryError, match=message):
        configured_entity(entry)


def test_a_bad_entry_leaves_the_others_alone() -> None:
    good = {"id": "switch.a", "command_topic": "a"}
    configured = configured_entities([good, {"id": "switch.b"}, good])
    assert [entity.device.id for entity in configured.entities] == ["switch.a"]
    assert [str(problem).split(":")[0] for problem in configured.problems] == ["devices[1] (switch.b)", "devices[2]"]


@given(
    entry=st.dictionaries(
        st.sampled_from(["id", "name", "domain", "command_topic", "aliases", "schema"]), st.text(max_size=8)
    )
)
def test_any_entry_gives_an_entity_or_an_error(entry: dict[str, Any]) -> None:
    try:
        configured_entity(entry)
    except DeviceEntryError as error:
        assert str(error).startswith("devices")
