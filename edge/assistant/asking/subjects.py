"""Which series a question is about: from the names and places in its words, and from what the router found."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from edge.assistant.asking.lexicon import CLASSES, COUNTED
from edge.assistant.asking.mentions import Mention, folded, named_words
from edge.devices.model import Device
from edge.devices.nouns import NOUN_WORDS, NOUNS, Kind, class_of
from edge.devices.registry import Registry
from edge.devices.words import tokens
from edge.router.model import Call
from edge.sensors.defaults import sort_of
from edge.sensors.history.choosing import Choosing
from edge.sensors.history.model import Sensor, Sort

_AIR: Final = frozenset(
    [
        *("temperature", "humidity", "sensor", "thermometer", "room", "thermostat", "indoor", "inside", "air", "co2"),
        *("heating", "climate", "hygrometer", "carbon", "dioxide", "motion", "outdoor", "outside", "pressure", "level"),
        *("relative", "detector", "current"),
    ]
)
_COLD: Final = frozenset({"freezer", "fridge"})
_WHOLE: Final = frozenset({"house", "home", "total", "main", "mains", "grid", "meter", "whole", "import", "household"})
_MADE: Final = frozenset({"solar", "pv", "panel", "production", "export", "generated", "battery"})
_OUTSIDE: Final = frozenset({"outside", "outdoors", "outdoor", "freeze", "froze", "frozen", "freezing", "frost"})
_OPEN_AIR: Final = frozenset(
    {"outside", "outdoors", "outdoor", "garden", "balcony", "terrace", "patio", "porch", "yard", "weather", "wall"}
)
"""Words of names and places in the open; a greenhouse is a room."""
_OUTBUILDINGS: Final = frozenset({"greenhouse", "glasshouse", "polytunnel", "shed", "garage", "carport", "barn"})
"""Places that nobody means by a room."""
_INSIDE: Final = frozenset({"inside", "indoors", "indoor"})
_DIRECT: Final = ("sensor", "number", "binary_sensor", "input_number")
Group = tuple[Sensor, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What kind of series is asked for: numbers of these classes (any where empty), or states."""

    sort: Sort
    classes: tuple[str, ...] = ()
    domains: frozenset[str] = frozenset()
    """Only of devices of these; any where empty."""


