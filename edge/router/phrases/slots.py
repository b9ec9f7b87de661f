"""What fills the slots of a template: free text made a device, a sensor, a place, a time or a number, by type."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from edge.devices.model import Device
from edge.devices.words import tokens
from edge.router.phrases.conditional import fill_condition, fill_event
from edge.router.phrases.filled import Filled, Where
from edge.router.phrases.sayings import (
    fill_name,
    fill_naming,
    fill_noted,
    fill_orders,
    fill_own_scene,
    fill_routine,
    fill_saying,
    fill_scene,
    fill_statement,
    fill_thing,
)
from edge.router.phrases.whys import Why, read_happened, read_summed, read_why
from edge.router.resolution.places import Places
from edge.router.resolution.sensed import Rank, sensed
from edge.router.values.durations import read_duration
from edge.router.values.ends import end_of
from edge.router.values.numbers import mended, read_number, split
from edge.router.values.periods import period
from edge.router.values.quantities import quantity, read_unit
from edge.router.values.times import when

_BEFORE_LENGTHS: Final = frozenset({"the", "another", "about", "next", "for", "some"})
_BEFORE_NUMBERS: Final = frozenset({"about", "around", "roughly", "a", "to", "at"})
_MEASURING: Final = frozenset({"sensor", "binary_sensor"})
_CATEGORY: Final = 9
"""How much worse it is to be an entity of the settings, or of how the device does."""


Fill = Callable[[str, str, Where], Filled | None]
"""The slot's name, its text and where it is said, to what it comes to; None where the text is no such thing."""


def _text(slot: str, text: str, where: Where) -> Filled | None:  # noqa: ARG001 (every filler's signature)
    return Filled({slot: text}) if text.strip() else None


def _number(slot: str, text: str, where: Where) -> Filled | None:  # noqa: ARG001
    words = mended(split(text))
    while words and words[0] in _BEFORE_NUMBERS:
        words = words[1:]
    read = read_number(words)
    if read is None:
        return None
    unit = read_unit(words, read[1])
    if (read[1] if unit is None else unit[1]) != len(words):
        return None
    return Filled({slot: round(read[0], 6)} | ({} if unit is None else {"unit": unit[0]}))


def _duration(slot: str, text: str, where: Where) -> Filled | None:  # noqa: ARG001
    words = mended(split(text))
    while words and words[0] in _BEFORE_LENGTHS:
        words = words[1:]
    if words and words[0] in {"minute", "hour", "day", "week"}:
        words = ["a", *words]
    read = read_duration(words, 0)
    return Filled({slot: read[0].total_s}) if read is not None and read[1] == len(words) else None


def _time(slot: str, text: str, where: Where) -> Filled | None:
    found = when(text, where.now)
    if found is None:
        return None
    named = found.arguments()
    return Filled({slot if key == "at" else key: value for key, value in named.items()})


def _until(slot: str, text: str, where: Where) -> Filled | None:
    return Filled({slot: text}) if end_of(text, where.now) is not None else None


def _period(slot: str, text: str, where: Where) -> Filled | None:  # noqa: ARG001
    found = period(text, where.now)
    return None if found is None else Filled(found.arguments())


def _area(slot: str, text: str, where: Where) -> Filled | None:
    scope = Places(where.registry, where.area).sure(text)
    if scope is None or scope.areas is None or len(scope.areas) != 1 or scope.choices:
        return None
    return Filled({slot: where.registry.areas[next(iter(scope.areas))].name})


def _device(text: str, where: Where, *, every: bool) -> Filled | None:
    return _found(text, where, lambda device: 0 if device.category is None else 1, every=every)


def _sensors(slot: str, text: str, where: Where) -> Filled | None:  # noqa: ARG001
    def rank(device: Device) -> int | None:
        return None if device.domain not in _MEASURING else 0 if device.category is None else 1

    return _found(text, where, rank, every=True)


def _sensor(slot: str, text: str, where: Where) -> Filled | None:  # noqa: ARG001
    """One sensor: of what a number beside it measures, else the temperature rather than what else is told there."""
    wanted = quantity(str(where.told.get("unit", "")))

    def rank(device: Device) -> int | None:
        if device.domain not in _MEASURING or (wanted is not None and (device.unit or "") not in wanted.units):
            return None
        beside = 0 if device.device_class == "temperature" else 1 if device.unit else 2
        return beside + (0 if device.category is None else _CATEGORY)

    return _found(text, where, rank, every=False)


def _found(text: str, where: Where, rank: Rank, *, every: bool) -> Filled | None:
    found = sensed(text, where.registry, where.area, rank, every=every) if tokens(text) else None
    if found is None:
        return None
    names = [where.registry.devices[one].name for one in found.devices]
    return Filled({"name": names[0]} if len(names) == 1 else {}, found.devices, found.choices)


def _summed(slot: str, text: str, where: Where) -> Filled | None:  # noqa: ARG001
    found = read_summed(text, where.now)
    return None if found is None else Filled(found)


def _why(found: Why | None) -> Filled | None:
    return None if found is None else Filled(found.arguments(), found.devices, found.choices)


FILLERS: Final[Mapping[str, Fill]] = MappingProxyType(
    {
        "text": _text,
        "number": _number,
        "duration": _duration,
        "time": _time,
        "period": _period,
        "until": _until,
        "area": _area,
        "condition": fill_condition,
        "event": fill_event,
        "device": lambda _, text, where: _device(text, where, every=False),
        "devices": lambda _, text, where: _device(text, where, every=True),
        "sensor": _sensor,
        "sensors": _sensors,
        "why": lambda _, text, where: _why(read_why(text, where.registry, where.area, where.now)),
        "summed": _summed,
        "statement": fill_statement,
        "saying": fill_saying,
        "noted": fill_noted,
        "naming": fill_naming,
        "name": fill_name,
        "thing": fill_thing,
        "scene": fill_scene,
        "own_scene": fill_own_scene,
        "orders": fill_orders,
        "routine": fill_routine,
        "happened": lambda _, text, where: _why(read_happened(text, where.registry, where.area, where.now)),
    }
)
"""By the slot's type."""
