"""Piper, run as the program it is: text goes in line by line, and a WAV file comes out for each.

Its licence is the GPL, so it is never imported; nothing but its command line is used.
"""

import asyncio
import contextlib
import importlib.util
import json
import logging
import re
import shutil
import sys
import tempfile
import time
import wave
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import deque
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Final

import numpy as np

from edge.child import environment, signalled
from edge.speech.script import sentences
from edge.speech.sound import Sound, SpeechError
from edge.speech.tts.espeak import plain

log = logging.getLogger(__name__)

_NO_BRACKETS: Final = dict.fromkeys(map(ord, "()[]{}"))
"""What is cut off may leave one open, and a remedy behind it would not be found."""
_FIRST_S: Final = 120.0
"""The longest that loading a voice and the first sentence may take, on a slow card."""
_SENTENCE_S: Final = 45.0
_AGAIN_S: Final = (5.0, 30.0, 120.0)
"""How long it is left alone after it failed once, twice, more often."""
_WROTE: Final = re.compile(r"\bWrote (.+\.wav)\s*$")
_STDERR_LINES: Final = 30
_ANOTHER: Final = "get one that Piper reads: `edge models pull rhasspy/piper-voices:en_GB-alan-medium.onnx --use`"


class Piper:
    """A voice of Piper's; the program is started with the first text and kept, until `close`."""

    name = "piper"

    def __init__(self, onnx: Path, *, name: str | None = None, scratch: Path | None = None) -> None:
        """`onnx`: the voice's network; its JSON lies beside it. `scratch`: where its sound passes through."""
        self.voice = name or onnx.stem
        self._onnx = onnx
        self._scratch = scratch
        self._running: _Running | None = None
        self._one_at_a_time = asyncio.Lock()
        self._failures = 0
        self._failed: tuple[float, SpeechError] | None = None
        self._warming: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """The program's process id while it runs."""
        return self._running.process.pid if self._running is not None and not self._running.gone else None

    def warm_up(self) -> None:
        """Load the voice in the background, so that the first reply need not wait for that."""
        self._warming = asyncio.create_task(self._warm())

    async def speak(self, text: str) -> AsyncGenerator[Sound, None]:
        """Sentence by sentence. Raises `SpeechError` with what is wrong with the voice or with Piper."""
        for sentence in sentences(plain(text)):
            if any(char.isalnum() for char in sentence):
                yield await self._said(sentence)

    async def close(self) -> None:
        """End the program."""
        if self._warming is not None:
            self._warming.cancel()
            await asyncio.gather(self._warming, return_exceptions=True)
        await self._end()

    async def _warm(self) -> None:
        with contextlib.suppress(SpeechError):
            await self._said("Ready.")

    async def _said(self, sentence: str) -> Sound:
        async with self._one_at_a_time:
            if self._running is None or self._running.gone:
                await self._start()
            assert self._running is not None  # noqa: S101 - it has just been started
            try:
                sound = await self._running.said(sentence)
            except SpeechError as error:
                await self._end()
                self._failures += 1
                self._failed = time.monotonic(), error
                raise
            self._failures, self._failed = 0, None
            return sound

    async def _start(self) -> None:
        if self._failed is not None:
            at_s, why = self._failed
            if time.monotonic() - at_s < _AGAIN_S[min(self._failures, len(_AGAIN_S)) - 1]:
                raise SpeechError(str(why))
        await self._end()
        try:
            program = await asyncio.to_thread(self._examine)
            self._running = await _started(program, self._onnx, self._scratch)
        except SpeechError as error:
            self._failures += 1
            self._failed = time.monotonic(), error
            raise
        log.info("piper.started", extra={"voice": self.voice, "pid": self._running.process.pid})

    async def _end(self) -> None:
        if self._running is not None:
            running, self._running = self._running, None
            await running.end()

    def _examine(self) -> list[str]:
        """How to start Piper; raises `SpeechError` for what can be seen to be wrong beforehand."""
        config = self._onnx.with_name(f"{self._onnx.name}.json")
        if not self._onnx.is_file():
            raise SpeechError(f"the voice {self.voice} is gone: there is no {self._onnx}; add it again")
        try:
            described = json.loads(config.read_bytes())
            int(described["audio"]["sample_rate"]), dict(described["phoneme_id_map"])
        except FileNotFoundError:
            raise SpeechError(
                f"the voice {self.voice} lacks its description: copy {config.name}, "
                f"which is published beside it, to {config.parent}"
            ) from None
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise SpeechError(f"{config} does not describe a voice of Piper's ({error}): {_ANOTHER}") from error
        return piper_program()


