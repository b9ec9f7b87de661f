"""Which devices a noun phrase stands for: by name, by place and kind, by part of a name, by what sounds like it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import islice
from typing import Final

from edge.devices.model import Device
from edge.devices.nouns import Kind, class_of
from edge.devices.registry import NO_AREA, Registry
from edge.devices.words import fold, listed, tokens, words
from edge.router.resolution.phrase import Noun, Phrase, read, read_noun
from edge.router.resolution.places import LIKE_ENOUGH, MARGIN, Places, Scope
from edge.router.resolution.wanted import Found, Wanted

_JOINTS: Final = listed("in, of, on, at, from, inside, the, for")
_RELATIONS: Final = _JOINTS | listed("by, near, over, under, above, below, behind, next, to, beside, corner, with, a")
_VAGUE: Final = listed(
    "main, big, smart, electric, room, house, home, bloody, damn, stupid, number, device, ceiling, overhead, other, "
    "automatic, current, philip, philips, hue, wemo, lifx, ikea, tradfri, wifi, zigbee, sonos, google, alexa, nest, "
    "color, colour, colored, coloured, rgb, normal, regular, actual, whole, led, mood, ambient"
)
"""Words before a noun that single nothing out where only one device can be meant."""
_SAFE: Final = listed("turn_off, close, lock, stop, pause, mute, return_to_base")
"""Verbs that may reach past the speaker's room without asking."""
MAX_CHOICES: Final = 12
_NARROW: Final = 64


