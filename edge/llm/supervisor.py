"""Keeps a worker running for the model in use: chooses, plans, checks, loads, and starts again what died."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from edge.errors import EdgeError
from edge.llm.errors import LlmError
from edge.llm.fast_path import Verdicts, tensor_types, verdict_key
from edge.llm.options import Options, State, instructed
from edge.llm.process import WorkerDied, WorkerProcess
from edge.llm.spawn import started_worker
from edge.llm.tools import Toolbox
from edge.models import GgufHeader, ModelStore, StoredModel
from edge.tuning import Hardware, Plan, fit, probe
from edge.tuning.library import library_digest, library_missing, machine_digest
from edge.tuning.results import contents_digest, kept

log = logging.getLogger(__name__)

STEADY_S: Final = 60.0
"""A worker that lived this long was healthy: the next restart waits no longer than the first."""
SERVED_RESTART_S: Final = 2.0
"""One that had been ready is back after this at the latest: loading it is known to work."""
RETRY_S: Final = 60.0
"""How often a model that did not fit, or was refused, is looked at again while nothing changes."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The model to run, and how."""

    model: StoredModel
    header: GgufHeader
    plan: Plan
    identity: str
    """What tells its contents, this library and this machine from others."""
    key: str
    """What a verdict on the library's path that the plan takes, fast or plain, holds for."""
    unchecked: bool
    """Whether that path has yet to be tried on this machine."""
    wrong: str
    """What that path computes wrongly, as is known; it is the plain one, and there is no other."""
    fast_path_off: str
    """Why the fast path is not used; empty when it is, or there is no reason to."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is to run in place of the model in use as it is planned; that, where nothing is given."""

    model: StoredModel | None = None
    plan: Plan | None = None
    loaded: bool = True
    why_not: str | None = None
    """Why nothing is to be loaded, for people; None where asking is enough to have it loaded."""


