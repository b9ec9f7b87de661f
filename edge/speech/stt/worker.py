"""The speech worker: makes an engine, hears one utterance at a time, and dies with the service that started it.

Run as `python -m edge.speech.stt.worker FD PARENT`: FD is a connected socket that speaks `edge.speech.stt.wire`, PARENT
the service's process id.
"""

import contextlib
import os
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Final, Protocol

import numpy as np

from edge.child import die_with
from edge.errors import EdgeError
from edge.speech.sound import FRAME, RATE_HZ, Samples, SpeechError
from edge.speech.stt import Hypothesis
from edge.speech.stt.language import classes_from_json
from edge.speech.stt.wire import HEADER, MAX_BYTES, Frame, Kind, frame, hypotheses_to_plain

OOM_SCORE: Final = 500
"""Where memory runs out for the whole machine: after the language model, before the service."""
_TRIAL_S: Final = 3.0


class Engine(Protocol):
    """What recognises, synchronously."""

    def begin(self) -> None:
        """A new utterance; what was not ended is dropped."""
        ...

    def feed(self, samples: Samples) -> str:
        """Take more; the words so far, empty where there are none yet."""
        ...

    def end(self) -> tuple[Hypothesis, ...]:
        """What it may have been, likeliest first."""
        ...


class Worker:
    """Speaks with the service over `connection` until it hangs up."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._stream = connection.makefile("rb")

    def run(self) -> None:
        """Work off what comes in; returns when the service has gone."""
        engine: Engine | None = None
        while (received := self._next()) is not None:
            match received.kind:
                case Kind.SETUP:
                    engine = self._set_up(received)
                case Kind.BEGIN if engine:
                    engine.begin()
                case Kind.AUDIO if engine:
                    self._say(frame(Kind.PARTIAL, text=engine.feed(np.frombuffer(received.body, dtype=np.int16))))
                case Kind.END if engine:
                    self._end(engine)
                case _:
                    return

    def _set_up(self, setup: Frame) -> Engine | None:
        facts = setup.facts
        try:
            engine = _engine(str(facts["engine"]), str(facts["classes"]), str(facts["model"]))
        except EdgeError as error:
            self._say(frame(Kind.FAILED, why=str(error)))
            return None
        self._say(frame(Kind.READY, took_s=_tried(engine)))
        return engine

    def _end(self, engine: Engine) -> None:
        try:
            self._say(frame(Kind.FINAL, hypotheses=hypotheses_to_plain(engine.end())))
        except EdgeError as error:
            self._say(frame(Kind.FAILED, why=str(error)))

    def _next(self) -> Frame | None:
        header = self._stream.read(HEADER.size)
        if len(header) < HEADER.size:
            return None
        kind, size = HEADER.unpack(header)
        if size > MAX_BYTES:
            return None
        body = self._stream.read(size)
        return Frame(Kind(kind), body) if len(body) == size else None

    def _say(self, message: Frame) -> None:
        self._connection.sendall(message.encoded())


def _engine(name: str, classes: str, model: str) -> Engine:
    from edge.speech.stt import sphinx, whisper

    try:
        words = classes_from_json(classes)
    except (ValueError, TypeError, AttributeError) as error:
        raise SpeechError("the words of the house can't be read") from error
    match name:
        case sphinx.NAME:
            return sphinx.Sphinx(words)
        case whisper.NAME:
            return whisper.Whisper(words, Path(model))
        case _:
            raise SpeechError(f"no engine is called {name!r}")


def _tried(engine: Engine) -> float:
    """Seconds from the end of a sentence to its words, on a murmur."""
    random = np.random.default_rng(0)
    engine.begin()
    for _ in range(round(_TRIAL_S * RATE_HZ / FRAME)):
        engine.feed((random.normal(size=FRAME) * 500).astype(np.int16))
    began = time.monotonic()
    engine.end()
    return time.monotonic() - began


def main() -> None:
    """Serve the socket named on the command line."""
    descriptor, parent = (int(word) for word in sys.argv[1:3])
    die_with(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(str(OOM_SCORE))
    with socket.socket(fileno=descriptor) as connection, contextlib.suppress(OSError):
        Worker(connection).run()
    os._exit(0)


if __name__ == "__main__":
    main()
