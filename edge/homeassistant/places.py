"""Home Assistant's floors and areas in the registry: put beside those that are there, or laid over them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from edge.devices.model import Area, Floor
from edge.devices.registry import Registry
from edge.devices.words import tokens
from edge.homeassistant.model import Place

_NOT_SLUG: Final = re.compile(r"[^a-z0-9_]+", re.ASCII)


class Places:
    """Which place of the registry each of Home Assistant's is.

    Floors and areas that are in the registry at first are a person's: they keep their names, and get what they lack.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._written = frozenset(registry.areas), frozenset(registry.floors)
        self._areas: dict[str, str] = {}
        self._floors: dict[str, str] = {}

    def area(self, theirs: str | None) -> str | None:
        """Our id of an area of Home Assistant's; None for none."""
        return self._areas.get(theirs) if theirs is not None else None

    def put(self, floors: Mapping[str, Place], areas: Mapping[str, Place]) -> None:
        """Have the registry show these; those of before that are gone are taken out where nothing is in them."""
        self._forget(floors.keys(), areas.keys())
        for floor in floors.values():
            self._put_floor(floor)
        for area in areas.values():
            self._put_area(area)

    def _put_floor(self, place: Place) -> None:
        registry, written = self._registry, self._written[1]
        ours = self._floors.get(place.id)
        if ours is None:
            same = (known for known in registry.floor_names.exact(tokens(place.name)) if known in registry.floors)
            ours = next(iter(same), None) or _fresh(place.id, registry.floors)
            self._floors[place.id] = ours
        known = registry.floors.get(ours)
        fresh = Floor(ours, place.name, place.aliases)
        if known is not None and ours in written:
            fresh = replace(known, aliases=_together(known.aliases, (place.name, *place.aliases), known.name))
        if fresh != known:
            registry.put_floor(fresh)

    def _put_area(self, place: Place) -> None:
        registry, written = self._registry, self._written[0]
        ours = self._areas.get(place.id)
        if ours is None:
            same = (known for known in registry.area_names.exact(tokens(place.name)) if known in registry.areas)
            ours = next(iter(same), None) or _fresh(place.id, registry.areas)
            self._areas[place.id] = ours
        known = registry.areas.get(ours)
        floor = self._floors.get(place.floor) if place.floor is not None else None
        fresh = Area(ours, place.name, floor, place.aliases)
        if known is not None and ours in written:
            aliases = _together(known.aliases, (place.name, *place.aliases), known.name)
            fresh = replace(known, floor=known.floor or floor, aliases=aliases)
        if fresh != known:
            registry.put_area(fresh)

    def _forget(self, floors: Iterable[str], areas: Iterable[str]) -> None:
        written_areas, written_floors = self._written
        for theirs in self._areas.keys() - set(areas):
            ours = self._areas.pop(theirs)
            used = any(device.area == ours for device in self._registry.devices.values())
            if ours not in written_areas and not used and ours not in self._areas.values():
                self._registry.remove_area(ours)
        for theirs in self._floors.keys() - set(floors):
            ours = self._floors.pop(theirs)
            if ours not in written_floors and ours not in self._floors.values():
                self._registry.remove_floor(ours)


def _fresh(wanted: str, taken: Mapping[str, object]) -> str:
    slug = _NOT_SLUG.sub("_", wanted.lower()).strip("_")[:64] or "place"
    found, number = slug, 1
    while found in taken:
        number += 1
        found = f"{slug}_{number}"
    return found


def _together(first: tuple[str, ...], more: tuple[str, ...], name: str) -> tuple[str, ...]:
    return tuple(alias for alias in dict.fromkeys((*first, *more)) if alias != name)