class Supervisor:
    """Runs the model in use, again after it died, another one when the choice changes or a target says so."""

    def __init__(self, store: ModelStore, options: Options, state: Path | None) -> None:
        self._store = store
        self._options = options
        self._state = state
        self._cache = state / "prefixes" if state else None
        self._verdicts = Verdicts(state)
        self._suspected = ""
        self._served = False
        self.state = State.LOADING
        self.reason: str | None = None
        self.base: Choice | None = None
        """The model in use, as it was planned for the memory there was."""
        self.choice: Choice | None = None
        """What runs now."""
        self.target = Target()
        self.adjusting = False
        """Whether another target is being brought about; answers wait for that, they don't fail."""
        self.most_threads: int | None = None
        self._chosen: StoredModel | None = None
        self._aimed = asyncio.Event()
        self._aside: str | None = None
        self._tried = self._reached = self.target
        self.toolbox: Toolbox | None = None
        """The tools that were asked with last, for what is read before the next question."""
        self.worker: WorkerProcess | None = None
        """The worker, once it can answer."""
        self.process: WorkerProcess | None = None
        """The last one that was started, whatever has become of it."""
        self.fast_path_off = ""
        """Why the library's fast path is not used; empty when it is."""
        self.wrong = ""
        """What the library computes wrongly on this machine, whatever path it takes."""
        self.restarts = 0
        self.making_way = False
        """Whether the worker was ended because something else is to run: a target comes, nothing is planned anew."""
        self.changed = asyncio.Condition()

    async def become(self, state: State, reason: str | None) -> None:
        """Enter a state, and tell who waits for one."""
        async with self.changed:
            self.state, self.reason = state, reason
            self.changed.notify_all()

    async def aim(self, target: Target) -> None:
        """Run what the target says; returns once it runs, rests or has failed. Nobody may use the worker meanwhile."""
        self.adjusting, self.target = True, target
        self._aimed.set()
        try:
            async with self.changed:
                await self.changed.wait_for(lambda: self._reached is target or self.target is not target)
        finally:
            self.adjusting = False
            async with self.changed:
                self.changed.notify_all()

    @asynccontextmanager
    async def aside(self, why: str) -> AsyncIterator[None]:
        """Nothing is loaded for the length of the block. Raises `LlmError` where that is so already."""
        if self._aside is not None:
            raise LlmError("the language model stands aside for another command already: wait until that has ended")
        self._aside = why
        self._aimed.set()
        try:
            async with self.changed:
                await self.changed.wait_for(lambda: self.worker is None and self.reason == why)
            yield
        finally:
            self._aside = None
            self._plan_anew()
            self._aimed.set()

    async def limit_threads(self, most: int | None) -> None:
        """Compute with no more threads than that from the next token on; None for as many as are planned."""
        self.most_threads = most
        await self._limit()

    @property
    def threads(self) -> tuple[int, int]:
        """For generation and for prompts, now; 0 while nothing is chosen."""
        plan = self.choice.plan if self.choice else None
        if plan is None:
            return 0, 0
        most = self.most_threads or max(plan.n_threads, plan.n_threads_batch)
        return min(plan.n_threads, most), min(plan.n_threads_batch, most)

    async def run(self) -> None:
        """Supervise until cancelled; a fault of ours is logged, and costs the house its talk and nothing else."""
        try:
            await self._supervise()
        except Exception as error:
            log.exception("llm.fault")
            self.base, self._tried = None, self.target
            await self._reach(State.FAILED, f"there is a fault in the service ({error}): see its log")

    async def _supervise(self) -> None:
        delay = self._options.first_restart_s
        while True:
            if self._aside is not None:
                await self._reach(State.UNLOADED, self._aside)
                await self._aimed.wait()
                self._aimed.clear()
                continue
            choice = await self._choose()
            if choice is None:
                continue
            if not self._tried.loaded:
                await self._reach(State.UNLOADED, self._tried.why_not)
                await self._await_change(self._chosen, None)
                continue
            began, self._served = time.monotonic(), False
            try:
                await self._run(choice)
                delay = self._options.first_restart_s
            except _WrongValuesError as error:
                await self._fast_path_fails(choice, str(error))
            except WorkerDied as death:
                if death.crashed_at_start and choice.plan.repack:
                    log.warning("llm.fast_path_crashed", extra={"model": choice.model.name, "why": str(death)})
                    self._suspected = str(death)
                    continue
                self._suspected = ""  # it was not to blame where it crashes without it as well
                if time.monotonic() - began > STEADY_S:
                    delay = self._options.first_restart_s
                self.restarts += 1
                log.warning("llm.died", extra={"model": choice.model.name, "why": str(death), "restart_s": delay})
                await self._reach(State.FAILED, f"{death}; it is started again in {delay:g} s")
                if self.making_way:
                    self.making_way = False
                elif self.base is not None and self.target.plan == self.base.plan:
                    self._plan_anew()
                await self._aimed_within(delay)
                delay = min(delay * 2, SERVED_RESTART_S if self._served else self._options.slowest_restart_s)
            except LlmError as error:
                log.warning("llm.failed", extra={"model": choice.model.name, "why": str(error)})
                await self._reach(State.FAILED, str(error))
                await self._await_change(self._chosen, RETRY_S)

    async def _choose(self) -> Choice | None:
        """What the target says, planned; None after waiting where there is no model, or it can't be used."""
        chosen: StoredModel | None = None
        self._aimed.clear()
        self._tried = self.target
        try:
            chosen = await asyncio.to_thread(self._store.chosen, self._options.model)
            if _identity(chosen) != _identity(self._chosen):
                self._plan_anew()
                self.base = None
            self._chosen = chosen
            if chosen is None:
                await self._reach(State.ABSENT, None)
                await self._await_change(None, None)
                return None
            target = self._tried = self.target
            if target.loaded:
                await self.become(State.LOADING, None)
            choice = await asyncio.to_thread(self._plan, target.model or chosen, target.plan)
        except EdgeError as error:
            if self.reason != str(error):
                log.warning("llm.refused", extra={"model": chosen.name if chosen else None, "why": str(error)})
            await self._reach(State.FAILED, str(error))
            await self._await_change(chosen, RETRY_S)
            return None
        if target.plan is None:
            self.base = choice
        return choice

    def _plan_anew(self) -> None:
        """With what is known of this machine, and for the memory that there is, by then."""
        self.target = Target(loaded=self.target.loaded, why_not=self.target.why_not)

    async def _reach(self, state: State, reason: str | None) -> None:
        """Enter a state in which the target that was tried is reached, or can't be."""
        self._reached = self._tried
        await self.become(state, reason)

    def _plan(self, model: StoredModel, given: Plan | None = None) -> Choice:
        if missing := library_missing():
            raise LlmError(missing)
        checked = self._store.check(model)
        header = self._store.header(checked)
        hardware = probe()
        fast = self._verdicts.of(verdict_key(header, hardware, fast=True))
        off = self._suspected or (fast.why if fast and not fast.works else "")
        if given:
            plan = replace(given, repack=given.repack and not off)
        else:
            plan = self._fitted(checked, header, hardware, not off)
        key = verdict_key(header, hardware, fast=plan.repack)
        verdict = self._verdicts.of(key)
        return Choice(
            model=checked,
            header=header,
            plan=plan,
            identity=f"{contents_digest(checked)} {library_digest()} {machine_digest(hardware)}",
            key=key,
            unchecked=verdict is None,
            wrong=verdict.why if verdict else "",
            fast_path_off=off,
        )

    def _fitted(self, model: StoredModel, header: GgufHeader, hardware: Hardware, repack: bool) -> Plan:
        options = self._options
        return fit(
            header,
            hardware,
            memory_bytes=options.memory_bytes,
            n_ctx=options.n_ctx,
            n_threads=options.n_threads,
            repack=repack,
            tuned=kept(self._state, hardware, model, options.memory_bytes),
        )

    async def _run(self, choice: Choice) -> None:
        """Serve until another model is to run, or none; raises `WorkerDied`, `_WrongValuesError` or `LlmError`."""
        self.choice, self.fast_path_off, self.wrong = choice, choice.fast_path_off, choice.wrong
        async with started_worker(choice.plan.ceiling_bytes) as worker:
            self.process = worker
            try:
                wrong = await self._load(worker, choice)
                await self._judge(choice, wrong)
                while True:
                    await worker.prime(instructed(self._options.instructions, self.toolbox), self.toolbox)
                    self.worker = worker
                    await self._limit()
                    await self._reach(State.READY, None)
                    self._served = True
                    log.info("llm.ready", extra=_facts(choice, worker))
                    await self._until_gone_or_changed(worker)
                    plan = self._other_plan(choice)
                    if plan is None:
                        break
                    choice = replace(choice, plan=plan, unchecked=False)
                    await self._load(worker, choice)
                    self.choice = choice
            finally:
                self.worker = None
                self.choice = None
                self.state = State.LOADING
        log.info("llm.unloaded", extra={"model": choice.model.name})

    def _other_plan(self, choice: Choice) -> Plan | None:
        """Another plan for the same model, if that is all that was aimed at: its weights can stay where they are."""
        target = self.target
        if not self._aimed.is_set() or not target.loaded or target.plan is None or target.model is None:
            return None
        if self._aside is not None or _identity(target.model) != _identity(choice.model):
            return None
        self._aimed.clear()
        self._tried = target
        return replace(target.plan, repack=choice.plan.repack)

    async def _limit(self) -> None:
        if self.worker is not None:
            with contextlib.suppress(LlmError):
                await self.worker.set_threads(*self.threads)

    async def _load(self, worker: WorkerProcess, choice: Choice) -> str:
        """Load the model; says what is computed wrongly, where that was looked at."""
        wrong = ""
        if choice.unchecked:
            wrong = (await worker.check(tensor_types(choice.header), choice.plan)).wrong
            if wrong and choice.plan.repack:
                return wrong
        await worker.load(
            choice.model.path,
            choice.plan,
            identity=choice.identity,
            cache=self._cache,
            cache_bytes=self._options.cache_bytes,
            verify=choice.unchecked,
        )
        return wrong or worker.doubt

    async def _judge(self, choice: Choice, wrong: str) -> None:
        """Keep what loading said of the library's paths; raises `_WrongValuesError` where the fast one is to be left.

        A crash is held against the fast path only now, when the plain one has not crashed.
        """
        if wrong and choice.plan.repack:
            raise _WrongValuesError(wrong)
        if self._suspected:
            await self._fast_path_fails(choice, self._suspected)
        if choice.unchecked:
            await asyncio.to_thread(self._verdicts.remember, choice.key, not wrong, wrong)
            self.wrong = wrong
        if self.wrong:
            log.error("llm.wrong_values", extra={"model": choice.model.name, "why": self.wrong})

    async def _fast_path_fails(self, choice: Choice, why: str) -> None:
        self._suspected = ""
        log.warning("llm.fast_path_off", extra={"model": choice.model.name, "why": why})
        key = await asyncio.to_thread(lambda: verdict_key(choice.header, probe(), fast=True))
        await asyncio.to_thread(self._verdicts.remember, key, False, why)

    async def _until_gone_or_changed(self, worker: WorkerProcess) -> None:
        change = asyncio.create_task(self._await_change(self._chosen, None))
        gone = asyncio.create_task(worker.gone.wait())
        try:
            await asyncio.wait((change, gone), return_when=asyncio.FIRST_COMPLETED)
        finally:
            change.cancel()
            gone.cancel()
            await asyncio.gather(change, gone, return_exceptions=True)
        if worker.gone.is_set():
            raise worker.obituary()

    async def _await_change(self, known: StoredModel | None, at_most_s: float | None) -> None:
        """Return once the store has another model in use than `known`, a target is aimed at, or the time is up."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(at_most_s):
                while not await self._aimed_within(self._options.poll_s):
                    with contextlib.suppress(EdgeError):
                        current = await asyncio.to_thread(self._store.chosen, self._options.model)
                        if _identity(current) != _identity(known):
                            return

    async def _aimed_within(self, seconds: float) -> bool:
        """Wait so long, less where a target is aimed at; whether one is."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._aimed.wait()
        return self._aimed.is_set()


class _WrongValuesError(LlmError):
    """The library's fast path computes something else than it should; the message says what."""


def _facts(choice: Choice, worker: WorkerProcess) -> dict[str, object]:
    return {
        "model": choice.model.name,
        "n_ctx": choice.plan.n_ctx,
        "n_threads": choice.plan.n_threads,
        "load_s": worker.load_s,
        "ceiling": worker.ceiling,
        "ceiling_bytes": choice.plan.ceiling_bytes,
        "notice": worker.notice,
    }


def _identity(model: StoredModel | None) -> object:
    """What tells one model from another: its digest, or its file where it has none."""
    return model and (model.sha256 or (model.path, model.size_bytes, model.mtime_ns))
