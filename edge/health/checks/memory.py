"""Whether the language model that is meant fits the memory that this machine has free for it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from edge.health.finding import Finding, fine, note, problem
from edge.health.ground import Ground
from edge.health.looking import model

_CHECK: Final = "memory"
_LITTLE_BYTES: Final = 64 << 20
_REMEDY: Final = "edge models recommend names models that fit; edge models use NAME takes one; llm.context sets less"


@dataclass(frozen=True, slots=True)
class MemoryFacts:
    """The plan, or why there is none."""

    name: str
    trouble: str = ""
    predicted_bytes: int = 0
    budget_bytes: int = 0
    n_ctx: int = 0
    is_loaded: bool = False
    limited: str = ""
    """What of it the governor has taken back."""


async def look(ground: Ground) -> MemoryFacts | None:
    """What is loaded says that it fits; else it is planned as the service would. None where no model is wanted."""
    told = ground.told("model")
    if told.get("state") == "ready":
        return _told(told, ground.told("governor"))
    found = await model.meant(ground)
    header = found.header if found is not None else None
    if found is None or header is None:
        return None
    from edge.tuning import PlanError, fit

    llm, hardware = ground.loaded.settings.llm, await model.hardware(ground)
    limit = llm.memory_limit_bytes
    try:
        plan = await ground.aside(
            lambda: fit(header, hardware, memory_bytes=limit, n_ctx=llm.context, n_threads=llm.threads)
        )
    except PlanError as error:
        return MemoryFacts(found.model.name, str(error))
    return MemoryFacts(found.model.name, "", plan.predicted_bytes, plan.ceiling_bytes, plan.n_ctx)


def check(facts: MemoryFacts) -> Iterator[Finding]:
    """One finding."""
    if facts.trouble:
        yield problem(_CHECK, f"{facts.name} does not fit the memory", _REMEDY, facts.trouble)
        return
    size = f"{facts.name} with {facts.n_ctx} tokens of context takes {facts.predicted_bytes / 1e6:.0f} MB"
    if facts.limited:
        yield note(_CHECK, f"{size}, and has given some up: {facts.limited}", _REMEDY)
    elif facts.is_loaded:
        yield fine(_CHECK, f"{size}: it is loaded")
    elif facts.budget_bytes - facts.predicted_bytes < _LITTLE_BYTES:
        yield note(_CHECK, f"{size} of {facts.budget_bytes / 1e6:.0f} MB that are free for it: that is close", _REMEDY)
    else:
        yield fine(_CHECK, f"{size} of {facts.budget_bytes / 1e6:.0f} MB that are free for it")


def _told(figures: Mapping[str, Any], governor: Mapping[str, Any]) -> MemoryFacts:
    steps = governor.get("steps") or [{}]
    limited = str(steps[-1].get("why", "")) if governor.get("limited") else ""
    resident = int(figures.get("resident_bytes") or figures.get("predicted_bytes") or 0)
    return MemoryFacts(
        str(figures.get("model")), "", resident, 0, int(figures.get("n_ctx") or 0), is_loaded=True, limited=limited
    )
