"""How far a cover goes that is to move a little: from where it stands, not to where a little is; pure."""

from collections.abc import Mapping, Sequence
from typing import Final

from edge.devices.registry import Registry
from edge.devices.words import listed, words
from edge.router.model import Slot, Span
from edge.router.values.numbers import number

A_LITTLE: Final = 20
"""Percent of the way."""
_LITTLE: Final = listed("bit, little, slightly, touch, tad, smidge, notch, some")
_UP: Final = listed("up, raise, open, lift, higher, more")
_DOWN: Final = listed("down, lower, close, shut, drop, lowered, closed, less")


def a_little(spans: Sequence[Span], text: str) -> int:
    """Percent that a cover is to be moved by, less than none for down; none where a position was said."""
    levels = [span for span in spans if span.slot is Slot.LEVEL]
    if len(levels) != 1 or _LITTLE.isdisjoint(words(levels[0].text)) or number(levels[0].text) is not None:
        return 0
    said = set(words(text))
    if not _DOWN.isdisjoint(said):
        return -A_LITTLE if _UP.isdisjoint(said - {"more", "up"}) else 0
    return 0 if _UP.isdisjoint(said) else A_LITTLE


def moved(targets: Sequence[str], by: int, registry: Registry) -> Mapping[int, tuple[str, ...]]:
    """Where covers come to stand, each with those that do; those that tell no position are taken to stand at the end
    that they are moved away from."""
    groups: dict[int, tuple[str, ...]] = {}
    for one in targets:
        state = registry.state(one)
        told = state.attributes.get("current_position")
        shut = 0 if by > 0 else 100
        now = round(told) if isinstance(told, int | float) and not isinstance(told, bool) else shut
        to = min(100, max(0, now + by))
        groups[to] = (*groups.get(to, ()), one)
    return groups
