"""Keeps what the last requests went through, stage by stage, in memory alone and with no more words than the log of
requests may have; `edge.health.trace_json` tells it."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from edge.assistant.record import Record, Recorder
from edge.tracing import Mark, Stage, collect, collected, leave, mark, now_s

_KEPT: Final = 20


@dataclass(frozen=True, slots=True, eq=False, repr=False)
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
        """As `edge trace --json` prints it and the page takes it."""
        from edge.health.trace_json import as_json

        return as_json(self)

    def summary(self) -> dict[str, Any]:
        """One line of a list."""
        from edge.health.trace_json import summary

        return summary(self)


class Traces:
    """A recorder of requests that hands every record on to the one that keeps them; some traces are kept."""

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
