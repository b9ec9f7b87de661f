"""Tunes a model that was never tuned on this machine, once nobody has asked it anything for a while."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Final

from edge.errors import EdgeError
from edge.llm.errors import LlmError
from edge.llm.options import Options, State
from edge.llm.supervisor import Choice, Supervisor
from edge.models import ModelStore
from edge.tuning import probe
from edge.tuning.results import Results, fingerprint

log = logging.getLogger(__name__)

EVERY_S: Final = 5.0
WHY: Final = "The language model is being tuned: ask again in a moment."


class QuietTuning:
    """Gives way to whoever asks: the model is loaded again at once, and tuned at another time."""

    def __init__(
        self,
        supervisor: Supervisor,
        store: ModelStore,
        options: Options,
        state: Path | None,
        aside: Callable[[str], AbstractAsyncContextManager[None]],
    ) -> None:
        self._supervisor = supervisor
        self._store = store
        self._options = options
        self._state = state
        self._aside = aside
        self._done: set[str] = set()
        self._users = 0
        self._last_used_s = time.monotonic()
        self._asked = asyncio.Event()
        self._busy = False

    @asynccontextmanager
    async def held_off(self) -> AsyncIterator[None]:
        """Nothing is tuned for the length of the block; what is being tuned is left first, and the model loaded."""
        self._users += 1
        self._asked.set()
        try:
            if self._busy:
                async with self._supervisor.changed:
                    await self._supervisor.changed.wait_for(self._back)
            yield
        finally:
            self._users -= 1
            self._last_used_s = time.monotonic()

    async def run(self) -> None:
        """Watch until cancelled; a fault of ours is logged, and nothing is tuned any more."""
        after_s = self._options.tune_after_s
        try:
            while after_s is not None:
                await asyncio.sleep(min(EVERY_S, after_s))
                base = self._supervisor.base
                quiet_s = 0.0 if self._users else time.monotonic() - self._last_used_s
                if base is not None and quiet_s >= after_s and self._as_planned(base):
                    await self._consider(base)
        except Exception:
            log.exception("llm.tuning_fault")

    def _back(self) -> bool:
        """Whether the model is what it would be without us."""
        return not self._busy and self._supervisor.state is not State.LOADING and self._supervisor.reason != WHY

    def _as_planned(self, base: Choice) -> bool:
        """Whether the model runs and nothing of it was given up: what is measured in need holds for need alone."""
        choice = self._supervisor.choice
        return self._supervisor.state is State.READY and choice is not None and choice.plan == base.plan

    async def _consider(self, base: Choice) -> None:
        bound = self._options.memory_bytes
        key = await asyncio.to_thread(lambda: fingerprint(probe(), base.model, bound))
        if key in self._done:
            return
        if await asyncio.to_thread(Results(self._state).of, key) is None:
            self._asked.clear()
            if not await self._tune(base):
                return
        self._done.add(key)

    async def _tune(self, base: Choice) -> bool:
        """Whether that is over and done with; not where somebody asked meanwhile."""
        self._busy = True
        try:
            async with self._aside(WHY):
                log.info("llm.tuning", extra={"model": base.model.name})
                tuning = asyncio.create_task(self._measured(base), name="llm.tuning")
                asked = asyncio.create_task(self._asked.wait())
                try:
                    await asyncio.wait((tuning, asked), return_when=asyncio.FIRST_COMPLETED)
                    return tuning.done()
                finally:
                    for task in (tuning, asked):
                        task.cancel()
                    await asyncio.gather(tuning, asked, return_exceptions=True)
        except LlmError:
            return False  # it stands aside for a person's command
        finally:
            self._busy = False
            async with self._supervisor.changed:
                self._supervisor.changed.notify_all()

    async def _measured(self, base: Choice) -> None:
        from edge.llm.tuned import prepare, tune_and_keep

        options = self._options
        try:
            task = await asyncio.to_thread(
                lambda: prepare(
                    self._store,
                    base.model,
                    self._state,
                    seconds=options.tune_s,
                    memory_bytes=options.memory_bytes,
                    n_ctx=options.n_ctx,
                    n_threads=options.n_threads,
                )
            )
            await tune_and_keep(task, self._state)
        except EdgeError as error:
            log.warning("llm.tuning_failed", extra={"model": base.model.name, "why": str(error)})