class _Running:
    """The program while it runs; answers come in the order of the lines."""

    def __init__(self, process: Process, directory: Path, voice: str) -> None:
        self.process = process
        self._directory = directory
        self._voice = voice
        self._asked: deque[asyncio.Future[Path]] = deque()
        self._stderr: deque[str] = deque(maxlen=_STDERR_LINES)
        self._answered = False
        self._listening = asyncio.create_task(self._listen())

    @property
    def gone(self) -> bool:
        """Whether it has ended."""
        return self._listening.done()

    async def said(self, sentence: str) -> Sound:
        """The sound of a sentence without line breaks."""
        assert self.process.stdin is not None  # noqa: S101 - it was asked for
        answer: asyncio.Future[Path] = asyncio.get_running_loop().create_future()
        self._asked.append(answer)
        with contextlib.suppress(OSError):
            self.process.stdin.write(sentence.encode("utf-8", "replace") + b"\n")
            await self.process.stdin.drain()
        try:
            async with asyncio.timeout(_SENTENCE_S if self._answered else _FIRST_S):
                file = await answer
        except TimeoutError:
            raise SpeechError(f"Piper hangs with the voice {self._voice} and was ended") from None
        self._answered = True
        return await asyncio.to_thread(_taken, file)

    async def end(self) -> None:
        """Kill it and clear up after it."""
        signalled(self.process)
        await self.process.wait()
        await asyncio.gather(self._listening, return_exceptions=True)
        await asyncio.to_thread(shutil.rmtree, self._directory, ignore_errors=True)

    async def _listen(self) -> None:
        """Take in what it tells; whoever waits when it ends is told why."""
        assert self.process.stderr is not None  # noqa: S101 - it was asked for
        try:
            while line := await self.process.stderr.readline():
                words = line.decode("utf-8", "replace").strip()
                wrote = _WROTE.search(words)
                if wrote is None:
                    self._stderr.append(words)
                else:
                    await self._answer(Path(wrote.group(1)))
            await self.process.wait()
        finally:
            why = self._obituary()
            for answer in self._asked:
                if not answer.done():
                    answer.set_exception(why)

    async def _answer(self, file: Path) -> None:
        answer = self._asked.popleft() if self._asked else None
        if answer is not None and not answer.done():
            answer.set_result(file)
        else:
            await asyncio.to_thread(file.unlink, missing_ok=True)

    def _obituary(self) -> SpeechError:
        said = next((line for line in reversed(self._stderr) if line), "it said nothing")
        if not self._answered:
            said = said[:300].translate(_NO_BRACKETS)
            return SpeechError(
                f"Piper can't speak with the voice {self._voice} ({said}): it is damaged, or made for another "
                f"program or processor; {_ANOTHER}"
            )
        return SpeechError(f"Piper ended while it spoke with the voice {self._voice} ({said[:300]})")


def piper_program() -> list[str]:
    """How to start Piper: the package beside this one, or the program on the path; raises `SpeechError`."""
    if importlib.util.find_spec("piper") is not None:
        return [sys.executable, "-P", "-m", "piper"]
    program = shutil.which("piper")
    if program is None:
        raise SpeechError(
            "a Piper voice is installed, but Piper is not: `pip install 'edge-assistant[piper]'`; espeak-ng speaks"
        )
    return [program]


async def _started(program: list[str], onnx: Path, scratch: Path | None) -> _Running:
    def made() -> Path:
        if scratch is not None:
            scratch.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix="piper-", dir=scratch))

    try:
        directory = await asyncio.to_thread(made)
        process = await asyncio.create_subprocess_exec(
            *(*program, "--model", str(onnx), "--output-dir", str(directory)),
            stdin=PIPE,
            stdout=DEVNULL,
            stderr=PIPE,
            env=environment() | {"PYTHONUTF8": "1"},
            cwd=directory,
            start_new_session=True,
        )
    except OSError as error:
        raise SpeechError(f"Piper can't be started: {error.strerror or error}") from error
    return _Running(process, directory, onnx.stem)


def _taken(file: Path) -> Sound:
    """The sound of a file, which is deleted."""
    try:
        with wave.open(str(file), "rb") as recording:
            samples = np.frombuffer(recording.readframes(recording.getnframes()), dtype="<i2")
            return Sound(samples.astype(np.int16), recording.getframerate())
    except (OSError, EOFError, wave.Error, ValueError) as error:
        raise SpeechError(f"Piper's sound {file} can't be read: {error}") from error
    finally:
        file.unlink(missing_ok=True)
