"""Whether the microphone's signal lies around zero."""

from collections.abc import Iterator
from typing import Final

from edge.health.facts import AudioFacts
from edge.health.finding import Finding, note
from edge.health.ground import Ground

_MOST: Final = 0.02


async def look(ground: Ground) -> AudioFacts | None:
    """A recording, where one was made: `edge doctor --audio`."""
    return AudioFacts(heard=ground.heard) if ground.heard is not None else None


def check(facts: AudioFacts) -> Iterator[Finding]:
    """A finding where it does not."""
    heard = facts.heard
    if heard is not None and abs(heard.offset) > _MOST:
        yield note(
            "offset",
            f"the signal lies {heard.offset:+.1%} of full scale off zero",
            "a fault of cheap sound cards: another USB port or card; levels measured with it are too high",
        )
