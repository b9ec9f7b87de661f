"""Tells a trace as JSON, as `edge trace --json` prints it and the page takes it: see docs/traces.md."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from edge.health.traces import Trace
from edge.tracing import Mark, Stage

if TYPE_CHECKING:
    from edge.router.model import RawCall
    from edge.router.router import Trace as Routed

_MOST_MARKS: Final = 64
"""Of one request: "everything off" has a command for every device."""
_HIDDEN: Final = "…"


def as_json(trace: Trace) -> dict[str, Any]:
    """The whole."""
    stages = sorted(trace.marks[:_MOST_MARKS], key=lambda one: (one.began_s, -one.ended_s))
    zero_s = min([trace.began_s, *(one.began_s for one in stages)])
    until_s = max([trace.began_s + trace.ms / 1000, *(one.ended_s for one in stages)])
    routed = _routed(trace, stages)
    return {
        "id": trace.id,
        "at": round(trace.at_s, 3),
        "source": trace.source,
        "origin": trace.origin,
        "area": trace.area,
        "text": trace.text,
        "decision": trace.decision,
        "answered_by": trace.answered_by,
        "reply": trace.reply,
        "calls": list(trace.calls),
        "ms": round(trace.ms, 2),
        "total_ms": round((until_s - zero_s) * 1000, 3),
        "stages": [_stage(one, zero_s) for one in stages],
        "router": _router(routed, trace.text) if routed is not None else None,
    }


def summary(trace: Trace) -> dict[str, Any]:
    """One line of a list."""
    return {
        "id": trace.id,
        "at": round(trace.at_s, 3),
        "source": trace.source,
        "area": trace.area,
        "text": trace.text,
        "decision": trace.decision,
        "ms": round(trace.ms, 2),
    }


def _routed(trace: Trace, stages: Sequence[Mark]) -> "Routed | None":
    """What the router made of the words that were taken: ears give it others too."""
    found = [one.facts["routed"] for one in stages if one.stage is Stage.ROUTING and "routed" in one.facts]
    return next((one for one in found if one.routing.text == trace.text), found[-1] if found else None)


def _stage(one: Mark, zero_s: float) -> dict[str, Any]:
    facts = {key: value for key, value in one.facts.items() if key != "routed"}
    return {
        "stage": one.stage.value,
        "start_ms": round((one.began_s - zero_s) * 1000, 3),
        "ms": round(one.length_s * 1000, 3),
        "facts": facts,
    }


def _router(routed: "Routed", shown: str) -> dict[str, Any]:
    """What the router made of it: tokens with their probabilities, spans as far as their words may be shown."""
    routing, resolution = routed.routing, routed.resolution
    return {
        "decision": routing.decision.value,
        "confidence": round(routing.confidence, 4),
        "candidates": list(routing.candidates),
        "likeliest": [{"token": token, "probability": round(chance, 4)} for token, chance in routed.likeliest],
        "tokens": [_token(call, shown) for call in routing.raw],
        "names": [
            {"text": _may(one.text, shown), "how": one.how, "devices": list(one.devices[:8])}
            for one in (resolution.explained if resolution is not None else ())
        ],
    }


def _token(call: "RawCall", shown: str) -> dict[str, Any]:
    spans = [
        {
            "slot": span.slot.value,
            "text": _may(span.text, shown),
            "start": span.start,
            "end": span.end,
            "probability": round(span.probability, 4),
        }
        for span in call.spans
    ]
    return {"function": call.function, "probability": round(call.probability, 4), "spans": spans}


def _may(text: str, shown: str) -> str:
    """A piece of the request, where the request as it may be shown has it."""
    return text if text in shown else _HIDDEN
