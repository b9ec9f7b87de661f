"""The service's end of a worker process: starts it, speaks with it, watches its memory, ends it."""

import asyncio
import contextlib
import logging
import os
import resource
import signal
import socket
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import edge
from edge.llm.errors import LlmError
from edge.llm.wire import (
    MAX_LINE_BYTES,
    Answer,
    Cancel,
    Done,
    Failed,
    Load,
    Loaded,
    Loading,
    Message,
    Piece,
    Ready,
    Reason,
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
STDERR_LINES: Final = 20
_KEPT_VARIABLES: Final = ("HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PATH", "TMPDIR", "TZ", "VIRTUAL_ENV")


class WorkerDied(LlmError):  # noqa: N818 - what happened, as a sentence
    """The worker process ended by itself or was ended; the message says which."""

    def __init__(self, message: str, *, crashed_at_start: bool = False) -> None:
        super().__init__(message)
        self.crashed_at_start = crashed_at_start
        """Whether it crashed, by a fault of the machine code, before it could answer."""


class WorkerProcess:
    """A running worker. Made by `started_worker`; every method raises `WorkerDied` once it is gone."""

    def __init__(
        self, process: Process, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, plan: Plan
    ) -> None:
        self._process = process
        self._reader = reader
        self._writer = writer
        self._plan = plan
        self._stderr: deque[str] = deque(maxlen=STDERR_LINES)
        self._inbox: asyncio.Queue[Message | None] = asyncio.Queue()
        self._over_ceiling: int | None = None
        self._ready = False
        self._idle = False
        self.gone = asyncio.Event()
        self.fraction = 0.0
        self.resident_bytes = 0
        self.peak_bytes = 0
        self.load_s = 0.0
        self.notice = ""
        self.last: Done | None = None
        """Figures of the last answer that ended."""

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    async def load(self, model: Path) -> None:
        """Load the model and wait until it can answer. Raises `LlmError` with the reason when it can't."""
        plan = self._plan
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
            )
        )
        while not self._ready:
            match await self._receive():
                case Loading(fraction):
                    self.fraction = fraction
                case Loaded(load_s):
                    self.load_s = load_s
                case Ready(_, notice):
                    self._ready, self._idle, self.notice = True, True, notice
                case Failed(message):
                    raise LlmError(message)
                case _:
                    pass

    async def answer(self, request: Answer) -> AsyncGenerator[str, None]:
        """The answer's pieces; closing the generator stops the work within a tenth of a second."""
        done: Done | None = None
        self._idle = False
        try:
            await self._send(request)
            async with asyncio.timeout(request.deadline_s + GRACE_S):
                while done is None:
                    message = await self._receive()
                    if isinstance(message, Piece) and message.id == request.id:
                        yield message.text
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
        if done.reason is Reason.DEADLINE:
            raise LlmError(f"the language model took longer than {request.deadline_s:g} s and was stopped")

    def kill(self) -> None:
        """End it at once."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    def obituary(self) -> WorkerDied:
        """Why it is gone, as an error to raise."""
        code = self._process.returncode
        if self._over_ceiling is not None:
            return WorkerDied(
                f"the language model took {self._over_ceiling / 1e6:.0f} MB, above its ceiling of "
                f"{self._plan.ceiling_bytes / 1e6:.0f} MB, and was ended"
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
                self._inbox.put_nowait(decode(line))
            except WireError:
                log.warning("llm.worker_gibberish", extra={"pid": self.pid})
                self.kill()
        await self._process.wait()
        self.bury()

    def bury(self) -> None:
        """It is gone: nobody has to wait for it any longer."""
        self.gone.set()
        self._inbox.put_nowait(None)

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
            if self.resident_bytes > self._plan.ceiling_bytes:
                self._over_ceiling = self.resident_bytes
                self.kill()
                return
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.gone.wait(), IDLE_WATCH_S if self._idle else WATCH_S)

    async def _line(self) -> bytes:
        try:
            return await self._reader.readline()
        except (OSError, ValueError):
            self.kill()
            return b""

    async def _send(self, message: Message) -> None:
        if self.gone.is_set():
            raise self.obituary()
        while not self._inbox.empty():
            self._inbox.get_nowait()
        with contextlib.suppress(OSError):
            self._writer.write(encode(message))
            await self._writer.drain()

    async def _receive(self) -> Message:
        message = await self._inbox.get()
        if message is None:
            self._inbox.put_nowait(None)
            raise self.obituary()
        return message


@asynccontextmanager
async def started_worker(plan: Plan) -> AsyncIterator[WorkerProcess]:
    """A worker process for the length of the block; it is gone when the block is left, whatever happened."""
    ours, theirs = socket.socketpair()
    with theirs:
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", "edge.llm.worker", str(theirs.fileno()), str(os.getpid())),
                stdin=DEVNULL,
                stdout=DEVNULL,
                stderr=PIPE,
                pass_fds=[theirs.fileno()],
                env=_environment(),
                start_new_session=True,
            )
        except OSError as error:
            ours.close()
            raise LlmError(f"the language model's process can't be started: {error.strerror}") from error
    ours.setblocking(False)
    reader, writer = await asyncio.open_connection(sock=ours, limit=MAX_LINE_BYTES)
    worker = WorkerProcess(process, reader, writer, plan)
    tasks = [
        asyncio.create_task(work) for work in (worker.read_messages(), worker.read_stderr(), worker.watch_memory())
    ]
    try:
        yield worker
    finally:
        worker.kill()
        writer.close()
        await process.wait()
        worker.bury()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def resident_bytes(pid: int) -> int:
    """What a process keeps in memory; 0 when there is no such process."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()
    except (OSError, ValueError, IndexError):
        return 0


def _environment() -> dict[str, str]:
    """What the worker needs to know, and none of the service's secrets.

    OpenMP's threads must sleep while they wait: spinning on a busy machine costs ten times the time.
    """
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    home = str(Path(edge.__file__).parent.parent)
    paths = [home, *(part for part in os.environ.get("PYTHONPATH", "").split(os.pathsep) if part)]
    return {**kept, "PYTHONPATH": os.pathsep.join(paths), "OMP_WAIT_POLICY": "passive", "PYTHONUNBUFFERED": "1"}
