"""Runs one model with one setting after the other in worker processes, and says how fast each one was."""

import contextlib
from contextlib import AsyncExitStack
from dataclasses import replace
from types import TracebackType
from typing import Final, Self

from edge.llm.errors import LlmError
from edge.llm.process import WorkerDied, WorkerProcess
from edge.llm.spawn import started_worker
from edge.llm.wire import Measured, Trial
from edge.models import StoredModel
from edge.tuning import Plan, Setting
from edge.tuning.outcome import Rates
from edge.tuning.plan import planned

WARM_UP: Final = (32, 2, 5.0)
"""Tokens of a prompt, tokens after it, seconds at most: what is computed first in a new context is not counted."""
IDENTITY: Final = "tuning"


class Rig:
    """An async context manager. A worker that dies or fails is replaced when the next setting is run."""

    def __init__(self, model: StoredModel, ceiling_bytes: int) -> None:
        self._model = model
        self._ceiling_bytes = ceiling_bytes
        self._stack = AsyncExitStack()
        self._worker: WorkerProcess | None = None
        self._loaded: Plan | None = None
        self.load_s = 0.0
        """Of the last time that weights were read."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def check(self, types: list[str], setting: Setting) -> str:
        """What this build computes wrongly with these kernels on this machine; empty when all is right."""
        try:
            worker = await self._running()
            self._loaded = None
            return (await worker.check(types, planned(setting, 256, 0, self._ceiling_bytes))).wrong
        except WorkerDied as death:
            await self._bury()
            return str(death)

    async def load(self, setting: Setting, n_ctx: int) -> None:
        """Have a setting ready to be measured; weights that lie right already stay. Raises `LlmError`."""
        plan = planned(setting, n_ctx, 0, self._ceiling_bytes)
        if self._loaded == plan:
            return
        try:
            worker = await self._running()
            if self._loaded is not None and _but_threads(self._loaded) == _but_threads(plan):
                await worker.set_threads(plan.n_threads, plan.n_threads_batch)
            else:
                again = self._loaded is not None and _weights(self._loaded) == _weights(plan)
                self._loaded = None
                await worker.load(self._model.path, plan, identity=IDENTITY)
                self.load_s = self.load_s if again else worker.load_s
                await worker.attempt(Trial(WARM_UP[0], WARM_UP[1], 0, WARM_UP[2]))
            self._loaded = plan
        except LlmError:
            await self._bury()
            raise

    async def measure(self, prompt_tokens: int, tokens: int, *, number: int, limit_s: float) -> Rates:
        """How fast what is loaded reads and writes, stopping at `limit_s`. Raises `LlmError`.

        A prompt of the same number is not read again; its rate is 0 then.
        """
        try:
            tried = await (await self._running()).attempt(Trial(prompt_tokens, tokens, number, limit_s))
        except LlmError:
            await self._bury()
            raise
        return Rates(_rate(tried.prompt_tokens, tried.prompt_s), _rate(tried.tokens, tried.tokens_s))

    async def look(self) -> Measured:
        """The worker's memory as the kernel counts it. Raises `LlmError`."""
        return await (await self._running()).measure()

    async def renew(self) -> None:
        """End the worker, so that what is loaded next is loaded into a fresh one."""
        await self._bury()

    async def _running(self) -> WorkerProcess:
        if self._worker is None:
            self._worker = await self._stack.enter_async_context(started_worker(self._ceiling_bytes))
        return self._worker

    async def _bury(self) -> None:
        self._worker, self._loaded = None, None
        with contextlib.suppress(LlmError):
            await self._stack.aclose()


def _but_threads(plan: Plan) -> Plan:
    return replace(plan, n_threads=1, n_threads_batch=1)


def _weights(plan: Plan) -> tuple[object, bool]:
    return plan.load_mode, plan.repack


def _rate(tokens: int, seconds: float) -> float:
    return round(tokens / seconds, 3) if tokens and seconds > 0 else 0.0
