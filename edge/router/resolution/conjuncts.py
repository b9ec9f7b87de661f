"""Phrases that were said together and left in one piece: "the desk lamp, the TV and Anna's lamp"."""

import re
from collections.abc import Callable
from typing import Final

_JOINED: Final = re.compile(r"\s*(?:,|&|\b(?:and|or|nor|plus|as well as)\b)\s*", re.IGNORECASE)
_MOST: Final = 16


def conjuncts(text: str, known: Callable[[str], bool]) -> list[str]:
    """The parts of a coordinated phrase; empty where it is a single one. `known` tells a name with "and" in it."""
    parts = [part for part in _JOINED.split(text.strip()) if part][:_MOST]
    if len(parts) < 2:
        return []
    found: list[str] = []
    at = 0
    while at < len(parts):
        size = next((size for size in range(len(parts) - at, 1, -1) if known(" and ".join(parts[at : at + size]))), 1)
        found.append(" and ".join(parts[at : at + size]))
        at += size
    return list(dict.fromkeys(found)) if len(found) > 1 else []
