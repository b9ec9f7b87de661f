"""Traces of single requests, and what the control socket answers of them."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

from edge.api.control import Answer, Request
from edge.api.wire import ControlError
from edge.devices.model import Outcome, ServiceCall
from edge.health.metrics import Metrics
from edge.health.traces import Traces
from edge.settings import Loaded
from edge.tracing import Stage, mark, now_s, observed_by

if TYPE_CHECKING:
    from edge.health.audit import AuditLog
    from edge.service.hardware import Moving


def open_traces(loaded: Loaded, audit: "AuditLog | None", stack: AsyncExitStack) -> tuple[Traces, Metrics]:
    """Who traces requests and hands their records on to `audit`, and who counts, until the stack ends.

    Words are kept where `audit` may keep them.
    """
    wanted, metrics = loaded.settings.requests, Metrics()
    stack.enter_context(observed_by(metrics.observe))
    return Traces(audit, with_text=wanted.keep and wanted.text, ended=metrics.answered), metrics


class Stopwatch:
    """Has calls carried out, and marks how long each took."""

    def __init__(self, moving: "Moving") -> None:
        self._moving = moving

    async def perform(self, call: ServiceCall) -> Outcome:
        """As who carries it out does."""
        began_s = now_s()
        outcome = None
        try:
            outcome = await self._moving.perform(call)
        finally:
            how = outcome.value if outcome is not None else "failed"
            mark(Stage.COMMAND, began_s, device=call.device, service=call.service, outcome=how)
        return outcome


def trace_answers(traces: Traces) -> dict[str, Answer]:
    """By the request's `do`.

    `trace` {id?}: {"trace": …} as `Trace.to_json`, of the last request without an id.
    `traces` {}: {"traces": [{"id", "at", "source", "area", "text", "decision", "ms"}]}, the latest first.
    """

    async def trace(request: Request) -> Mapping[str, Any]:
        id_ = request.text_or_none("id")
        found = traces.last() if id_ is None else traces.get(id_)
        if found is None:
            what = f"no request {id_[:40]!r} is among the last {len(traces)}" if id_ else "nothing was asked yet"
            raise ControlError(f"{what}: traces are kept in memory, of this run of the service alone")
        return {"trace": found.to_json()}

    async def listed(request: Request) -> Mapping[str, Any]:  # noqa: ARG001 (every answer takes a request)
        return {"traces": [one.summary() for one in traces]}

    return {"trace": trace, "traces": listed}
