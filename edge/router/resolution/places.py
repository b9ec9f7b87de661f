"""Which part of the home a phrase names: an area, a floor, "here", "outside", all of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from edge.devices.registry import Registry
from edge.devices.words import fold_all, listed, tokens, words
from edge.router.resolution import rooms

_BEFORE: Final = listed("in, on, at, inside, the, of, all, over, throughout, around, across, from")
_ENTIRE: Final = listed("whole, entire, complete, all")
_HERE: Final = listed("here, this, this room, room, this area, this space, area, space")
_OUT_HERE: Final = "out here"
"""Where the speaker is, outdoors or not; of somebody who is nowhere in particular it is outside."""
_THERE: Final = listed("there, that room, same room, same place, same area, that area, over there")
_WHOLE: Final = listed(
    "house, home, apartment, flat, building, boat, cabin, place, everywhere, property, anywhere, this house, "
    "this place, this home, entire house, every room, all room, each room, other room, world"
)
OUTSIDE: Final = listed("outside, outdoor, out, exterior, out front, out back, out there, out here")
_INSIDE: Final = listed("inside, indoor, interior")
_OUTDOOR_AREAS: Final = listed(
    "garden, yard, backyard, patio, porch, balcony, terrace, deck, driveway, lawn, pool, outside, outdoor, "
    "veranda, carport, roof, rooftop, courtyard, exterior"
)
_UP: Final = listed("upstair, up, above, upper")
_DOWN: Final = listed("downstair, down, below, lower")
_HIGH_FLOORS: Final = listed("first, second, upper, top, 1, 2, attic, loft, upstair")
_LOW_FLOORS: Final = listed("ground, main, lower, bottom, 0, downstair, base")
_ANYWHERE: Final = (
    _UP
    | _DOWN
    | OUTSIDE
    | _INSIDE
    | listed("here, there, everywhere, room, house, home, apartment, flat, building, boat, cabin")
)
"""Words before or after a noun that say where, without being a name."""
LIKE_ENOUGH: Final = 0.75
"""Likeness from which a misheard name counts."""
MARGIN: Final = 0.08
"""By how much it must be liker than the next."""


@dataclass(frozen=True, slots=True)
class Scope:
    """A part of the home. `areas` is None for all of it; `arguments` say it in Home Assistant's slots."""

    areas: frozenset[str] | None = None
    arguments: Mapping[str, str] = field(default_factory=dict)
    choices: tuple[str, ...] = ()
    """Several areas have this name, and nothing tells which is meant."""
    outside: bool = False


WHOLE_HOME: Final = Scope()


