"""What an entity is called: the name a person says, and its stable id."""

from collections.abc import Mapping
from dataclasses import dataclass
from sys import intern
from typing import Any, Final

from edge.mqtt.slugs import slugify

_DEFAULT_NAMES: Final = {
    "alarm_control_panel": "Alarm",
    "binary_sensor": "Binary sensor",
    "climate": "Climate",
    "humidifier": "Humidifier",
    "lawn_mower": "Lawn mower",
    "media_player": "Media player",
    "sensor": "Sensor",
    "water_heater": "Water heater",
}
_SPELT: Final = {"pm1": "PM1", "pm25": "PM2.5", "pm4": "PM4", "pm10": "PM10", "ph": "pH", "aqi": "Air quality index"}
_NAMED_BY_CLASS: Final = frozenset({"binary_sensor", "button", "event", "number", "sensor", "update"})
"""Domains whose entities are named after their device class where no name is given."""
_NAME_LIMIT: Final = 255


@dataclass(frozen=True, slots=True)
class Naming:
    """Name, other names, the object part of the id, and the physical device."""

    name: str
    aliases: tuple[str, ...]
    object_id: str
    group: str | None


def naming_of(component: str, payload: Mapping[str, Any], fallback: str) -> Naming:
    """Home Assistant's naming, made sayable.

    The device's name and the entity's, the device's alone where the entity has none or is named like the device or
    its own kind; the full name is then an alias. `fallback` names what says nothing of itself.
    """
    group = _device_name(payload)
    own = _own_name(component, payload)
    full = _full_name(group, own)
    name = full
    if group is not None and own is not None and _says_nothing(component, own):
        name = group
    name = name or group or _DEFAULT_NAMES.get(component) or component.replace("_", " ").capitalize()
    aliases = (full,) if full and full != name else ()
    return Naming(
        intern(name), aliases, _object_id(payload, full or group or fallback), intern(group) if group else None
    )


def _device_name(payload: Mapping[str, Any]) -> str | None:
    device = payload.get("device")
    return _line(device.get("name")) if isinstance(device, Mapping) else None


def _own_name(component: str, payload: Mapping[str, Any]) -> str | None:
    if "name" in payload:
        return _line(payload["name"])
    device_class = payload.get("device_class")
    if component in _NAMED_BY_CLASS and isinstance(device_class, str) and device_class:
        return _SPELT.get(device_class, device_class.replace("_", " ").capitalize()[:_NAME_LIMIT])
    if isinstance(payload.get("device"), Mapping):
        return None
    return None


def _full_name(group: str | None, own: str | None) -> str | None:
    if group is None or own is None:
        return own or group
    if own.casefold() == group.casefold() or own.casefold().startswith(f"{group.casefold()} "):
        return own
    return f"{group} {own}"


def _says_nothing(component: str, own: str) -> bool:
    """Whether the name is just the kind of thing: "Light" of a lamp."""
    return own.casefold() in (component.replace("_", " "), f"mqtt {component.replace('_', ' ')}")


def _object_id(payload: Mapping[str, Any], name: str) -> str:
    entity_id = payload.get("default_entity_id")
    wanted = entity_id.partition(".")[2] if isinstance(entity_id, str) else payload.get("object_id")
    return slugify(wanted[:_NAME_LIMIT]) if isinstance(wanted, str) and wanted else slugify(name)


def _line(value: Any) -> str | None:
    """One line of text that can be said; None for none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return " ".join(str(value).split())[:_NAME_LIMIT] or None
