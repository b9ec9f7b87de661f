"""How soon a reply is heard, how soon silence is, and what the voice costs.

    python -m tests.bench.speech_mouth [--runs N]

Plays into a sound server's null sink and records its monitor: what is measured is sound, not calls. `made` is the time
to the first samples of a text, `given` that from `Mouth.say` until they go to the open loudspeaker, `heard` that to the
first sound in the recording (past the buffers of PortAudio, 100 ms, and of the server), `silent` the time from
`Mouth.stop` to the last sound, `stop_returned` that until it returns.
"""

import argparse
import asyncio
import json
import os
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import numpy as np

from edge.models import ModelStore
from edge.speech.audio import PortAudioLoudspeaker
from edge.speech.mouth import Mouth
from edge.speech.saying import spoken
from edge.speech.sound import Sound
from edge.speech.tts.espeak import Espeak
from edge.speech.tts.voices import Voices
from tests.sound_server import SoundServer, environment

_REPLY = "The kitchen light is on at 40 percent."
_STORY = "This is a story that goes on for quite a while, and then it goes on for a little longer than that."
_LOUD = 300
_SETTLED_S = 0.3


async def _made(runs: int) -> list[float]:
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        async with aclosing(Espeak().speak(spoken(_REPLY))) as sounds:
            await anext(sounds)
            times.append(time.perf_counter() - began)
    return times


class _Timed:
    """A loudspeaker, and when it was first given sound."""

    def __init__(self, loudspeaker: PortAudioLoudspeaker) -> None:
        self._loudspeaker = loudspeaker
        self.given_at = 0.0

    async def play(self, sounds: AsyncIterator[Sound]) -> None:
        await self._loudspeaker.play(self._noted(sounds))

    async def _noted(self, sounds: AsyncIterator[Sound]) -> AsyncIterator[Sound]:
        self.given_at = 0.0
        async for sound in sounds:
            self.given_at = self.given_at or time.perf_counter()
            yield sound


class _Monitor:
    """When the sink began and ceased to sound."""

    def __init__(self, server: SoundServer) -> None:
        self._server = server
        self.loud_at = 0.0
        self._loud = asyncio.Event()
        self._first: float | None = None

    async def listen(self) -> None:
        process = await asyncio.create_subprocess_exec(
            *("parec", "--device=speaker.monitor", "--raw", "--format=s16le", "--channels=1", "--rate=16000"),
            "--latency-msec=10",
            env=self._server.environment,
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        try:
            while block := await process.stdout.read(640):
                samples = np.frombuffer(block[: len(block) // 2 * 2], dtype=np.int16)
                if np.abs(samples.astype(np.int32)).max(initial=0) > _LOUD:
                    self.loud_at = time.perf_counter()
                    self._first = self._first or self.loud_at
                    self._loud.set()
        finally:
            process.kill()
            await process.wait()

    async def first(self) -> float:
        await self._loud.wait()
        assert self._first is not None
        return self._first

    def again(self) -> None:
        self._loud.clear()
        self._first = None

    async def settled(self) -> float:
        while (left_s := self.loud_at + _SETTLED_S - time.perf_counter()) > 0:  # noqa: ASYNC110 (silence is no event)
            await asyncio.sleep(left_s)
        return self.loud_at


async def _heard(mouth: Mouth, timed: _Timed, monitor: _Monitor, runs: int) -> dict[str, list[float]]:
    given, heard, silent, returned = [], [], [], []
    for number in range(runs):
        monitor.again()
        began = time.perf_counter()
        saying = asyncio.create_task(mouth.say(f"{_STORY[: number % 7 + 20]} {_STORY}"))
        heard.append(await monitor.first() - began)
        given.append(timed.given_at - began)
        await asyncio.sleep(0.5)
        began = time.perf_counter()
        await mouth.stop()
        returned.append(time.perf_counter() - began)
        await saying
        silent.append(max(0.0, await monitor.settled() - began))
    return {"given": given, "heard": heard, "silent": silent, "stop_returned": returned}


async def _measure(runs: int) -> dict[str, object]:
    made = await _made(runs)
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        sound = directory / "sound"
        sound.mkdir(mode=0o700)
        async with SoundServer(sound) as server:
            with environment(server):
                monitor = _Monitor(server)
                listening = asyncio.create_task(monitor.listen())
                timed = _Timed(PortAudioLoudspeaker())
                async with Voices(ModelStore(directory)) as voices, Mouth(timed, voices) as mouth:
                    await mouth.say("Hello.")
                    await monitor.settled()
                    said = await _heard(mouth, timed, monitor, runs)
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)
    said["made"] = made
    return {"runs": runs, "load": os.getloadavg()[0], **{f"{key}_ms": _spread(times) for key, times in said.items()}}


def _spread(times: list[float]) -> dict[str, float]:
    ordered = sorted(time_s * 1000 for time_s in times)
    p95 = ordered[min(len(ordered) - 1, round(0.95 * (len(ordered) - 1)))]
    return {"p50": round(statistics.median(ordered), 1), "p95": round(p95, 1), "most": round(ordered[-1], 1)}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=20)
    print(json.dumps(asyncio.run(_measure(parser.parse_args().runs)), indent=1))
