"""The service's end of a speech worker: starts it, feeds it, hears what it heard, ends it."""

import asyncio
import contextlib
import signal
from asyncio.subprocess import Process
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final

from edge.child import signalled
from edge.spawn import spawned
from edge.speech.sound import Samples, SpeechError
from edge.speech.stt import Hypothesis, Transcript
from edge.speech.stt.wire import HEADER, MAX_BYTES, Frame, Kind, frame, hypotheses_from_plain

START_S: Final = 120.0
"""The longest that an engine may take to be made; a large Whisper model on a slow card takes a minute."""
FINAL_S: Final = 30.0
"""The longest that it may take to tell what it heard, after the last sample."""
_STDERR_LINES: Final = 20


class SpeechWorkerDied(SpeechError):  # noqa: N818 - what happened, as a sentence
    """The worker process ended by itself or was ended."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What an engine is made with: its name, the words of the house as JSON, a model's directory or nothing."""

    engine: str
    classes: str
    model: str = ""


class SpeechWorker:
    """A running worker; one utterance at a time. Every method raises `SpeechWorkerDied` once it is gone."""

    def __init__(
        self, setup: Setup, process: Process, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.setup = setup
        self._process = process
        self._reader = reader
        self._writer = writer
        self._inbox: asyncio.Queue[Frame | None] = asyncio.Queue()
        self._stderr: deque[str] = deque(maxlen=_STDERR_LINES)
        self._behind = 0
        self._caught_up = asyncio.Condition()
        self.gone = asyncio.Event()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    async def set_up(self) -> float:
        """Have the engine made; the seconds it takes over a short sentence after its end.

        Raises `SpeechError` with the reason when it can't be made.
        """
        setup = self.setup
        await self._send(frame(Kind.SETUP, engine=setup.engine, classes=setup.classes, model=setup.model))
        async with self._in_time(START_S):
            answer = await self._receive()
        if answer.kind is not Kind.READY:
            raise SpeechError(str(answer.facts.get("why", "the speech engine can't be made")))
        return float(answer.facts.get("took_s", 0.0))

    async def hear(self, frames: AsyncIterator[Samples]) -> AsyncGenerator[Transcript, None]:
        """Partial transcripts while the frames come, then the final one."""
        self._behind = 0
        await self._send(Frame(Kind.BEGIN))
        said = ""
        async for samples in frames:
            self._behind += 1
            await self._send(Frame(Kind.AUDIO, samples.tobytes()))
            while not self._inbox.empty():
                text = self._partial(await self._receive())
                if text != said:
                    said = text
                    yield Transcript(self.setup.engine, (Hypothesis(text, 0.0),))
        await self._send(Frame(Kind.END))
        async with self._in_time(FINAL_S):
            while (received := await self._receive()).kind is Kind.PARTIAL:
                pass
        if received.kind is Kind.FAILED:
            raise SpeechError(str(received.facts.get("why", "the speech engine failed")))
        yield Transcript(self.setup.engine, hypotheses_from_plain(received.facts.get("hypotheses")))

    async def caught_up(self) -> None:
        """Wait until every sample given so far is decoded, or the worker has gone."""
        async with self._caught_up:
            while self._behind > 0 and not self.gone.is_set():
                await self._caught_up.wait()

    def _partial(self, received: Frame) -> str:
        return str(received.facts.get("text", "")) if received.kind is Kind.PARTIAL else ""

    def kill(self) -> None:
        """End it at once."""
        signalled(self._process)

    async def read_frames(self) -> None:
        """Take in what the worker says, until it is gone."""
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, ValueError):
            while True:
                kind, size = HEADER.unpack(await self._reader.readexactly(HEADER.size))
                if size > MAX_BYTES:
                    break
                received = Frame(Kind(kind), await self._reader.readexactly(size))
                self._inbox.put_nowait(received)
                if received.kind is Kind.PARTIAL:
                    await self._decoded()
        self.kill()
        await self._process.wait()
        self.bury()
        await self.let_go()

    async def let_go(self) -> None:
        """Have those look again who wait for what was heard to be decoded."""
        async with self._caught_up:
            self._caught_up.notify_all()

    async def _decoded(self) -> None:
        async with self._caught_up:
            self._behind -= 1
            if self._behind <= 0:
                self._caught_up.notify_all()

    async def read_stderr(self) -> None:
        """Keep the last words for the obituary."""
        assert self._process.stderr is not None  # noqa: S101 - it was asked for
        while chunk := await self._process.stderr.read(4096):
            self._stderr.extend(chunk.decode("utf-8", "replace").strip().splitlines())

    def bury(self) -> None:
        """It is gone: nobody has to wait for it any longer."""
        self.gone.set()
        self._inbox.put_nowait(None)

    def obituary(self) -> SpeechWorkerDied:
        """Why it is gone, as an error to raise."""
        code = self._process.returncode
        said = next((line for line in reversed(self._stderr) if line), "")
        how = f"was ended by {signal.Signals(-code).name}" if code is not None and code < 0 else f"ended with {code}"
        return SpeechWorkerDied(f"the speech worker ({self.setup.engine}) {how}{f' ({said})' if said else ''}")

    @asynccontextmanager
    async def _in_time(self, seconds: float) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(seconds):
                yield
        except TimeoutError:
            self.kill()
            raise SpeechError(f"the speech worker ({self.setup.engine}) hangs and is started again") from None

    async def _send(self, message: Frame) -> None:
        if self.gone.is_set():
            raise self.obituary()
        with contextlib.suppress(OSError):
            self._writer.write(message.encoded())
            await self._writer.drain()

    async def _receive(self) -> Frame:
        received = await self._inbox.get()
        if received is None:
            self._inbox.put_nowait(None)
            raise self.obituary()
        return received


@asynccontextmanager
async def started_worker(setup: Setup) -> AsyncIterator[SpeechWorker]:
    """A worker whose engine is being made, for the length of the block; it is gone when the block is left."""
    async with AsyncExitStack() as stack:
        try:
            child = await stack.enter_async_context(spawned("edge.speech.stt.worker"))
        except OSError as error:
            raise SpeechError(f"the speech worker can't be started: {error.strerror}") from error
        worker = SpeechWorker(setup, child.process, child.reader, child.writer)
        tasks = [asyncio.create_task(work) for work in (worker.read_frames(), worker.read_stderr())]
        try:
            yield worker
        finally:
            await stack.aclose()
            worker.bury()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            # Whoever reads the frames may have been ended before it could say so.
            await worker.let_go()
