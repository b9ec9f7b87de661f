"""The language model as the rest of the service sees it: there or not, one answer at a time, never in the way."""

import asyncio
import contextlib
import importlib.util
import logging
import random
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Final, Protocol, Self

from edge.errors import EdgeError
from edge.llm.errors import LlmError
from edge.llm.gate import Gate, Priority
from edge.llm.process import WorkerDied, WorkerProcess, started_worker
from edge.llm.wire import Answer
from edge.models import GgufHeader, ModelStore, StoredModel
from edge.tuning import Plan, fit, probe

log = logging.getLogger(__name__)

INSTRUCTIONS: Final = (
    "You are the assistant of a house, running on a small computer in it, without the internet. "
    "Answer in one to three short sentences that are pleasant to hear read aloud: no lists, no markup. "
    "When you do not know something, say so. You can't move devices yourself in this conversation."
)
MAX_CHARACTERS: Final = 400_000
STEADY_S: Final = 60.0
"""A worker that lived this long was healthy: the next restart waits no longer than the first."""
RETRY_S: Final = 60.0
"""How often a model that did not fit, or was refused, is looked at again while nothing changes."""


class State(StrEnum):
    """Where the model is in its life."""

    ABSENT = "absent"
    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Options:
    """What a person may set. Sizes are in tokens, bytes and seconds."""

    enabled: bool = True
    model: str | None = None
    """The name of an added model, or a path to a GGUF file; None: the one chosen with `edge models use`."""
    instructions: str = INSTRUCTIONS
    max_tokens: int = 256
    temperature: float = 0.7
    seed: int | None = None
    """None for another answer each time."""
    deadline_s: float = 120.0
    memory_bytes: int | None = None
    """The most the worker may take; None to measure what is left."""
    n_ctx: int | None = None
    n_threads: int | None = None
    most_waiting: int = 8
    poll_s: float = 2.0
    """How often the store is looked at for another model."""
    first_restart_s: float = 0.5
    slowest_restart_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Figures:
    """How the model does, for health: rates are of the last answer, 0 before there was one."""

    state: State
    model: str | None
    reason: str | None
    n_ctx: int
    n_threads: int
    load_s: float
    resident_bytes: int
    predicted_bytes: int
    prompt_tokens_per_s: float
    tokens_per_s: float
    restarts: int
    waiting: int
    fast_path: bool
    notice: str


class Turn(Protocol):
    """One turn of a conversation; `role` is `user` or `assistant`."""

    @property
    def role(self) -> str: ...
    @property
    def text(self) -> str: ...


@dataclass(frozen=True, slots=True)
class _Choice:
    """The model to run, and how."""

    model: StoredModel
    header: GgufHeader
    plan: Plan


