"""The ladder that the governor goes down: a plan, the same with shorter contexts, smaller models, each a rung."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from edge.models.gguf import GgufHeader
from edge.tuning.governor import Rung
from edge.tuning.hardware import Hardware
from edge.tuning.plan import CONTEXTS, Plan, PlanError, fit, predicted
from edge.tuning.setting import LoadMode

SHORTEST: Final = 1024
"""Below this a house's instructions and a few turns find no room; only a model planned shorter goes there."""
LEAST_FREED: Final = 0.04
"""A rung must free this share of the one above, which is what the prediction may be off by."""
ROOM: Final = 1.25
"""A rung's ceiling, above its prediction: what was freed must not be taken again, nor a rung die of a wrong guess."""


@dataclass(frozen=True, slots=True)
class Installed:
    """A model that is there."""

    name: str
    header: GgufHeader


def ladder(model: Installed, plan: Plan, others: Iterable[Installed], hardware: Hardware) -> tuple[Rung, ...]:
    """The rungs from the plan down, each smaller than the one above it by more than a prediction errs."""
    rungs = [_rung(model, plan, hardware)]
    for candidate in _candidates(model, plan, others, hardware):
        if candidate.held_bytes <= rungs[-1].held_bytes * (1 - LEAST_FREED):
            rungs.append(candidate)
    return tuple(rungs)


def _candidates(model: Installed, plan: Plan, others: Iterable[Installed], hardware: Hardware) -> Iterator[Rung]:
    yield from _shorter(model, plan, hardware)
    for other in sorted(others, key=lambda one: one.header.tensor_bytes, reverse=True):
        if other.header.tensor_bytes >= model.header.tensor_bytes:
            continue
        try:
            smaller = fit(other.header, hardware, memory_bytes=plan.predicted_bytes, n_threads=plan.n_threads)
        except PlanError:
            continue
        smaller = replace(
            smaller, n_threads_batch=plan.n_threads_batch, ceiling_bytes=int(smaller.predicted_bytes * ROOM)
        )
        yield _rung(other, smaller, hardware)
        yield from _shorter(other, smaller, hardware)


def _shorter(model: Installed, plan: Plan, hardware: Hardware) -> Iterator[Rung]:
    """Half of it, and half again: every rung costs reading the conversation anew, and a while on the way back."""
    whole = predicted(model.header, hardware, plan.setting, plan.n_ctx).total_bytes
    above = plan.n_ctx
    for n_ctx in CONTEXTS:
        if SHORTEST <= n_ctx <= above // 2:
            above = n_ctx
            freed = whole - predicted(model.header, hardware, plan.setting, n_ctx).total_bytes
            left = plan.predicted_bytes - freed
            ceiling = min(plan.ceiling_bytes, int(left * ROOM))
            yield _rung(model, replace(plan, n_ctx=n_ctx, predicted_bytes=left, ceiling_bytes=ceiling), hardware)


def _rung(model: Installed, plan: Plan, hardware: Hardware) -> Rung:
    prediction = predicted(model.header, hardware, plan.setting, plan.n_ctx)
    droppable = prediction.weights_bytes if plan.load_mode is LoadMode.MMAP else 0
    return Rung(model.name, plan, max(1, plan.predicted_bytes - droppable))
