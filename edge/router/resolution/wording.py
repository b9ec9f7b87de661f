"""The question that settles which device or area was meant."""

from collections.abc import Sequence
from typing import Final

from edge.devices.registry import Registry
from edge.devices.words import tokens

_FEW: Final = 4


def which(registry: Registry, candidates: Sequence[str], domain: str) -> str:
    """One short question that names the candidates (devices' or areas' ids), or just asks where they are many."""
    noun = domain.replace("_", " ")
    if not candidates:
        return f"Which {noun}?"
    areas = [registry.areas[one].name for one in candidates if one in registry.areas]
    if len(areas) == len(candidates):
        if len(areas) > _FEW:
            return "In which room?"
        return f"{_or([f'in the {_lower(name)}' for name in areas]).capitalize()}?"
    devices = [registry.devices[one] for one in candidates if one in registry.devices]
    if len({tokens(device.name) for device in devices}) == 1 and len(devices) <= _FEW:
        placed = [registry.areas[area].name for device in devices if (area := device.area) and area in registry.areas]
        if len(set(placed)) == len(devices):
            return f"The {_lower(devices[0].name)} {_or([f'in the {_lower(name)}' for name in placed])}?"
    if len(devices) > _FEW:
        return f"Which {noun}?"
    return f"Which one: {_or([device.name for device in devices])}?"


def _or(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _lower(name: str) -> str:
    """A name in the middle of a sentence: words in capitals (TV) stay as they are."""
    return " ".join(word if word.isupper() else word.lower() for word in name.split())
