"""Whether Wyoming is served where it should be, and who could use it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from edge.health.finding import Finding, fine, note, problem

_OPEN = "The protocol has no passwords: let nobody but Home Assistant reach the port (a firewall)"


@dataclass(frozen=True, slots=True)
class WyomingFacts:
    """How it is served, or would be."""

    listening: Sequence[str]
    """Addresses that are listened at, or could be."""
    troubles: Sequence[str]
    """Why others are not, each with what to do after a colon."""
    is_open: bool
    """Whether others than this machine can reach it."""
    confirms: bool
    """Whether a yes from there unlocks."""


def check(facts: WyomingFacts) -> Iterator[Finding]:
    """A finding for each address, and one for what is risky."""
    for trouble in facts.troubles:
        text, _, remedy = trouble.rpartition(": ")
        yield problem("wyoming", text or trouble, remedy if text else "see docs/wyoming.md")
    if facts.listening:
        yield fine("wyoming", ", ".join(facts.listening))
    if facts.is_open and facts.confirms:
        text = "everybody who reaches this machine can unlock what is asked about with a yes (wyoming.confirm)"
        yield problem("wyoming", text, "set confirm.pin, or wyoming.confirm = false")
    elif facts.is_open:
        yield note("wyoming", "everybody who reaches this machine can use it", _OPEN)
