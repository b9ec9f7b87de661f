"""What one call of the assistant's own (a timer, a list, something for later) comes to."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

Undo = Callable[[], Awaitable[str]]
"""Takes back what was done and says so."""


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence or two, how to take it back, and, where the text asks which one, the ids to choose from."""

    text: str
    undo: Undo | None = None
    candidates: tuple[str, ...] = ()
