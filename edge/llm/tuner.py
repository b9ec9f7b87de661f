"""Finds the fastest way to run a model on this machine, by trying: threads, layout of weights, attention, batches.

Each of these is a race of its own by successive halving, with the others as they are known by then: they hardly depend
on each other, and all of them together would be hundreds of candidates. Whatever races cost is bounded by a time
budget, of which each race has its share.
"""

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from statistics import median
from typing import Any, Final, TypeVar

from edge.llm.beside import SHARE, Speech
from edge.llm.errors import LlmError
from edge.llm.fast_path import tensor_types
from edge.llm.rig import Rig
from edge.models import GgufHeader, StoredModel
from edge.tuning import Defaults, Hardware, LoadMode, Plan, PlanError, Setting, fit
from edge.tuning.outcome import Outcome, Rates, Tried
from edge.tuning.recommend import COMFORTABLE_CTX
from edge.tuning.results import Tuned
from edge.tuning.search import Halving, attentions, batches, first_setting, layouts, thread_counts

log = logging.getLogger(__name__)

SECONDS: Final = 45.0
LEAST_SECONDS: Final = 5.0
TRIAL_CTX: Final = 512
"""Enough for every trial: what a larger one has of memory is not read."""
LAST_PROMPT: Final = 256
LAST_TOKENS: Final = 16
TURN: Final = (48, 48)
"""A turn of a conversation, in tokens: a question, whose beginning is in memory, and an answer."""
DEPTHS: Final = (16, 128)
"""Tokens in memory while generation is timed, at least and at most."""
TOKENS: Final = (3, 32)
PROMPTS: Final = (32, 256)
"""A trial's size in tokens, at least and at most: as long as its slot of time allows."""
LOADING_SHARE: Final = 0.35
"""Of the budget that reading weights again and again may take."""
PATIENCE: Final = 4.0
LEAST_PATIENCE_S: Final = 0.5
"""A trial that takes so many times what others took is stopped: it has lost."""
RECENT: Final = 7
DEPTH_NUMBER: Final = -2

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
    defaults: Defaults | None = None
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
    guessed = _fit(task, None)
    with Speech(task.beside):
        async with Rig(task.model, guessed.ceiling_bytes) as rig:
            return await _Tuner(task, guessed, rig, progress).run()