class LanguageModel:
    """Keeps a worker process running for the model in use. An async context manager; entering does not wait for it."""

    def __init__(self, store: ModelStore, options: Options = Options()) -> None:
        self._store = store
        self._options = options
        self._gate = Gate(options.most_waiting)
        self._state = State.LOADING
        self._reason: str | None = None
        self._choice: _Choice | None = None
        self._worker: WorkerProcess | None = None
        self._fast_path = True
        self._restarts = 0
        self._next_id = 0
        self._changed = asyncio.Condition()
        self._supervisor: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        if not self._options.enabled:
            await self._become(State.ABSENT, None)
            return self
        self._supervisor = asyncio.create_task(self._guarded(), name="llm")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._supervisor is not None:
            self._supervisor.cancel()
            await asyncio.wait((self._supervisor,))

    @property
    def state(self) -> State:
        """Where the model is in its life."""
        return self._state

    @property
    def unavailable(self) -> str | None:
        """Why it can't answer now, as a sentence with the command that mends it; None when it can."""
        match self._state:
            case State.READY:
                return None
            case State.LOADING:
                return "The language model is still loading."
            case State.ABSENT if not self._options.enabled:
                return "The language model is switched off: set `enabled = true` under `[llm]` in the configuration."
            case State.ABSENT:
                return "There is no language model yet: add a GGUF file with `edge models add FILE.gguf`."
            case State.FAILED:
                return f"The language model can't answer: {self._reason}."

    @property
    def figures(self) -> Figures:
        """How it does, for health and the status page."""
        worker, choice = self._worker, self._choice
        last = worker.last if worker else None
        read = last.prompt_tokens - last.reused_tokens if last else 0
        return Figures(
            state=self._state,
            model=choice.model.name if choice else None,
            reason=self._reason,
            n_ctx=choice.plan.n_ctx if choice else 0,
            n_threads=choice.plan.n_threads if choice else 0,
            load_s=worker.load_s if worker else 0.0,
            resident_bytes=worker.resident_bytes if worker else 0,
            predicted_bytes=choice.plan.predicted_bytes if choice else 0,
            prompt_tokens_per_s=round(read / last.prompt_s, 2) if last and last.prompt_s else 0.0,
            tokens_per_s=round(last.tokens / last.tokens_s, 2) if last and last.tokens_s else 0.0,
            restarts=self._restarts,
            waiting=self._gate.waiting,
            fast_path=self._fast_path,
            notice=worker.notice if worker else "",
        )

    async def settled(self) -> State:
        """Wait until the model is ready, absent or failed, and say which."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._state is not State.LOADING)
            return self._state

    async def answer(self, turns: Sequence[Turn], *, priority: Priority = Priority.NORMAL) -> AsyncGenerator[str, None]:
        """The reply to the last turn, piece by piece; raises `LlmError`. Closing the generator cancels the work."""
        if sum(len(turn.text) for turn in turns) > MAX_CHARACTERS:
            raise LlmError(f"that is too long: more than {MAX_CHARACTERS} characters")
        pieces: asyncio.Queue[str | None] = asyncio.Queue()
        pump = asyncio.create_task(self._pump(turns, priority, pieces), name="llm.answer")
        try:
            while (piece := await pieces.get()) is not None:
                yield piece
            await pump
        finally:
            pump.cancel()
            await asyncio.wait((pump,))
            if not pump.cancelled():
                pump.exception()

    async def _pump(self, turns: Sequence[Turn], priority: Priority, pieces: asyncio.Queue[str | None]) -> None:
        """Have the turn answered at the model's own pace: a listener who dawdles does not keep the next one waiting."""
        try:
            async with self._gate.turn(priority):
                if self._worker is None or self._state is not State.READY:
                    raise LlmError(self.unavailable or "the language model is not ready")
                async with aclosing(self._worker.answer(self._request(turns))) as said:
                    async for piece in said:
                        pieces.put_nowait(piece)
        finally:
            pieces.put_nowait(None)

    def _request(self, turns: Sequence[Turn]) -> Answer:
        self._next_id += 1
        options = self._options
        return Answer(
            id=self._next_id,
            instructions=options.instructions,
            turns=[[turn.role, turn.text] for turn in turns],
            max_tokens=options.max_tokens,
            temperature=options.temperature,
            seed=random.getrandbits(32) if options.seed is None else options.seed,
            deadline_s=options.deadline_s,
        )

    async def _guarded(self) -> None:
        """Supervise; a fault of ours is logged, and costs the house its talk and nothing else."""
        try:
            await self._supervise()
        except Exception as error:
            log.exception("llm.fault")
            await self._become(State.FAILED, f"of a fault in the service ({error}): see its log")

    async def _supervise(self) -> None:
        """Run the model in use, again after it died, another one when the choice changes; until cancelled."""
        delay = self._options.first_restart_s
        while True:
            choice = await self._choose()
            if choice is None:
                continue
            began = time.monotonic()
            try:
                await self._run(choice)
                delay = self._options.first_restart_s
                continue
            except WorkerDied as death:
                if death.crashed_at_start:
                    self._fast_path = not choice.plan.repack  # it was not to blame where it crashes without it as well
                    if not self._fast_path:
                        log.warning("llm.fast_path_off", extra={"model": choice.model.name, "why": str(death)})
                        continue
                if time.monotonic() - began > STEADY_S:
                    delay = self._options.first_restart_s
                self._restarts += 1
                log.warning("llm.died", extra={"model": choice.model.name, "why": str(death), "restart_s": delay})
                await self._become(State.FAILED, f"{death}; it is started again in {delay:g} s")
                await asyncio.sleep(delay)
                delay = min(delay * 2, self._options.slowest_restart_s)
            except LlmError as error:
                log.warning("llm.failed", extra={"model": choice.model.name, "why": str(error)})
                await self._become(State.FAILED, str(error))
                await self._await_change(choice.model, RETRY_S)

    async def _choose(self) -> _Choice | None:
        """The model in use and its plan; None after waiting where there is none, or it can't be used."""
        model: StoredModel | None = None
        try:
            model = await asyncio.to_thread(self._store.chosen, self._options.model)
            if model is None:
                await self._become(State.ABSENT, None)
                await self._await_change(None, None)
                return None
            await self._become(State.LOADING, None)
            return await asyncio.to_thread(self._plan, model)
        except EdgeError as error:
            if self._reason != str(error):
                log.warning("llm.refused", extra={"model": model.name if model else None, "why": str(error)})
            await self._become(State.FAILED, str(error))
            await self._await_change(model, RETRY_S)
            return None

    def _plan(self, model: StoredModel) -> _Choice:
        if importlib.util.find_spec("llama_cpp") is None:
            raise LlmError("llama-cpp-python is not installed: pip install 'edge-assistant[llm]'")
        checked = self._store.check(model)
        header = self._store.header(checked)
        options = self._options
        plan = fit(
            header,
            probe(),
            memory_bytes=options.memory_bytes,
            n_ctx=options.n_ctx,
            n_threads=options.n_threads,
            repack=self._fast_path,
        )
        return _Choice(checked, header, plan)

    async def _run(self, choice: _Choice) -> None:
        """Serve until another model is chosen; raises `WorkerDied` or `LlmError`."""
        self._choice = choice
        async with started_worker(choice.plan) as worker:
            try:
                await worker.load(choice.model.path)
                self._worker = worker
                await self._become(State.READY, None)
                log.info(
                    "llm.ready",
                    extra={
                        "model": choice.model.name,
                        "n_ctx": choice.plan.n_ctx,
                        "n_threads": choice.plan.n_threads,
                        "load_s": worker.load_s,
                        "notice": worker.notice,
                    },
                )
                await self._until_gone_or_changed(worker, choice.model)
            finally:
                self._worker = None
                self._choice = None
                self._state = State.LOADING
        log.info("llm.unloaded", extra={"model": choice.model.name})

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

    async def _become(self, state: State, reason: str | None) -> None:
        async with self._changed:
            self._state, self._reason = state, reason
            self._changed.notify_all()


def _identity(model: StoredModel | None) -> object:
    """What tells one model from another: its digest, or its file where it has none."""
    return model and (model.sha256 or (model.path, model.size_bytes, model.mtime_ns))
