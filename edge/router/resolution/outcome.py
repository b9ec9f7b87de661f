"""What resolving an utterance comes to."""

from dataclasses import dataclass

from edge.router.model import Call, Decision


@dataclass(frozen=True, slots=True)
class Explained:
    """How one copied phrase was resolved: `name`, `part`, `like`, `class`, `area`, `default` or `nothing`."""

    text: str
    how: str
    devices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Resolution:
    """What an utterance comes to. For `clarify`, calls that wait for the answer have no targets."""

    calls: tuple[Call, ...]
    decision: Decision
    question: str | None = None
    candidates: tuple[str, ...] = ()
    """Ids of the devices or areas the question is about."""
    unresolved: tuple[str, ...] = ()
    """Phrases that name nothing in this home; their calls have no targets."""
    explained: tuple[Explained, ...] = ()
