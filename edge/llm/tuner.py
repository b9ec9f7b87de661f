"""Finds the fastest way to run a model on this machine, by trying: threads, layout of weights, attention, batches.

Each of these is a race of its own by successive halving, with the others as they are known by then: they hardly depend
on each other, and all of them together would be hundreds of candidates. Whatever races cost is bounded by a time
budget, of which each race has its share; what one leaves goes to the next.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from edge.llm.beside import SHARE, Speech
from edge.llm.errors import LlmError
from edge.llm.fast_path import tensor_types
from edge.llm.process import WorkerDied
from edge.llm.races import PROMPTS, Contest, Races, Wanted, within
from edge.llm.rig import Rig
from edge.models import GgufHeader, StoredModel
from edge.tuning import Hardware, LoadMode, Plan, PlanError, Setting, fit
from edge.tuning.outcome import Outcome
from edge.tuning.recommend import COMFORTABLE_CTX
from edge.tuning.results import Tuned
from edge.tuning.search import Halving, attentions, batches, first_setting, layouts, thread_counts

log = logging.getLogger(__name__)

SECONDS: Final = 45.0
LEAST_SECONDS: Final = 5.0
SHARES: Final = (0.16, 0.3, 0.5, 0.66, 0.88, 0.94, 1.0)
"""Of the time, by when each race is to be over."""
TRIAL_CTX: Final = 512
"""Enough for every trial: what a larger one has of memory is not read."""
LAST_TOKENS: Final = (4, 16)
LAST_S: Final = 2.0
"""About how long the last trial reads, and writes, for."""
BATCH_GAIN: Final = 0.05
"""What another batch must gain: it costs memory, and few trials of it find time."""
LOADING_SHARE: Final = 0.35
"""Of the budget that reading weights again and again may take."""

_Arm = TypeVar("_Arm")
Progress = Callable[[str, float], None]
"""Told what is tried, and which share of the time is gone."""


class TuneError(LlmError):
    """The model can't be tuned; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Task:
    """What to tune, and within which bounds."""

    model: StoredModel
    header: GgufHeader
    hardware: Hardware
    seconds: float = SECONDS
    """For everything, loading included; a slow disk can take more."""
    memory_bytes: int | None = None
    """The most the worker may take; None for what is left."""
    n_ctx: int | None = None
    n_threads: int | None = None
    """Kept where a person has set them."""
    fast_path: bool = True
    """Whether the library's fast path may be used."""
    fast_path_known: bool = True
    """Whether it is known to compute the right thing."""
    beside: float = SHARE
    """The share of a core that something else takes meanwhile."""


async def tune(task: Task, progress: Progress = lambda _what, _share: None) -> Outcome:
    """Measure until the time is up or all is clear. Raises `LlmError` (`TuneError`) and `PlanError`."""
    if task.seconds < LEAST_SECONDS:
        raise TuneError(f"{task.seconds:g} s are too short to measure anything: give it at least {LEAST_SECONDS:g} s")
    # In a thread, since it reads the boards' profiles the first time.
    guessed = await asyncio.to_thread(_fit, task, None)

    def tell(what: str, elapsed_s: float) -> None:
        progress(what, min(1.0, elapsed_s / task.seconds))

    tell("loading", 0.0)
    with Speech(task.beside):
        async with Rig(task.model, guessed.ceiling_bytes) as rig:
            return await _Tuner(task, guessed, rig, Races(rig, min(TRIAL_CTX, guessed.n_ctx), tell), tell).run()


