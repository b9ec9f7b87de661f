"""The service's end of a worker process: speaks with it, watches its memory, ends it."""

import asyncio
import contextlib
import logging
import re
import resource
import signal
import time
from asyncio.subprocess import Process
from collections import deque
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Final, TypeVar

from edge.child import signalled
from edge.llm.ceiling import Group
from edge.llm.errors import LlmError, LlmRefused
from edge.llm.tools import Toolbox, ToolCall, ToolCalls
from edge.llm.wire import (
    Answer,
    Called,
    Cancel,
    Check,
    Checked,
    Done,
    Failed,
    Load,
    Loaded,
    Loading,
    Measure,
    Measured,
    Message,
    Piece,
    Prime,
    Ready,
    Reason,
    Threads,
    Told,
    Trial,
    Tried,
    Unload,
    Unloaded,
    WireError,
    decode,
    encode,
)
from edge.tuning import Plan

log = logging.getLogger(__name__)

GRACE_S: Final = 5.0
"""How long after its deadline an answer may still end by itself before the worker is ended."""
WATCH_S: Final = 0.25
IDLE_WATCH_S: Final = 1.0
"""How often the worker's memory is looked at: while it loads or answers, and while it waits."""
TOUCH_S: Final = 15.0
SILENT_S: Final = 90.0
"""How often it is asked for a sign of life, which it gives whatever it computes, and how long that is waited for."""
UNENDING_S: Final = 30.0
"""A process that is still there so long after it was killed hangs in the kernel."""
STDERR_LINES: Final = 20
_EVENT: Final = re.compile(r"llm\.[a-z_]+")


_Kind = TypeVar("_Kind")


class WorkerDied(LlmError):  # noqa: N818 - what happened, as a sentence
    """The worker process ended by itself or was ended; the message says which."""

    def __init__(self, message: str, *, crashed_at_start: bool = False) -> None:
        super().__init__(message)
        self.crashed_at_start = crashed_at_start
        """Whether it crashed, by a fault of the machine code, before it could answer."""


