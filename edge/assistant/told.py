"""What one call of the assistant's own (a timer, a list, something for later) comes to."""

import itertools
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass

from edge.assistant.phrases import joined, sentence
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
    things: tuple[str, ...] = ()
    """What the text says `now` of, where it says no more than that."""
    now: str = ""
    """What is so of the things: "on the shopping list"."""

    @classmethod
    def of(cls, thing: str, now: str, undo: Undo | None = None) -> "Told":
        """That one thing is now so."""
        return cls(_is((thing,), now), undo, things=(thing,), now=now)


def together(told: Sequence[Told]) -> Iterator[str]:
    """The texts; what follows one another and says the same of several things is one sentence."""
    for (now, _), group in itertools.groupby(told, lambda one: (one.now, None if one.now else id(one))):
        same = tuple(group)
        yield _is(tuple(thing for one in same for thing in one.things), now) if now else same[0].text


def _is(things: tuple[str, ...], now: str) -> str:
    many = len(things) > 1 or (things[0].endswith("s") and not things[0].endswith("ss"))
    return sentence(f"{joined(things)} {'are' if many else 'is'} {now}")
