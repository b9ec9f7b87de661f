"""Whether the microphone is driven too hard."""

from collections.abc import Iterator
from typing import Final

from edge.health.facts import AudioFacts
from edge.health.finding import Finding, problem
from edge.health.ground import Ground

_MOST: Final = 0.0005


async def look(ground: Ground) -> AudioFacts | None:
    """A recording, where one was made: `edge doctor --audio`."""
    return AudioFacts(heard=ground.heard) if ground.heard is not None else None


def check(facts: AudioFacts) -> Iterator[Finding]:
    """A finding where there is clipping."""
    heard = facts.heard
    if heard is not None and heard.clipped > _MOST:
        yield problem(
            "clipping",
            f"{heard.clipped:.1%} of the samples are cut off at full scale",
            "lower the capture level (alsamixer, F4), switch the microphone's own gain or boost off",
        )
