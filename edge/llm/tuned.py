"""What tuning needs to know before it can begin, where its result is kept, and how fast that result is."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Final

from edge.llm.errors import LlmError
from edge.llm.fast_path import Verdicts, verdict_key
from edge.llm.rig import Rig
from edge.llm.tuner import SECONDS, Task, tune
from edge.models import ModelStore, StoredModel
from edge.tuning import Plan, Setting, fit, probe
from edge.tuning.last import keep_last
from edge.tuning.library import library_missing
from edge.tuning.outcome import Outcome, Rates
from edge.tuning.results import Results, ResultsError, fingerprint, kept

log = logging.getLogger(__name__)

REPETITIONS: Final = 5
PROMPT: Final = 128
TOKENS: Final = 24
LIMIT_S: Final = 20.0


@dataclass(frozen=True, slots=True)
class Speed:
    """How fast a model runs with the plan that the service would take."""

    plan: Plan
    tuned: bool
    """Whether that plan was measured, or is the planner's guess."""
    load_s: float
    rates: Rates
    """Medians."""
    resident_bytes: int


def prepare(
    store: ModelStore,
    model: StoredModel,
    state: Path | None,
    *,
    seconds: float = SECONDS,
    memory_bytes: int | None = None,
    n_ctx: int | None = None,
    n_threads: int | None = None,
) -> Task:
    """A task for a model of the store, with what `state` knows of the fast path here. Blocks; raises `EdgeError`."""
    if missing := library_missing():
        raise LlmError(missing)
    model = store.check(model)
    header = store.header(model)
    hardware = probe()
    verdict = Verdicts(state).of(verdict_key(header, hardware, fast=True))
    return Task(
        model=model,
        header=header,
        hardware=hardware,
        seconds=seconds,
        memory_bytes=memory_bytes,
        n_ctx=n_ctx,
        n_threads=n_threads,
        fast_path=verdict is None or verdict.works,
        fast_path_known=verdict is not None,
    )


async def tune_and_keep(
    task: Task, state: Path | None, progress: Callable[[str, float], None] = lambda _what, _share: None
) -> Outcome:
    """Tune, and keep the result for the service. Raises `LlmError` and `PlanError`; a full disk costs no result."""
    outcome = await tune(task, progress)
    if state is not None:
        await asyncio.to_thread(keep_last, state, outcome, task.model.name)
    if outcome.fast_path_off:
        path = await asyncio.to_thread(verdict_key, task.header, task.hardware, fast=True)
        await asyncio.to_thread(Verdicts(state).remember, path, False, outcome.fast_path_off)
    key = await asyncio.to_thread(fingerprint, task.hardware, task.model, task.memory_bytes)
    results = Results(state)
    try:
        await asyncio.to_thread(results.keep, key, outcome.tuned)
    except ResultsError as error:
        log.warning("llm.tuning_not_kept", extra={"why": str(error)})
        return replace(outcome, not_kept=str(error))
    return replace(outcome, kept_in=results.file)


async def speed(task: Task, state: Path | None) -> Speed:
    """Run the plan that the service would take, and nothing beside it. Raises `LlmError` and `PlanError`."""
    setting = await asyncio.to_thread(kept, state, task.hardware, task.model, task.memory_bytes)
    plan = await asyncio.to_thread(plan_for, task, setting)
    async with Rig(task.model, plan.ceiling_bytes) as rig:
        await rig.load(plan.setting, plan.n_ctx)
        prompt = min(PROMPT, plan.n_ctx // 2)
        runs = [await rig.measure(prompt, TOKENS, number=number, limit_s=LIMIT_S) for number in range(1, REPETITIONS)]
        rates = Rates(
            prompt_tokens_per_s=median(run.prompt_tokens_per_s for run in runs),
            tokens_per_s=median(run.tokens_per_s for run in runs),
        )
        return Speed(plan, setting is not None, rig.load_s, rates, (await rig.look()).resident_bytes)


def plan_for(task: Task, setting: Setting | None) -> Plan:
    """The service's plan under a task's bounds. Raises `PlanError`."""
    return fit(
        task.header,
        task.hardware,
        memory_bytes=task.memory_bytes,
        n_ctx=task.n_ctx,
        n_threads=task.n_threads,
        repack=task.fast_path and task.fast_path_known,
        tuned=setting,
    )
