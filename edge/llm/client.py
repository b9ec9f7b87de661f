"""The language model as the rest of the service sees it: there or not, one answer at a time, never in the way."""

import asyncio
import contextlib
import logging
import random
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from edge.llm.errors import LlmError, LlmNotReady, LlmRefused
from edge.llm.gate import Gate, Priority
from edge.llm.governed import Governed
from edge.llm.options import Figures, Options, State, Turn, instructed
from edge.llm.order import MAX_CHARACTERS, Order
from edge.llm.process import WorkerProcess
from edge.llm.quiet import QuietTuning
from edge.llm.supervisor import Supervisor
from edge.llm.tools import Toolbox, ToolCalls
from edge.llm.wire import Answer, Done
from edge.models import ModelStore
from edge.tracing import Stage, mark, now_s

log = logging.getLogger(__name__)

Pieces = asyncio.Queue[str | ToolCalls | Done | None]


class LanguageModel:
    """Keeps a worker process running for the model in use. An async context manager; entering does not wait for it."""

    def __init__(self, store: ModelStore, options: Options | None = None, state: Path | None = None) -> None:
        """`state` is the directory for what is found out about this machine, and for prefix states; None for none."""
        self._options = options = options or Options()
        self._gate = Gate(options.most_waiting)
        self._supervisor = Supervisor(store, options, state)
        self._next_id = 0
        self._dropped_turns = 0
        self.governed = Governed(self._supervisor, self._gate, store, options.governing)
        """What gives some of the model up while the machine is short of something."""
        self._quiet = QuietTuning(self._supervisor, store, options, state, self.aside)
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        if not self._options.enabled:
            await self._supervisor.become(State.ABSENT, None)
            return self
        self._tasks = [
            asyncio.create_task(self._quiet.run(), name="llm.quiet"),
            asyncio.create_task(self.governed.run(), name="llm.governed"),
            asyncio.create_task(self._supervisor.run(), name="llm"),
        ]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
            await asyncio.wait((task,))
        await self.governed.close()

    @property
    def state(self) -> State:
        """Where the model is in its life."""
        return self._supervisor.state

    @property
    def worker(self) -> WorkerProcess | None:
        """The worker process that can answer, if there is one now."""
        return self._supervisor.worker

    @property
    def hung(self) -> str | None:
        """What of it hangs so that only starting the service again can help; None where nothing does."""
        process = self._supervisor.process
        return "the language model's process can't be ended" if process is not None and process.unending else None

    @property
    def unavailable(self) -> str | None:
        """Why it can't answer now, as a sentence with the command that mends it; None when it can."""
        match self.state:
            case State.READY:
                return None
            case State.UNLOADED:
                return self._supervisor.reason
            case State.LOADING if self._supervisor.adjusting:
                return None
            case State.LOADING:
                return "The language model is still loading."
            case State.ABSENT if not self._options.enabled:
                return "The language model is switched off: set `enabled = true` under `[llm]` in the configuration."
            case State.ABSENT:
                return "There is no language model yet: add a GGUF file with `edge models add FILE.gguf`."
            case State.FAILED:
                return f"The language model can't answer: {self._supervisor.reason}."

    @property
    def planned(self) -> str | None:
        """The name of the model in use, though a smaller one may stand in for it; None until that is known."""
        base = self._supervisor.base
        return base.model.name if base else None

    @property
    def figures(self) -> Figures:
        """How it does, for health and the status page."""
        worker, choice = self._supervisor.worker, self._supervisor.choice
        last = worker.last if worker else None
        read = last.prompt_tokens - last.reused_tokens if last else 0
        return Figures(
            state=self.state,
            model=choice.model.name if choice else None,
            reason=self._supervisor.reason,
            n_ctx=choice.plan.n_ctx if choice else 0,
            n_threads=self._supervisor.threads[0],
            load_s=worker.load_s if worker else 0.0,
            resident_bytes=worker.resident_bytes if worker else 0,
            predicted_bytes=choice.plan.predicted_bytes if choice else 0,
            ceiling=worker.ceiling if worker else "",
            prompt_tokens_per_s=round(read / last.prompt_s, 2) if last and last.prompt_s else 0.0,
            tokens_per_s=round(last.tokens / last.tokens_s, 2) if last and last.tokens_s else 0.0,
            reused_tokens=last.reused_tokens if last else 0,
            dropped_turns=last.dropped_turns if last else 0,
            restarts=self._supervisor.restarts,
            waiting=self._gate.waiting,
            fast_path=not self._supervisor.fast_path_off,
            notice="; ".join(self._notices(worker, last)),
        )

    def _notices(self, worker: WorkerProcess | None, last: Done | None) -> list[str]:
        notices = [worker.notice] if worker and worker.notice else []
        if wrong := self._supervisor.wrong:
            notices.append(
                f"this build of llama.cpp computes wrongly on this machine ({wrong}), so that answers may be nonsense: "
                "build llama-cpp-python on this machine, or install a newer one"
            )
        if off := self._supervisor.fast_path_off:
            notices.append(
                f"the fast path of this build of llama.cpp is not used ({off}): "
                "a llama-cpp-python built on this machine, or a newer one, may be quicker"
            )
        if last and last.dropped_turns:
            notices.append(
                f"the conversation is longer than the context: its oldest {last.dropped_turns} turns are left out"
            )
        return notices

    @asynccontextmanager
    async def aside(self, why: str) -> AsyncIterator[None]:
        """Nothing is loaded for the length of the block: memory and cores are somebody else's.

        `why` is a sentence for who asks meanwhile. An answer under way is finished first. Raises `LlmError` where it
        stands aside already.
        """
        async with AsyncExitStack() as stack:
            if self._tasks:
                async with self._gate.turn(Priority.BACKGROUND):
                    await stack.enter_async_context(self._supervisor.aside(why))
            yield

    async def settled(self) -> State:
        """Wait until the model is ready, absent or failed, and say which."""
        async with self._supervisor.changed:
            await self._supervisor.changed.wait_for(lambda: self.state is not State.LOADING)
            return self.state

    async def answer(
        self,
        turns: Sequence[Turn],
        *,
        priority: Priority = Priority.NORMAL,
        toolbox: Toolbox | None = None,
        may_call: bool = True,
        must_call: bool = False,
    ) -> AsyncGenerator[str | ToolCalls, None]:
        """The reply to the last turn, piece by piece; raises `LlmError`. Closing the generator cancels the work.

        With a toolbox it may end in calls, or must be one; results are told in a turn of the role `tool`. To have it
        end in words all the same, forbid calls and give the same toolbox: another makes the prompt another.
        """
        if sum(len(turn.text) for turn in turns) > MAX_CHARACTERS:
            raise LlmRefused(f"that is too long: more than {MAX_CHARACTERS} characters")
        request = self._request(turns, toolbox, may_call=may_call, must_call=must_call)
        async with aclosing(self._pieces(request, priority)) as pieces:
            async for piece in pieces:
                if not isinstance(piece, Done):
                    yield piece

    async def complete(
        self, order: Order, *, priority: Priority = Priority.NORMAL
    ) -> AsyncGenerator[str | ToolCalls | Done, None]:
        """What somebody outside orders: pieces, the calls it ends in if there are some, and its figures as the last.

        Raises `LlmRefused`, `LlmBusy`, `LlmNotReady` or another `LlmError`. Closing the generator cancels the work.
        """
        self._next_id += 1
        request = await asyncio.to_thread(order.answer, self._next_id)
        async with aclosing(self._pieces(request, priority)) as pieces:
            async for piece in pieces:
                yield piece

    async def _pieces(self, request: Answer, priority: Priority) -> AsyncGenerator[str | ToolCalls | Done, None]:
        pieces: Pieces = asyncio.Queue()
        pump = asyncio.create_task(self._pump(request, priority, pieces), name="llm.answer")
        began_s: float | None = now_s()
        try:
            while (piece := await pieces.get()) is not None:
                if began_s is not None:
                    mark(Stage.FIRST_TOKEN, began_s)
                    began_s = None
                yield piece
            await pump
        finally:
            pump.cancel()
            await asyncio.wait((pump,))
            if not pump.cancelled():
                pump.exception()

    async def prepare(self, toolbox: Toolbox | None) -> None:
        """Have what every prompt with these tools begins with read before somebody asks; whoever asks goes first."""
        self._supervisor.toolbox = toolbox
        with contextlib.suppress(LlmError):
            async with self._gate.turn(Priority.BACKGROUND):
                if (worker := self.worker) is not None and self.state is State.READY:
                    await worker.prime(instructed(self._options.instructions, toolbox), toolbox)

    async def _pump(self, request: Answer, priority: Priority, pieces: Pieces) -> None:
        """Have the turn answered at the model's own pace: a listener who dawdles does not keep the next one waiting."""
        try:
            async with self._quiet.held_off(), self.governed.used(), self._gate.turn(priority):
                worker = self.worker
                if worker is None or self.state is not State.READY:
                    raise LlmNotReady(self.unavailable or "the language model is not ready")
                async with aclosing(worker.answer(request)) as said:
                    async for piece in said:
                        pieces.put_nowait(piece)
                self._note_dropped(worker.last)
                if worker.last is not None:
                    pieces.put_nowait(worker.last)
        finally:
            pieces.put_nowait(None)

    def _note_dropped(self, done: Done | None) -> None:
        """Log it when turns had to go, once for each time that more of them did."""
        dropped = done.dropped_turns if done else 0
        if dropped > self._dropped_turns:
            log.info("llm.turns_dropped", extra={"turns": dropped, "n_ctx": self.figures.n_ctx})
        self._dropped_turns = dropped

    def _request(self, turns: Sequence[Turn], toolbox: Toolbox | None, *, may_call: bool, must_call: bool) -> Answer:
        self._next_id += 1
        self._supervisor.toolbox = toolbox or self._supervisor.toolbox
        options = self._options
        return Answer(
            id=self._next_id,
            instructions=instructed(options.instructions, toolbox),
            turns=[[turn.role, turn.text] for turn in turns],
            max_tokens=options.max_tokens,
            temperature=options.temperature,
            seed=random.getrandbits(32) if options.seed is None else options.seed,
            deadline_s=options.deadline_s,
            toolbox=toolbox,
            may_call=may_call,
            must_call=must_call,
        )
