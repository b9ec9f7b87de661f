"""One sentence heard in two rooms acts once: rooms ask here before they listen, and before they act.

The room that hears the wake word first listens at once; one where it stands out more from the noise takes over from it.
"""

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from edge.devices.words import tokens
from edge.router.model import Call

_WOKEN_S: Final = 2.0
"""A wake word heard elsewhere within this is the same one: walls, networks and satellites delay sound by less."""
_NEARER_DB: Final = 3.0
"""By how much it must stand out more for a room to take over: less says nothing about where somebody is."""
_SAID_S: Final = 4.0
"""The same from elsewhere within this is the same sentence: recognisers differ by as much."""
_MOST_SAID: Final = 16

_WHERE: Final = frozenset({"name", "area", "floor", "domain", "device_class"})


def _nobody() -> None:
    """Nobody has to fall silent."""


@dataclass(frozen=True, slots=True)
class _Woken:
    room: str
    at_s: float
    level_db: float | None
    give_up: Callable[[], None]


@dataclass(frozen=True, slots=True)
class _Said:
    room: str
    at_s: float
    words: tuple[str, ...]
    means: frozenset[str]


class Once:
    """What was heard last in any of the rooms."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._woken: _Woken | None = None
        self._said: deque[_Said] = deque(maxlen=_MOST_SAID)

    def woken(self, room: str, level_db: float | None = None, give_up: Callable[[], None] = _nobody) -> bool:
        """Whether the wake word that this room heard now is its own to answer.

        `level_db`: how far the word stood out from the noise, None where that is not known. `give_up` is called if a
        room where it stands out more takes over.
        """
        now_s = self._clock()
        last = self._woken
        if last is not None and last.room != room and now_s - last.at_s < _WOKEN_S:
            if level_db is None or last.level_db is None or level_db < last.level_db + _NEARER_DB:
                return False
            last.give_up()
        self._woken = _Woken(room, now_s, level_db, give_up)
        return True

    def said(self, room: str, text: str, calls: Sequence[Call] = ()) -> bool:
        """Whether this sentence is this room's to act on: not where another acts on the same words, or does the same.

        `calls`: what it asks for; two recognisers seldom hear the same words.
        """
        words = tuple(tokens(text))
        said = _Said(room, self._clock(), words, frozenset(_meaning(call) for call in calls))
        if any(_same(said, other) for other in self._said):
            return False
        self._said.append(said)
        return True


def _same(said: _Said, other: _Said) -> bool:
    if other.room == said.room or said.at_s - other.at_s >= _SAID_S:
        return False
    return said.words == other.words or (bool(said.means) and said.means == other.means)


def _meaning(call: Call) -> str:
    """What it does to what; names are as they were said, and may differ where the devices don't."""
    how = {key: value for key, value in call.arguments.items() if key not in _WHERE or not call.targets}
    return repr((call.function, sorted(call.targets), sorted(how.items(), key=lambda item: item[0])))
