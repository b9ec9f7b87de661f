"""What one call of the assistant's own (a timer, a list, something for later) comes to."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from edge.router.model import Call

Undo = Callable[[], Awaitable[str]]
"""Takes back what was done and says so."""


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence or two, how to take it back, and, where the text asks which one, the ids to choose from."""

    text: str
    undo: Undo | None = None
    candidates: tuple[str, ...] = ()
    then: tuple[Call, ...] = ()
    """Where the text ends in "shall I?": what is carried out on a yes."""
    lacks: bool = False
    """Whether the text asks for what the call lacks: a short answer is taken as the rest of the sentence."""
