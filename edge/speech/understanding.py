"""From what was heard to what is meant: of the likely readings the one that makes sense in this house."""

from dataclasses import dataclass, replace
from typing import Final, Protocol

from edge.assistant.answers import verdict
from edge.devices import Registry
from edge.router.model import Decision, Routing
from edge.speech.stt import Hypothesis, Transcript

_ORDERS: Final = (Decision.ACT, Decision.QUERY)
_COMPLETE: Final = 0.9
_ELSE: Final = 0.15
_ACT: Final = (0.5, 0.5, 0.3, 0.2)
"""By the number of words, from one on: from this confidence on it acts, below it asks first.

Many words in an order that make sense together are less of a chance than one.
"""
_ASK: Final = 0.7
"""Below this share of that it was not speech for the house."""
_WORDS: Final = 0.4
"""Below this, words that are no order are taken for none at all."""


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
    """`clarify` with its calls where it is not sure enough to act; `ignore` where it was hardly meant for the house."""
    confidence: float
    """0..1: that this was meant."""
    words: float
    """0..1: that these were the words, or others that are the same yes or no."""


class Understanding:
    """Chooses among hypotheses; on the loop, some milliseconds a sentence."""

    def __init__(self, route: Route, registry: Registry) -> None:
        self._route = route
        self._registry = registry

    def of(self, transcript: Transcript, area: str | None = None, *, asked: bool = False) -> Understood:
        """What is meant; nothing heard is `ignore`. `asked`: a question has just been put, and no is likelier said.

        Hypotheses that mean the same stand for one another: "the" or "a" is no reason to doubt.
        """
        if not transcript.hypotheses:
            return Understood("", Routing("", Decision.IGNORE, confidence=1.0), 1.0, 1.0)
        meanings: dict[object, list[tuple[float, Hypothesis, Routing]]] = {}
        for hypothesis in transcript.hypotheses:
            routing = self._route(hypothesis.text, self._registry, area)
            answer = verdict(hypothesis.text) if routing.decision not in _ORDERS else None
            weight = hypothesis.confidence * _sense(routing, answer, asked=asked)
            meanings.setdefault((answer, _meaning(routing)), []).append((weight, hypothesis, routing))
        surest = max(meanings.values(), key=lambda of: sum(weight for weight, _, _ in of))
        _, hypothesis, routing = max(surest, key=lambda one: one[0])
        confidence = sum(weight for weight, _, _ in surest)
        words = sum(one.confidence for _, one, _ in surest)
        return Understood(hypothesis.text, _doubted(routing, confidence, words), confidence, words)

    def complete(self, text: str, area: str | None = None) -> bool:
        """Whether these words are a whole command already."""
        routing = self._route(text, self._registry, area)
        return routing.decision in _ORDERS and routing.confidence >= _COMPLETE


def _doubted(routing: Routing, confidence: float, words: float) -> Routing:
    """What is left of a decision, given how well it was heard."""
    enough = _ACT[min(len(routing.text.split()), len(_ACT)) - 1]
    match routing.decision:
        case Decision.ACT | Decision.QUERY if confidence < _ASK * enough:
            return replace(routing, decision=Decision.IGNORE, calls=(), confidence=1 - confidence)
        case Decision.ACT if confidence < enough:
            question = f"Did you say: {routing.text}?"
            return replace(routing, decision=Decision.CLARIFY, question=question, confidence=confidence)
        case Decision.CLARIFY | Decision.CHAT if words < _WORDS:
            return replace(routing, decision=Decision.IGNORE, calls=(), question=None, confidence=1 - words)
        case _:
            return routing


def _sense(routing: Routing, answer: bool | None, *, asked: bool) -> float:
    """How likely somebody means this, given that these were the words; a house is mostly told what to do."""
    if routing.decision in _ORDERS:
        return routing.confidence
    return 1.0 if answer or (asked and answer is False) else _ELSE


def _meaning(routing: Routing) -> object:
    if routing.decision in _ORDERS:
        calls = [(call.function, tuple(sorted(call.arguments.items())), call.targets) for call in routing.calls]
        return (routing.decision, tuple(calls))
    return (routing.decision, routing.question)
