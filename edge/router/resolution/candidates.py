"""The devices of a home among which a phrase chooses: those a verb fits, in a place, nearest first."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from itertools import islice
from typing import Final

from edge.devices.nouns import Kind, class_of
from edge.devices.registry import NO_AREA, Registry
from edge.devices.words import listed, tokens
from edge.router.resolution.phrase import Noun, Phrase
from edge.router.resolution.places import Places, Scope
from edge.router.resolution.wanted import Found, Wanted

MAX_CHOICES: Final = 12
NARROW: Final = 64
"""Devices that are looked at one by one where very many share a name."""
_CLASSED: Final = frozenset(["cover", "binary_sensor", "sensor", "media_player"])
"""Domains whose kinds are told by device class."""
_COOLING: Final = frozenset(map(tokens, listed("ac, a c, air con, aircon, air conditioner, air conditioning, cooling")))
_HEATING: Final = frozenset(map(tokens, listed("heating, heat, central heating, underfloor heating")))
"""Nouns of climate devices that tell which of them are meant."""
_HANGINGS: Final = dict.fromkeys(["blind", "curtain", "shade", "shutter"])
_LOOSE: Final = listed("cover, media_player")
"""Domains in which a device that tells no class may be of any."""


class Candidates:
    """Narrows devices down for the requests of one utterance."""

    def __init__(self, registry: Registry, places: Places) -> None:
        self._registry = registry
        self._places = places

    def allowed(self, devices: Sequence[str], scope: Scope | None, wish: Wanted) -> Iterable[str]:
        """Those the verb fits that are in the place or in no area at all."""
        areas = None if scope is None else scope.areas
        for one in self._narrow(devices, areas, wish):
            device = self._registry.devices[one]
            if areas is not None and device.area is not None and device.area not in areas:
                continue
            if wish.rank(device) is not None:
                yield one

    def best(self, devices: Sequence[str], wish: Wanted) -> list[str]:
        """Those the verb suits best."""
        ranks = [wish.rank(self._registry.devices[device]) for device in devices]
        least = min((rank for rank in ranks if rank is not None), default=None)
        return [device for device, rank in zip(devices, ranks, strict=True) if rank == least]

    def area(self, device: str) -> str | None:
        """The id of the area a device is in."""
        return self._registry.devices[device].area

    def names_of(self, one: str) -> tuple[str, ...]:
        """Its name and aliases."""
        device = self._registry.devices[one]
        return (device.name, *device.aliases)

    def is_of(self, device: str, kinds: tuple[Kind, ...]) -> bool:
        """Whether a device is of one of the kinds, or may be."""
        known = self._registry.devices[device]
        of = class_of(known.domain, known.device_class, known.name)
        return any(kind.domain == known.domain and kind.device_class in {None, of} for kind in kinds) or (
            of is None and any(kind.domain == known.domain for kind in kinds) and known.domain in _LOOSE
        )

    def named_so(self, devices: list[str], noun: Noun) -> list[str]:
        """Those with the noun in their names, if any have it: "lamps" among lights."""
        if len(devices) > NARROW:
            return devices
        wordset = set(noun.noun)
        named = [device for device in devices if any(wordset <= set(tokens(name)) for name in self.names_of(device))]
        return named or devices

    def suited(self, devices: list[str], noun: Noun) -> list[str]:
        """Of devices for the air those that the noun means, if any are known to: "heating" is no air conditioner."""
        if len(devices) > NARROW or (noun.noun not in _COOLING and noun.noun not in _HEATING):
            return devices
        if noun.noun in _COOLING:
            return (
                [one for one in devices if self._is_cooler(one)]
                or [one for one in devices if self._can(one, "cool")]
                or devices
            )
        return [one for one in devices if not self._is_cooler(one) and self._can(one, "heat")] or devices

    def all_cool(self, devices: Sequence[str]) -> bool:
        """Whether all are called air conditioners, can cool, and have no mode for both ways."""
        modes = [self._modes(one) for one in devices]
        cool = all("cool" in some and "heat_cool" not in some for some in modes)
        return cool and all(map(self._is_cooler, devices))

    def _is_cooler(self, one: str) -> bool:
        """Whether it is called one."""
        return any(
            said[-size:] in _COOLING for name in self.names_of(one) for said in [tokens(name)] for size in (1, 2)
        )

    def _can(self, one: str, mode: str) -> bool:
        """Whether it has a mode, or may have: it tells none."""
        modes = self._modes(one)
        return not modes or mode in modes

    def _modes(self, one: str) -> Collection[str]:
        """Home Assistant's key for them, or that of its discovery over MQTT."""
        options = self._registry.devices[one].options
        modes: Collection[str] = options.get("hvac_modes") or options.get("modes") or ()
        return modes

    def in_one_area(self, devices: Sequence[str]) -> bool:
        """Whether all (of very many: the first) are in one area."""
        return len(devices) > 0 and len({self.area(device) for device in islice(devices, NARROW)}) == 1

    def of_kinds(self, kinds: tuple[Kind, ...], areas: Sequence[str] | None, wish: Wanted) -> list[str]:
        """Devices of the kinds in these areas that the verb fits; those it fits in translation only, if no others."""
        found: dict[str, None] = {}
        for area in [None] if areas is None else areas:
            for kind in kinds:
                found.update(dict.fromkeys(self._registry.of_kind(kind.domain, kind.device_class, area)))
        if not found:
            for area in [None] if areas is None else areas:
                for domain in {
                    kind.domain: None for kind in kinds if kind.device_class is not None and kind.domain in _LOOSE
                }:
                    found.update(dict.fromkeys(filter(self._classless, self._registry.of_kind(domain, None, area))))
        return self._fitting(found, wish)

    def unplaced(self, kinds: tuple[Kind, ...], wish: Wanted) -> list[str]:
        """Devices of the kinds where none in the home has an area: "the TV in the kitchen" is the only TV."""
        free = self.of_kinds(kinds, [NO_AREA], wish)
        return free if free and len(self.of_kinds(kinds, None, wish)) == len(free) else []

    def several(
        self, found: Sequence[str], scope: Scope | None, wish: Wanted, phrase: Phrase, how: str
    ) -> Found | None:
        """Devices that share the said words: all for a plural, else the one that is nearest."""
        if (phrase.plural or phrase.every) and len(found) > 1:
            here = [one for one in found if self.area(one) == self._places.speaker] if scope is None else []
            chosen = tuple(found if phrase.every else here or found)
            return Found(chosen, {"name": " ".join(phrase.written)} if scope is None else dict(scope.arguments), how)
        return self.one_of(found, scope, wish, how)

    def one_of(self, found: Sequence[str], scope: Scope | None, wish: Wanted, how: str) -> Found:
        """The nearest of some devices: in the named place, in the speaker's room, the one the verb suits best."""
        if scope is not None and scope.areas is not None:
            placed = [one for one in found if self.area(one) is not None]
            found = placed or found
        best = list(found) if wish.every and not wish.query else self.best(found, wish)
        if len(best) > 1 and scope is None and self._places.speaker is not None:
            best = [one for one in best if self.area(one) == self._places.speaker] or best
        if len(best) > 1 and not wish.every:
            return Found(choices=tuple(best[:MAX_CHOICES]), how=how)
        device = self._registry.devices[best[0]]
        arguments = {"name": device.name}
        if scope is not None and how != "name":
            arguments |= scope.arguments
        return Found(tuple(best), arguments, how)

    def choice(self, devices: Sequence[str], phrase: Phrase, kinds: tuple[Kind, ...]) -> Found:
        """What is asked back: in which room, or which of the devices."""
        areas = tuple(dict.fromkeys(area for device in devices if (area := self.area(device))))
        placed = all(self.area(device) for device in devices)
        if phrase.plural and placed and len(areas) > 1:
            return Found(choices=areas[:MAX_CHOICES], how="class", kinds=kinds)
        return Found(choices=tuple(devices[:MAX_CHOICES]), how="class", kinds=kinds)

    def class_arguments(
        self, arguments: dict[str, str], devices: Sequence[str], kinds: tuple[Kind, ...], phrase: Phrase
    ) -> dict[str, str]:
        """The arguments that say what was found in Home Assistant's slots: a name, or a domain and class."""
        first = self._registry.devices[devices[0]]
        if len(devices) == 1 and not phrase.every and not (phrase.said and phrase.plural):
            return {"name": first.name, **arguments}
        some = [self._registry.devices[device] for device in islice(devices, NARROW)]
        if len({device.domain for device in some}) > 1:
            return arguments
        arguments["domain"] = first.domain
        meant = {kind.device_class for kind in kinds if kind.domain == first.domain}
        borne = {class_of(device.domain, device.device_class, device.name) for device in some}
        if None not in meant and len(borne) == 1 and borne <= meant and first.domain in _CLASSED:
            arguments["device_class"] = str(borne.pop())
        return arguments

    def _fitting(self, found: Iterable[str], wish: Wanted) -> list[str]:
        """Ranks go by domain, so that they are asked for once a domain, however many devices there are."""
        ranks: dict[str, int | None] = {}
        devices: dict[str, list[str]] = {}
        for device in found:
            domain = device.partition(".")[0]
            if domain not in ranks:
                ranks[domain] = wish.rank(self._registry.devices[device])
            devices.setdefault(domain, []).append(device)
        told = [rank for rank in ranks.values() if rank is not None]
        limit = min(told, default=0) if wish.query else max(min(told, default=0), 1)
        return [
            device for domain, rank in ranks.items() if rank is not None and rank <= limit for device in devices[domain]
        ]

    def _narrow(self, devices: Sequence[str], areas: frozenset[str] | None, wish: Wanted) -> Sequence[str]:
        """Of very many homonyms those in the place or the speaker's room; some of them where a question must follow."""
        if len(devices) <= NARROW or wish.every:
            return devices
        near = areas or {self._places.speaker}
        return [one for one in devices if self.area(one) in near] or devices[:NARROW]

    def _classless(self, device: str) -> bool:
        known = self._registry.devices[device]
        return class_of(known.domain, known.device_class, known.name) is None


def all_of(phrase: Phrase, wish: Wanted) -> Wanted:
    """The wish for everything that fits, where the phrase is about several."""
    return replace(wish, every=True) if phrase.plural or phrase.every else wish


def like_kinds(kinds: tuple[Kind, ...]) -> tuple[Kind, ...]:
    """What hangs before a window, where one sort of it was said; else nothing."""
    said = {kind.device_class for kind in kinds if kind.domain == "cover"}
    others = tuple(Kind("cover", one) for one in _HANGINGS if one not in said)
    return others if said and said <= _HANGINGS.keys() else ()
