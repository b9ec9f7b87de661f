"""The way back: the service calls that return a device to what it was before; pure."""

from collections.abc import Mapping
from typing import Any, Final

from edge.devices.model import Device, DeviceState, ServiceCall

_BACK: Final[Mapping[str, Mapping[str, str]]] = {
    "lock": {"locked": "lock", "unlocked": "unlock"},
    "cover": {"open": "open_cover", "closed": "close_cover"},
    "valve": {"open": "open_valve", "closed": "close_valve"},
    "vacuum": {"docked": "return_to_base", "returning": "return_to_base", "cleaning": "start", "paused": "pause"},
    "lawn_mower": {"docked": "dock", "mowing": "start_mowing", "paused": "pause"},
    "alarm_control_panel": {
        "disarmed": "alarm_disarm",
        "armed_home": "alarm_arm_home",
        "armed_away": "alarm_arm_away",
        "armed_night": "alarm_arm_night",
        "armed_vacation": "alarm_arm_vacation",
    },
}
"""For each domain, the service that brings a state back."""

_SWITCHED: Final = frozenset(
    {"light", "switch", "fan", "humidifier", "siren", "media_player", "climate", "water_heater"}
)

_VALUES: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {
    "fan": {"percentage": ("set_percentage", "percentage"), "preset_mode": ("set_preset_mode", "preset_mode")},
    "climate": {"temperature": ("set_temperature", "temperature"), "fan_mode": ("set_fan_mode", "fan_mode")},
    "water_heater": {"temperature": ("set_temperature", "temperature")},
    "humidifier": {"humidity": ("set_humidity", "humidity"), "mode": ("set_mode", "mode")},
    "media_player": {"volume_level": ("volume_set", "volume_level"), "source": ("select_source", "source")},
    "cover": {"current_tilt_position": ("set_cover_tilt_position", "tilt_position")},
}
"""For each domain, the attributes that a service sets: attribute to service and its key."""


def restore(device: Device, before: DeviceState, after: DeviceState) -> tuple[ServiceCall, ...]:
    """The calls that bring `before` back where `after` differs; empty when nothing differs or nothing can be undone."""
    domain = device.domain
    if before.state is None:
        return ()
    if domain == "light":
        return _light(device, before, after)
    if domain in ("number", "select", "text"):
        key = "option" if domain == "select" else "value"
        service = "select_option" if domain == "select" else "set_value"
        return (ServiceCall(device.id, service, {key: before.state}),) if before.state != after.state else ()
    position = before.attributes.get("current_position")
    if domain in ("cover", "valve") and position is not None and 0 < position < 100:
        same = position == after.attributes.get("current_position")
        return () if same else (ServiceCall(device.id, f"set_{domain}_position", {"position": position}),)
    calls = [
        ServiceCall(device.id, service, {key: before.attributes[name]})
        for name, (service, key) in _VALUES.get(domain, {}).items()
        if _changed(name, before, after) and before.state != "off"
    ]
    if before.state != after.state:
        calls = [*_state_call(device, before), *calls]
    return tuple(calls)


def ends(device: Device, call: ServiceCall, before: DeviceState, after: DeviceState) -> tuple[ServiceCall, ...]:
    """The calls that end `call` after its time: the opposite of what was asked, whatever was so before.

    "The fan for ten minutes" ends with the fan off, even when it was on already.
    """
    opposite = _OPPOSITES.get(call.service)
    if opposite is not None and not call.data:
        return (ServiceCall(device.id, opposite),)
    back = restore(device, before, after)
    if not back and call.service == "turn_on":
        return (ServiceCall(device.id, "turn_off"),)
    return back


_OPPOSITES: Final = {
    "turn_on": "turn_off",
    "turn_off": "turn_on",
    "open_cover": "close_cover",
    "close_cover": "open_cover",
    "open_valve": "close_valve",
    "close_valve": "open_valve",
    "lock": "unlock",
    "unlock": "lock",
    "start": "return_to_base",
    "start_mowing": "dock",
    "media_play": "media_pause",
    "media_pause": "media_play",
}


def _changed(name: str, before: DeviceState, after: DeviceState) -> bool:
    value = before.attributes.get(name)
    return value is not None and value != after.attributes.get(name)


def _light(device: Device, before: DeviceState, after: DeviceState) -> tuple[ServiceCall, ...]:
    if before.state == "off":
        return (ServiceCall(device.id, "turn_off"),) if after.state != "off" else ()
    data: dict[str, Any] = {}
    brightness = before.attributes.get("brightness")
    if brightness is not None and (after.state != before.state or _changed("brightness", before, after)):
        data["brightness"] = brightness
    for name in ("color_temp_kelvin", "hs_color", "rgb_color", "xy_color", "effect"):
        if _changed(name, before, after):
            data[name] = before.attributes[name]
            break
    if before.state == after.state and not data:
        return ()
    return (ServiceCall(device.id, "turn_on", data),)


def _state_call(device: Device, before: DeviceState) -> list[ServiceCall]:
    state = str(before.state)
    domain = device.domain
    if domain == "climate":
        return [ServiceCall(device.id, "set_hvac_mode", {"hvac_mode": state})]
    if domain == "media_player" and state in ("playing", "paused"):
        return [ServiceCall(device.id, "media_play" if state == "playing" else "media_pause")]
    if domain in _SWITCHED:
        return [ServiceCall(device.id, "turn_off" if state in ("off", "standby") else "turn_on")]
    service = _BACK.get(domain, {}).get(state)
    return [ServiceCall(device.id, service)] if service else []
