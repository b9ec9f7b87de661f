"""The recogniser of a house: keeps a worker running whose language is that of the devices there are now."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from types import TracebackType
from typing import Final, Self

from edge.devices import Change, ChangeKind, Registry
from edge.models import ModelStore
from edge.speech.sound import Samples, SpeechError
from edge.speech.stt import Transcript
from edge.speech.stt.engines import FAST_ENOUGH_S, Choice, Wanted, choices
from edge.speech.stt.household import classes_of
from edge.speech.stt.language import classes_to_json
from edge.speech.stt.process import Setup, SpeechWorker, SpeechWorkerDied, started_worker

log = logging.getLogger(__name__)

QUIET_S: Final = 3.0
"""How long names must have stayed as they are before the language is built anew: discovery comes in bursts."""
FIRST_RESTART_S: Final = 0.2
SLOWEST_RESTART_S: Final = 30.0
STEADY_S: Final = 60.0
"""A worker that lived this long was healthy: the next restart waits no longer than the first."""
PATIENCE_S: Final = 10.0
"""How long an utterance waits for a worker that is being started."""
TURN_S: Final = 20.0
"""How long an utterance waits for those that came before it: longer than one may last."""


class Recogniser:
    """Speech to text for rooms; an async context manager. One utterance at a time, the next waits its turn."""

    def __init__(
        self,
        registry: Registry,
        wanted: Wanted = "auto",
        store: ModelStore | None = None,
        calls: tuple[str, ...] = (),
    ) -> None:
        """`store`: where a Whisper model may be; without it there is none. `calls`: the names of wake words whose ends
        may be heard before a sentence.
        """
        self._calls = calls
        self._registry = registry
        self._wanted: Wanted = wanted
        self._store = store
        self._too_slow: set[Choice] = set()
        self._worker: SpeechWorker | None = None
        self._why = "it is still being started"
        self._there = asyncio.Condition()
        self._turn = asyncio.Lock()
        self._changed = asyncio.Event()
        self._stack = AsyncExitStack()
        self._proved = False
        """Whether the worker there is has heard a sentence: then it is not what it was given that ended it."""
        self.restarts = 0

    async def __aenter__(self) -> Self:
        end = self._registry.listen(self._note)
        self._stack.callback(end)
        task = asyncio.create_task(self._supervise(), name="recogniser")
        self._stack.push_async_callback(_ended, task)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    @property
    def name(self) -> str:
        """The engine that hears now, empty while none does."""
        return self._worker.setup.engine if self._worker else ""

    @property
    def pid(self) -> int | None:
        """The worker's process id, while there is one."""
        return self._worker.pid if self._worker else None

    async def ready(self, within_s: float = PATIENCE_S) -> None:
        """Wait for a worker; raises `SpeechError` that says why there is none."""
        await self._a_worker(within_s)

    async def listen(self, frames: AsyncIterator[Samples]) -> AsyncGenerator[Transcript, None]:
        """Partial transcripts while the frames come, then the final one. Raises `SpeechError`.

        A worker that dies meanwhile is replaced, and hears again what the old one had heard.
        """
        kept: list[Samples] = []
        source = _kept(frames, kept)
        async with self._my_turn():
            for _ in range(2):
                worker = await self._a_worker(PATIENCE_S)
                try:
                    async for transcript in worker.hear(_again(tuple(kept), source)):
                        yield transcript
                except SpeechWorkerDied as death:
                    log.warning("speech.worker_died_listening", extra={"why": str(death)})
                else:
                    self._proved = True
                    return
        raise SpeechError("the speech worker died twice over one sentence")

    @asynccontextmanager
    async def _my_turn(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(TURN_S):
                await self._turn.acquire()
        except TimeoutError:
            raise SpeechError(f"others are heard, and were for {TURN_S:g} s: say it again") from None
        try:
            yield
        finally:
            self._turn.release()

    async def caught_up(self) -> None:
        """Wait until what was heard so far is decoded: for recordings, which come faster than they can be."""
        if self._worker is not None:
            await self._worker.caught_up()

    async def _a_worker(self, within_s: float) -> SpeechWorker:
        try:
            async with asyncio.timeout(within_s), self._there:
                while self._worker is None or self._worker.gone.is_set():
                    await self._there.wait()
                return self._worker
        except TimeoutError:
            raise SpeechError(f"nothing recognises speech: {self._why}") from None

    async def _supervise(self) -> None:
        delay = FIRST_RESTART_S
        async with AsyncExitStack() as running:
            while True:
                self._changed.clear()
                began = time.monotonic()
                try:
                    running = await self._renewed(running)
                    worker = self._worker
                    assert worker is not None  # noqa: S101 - it was just made
                    if not await self._until_gone_or_changed(worker):
                        continue
                    why = str(worker.obituary())
                except SpeechError as error:
                    why = str(error)
                if self._proved or time.monotonic() - began > STEADY_S:
                    delay = FIRST_RESTART_S
                self._proved = False
                self._why = why
                self.restarts += 1
                log.warning("speech.worker_died", extra={"why": why, "restart_s": delay})
                await asyncio.sleep(delay)
                delay = min(delay * 2, SLOWEST_RESTART_S)

    async def _renewed(self, before: AsyncExitStack) -> AsyncExitStack:
        """A new worker beside the one that runs, which goes once the new one can hear and nobody is being heard."""
        began = time.monotonic()
        async with AsyncExitStack() as starting:
            worker = await self._started(starting)
            if self._worker is None or self._worker.gone.is_set():
                await self._put(worker)
                await before.aclose()
            else:
                async with self._turn:
                    await self._put(worker)
                    await before.aclose()
            log.info(
                "speech.ready", extra={"engine": worker.setup.engine, "ready_s": round(time.monotonic() - began, 2)}
            )
            return starting.pop_all()

    async def _put(self, worker: SpeechWorker) -> None:
        async with self._there:
            self._worker = worker
            self._there.notify_all()

    async def _started(self, starting: AsyncExitStack) -> SpeechWorker:
        """The best engine that works here; raises `SpeechError` that says why none does."""
        classes = classes_to_json(classes_of(self._registry, self._calls))
        why = "pocketsphinx is not installed: pip install 'edge-assistant[speech]'"
        found = await asyncio.to_thread(choices, self._wanted, self._store)
        for choice in found:
            if choice in self._too_slow:
                continue
            stack = await starting.enter_async_context(AsyncExitStack())
            try:
                setup = Setup(choice.engine, classes, str(choice.model or ""))
                worker = await stack.enter_async_context(started_worker(setup))
                took_s = await worker.set_up()
            except SpeechError as error:
                why = str(error)
                log.warning("speech.engine_failed", extra={"engine": choice.engine, "why": why})
                await stack.aclose()
                continue
            if took_s <= FAST_ENOUGH_S or choice is found[-1] or self._wanted == choice.engine:
                return worker
            log.info("speech.engine_too_slow", extra={"engine": choice.engine, "took_s": round(took_s, 2)})
            self._too_slow.add(choice)
            await stack.aclose()
        raise SpeechError(why)

    async def _until_gone_or_changed(self, worker: SpeechWorker) -> bool:
        """True when it has gone."""
        tasks = [asyncio.create_task(worker.gone.wait()), asyncio.create_task(self._changed.wait())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            while self._changed.is_set() and not worker.gone.is_set():
                self._changed.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(QUIET_S):
                        await self._changed.wait()
                if not self._changed.is_set():
                    return False
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return worker.gone.is_set()

    def _note(self, change: Change) -> None:
        if change.kind is not ChangeKind.STATE:
            self._changed.set()


async def _kept(frames: AsyncIterator[Samples], kept: list[Samples]) -> AsyncIterator[Samples]:
    async for samples in frames:
        kept.append(samples)
        yield samples


async def _again(heard: tuple[Samples, ...], frames: AsyncIterator[Samples]) -> AsyncIterator[Samples]:
    for samples in heard:
        yield samples
    async for samples in frames:
        yield samples


async def _ended(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
