"""What shows that a command was carried out, and what is assumed where nothing can show it."""

from typing import Any

import pytest

from edge.devices.model import DeviceState
from edge.mqtt.configured import configured_entity
from edge.mqtt.entity import Entity, ServiceDataError, UnsupportedServiceError

LAMP = {
    "id": "light.lamp",
    "schema": "json",
    "command_topic": "l/set",
    "state_topic": "l",
    "brightness": True,
    "supported_color_modes": ["xy", "color_temp"],
}
BLIND = {
    "id": "cover.blind",
    "command_topic": "c/set",
    "state_topic": "c",
    "position_topic": "c/pos",
    "set_position_topic": "c/pos/set",
}
TV = {
    "id": "media_player.tv",
    "command_topic": "tv/set",
    "state_topic": "tv",
    "volume_command_topic": "tv/vol/set",
    "volume_state_topic": "tv/vol",
    "volume_max": 100,
    "mute_command_topic": "tv/mute/set",
    "mute_state_topic": "tv/mute",
    "source_command_topic": "tv/source/set",
    "sources": ["HDMI 1", "Radio"],
    "play_media_topic": "tv/play",
    "title_topic": "tv/title",
    "title_value_template": "{{ value_json.title }}",
    "payload_next": "",
}


def shows(entity: Entity, service: str, data: dict[str, Any], before: DeviceState, after: DeviceState) -> bool:
    confirms = entity.command(service, data, before).confirms
    assert confirms is not None
    return confirms(after)


def on(**attributes: Any) -> DeviceState:
    return DeviceState("on", attributes)


@pytest.mark.parametrize(
    ("data", "after", "expected"),
    [
        ({}, on(), True),
        ({}, DeviceState("off"), False),
        ({"brightness_pct": 50}, on(brightness=127), True),
        ({"brightness_pct": 50}, on(brightness=200), False),
        ({"brightness_pct": 50}, on(), False),
        ({"color_temp_kelvin": 2700}, on(color_temp_kelvin=2702), True),
        ({"color_temp_kelvin": 1000}, on(color_temp_kelvin=2000), True),
        ({"color_temp_kelvin": 2700}, on(color_temp_kelvin=4000), False),
        ({"color_name": "blue"}, on(xy_color=(0.1355, 0.0399)), True),
        ({"color_name": "blue"}, on(xy_color=(0.701, 0.299)), False),
        ({"color_name": "red"}, on(xy_color=(0.701, 0.299)), True),
        ({"color_name": "red"}, on(hs_color=(358, 98)), True),
        ({"color_name": "red"}, on(color_temp_kelvin=2700), False),
        ({"color_name": "white"}, on(hs_color=(200, 2)), True),
    ],
)
def test_a_lamp_shows_brightness_and_colour_as_exactly_as_lamps_do(
    data: dict[str, Any], after: DeviceState, expected: bool
) -> None:
    assert shows(configured_entity(LAMP), "turn_on", data, DeviceState("off"), after) is expected


@pytest.mark.parametrize(
    ("service", "data", "before", "after", "expected"),
    [
        ("open_cover", {}, ("closed", 0), ("opening", 0), True),
        ("open_cover", {}, ("open", 50), ("open", 50), False),
        ("open_cover", {}, ("open", 50), ("open", 60), True),
        ("open_cover", {}, ("open", 100), ("open", 100), True),
        ("close_cover", {}, ("open", 100), ("open", 100), False),
        ("close_cover", {}, ("open", None), ("closed", None), True),
        ("set_cover_position", {"position": 30}, ("open", 80), ("closing", 80), True),
        ("set_cover_position", {"position": 30}, ("open", 80), ("open", 80), False),
        ("set_cover_position", {"position": 30}, ("open", 80), ("open", 31), True),
        ("set_cover_position", {"position": 30}, ("open", 80), ("opening", 90), False),
        ("stop_cover", {}, ("opening", 20), ("open", 22), True),
        ("stop_cover", {}, ("opening", 20), ("opening", 30), False),
    ],
)
def test_a_cover_shows_that_it_moves_the_right_way(
    service: str,
    data: dict[str, Any],
    before: tuple[str, int | None],
    after: tuple[str, int | None],
    expected: bool,
) -> None:
    states = [
        DeviceState(word, {} if place is None else {"current_position": place}) for word, place in (before, after)
    ]
    assert shows(configured_entity(BLIND), service, data, states[0], states[1]) is expected


def test_stopping_what_does_not_say_that_it_moves_can_not_be_shown() -> None:
    entity = configured_entity(BLIND)
    assert entity.command("stop_cover", {}, DeviceState("open")).confirms is None


def test_without_a_state_topic_the_outcome_is_assumed_and_stays() -> None:
    entity = configured_entity({"id": "switch.x", "command_topic": "x", "availability_topic": "x/up"})
    entity.receive("x/up", b"online")
    command = entity.command("turn_on", {}, entity.current)
    assert command.confirms is None
    assert command.assumed == {"state": "on"}
    assert entity.assume(command.assumed).state == "on"
    again = entity.receive("x/up", b"offline")
    assert again is not None
    assert (again.state, again.available) == ("on", False)


