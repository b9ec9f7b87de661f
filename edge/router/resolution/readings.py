"""Which devices answer a question about a measured value: "how humid is it outside", "the freezer's temperature"."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from edge.devices.nouns import Kind, class_of
from edge.devices.registry import NO_AREA, Registry
from edge.devices.words import listed, tokens
from edge.router.resolution.phrase import read
from edge.router.resolution.places import LIKE_ENOUGH, Places, Scope
from edge.router.resolution.targets import Targets
from edge.router.resolution.wanted import Found, Wanted
from edge.router.values import states

_FALLBACKS: Final = {
    "temperature": (Kind("climate"), Kind("water_heater"), Kind("weather")),
    "humidity": (Kind("humidifier"), Kind("climate"), Kind("weather")),
    "moisture": (Kind("binary_sensor", "moisture"),),
    "battery": (Kind("binary_sensor", "battery"), Kind("vacuum"), Kind("lawn_mower")),
    "atmospheric_pressure": (Kind("sensor", "pressure"), Kind("weather")),
    "pressure": (Kind("sensor", "atmospheric_pressure"),),
    "wind_speed": (Kind("weather"),),
    "energy": (Kind("sensor", "power"),),
    "power": (Kind("sensor", "energy"),),
    "motion": (Kind("binary_sensor", "motion"), Kind("binary_sensor", "occupancy")),
    "aqi": (Kind("sensor", "pm25"), Kind("sensor", "volatile_organic_compounds"), Kind("sensor", "carbon_dioxide")),
}
_PLAIN: Final = ("sensor", "room", "air", "ambient", "indoor", "inside", "level", "current")
_OUTSIDE_NAMES: Final = ("outdoor", "outside", "exterior", "garden", "balcony", "patio")

_FLOWS: Final = frozenset({"power", "energy"})
_MADE: Final = listed(
    "solar, pv, photovoltaic, produce, producing, produced, production, generate, generating, generated, generation, "
    "generator, inverter, export, exported, exporting, yield, making"
)
_TOTAL: Final = listed("total, whole, house, home, main, grid, overall, mains, household")
_MANY: Final = 64


class Readings:
    """Finds what measures; a question may be answered by several devices, so nothing is asked back."""

    def __init__(self, registry: Registry, places: Places, targets: Targets, said: frozenset[str]) -> None:
        self._registry = registry
        self._places = places
        self._targets = targets
        self._said = said

    def find(
        self, text: str | None, scope: Scope | None, measure: str | None, wish: Wanted, *, every: bool = False
    ) -> Found | None:
        """What measures `measure` (a device class, or None where none was said) of a thing, in a place.

        `every`: values are put together ("the average temperature"), so that no room is preferred.
        """
        if text is None:
            return None if measure is None else self._by_place(measure, scope, wish, every=every)
        said = read(text).said
        if measure is None and (ending := states.measure_at_end(said)) is not None:
            measure = ending[0]
        found = self._by_name(said, scope, measure)
        if found:
            return self._found(found, scope)
        within = self._places.within(said)
        if within is not None and measure is not None:
            return self._by_place(measure, within[0], wish, every=every)
        found_device = self._targets.find(text, scope, wish)
        if found_device is None or measure is None or len(found_device.devices) != 1:
            return found_device
        own = self._by_name(tokens(self._registry.devices[found_device.devices[0]].name), scope, measure)
        return self._found(own, scope) if len(own) == 1 else found_device

    def _by_name(self, said: tuple[str, ...], scope: Scope | None, measure: str | None) -> list[str]:
        """Sensors with these words in their names; of the asked class where there are any."""
        names = self._registry.device_names
        bare = said
        if measure is not None and (ending := states.measure_at_end(said)) is not None and len(said) > ending[1]:
            bare = said[: -ending[1]]
        exact = self._sensors(names.exact(said), scope, measure)
        if not exact and measure is not None:
            exact = self._sensors(names.exact((*bare, *tokens(measure.replace("_", " ")))), scope, measure)
        if exact:
            return exact
        parts = self._sensors(names.partial(bare), scope, measure)
        if parts:
            return parts
        alike = [like.id for like in names.like(bare) if like.score >= LIKE_ENOUGH]
        return self._sensors(alike[:1], scope, measure)

    def _sensors(self, found: Sequence[str], scope: Scope | None, measure: str | None) -> list[str]:
        chosen = []
        for one in found:
            device = self._registry.devices[one]
            if device.domain not in {"sensor", "binary_sensor"}:
                continue
            if (
                scope is not None
                and scope.areas is not None
                and device.area is not None
                and device.area not in scope.areas
            ):
                continue
            if measure in {None, class_of(device.domain, device.device_class, device.name)} or self._measures(
                one, measure
            ):
                chosen.append(one)
        return chosen

    def _measures(self, one: str, measure: str | None) -> bool:
        """Whether a sensor that tells no class is named for the measure."""
        device = self._registry.devices[one]
        return device.device_class is None and measure is not None and states.measure(device.name) == measure

    def _by_place(self, measure: str, scope: Scope | None, wish: Wanted, *, every: bool) -> Found | None:
        kinds = (Kind("sensor", measure), *_FALLBACKS.get(measure, ()))
        if wish.function.domain == "climate":
            kinds = (Kind("climate"), *kinds)
        if scope is not None and scope.areas is not None:
            found = self._batteries(scope) if measure == "battery" else ()
            return self._found(found, scope) if found else self._in_scope(measure, kinds, scope)
        if not every and scope is None and self._places.speaker is not None:
            speaker = self._places.of_area(self._places.speaker)
            for kind in kinds:
                if found := tuple(self._registry.of_kind(kind.domain, kind.device_class, self._places.speaker)):
                    found = self._flowing(self._plain(found, measure), measure)
                    return Found(found, dict(speaker.arguments), "class", kinds=kinds)
        if measure == "battery" and (found := self._batteries(scope)):
            return self._found(found, scope)
        for kind in kinds:
            if found := tuple(self._registry.of_kind(kind.domain, kind.device_class)):
                return self._found(self._flowing(found, measure, whole=not every), scope)
        named = self._sensors(self._registry.device_names.partial(tokens(measure.replace("_", " "))), scope, measure)
        return self._found(named, scope) if named else None

    def _batteries(self, scope: Scope | None) -> tuple[str, ...]:
        """What tells how full batteries are: a diagnosis of their devices, which no other question is about."""
        areas = None if scope is None else scope.areas
        return tuple(
            device.id
            for device in self._registry.devices.values()
            if device.domain == "sensor" and device.device_class == "battery" and device.exposed
            if areas is None or device.area in areas
        )

    def _in_scope(self, measure: str, kinds: Sequence[Kind], scope: Scope) -> Found | None:
        """In the place; else a sensor that stands in no area but has the place in its name; else one without either."""
        for areas in (sorted(scope.areas or ()), [NO_AREA]):
            if areas == [NO_AREA]:
                named = self._named_for(measure, scope)
                if named:
                    return self._found(named, scope)
            for kind in kinds:
                if kind.domain == "sensor" and areas == [NO_AREA]:
                    continue
                if kind.domain == "weather" and not scope.outside:
                    continue
                found = tuple(
                    one for area in areas for one in self._registry.of_kind(kind.domain, kind.device_class, area)
                )
                if len(found) > 1 and areas == [NO_AREA] and kind.domain != "weather":
                    continue
                if found:
                    chosen = self._flowing(self._plain(found, measure) if len(areas) == 1 else found, measure)
                    return Found(chosen, dict(scope.arguments), "class", kinds=tuple(kinds))
        return None

    def _flowing(self, found: tuple[str, ...], measure: str, *, whole: bool = False) -> tuple[str, ...]:
        """Of power and energy what is used or what is made, as was asked; `whole`: the home's total if there is one."""
        if measure not in _FLOWS or not 1 < len(found) <= _MANY:
            return found
        names = {one: frozenset(tokens(self._registry.devices[one].name)) for one in found}
        makes = not _MADE.isdisjoint(self._said)
        chosen = tuple(one for one in found if _MADE.isdisjoint(names[one]) is not makes) or found
        totals = tuple(one for one in chosen if not _TOTAL.isdisjoint(names[one])) if whole else ()
        return totals or chosen

    def _plain(self, found: tuple[str, ...], measure: str) -> tuple[str, ...]:
        """Those named for the room and the measure alone: "Kitchen Temperature" and not "Freezer"."""
        plain = []
        for one in found:
            device = self._registry.devices[one]
            area = self._registry.areas.get(device.area or "")
            known = {*tokens(measure.replace("_", " ")), *_PLAIN, *(tokens(area.name) if area else ())}
            if known.issuperset(tokens(device.name)):
                plain.append(one)
        return tuple(plain) or found

    def _named_for(self, measure: str, scope: Scope) -> list[str]:
        places = [tokens(name) for name in scope.arguments.values()]
        if scope.outside:
            places += [(name,) for name in _OUTSIDE_NAMES]
        free = replace(scope, areas=None)
        for place in places:
            if found := self._sensors(self._registry.device_names.partial(place), free, measure):
                return found
        return []

    def _found(self, devices: Sequence[str], scope: Scope | None) -> Found:
        arguments = dict(scope.arguments) if scope is not None else {}
        if len(devices) == 1:
            arguments = {"name": self._registry.devices[devices[0]].name, **arguments}
        return Found(tuple(devices), arguments, "name")
