"""What an entity of Home Assistant is, from its registries and its attributes: names, services, limits; pure."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from edge.devices.model import DeviceState
from edge.homeassistant.model import Entry, Gadget, Known, Reading
from edge.homeassistant.services import features_of
from edge.homeassistant.wire import line, sequence
from edge.identity import is_device_id

_NOT_DEVICES: Final = frozenset(
    {"ai_task", "assist_satellite", "camera", "conversation", "image", "stt", "tag", "tts", "wake_word", "zone"}
)
"""Domains with nothing that an assistant could move or tell: conversation entities may even be ourselves."""
_NOT_PLATFORMS: Final = frozenset({"wyoming"})
"""Satellites and their switches: what lends its ears is no device of the house, and may be ourselves."""

_OPTIONS: Final = {
    **{
        name: name
        for name in (
            *("fan_modes", "fan_speed_list", "max", "max_humidity", "max_temp", "min", "min_humidity", "min_temp"),
            *("max_color_temp_kelvin", "min_color_temp_kelvin", "operation_list", "options", "percentage_step"),
            *("available_tones", "code_arm_required", "code_format", "pattern", "preset_modes", "sound_mode_list"),
            *("source_list", "state_class", "step", "supported_color_modes", "swing_modes"),
        )
    },
    "available_modes": "modes",
    "effect_list": "effects",
    "hvac_modes": "modes",
    "target_temp_step": "step",
}
"""Attributes that say what a device can do rather than how it is, and our words for them."""
_LISTS: Final = frozenset(name for name in _OPTIONS if name.endswith(("modes", "_list", "_tones", "options")))
_NUMBERS: Final = frozenset(name for name in _OPTIONS if name.startswith(("min", "max")) or name.endswith("step"))
_LEFT_OUT: Final = frozenset(
    {
        *("access_token", "assumed_state", "attribution", "device_class", "editable", "entity_id", "entity_picture"),
        *("entity_picture_local", "friendly_name", "icon", "id", "restored", "supported_features"),
        *("unit_of_measurement", *_OPTIONS),
    }
)
"""Attributes that are told elsewhere, mean nothing to a person, or are secrets."""
TELLING: Final = frozenset({"friendly_name", "supported_features", "device_class", "unit_of_measurement", *_OPTIONS})
"""Attributes that `describe` goes by."""
_HEAT: Final = frozenset({"climate", "water_heater"})
_MOST_CHOICES: Final = 1_000
_MOST_ATTRIBUTES: Final = 200


def is_device(entity: str, entry: Entry | None, gadget: Gadget | None) -> bool:
    """Whether an entity is one of the house's; what an appliance like this one published itself is not."""
    if entity.partition(".")[0] in _NOT_DEVICES:
        return False
    if entry is not None and (entry.disabled or entry.platform in _NOT_PLATFORMS):
        return False
    return gadget is None or not any(is_device_id(identifier) for _, identifier in gadget.identifiers)


def describe(
    entity: str, entry: Entry | None, gadget: Gadget | None, reading: Reading, labels: Mapping[str, str], unit: str
) -> Known:
    """Everything about an entity but its state; `unit` is the one that Home Assistant tells temperatures in."""
    domain, _, object_id = entity.partition(".")
    attributes = reading.attributes
    full = line(attributes.get("friendly_name")) or (entry.name or entry.original_name if entry else None)
    full = full or object_id.replace("_", " ").capitalize()
    name = full
    group = gadget.name if gadget else None
    if entry is not None and entry.name is None and group and _says_nothing(domain, entry.original_name):
        name = group
    own = entry.aliases if entry else ()
    tags = (*(entry.labels if entry else ()), *(gadget.labels if gadget else ()))
    return Known(
        entity=entity,
        name=name,
        renamed=entry is not None and (entry.name is not None or bool(gadget and gadget.renamed)),
        area=(entry.area if entry else None) or (gadget.area if gadget else None),
        aliases=tuple(dict.fromkeys((*own, *((full,) if full != name else ())))),
        device_class=line(attributes.get("device_class")) or (entry.device_class if entry else None),
        unit=line(attributes.get("unit_of_measurement"), 40),
        features=features_of(domain, attributes.get("supported_features")),
        options=_options(domain, attributes, unit),
        category=entry.category if entry else None,
        group=group,
        platform=entry.platform if entry else "",
        unique_id=entry.unique_id if entry else None,
        labels=tuple(dict.fromkeys(labels.get(tag, tag) for tag in tags)),
        connections=gadget.connections if gadget else frozenset(),
    )


def state_of(reading: Reading) -> DeviceState:
    """The state as a device's; its times are for whoever feeds it to stamp."""
    attributes = {
        name: value
        for name, value in reading.attributes.items()
        if name not in _LEFT_OUT and value is not None and isinstance(name, str)
    }
    if len(attributes) > _MOST_ATTRIBUTES:
        attributes = dict(list(attributes.items())[:_MOST_ATTRIBUTES])
    return DeviceState(
        state=None if reading.state in ("unknown", "unavailable", "") else reading.state,
        attributes=MappingProxyType(attributes),
        available=reading.state != "unavailable",
    )


def _says_nothing(domain: str, name: str | None) -> bool:
    """Whether an entity is named after its kind alone: the "Light" of a lamp."""
    return name is not None and name.casefold().replace(" ", "_") == domain


def _options(domain: str, attributes: Mapping[str, Any], unit: str) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    for theirs, ours in _OPTIONS.items():
        value = attributes.get(theirs)
        if theirs in _LISTS:
            value = tuple(item for item in sequence(value)[:_MOST_CHOICES] if isinstance(item, str | int | float))
            if value or theirs in attributes:
                found[ours] = value
        elif isinstance(value, int | float if theirs in _NUMBERS else str | bool):
            found[ours] = value
    if domain in _HEAT and unit:
        found["temperature_unit"] = unit
    return MappingProxyType(found)
