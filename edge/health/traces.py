"""Keeps what the last requests went through, stage by stage, in memory alone and with no more words than the log of
requests may have."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from edge.assistant.record import Record, Recorder
from edge.tracing import Mark, Stage, collect, collected, leave, mark, now_s

if TYPE_CHECKING:
    from edge.router.model import RawCall
    from edge.router.router import Trace as Routed

_KEPT: Final = 32
_MOST_MARKS: Final = 64
"""Of one request: "everything off" has a command for every device."""
_HIDDEN: Final = "…"


@dataclass(frozen=True, slots=True)
class Trace:
    """One request that was answered, or given up; more marks may come: its reply is yet to be heard."""

    id: str
    at_s: float
    """When it came, seconds since the epoch as the machine had them."""
    began_s: float
    """The same on the clock of the marks."""
    source: str
    origin: str
    area: str | None
    text: str
    """Without a PIN; empty where words are not kept."""
    decision: str | None
    answered_by: str
    reply: str
    calls: tuple[dict[str, Any], ...]
    ms: float
    marks: Sequence[Mark]

    def to_json(self) -> dict[str, Any]:
        """As `edge trace --json` prints it and the page takes it; see docs/traces.md."""
        stages = sorted(self.marks[:_MOST_MARKS], key=lambda one: (one.began_s, -one.ended_s))
        zero_s = min([self.began_s, *(one.began_s for one in stages)])
        routed = self._routed(stages)
        return {
            "id": self.id,
            "at": round(self.at_s, 3),
            "source": self.source,
            "origin": self.origin,
            "area": self.area,
            "text": self.text,
            "decision": self.decision,
            "answered_by": self.answered_by,
            "reply": self.reply,
            "calls": list(self.calls),
            "ms": round(self.ms, 2),
            "total_ms": round((max([self.began_s + self.ms / 1000, *(m.ended_s for m in stages)]) - zero_s) * 1000, 3),
            "stages": [_stage(one, zero_s) for one in stages],
            "router": _router(routed, self.text) if routed is not None else None,
        }

    def summary(self) -> dict[str, Any]:
        """One line of a list."""
        return {
            "id": self.id,
            "at": round(self.at_s, 3),
            "source": self.source,
            "area": self.area,
            "text": self.text,
            "decision": self.decision,
            "ms": round(self.ms, 2),
        }

    def _routed(self, stages: Sequence[Mark]) -> "Routed | None":
        """What the router made of the words that were taken: ears give it others too."""
        found = [one.facts["routed"] for one in stages if one.stage is Stage.ROUTING and "routed" in one.facts]
        return next((one for one in found if one.routing.text == self.text), found[-1] if found else None)


class Traces:
    """A recorder of requests that hands every record on to the one that keeps them; a few dozen traces are kept."""

    def __init__(
        self,
        recorder: Recorder | None = None,
        *,
        with_text: bool = True,
        most: int = _KEPT,
        ended: Callable[[Record], None] = lambda record: None,  # noqa: ARG005 (nobody counts)
    ) -> None:
        """`with_text`: whether what people say may be kept, in memory as in the log of requests.

        `ended` is called with the last state of each request.
        """
        self._ended = ended
        self._recorder = recorder
        self._with_text = with_text
        self._most = most
        self._open: dict[int, tuple[list[Mark], bool, float]] = {}
        self._traces: OrderedDict[str, Trace] = OrderedDict()

    def record(self, record: Record, /) -> None:
        """Take a request that comes in, and the same once more when it has been answered."""
        if record.decision is None and not record.ms:
            marks = collected()
            self._open[record.number] = (collect() if marks is None else marks, marks is None, now_s())
        elif (opened := self._open.pop(record.number, None)) is not None:
            self._end(record, *opened)
            self._ended(record)
        if self._recorder is not None:
            self._recorder.record(record)

    def get(self, id_: str) -> Trace | None:
        """That of a request by its id, or by the beginning of it where that is only one's."""
        if id_ in self._traces:
            return self._traces[id_]
        found = [one for key, one in self._traces.items() if id_ and key.startswith(id_)]
        return found[0] if len(found) == 1 else None

    def last(self) -> Trace | None:
        """The latest."""
        return next(iter(self), None)

    def __iter__(self) -> Iterator[Trace]:
        """The latest first."""
        return reversed(self._traces.values())

    def __len__(self) -> int:
        return len(self._traces)

    def _end(self, record: Record, marks: list[Mark], ours: bool, began_s: float) -> None:
        mark(Stage.REPLY, began_s)
        if ours:
            leave()
        words = self._with_text
        self._traces.pop(record.id, None)
        self._traces[record.id] = Trace(
            record.id,
            record.time_s,
            began_s,
            record.source,
            record.origin,
            record.area,
            record.text if words else "",
            record.decision,
            record.answered_by,
            record.reply if words else "",
            tuple(call.to_json() | ({} if words else {"arguments": {}}) for call in record.calls[:8]),
            record.ms,
            marks,
        )
        if len(self._traces) > self._most:
            self._traces.popitem(last=False)


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
