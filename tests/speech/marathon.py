"""Many sentences in a row through a real recogniser, faster than people speak, while its workers are killed.

    python -m tests.speech.marathon [COUNT] [CLIPS --home FILE]

Without clips the sentences are espeak-ng's. Prints how many were answered, how many stuck, and the memory.
"""

import argparse
import asyncio
import contextlib
import os
import random
import signal
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from edge.assistant.model import OnText, Reply, Utterance
from edge.devices.home import load_home
from edge.devices.model import Area, Device
from edge.devices.registry import Registry
from edge.router.model import Decision
from edge.router.router import Router
from edge.speech.exchange import Company, Habits
from edge.speech.floor import RoomState
from edge.speech.mouth import Mouth
from edge.speech.once import Once
from edge.speech.recordings import frames_of, read_recording
from edge.speech.room import Room
from edge.speech.sound import FRAME, Samples, SpeechError
from edge.speech.stt.recogniser import Recogniser
from edge.speech.understanding import Understanding
from edge.speech.vad import VoiceActivity
from edge.speech.wake import load
from tests.speech.mouths import Counting, Loudspeaker
from tests.speech.spoken import hush, say

STUCK_S = 60.0
PRESS_S = 2.0
SENTENCES = ("switch off the kitchen light", "open the garage door", "what time is it", "stop")


@dataclass(slots=True)
class Result:
    """What became of it."""

    answered: int = 0
    unclear: int = 0
    stuck: int = 0
    killed: int = 0
    unplugged: int = 0
    resident_mib: list[float] = field(default_factory=list)


class Feed:
    """A microphone that gives sentences as fast as the recogniser takes them, and can be pulled out."""

    def __init__(self, recogniser: Recogniser) -> None:
        self._recogniser = recogniser
        self._frames: asyncio.Queue[Samples | None] = asyncio.Queue()

    def play(self, samples: Samples, *, pull_out: bool) -> None:
        """A sentence and the silence after it, with a gap where it is pulled out on the way."""
        frames = frames_of(np.concatenate([samples, hush(2.5)]))
        for place, frame in enumerate(frames):
            if pull_out and place == len(frames) // 3:
                self._frames.put_nowait(None)
            self._frames.put_nowait(frame)

    async def frames(self) -> AsyncGenerator[Samples, None]:
        quiet = hush(FRAME / 16_000)
        while True:
            try:
                frame = await asyncio.wait_for(self._frames.get(), 0.05)
            except TimeoutError:
                yield quiet
                continue
            if frame is None:
                raise SpeechError("the microphone was pulled out")
            yield frame
            await self._recogniser.caught_up()
            await asyncio.sleep(0)


async def run(count: int, sounds: list[Samples], registry: Registry, *, seed: int = 0) -> Result:
    """Say `count` sentences; every seventh time the worker is killed meanwhile, every eleventh the microphone goes."""
    chance, result = random.Random(seed), Result()  # noqa: S311 - sentences, not secrets
    speaker = Loudspeaker()
    router = await asyncio.to_thread(Router.load)

    async def ask(utterance: Utterance, on_text: OnText) -> Reply:
        await on_text("Done.")
        result.answered += 1
        return Reply(utterance.id, "Done.", Decision.ACT)

    async with Recogniser(registry) as recogniser, Mouth(speaker, Counting()) as mouth:
        await recogniser.ready(60.0)
        feed = Feed(recogniser)
        activity = await asyncio.to_thread(VoiceActivity)
        words = await asyncio.to_thread(load, {"okay_nabu": 0.5})
        habits = Habits(earcon=False, follow_up_s=None)
        company = Company(
            mouth, recogniser, Understanding(router.route, registry), activity, ask, Once(), habits=habits
        )
        async with Room(feed, words, company) as room:
            for number in range(count):
                await _one(room, feed, recogniser, chance.choice(sounds), number, result)
                speaker.heard.clear()
                if number % max(1, count // 10) == 0:
                    result.resident_mib.append(_resident_mib())
    result.unclear = count - result.answered - result.stuck
    return result


async def _one(room: Room, feed: Feed, recogniser: Recogniser, sound: Samples, number: int, result: Result) -> None:
    begun, over = asyncio.Event(), asyncio.Event()

    def on_state(state: RoomState) -> None:
        (over if state is RoomState.IDLE else begun).set()

    forget = room.observe(on_state)
    while not begun.is_set():
        # A press while the microphone that was pulled out is not back yet is lost, and made again.
        room.listen()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(begun.wait(), PRESS_S)
    pull_out = number % 11 == 10
    feed.play(sound, pull_out=pull_out)
    result.unplugged += pull_out
    if number % 7 == 6 and recogniser.pid is not None:
        await asyncio.sleep(0.01 * (number % 5))
        os.kill(recogniser.pid, signal.SIGKILL)
        result.killed += 1
    try:
        await asyncio.wait_for(over.wait(), STUCK_S)
    except TimeoutError:
        result.stuck += 1
        room.cancel()
    finally:
        forget()


def _resident_mib() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def household() -> Registry:
    """What the sentences are about."""
    registry = Registry()
    registry.put_area(Area("kitchen", "Kitchen"))
    registry.put_device(Device("light.kitchen_light", "Kitchen Light", "kitchen"))
    registry.put_device(Device("cover.garage_door", "Garage Door", device_class="garage"))
    return registry


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int, nargs="?", default=1000)
    parser.add_argument("clips", type=Path, nargs="?")
    parser.add_argument("--home", type=Path)
    args = parser.parse_args()
    files = sorted(args.clips.glob("*.wav")) if args.clips else []
    sounds = [read_recording(file) for file in files] or [say(text, "en-us+f3") for text in SENTENCES]
    registry = load_home(args.home) if args.home else household()
    began = time.monotonic()
    result = asyncio.run(run(args.count, sounds, registry))
    print(
        f"{args.count} sentences in {time.monotonic() - began:.0f} s: {result.answered} answered, "
        f"{result.unclear} not understood, {result.stuck} stuck"
    )
    print(f"{result.killed} workers killed, {result.unplugged} times unplugged")
    print("resident MiB: " + ", ".join(f"{one:.0f}" for one in result.resident_mib))


if __name__ == "__main__":
    main()
