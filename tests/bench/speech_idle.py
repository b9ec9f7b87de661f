"""What listening costs while nobody speaks, how often spoken wake words are heard, and how often talk wakes.

    python -m tests.bench.speech_idle [--live SECONDS] [--talk MINUTES] [--words]

Speech is espeak-ng's; talk is made of the sentences that the router is taught as talk, none of them twice.
"""

import argparse
import asyncio
import os
import random
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from edge.speech.audio import PortAudioMicrophone
from edge.speech.ring import Ring
from edge.speech.sound import RATE_HZ, Samples
from edge.speech.vad import VoiceActivity
from edge.speech.wake import WakeWords, load
from edge.speech.wake.micro import bundled
from tests.sound_server import SoundServer, environment
from tests.speech.spoken import VOICES, frames, hush, say

CORPUS = Path(__file__).parents[2] / "edge/router/training/corpus"
_SETTLED = 100
SPEEDS = (120, 135, 150, 165, 180, 195)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--live", type=float, default=20.0, help="seconds to listen to a real, silent microphone")
    parser.add_argument("--talk", type=float, default=10.0, help="minutes of talk")
    parser.add_argument("--words", action="store_true", help="the rate of each wake word, over voices and speeds")
    args = parser.parse_args()
    print(f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")
    parts()
    if args.live:
        asyncio.run(live(args.live))
    if args.words:
        rates()
    if args.talk:
        talk(args.talk)


def parts(seconds: float = 60.0) -> None:
    """Processor time of each part on the noise of a room, in percent of one core."""
    room = frames(hush(seconds, level=40))
    one, all_four = load({"okay_nabu": 0.5}), load(dict.fromkeys(bundled(), 0.5))
    activity, ring = VoiceActivity(), Ring()
    for name, feed in (
        ("one wake word", one.feed),
        ("four wake words", all_four.feed),
        ("voice activity", activity.feed),
        ("ring", ring.push),
    ):
        began = time.process_time()
        for frame in room:
            feed(frame)
        print(f"{name:<18} {(time.process_time() - began) / seconds:.2%} of a core")


async def live(seconds: float) -> None:
    """The whole of it on a real, silent microphone, first as it waits for a wake word, then with voice activity too."""
    with tempfile.TemporaryDirectory() as directory:
        async with SoundServer(Path(directory)) as server:
            with environment(server):
                words, activity, ring = load({"okay_nabu": 0.5}), VoiceActivity(), Ring()
                await listen("microphone alone", seconds, ring.push)
                await listen("waiting, one word", seconds, ring.push, words.feed)
                await listen("and voice activity", seconds, ring.push, words.feed, activity.feed)


async def listen(what: str, seconds: float, *parts: Callable[[Samples], object]) -> None:
    """Processor time of this process while the parts listen; the first three seconds are left out."""
    microphone = PortAudioMicrophone()
    count, began, wall = 0, 0.0, 0.0
    async for frame in microphone.frames():
        if microphone.state.device is None:
            continue
        if count == _SETTLED:
            began, wall = time.process_time(), time.monotonic()
        count += 1
        for part in parts:
            part(frame)
        if (count - _SETTLED) * len(frame) >= seconds * RATE_HZ:
            break
    wall = time.monotonic() - wall
    spent, arrived = (time.process_time() - began) / wall, (count - _SETTLED) * len(frame) / RATE_HZ / wall
    print(f"{what:<18} {spent:.2%} of a core, {resident_mib():.0f} MiB, {arrived:.0%} of the sound arrived")


def resident_mib() -> float:
    """Of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def rates() -> None:
    """How many of 30 spoken wake words are heard."""
    for word in bundled():
        clips = [(voice, speed) for voice in VOICES for speed in SPEEDS]
        heard = sum(wakes(load({word: 0.5}), word, voice, speed) for voice, speed in clips)
        print(f"{word:<18} {heard} of {len(clips)} heard")


def wakes(words: WakeWords, word: str, voice: str, speed: int) -> bool:
    sound = np.concatenate([hush(1), say(word.replace("_", " "), voice, speed), hush(1)])
    return any(words.feed(frame) for frame in frames(sound))


def talk(minutes: float) -> None:
    """False wakes with all four words at once."""
    words, fed_s, fired = load(dict.fromkeys(bundled(), 0.5)), 0.0, []
    for sentence, sound in spoken_talk():
        for frame in frames(sound):
            found = words.feed(frame)
            if found:
                fired.append((found.word, sentence))
        fed_s += len(sound) / RATE_HZ
        if fed_s >= minutes * 60:
            break
    hours = fed_s / 3600
    print(f"false wakes        {len(fired)} in {hours:.2f} h of talk ({len(fired) / hours:.1f} an hour)")
    for word, sentence in fired:
        print(f"                 {word}: {sentence}")


def spoken_talk() -> Iterator[tuple[str, Samples]]:
    """Sentences that mean no device, each in a voice and at a speed of its own."""
    lines = [line for name in ("chat_hard.txt", "ignore.txt") for line in (CORPUS / name).read_text().splitlines()]
    plain = sorted({line for line in lines if re.fullmatch(r"[a-z][a-z',.? ]{15,120}", line)})
    chance = random.Random(5)  # noqa: S311 - sentences, not secrets
    chance.shuffle(plain)
    for line in plain:
        yield line, np.concatenate([say(line, chance.choice(VOICES), chance.choice(SPEEDS)), hush(0.4)])


if __name__ == "__main__":
    main()
