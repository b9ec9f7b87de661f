"""A PulseAudio of the tests' own: null sinks whose monitors are microphones, and whose input is a loudspeaker's."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Self

import numpy as np

from edge.speech.sound import RATE_HZ, Samples

_PATIENCE_S = 20.0


class SoundServer:
    """Runs while the block lasts; what is played into the sink `mic` is heard by the default microphone."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._socket = directory / "native"
        self._process: asyncio.subprocess.Process | None = None
        self._awake: asyncio.subprocess.Process | None = None
        self._microphone: list[str] = []
        self.environment = {
            **os.environ,
            "XDG_RUNTIME_DIR": str(directory),
            "HOME": str(directory),
            "PULSE_SERVER": f"unix:{self._socket}",
        }

    async def __aenter__(self) -> Self:
        await self.start()
        await self.load("speaker")
        await self.control("set-default-sink", "speaker")
        await self.plug_in()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.pull_out()
        await self.stop()

    async def plug_in(self) -> None:
        """A microphone, `microphone`, that gives what is played into the sink `mic`."""
        self._microphone = [
            await self.load("mic"),
            await self.control(
                "load-module", "module-remap-source", "master=mic.monitor", "source_name=microphone", "channels=1"
            ),
        ]
        await self.control("set-default-source", "microphone")
        # A null sink that nobody plays to sleeps for seconds at a time, and a microphone does not.
        self._awake = await asyncio.create_subprocess_exec(
            *("pacat", "--playback", "--device=mic", "--raw", "--rate=16000", "--channels=1", "--latency-msec=20"),
            "/dev/zero",
            env=self.environment,
        )

    async def pull_out(self) -> None:
        """The microphone is gone."""
        for module in reversed(self._microphone):
            await self.unload(module)
        self._microphone = []
        if self._awake is not None:
            with contextlib.suppress(ProcessLookupError):
                self._awake.kill()
            await self._awake.wait()

    async def start(self) -> None:
        """Start the daemon; it answers when this returns."""
        with (self._directory / "log").open("a") as log:
            self._process = await asyncio.create_subprocess_exec(
                *("pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1"),
                "--log-target=stderr",
                f"--load=module-native-protocol-unix socket={self._socket} auth-anonymous=1",
                env=self.environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=log,
            )
        async with asyncio.timeout(_PATIENCE_S):
            while await self._exit_status("pactl", "info"):
                if self._process.returncode is not None:
                    raise RuntimeError((self._directory / "log").read_text())

    async def stop(self) -> None:
        """End the daemon."""
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()

    async def load(self, sink: str, *, rate_hz: int = 48_000, channels: int = 2) -> str:
        """Plug a null sink in; returns the number to unload it by."""
        return await self.control(
            "load-module", "module-null-sink", f"sink_name={sink}", f"rate={rate_hz}", f"channels={channels}"
        )

    async def unload(self, module: str) -> None:
        """Pull something out."""
        await self.control("unload-module", module)

    async def control(self, *words: str) -> str:
        """What pactl says."""
        process = await asyncio.create_subprocess_exec(
            "pactl", *words, env=self.environment, stdout=asyncio.subprocess.PIPE, stderr=sys.stderr
        )
        said, _ = await process.communicate()
        if process.returncode:
            raise RuntimeError(f"pactl {' '.join(words)} failed")
        return said.decode().strip()

    async def listeners(self) -> int:
        """How many programs have the microphone open."""
        outputs = await self.control("list", "short", "source-outputs")
        sources = await self.control("list", "short", "sources")
        index = next(line.split()[0] for line in sources.splitlines() if "\tmicrophone\t" in line)
        return sum(line.split()[1] == index for line in outputs.splitlines())

    async def play(self, samples: Samples, rate_hz: int = RATE_HZ, sink: str = "mic") -> None:
        """Play into a sink until it is over."""
        process = await asyncio.create_subprocess_exec(
            *(
                "pacat",
                "--playback",
                f"--device={sink}",
                "--raw",
                "--format=s16le",
                "--channels=1",
                f"--rate={rate_hz}",
            ),
            *("--latency-msec=50",),
            env=self.environment,
            stdin=asyncio.subprocess.PIPE,
        )
        try:
            await process.communicate(samples.tobytes())
        finally:  # a test may end before the sound does
            if process.returncode is None:
                process.kill()
                await process.wait()

    @contextlib.asynccontextmanager
    async def recording(self, source: str = "speaker.monitor") -> AsyncIterator["Recording"]:
        """What a source gives while the block lasts; it has begun when the block does."""
        process = await asyncio.create_subprocess_exec(
            *("parec", f"--device={source}", "--raw", "--format=s16le", "--channels=1", f"--rate={RATE_HZ}"),
            *("--latency-msec=20",),
            env=self.environment,
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        recording = Recording()
        reading = asyncio.create_task(recording.read(process.stdout))
        try:
            await recording.until(lambda samples: len(samples) > 0)
            yield recording
        finally:
            process.terminate()
            await process.wait()
            await reading

    async def _exit_status(self, *words: str) -> int:
        process = await asyncio.create_subprocess_exec(
            *words, env=self.environment, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
        )
        return await process.wait()


@contextlib.contextmanager
def environment(server: SoundServer) -> Iterator[None]:
    """This process talks to that server."""
    names = ("XDG_RUNTIME_DIR", "PULSE_SERVER")
    before = {name: os.environ.get(name) for name in names}
    os.environ.update({name: server.environment[name] for name in names})
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


class Recording:
    """Grows while it is recorded."""

    def __init__(self) -> None:
        self._recorded = bytearray()
        self._news = asyncio.Event()

    @property
    def samples(self) -> Samples:
        """(n,) at `RATE_HZ`, so far."""
        return np.frombuffer(bytes(self._recorded[: len(self._recorded) // 2 * 2]), dtype=np.int16)

    async def until(self, condition: Callable[[Samples], bool]) -> None:
        """Wait until something holds for what is recorded."""
        async with asyncio.timeout(_PATIENCE_S):
            while not condition(self.samples):
                self._news.clear()
                await self._news.wait()

    async def read(self, stream: asyncio.StreamReader) -> None:
        """Take what comes until it ends."""
        while block := await stream.read(4096):
            self._recorded.extend(block)
            self._news.set()
