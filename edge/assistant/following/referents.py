"""Which devices a phrase means in view of what was spoken of: "it", "both", "the other one", "the left one"; pure."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from edge.assistant.following.past import Deed
from edge.assistant.naming import plural
from edge.devices.nouns import class_of
from edge.devices.registry import Registry
from edge.devices.words import listed, tokens

ONE: Final = r"it|him|her|that one|this one|that thing|this|that"
SEVERAL: Final = (
    r"(?:both|all|all of|the pair|the pair of|the two|the two of|the lot|the lot of|every one of|each of)"
    r"(?: of)?(?: them| these| those| that)?|them|they|these|those|those ones|these ones|the same ones|"
    r"all (?:that|this)"
)
PRONOUN: Final = re.compile(rf"(?:{SEVERAL}|{ONE})")
_LITTLE: Final = listed("the, a, an, one, ones, in, at, on, for, to, from, my, our, that, this, with, of, it, too, and")
_STATES: Final = frozenset({"on", "off", "up", "down", "open", "closed", "shut", "out"})
"""What a phrase ends in that says more than who is meant."""
_CLASSED: Final = frozenset({"cover", "sensor", "binary_sensor"})
_OTHER: Final = frozenset(("other", "others", "another", "rest", "remaining"))
_UNSAID: Final = frozenset(("one", "ones", "thing", "things", "of", "them"))


class Referents:
    """Knows the home and the deeds of a dialogue, the latest first."""

    def __init__(self, registry: Registry, deeds: Sequence[Deed], area: str | None) -> None:
        self._registry = registry
        self._deeds = [one for one in deeds if one.devices or one.candidates]
        self._area = area

    @property
    def latest(self) -> Deed | None:
        """The last that was about devices."""
        return next((one for one in self._deeds if one.devices), None)

    @property
    def moved(self) -> tuple[str, ...]:
        """What was moved last, whatever was asked about since; none where that were several."""
        devices = next((one.devices for one in self._deeds if one.moves), ())
        return self._there(devices) if len(devices) == 1 else ()

    def pronoun(self, word: str) -> tuple[str, ...]:
        """The devices that "it" or "them" stands for; none where nothing was spoken of."""
        latest = self.latest
        if latest is None:
            return ()
        if re.fullmatch(ONE, word):
            # Of several that were only asked about none is "it".
            return self._there(latest.devices) if latest.acted or len(latest.devices) == 1 else ()
        if len(latest.devices) > 1:
            alike = latest.acted or len({one.partition(".")[0] for one in latest.devices}) == 1
            return self._there(latest.devices) if alike else ()
        if re.match(r"both|the pair|the two", word):
            offered = next((one.candidates for one in self._deeds[:3] if len(one.candidates) == 2), ())
            if offered and set(latest.devices) <= set(offered):
                return self._there(offered)
        kin = self._kin(latest)
        if len(kin) > 1:
            return kin
        device = self._registry.devices.get(latest.devices[0])
        several = re.match(r"both|the pair|the two", word) is not None
        return () if device is None or (several and not plural(device.name)) else self._there(latest.devices)

    def named(self, phrase: str) -> tuple[str, ...] | None:
        """The devices of the kind spoken of last that a phrase means; none where it means some and which is open, None
        where it is no such phrase."""
        latest = self.latest
        said = [word for word in re.findall(r"[\w']+", phrase) if word not in ("the", "a", "an", "my", "our")]
        if not said or latest is None:
            return None
        if any(word in _OTHER for word in said) and all(word in _OTHER | _UNSAID for word in said):
            return self._others(latest, said)
        if re.fullmatch(rf"(?:the )?(?:{SEVERAL})", phrase.strip()):
            return self.pronoun(phrase.strip()) or None
        if said[-1] in _STATES:
            return None
        bare = tuple(word for word in said if word not in ("in", "at", "on", "for", "to", "of", "one", "ones", "out"))
        if not bare:
            return None
        spoken = " ".join(bare)
        places = self._places(spoken)
        if places:
            return self._in(places, latest)
        folded = tokens(spoken)
        exact = self._registry.device_names.exact(folded)
        found = exact or self._registry.device_names.partial(folded) or self._with_place(bare)
        return self._likely(found, latest) if found else None

    def _with_place(self, said: Sequence[str]) -> tuple[str, ...]:
        """The devices of a room that is named with them: "the office lamp", "the lamp in the office"."""
        for size in range(1, len(said)):
            for place, name in ((said[:size], said[size:]), (said[-size:], said[:-size])):
                areas = self._registry.area_names.exact(tokens(" ".join(place)))
                known = self._registry.device_names.partial(tokens(" ".join(name))) if areas else ()
                found = tuple(one for one in known if self._registry.devices[one].area in areas)
                if found:
                    return found
        return ()

    def choices(self, phrase: str) -> tuple[str, ...]:
        """What a phrase that was left open may mean, to be asked about."""
        spoken = " ".join(word for word in re.findall(r"[\w']+", phrase) if word not in _LITTLE)
        latest = self.latest
        if latest is None:
            return ()
        places = self._places(spoken)
        return self._of_kind(places, latest) if places else self._registry.device_names.partial(tokens(spoken))

    def _there(self, devices: Iterable[str]) -> tuple[str, ...]:
        return tuple(one for one in devices if one in self._registry.devices)

    def _kin(self, latest: Deed) -> tuple[str, ...]:
        """The devices of the deeds in a row that were about devices of the same kind."""
        domain = latest.devices[0].partition(".")[0]
        found: dict[str, None] = {}
        for one in self._deeds:
            if not one.devices or any(device.partition(".")[0] != domain for device in one.devices):
                break
            found = dict.fromkeys((*one.devices, *found))
        return self._there(found)

    def _others(self, latest: Deed, said: Sequence[str]) -> tuple[str, ...]:
        """What is left of those that were asked about, of those that were spoken of, or of their kind."""
        offered = next((one.candidates for one in self._deeds if set(latest.devices) <= set(one.candidates)), ())
        pools = (offered, self._kin(latest), self._namesakes(latest), self._siblings(latest))
        many = any(word in ("others", "rest", "ones", "remaining") for word in said)
        for pool in pools:
            left = tuple(one for one in self._there(pool) if one not in latest.devices)
            if len(left) == 1 or (left and many):
                return left
        return ()

    def _namesakes(self, latest: Deed) -> tuple[str, ...]:
        devices = self._registry.devices
        names = {tokens(devices[one].name) for one in self._there(latest.devices)}
        return tuple(one for name in names for one in self._registry.device_names.exact(name))

    def _siblings(self, latest: Deed) -> tuple[str, ...]:
        """All of the kind in the room."""
        areas = {self._registry.devices[one].area for one in self._there(latest.devices)}
        return self._of_kind([area for area in areas if area], latest)

    def _places(self, spoken: str) -> tuple[str, ...]:
        folded = tokens(spoken)
        areas = self._registry.area_names.exact(folded)
        if areas or spoken not in ("here", "this room"):
            floors = () if areas else self._registry.floor_names.exact(folded)
            return areas or tuple(area for floor in floors for area in self._registry.areas_of_floor(floor))
        return (self._area,) if self._area else ()

    def _of_kind(self, areas: Iterable[str], latest: Deed) -> tuple[str, ...]:
        """The devices of these areas that are like those spoken of."""
        devices = self._registry.devices
        kinds = {
            (one.domain, class_of(one.domain, one.device_class, one.name) if one.domain in _CLASSED else None)
            for one in (devices[each] for each in self._there(latest.devices))
        }
        found = [one for area in areas for domain, of in kinds for one in self._registry.of_kind(domain, of, area)]
        if found or len(kinds) != 1 or next(iter(kinds))[0] != "switch":
            return tuple(dict.fromkeys(found))
        return ()

    def _in(self, areas: Sequence[str], latest: Deed) -> tuple[str, ...]:
        found = self._of_kind(areas, latest)
        if next(iter(latest.devices)).startswith("switch."):
            names = {name for one in self._there(latest.devices) for name in tokens(self._registry.devices[one].name)}
            same = tuple(one for one in found if names & set(tokens(self._registry.devices[one].name)))
            found = same or (found if len(found) == 1 else ())
        several = len(latest.devices) > 1 or len(areas) > 1
        return found if len(found) == 1 or several else ()

    def _likely(self, found: Sequence[str], latest: Deed) -> tuple[str, ...]:
        """The one that is meant by a part of a name: of those offered, of the kind and room, of the kind."""
        domains = {one.partition(".")[0] for one in latest.devices}
        rooms = {self._registry.devices[one].area for one in self._there(latest.devices)} | {self._area}
        devices = self._registry.devices
        movable = [one for one in found if one.partition(".")[0] not in ("sensor", "binary_sensor", "person")]
        pools = (
            [one for one in movable if any(one in deed.candidates for deed in self._deeds[:2])],
            movable,
            [one for one in movable if one.partition(".")[0] in domains],
            [one for one in movable if one.partition(".")[0] in domains and devices[one].area in rooms],
            [one for one in movable if devices[one].area == self._area],
        )
        return next((tuple(pool) for pool in pools if len(pool) == 1), ())
