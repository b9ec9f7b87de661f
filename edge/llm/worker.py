"""The worker process: loads a model, answers one request at a time, and dies with the service that started it.

Run as `python -m edge.llm.worker FD PARENT`: FD is a connected socket that speaks `edge.llm.wire`, PARENT the service's
process id. One thread reads the socket and does what must not wait; the main thread computes.
"""

import contextlib
import os
import queue
import signal
import socket
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from edge.child import die_with
from edge.llm.errors import LlmError, LlmRefused
from edge.llm.wire import (
    MAX_LINE_BYTES,
    Answer,
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
    Prime,
    Ready,
    Reason,
    Threads,
    Trial,
    Unload,
    Unloaded,
    decode,
    encode,
)

if TYPE_CHECKING:
    from edge.llm.answering import Session

OOM_SCORE: Final = 600
"""Where memory runs out for the whole machine, the kernel ends this process before the service."""


class Worker:
    """Speaks with the service over `connection` until it hangs up."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._lines: BinaryIO = connection.makefile("rb")
        self._jobs: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._speaking = threading.Lock()
        self._current: int | None = None
        self._late = False
        self._priming = False
        self._cancelled: set[int] = set()
        self._session: Session | None = None

    def run(self) -> None:
        """Work off what comes in, in order; never returns."""
        threading.Thread(target=self._listen, name="listen", daemon=True).start()
        while True:
            self._do(self._jobs.get())

    def _do(self, job: Message) -> None:
        """One job, on the main thread."""
        match job:
            case Load():
                self._load(job)
            case Unload():
                self._unload()
                self._say(Unloaded())
            case Check():
                self._check(job)
            case Prime():
                self._prime(job)
            case Answer():
                self._answer(job)
            case Trial():
                self._try(job)
            case _:
                raise SystemExit(f"{type(job).__name__} is none of a worker's jobs")

    def _now(self, message: Message) -> bool:
        """What must not wait for the work under way, on the listening thread; False when it is a job."""
        match message:
            case Cancel(number):
                with self._lock:
                    self._cancelled.add(number)
                    if number == self._current and self._session is not None:
                        self._session.engine.abort(True)
            case Threads(n_threads, n_threads_batch):
                if session := self._session:
                    session.engine.set_threads(n_threads, n_threads_batch)
            case Measure():
                self._say(self._measured())
            case _:
                return False
        return True

    def _load(self, load: Load) -> None:
        from edge.llm.answering import Session
        from edge.llm.engine import Engine

        started = time.monotonic()
        told = 0.0

        def progress(fraction: float) -> bool:
            nonlocal told
            if fraction - told >= 0.05:
                told = fraction
                self._say(Loading(round(fraction, 2)))
            return True

        doubt = ""
        try:
            if self._session is not None and _same_weights(self._session.load, load):
                self._session.remake(load)
                self._say(Loaded(round(time.monotonic() - started, 3)))
            else:
                self._unload()
                engine = Engine(load, progress)
                self._say(Loaded(round(time.monotonic() - started, 3)))
                self._session = Session(engine, load, self._say)
                doubt = self._session.try_out()
        except LlmError as error:
            self._unload()
            self._say(Failed(str(error)))
            return
        self._say(Ready(self._session.engine.n_ctx, self._session.notice, doubt))

    def _unload(self) -> None:
        with self._lock:
            session, self._session = self._session, None
        if session is not None:
            session.engine.close()

    def _check(self, check: Check) -> None:
        from edge.llm.golden import check as compute

        self._unload()
        try:
            nearness, wrong = compute(check.types, repack=check.repack, flash_attn=check.flash_attn)
        except (LlmError, OSError) as error:
            nearness, wrong = 0.0, str(error)
        self._say(Checked(wrong, round(nearness, 5)))

    def _prime(self, prime: Prime) -> None:
        from edge.llm.engine import Aborted

        session = self._session
        if session is None:
            return
        with self._lock:
            if not self._jobs.empty():
                return
            self._priming = True
        try:
            session.prime(prime)
        except (Aborted, LlmError):
            pass  # an answer goes first, and it will say what is wrong
        finally:
            with self._lock:
                self._priming = False
                session.engine.abort(False)

    def _answer(self, request: Answer) -> None:
        session = self._session
        if session is None:
            self._say(Done(request.id, Reason.ERROR, "no language model is loaded"))
            return
        engine = session.engine
        with self._lock:
            self._current, self._late = request.id, False
            engine.abort(request.id in self._cancelled)
        late = threading.Timer(request.deadline_s, self._give_up, (request.id,))
        late.daemon = True
        late.start()
        try:
            done = session.answer(request)
        except LlmError as error:
            refused = isinstance(error, LlmRefused)
            done = Done(request.id, Reason.REFUSED if refused else Reason.ERROR, str(error))
        finally:
            late.cancel()
        with self._lock:
            self._current = None
            if done.reason is Reason.CANCELLED and request.id not in self._cancelled and self._late:
                done = Done(request.id, Reason.DEADLINE)
            self._cancelled = {later for later in self._cancelled if later > request.id}
            engine.abort(False)
        self._say(done)

    def _try(self, trial: Trial) -> None:
        from edge.llm.trial import run

        session = self._session
        if session is None:
            self._say(Failed("no language model is loaded"))
            return
        try:
            self._say(run(session.engine, trial, piece=session.load.n_batch))
        except LlmError as error:
            self._say(Failed(str(error)))

    def _give_up(self, number: int) -> None:
        """The deadline of an answer has come, if that answer is still being worked on."""
        with self._lock:
            if number == self._current and self._session is not None:
                self._late = True
                self._session.engine.abort(True)

    def _measured(self) -> Measured:
        facts = _memory_facts()
        with self._lock:
            engine = self._session.engine if self._session else None
            threads = engine.threads if engine else (0, 0)
            n_ctx, cached = (engine.n_ctx, engine.cached_tokens) if engine else (0, 0)
        return Measured(
            resident_bytes=facts.get("VmRSS", 0),
            anonymous_bytes=facts.get("RssAnon", 0),
            file_bytes=facts.get("RssFile", 0),
            peak_bytes=facts.get("VmHWM", 0),
            n_threads=threads[0],
            n_threads_batch=threads[1],
            n_ctx=n_ctx,
            cached_tokens=cached,
        )

    def _listen(self) -> None:
        """Read the socket until the service hangs up, then end the process whatever it is doing."""
        try:
            while True:
                message = self._next()
                if self._now(message):
                    continue
                with self._lock:
                    self._jobs.put(message)
                    if self._priming and self._session is not None:
                        self._session.engine.abort(True)
        finally:
            # Deaf, it could be neither cancelled nor ended in order: the service had better start another.
            traceback.print_exc()
            os._exit(1)

    def _next(self) -> Message:
        line = b""
        with contextlib.suppress(OSError):
            line = self._lines.readline(MAX_LINE_BYTES)
        if not line.endswith(b"\n"):
            os._exit(0)
        return decode(line)

    def _say(self, message: Message) -> None:
        try:
            with self._speaking:
                self._connection.sendall(encode(message))
        except OSError:
            os._exit(0)


def _same_weights(old: Load, new: Load) -> bool:
    """Whether what is in memory serves the new settings: the identity stands for the file's contents."""
    return bool(new.identity) and (old.model, old.load_mode, old.repack, old.identity) == (
        new.model,
        new.load_mode,
        new.repack,
        new.identity,
    )


def _memory_facts() -> dict[str, int]:
    """The kernel's figures of this process, in bytes."""
    lines = Path("/proc/self/status").read_text("ascii", "replace").splitlines()
    pairs = (line.partition(":") for line in lines if line.endswith(" kB"))
    return {name: int(value.split()[0]) * 1024 for name, _, value in pairs}


def main() -> None:
    """Serve the socket named on the command line."""
    descriptor, parent = (int(word) for word in sys.argv[1:3])
    die_with(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(str(OOM_SCORE))
    with socket.socket(fileno=descriptor) as connection:
        Worker(connection).run()


if __name__ == "__main__":
    main()
