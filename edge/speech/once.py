"""One sentence heard in two rooms acts once: rooms ask here before they listen, and before they act."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from edge.devices.words import tokens

_WOKEN_S: Final = 1.0
"""A wake word heard elsewhere within this is the same one: walls and satellites delay sound by less."""
_SAID_S: Final = 4.0
"""The same words from elsewhere within this are the same sentence: recognisers differ by as much."""


@dataclass(frozen=True, slots=True)
class _Heard:
    room: str
    at_s: float
    words: tuple[str, ...] = ()


class Once:
    """What was heard last in any of the rooms."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._woken: _Heard | None = None
        self._said: _Heard | None = None

    def woken(self, room: str) -> bool:
        """Whether the wake word that this room heard now is its own to answer: the first room takes it."""
        now_s = self._clock()
        last = self._woken
        if last is not None and last.room != room and now_s - last.at_s < _WOKEN_S:
            return False
        self._woken = _Heard(room, now_s)
        return True

    def said(self, room: str, text: str) -> bool:
        """Whether this sentence is this room's to act on."""
        now_s, words = self._clock(), tuple(tokens(text))
        last = self._said
        if last is not None and last.room != room and last.words == words and now_s - last.at_s < _SAID_S:
            return False
        self._said = _Heard(room, now_s, words)
        return True