class Targets:
    """Finds the devices of one request; `places` knows where the speaker is."""

    def __init__(self, registry: Registry, places: Places) -> None:
        self._registry = registry
        self._places = places

    def find(self, text: str, scope: Scope | None, wish: Wanted, hint: tuple[Kind, ...] = ()) -> Found | None:
        """What a phrase stands for within a named place (None: no place was named); None for nothing that is known.

        `hint`: the kinds of device that the sentence speaks of elsewhere ("the kitchen and the bedroom lights").
        """
        phrase = read(text)
        if not phrase.said and not phrase.every:
            return None
        if phrase.everything:
            kinds = hint or wish.everything or wish.default
            found = self._by_kinds(kinds, scope, wish, replace(phrase, plural=True), None)
            return None if found is None else replace(found, how="class")
        if phrase.pronoun:
            return self.default(scope, wish)
        named = None if phrase.every else self._by_name(phrase, scope, wish)
        if named is not None and (not phrase.plural or self._so_written(named, phrase)):
            return named
        return (
            self._by_class(phrase, scope, wish, hint)
            or named
            or self._by_name(phrase, scope, wish)
            or self._by_part(phrase, scope, wish)
            or self._by_nickname(phrase, wish)
            or self._by_likeness(phrase, scope, wish)
        )

    def default(self, scope: Scope | None, wish: Wanted) -> Found | None:
        """What is meant where no device is named: the place's, else the speaker's room's, else the only one."""
        if not wish.default:
            return None
        closes = wish.function.verb in _SAFE and wish.function.domain in {"cover", "lock"}
        several = scope is not None or self._places.speaker is not None or closes
        every = Phrase((), (), every=scope is not None, plural=several)
        found = self._by_kinds(wish.default, scope, wish, every, None)
        if found is None and scope is not None and wish.everything != wish.default:
            found = self._by_kinds(wish.everything, scope, wish, every, None)
        return None if found is None else replace(found, how="default")

    def _by_name(self, phrase: Phrase, scope: Scope | None, wish: Wanted) -> Found | None:
        names = self._registry.device_names
        found = list(self._allowed(names.exact(phrase.said), scope, wish))
        if not found and scope is not None:
            for place in map(tokens, scope.arguments.values()):
                joined = (*names.exact((*place, *phrase.said)), *names.exact((*phrase.said, *place)))
                found += self._allowed(joined, scope, wish)
        return self._one_of(found, scope, wish, "name") if found else None

    def _so_written(self, found: Found, phrase: Phrase) -> bool:
        """Whether a device bears the very words, plural and all: "Kitchen Lights", not "Kitchen Light"."""
        written = "".join(word for word in phrase.written if word != "the")
        return any(
            "".join(words(name)) == written
            for device in (found.devices or found.choices)
            for name in self._names(self._registry.devices[device])
        )

    def _by_class(self, phrase: Phrase, scope: Scope | None, wish: Wanted, hint: tuple[Kind, ...]) -> Found | None:
        noun = read_noun(phrase.said)
        if noun is not None and not noun.before and (found := self._by_kinds(noun.kinds, scope, wish, phrase, noun)):
            return found
        within = self._places.within(phrase.said)
        if within is not None:
            inner, start, end = within
            rest = _without_joints((*phrase.said[:start], *phrase.said[end:]), at_start=start == 0)
            if scope is not None and scope.areas is not None and inner.areas is not None and scope.areas & inner.areas:
                inner = replace(inner, areas=scope.areas & inner.areas)
            if not rest:
                kinds = hint or wish.default
                every = replace(phrase, plural=True)
                return self._by_kinds(kinds, inner, wish, every, None) or self._by_kinds(
                    wish.everything, inner, wish, every, None
                )
            plural = any(word != rest[-1] and fold(word) == rest[-1] for word in phrase.written)
            if (found := self._by_noun(replace(phrase, said=rest, plural=plural), inner, wish)) is not None:
                return found
        return self._by_noun(phrase, scope, wish)

    def _by_noun(self, phrase: Phrase, scope: Scope | None, wish: Wanted) -> Found | None:
        """Words before a noun, in a place: they must be part of the device's name."""
        noun = read_noun(phrase.said)
        if noun is None:
            return self._by_part(phrase, scope, wish) if scope is not None else None
        if not noun.before:
            return self._by_kinds(noun.kinds, scope, wish, phrase, noun)
        for said in (phrase.said, noun.before):
            parts = self._registry.device_names.partial(said)
            fitting = [
                one for one in self._allowed(parts, scope, _all_of(phrase, wish)) if self._is_of(one, noun.kinds)
            ]
            if fitting:
                return self._several(fitting, scope, wish, phrase, "part")
        if _VAGUE.issuperset(noun.before):
            found = self._by_kinds(noun.kinds, scope, wish, phrase, noun)
            if found is None or phrase.plural or len(found.devices) < 2:
                return found
            return self._choice(found.devices, phrase, noun.kinds)
        return None

    def _by_kinds(
        self, kinds: tuple[Kind, ...], scope: Scope | None, wish: Wanted, phrase: Phrase, noun: Noun | None
    ) -> Found | None:
        """Devices of these kinds in the place, else in the speaker's room, else anywhere."""
        if scope is not None and scope.choices:
            return Found(choices=scope.choices, how="area", kinds=kinds)
        arguments = dict(scope.arguments) if scope is not None else {}
        several = phrase.every or phrase.plural or wish.every or (noun is not None and noun.pervasive)
        if scope is not None and scope.areas is not None:
            devices = self._of_kinds(kinds, sorted(scope.areas), wish)
            several = several or (noun is not None and noun.mass)
            if not devices:
                devices, several = self._unplaced(kinds, wish), wish.every
                if wish.query and len(devices) > 1:
                    return None
        elif scope is None and not phrase.every and self._places.speaker is not None:
            speaker = self._places.of_area(self._places.speaker)
            devices = self._of_kinds(kinds, [self._places.speaker], wish)
            if devices:
                arguments |= speaker.arguments
                several = several or (noun is not None and noun.mass)
            else:
                devices = self._of_kinds(kinds, None, wish)
                safe = noun is not None and wish.function.verb in _SAFE
                several = wish.every or (several and (safe or self._in_one_area(devices)))
        else:
            devices = self._of_kinds(kinds, None, wish)
        if noun is not None and not noun.generic:
            devices = self._named_so(devices, noun)
        if not devices:
            return None
        if not several and len(devices) > 1:
            devices = devices[:_NARROW]
            best = self._best(devices, wish)
            if len(best) > 1:
                return self._choice(devices, phrase, kinds)
            devices = best
        return Found(tuple(devices), self._class_arguments(arguments, devices, kinds, phrase), "class", kinds=kinds)

    def _class_arguments(
        self, arguments: dict[str, str], devices: Sequence[str], kinds: tuple[Kind, ...], phrase: Phrase
    ) -> dict[str, str]:
        first = self._registry.devices[devices[0]]
        if len(devices) == 1 and not phrase.every and not (phrase.said and phrase.plural):
            return {"name": first.name, **arguments}
        some = [self._registry.devices[device] for device in islice(devices, _NARROW)]
        if len({device.domain for device in some}) > 1:
            return arguments
        arguments["domain"] = first.domain
        meant = {kind.device_class for kind in kinds if kind.domain == first.domain}
        borne = {class_of(device.domain, device.device_class, device.name) for device in some}
        if None not in meant and len(borne) == 1 and borne <= meant and first.domain in _CLASSED:
            arguments["device_class"] = str(borne.pop())
        return arguments

    def _by_part(self, phrase: Phrase, scope: Scope | None, wish: Wanted) -> Found | None:
        """Names with all the said words in them, or all but the prepositions: "the lamp on the desk"."""
        for said in dict.fromkeys((phrase.said, tuple(word for word in phrase.said if word not in _RELATIONS))):
            found = list(self._allowed(self._registry.device_names.partial(said), scope, _all_of(phrase, wish)))
            if found:
                return self._several(found, scope, wish, phrase, "part")
        return None

    def _by_nickname(self, phrase: Phrase, wish: Wanted) -> Found | None:
        """A place said in short before the rest: "kid's lamp" for the lamp in the kids room."""
        if len(phrase.said) < 2 or (place := self._places.short(phrase.said[:1])) is None:
            return None
        rest = replace(phrase, said=phrase.said[1:])
        return self._by_name(rest, place, wish) or self._by_noun(rest, place, wish)

    def _by_likeness(self, phrase: Phrase, scope: Scope | None, wish: Wanted) -> Found | None:
        if len("".join(phrase.said)) < 4:
            return None
        alike = [like for like in self._registry.device_names.like(phrase.said)[:_NARROW] if like.score >= LIKE_ENOUGH]
        scores = {like.id: like.score for like in alike}
        found = list(self._allowed(list(scores), scope, wish))
        if not found:
            return None
        near = [device for device in found if scores[found[0]] - scores[device] < MARGIN]
        return self._several(near, scope, wish, phrase, "like")

    def _several(
        self, found: Sequence[str], scope: Scope | None, wish: Wanted, phrase: Phrase, how: str
    ) -> Found | None:
        """Devices that share the said words: all for a plural, else the one that is nearest."""
        if (phrase.plural or phrase.every) and len(found) > 1:
            here = [one for one in found if self._area(one) == self._places.speaker] if scope is None else []
            chosen = tuple(found if phrase.every else here or found)
            return Found(chosen, {"name": " ".join(phrase.written)} if scope is None else dict(scope.arguments), how)
        return self._one_of(found, scope, wish, how)

    def _one_of(self, found: Sequence[str], scope: Scope | None, wish: Wanted, how: str) -> Found:
        """The nearest of some devices: in the named place, in the speaker's room, the one the verb suits best."""
        if scope is not None and scope.areas is not None:
            placed = [one for one in found if self._area(one) is not None]
            found = placed or found
        best = list(found) if wish.every and not wish.query else self._best(found, wish)
        if len(best) > 1 and scope is None and self._places.speaker is not None:
            best = [one for one in best if self._area(one) == self._places.speaker] or best
        if len(best) > 1 and not wish.every:
            return Found(choices=tuple(best[:MAX_CHOICES]), how=how)
        device = self._registry.devices[best[0]]
        arguments = {"name": device.name}
        if scope is not None and how != "name":
            arguments |= scope.arguments
        return Found(tuple(best), arguments, how)

    def _choice(self, devices: Sequence[str], phrase: Phrase, kinds: tuple[Kind, ...]) -> Found:
        areas = tuple(dict.fromkeys(area for device in devices if (area := self._area(device))))
        placed = all(self._area(device) for device in devices)
        if phrase.plural and placed and len(areas) > 1:
            return Found(choices=areas[:MAX_CHOICES], how="class", kinds=kinds)
        return Found(choices=tuple(devices[:MAX_CHOICES]), how="class", kinds=kinds)

    def _of_kinds(self, kinds: tuple[Kind, ...], areas: Sequence[str] | None, wish: Wanted) -> list[str]:
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

    def _unplaced(self, kinds: tuple[Kind, ...], wish: Wanted) -> list[str]:
        """Devices of the kinds where none in the home has an area: "the TV in the kitchen" is the only TV."""
        free = self._of_kinds(kinds, [NO_AREA], wish)
        return free if free and len(self._of_kinds(kinds, None, wish)) == len(free) else []

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

    def _classless(self, device: str) -> bool:
        known = self._registry.devices[device]
        return class_of(known.domain, known.device_class, known.name) is None

    def _allowed(self, devices: Sequence[str], scope: Scope | None, wish: Wanted) -> Iterable[str]:
        """Those the verb fits that are in the place or in no area at all."""
        areas = None if scope is None else scope.areas
        for one in self._narrow(devices, areas, wish):
            device = self._registry.devices[one]
            if areas is not None and device.area is not None and device.area not in areas:
                continue
            if wish.rank(device) is not None:
                yield one

    def _narrow(self, devices: Sequence[str], areas: frozenset[str] | None, wish: Wanted) -> Sequence[str]:
        """Of very many homonyms those in the place or the speaker's room; some of them where a question must follow."""
        if len(devices) <= _NARROW or wish.every:
            return devices
        near = areas or {self._places.speaker}
        return [one for one in devices if self._area(one) in near] or devices[:_NARROW]

    def _best(self, devices: Sequence[str], wish: Wanted) -> list[str]:
        ranks = [wish.rank(self._registry.devices[device]) for device in devices]
        least = min((rank for rank in ranks if rank is not None), default=None)
        return [device for device, rank in zip(devices, ranks, strict=True) if rank == least]

    def _named_so(self, devices: list[str], noun: Noun) -> list[str]:
        """Those with the noun in their names, if any have it: "lamps" among lights."""
        if len(devices) > _NARROW:
            return devices
        wordset = set(noun.noun)
        named = [
            device
            for device in devices
            if any(wordset <= set(tokens(name)) for name in self._names(self._registry.devices[device]))
        ]
        return named or devices

    def _is_of(self, device: str, kinds: tuple[Kind, ...]) -> bool:
        known = self._registry.devices[device]
        of = class_of(known.domain, known.device_class, known.name)
        return any(kind.domain == known.domain and kind.device_class in {None, of} for kind in kinds) or (
            of is None and any(kind.domain == known.domain for kind in kinds) and known.domain in _LOOSE
        )

    def _in_one_area(self, devices: Sequence[str]) -> bool:
        return len(devices) > 0 and len({self._area(device) for device in islice(devices, _NARROW)}) == 1

    def _area(self, device: str) -> str | None:
        return self._registry.devices[device].area

    @staticmethod
    def _names(device: Device) -> tuple[str, ...]:
        return (device.name, *device.aliases)


_CLASSED: Final = frozenset(["cover", "binary_sensor", "sensor", "media_player"])
"""Domains whose kinds are told by device class."""
_LOOSE: Final = listed("cover, media_player")
"""Domains in which a device that tells no class may be of any."""


def _all_of(phrase: Phrase, wish: Wanted) -> Wanted:
    """The wish for everything that fits, where the phrase is about several."""
    return replace(wish, every=True) if phrase.plural or phrase.every else wish


def _without_joints(said: tuple[str, ...], *, at_start: bool) -> tuple[str, ...]:
    """What is left of a phrase once its place is taken out: no preposition where the place was."""
    while said and said[0 if at_start else -1] in _JOINTS:
        said = said[1:] if at_start else said[:-1]
    return said
