"""A scene by example: which devices it takes in, and what of how they are now; pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from edge.devices.critical import is_critical
from edge.devices.model import Device, DeviceState, ServiceCall
from edge.devices.nouns import NOUNS
from edge.devices.registry import Registry
from edge.devices.words import listed, tokens
from edge.router.resolution.places import Places

_ALWAYS: Final = frozenset({"light", "cover"})
"""Of these it matters that they are off or closed, too."""
_WHILE_ON: Final = frozenset({"switch", "fan", "media_player", "climate", "humidifier", "input_boolean"})
_OFF: Final = frozenset({"off", "standby", "idle"})
_BLINDS: Final = frozenset({"cover"})
_KEPT: Final = {
    "light": ("brightness", "effect"),
    "fan": ("percentage", "preset_mode"),
    "cover": ("current_position", "current_tilt_position"),
    "climate": ("temperature", "fan_mode"),
    "media_player": ("volume_level", "source"),
    "humidifier": ("humidity", "mode"),
}
"""For each domain, the attributes that are a part of how it is."""
_BY_COLOR_MODE: Final = {"color_temp": "color_temp_kelvin", "hs": "hs_color", "rgb": "rgb_color", "xy": "xy_color"}
_HOUSE: Final = listed(
    "house, home, whole house, the whole house, everywhere, everything, all, everything everywhere, all room, "
    "every room, the house, all of it, entire house, building, flat, whole flat"
)
_ROOM: Final = listed("room, this room, whole room, here, it, this, that, setting, in here")
_DETERMINERS: Final = listed("the, all, this, these, my, our, of, in, for, every, here, everything, a")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a scene is to be made of: areas, and domains where only some are meant."""

    areas: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()
    whole: bool = False
    """Whether devices in no area are a part of it."""

    def devices(self, registry: Registry) -> list[Device]:
        """Those that may be a part of it."""
        return [
            device
            for device in registry.devices.values()
            if device.category is None
            and (device.area in self.areas or (self.whole and device.area is None))
            and (not self.domains or device.domain in self.domains)
        ]


def wanted(of: str, registry: Registry, area: str | None) -> Wanted | None:
    """What a scene is to be made of: "the lights", "the kitchen", "the whole house"; None for what can't be told.

    `area`: the speaker's; `of` is empty where nothing was said.
    """
    said = tuple(tokens(of))
    bare = tuple(word for word in said if word not in _DETERMINERS)
    if " ".join(said) in _HOUSE or " ".join(bare) in _HOUSE:
        return Wanted(frozenset(registry.areas), whole=True)
    if not bare or " ".join(bare) in _ROOM:
        return Wanted(frozenset({area})) if area in registry.areas and area is not None else Wanted()
    for start in range(len(bare)):
        for end in range(len(bare), start, -1):
            places = _places(" ".join(bare[start:end]), registry, area)
            if not places:
                continue
            rest = (*bare[:start], *bare[end:])
            domains = _domains(rest) if rest else frozenset()
            if rest and not domains:
                continue
            return Wanted(places, domains)
    domains = _domains(bare)
    if not domains:
        return None
    whole = "all" in said and area is None
    areas = frozenset(registry.areas) if whole else frozenset({area} if area in registry.areas and area else ())
    return Wanted(areas, domains, whole)


def captured(devices: Iterable[Device], registry: Registry) -> dict[str, DeviceState]:
    """How the devices are now, of those that a scene may set; locks, doors and alarms never are."""
    found: dict[str, DeviceState] = {}
    for device in devices:
        state = registry.state(device.id)
        domain = device.domain
        if not state.available or state.state in (None, "unknown", "unavailable"):
            continue
        on = state.state not in _OFF
        if domain in _BLINDS and is_critical(device, ServiceCall(device.id, "open_cover")):
            continue
        if domain in _ALWAYS or (domain in _WHILE_ON and on):
            found[device.id] = DeviceState(state.state, MappingProxyType(_attributes(device, state) if on else {}))
    return found


def _attributes(device: Device, state: DeviceState) -> dict[str, Any]:
    names = [*_KEPT.get(device.domain, ())]
    if device.domain == "light" and (color := _BY_COLOR_MODE.get(str(state.attributes.get("color_mode")))):
        names.append(color)
    if device.domain == "cover" and state.state in ("closed", "open") and _plain(state):
        names = []
    return {
        name: state.attributes[name] for name in names if state.attributes.get(name) not in (None, "none", "None", 0)
    }


def _plain(state: DeviceState) -> bool:
    """Whether a cover is wholly open or closed, so that its state says all."""
    return state.attributes.get("current_position") in (None, 0, 100)


def _places(text: str, registry: Registry, area: str | None) -> frozenset[str]:
    scope = Places(registry, area).sure(text)
    return scope.areas if scope is not None and scope.areas and not scope.choices else frozenset()


def _domains(said: tuple[str, ...]) -> frozenset[str]:
    """The kinds of device that words name: "light", "light and blind"."""
    found: set[str] = set()
    for word in said:
        if word == "and":
            continue
        kinds = NOUNS.get((word,))
        if not kinds:
            return frozenset()
        found |= {kind.domain for kind in kinds}
    return frozenset(found & (_ALWAYS | _WHILE_ON))