class _Tuner:
    def __init__(self, task: Task, guessed: Plan, rig: Rig, progress: Progress) -> None:
        self._task = task
        self._guessed = guessed
        self._rig = rig
        self._progress = progress
        self._began = time.monotonic()
        self._trials: list[Tried] = []
        self._notices: list[str] = []
        self._seen: list[Rates] = []
        self._prompts = 0
        self._last_call = task.seconds
        self._depth = DEPTHS[0]
        self._n_ctx = min(TRIAL_CTX, guessed.n_ctx)

    async def run(self) -> Outcome:
        """Race after race, then the chosen setting as it will run."""
        setting = await self._begin()
        threads = self._thread_counts()
        spent = self._elapsed
        # The last trial loads once more, into a fresh worker.
        end = self._last_call = max(self._task.seconds - self._rig.load_s * 1.5 - self._last_s(), spent)
        stages = [spent + (end - spent) * share for share in (0.2, 0.35, 0.6, 0.75, 0.9, 1.0)]

        writers = Halving(threads)
        setting = await self._threads("threads", writers, setting, stages[0])
        readers = Halving(threads)
        setting = await self._threads_batch("threads_batch", readers, setting, stages[1])
        before = setting
        setting = await self._layout(setting, stages[2])
        setting = await self._attention(setting, stages[3])
        setting = await self._batches(setting, stages[4])
        if setting != before:
            half = (stages[5] + self._elapsed) / 2
            setting = await self._threads("threads_again", Halving(self._again(threads, writers)), setting, half)
            setting = await self._threads_batch(
                "threads_batch_again", Halving(self._again(threads, readers)), setting, stages[5]
            )
        return await self._end(setting)

    async def _begin(self) -> Setting:
        """Load, and see how fast things are at all."""
        self._tell("loading")
        guessed = self._guessed.setting
        repack = self._task.fast_path and self._guessed.repack
        if repack and not self._task.fast_path_known:
            wrong = await self._rig.check(tensor_types(self._task.header), guessed)
            if wrong:
                self._notices.append(f"the fast path of this build of llama.cpp is not used ({wrong})")
                repack = False
        setting = first_setting(self._task.hardware, guessed.n_threads, guessed.n_threads_batch, repack=repack)
        if self._plan(setting) is None:
            setting = replace(guessed, flash_attn=True)
        await self._rig.load(setting, self._n_ctx)
        left = self._task.seconds - self._elapsed - self._rig.load_s
        rates = await self._rig.measure(PROMPTS[0], TOKENS[0], number=self._number(), limit_s=max(left / 3, 0.5))
        self._record("first", setting, rates)
        # The same for all, though the pace may change.
        self._depth = _within(DEPTHS, int(rates.prompt_tokens_per_s / 2) // 16 * 16)
        if not rates.tokens_per_s or left <= 0:
            raise TuneError(
                f"{self._task.seconds:g} s are too short for {self._task.model.name}: loading it took "
                f"{self._rig.load_s:.1f} s, and a first trial did not end; give it --seconds {self._wanted():.0f}"
            )
        return setting

    def _wanted(self) -> float:
        return max(SECONDS, 3 * self._task.seconds, 8 * self._rig.load_s)

    def _thread_counts(self) -> list[int]:
        return [self._task.n_threads] if self._task.n_threads else thread_counts(self._task.hardware)

    @staticmethod
    def _again(counts: list[int], race: Halving[int]) -> list[int]:
        """Those that came near, and their neighbours."""
        near = {counts.index(count) + step for count in race.alive for step in (-1, 0, 1)}
        return [count for index, count in enumerate(counts) if index in near]

    async def _threads(self, stage: str, race: Halving[int], setting: Setting, until: float) -> Setting:
        def variant(count: int) -> Setting:
            return replace(setting, n_threads=count)

        best = await self._race(stage, race, variant, _writing, until, passes=2, writes=True)
        return variant(best) if best else setting

    async def _threads_batch(self, stage: str, race: Halving[int], setting: Setting, until: float) -> Setting:
        def variant(count: int) -> Setting:
            return replace(setting, n_threads_batch=count)

        best = await self._race(stage, race, variant, _reading, until, passes=2, reads=True)
        return variant(best) if best else setting

    async def _layout(self, setting: Setting, until: float) -> Setting:
        """How weights lie. Each visit reads them all, so that each is used for several trials."""

        def variant(layout: tuple[LoadMode, bool]) -> Setting:
            return replace(setting, load_mode=layout[0], repack=layout[1])

        repack = setting.repack and self._task.fast_path
        first = (setting.load_mode, setting.repack)
        every = self._roomy([first, *layouts(self._task.hardware, repack=repack)], variant)
        if 2 * len(every) * self._rig.load_s > self._task.seconds * LOADING_SHARE:
            self._notices.append(f"other layouts of weights were not tried: loading took {self._rig.load_s:.0f} s")
            return setting
        best = await self._race(
            "layout", Halving(every), variant, _turn, until, passes=1, repeats=3, reads=True, writes=True
        )
        return variant(best) if best else setting

    async def _attention(self, setting: Setting, until: float) -> Setting:
        def variant(attention: tuple[bool, str]) -> Setting:
            return replace(setting, flash_attn=attention[0], type_k=attention[1], type_v=attention[1])

        race = Halving(self._roomy(attentions(), variant))
        best = await self._race("attention", race, variant, _turn, until, passes=1, repeats=2, reads=True, writes=True)
        return variant(best) if best else setting

    async def _batches(self, setting: Setting, until: float) -> Setting:
        def variant(batch: tuple[int, int]) -> Setting:
            return replace(setting, n_batch=batch[0], n_ubatch=batch[1])

        every = self._roomy(batches(), variant)
        largest = max(batch for batch, _ in every)
        if (until - self._elapsed) * self._pace.prompt_tokens_per_s < 1.5 * largest * len(every):
            self._notices.append("other batches were not tried: prompts are read too slowly for that")
            return setting
        best = await self._race("batch", Halving(every), variant, _reading, until, passes=1, reads=True, prompt=largest)
        return variant(best) if best else setting

    def _roomy(self, arms: Iterable[_Arm], variant: Callable[[_Arm], Setting]) -> list[_Arm]:
        """The candidates that leave room for as much context as any of them, or as a conversation needs."""
        plans = {arm: plan for arm in arms if (plan := self._plan(variant(arm)))}
        most = min(COMFORTABLE_CTX, max((plan.n_ctx for plan in plans.values()), default=0))
        return [arm for arm, plan in plans.items() if plan.n_ctx >= most]

    async def _race(
        self,
        stage: str,
        race: Halving[_Arm],
        variant: Callable[[_Arm], Setting],
        score: Callable[[Rates], float],
        until: float,
        *,
        passes: int,
        repeats: int = 1,
        reads: bool = False,
        writes: bool = False,
        prompt: int | None = None,
    ) -> _Arm | None:
        """Measure, cut, measure what is left; ends when all is clear, or at `until` once everyone has had a go."""
        everyone = False
        while not race.settled and self._elapsed < until:
            slot = (until - self._elapsed) / (race.rounds_left * passes * repeats * max(1, len(race.alive)))
            size = self._size(slot, reads, writes, prompt)
            for arm in [arm for _ in range(passes) for arm in race.order()]:
                if arm not in race.alive:
                    continue
                if self._elapsed >= (until if everyone else self._last_call):
                    # Before everyone has had a go, nobody can have won.
                    return race.best if everyone else None
                self._tell(stage)
                try:
                    await self._visit(stage, race, arm, variant(arm), score, size, repeats)
                except LlmError as error:
                    self._record(stage, variant(arm), Rates(), str(error))
                    race.drop(arm)
            everyone = True
            race.cut()
        return race.best

    async def _visit(
        self,
        stage: str,
        race: Halving[_Arm],
        arm: _Arm,
        setting: Setting,
        score: Callable[[Rates], float],
        size: tuple[int, int],
        repeats: int,
    ) -> None:
        await self._rig.load(setting, self._n_ctx)
        prompt, tokens = size
        for _ in range(repeats):
            number = self._number()
            limit_s = self._patience(prompt, tokens)
            if score is _writing:
                # What stands before the words is read once, and not timed.
                number = DEPTH_NUMBER
                await self._rig.measure(prompt, 0, number=number, limit_s=limit_s)
            rates = await self._rig.measure(prompt, tokens, number=number, limit_s=limit_s)
            self._record(stage, setting, rates)
            race.note(arm, score(rates))

    @property
    def _pace(self) -> Rates:
        """About how fast it is here and now."""
        reads = [rates.prompt_tokens_per_s for rates in self._seen if rates.prompt_tokens_per_s][-RECENT:]
        writes = [rates.tokens_per_s for rates in self._seen if rates.tokens_per_s][-RECENT:]
        return Rates(median(reads), median(writes)) if reads and writes else Rates()

    def _patience(self, prompt: int, tokens: int) -> float:
        """Seconds after which a trial is stopped."""
        pace = self._pace
        return max(LEAST_PATIENCE_S, PATIENCE * (prompt / pace.prompt_tokens_per_s + tokens / pace.tokens_per_s))

    def _size(self, slot_s: float, reads: bool, writes: bool, prompt: int | None) -> tuple[int, int]:
        """Tokens of a trial's prompt, and after it, that take about the time of a slot."""
        share = slot_s / (1 + (reads and writes))
        tokens = _within(TOKENS, int(share * self._pace.tokens_per_s)) if writes else 0
        pace = self._pace.prompt_tokens_per_s
        if reads:
            return prompt or _within(PROMPTS, int(share * pace) // 16 * 16), tokens
        return self._depth, tokens

    async def _end(self, setting: Setting) -> Outcome:
        """Run the chosen one as it will be run: in a fresh worker, with its whole context."""
        self._tell("last")
        chosen = self._plan(setting) or self._guessed
        await self._rig.renew()
        await self._rig.load(chosen.setting, chosen.n_ctx)
        prompt = _within((PROMPTS[0], LAST_PROMPT), int(self._pace.prompt_tokens_per_s * 2))
        limit_s = 2 * self._patience(prompt, LAST_TOKENS)
        rates = await self._rig.measure(prompt, LAST_TOKENS, number=self._number(), limit_s=limit_s)
        self._record("last", chosen.setting, rates, n_ctx=chosen.n_ctx)
        if not rates.tokens_per_s or not rates.prompt_tokens_per_s:
            raise TuneError(
                f"{self._task.model.name} became slow while it was measured: "
                "something else keeps this machine busy; try again when it is quiet"
            )
        measured = await self._rig.look()
        tuned = Tuned(
            setting=chosen.setting,
            tokens_per_s=rates.tokens_per_s,
            prompt_tokens_per_s=rates.prompt_tokens_per_s,
            n_ctx=chosen.n_ctx,
            predicted_bytes=chosen.predicted_bytes,
            measured_bytes=measured.resident_bytes,
            measured_at=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        log.info("llm.tuned", extra=self._facts(tuned))
        return Outcome(
            self._task.hardware,
            self._guessed,
            chosen,
            tuned,
            tuple(self._trials),
            round(self._elapsed, 2),
            tuple(self._notices),
        )

    def _facts(self, tuned: Tuned) -> dict[str, Any]:
        return {
            "model": self._task.model.name,
            "n_threads": tuned.setting.n_threads,
            "n_threads_batch": tuned.setting.n_threads_batch,
            "tokens_per_s": tuned.tokens_per_s,
            "prompt_tokens_per_s": tuned.prompt_tokens_per_s,
            "trials": len(self._trials),
            "elapsed_s": round(self._elapsed, 1),
        }

    def _last_s(self) -> float:
        """About what the last trial takes."""
        if not self._pace.tokens_per_s or not self._pace.prompt_tokens_per_s:
            return 0.0
        prompt = _within((PROMPTS[0], LAST_PROMPT), int(self._pace.prompt_tokens_per_s * 2))
        return prompt / self._pace.prompt_tokens_per_s + LAST_TOKENS / self._pace.tokens_per_s + 0.5

    def _plan(self, setting: Setting) -> Plan | None:
        """The plan with this setting; None where memory does not hold it."""
        try:
            plan = _fit(self._task, setting)
        except PlanError:
            return None
        return plan if plan.setting == setting else None

    def _number(self) -> int:
        self._prompts += 1
        return self._prompts

    @property
    def _elapsed(self) -> float:
        return time.monotonic() - self._began

    def _tell(self, what: str) -> None:
        self._progress(what, min(1.0, self._elapsed / self._task.seconds))

    def _record(self, stage: str, setting: Setting, rates: Rates, trouble: str = "", n_ctx: int = 0) -> None:
        self._seen.append(rates)
        self._trials.append(Tried(stage, setting, n_ctx or self._n_ctx, round(self._elapsed, 3), rates, trouble))


def _fit(task: Task, tuned: Setting | None) -> Plan:
    return fit(
        task.header,
        task.hardware,
        memory_bytes=task.memory_bytes,
        n_ctx=task.n_ctx,
        n_threads=None if tuned else task.n_threads,
        repack=task.fast_path,
        defaults=task.defaults,
        tuned=tuned,
    )


def _writing(rates: Rates) -> float:
    return rates.tokens_per_s


def _reading(rates: Rates) -> float:
    return rates.prompt_tokens_per_s


def _turn(rates: Rates) -> float:
    """Turns a second."""
    if not rates.prompt_tokens_per_s or not rates.tokens_per_s:
        return 0.0
    return 1 / (TURN[0] / rates.prompt_tokens_per_s + TURN[1] / rates.tokens_per_s)


def _within(bounds: tuple[int, int], value: int) -> int:
    return max(bounds[0], min(bounds[1], value))