class Places:
    """Finds scopes in one home for a speaker in one of its areas (or in none that is known)."""

    def __init__(self, registry: Registry, area: str | None) -> None:
        self._registry = registry
        self.speaker = area if area in registry.areas else None
        self.there: Scope | None = None
        """The place of the order before in the same utterance: what "in there" means."""

    def of_area(self, area: str) -> Scope:
        """One area."""
        return Scope(frozenset({area}), {"area": self._registry.areas[area].name})

    def find(self, text: str) -> Scope | None:
        """What a place phrase names; None where the home has no such place."""
        said = _bare(tokens(text))
        return self.sure(text) or self._part(said) or self._like(said)

    def sure(self, text: str) -> Scope | None:
        """The same, but only by a full name or a word for a part of any home."""
        said = tokens(text)
        if " ".join(said) in _WHOLE:
            return self.named(said) or WHOLE_HOME
        said = _bare(said)
        return self.named(said) or self._general(said)

    def part(self, text: str) -> Scope | None:
        """The place with these words in its name."""
        return self._part(_bare(tokens(text)))

    def pointing(self, text: str) -> bool:
        """Whether a phrase only points to a place: "here", "in there"."""
        said = " ".join(_bare(tokens(text)))
        return said in _HERE or said in _THERE

    def named(self, said: Sequence[str]) -> Scope | None:
        """The area or floor of exactly this name, or the only area that another word for it means."""
        areas = self._registry.area_names.exact(said)
        if areas:
            return self._areas(areas)
        floors = self._registry.floor_names.exact(said)
        if floors:
            return self._floor(floors[0])
        other = rooms.room_called(said, self._registry)
        return None if other is None else self.of_area(other)

    def within(self, said: Sequence[str]) -> tuple[Scope, int, int] | None:
        """The longest area or floor name at the start or the end of a phrase, and from where to where it stands."""
        if not said:
            return None
        longest = max(self._registry.area_names.longest, self._registry.floor_names.longest, rooms.WORDS)
        for size in range(min(longest, len(said)), 0, -1):
            for at in dict.fromkeys((0, len(said) - size)):
                scope = self.named(said[at : at + size])
                if scope is not None:
                    return scope, at, at + size
        for at in dict.fromkeys((0, len(said) - 1)):
            if said[at] in _ANYWHERE:
                scope = self._general(said[at : at + 1])
                if scope is not None:
                    return scope, at, at + 1
        return None

    def in_a_row(self, text: str) -> list[str]:
        """Several places said without a word between them: "bedroom bathroom"; empty where it is not just that."""
        said = words(text)
        if len(said) < 2:
            return []
        found: list[str] = []
        at = 0
        while at < len(said):
            sizes = range(min(self._registry.area_names.longest, len(said) - at), 0, -1)
            size = next((one for one in sizes if self._registry.area_names.exact(fold_all(said[at : at + one]))), 0)
            if not size:
                return []
            found.append(" ".join(said[at : at + size]))
            at += size
        return found if len(found) > 1 and not self.named(fold_all(said)) else []

    def short(self, said: Sequence[str]) -> Scope | None:
        """The only area with these words in its name."""
        areas = self._registry.area_names.partial(said)
        return self.of_area(areas[0]) if len(areas) == 1 else None

    def like(self, said: Sequence[str]) -> Scope | None:
        """The only area that sounds or is spelt like this."""
        return self._like(said)

    def knows(self, word: str) -> bool:
        """Whether a word is in the name of an area or floor."""
        return bool(self._registry.area_names.partial((word,)) or self._registry.floor_names.partial((word,)))

    def _areas(self, areas: Sequence[str]) -> Scope:
        if len(areas) == 1:
            return self.of_area(areas[0])
        if self.speaker in areas and self.speaker is not None:
            return self.of_area(self.speaker)
        return Scope(frozenset(areas), choices=tuple(areas))

    def _floor(self, floor: str) -> Scope:
        return Scope(frozenset(self._registry.areas_of_floor(floor)), {"floor": self._registry.floors[floor].name})

    def _general(self, said: Sequence[str]) -> Scope | None:
        """ "here", "the whole house", "outside", "upstairs"; also "the whole first floor"."""
        bare = tuple(word for word in said if word not in _ENTIRE)
        text = " ".join(bare)
        if bare and len(bare) < len(said) and (scope := self.named(bare)) is not None:
            return scope
        if not bare or text in _WHOLE:
            return WHOLE_HOME
        if text in _HERE or (text == _OUT_HERE and self.speaker):
            return self.of_area(self.speaker) if self.speaker else None
        if text in _THERE:
            return self.there
        if text in OUTSIDE or text in _INSIDE:
            return self._in_or_out(outside=text in OUTSIDE)
        if bare[0] in _UP or bare[0] in _DOWN:
            return self._storey(_HIGH_FLOORS if bare[0] in _UP else _LOW_FLOORS)
        return None

    def _in_or_out(self, *, outside: bool) -> Scope:
        outdoor = {
            area.id
            for area in self._registry.areas.values()
            if not _OUTDOOR_AREAS.isdisjoint(tokens(area.name)) or area.floor in {"outside", "outdoors", "garden"}
        }
        if outside:
            return Scope(frozenset(outdoor), outside=True)
        return Scope(frozenset(self._registry.areas.keys() - outdoor)) if outdoor else WHOLE_HOME

    def _storey(self, words: frozenset[str]) -> Scope | None:
        """The only floor that may be called upstairs (downstairs)."""
        floors = [
            floor.id
            for floor in self._registry.floors.values()
            if any(not words.isdisjoint(tokens(name)) for name in (floor.name, *floor.aliases))
        ]
        return self._floor(floors[0]) if len(floors) == 1 else None

    def _part(self, said: Sequence[str]) -> Scope | None:
        """Areas with all these words in their names, or all but "room" ("the living", "bath room")."""
        for some in (said, tuple(word for word in said if word not in {"room", "area", "floor"})):
            if some and (areas := self._registry.area_names.partial(some)):
                return self._areas(areas)
            if some and (floors := self._registry.floor_names.partial(some)) and len(floors) == 1:
                return self._floor(floors[0])
        return None

    def _like(self, said: Sequence[str]) -> Scope | None:
        found = self._registry.area_names.like(said)
        if not found or found[0].score < LIKE_ENOUGH or len("".join(said)) < 4:
            return None
        if len(found) > 1 and found[0].score - found[1].score < MARGIN:
            return None
        return self.of_area(found[0].id)


def _bare(said: tuple[str, ...]) -> tuple[str, ...]:
    """A place phrase without the prepositions before it."""
    while len(said) > 1 and said[0] in _BEFORE:
        said = said[1:]
    return said
