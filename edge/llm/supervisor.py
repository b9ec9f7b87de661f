"""Keeps a worker running for the model in use: chooses, plans, checks, loads, and starts again what died."""

import asyncio
import contextlib
import hashlib
import importlib.util
import logging
import time
from dataclasses import dataclass
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
from edge.tuning import Plan, fit, probe
from edge.tuning.library import library_digest, machine_digest

log = logging.getLogger(__name__)

STEADY_S: Final = 60.0
"""A worker that lived this long was healthy: the next restart waits no longer than the first."""
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


class Supervisor:
    """Runs the model in use, again after it died, another one when the choice changes."""

    def __init__(self, store: ModelStore, options: Options, state: Path | None) -> None:
        self._store = store
        self._options = options
        self._cache = state / "prefixes" if state else None
        self._verdicts = Verdicts(state)
        self._suspected = ""
        self.state = State.LOADING
        self.reason: str | None = None
        self.choice: Choice | None = None
        self.toolbox: Toolbox | None = None
        """The tools that were asked with last, for what is read before the next question."""
        self.worker: WorkerProcess | None = None
        """The worker, once it can answer."""
        self.fast_path_off = ""
        """Why the library's fast path is not used; empty when it is."""
        self.wrong = ""
        """What the library computes wrongly on this machine, whatever path it takes."""
        self.restarts = 0
        self.changed = asyncio.Condition()

    async def become(self, state: State, reason: str | None) -> None:
        """Enter a state, and tell who waits for one."""
        async with self.changed:
            self.state, self.reason = state, reason
            self.changed.notify_all()

    async def run(self) -> None:
        """Supervise until cancelled; a fault of ours is logged, and costs the house its talk and nothing else."""
        try:
            await self._supervise()
        except Exception as error:
            log.exception("llm.fault")
            await self.become(State.FAILED, f"of a fault in the service ({error}): see its log")

    async def _supervise(self) -> None:
        delay = self._options.first_restart_s
        while True:
            choice = await self._choose()
            if choice is None:
                continue
            began = time.monotonic()
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
                await self.become(State.FAILED, f"{death}; it is started again in {delay:g} s")
                await asyncio.sleep(delay)
                delay = min(delay * 2, self._options.slowest_restart_s)
            except LlmError as error:
                log.warning("llm.failed", extra={"model": choice.model.name, "why": str(error)})
                await self.become(State.FAILED, str(error))
                await self._await_change(choice.model, RETRY_S)

    async def _choose(self) -> Choice | None:
        """The model in use and its plan; None after waiting where there is none, or it can't be used."""
        model: StoredModel | None = None
        try:
            model = await asyncio.to_thread(self._store.chosen, self._options.model)
            if model is None:
                await self.become(State.ABSENT, None)
                await self._await_change(None, None)
                return None
            await self.become(State.LOADING, None)
            return await asyncio.to_thread(self._plan, model)
        except EdgeError as error:
            if self.reason != str(error):
                log.warning("llm.refused", extra={"model": model.name if model else None, "why": str(error)})
            await self.become(State.FAILED, str(error))
            await self._await_change(model, RETRY_S)
            return None

    def _plan(self, model: StoredModel) -> Choice:
        if importlib.util.find_spec("llama_cpp") is None:
            raise LlmError("llama-cpp-python is not installed: pip install 'edge-assistant[llm]'")
        checked = self._store.check(model)
        header = self._store.header(checked)
        hardware = probe()
        fast = self._verdicts.of(verdict_key(header, hardware, fast=True))
        off = self._suspected or (fast.why if fast and not fast.works else "")
        options = self._options
        plan = fit(
            header,
            hardware,
            memory_bytes=options.memory_bytes,
            n_ctx=options.n_ctx,
            n_threads=options.n_threads,
            repack=not off,
        )
        key = verdict_key(header, hardware, fast=plan.repack)
        verdict = self._verdicts.of(key)
        return Choice(
            model=checked,
            header=header,
            plan=plan,
            identity=f"{_contents(checked)} {library_digest()} {machine_digest(hardware)}",
            key=key,
            unchecked=verdict is None,
            wrong=verdict.why if verdict else "",
            fast_path_off=off,
        )

    async def _run(self, choice: Choice) -> None:
        """Serve until another model is chosen; raises `WorkerDied`, `_WrongValuesError` or `LlmError`."""
        self.choice, self.fast_path_off, self.wrong = choice, choice.fast_path_off, choice.wrong
        async with started_worker(choice.plan.ceiling_bytes) as worker:
            try:
                wrong = await self._load(worker, choice)
                await self._judge(choice, wrong)
                await worker.prime(instructed(self._options.instructions, self.toolbox), self.toolbox)
                self.worker = worker
                await self.become(State.READY, None)
                log.info("llm.ready", extra=_facts(choice, worker))
                await self._until_gone_or_changed(worker, choice.model)
            finally:
                self.worker = None
                self.choice = None
                self.state = State.LOADING
        log.info("llm.unloaded", extra={"model": choice.model.name})

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

    async def _until_gone_or_changed(self, worker: WorkerProcess, model: StoredModel) -> None:
        change = asyncio.create_task(self._await_change(model, None))
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
        """Return once the store has another model in use than `known`, or the time is up."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(at_most_s):
                while True:
                    await asyncio.sleep(self._options.poll_s)
                    with contextlib.suppress(EdgeError):
                        current = await asyncio.to_thread(self._store.chosen, self._options.model)
                        if _identity(current) != _identity(known):
                            return


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


def _contents(model: StoredModel) -> str:
    return hashlib.blake2b(repr(_identity(model)).encode(), digest_size=16).hexdigest()