class _Tuner:
    def __init__(self, task: Task, guessed: Plan, rig: Rig, races: Races, tell: Progress) -> None:
        self._task = task
        self._guessed = guessed
        self._rig = rig
        self._races = races
        self._tell = tell
        self._notices: list[str] = []
        self._fast_path_off = ""

    async def run(self) -> Outcome:
        """Race after race, then the chosen setting as it will run."""
        start = setting = await self._begin()
        ends = iter(self._ends())
        counts = [self._task.n_threads] if self._task.n_threads else thread_counts(self._task.hardware)
        writers, readers = Halving(counts), Halving(counts)
        setting = await self._threads("threads", writers, setting, next(ends))
        setting = await self._threads_batch("threads_batch", readers, setting, next(ends))
        before = setting
        setting = await self._layout(setting, next(ends))
        setting = await self._attention(setting, next(ends))
        setting = await self._batches(setting, next(ends))
        if setting != before:
            again = Halving(_near(writers, counts)), Halving(_near(readers, counts))
            setting = await self._threads("threads_again", again[0], setting, next(ends))
            setting = await self._threads_batch("threads_batch_again", again[1], setting, next(ends))
        return await self._end(setting, start)

    async def _begin(self) -> Setting:
        """Load, and see how fast things are at all."""
        task, guessed = self._task, self._guessed.setting
        repack = task.fast_path and guessed.repack
        if repack and not task.fast_path_known and (wrong := await self._rig.check(_types(task), guessed)):
            self._notices.append(f"the fast path of this build of llama.cpp is not used ({wrong})")
            self._fast_path_off, repack = wrong, False
        began = self._races.elapsed
        try:
            setting = await self._load_first(repack)
        except WorkerDied as death:
            if not repack:
                raise
            self._notices.append(f"the fast path of this build of llama.cpp is not used ({death})")
            setting = await self._load_first(repack=False)
        took, left = self._races.elapsed - began, task.seconds - self._races.elapsed - self._rig.load_s
        rates = await self._races.first(setting, max(left / 3, 0.5))
        if left <= 0 or not rates.tokens_per_s or not rates.prompt_tokens_per_s:
            raise TuneError(
                f"{task.seconds:g} s are too short for {task.model.name} here: loading it took {took:.0f} s, and a "
                f"first trial found too little time; give it --seconds {max(SECONDS, 3 * task.seconds):.0f}"
            )
        return setting

    async def _load_first(self, repack: bool) -> Setting:
        guessed = self._guessed.setting
        setting = first_setting(self._task.hardware, guessed.n_threads, guessed.n_threads_batch, repack=repack)
        if self._plan(setting) is None:
            setting = replace(guessed, flash_attn=True, repack=guessed.repack and repack)
        await self._rig.load(setting, min(TRIAL_CTX, self._guessed.n_ctx))
        return setting

    def _ends(self) -> list[float]:
        """By when each race is to be over: the last trial, which loads into a fresh worker, needs its time as well."""
        spent, pace = self._races.elapsed, self._races.pace
        prompt, tokens = self._last_size()
        last_s = prompt / pace.prompt_tokens_per_s + tokens / pace.tokens_per_s + 0.5
        self._races.last_call = end = max(self._task.seconds - self._rig.load_s * 1.5 - last_s, spent)
        return [spent + (end - spent) * share for share in SHARES]

    async def _threads(self, stage: str, race: Halving[int], setting: Setting, until: float) -> Setting:
        def variant(count: int) -> Setting:
            return replace(setting, n_threads=count)

        best = await self._races.run(Contest(stage, race, variant, Wanted.WRITING, passes=2), until)
        return variant(best) if best else setting

    async def _threads_batch(self, stage: str, race: Halving[int], setting: Setting, until: float) -> Setting:
        def variant(count: int) -> Setting:
            return replace(setting, n_threads_batch=count)

        best = await self._races.run(Contest(stage, race, variant, Wanted.READING, passes=2), until)
        return variant(best) if best else setting

    async def _layout(self, setting: Setting, until: float) -> Setting:
        """How weights lie. Each visit reads them all, so that each is used for several trials."""

        def variant(layout: tuple[LoadMode, bool]) -> Setting:
            return replace(setting, load_mode=layout[0], repack=layout[1])

        first = (setting.load_mode, setting.repack)
        every = self._roomy([first, *layouts(self._task.hardware, repack=setting.repack)], variant)
        if 2 * len(every) * self._rig.load_s > self._task.seconds * LOADING_SHARE:
            self._notices.append(f"other layouts of weights were not tried: loading took {self._rig.load_s:.0f} s")
            return setting
        best = await self._races.run(Contest("layout", Halving(every), variant, Wanted.TURNS, 2, 2), until)
        return variant(best) if best else setting

    async def _attention(self, setting: Setting, until: float) -> Setting:
        def variant(attention: tuple[bool, str]) -> Setting:
            return replace(setting, flash_attn=attention[0], type_k=attention[1], type_v=attention[1])

        race = Halving(self._roomy(attentions(), variant))
        best = await self._races.run(Contest("attention", race, variant, Wanted.TURNS, passes=2), until)
        return variant(best) if best else setting

    async def _batches(self, setting: Setting, until: float) -> Setting:
        def variant(batch: tuple[int, int]) -> Setting:
            return replace(setting, n_batch=batch[0], n_ubatch=batch[1])

        every = self._roomy(batches(), variant)
        largest = max(batch for batch, _ in every)
        if (until - self._races.elapsed) * self._races.pace.prompt_tokens_per_s < 1.5 * largest * len(every):
            self._notices.append("other batches were not tried: there was too little time left to read long prompts")
            return setting
        contest = Contest("batch", Halving(every, BATCH_GAIN), variant, Wanted.READING, prompt=largest)
        best = await self._races.run(contest, until)
        return variant(best) if best else setting

    def _roomy(self, arms: Iterable[_Arm], variant: Callable[[_Arm], Setting]) -> list[_Arm]:
        """The candidates that leave room for as much context as any of them, or as a conversation needs."""
        plans = {arm: plan for arm in arms if (plan := self._plan(variant(arm)))}
        most = min(COMFORTABLE_CTX, max((plan.n_ctx for plan in plans.values()), default=0))
        return [arm for arm, plan in plans.items() if plan.n_ctx >= most]

    async def _end(self, setting: Setting, start: Setting) -> Outcome:
        """Run the chosen one as it will be run: in a fresh worker, with its whole context."""
        races = self._races
        self._tell("last", races.elapsed)
        chosen = self._plan(setting) or self._plan(start) or self._guessed
        await self._rig.renew()
        await self._rig.load(chosen.setting, chosen.n_ctx)
        prompt, tokens = self._last_size()
        rates = await races.last(chosen.setting, chosen.n_ctx, min(prompt, chosen.n_ctx // 2), tokens)
        if not rates.tokens_per_s or not rates.prompt_tokens_per_s:
            raise TuneError(
                f"{self._task.model.name} became slow while it was measured: "
                "something else keeps this machine busy; try again when it is quiet"
            )
        tuned = Tuned(
            setting=chosen.setting,
            tokens_per_s=rates.tokens_per_s,
            prompt_tokens_per_s=rates.prompt_tokens_per_s,
            n_ctx=chosen.n_ctx,
            predicted_bytes=chosen.predicted_bytes,
            measured_bytes=(await self._rig.look()).resident_bytes,
            measured_at=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        outcome = Outcome(
            self._task.hardware,
            self._guessed,
            chosen,
            tuned,
            tuple(races.trials),
            round(races.elapsed, 2),
            tuple(self._notices),
            self._fast_path_off,
        )
        log.info("llm.tuned", extra=_facts(self._task, outcome))
        return outcome

    def _last_size(self) -> tuple[int, int]:
        """Tokens of the last trial's prompt, and after it."""
        pace = self._races.pace
        return (
            within(PROMPTS, int(pace.prompt_tokens_per_s * LAST_S)),
            within(LAST_TOKENS, int(pace.tokens_per_s * LAST_S)),
        )

    def _plan(self, setting: Setting) -> Plan | None:
        """The plan with this setting; None where memory does not hold it."""
        try:
            plan = _fit(self._task, setting)
        except PlanError:
            return None
        return plan if plan.setting == setting else None


def _fit(task: Task, tuned: Setting | None) -> Plan:
    return fit(
        task.header,
        task.hardware,
        memory_bytes=task.memory_bytes,
        n_ctx=task.n_ctx,
        n_threads=None if tuned else task.n_threads,
        repack=task.fast_path,
        tuned=tuned,
    )


def _types(task: Task) -> list[str]:
    return tensor_types(task.header)


def _near(race: Halving[int], counts: list[int]) -> list[int]:
    """The finalists and their neighbours."""
    near = {counts.index(count) + step for count in race.alive for step in (-1, 0, 1)}
    return [count for index, count in enumerate(counts) if index in near]


def _facts(task: Task, outcome: Outcome) -> dict[str, Any]:
    return {
        "model": task.model.name,
        "n_threads": outcome.chosen.n_threads,
        "n_threads_batch": outcome.chosen.n_threads_batch,
        "tokens_per_s": outcome.tuned.tokens_per_s,
        "prompt_tokens_per_s": outcome.tuned.prompt_tokens_per_s,
        "trials": len(outcome.trials),
        "elapsed_s": outcome.elapsed_s,
    }
