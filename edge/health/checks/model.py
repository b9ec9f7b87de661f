"""Whether the language model's file is the one that was added, whole and unchanged."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from edge.health.finding import Finding, fine, problem
from edge.health.ground import Ground
from edge.health.looking import model

if TYPE_CHECKING:
    from edge.health.looking.model import Meant

_CHECK: Final = "model"


async def look(ground: Ground) -> "Meant | None":
    """By size, time and inode; by its digest where these differ, and with `--deep`. None where none is wanted."""
    return await model.meant(ground)


def check(facts: "Meant") -> Iterator[Finding]:
    """One finding."""
    if facts.trouble:
        text, _, remedy = facts.trouble.rpartition("; ")
        text = text or facts.trouble
        yield problem(_CHECK, text[:1].upper() + text[1:], remedy or "Add it again: edge models add FILE")
    else:
        header = facts.header
        kind = f", {header.architecture}, {header.quantisation}" if header is not None else ""
        yield fine(_CHECK, f"{facts.model.name} is as it came in{kind}")
