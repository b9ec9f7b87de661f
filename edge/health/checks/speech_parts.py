"""Whether the parts that hear and speak are installed."""

from collections.abc import Iterator

from edge.health.facts import AudioFacts
from edge.health.finding import Finding, problem


def check(facts: AudioFacts) -> Iterator[Finding]:
    """A finding for each that is not."""
    for missing in facts.missing:
        text, _, remedy = missing.partition(": ")
        yield problem("speech", text, remedy)
