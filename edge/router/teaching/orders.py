"""From something recognised to a decision: a taught function's own call, or an order resolved in the home."""

from datetime import datetime
from typing import Final

from edge.devices.registry import Registry
from edge.router.model import Call, Decision, RawCall, Routing, Slot, Span
from edge.router.resolution import Resolution, resolve
from edge.router.teaching.lessons import SPECIAL, Order, Publish
from edge.router.teaching.taught import Recognised
from edge.router.vocabulary import Function, Vocabulary

_SPECIAL: Final = {"chat": Decision.CHAT, "ignore": Decision.IGNORE}


def routed(
    known: Recognised, text: str, registry: Registry, vocabulary: Vocabulary, area: str | None, now: datetime
) -> tuple[Routing, Resolution | None]:
    """What is to be done about a sentence that means something taught."""
    action = known.action
    if not isinstance(action, Order):
        arguments = {"topic": action.topic, "payload": action.payload} if isinstance(action, Publish) else {}
        raw = (RawCall(known.token, (), known.probability),)
        return Routing(text, Decision.ACT, (Call(known.token, arguments),), known.probability, raw=raw), None
    if action.function in SPECIAL:
        return Routing(text, _SPECIAL[action.function], confidence=known.probability), None
    function = vocabulary.get(action.function)
    if function is None:
        gone = f"I was taught to call {action.function} for that, which is no function any more: teach me again."
        return Routing(text, Decision.CLARIFY, confidence=known.probability, question=gone), None
    call = RawCall(function.name, spans(function, action, registry), known.probability)
    resolution = resolve((call,), text, registry, vocabulary, area, now)
    decision, question = resolution.decision, resolution.question
    if resolution.unresolved and decision is not Decision.CLARIFY:
        decision = Decision.CLARIFY
        question = f"I don't know anything called {resolution.unresolved[0]}. Which device do you mean?"
    routing = Routing(
        text, decision, resolution.calls, known.probability,
        question=question, candidates=resolution.candidates, raw=(call,),
    )  # fmt: skip
    return routing, resolution


def spans(function: Function, order: Order, registry: Registry) -> tuple[Span, ...]:
    """An order's arguments as if they had been said."""
    slots: dict[str, Slot] = {}
    for slot, argument in function.slots.items():
        slots.setdefault(argument, slot)
    made = []
    for name, value in order.arguments.items():
        if name not in slots:
            continue
        said = value
        if slots[name] is Slot.TARGET and value in registry.devices:
            said = registry.devices[value].name
        elif slots[name] is Slot.DELAY and value.isdigit():
            said = f"{value} seconds"
        made.append(Span(slots[name], said, 0, 0))
    return tuple(made)
