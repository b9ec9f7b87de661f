"""Who may speak when: what is to be said or rung, in the order of its urgency."""

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Final

from edge.speech.script import Script

RING_GAP_S: Final = 1.5
"""Between two rings; whatever waits is said then."""


class Priority(IntEnum):
    """How urgent something is; what is more urgent interrupts what is less."""

    REPLY = 0
    ANNOUNCEMENT = 1
    RING = 2
    ALARM = 3


class Ending(StrEnum):
    """What became of something that was to be said."""

    SAID = "said"
    STOPPED = "stopped"
    """Somebody wanted silence, or spoke himself."""
    MUTED = "muted"
    """The assistant was told to be silent."""


@dataclass(frozen=True, slots=True)
class Saying:
    """What is being said or rung, or, with an ending, no longer is."""

    text: str
    priority: Priority
    area: str | None
    ending: Ending | None = None


@dataclass(eq=False, slots=True)
class Turn:
    """One thing to be said or rung, until it has been; `ended` tells how."""

    script: Script
    priority: Priority
    area: str | None
    ended: asyncio.Future[Ending]
    severe: bool = False
    """An alarm that sounds in quiet hours and when muted."""
    voice: str | None = None
    """Another voice than the usual one."""
    key: str | None = None
    """What a ring is called; None for speech."""
    due_s: float = 0.0
    """On the monotonic clock; not before."""
    until_s: float = math.inf
    """When a ring gives up."""
    rung: int = 0
    """How often it rang."""
    sounds: Callable[[], None] | None = None
    """Called when its first word is heard."""

    @property
    def rings(self) -> bool:
        """Whether it repeats itself until it is stopped."""
        return self.key is not None

    def end(self, ending: Ending) -> None:
        """Tell whoever waits."""
        if not self.ended.done():
            self.ended.set_result(ending)

    def fail(self, error: Exception) -> None:
        """Tell whoever waits why it could not be said."""
        if not self.ended.done():
            self.ended.set_exception(error)


@dataclass(slots=True)
class Queue:
    """The turns that wait."""

    waiting: list[Turn] = field(default_factory=list)

    def put(self, turn: Turn) -> None:
        """Behind everything as urgent."""
        self.waiting.append(turn)
        self.waiting.sort(key=lambda one: -one.priority)

    def put_back(self, turn: Turn) -> None:
        """Before everything as urgent: it was interrupted."""
        self.waiting.insert(0, turn)
        self.waiting.sort(key=lambda one: -one.priority)

    def remove(self, turn: Turn) -> bool:
        """Whether it waited."""
        if turn in self.waiting:
            self.waiting.remove(turn)
            return True
        return False