class WorkerProcess:
    """A running worker. Made by `edge.llm.spawn.started_worker`; every method raises `WorkerDied` once it is gone.

    `check`, `load`, `unload`, `answer` and `attempt` are work, one at a time; the others may be called beside them.
    """

    def __init__(
        self,
        process: Process,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        ceiling_bytes: int,
        group: Group | None,
    ) -> None:
        self._process = process
        self._reader = reader
        self._writer = writer
        self._ceiling_bytes = ceiling_bytes
        self._group = group
        self._group_kills = 0
        self._stderr: deque[str] = deque(maxlen=STDERR_LINES)
        self._inbox: asyncio.Queue[Message | None] = asyncio.Queue()
        self._measuring: list[asyncio.Future[Measured | None]] = []
        self._over_ceiling: int | None = None
        self._ended_for = ""
        self._killed_s: float | None = None
        self._ready = False
        self._idle = False
        self.gone = asyncio.Event()
        self.fraction = 0.0
        self.resident_bytes = 0
        self.peak_bytes = 0
        self.load_s = 0.0
        self.notice = ""
        self.doubt = ""
        """What the model computes wrongly, where loading was to verify it."""
        self.last: Done | None = None
        """Figures of the last answer that ended."""

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def ceiling(self) -> str:
        """What holds it to its memory: `cgroup`, or `watched`."""
        return "cgroup" if self._group else "watched"

    async def check(self, types: list[str], plan: Plan) -> Checked:
        """Have it compute what is known, with the plan's kernels; unloads. A crash is an obituary, as everywhere."""
        await self._send(Check(types, plan.repack, plan.flash_attn))
        return await self._expect(Checked)

    async def load(
        self,
        model: Path,
        plan: Plan,
        *,
        identity: str = "",
        cache: Path | None = None,
        cache_bytes: int = 0,
        verify: bool = False,
    ) -> None:
        """Load a model, or the same one with another plan, and wait until it can answer.

        With the same `identity`, weights that are in memory stay there. Prefix states are kept in `cache`. Raises
        `LlmError` with the reason when it can't; then nothing is loaded, and it can be asked to load something else.
        """
        self._ready, self._idle, self.fraction = False, False, 0.0
        # What is there now is let go while the other comes: it may not be ended for it.
        await self._hold_to(max(plan.ceiling_bytes, self._ceiling_bytes))
        await self._send(
            Load(
                model=str(model),
                n_threads=plan.n_threads,
                n_threads_batch=plan.n_threads_batch,
                n_ctx=plan.n_ctx,
                n_batch=plan.n_batch,
                n_ubatch=plan.n_ubatch,
                load_mode=plan.load_mode.value,
                repack=plan.repack,
                flash_attn=plan.flash_attn,
                type_k=plan.type_k,
                type_v=plan.type_v,
                cache=str(cache) if cache else None,
                cache_bytes=cache_bytes,
                # Half of what lies between prediction and ceiling: a state in passing must not cost the worker's life.
                state_bytes=max(0, plan.ceiling_bytes - plan.predicted_bytes) // 2,
                identity=identity,
                verify=verify,
            )
        )
        while not self._ready:
            match await self._receive():
                case Loading(fraction):
                    self.fraction = fraction
                case Loaded(load_s):
                    self.load_s = load_s
                case Ready(_, notice, doubt):
                    self._ready, self._idle = True, True
                    self.notice, self.doubt = notice, doubt
                    await self._hold_to(plan.ceiling_bytes)
                case Failed(message):
                    raise LlmError(message)
                case _:
                    pass

    async def unload(self) -> None:
        """Have it let the model go; it stays, small, and can load again."""
        await self._send(Unload())
        await self._expect(Unloaded)
        self._ready = False

    async def prime(self, instructions: str, toolbox: Toolbox | None = None) -> None:
        """Have it take in what every prompt with these instructions and tools begins with; an answer goes first."""
        await self._send(Prime(instructions, toolbox))

    async def set_threads(self, n_threads: int, n_threads_batch: int) -> None:
        """Have it compute with so many threads from the next token on."""
        await self._write(Threads(n_threads, n_threads_batch))

    async def measure(self) -> Measured:
        """Its memory and its settings, as it sees them now, whatever it is doing."""
        future: asyncio.Future[Measured | None] = asyncio.get_running_loop().create_future()
        self._measuring.append(future)
        await self._write(Measure())
        measured = await future
        if measured is None:
            raise self.obituary()
        return measured

    async def answer(self, request: Answer) -> AsyncGenerator[str | ToolCalls, None]:
        """The answer's pieces, and the calls it ends in; closing the generator stops the work within a tenth of a
        second."""
        done: Done | None = None
        self._idle = False
        try:
            await self._send(request)
            async with asyncio.timeout(request.deadline_s + GRACE_S):
                while done is None:
                    message = await self._receive()
                    if isinstance(message, Piece) and message.id == request.id:
                        yield message.text
                    elif isinstance(message, Called) and message.id == request.id:
                        yield ToolCalls(tuple(ToolCall(name, made) for name, made in message.calls), message.text)
                    elif isinstance(message, Done) and message.id == request.id:
                        done = self.last = message
        except TimeoutError as error:
            self.kill()
            raise LlmError("the language model hangs and is started again") from error
        finally:
            self._idle = True
            if done is None and not self.gone.is_set():
                with contextlib.suppress(OSError):
                    self._writer.write(encode(Cancel(request.id)))
        if done.reason is Reason.ERROR:
            raise LlmError(done.message)
        if done.reason is Reason.REFUSED:
            raise LlmRefused(done.message)
        if done.reason is Reason.DEADLINE:
            raise LlmError(f"the language model took longer than {request.deadline_s:g} s and was stopped")

    async def attempt(self, trial: Trial) -> Tried:
        """Have it compute for a trial. Raises `LlmError` where the library can't."""
        self._idle = False
        try:
            await self._send(trial)
            async with asyncio.timeout(trial.limit_s + GRACE_S):
                while not isinstance(message := await self._receive(), Tried):
                    if isinstance(message, Failed):
                        raise LlmError(message.message)
        except TimeoutError as error:
            self.kill()
            raise LlmError("the language model hangs in a trial and is ended") from error
        finally:
            self._idle = True
        return message

    def end(self, why: str) -> None:
        """End it at once, for a reason to tell: a sentence's clause."""
        self._ended_for = why
        self.kill()

    def kill(self) -> None:
        """End it at once."""
        self._killed_s = time.monotonic() if self._killed_s is None else self._killed_s
        signalled(self._process)

    @property
    def unending(self) -> bool:
        """Whether it was killed a while ago and is there all the same."""
        return self._killed_s is not None and not self.gone.is_set() and time.monotonic() - self._killed_s > UNENDING_S

    def obituary(self) -> WorkerDied:
        """Why it is gone, as an error to raise."""
        code = self._process.returncode
        if self._ended_for:
            return WorkerDied(f"the language model was ended because {self._ended_for}")
        if self._over_ceiling is not None:
            return WorkerDied(
                f"the language model took {self._over_ceiling / 1e6:.0f} MB, above its ceiling of "
                f"{self._ceiling_bytes / 1e6:.0f} MB, and was ended"
            )
        if code == -signal.SIGKILL and self._group_kills:
            return WorkerDied(
                f"the language model wanted more than its ceiling of {self._ceiling_bytes / 1e6:.0f} MB, "
                "and the kernel ended it"
            )
        said = next((line for line in reversed(self._stderr) if line), "")
        if code is not None and code < 0:
            name = signal.Signals(-code).name
            crashed = -code in (signal.SIGSEGV, signal.SIGILL, signal.SIGBUS, signal.SIGFPE, signal.SIGABRT)
            message = f"the language model's process was ended by {name}{f' ({said})' if said else ''}"
            if code == -signal.SIGILL:
                message += ": llama-cpp-python was built for another processor, build it on this machine"
            return WorkerDied(message, crashed_at_start=crashed and not self._ready)
        return WorkerDied(f"the language model's process ended with status {code}{f' ({said})' if said else ''}")

    async def read_messages(self) -> None:
        """Pass what the worker says on, until it is gone."""
        while line := await self._line():
            try:
                self._take(decode(line))
            except WireError:
                log.warning("llm.worker_gibberish", extra={"pid": self.pid})
                self.kill()
        await self._process.wait()
        if self._group:
            self._group_kills = await asyncio.to_thread(self._group.kills)
        self.bury()

    def bury(self) -> None:
        """It is gone: nobody has to wait for it any longer."""
        self.gone.set()
        self._inbox.put_nowait(None)
        self._measured(None)

    async def read_stderr(self) -> None:
        """Keep the last words for the obituary."""
        assert self._process.stderr is not None  # noqa: S101 - it was asked for
        while chunk := await self._process.stderr.read(4096):
            self._stderr.extend(chunk.decode("utf-8", "replace").strip().splitlines())

    async def watch_memory(self) -> None:
        """End the worker when it takes more than its ceiling."""
        while not self.gone.is_set():
            self.resident_bytes = await asyncio.to_thread(resident_bytes, self.pid)
            self.peak_bytes = max(self.peak_bytes, self.resident_bytes)
            if self.resident_bytes > self._ceiling_bytes:
                self._over_ceiling = self.resident_bytes
                self.kill()
                return
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(IDLE_WATCH_S if self._idle else WATCH_S):
                    await self.gone.wait()

    async def keep_in_touch(self, every_s: float = TOUCH_S, silent_s: float = SILENT_S) -> None:
        """End the worker when it gives no sign of life any more: stopped, or stuck in a driver."""
        while not self.gone.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(every_s):
                    await self.gone.wait()
            try:
                async with asyncio.timeout(silent_s):
                    await self.measure()
            except WorkerDied:
                return
            except TimeoutError:
                log.error("llm.silent", extra={"pid": self.pid, "for_s": silent_s})  # noqa: TRY400 (the loop is fine)
                self.end(f"it gave no sign of life for {silent_s:g} s")
                return

    async def _line(self) -> bytes:
        try:
            return await self._reader.readline()
        except (OSError, ValueError):
            self.kill()
            return b""

    def _take(self, message: Message) -> None:
        match message:
            case Told(event, facts):
                if _EVENT.fullmatch(event):
                    log.info(event, extra={"facts": facts})
            case Measured():
                self._measured(message)
            case _:
                self._inbox.put_nowait(message)

    def _measured(self, answer: Measured | None) -> None:
        waiting, self._measuring = self._measuring, []
        for future in waiting:
            if not future.done():
                future.set_result(answer)

    async def _hold_to(self, ceiling_bytes: int) -> None:
        self._ceiling_bytes = ceiling_bytes
        if self._group and not await asyncio.to_thread(self._group.limit, ceiling_bytes):
            log.warning("llm.no_limit", extra={"group": str(self._group.path), "ceiling_bytes": ceiling_bytes})

    async def _send(self, message: Message) -> None:
        while not self.gone.is_set() and not self._inbox.empty():
            self._inbox.get_nowait()
        await self._write(message)

    async def _write(self, message: Message) -> None:
        if self.gone.is_set():
            raise self.obituary()
        with contextlib.suppress(OSError):
            self._writer.write(encode(message))
            await self._writer.drain()

    async def _expect(self, kind: type[_Kind]) -> _Kind:
        while not isinstance(message := await self._receive(), kind):
            pass
        return message

    async def _receive(self) -> Message:
        message = await self._inbox.get()
        if message is None:
            self._inbox.put_nowait(None)
            raise self.obituary()
        return message


def resident_bytes(pid: int) -> int:
    """What a process keeps in memory; 0 when there is no such process."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()
    except (OSError, ValueError, IndexError):
        return 0