class Subjects:
    """Looks series up in the registry; `temperature_unit` is that of attributes."""

    def __init__(self, registry: Registry, temperature_unit: str = "°C") -> None:
        self._registry = registry
        self._choosing = Choosing(temperature_unit=temperature_unit)

    def groups(
        self,
        words: Sequence[str],
        found: Sequence[Mention],
        calls: Sequence[Call],
        wanted: Wanted,
        area: str | None,
        *,
        outdoors: bool = False,
        named: bool = False,
    ) -> list[Group]:
        """For each thing or place that is named, in its order, the series that may be meant; `area`: the speaker's.

        `outdoors`: without a place, the weather is meant; `named`: nothing is taken that no word names.
        """
        said = folded(words)
        if {"set", "setpoint", "target"} & said and wanted.sort is Sort.NUMBER:
            targets = tuple(one for call in calls for one in self._of_call(call, Wanted(Sort.NUMBER)))
            aims = tuple(one for one in targets if one.key.endswith(":temperature"))
            if aims:
                return [aims]
        groups: list[tuple[int, Group]] = []
        for mention in found:
            series = self._of_mention(mention, wanted, said)
            if series:
                groups.append((mention.first, series))
        by_words = self._named_by_router(calls, said, wanted)
        if by_words and not any(set(by_words) & set(series) for _, series in groups):
            precise = [series for _, series in groups if len(series) == 1 and series[0] not in by_words]
            if not groups or not precise or len(calls) < 2:
                groups = [(0, by_words)] if not groups or self._within(by_words, groups) else [*groups, (99, by_words)]
        if not groups and outdoors and not found:
            series = self._anywhere(said, words, wanted, None, outdoors=True)
            groups = [(0, series)] if series and self._outdoors(series[0]) else []
        if not groups:
            groups = [
                (at, series)
                for at, call in enumerate(calls)
                if (series := self._narrow(self._near(self._of_call(call, wanted), found, area)))
            ]
        if not groups and not named and not any(one.areas for one in found):
            series = self._anywhere(said, words, wanted, area, outdoors=outdoors)
            if wanted.sort is Sort.STATE and any(one.devices for one in found):
                # Another one of its kind is no answer about one that was called by its name.
                series = tuple(one for one in series if self._distinct(one, said))
            groups = [(0, series)] if series else []
        return list(dict.fromkeys(series for _, series in sorted(groups, key=lambda one: one[0])))

    def everywhere(self, words: Sequence[str], wanted: Wanted, *, rooms: bool) -> Group:
        """All series of a sort, for "which"; `rooms`: one a room, of its air, none outdoors."""
        kinds = self.nouns(words)
        found = [
            series
            for device in self._devices()
            if not kinds or wanted.sort is Sort.NUMBER or _is_of(device, kinds)
            for series in self._fitting(device, wanted)
        ]
        if not rooms:
            return tuple(found)
        of_rooms: dict[str, Group] = {}
        for series in found:
            if series.area and self._is_air(series) and not self._outdoors(series) and not self._outbuilding(series):
                of_rooms[series.area] = (*of_rooms.get(series.area, ()), series)
        return tuple(self._narrow(group)[0] for group in of_rooms.values()) or tuple(found)

    def meters(self) -> Group:
        """Everything that counts."""
        wanted = Wanted(Sort.NUMBER)
        return tuple(
            one
            for device in self._devices()
            for one in self._fitting(device, wanted)
            if one.counter or one.device_class in COUNTED
        )

    def siblings(self, words: Sequence[str], of: Sensor) -> Group:
        """Series of the same class whose names have more of the words than others: "the back one"."""
        said = folded(words)
        scored = [
            (named_words(device, said, self._registry) + (2 if self._area_words(device) & said else 0), one)
            for device in self._devices()
            for one in self._fitting(device, Wanted(of.sort))
            if one.device_class == of.device_class
            and device.domain == of.device.partition(".")[0]
            and one.key != of.key
        ]
        best = max((score for score, _ in scored), default=0)
        return tuple(one for score, one in scored if score == best) if best else ()

    def _area_words(self, device: Device) -> set[str]:
        area = self._registry.areas.get(device.area or "")
        return {word for name in ((area.name, *area.aliases) if area else ()) for word in tokens(name)}

    def nouns(self, words: Sequence[str]) -> tuple[Kind, ...]:
        """The kinds of device that a common noun in the words stands for."""
        folds = [tokens(word) for word in words]
        flat = [one[0] if one else "" for one in folds]
        for size in range(NOUN_WORDS, 0, -1):
            for at in range(len(flat) - size + 1):
                kinds = NOUNS.get(tuple(flat[at : at + size]))
                if kinds:
                    return kinds
        return ()

    # Names and places ----------------------------------------------------------------------------------------------

    def _of_mention(self, mention: Mention, wanted: Wanted, said: frozenset[str]) -> Group:
        devices = [self._registry.devices[one] for one in mention.devices if one in self._registry.devices]
        found = [series for device in devices for series in self._fitting(device, wanted)]
        if not found and devices:
            found = self._beside(devices, wanted)
        if not found:
            found = [
                series
                for area in mention.areas
                for device in self._in_area(area)
                for series in self._fitting(device, wanted)
                if (wanted.sort is Sort.NUMBER and (wanted.classes or series.device_class in _OF_ROOMS))
                or (wanted.sort is Sort.STATE and self._state_noun(device, said))
            ]
            by_name = [one for one in found if self._distinct(one, said)]
            found = by_name or [one for one in found if self._is_air(one)] or found
        return self._narrow(tuple(dict.fromkeys(found)))

    def _beside(self, devices: Sequence[Device], wanted: Wanted) -> list[Sensor]:
        """What else the same thing measures: by its maker's device, or by names that begin with its own."""
        found: list[Sensor] = []
        for device in devices:
            own = set(tokens(device.name))
            for other in self._devices():
                grouped = device.group is not None and other.group == device.group
                if grouped or (own and own <= set(tokens(other.name))):
                    found += self._fitting(other, wanted)
        return found

    def _state_noun(self, device: Device, said: frozenset[str]) -> bool:
        """Whether a device of a room is one of those that the words are about: motion, a leak, windows."""
        kind = class_of(device.domain, device.device_class, device.name)
        for noun, kinds in NOUNS.items():
            if set(noun) <= said and any(one.domain == device.domain and one.device_class in (None, kind)
                                         for one in kinds):  # fmt: skip
                return True
        return bool(said & _PRESENCE) and kind in ("motion", "occupancy", "presence")

    def _distinct(self, series: Sensor, said: frozenset[str]) -> bool:
        device = self._registry.devices.get(series.device)
        return device is not None and named_words(device, said, self._registry) > 0

    def _near(self, group: Group, found: Sequence[Mention], area: str | None) -> Group:
        """Where no place is named, what is in the speaker's room."""
        return group if found else tuple(one for one in group if area and one.area == area) or group

    # The router ----------------------------------------------------------------------------------------------------

    def _named_by_router(self, calls: Sequence[Call], said: frozenset[str], wanted: Wanted) -> Group:
        """Devices that the router found by words of their names."""
        scored: list[tuple[int, Sensor]] = []
        for call in calls:
            for target in call.targets:
                device = self._registry.devices.get(target)
                score = named_words(device, said, self._registry) if device is not None else 0
                if device is not None and score:
                    series = self._fitting(device, wanted) or self._beside([device], wanted)
                    scored += [(score, one) for one in series]
        best = max((score for score, _ in scored), default=0)
        return self._narrow(tuple(dict.fromkeys(one for score, one in scored if score == best)))

    def _within(self, named: Group, groups: Sequence[tuple[int, Group]]) -> bool:
        """Whether the place that was named only says where the named thing is."""
        areas = {series.area for _, group in groups for series in group}
        return all(one.area in areas for one in named)

    def _of_call(self, call: Call, wanted: Wanted) -> Group:
        devices = [self._registry.devices[one] for one in call.targets if one in self._registry.devices]
        return tuple(dict.fromkeys(series for device in devices for series in self._fitting(device, wanted)))

    # Anything of the kind ------------------------------------------------------------------------------------------

    def _anywhere(
        self, said: frozenset[str], words: Sequence[str], wanted: Wanted, area: str | None, *, outdoors: bool
    ) -> Group:
        kinds = self.nouns(words) if wanted.sort is Sort.STATE else ()
        found = [
            series
            for device in self._devices()
            if not kinds or _is_of(device, kinds)
            for series in self._fitting(device, wanted)
        ]
        if wanted.sort is Sort.STATE and not kinds:
            return ()
        if wanted.sort is Sort.NUMBER and not wanted.classes:
            return ()
        if said & _OUTSIDE or outdoors:
            found = [one for one in found if self._outdoors(one)] or found
        elif said & _INSIDE:
            found = [one for one in found if not self._outdoors(one) and self._is_air(one) and one.area]
        near = [one for one in found if area and one.area == area and self._is_air(one)]
        named = [one for one in found if self._distinct(one, said)]
        return self._narrow(_likeliest(tuple(dict.fromkeys(named or near or found)), wanted))

    def _narrow(self, group: Group) -> Group:
        """Of several series those that are meant without saying so: no attribute where there is a sensor, the first
        of the classes that fit, the whole house's meter, nothing that stands in a fridge."""
        for keep in (
            lambda one: one.device.partition(".")[0] in _DIRECT,
            lambda one: ":" not in one.key,
            lambda one: not one.key.endswith(":temperature"),
            lambda one: one.device_class == "temperature",
            self._is_air,
            lambda one: not set(tokens(one.name)) & _MADE,
            lambda one: bool(set(tokens(one.name)) & _WHOLE) and one.device_class in _METERED,
        ):
            if len(group) > 1:
                group = tuple(one for one in group if keep(one)) or group
        return group

    # Series --------------------------------------------------------------------------------------------------------

    def _fitting(self, device: Device, wanted: Wanted) -> list[Sensor]:
        if wanted.domains and device.domain not in wanted.domains:
            return []
        state = self._registry.state(device.id)
        found = []
        for choice in self._choosing.of(device, state.state):
            if choice.attribute is not None and choice.attribute not in state.attributes:
                continue
            if choice.sensor.sort is wanted.sort and _of_class(device, choice.sensor, wanted):
                found.append(choice.sensor)
        return list(_likeliest(tuple(found), wanted))

    def of_device(self, device: str, sort: Sort) -> list[Sensor]:
        """The series of one device."""
        known = self._registry.devices.get(device)
        return self._fitting(known, Wanted(sort)) if known is not None else []

    def _devices(self) -> Iterable[Device]:
        return (one for one in self._registry.devices.values() if one.category != "config" and one.exposed)

    def _in_area(self, area: str) -> Iterable[Device]:
        return (one for one in self._devices() if one.area == area)

    def _is_air(self, series: Sensor) -> bool:
        """Whether it measures its room: its name says no more than the room and the measure."""
        area = self._registry.areas.get(series.area)
        device = self._registry.devices.get(series.device)
        if area is None or device is None:
            return False
        room = {word for name in (area.name, *area.aliases) for word in tokens(name)}
        return set(tokens(device.name)) <= room | _AIR and sort_of(series.device_class, device.name) not in _COLD

    def _outbuilding(self, series: Sensor) -> bool:
        area = self._registry.areas.get(series.area)
        return area is not None and not _OUTBUILDINGS.isdisjoint(tokens(area.name))

    def _outdoors(self, series: Sensor) -> bool:
        area = self._registry.areas.get(series.area)
        device = self._registry.devices.get(series.device)
        names = [series.name, *(device.aliases if device else ()), *((area.name, *area.aliases) if area else ())]
        return not _OPEN_AIR.isdisjoint(word for name in names for word in tokens(name))


