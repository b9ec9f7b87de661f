"""Other words for a room: a house that has a living room and no lounge means the one by the other; pure."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from edge.devices.registry import Registry
from edge.devices.words import tokens

_ALIKE: Final = (
    "living room, lounge, sitting room, front room, family room, drawing room",
    "hall, hallway, corridor, entrance hall, entrance, entryway, foyer, lobby, entry",
    "bathroom, toilet, loo, restroom, washroom, wc, lavatory, bath",
    "office, study, home office, work room",
    "nursery, baby room, child room, children room, kid room",
    "garden, yard, backyard, back yard, back garden",
    "attic, loft",
    "basement, cellar",
    "utility room, laundry room, laundry, utility, wash room",
    "guest room, spare room, guest bedroom, spare bedroom, visitor room",
    "bedroom, master bedroom, main bedroom",
    "dining room, breakfast room",
    "conservatory, sunroom, winter garden",
    "patio, terrace",
    "porch, veranda",
)
"""Rooms that are called by any of these, each group by itself."""


def _table() -> Mapping[str, tuple[tuple[str, ...], ...]]:
    table: dict[str, tuple[tuple[str, ...], ...]] = {}
    for group in _ALIKE:
        names = tuple(tokens(name) for name in group.split(", "))
        table |= {"".join(name): tuple(other for other in names if other != name) for name in names}
    return MappingProxyType(table)


_OTHERS: Final = _table()
"""By a room's name without spaces, its other names."""
WORDS: Final = 2
"""Words of the longest."""


def room_called(said: Sequence[str], registry: Registry) -> str | None:
    """The id of the only area with another word for this room as its name; None where anything here bears the word.

    Called for names that no area has.
    """
    others = _OTHERS.get("".join(said))
    if others is None or registry.area_names.partial(said) or registry.device_names.partial(said):
        return None
    found = {area for name in others for area in registry.area_names.exact(name)}
    return found.pop() if len(found) == 1 else None
