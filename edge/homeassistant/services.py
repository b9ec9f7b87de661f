"""Which services an entity of Home Assistant takes, by the bits of its `supported_features`; pure.

The bits are those of each integration's `…EntityFeature`: https://developers.home-assistant.io/docs/core/entity
"""

from typing import Final

_ON_OFF: Final = "turn_on turn_off toggle"

_ALWAYS: Final[dict[str, str]] = {
    "alarm_control_panel": "alarm_disarm",
    "automation": f"{_ON_OFF} trigger",
    "button": "press",
    "climate": "set_hvac_mode turn_on turn_off toggle",
    "fan": _ON_OFF,
    "humidifier": f"{_ON_OFF} set_humidity",
    "input_boolean": _ON_OFF,
    "input_button": "press",
    "input_number": "set_value increment decrement",
    "input_select": "select_option select_next select_previous select_first select_last",
    "input_text": "set_value",
    "light": _ON_OFF,
    "lock": "lock unlock",
    "number": "set_value",
    "scene": "turn_on",
    "script": _ON_OFF,
    "select": "select_option select_next select_previous select_first select_last",
    "switch": _ON_OFF,
    "text": "set_value",
}
_BITS: Final[dict[str, dict[int, str]]] = {
    "alarm_control_panel": {
        1: "alarm_arm_home",
        2: "alarm_arm_away",
        4: "alarm_arm_night",
        8: "alarm_trigger",
        16: "alarm_arm_custom_bypass",
        32: "alarm_arm_vacation",
    },
    "climate": {
        1: "set_temperature",
        2: "set_temperature",
        4: "set_humidity",
        8: "set_fan_mode",
        16: "set_preset_mode",
        32: "set_swing_mode",
        512: "set_swing_horizontal_mode",
    },
    "cover": {
        1: "open_cover",
        2: "close_cover",
        3: "toggle",
        4: "set_cover_position",
        8: "stop_cover",
        16: "open_cover_tilt",
        32: "close_cover_tilt",
        64: "stop_cover_tilt",
        128: "set_cover_tilt_position",
    },
    "fan": {
        1: "set_percentage increase_speed decrease_speed",
        2: "oscillate",
        4: "set_direction",
        8: "set_preset_mode",
    },
    "humidifier": {1: "set_mode"},
    "lawn_mower": {1: "start_mowing", 2: "pause", 4: "dock"},
    "lock": {1: "open"},
    "media_player": {
        1: "media_pause",
        4: "volume_set volume_up volume_down",
        8: "volume_mute",
        16: "media_previous_track",
        32: "media_next_track",
        128: "turn_on",
        256: "turn_off",
        384: "toggle",
        512: "play_media",
        1024: "volume_up volume_down",
        2048: "select_source",
        4096: "media_stop",
        16384: "media_play",
        16385: "media_play_pause",
        32768: "shuffle_set",
        65536: "select_sound_mode",
        262144: "repeat_set",
    },
    "siren": {1: "turn_on", 2: "turn_off", 3: "toggle"},
    "vacuum": {
        1: "turn_on",
        2: "turn_off",
        4: "pause",
        8: "stop",
        16: "return_to_base",
        32: "set_fan_speed",
        256: "send_command",
        512: "locate",
        1024: "clean_spot",
        8192: "start",
        16384: "clean_area",
    },
    "valve": {1: "open_valve", 2: "close_valve", 3: "toggle", 4: "set_valve_position", 8: "stop_valve"},
    "water_heater": {1: "set_temperature", 2: "set_operation_mode", 4: "set_away_mode", 8: "turn_on turn_off"},
}
"""By domain: the services that go with bits; all bits of a key must be set."""


def features_of(domain: str, supported: object) -> frozenset[str]:
    """The services an entity takes; an empty set where nothing is known of its domain."""
    bits = supported if isinstance(supported, int) and not isinstance(supported, bool) and supported >= 0 else 0
    found = set(_ALWAYS.get(domain, "").split())
    for needed, services in _BITS.get(domain, {}).items():
        if bits & needed == needed:
            found.update(services.split())
    return shared(frozenset(found))


def shared(features: frozenset[str]) -> frozenset[str]:
    """The same set, kept once for all who have it: a thousand entities have a dozen of them."""
    return _SHARED.setdefault(features, features) if len(_SHARED) < _MOST_SHARED else _SHARED.get(features, features)


_MOST_SHARED: Final = 5_000
_SHARED: Final[dict[frozenset[str], frozenset[str]]] = {}
"""The same services, kept once for all entities that take them."""
