"""Discovery: topics, abbreviations, device payloads, ids, names, changes and removals, and whatever else comes."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.identity import ORIGIN
from edge.mqtt.discovery import Changes, Discovery
from edge.mqtt.discovery.abbreviations import ENTITY
from edge.mqtt.entity import Entity

SWITCH = {"name": "Plug", "unique_id": "u1", "command_topic": "plug/set", "state_topic": "plug"}
TOPIC = "homeassistant/switch/plug/config"
DEVICE_TOPIC = "homeassistant/device/box/config"
DEVICE = {
    "dev": {"ids": ["box"], "name": "Box", "sa": "Living Room"},
    "o": {"name": "maker"},
    "~": "box",
    "avty_t": "~/avty",
    "stat_t": "~/state",
    "cmps": {
        "lamp": {"p": "light", "uniq_id": "box_lamp", "name": None, "cmd_t": "~/lamp/set", "schema": "json"},
        "heat": {"p": "sensor", "uniq_id": "box_heat", "dev_cla": "temperature", "val_tpl": "{{ value_json.t }}"},
    },
}


def feed(discovery: Discovery, topic: str, payload: Any) -> Changes:
    return discovery.feed(topic, payload if isinstance(payload, bytes) else json.dumps(payload).encode())


def found(payload: Any, topic: str = TOPIC) -> Entity:
    changes = feed(Discovery(), topic, payload)
    assert not changes.problems
    (entity,) = changes.added
    return entity


def reasons(changes: Changes) -> str:
    return "; ".join(problem.reason for problem in changes.problems)


def test_topics_come_with_and_without_a_node_and_under_any_prefix() -> None:
    assert found(SWITCH, "homeassistant/switch/node/plug/config").device.id == "switch.plug"
    other = Discovery("some/where")
    assert other.filters == ("some/where/+/+/config", "some/where/+/+/+/config")
    assert feed(other, "some/where/switch/plug/config", SWITCH).added
    assert not feed(other, TOPIC, SWITCH)


@pytest.mark.parametrize("topic", ["homeassistant/status", "homeassistant/switch/a/state", "else/switch/a/config", ""])
def test_other_topics_are_none_of_its_business(topic: str) -> None:
    changes = feed(Discovery(), topic, SWITCH)
    assert not changes
    assert not changes.problems


def test_a_topic_with_strange_letters_is_a_problem() -> None:
    assert "letters, digits" in reasons(feed(Discovery(), "homeassistant/switch/käse brot/config", SWITCH))


def test_every_abbreviation_is_written_out() -> None:
    assert len(ENTITY) > 200
    payload = {"name": "A", "cmd_t": "a/set", "stat_t": "a", "pl_on": "1", "uniq_id": "x", "e": "utf-8", "ret": True}
    assert found(payload).command("turn_on", {}, found(payload).current).publishes[0].retain


def test_the_base_topic_stands_at_the_start_or_the_end_of_topics() -> None:
    payload = {"~": "base", "cmd_t": "~/set", "stat_t": "x/~", "name": "~ keeps", "avty": {"t": "~/up"}}
    entity = found(payload)
    assert entity.topics == {"x/base", "base/up"}
    assert entity.command("turn_on", {}, entity.current).publishes[0].topic == "base/set"
    assert entity.device.name == "~ keeps"


def test_a_device_payload_gives_all_its_components() -> None:
    discovery = Discovery()
    lamp, heat = feed(discovery, DEVICE_TOPIC, DEVICE).added
    assert (lamp.device.name, heat.device.name) == ("Box", "Box Temperature")
    assert lamp.device.area == heat.device.area == "living_room"
    assert discovery.areas["living_room"].name == "Living Room"
    assert lamp.topics == heat.topics == {"box/avty", "box/state"}
    assert heat.device.group == "Box"


def test_a_component_with_only_its_platform_is_removed_and_so_is_one_left_out() -> None:
    discovery = Discovery()
    feed(discovery, DEVICE_TOPIC, DEVICE)
    without_lamp = {**DEVICE, "cmps": {**DEVICE["cmps"], "lamp": {"p": "light"}}}  # type: ignore[dict-item]
    assert [entity.device.id for entity in feed(discovery, DEVICE_TOPIC, without_lamp).removed] == ["light.box"]
    without_heat = {**DEVICE, "cmps": {"lamp": DEVICE["cmps"]["lamp"]}}  # type: ignore[index]
    changes = feed(discovery, DEVICE_TOPIC, without_heat)
    assert [entity.device.id for entity in changes.removed] == ["sensor.box_temperature"]
    assert [entity.device.id for entity in changes.added] == ["light.box"]


def test_entities_of_an_appliance_like_this_one_are_left_alone() -> None:
    discovery = Discovery()
    changes = feed(discovery, DEVICE_TOPIC, {**DEVICE, "o": {"name": ORIGIN}})
    assert not changes
    assert all(problem.ignored for problem in changes.problems)
    assert not feed(discovery, TOPIC, {**SWITCH, "o": {"name": ORIGIN}})
    assert feed(discovery, TOPIC, SWITCH).added


def test_an_empty_payload_removes() -> None:
    discovery = Discovery()
    feed(discovery, DEVICE_TOPIC, DEVICE)
    feed(discovery, TOPIC, SWITCH)
    assert len(feed(discovery, DEVICE_TOPIC, b"").removed) == 2
    assert [entity.device.id for entity in feed(discovery, TOPIC, b"").removed] == ["switch.plug"]
    assert not list(discovery.entities)
    assert not feed(discovery, TOPIC, b"")
    assert feed(discovery, TOPIC, SWITCH).added


def test_a_component_that_becomes_another_kind_is_replaced() -> None:
    discovery = Discovery()
    feed(discovery, DEVICE_TOPIC, DEVICE)
    changed = {**DEVICE["cmps"]["lamp"], "p": "switch"}  # type: ignore[index]
    changes = feed(discovery, DEVICE_TOPIC, {**DEVICE, "cmps": {**DEVICE["cmps"], "lamp": changed}})  # type: ignore[dict-item]
    assert [entity.device.id for entity in changes.removed] == ["light.box"]
    assert [entity.device.id for entity in changes.added] == ["switch.box"]


def test_the_same_payload_again_changes_nothing() -> None:
    discovery = Discovery()
    feed(discovery, TOPIC, SWITCH)
    assert feed(discovery, TOPIC, SWITCH) == Changes()


def test_a_late_change_replaces_and_keeps_the_state_and_the_id() -> None:
    discovery = Discovery()
    (first,) = feed(discovery, TOPIC, SWITCH).added
    first.receive("plug", b"ON")
    changes = feed(discovery, TOPIC, {**SWITCH, "name": "Heater", "command_topic": "heater/set"})
    (second,) = changes.changed
    assert not changes.added
    assert second.device.id == "switch.plug"
    assert second.device.name == "Heater"
    assert second.current.state == "on"
    assert second.command("turn_on", {}, second.current).publishes[0].topic == "heater/set"


def test_a_change_that_is_not_understood_leaves_what_was() -> None:
    discovery = Discovery()
    feed(discovery, TOPIC, SWITCH)
    assert feed(discovery, TOPIC, {"name": "no topic"}).problems
    assert [entity.device.id for entity in discovery.entities] == ["switch.plug"]


def test_what_is_not_enabled_is_known_but_not_there() -> None:
    discovery = Discovery()
    assert not feed(discovery, TOPIC, {**SWITCH, "en": False})
    assert discovery.disabled == 1
    assert feed(discovery, TOPIC, SWITCH).added
    assert feed(discovery, TOPIC, {**SWITCH, "en": "false"}).removed


def test_ids_are_unique_and_stay_the_same_whatever_the_order() -> None:
    ids: dict[str, str] = {}
    payloads = [{**SWITCH, "unique_id": unique, "name": "Plug"} for unique in ("a", "b", "c")]
    for order in ((0, 1, 2), (2, 1, 0)):
        discovery = Discovery(ids=ids)
        given_ids = {}
        for place in order:
            (entity,) = feed(discovery, f"homeassistant/switch/p{place}/config", payloads[place]).added
            given_ids[place] = entity.device.id
        assert given_ids == {0: "switch.plug", 1: "switch.plug_2", 2: "switch.plug_3"}


def test_an_id_that_is_reserved_is_given_to_nobody() -> None:
    discovery = Discovery()
    discovery.reserve("switch.plug")
    assert feed(discovery, TOPIC, SWITCH).added[0].device.id == "switch.plug_2"


def test_the_same_unique_id_twice_is_a_problem_unless_it_migrates() -> None:
    discovery = Discovery()
    feed(discovery, TOPIC, {**SWITCH, "unique_id": "box_plug"})
    device = {"dev": {"ids": "b", "name": "B"}, "cmps": {"plug": {"p": "switch", "uniq_id": "box_plug", "cmd_t": "x"}}}
    assert "box_plug" in reasons(feed(discovery, DEVICE_TOPIC, device))
    feed(discovery, TOPIC, {"migrate_discovery": True})
    (moved,) = feed(discovery, DEVICE_TOPIC, device).changed
    assert moved.device.id == "switch.plug"
    assert not feed(discovery, TOPIC, b"")
    assert [entity.device.id for entity in discovery.entities] == ["switch.plug"]


@pytest.mark.parametrize(
    ("payload", "name", "aliases"),
    [
        ({"name": None, "device": {"name": "Bedroom lamp"}}, "Bedroom lamp", ()),
        ({"device": {"name": "Bedroom lamp"}}, "Bedroom lamp", ()),
        ({"name": "Switch", "device": {"name": "Bedroom lamp"}}, "Bedroom lamp", ("Bedroom lamp Switch",)),
        ({"name": "Left", "device": {"name": "Socket"}}, "Socket Left", ()),
        ({"name": "Socket Left", "device": {"name": "Socket"}}, "Socket Left", ()),
        ({"name": "Plain"}, "Plain", ()),
        ({}, "Switch", ()),
        ({"name": 12, "device": "no map"}, "12", ()),
        ({"name": ["x"], "device": {"name": "  Two\n lines "}}, "Two lines", ()),
    ],
)
def test_names_are_what_a_person_would_say(payload: dict[str, Any], name: str, aliases: tuple[str, ...]) -> None:
    device = found({"command_topic": "x", **payload}).device
    assert (device.name, device.aliases) == (name, aliases)


def test_a_sensor_without_a_name_is_called_by_its_class() -> None:
    payload = {"state_topic": "x", "device_class": "pm25", "device": {"name": "Hall"}, "entity_category": "diagnostic"}
    device = found(payload, "homeassistant/sensor/x/config").device
    assert (device.name, device.id, device.category) == ("Hall PM2.5", "sensor.hall_pm2_5", "diagnostic")


@pytest.mark.parametrize(
    ("component", "payload", "reason"),
    [
        ("camera", {"topic": "x"}, "left alone"),
        ("teapot", {"x": 1}, "no component"),
        ("media_player", {"command_topic": "x"}, "no component"),
        ("switch", {"name": "x"}, "command_topic is missing"),
        ("switch", {"command_topic": "a/#"}, "no wildcards"),
        ("switch", {"command_topic": "a", "state_topic": "a+b"}, "misplaced wildcard"),
        ("switch", {"command_topic": 3}, "expected a topic"),
        ("switch", {"command_topic": "a\x00b"}, "not a topic"),
        ("switch", {"command_topic": "a", "value_template": "{{ x"}, "template, line 1"),
        ("switch", {"command_topic": "a", "value_template": "{% include 'x' %}"}, "can't load others"),
        ("switch", {"command_topic": "a", "payload_on": ["x"]}, "expected a text"),
        ("switch", {"command_topic": "a", "availability": "x"}, "expected topics"),
        ("switch", {"command_topic": "a", "availability": [{"payload_available": "x"}]}, "topic is missing"),
        ("switch", {"command_topic": "a", "availability_topic": "x", "availability_mode": "most"}, "expected one of"),
        ("switch", {"command_topic": "a", "retain": "perhaps"}, "expected true or false"),
        ("switch", {"command_topic": "a", "encoding": "unicode_escape"}, "expected a text encoding"),
        ("light", {"command_topic": "a", "schema": "odd"}, "basic, json or template"),
        ("light", {"command_topic": "a", "schema": "json", "supported_color_modes": ["x"]}, "is none"),
        ("cover", {"command_topic": "a", "position_open": 0}, "are the same"),
        ("cover", {"set_position_topic": "a"}, "needs position_topic"),
        ("fan", {"command_topic": "a", "speed_range_max": 1}, "must be more than"),
        ("number", {"command_topic": "a", "min": 5, "max": "2"}, "max must be"),
        ("number", {"command_topic": "a", "max": "nan"}, "expected a number"),
        ("select", {"command_topic": "a"}, "options is missing"),
        ("lock", {"command_topic": "a", "code_format": "(a+)+"}, "repetition"),
        ("climate", {"preset_modes": ["a"]}, "go together"),
    ],
)
def test_a_bad_payload_is_a_problem_that_says_why(component: str, payload: dict[str, Any], reason: str) -> None:
    changes = feed(Discovery(), f"homeassistant/{component}/x/config", payload)
    assert not changes
    assert reason in reasons(changes)


@pytest.mark.parametrize(
    "payload",
    [
        b"{",
        b"[]",
        b'"x"',
        b"\xff\xfe",
        b"null",
        b"NaN",
        b"[" * 50_000,
        b" " * 600_000,
        b'{"a": ' * 20_000,
        b"{}",
        b"\x00",
    ],
)
def test_what_is_no_object_is_a_problem_or_nothing(payload: bytes) -> None:
    for topic in (TOPIC, DEVICE_TOPIC):
        changes = Discovery().feed(topic, payload)
        assert not changes
        assert changes.problems or payload == b"{}"


JSON = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=8)
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=6,
)
COMPONENT = st.sampled_from(
    [
        "light",
        "switch",
        "cover",
        "climate",
        "fan",
        "lock",
        "sensor",
        "vacuum",
        "valve",
        "siren",
        "text",
        "event",
        "device",
    ]
)
KEYS = st.sampled_from(
    (
        *sorted(ENTITY)[::3],
        *("~", "device", "dev", "name", "schema", "state_topic", "command_topic", "components", "cmps"),
        *("availability", "value_template", "position_open", "supported_color_modes", "brightness_scale", "p", "code"),
    )
)


@settings(max_examples=300, deadline=None)
@given(
    component=COMPONENT,
    payload=st.dictionaries(KEYS, JSON, max_size=8),
    state=st.one_of(JSON.map(json.dumps), st.text()),
)
def test_whatever_types_a_payload_has_nothing_is_raised(component: str, payload: dict[str, Any], state: str) -> None:
    discovery = Discovery()
    payload.setdefault("command_topic", "x/set")
    payload.setdefault("state_topic", "x")
    feed(discovery, f"homeassistant/{component}/x/config", payload)
    for entity in list(discovery.entities):
        for topic in entity.topics:
            entity.receive(topic, state.encode(errors="replace"))
    feed(discovery, f"homeassistant/{component}/x/config", b"")
    assert not list(discovery.entities)


@given(topic=st.text(max_size=30).map(lambda text: f"homeassistant/{text}/config"), payload=st.binary(max_size=40))
def test_whatever_topic_and_bytes_nothing_is_raised(topic: str, payload: bytes) -> None:
    Discovery().feed(topic, payload)
