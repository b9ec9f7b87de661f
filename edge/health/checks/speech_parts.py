"""Whether the parts that hear and speak are installed, where this machine is meant to."""

from collections.abc import Iterator

from edge.health.facts import AudioFacts
from edge.health.finding import Finding, problem
from edge.health.ground import Ground


async def look(ground: Ground) -> AudioFacts | None:
    """None where nobody has said that it should hear."""
    if ground.loaded.settings.speech.enabled is not True:
        return None
    from edge.speech.local import NEEDED
    from edge.speech.parts import missing_packages

    missing = await ground.aside(missing_packages, *NEEDED)
    return AudioFacts(missing=(missing,)) if missing else None


def check(facts: AudioFacts) -> Iterator[Finding]:
    """A finding for each that is not."""
    for missing in facts.missing:
        text, _, remedy = missing.partition(": ")
        yield problem("speech", text, remedy)
