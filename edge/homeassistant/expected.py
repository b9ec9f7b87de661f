"""What an entity shows once a service was carried out, in Home Assistant's states and attributes; pure."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from edge.devices.model import Device, DeviceState, ServiceCall

Shows = Callable[[DeviceState], bool]
"""Whether a state shows that a call was carried out."""

_NOT_ON: Final = ("off", "standby", None)
_WORDS: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("alarm_control_panel", "alarm_disarm"): ("disarmed",),
    ("lawn_mower", "dock"): ("returning", "docked"),
    ("lawn_mower", "pause"): ("paused",),
    ("lawn_mower", "start_mowing"): ("mowing",),
    ("lock", "lock"): ("locked",),
    ("lock", "open"): ("open", "unlocked"),
    ("lock", "unlock"): ("unlocked", "open"),
    ("media_player", "media_pause"): ("paused", "idle"),
    ("media_player", "media_play"): ("playing", "buffering"),
    ("media_player", "media_stop"): ("idle", "off", "paused", "standby", "on"),
    ("vacuum", "pause"): ("paused", "idle"),
    ("vacuum", "return_to_base"): ("returning", "docked"),
    ("vacuum", "start"): ("cleaning",),
    ("vacuum", "stop"): ("idle", "docked", "paused"),
}
"""Services that end in one of some states."""
_ATTRIBUTES: Final[Mapping[str, tuple[tuple[str, str, float], ...]]] = {
    "oscillate": (("oscillating", "oscillating", 0),),
    "select_source": (("source", "source", 0),),
    "set_fan_mode": (("fan_mode", "fan_mode", 0),),
    "set_humidity": (("humidity", "humidity", 1),),
    "set_mode": (("mode", "mode", 0),),
    "set_operation_mode": (("operation_mode", "operation_mode", 0),),
    "set_preset_mode": (("preset_mode", "preset_mode", 0),),
    "set_swing_mode": (("swing_mode", "swing_mode", 0),),
    "set_temperature": (
        ("temperature", "temperature", 0.51),
        ("target_temp_low", "target_temp_low", 0.51),
        ("target_temp_high", "target_temp_high", 0.51),
    ),
    "turn_on": (("brightness_pct", "brightness", 1.2), ("color_temp_kelvin", "color_temp_kelvin", 120)),
    "volume_mute": (("is_volume_muted", "is_volume_muted", 0),),
    "volume_set": (("volume_level", "volume_level", 0.021),),
}
"""By service: data that show in an attribute, and how near they must come."""
_SHOWN_BY_NOTHING: Final = frozenset({"button", "event", "input_button", "notify", "scene", "script"})
_VALUES: Final = frozenset({"input_number", "input_select", "input_text", "number", "select", "text"})


def expected(call: ServiceCall, device: Device, before: DeviceState) -> Shows | None:
    """What shows that the call was carried out; None where nothing can."""
    domain, service = device.domain, call.service
    if domain in _SHOWN_BY_NOTHING:
        return None
    if domain in ("cover", "valve"):
        return _moved(service, call.data, before)
    words = _WORDS.get((domain, service))
    if words is not None:
        return lambda seen: seen.state in words
    if service.startswith("alarm_arm_"):
        armed = f"armed_{service.removeprefix('alarm_arm_')}"
        return lambda seen: seen.state in (armed, "arming", "pending")
    if service == "set_hvac_mode":
        return lambda seen: seen.state == call.data.get("hvac_mode")
    if domain in _VALUES:
        return _value(call.data)
    if service == "toggle":
        return lambda seen: seen.state is not None and (seen.state in _NOT_ON) != (before.state in _NOT_ON)
    return _all(_switched(service), _attributes(call, device))


def _switched(service: str) -> Shows | None:
    if service == "turn_on":
        return lambda seen: seen.state not in _NOT_ON
    return (lambda seen: seen.state in _NOT_ON[:-1]) if service == "turn_off" else None


def _attributes(call: ServiceCall, device: Device) -> Shows | None:
    wanted = []
    for key, attribute, near in _ATTRIBUTES.get(call.service, ()):
        value = call.data.get(key)
        if value is None or (attribute == "brightness" and not _dims(device)):
            continue
        if attribute == "brightness":
            wanted.append((attribute, _number(value, 2.55), near * 2.55))
        else:
            wanted.append((attribute, value, near))
    if not wanted:
        return None
    return lambda seen: all(_near(seen.attributes.get(name), value, near) for name, value, near in wanted)


def _dims(device: Device) -> bool:
    return set(device.options.get("supported_color_modes") or ("brightness",)) != {"onoff"}


def _moved(service: str, data: Mapping[str, Any], before: DeviceState) -> Shows | None:
    """Covers and valves: on their way is enough, since the way may be long."""
    if service.startswith("stop"):
        return lambda seen: seen.state not in ("opening", "closing")
    tilt = service.endswith("_tilt") or "tilt_position" in service
    attribute = "current_tilt_position" if tilt else "current_position"
    wanted = {"open": 100, "clos": 0}.get(service[:4], data.get("tilt_position" if tilt else "position"))
    if service == "toggle" or wanted is None:
        return lambda seen: seen.state != before.state
    was = _number(before.attributes.get(attribute))
    up = wanted == 100 or (was is not None and wanted != 0 and wanted > was)

    def shows(seen: DeviceState) -> bool:
        if not tilt and seen.state == ("opening" if up else "closing"):
            return True
        position = _number(seen.attributes.get(attribute))
        if position is not None:
            return abs(position - wanted) <= 3
        return not tilt and seen.state == ("closed" if wanted == 0 else "open")

    return shows


def _value(data: Mapping[str, Any]) -> Shows | None:
    value = data.get("value", data.get("option"))
    if value is None:
        return None
    return lambda seen: seen.state == str(value) or _near(seen.state, value, 1e-6)


def _near(seen: object, wanted: object, tolerance: float) -> bool:
    if isinstance(wanted, bool) or isinstance(seen, bool):
        return seen == wanted
    found, target = _number(seen), _number(wanted)
    if found is not None and target is not None:
        return abs(found - target) <= tolerance + 1e-9
    return seen == wanted


def _number(value: object, times: float = 1.0) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value) * times
    except (ValueError, OverflowError):
        return None


def _all(*parts: Shows | None) -> Shows | None:
    wanted = [part for part in parts if part is not None]
    return (lambda seen: all(part(seen) for part in wanted)) if wanted else None
