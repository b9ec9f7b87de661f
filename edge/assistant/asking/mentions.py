"""Finds the devices and places that a sentence calls by their names."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from edge.devices.model import Device
from edge.devices.registry import Registry
from edge.devices.words import fold, tokens

_LONGEST: Final = 6
_ARTICLES: Final = frozenset({"the", "a", "an", "my", "our", "your", "in", "of", "on", "at", "and", "is", "was"})
_PLAIN: Final = frozenset(
    [
        *("temperature", "humidity", "sensor", "thermometer", "level", "meter", "power", "energy", "battery", "state"),
        *("co2", "carbon", "dioxide", "moisture", "pressure", "motion", "detector", "contact", "air", "consumption"),
        *("hygrometer", "relative", "value", "current", "total", "usage", "the", "of", "in", "illuminance", "light"),
        *("speed", "quality", "voltage", "door", "window", "lock", "status", "reading", "switch", "plug"),
    ]
)
"""Words of names that say what is measured, or that it is a sensor: none of them tells one device from another."""


@dataclass(frozen=True, slots=True)
class Mention:
    """Words from `first` to before `last` that are the whole name of some devices, or of a place."""

    devices: tuple[str, ...]
    areas: tuple[str, ...]
    first: int
    last: int


def mentions(words: Sequence[str], registry: Registry) -> list[Mention]:
    """All names in the order of their words, the longest first where they lie in one another."""
    found = []
    at = 0
    while at < len(words):
        one = None if words[at] in _ARTICLES else _mention_at(words, at, registry)
        if one is None:
            at += 1
        else:
            found.append(one)
            at = one.last
    return found


def _mention_at(words: Sequence[str], at: int, registry: Registry) -> Mention | None:
    for size in range(min(_LONGEST, len(words) - at), 0, -1):
        if (
            size == 1
            and words[at].endswith("ing")
            and words[at + 1 : at + 2]
            and words[at + 1] in {"up", "down", "off"}
        ):
            continue  # "is it heating up" is not about the heating
        said = tokens(" ".join(words[at : at + size]))
        if not said or words[at + size - 1] in _ARTICLES:
            continue
        devices = registry.device_names.exact(said)
        areas = registry.area_names.exact(said)
        floors = registry.floor_names.exact(said)
        areas += tuple(area for floor in floors for area in registry.areas_of_floor(floor))
        if devices or areas:
            return Mention(devices, areas, at, at + size)
    return None


def named_words(device: Device, said: frozenset[str], registry: Registry) -> int:
    """How many words that tell this device from others are said: of "Freezer Temperature" in the kitchen "freezer"."""
    area = registry.areas.get(device.area or "")
    place = {word for name in (area.name, *area.aliases) for word in tokens(name)} if area is not None else set()
    names = [set(tokens(name)) - _PLAIN - place for name in (device.name, *device.aliases)]
    return max(len(name & said) for name in names)


def folded(words: Sequence[str]) -> frozenset[str]:
    """The words as names have them."""
    return frozenset(fold(word) for word in words)
