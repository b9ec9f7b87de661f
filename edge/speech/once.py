"""One sentence heard in two rooms acts once: rooms ask here before they listen, and before they act.

The room that hears the wake word first listens at once; one where it stands out more from the noise takes over from it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from edge.devices.words import tokens

_WOKEN_S: Final = 2.0
"""A wake word heard elsewhere within this is the same one: walls, networks and satellites delay sound by less."""
_NEARER_DB: Final = 3.0
"""By how much it must stand out more for a room to take over: less says nothing about where somebody is."""
_SAID_S: Final = 4.0
"""The same words from elsewhere within this are the same sentence: recognisers differ by as much."""


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


class Once:
    """What was heard last in any of the rooms."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._woken: _Woken | None = None
        self._said: _Said | None = None

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

    def said(self, room: str, text: str) -> bool:
        """Whether this sentence is this room's to act on."""
        now_s, words = self._clock(), tuple(tokens(text))
        last = self._said
        if last is not None and last.room != room and last.words == words and now_s - last.at_s < _SAID_S:
            return False
        self._said = _Said(room, now_s, words)
        return True
