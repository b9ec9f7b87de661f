"""From what was heard to what is meant: of the likely readings the one that makes sense in this house."""

from dataclasses import dataclass
from typing import Final, Protocol

from edge.devices import Registry
from edge.router.model import Decision, Routing
from edge.speech.stt import Hypothesis, Transcript

_ORDERS: Final = (Decision.ACT, Decision.QUERY)


class Route(Protocol):
    """The router, as far as this needs it."""

    def __call__(self, text: str, registry: Registry, area: str | None = None) -> Routing:
        """What is to be done about a text, said in an area."""
        ...


@dataclass(frozen=True, slots=True)
class Understood:
    """What somebody said, and what is to be done about it."""

    text: str
    routing: Routing
    confidence: float
    """0..1: that these were the words, and this was meant."""


class Understanding:
    """Chooses among hypotheses; on the loop, some milliseconds a sentence."""

    def __init__(self, route: Route, registry: Registry) -> None:
        self._route = route
        self._registry = registry

    def of(self, transcript: Transcript, area: str | None = None) -> Understood:
        """What is meant; nothing heard is `ignore`."""
        if not transcript.hypotheses:
            return Understood("", Routing("", Decision.IGNORE, confidence=1.0), 1.0)
        read = [self._read(one, area) for one in transcript.hypotheses]
        return max(read, key=lambda one: one.confidence)

    def complete(self, text: str, area: str | None = None) -> bool:
        """Whether these words are a whole command already."""
        routing = self._route(text, self._registry, area)
        return routing.decision in _ORDERS and routing.confidence >= 0.9

    def _read(self, hypothesis: Hypothesis, area: str | None) -> Understood:
        routing = self._route(hypothesis.text, self._registry, area)
        sense = routing.confidence if routing.decision in _ORDERS else 0.3
        return Understood(hypothesis.text, routing, hypothesis.confidence * sense)