def test_a_report_that_repeats_the_last_is_a_report_and_one_that_says_nothing_is_none() -> None:
    entity = configured_entity(
        {"id": "sensor.t", "state_topic": "t", "value_template": "{{ value_json.t }}", "unit_of_measurement": "°C"}
    )
    assert entity.receive("t", b'{"t": 1}') == entity.receive("t", b'{"t": 1}')
    assert entity.receive("t", b'{"other": 1}') is None
    assert entity.receive("t", b'{"t": "warm"}') is None
    assert entity.receive("elsewhere", b'{"t": 1}') is None
    assert entity.receive("t", b"\xff\xfe") is None
    assert "not text" in (entity.problem or "")


def test_a_media_player_is_commanded_by_its_topics_and_payloads() -> None:
    tv = configured_entity(TV)
    assert tv.device.features == {
        *("media_play", "media_pause", "media_stop", "media_previous_track", "media_play_pause", "turn_on", "turn_off"),
        *("toggle", "volume_set", "volume_up", "volume_down", "volume_mute", "select_source", "play_media"),
    }
    tv.receive("tv", b"playing")
    tv.receive("tv/title", b'{"title": "News"}')
    state = tv.receive("tv/vol", b"30")
    assert state is not None
    assert (state.state, dict(state.attributes)) == ("playing", {"media_title": "News", "volume_level": 0.3})
    sent = [
        [(each.topic, each.payload) for each in tv.command(service, data, state).publishes]
        for service, data in (
            ("media_pause", {}),
            ("volume_set", {"volume_level": 0.456}),
            ("volume_up", {}),
            ("volume_mute", {"is_volume_muted": True}),
            ("select_source", {"source": "radio"}),
            ("play_media", {"media_content_id": "jazz"}),
            ("toggle", {}),
        )
    ]
    assert sent == [
        [("tv/set", "pause")],
        [("tv/vol/set", "46")],
        [("tv/set", "volume_up")],
        [("tv/mute/set", "ON")],
        [("tv/source/set", "Radio")],
        [("tv/play", "jazz")],
        [("tv/set", "off")],
    ]
    assert shows(tv, "volume_set", {"volume_level": 0.456}, state, DeviceState("playing", {"volume_level": 0.46}))
    with pytest.raises(UnsupportedServiceError):
        tv.command("media_next_track", {}, state)


def test_volume_steps_go_by_the_level_where_there_is_no_payload_for_them() -> None:
    tv = configured_entity({**TV, "payload_volume_up": ""})
    (publish,) = tv.command("volume_up", {}, DeviceState("on", {"volume_level": 0.95})).publishes
    assert (publish.topic, publish.payload) == ("tv/vol/set", "100")


def test_a_trigger_of_a_device_fires_on_its_payload() -> None:
    remote = configured_entity(
        {
            "id": "device_automation.remote",
            "type": "action",
            "subtype": "single",
            "topic": "r/action",
            "payload": "single",
        }
    )
    assert remote.receive("r/action", b"double") is None
    state = remote.receive("r/action", b"single")
    assert state is not None
    assert state.state == "single"


@pytest.mark.parametrize(
    ("entry", "service", "data"),
    [
        (LAMP, "turn_on", {"brightness": 300}),
        (LAMP, "turn_on", {"color_name": "nonesuch"}),
        (LAMP, "turn_on", {"rgb_color": [1, 2]}),
        (LAMP, "turn_on", {"transition": "soon"}),
        (BLIND, "set_cover_position", {}),
        (BLIND, "set_cover_position", {"position": "half"}),
        (TV, "volume_set", {"volume_level": 30}),
        (TV, "volume_mute", {"is_volume_muted": "yes"}),
        (TV, "select_source", {"source": "Cable"}),
        ({"id": "switch.x", "command_topic": "x", "command_template": "{{ value | float }}"}, "turn_on", {}),
    ],
)
def test_data_that_a_service_can_not_take_are_refused_with_a_reason(
    entry: dict[str, Any], service: str, data: dict[str, Any]
) -> None:
    entity = configured_entity(entry)
    with pytest.raises(ServiceDataError, match=entity.device.name):
        entity.command(service, data, entity.current)


def test_a_code_that_is_missing_or_wrong_is_refused() -> None:
    alarm = configured_entity(
        {"id": "alarm_control_panel.a", "command_topic": "a/set", "state_topic": "a", "code": "1234"}
    )
    for data in ({}, {"code": "9999"}):
        with pytest.raises(ServiceDataError, match="code is missing or wrong"):
            alarm.command("alarm_disarm", data, alarm.current)
    assert alarm.command("alarm_disarm", {"code": 1234}, alarm.current).publishes[0].payload == "DISARM"


def test_bytes_that_a_template_packs_go_out_as_bytes() -> None:
    entity = configured_entity({"id": "switch.x", "command_topic": "x", "command_template": "{{ 4095 | pack('>H') }}"})
    assert entity.command("turn_on", {}, entity.current).publishes[0].payload == b"\x0f\xff"


def test_a_state_topic_may_have_wildcards() -> None:
    entity = configured_entity({"id": "binary_sensor.x", "state_topic": "house/+/motion"})
    state = entity.receive("house/hall/motion", b"ON")
    assert state is not None
    assert state.state == "on"