_OF_ROOMS: Final = frozenset({"temperature", "humidity", "carbon_dioxide"})
"""What is asked of a room where nobody says what."""
_METERED: Final = frozenset({"energy", "power", "water", "gas"})
_PRESENCE: Final = frozenset(
    {
        "move",
        "moved",
        "moving",
        "something",
        "anyone",
        "anybody",
        "someone",
        "somebody",
        "movement",
        "motion",
        "people",
        "person",
    }
)


def classes_of(measure: str) -> tuple[str, ...]:
    """The device classes that a measure may have."""
    return CLASSES.get(measure, (measure,)) if measure else ()


def _likeliest(group: Group, wanted: Wanted) -> Group:
    """Those of the first class that there is."""
    if not wanted.classes or len(group) < 2:
        return group
    rank = {name: at for at, name in enumerate(wanted.classes)}
    best = min(rank.get(one.device_class, 99) for one in group)
    return tuple(one for one in group if rank.get(one.device_class, 99) == best)


def _of_class(device: Device, series: Sensor, wanted: Wanted) -> bool:
    if not wanted.classes:
        return True
    given = series.device_class or class_of(device.domain, device.device_class, device.name) or ""
    if given in wanted.classes:
        return True
    if given:
        return False
    said = set(tokens(device.name))
    return any(set(tokens(one.replace("_", " "))) & said for one in wanted.classes)


def _is_of(device: Device, kinds: Sequence[Kind]) -> bool:
    kind = class_of(device.domain, device.device_class, device.name)
    return any(one.domain == device.domain and one.device_class in (None, kind) for one in kinds)
