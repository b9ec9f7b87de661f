"""The worker process: loads one model, answers one request at a time, and dies with the service that started it.

Run as `python -m edge.llm.worker FD PARENT`: FD is a connected socket that speaks `edge.llm.wire`, PARENT the service's
process id. One thread reads the socket and raises the flag that stops a computation; the main thread computes.
"""

import codecs
import contextlib
import ctypes
import os
import queue
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from edge.llm.conversation import Conversation
from edge.llm.errors import LlmError
from edge.llm.template import ChatTemplate, Part, TemplateError
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
    decode,
    encode,
)

if TYPE_CHECKING:
    from edge.llm.engine import Engine

OOM_SCORE: Final = 600
"""Where memory runs out for the whole machine, the kernel ends this process before the service."""
TRIAL_TOKENS: Final = 40
"""A prompt long enough for the batched kernels, whatever their tile size."""
PLAIN_STOP: Final = "\nUser:"
_PR_SET_PDEATHSIG: Final = 1


class Worker:
    """Speaks with the service over `connection` until it hangs up."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._lines: BinaryIO = connection.makefile("rb")
        self._answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._current: int | None = None
        self._cancelled: set[int] = set()
        self._engine: Engine | None = None
        self._template: ChatTemplate | None = None
        self._conversation: Conversation | None = None

    def run(self) -> None:
        """Load, then answer; returns when the model can't be loaded, and never otherwise."""
        first = self._next()
        if not isinstance(first, Load):
            raise SystemExit("the first message must be load")
        try:
            notice = self._load(first)
        except LlmError as error:
            self._say(Failed(str(error)))
            return
        threading.Thread(target=self._listen, name="listen", daemon=True).start()
        assert self._engine is not None  # noqa: S101 - _load made it
        self._say(Ready(self._engine.n_ctx, notice))
        while True:
            self._answer(self._answers.get())

    def _load(self, load: Load) -> str:
        from edge.llm.engine import Engine

        started = time.monotonic()
        told = 0.0

        def progress(fraction: float) -> bool:
            nonlocal told
            if fraction - told >= 0.05:
                told = fraction
                self._say(Loading(round(fraction, 2)))
            return True

        engine = Engine(load, progress)
        self._say(Loaded(round(time.monotonic() - started, 3)))
        _try_out(engine)
        notice = ""
        try:
            self._template = _chat_template(engine)
        except TemplateError as error:
            notice = f"{error}; a plain prompt is used instead"
        self._engine = engine
        self._conversation = Conversation(self._template, self._tokens, engine.opening, engine.n_ctx)
        return notice

    def _tokens(self, part: Part) -> list[int]:
        assert self._engine is not None  # noqa: S101 - called while answering only
        return self._engine.tokenize(part.text, control=not part.said)

    def _answer(self, request: Answer) -> None:
        assert self._engine is not None  # noqa: S101 - run() loads first
        with self._lock:
            self._current = request.id
            self._engine.abort(request.id in self._cancelled)
        late = threading.Timer(request.deadline_s, self._engine.abort, (True,))
        late.daemon = True
        late.start()
        deadline = time.monotonic() + request.deadline_s
        try:
            done = self._compute(self._engine, request)
        except LlmError as error:
            done = Done(request.id, Reason.ERROR, str(error))
        finally:
            late.cancel()
        with self._lock:
            self._current = None
            if done.reason is Reason.CANCELLED and request.id not in self._cancelled and time.monotonic() >= deadline:
                done = Done(request.id, Reason.DEADLINE)
            self._cancelled = {later for later in self._cancelled if later > request.id}
            self._engine.abort(False)
        self._say(done)

    def _compute(self, engine: "Engine", request: Answer) -> Done:
        from edge.llm.engine import Aborted

        assert self._conversation is not None  # noqa: S101 - run() loads first
        turns = [(role, text) for role, text in request.turns]
        prompt = self._conversation.prompt(request.instructions, turns, request.max_tokens)
        started = read = time.monotonic()
        reused = 0
        written: list[int] = []
        said = ""
        reason = Reason.STOP

        def say(text: str) -> None:
            nonlocal said
            if text:
                said += text
                self._say(Piece(request.id, text))

        words = _Words(None if self._template else PLAIN_STOP)
        try:
            reused = engine.read(prompt.tokens)
            read = time.monotonic()
            for token in engine.write(temperature=request.temperature, seed=request.seed):
                written.append(token)
                say(words.add(engine.text(token)))
                if words.stopped:
                    break
                if len(written) >= request.max_tokens or engine.full:
                    reason = Reason.LENGTH
                    break
            say(words.rest())
        except Aborted:
            reason = Reason.CANCELLED
        self._conversation.remember(said, written)
        if not said and reason is Reason.STOP:
            raise LlmError("the language model had nothing to say")
        return Done(
            request.id,
            reason,
            prompt_tokens=len(prompt.tokens),
            reused_tokens=reused,
            prompt_s=round(read - started, 4),
            tokens=len(written),
            tokens_s=round(time.monotonic() - read, 4),
            dropped_turns=prompt.dropped_turns,
        )

    def _listen(self) -> None:
        """Read the socket until the service hangs up, then end the process whatever it is doing."""
        while True:
            message = self._next()
            if isinstance(message, Answer):
                self._answers.put(message)
            elif isinstance(message, Cancel):
                with self._lock:
                    self._cancelled.add(message.id)
                    if message.id == self._current and self._engine is not None:
                        self._engine.abort(True)

    def _next(self) -> Message:
        line = b""
        with contextlib.suppress(OSError):
            line = self._lines.readline(MAX_LINE_BYTES)
        if not line.endswith(b"\n"):
            os._exit(0)
        return decode(line)

    def _say(self, message: Message) -> None:
        try:
            self._connection.sendall(encode(message))
        except OSError:
            os._exit(0)


def _try_out(engine: "Engine") -> None:
    """Compute once before saying that it works: a build's fast path can crash on a machine it was not made for."""
    words = engine.tokenize("The quick brown fox jumps over the lazy dog. " * TRIAL_TOKENS, control=False)
    engine.read(words[: min(TRIAL_TOKENS, engine.n_ctx // 2)])
    next(engine.write(temperature=0, seed=0), None)


def _chat_template(engine: "Engine") -> ChatTemplate:
    source = engine.chat_template
    if not source:
        raise TemplateError("the model has no chat template")
    return ChatTemplate(source, bos=engine.bos, eos=engine.eos)


class _Words:
    """Bytes of tokens in, whole characters out, up to a stop text where one is given."""

    def __init__(self, stop: str | None) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._stop = stop
        self._held = ""
        self.stopped = False

    def add(self, data: bytes) -> str:
        """What may be said now; text that could be the beginning of the stop is held back."""
        text = self._held + self._decoder.decode(data)
        self._held = ""
        if self._stop is None:
            return text
        before, found, _ = text.partition(self._stop)
        if found:
            self.stopped = True
            return before
        for length in range(min(len(self._stop) - 1, len(text)), 0, -1):
            if text.endswith(self._stop[:length]):
                self._held = text[-length:]
                return text[:-length]
        return text

    def rest(self) -> str:
        """What was held back, once nothing more comes."""
        return "" if self.stopped else self._held + self._decoder.decode(b"", final=True)


def die_with(parent: int) -> None:
    """Have the kernel end this process when the service goes, however it goes."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)


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
