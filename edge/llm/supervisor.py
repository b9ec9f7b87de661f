"""Keeps a worker running for the model in use: chooses, plans, checks, loads, and starts again what died."""

import asyncio
import contextlib
import hashlib
import importlib.util
import logging
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from edge.errors import EdgeError
from edge.llm.errors import LlmError
from edge.llm.fast_path import Verdicts, fast_path_key, tensor_types
from edge.llm.options import Options, State
from edge.llm.process import WorkerDied, WorkerProcess
from edge.llm.spawn import started_worker
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
    fast_path_key: str
    unchecked: bool
    """Whether the library's fast path has yet to be tried on this machine."""
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
        self.worker: WorkerProcess | None = None
        """The worker, once it can answer."""
        self.fast_path_off = ""
        """Why the library's fast path is not used; empty when it is."""
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
        key = fast_path_key(header, hardware)
        verdict = self._verdicts.of(key)
        off = self._suspected or (verdict.why if verdict and not verdict.works else "")
        options = self._options
        plan = fit(
            header,
            hardware,
            memory_bytes=options.memory_bytes,
            n_ctx=options.n_ctx,
            n_threads=options.n_threads,
            repack=not off,
        )
        return Choice(
            model=checked,
            header=header,
            plan=plan,
            identity=f"{_contents(checked)} {library_digest()} {machine_digest(hardware)}",
            fast_path_key=key,
            unchecked=verdict is None and plan.repack,
            fast_path_off=off,
        )

    async def _run(self, choice: Choice) -> None:
        """Serve until another model is chosen; raises `WorkerDied`, `_WrongValuesError` or `LlmError`."""
        self.choice, self.fast_path_off = choice, choice.fast_path_off
        async with started_worker(choice.plan.ceiling_bytes) as worker:
            try:
                if choice.unchecked:
                    await self._check(worker, choice)
                await worker.load(
                    choice.model.path,
                    choice.plan,
                    identity=choice.identity,
                    cache=self._cache,
                    cache_bytes=self._options.cache_bytes,
                )
                await self._proven(choice)
                await worker.prime(self._options.instructions)
                self.worker = worker
                await self.become(State.READY, None)
                log.info("llm.ready", extra=_facts(choice, worker))
                await self._until_gone_or_changed(worker, choice.model)
            finally:
                self.worker = None
                self.choice = None
                self.state = State.LOADING
        log.info("llm.unloaded", extra={"model": choice.model.name})

    async def _check(self, worker: WorkerProcess, choice: Choice) -> None:
        """Have the fast path compute what is known; raises `_WrongValuesError` where it computes something else."""
        types = tensor_types(choice.header)
        checked = await worker.check(types, choice.plan)
        if not checked.wrong:
            return
        plain = await worker.check(types, replace(choice.plan, repack=False))
        if plain.wrong:
            # Not the fast path's fault; nothing is gained by slowness.
            log.error("llm.wrong_values", extra={"why": plain.wrong, "nearness": plain.nearness})
            return
        raise _WrongValuesError(checked.wrong)

    async def _proven(self, choice: Choice) -> None:
        """The model is loaded and has computed: keep what this says of the fast path."""
        if choice.unchecked:
            await asyncio.to_thread(self._verdicts.remember, choice.fast_path_key, True)
        if self._suspected:
            await self._fast_path_fails(choice, self._suspected)

    async def _fast_path_fails(self, choice: Choice, why: str) -> None:
        self._suspected = ""
        log.warning("llm.fast_path_off", extra={"model": choice.model.name, "why": why})
        await asyncio.to_thread(self._verdicts.remember, choice.fast_path_key, False, why)

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
