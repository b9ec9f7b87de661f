"""The home in memory: floors, areas, devices and states, found by id, by place and kind, or by name."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeVar

from edge.devices.model import Area, Device, DeviceState, Floor
from edge.devices.names import NameIndex
from edge.devices.nouns import class_of
from edge.devices.words import tokens, words

_Thing = TypeVar("_Thing", Device, Area, Floor)

_UNKNOWN: Final = DeviceState()
_NOT_SLUG: Final = re.compile(r"[^a-z0-9]+")
NO_AREA: Final = ""
"""Stands for "in no area" where devices are asked for by place."""


class ChangeKind(StrEnum):
    """What happened to a device."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"
    STATE = "state"


@dataclass(frozen=True, slots=True)
class Change:
    """One change: the device and state after it (before it, for a removal), and the state that was."""

    kind: ChangeKind
    device: Device
    state: DeviceState
    before: DeviceState


Listener = Callable[[Change], None]


class Registry:
    """Every floor, area and device known now; not thread-safe, it belongs to the event loop."""

    def __init__(self) -> None:
        self._floors: dict[str, Floor] = {}
        self._areas: dict[str, Area] = {}
        self._devices: dict[str, Device] = {}
        self._states: dict[str, DeviceState] = {}
        self._listeners: dict[int, Listener] = {}
        self._next_listener = 0
        self._version = 0
        self._domains: dict[str, None] = {}
        self._by_kind: dict[tuple[str, str | None, str | None], dict[str, None]] = {}
        self._nicknames: dict[tuple[str, str], tuple[str, ...]] = {}
        self._plain: dict[tuple[str, str], Device | Area | Floor] = {}
        """What has nicknames, as it was put."""
        self.device_names: Final = NameIndex()
        self.area_names: Final = NameIndex()
        self.floor_names: Final = NameIndex()

    @property
    def version(self) -> int:
        """Grows with every change of floors, areas and devices; states leave it as it is."""
        return self._version

    @property
    def floors(self) -> Mapping[str, Floor]:
        """Floors by id, as they were put."""
        return MappingProxyType(self._floors)

    @property
    def areas(self) -> Mapping[str, Area]:
        """Areas by id, as they were put."""
        return MappingProxyType(self._areas)

    @property
    def devices(self) -> Mapping[str, Device]:
        """Devices by id, as they were put."""
        return MappingProxyType(self._devices)

    def state(self, device: str) -> DeviceState:
        """What a device last said; an empty state when it is unknown or has said nothing."""
        return self._states.get(device, _UNKNOWN)

    def put_floor(self, floor: Floor) -> None:
        """Add a floor or replace the one with its id."""
        floor = self._nicknamed("floor", floor)
        self._floors[floor.id] = floor
        self.floor_names.put(floor.id, (floor.name, *floor.aliases))
        self._version += 1

    def put_area(self, area: Area) -> None:
        """Add an area or replace the one with its id."""
        area = self._nicknamed("area", area)
        self._areas[area.id] = area
        self.area_names.put(area.id, (area.name, *area.aliases))
        self._version += 1

    def remove_area(self, area: str) -> None:
        """Forget an area; nothing happens when it is not known. Its devices keep saying that they are in it."""
        if self._areas.pop(area, None) is not None:
            self.area_names.remove(area)
            self._version += 1

    def remove_floor(self, floor: str) -> None:
        """Forget a floor; nothing happens when it is not known."""
        if self._floors.pop(floor, None) is not None:
            self.floor_names.remove(floor)
            self._version += 1

    def area_id(self, given: str | None) -> str | None:
        """The id of an area, from its id, name or alias; what is given where there is none (yet)."""
        if given is None or given in self._areas:
            return given
        return next(iter(self.area_names.exact(tokens(given))), given)

    def area_named(self, name: str) -> Area:
        """The area of this name or alias; made, with an id out of its name, when there is none."""
        for known in self.area_names.exact(tokens(name)):
            return self._areas[known]
        slug = _NOT_SLUG.sub("_", "_".join(words(name))).strip("_") or "area"
        number = 1
        fresh = slug
        while fresh in self._areas:
            number += 1
            fresh = f"{slug}_{number}"
        area = Area(fresh, name)
        self.put_area(area)
        return area

    def put_device(self, device: Device) -> None:
        """Add a device or replace the one with its id, whose state is kept."""
        device = self._nicknamed("device", device)
        known = self._devices.get(device.id)
        if known == device:
            return
        if known is not None:
            self._forget_kinds(known)
        self._devices[device.id] = device
        names = (device.name, *device.aliases) if device.exposed else ()
        self.device_names.put(device.id, names, whole_only=device.category is not None)
        self._domains[device.domain] = None
        for key in _kind_keys(device):
            self._by_kind.setdefault(key, {})[device.id] = None
        self._version += 1
        state = self.state(device.id)
        self._tell(Change(ChangeKind.CHANGED if known else ChangeKind.ADDED, device, state, state))

    def remove_device(self, device: str) -> None:
        """Forget a device and its state; nothing happens when it is not known."""
        known = self._devices.pop(device, None)
        if known is None:
            return
        self._plain.pop(("device", device), None)
        state = self._states.pop(device, _UNKNOWN)
        self.device_names.remove(device)
        self._forget_kinds(known)
        self._version += 1
        self._tell(Change(ChangeKind.REMOVED, known, state, state))

    def set_state(self, device: str, state: DeviceState) -> bool:
        """Note what a device said; False, and nothing noted, when the device is not known (any more)."""
        known = self._devices.get(device)
        if known is None:
            return False
        before = self.state(device)
        self._states[device] = state
        self._tell(Change(ChangeKind.STATE, known, state, before))
        return True

    def nickname(self, kind: str, thing: str, names: Iterable[str]) -> None:
        """Other names that people here give something, beside those that it brings, instead of those given before.

        `kind`: `device`, `area` or `floor`; it need not be there yet.
        """
        given = tuple(dict.fromkeys(names))
        if given == self._nicknames.get((kind, thing), ()):
            return
        everything: Mapping[str, Mapping[str, Device | Area | Floor]]
        everything = {"device": self._devices, "area": self._areas, "floor": self._floors}
        known = everything[kind].get(thing)
        plain = self._plain.pop((kind, thing), known)
        self._nicknames.pop((kind, thing), None)
        if given:
            self._nicknames[kind, thing] = given
        match plain:
            case Device():
                self.put_device(plain)
            case Area():
                self.put_area(plain)
            case Floor():
                self.put_floor(plain)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Have `listener` called after every change, states said again included; returns what ends that."""
        number = self._next_listener
        self._next_listener += 1
        self._listeners[number] = listener

        def end() -> None:
            self._listeners.pop(number, None)

        return end

    def of_kind(self, domain: str, device_class: str | None = None, area: str | None = None) -> Iterator[str]:
        """Ids of the devices of a domain (and class) everywhere, in one area, or with `NO_AREA` in none.

        A class that a device does not tell is read off its name; config and diagnostic entities are left out, and what
        is not exposed.
        """
        return iter(self._by_kind.get((domain, device_class, area), ()))

    def domains(self, area: str | None = None) -> tuple[str, ...]:
        """The domains of the devices everywhere, in one area, or with `NO_AREA` in none."""
        return tuple(domain for domain in self._domains if self._by_kind.get((domain, None, area)))

    def areas_of_floor(self, floor: str) -> tuple[str, ...]:
        """Ids of the areas on a floor."""
        return tuple(area.id for area in self._areas.values() if area.floor == floor)

    def _nicknamed(self, kind: str, thing: _Thing) -> _Thing:
        given: tuple[str, ...] = self._nicknames.get((kind, thing.id), ())
        if not given:
            return thing
        # Whoever read it here and puts it back brings the nicknames along.
        own: tuple[str, ...] = tuple(one for one in thing.aliases if one not in given)
        self._plain[kind, thing.id] = replace(thing, aliases=own)
        return replace(thing, aliases=(*own, *given))

    def _forget_kinds(self, device: Device) -> None:
        for key in _kind_keys(device):
            self._by_kind[key].pop(device.id, None)

    def _tell(self, change: Change) -> None:
        for listener in tuple(self._listeners.values()):
            listener(change)


def _kind_keys(device: Device) -> tuple[tuple[str, str | None, str | None], ...]:
    if device.category is not None or not device.exposed:
        return ()
    area = device.area or NO_AREA
    keys: list[tuple[str, str | None, str | None]] = [(device.domain, None, None), (device.domain, None, area)]
    if of := class_of(device.domain, device.device_class, device.name):
        keys += [(device.domain, of, None), (device.domain, of, area)]
    return tuple(keys)
