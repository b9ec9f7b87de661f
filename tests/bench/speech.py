"""Recognition under hardship: `python -m tests.bench.speech CLIPS [--home FILE] [--expected FILE.json]`.

CLIPS is a folder of recorded commands (WAV). Three things are measured with `edge hear --no-wake`:

strangers  sentences that are none of a house's, spoken by espeak-ng in several voices over noise: how many move a
           device (should be 0), how many are asked back (at most 5 %)
hardship   the clips with reverberation and noise at 15 dB: how many decisions and calls stay what they are on the clean
           clips. With --score COMMAND… the folder made is handed to a scorer: `COMMAND FOLDER`
pace       a third of the clips in real time: from the end of speech to the decision
"""

import argparse
import asyncio
import json
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.devices import load_home
from edge.router.router import Router
from edge.speech.endpoint import Endpoint
from edge.speech.recordings import frames_of, read_recording
from edge.speech.sentence import hear_sentence
from edge.speech.sound import FRAME, RATE_HZ, Samples
from edge.speech.stt.recogniser import Recogniser
from edge.speech.understanding import Understanding
from edge.speech.vad import VoiceActivity

Wave = NDArray[np.float64]
SEED = 20
VOICES = ("en-us", "en-us+f3", "en-gb", "en-gb-scotland+f2", "en-us+m7")
STRANGERS = """
i think we should leave before the traffic gets bad
did you see the match last night it went to penalties
she told him that the meeting was moved to thursday
the quick brown fox jumps over the lazy dog
my grandmother used to bake the most wonderful pies
can you believe how expensive the tickets were
scientists have discovered a new species of frog in the amazon
the president will speak to reporters later this evening
he opened his mouth to say something but nobody listened
we were stuck at the airport for seven hours
i could not find my keys anywhere this morning
the lights of the city were beautiful from up there
nobody turned up to the rehearsal on time
it was a dark and stormy night
please do not feed the animals
the children are playing football in the park
what a lovely dress where did you buy it
they lived in paris for almost ten years
there is nothing wrong with asking for help
stocks fell sharply after the announcement
have you read the book i gave you for your birthday
he kept a garden full of roses and tulips
the train to glasgow departs from platform nine
i would rather have the soup than the salad
our neighbours are building a swimming pool
the doctor said that i should rest for a week
this recipe needs two cups of flour and a pinch of salt
my brother works for a bank in frankfurt
she closed the book and looked out of the window
you never told me that you could play the piano
the film was far too long and rather boring
we have been friends since primary school
tomorrow i am going to visit my parents
the old man lit his pipe and began to talk
if you ask me the whole thing was a mistake
there were at least fifty people waiting outside
he fixed the door of his car with some tape
breaking news from the capital this afternoon
and the winner of this year's award is
the committee voted against the proposal
she laughed so hard that she spilled her drink
what do you think about the new teacher
the river was frozen from bank to bank
i dreamt that i could fly over the mountains
banana
wonderful
excuse me
good gracious
what a pity
i see
absolutely
let me see
good point
mister johnson
how dare you
an elephant
""".strip().splitlines()


def main() -> int:
    """Make the sounds, have them heard, print three lines of figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("clips", type=Path)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--score", help="a scorer's command line: it is given the folder of degraded clips")
    parser.add_argument("--keep", type=Path, help="leave the sounds here")
    parser.add_argument("--only", choices=("strangers", "hardship", "pace"))
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-speech-") as temporary:
        folder = args.keep or Path(temporary)
        if args.only in (None, "strangers"):
            print(strangers(folder / "strangers", args.home), flush=True)
        if args.only in (None, "hardship"):
            print(hardship(args.clips, folder / "hardship", args.home, args.score), flush=True)
        if args.only in (None, "pace"):
            print(pace(args.clips, args.home), flush=True)
    return 0


def strangers(folder: Path, home: Path) -> str:
    """Sentences that are no commands: what is made of them."""
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(SEED)
    files = []
    for number, text in enumerate(STRANGERS):
        for turn in range(3):
            voice = VOICES[(number + turn) % len(VOICES)]
            file = folder / f"{number:02}-{turn}.wav"
            spoken = said(text, voice, 140 + 20 * turn)
            write(file, with_noise(spoken, 25.0 - 5 * turn, random))
            files.append(file)
    for number in range(12):
        file = folder / f"noise-{number}.wav"
        write(file, 3000 * random.uniform(0.1, 1.0) * coloured(3 * RATE_HZ, random))
        files.append(file)
    answers = heard(files, home)
    acted = [one for one in answers if one["decision"] == "act"]
    asked = [one for one in answers if one["decision"] == "clarify"]
    told = [one for one in answers if one["decision"] == "query"]
    for one in (*acted, *asked, *told):
        calls = [call["function"] for call in one["calls"]]
        print(f"  {one['decision']:8} {Path(one['file']).stem} heard {one['text']!r} {calls}")
    return (
        f"strangers: {len(files)} sounds, acted {len(acted)}, asked back {len(asked)} "
        f"({len(asked) / len(files):.1%}), taken for questions {len(told)}"
    )


def hardship(clips: Path, folder: Path, home: Path, score: str | None) -> str:
    """The clips in a room with noise; agreement with the clean ones, or what a scorer says."""
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(SEED)
    files = sorted(clips.glob("*.wav"))
    for file in files:
        sound = read_recording(file).astype(np.float64)
        write(folder / file.name, with_noise(reverberant(sound, 0.4, random), 15.0, random))
    if score:
        done = subprocess.run([*shlex.split(score), str(folder)], capture_output=True, text=True, check=False)
        return f"hardship:\n{done.stdout}{done.stderr}"
    clean, hard = heard(files, home), heard([folder / file.name for file in files], home)
    same = sum(one["calls"] == other["calls"] for one, other in zip(clean, hard, strict=True))
    return f"hardship: {same} of {len(files)} as on the clean clips"


def pace(clips: Path, home: Path) -> str:
    """Milliseconds from the end of speech, silence included already, to the decision, heard as time goes by."""
    waits = sorted(asyncio.run(waited(sorted(clips.glob("*.wav"))[::3], home)))
    middle, most = waits[len(waits) // 2], waits[len(waits) * 95 // 100]
    return f"pace: decided p50 {middle * 1000:.0f} ms, p95 {most * 1000:.0f} ms after the end of speech"


async def waited(files: list[Path], home: Path) -> list[float]:
    """Seconds from the frame that ended each sentence until what it means was known."""
    registry = load_home(home)
    understanding = Understanding(Router.load().route, registry)
    activity = VoiceActivity()
    waits = []
    async with Recogniser(registry) as recogniser:
        await recogniser.ready(60.0)
        for file in files:
            last = 0.0
            sound = read_recording(file)
            frames = frames_of(np.concatenate([sound, sound[-RATE_HZ // 4 :][::-1], sound[-RATE_HZ // 4 :]]))

            async def live(frames: list[Samples] = frames) -> AsyncIterator[Samples]:
                nonlocal last
                began = time.perf_counter()
                for number, frame in enumerate(frames, 1):
                    await asyncio.sleep(max(0.0, began + number * FRAME / RATE_HZ - time.perf_counter()))
                    last = time.perf_counter()
                    yield frame

            sentence = await hear_sentence(live(), recogniser, Endpoint(activity), understanding.complete)
            understanding.of(sentence.transcript)
            waits.append(time.perf_counter() - last)
    return waits


def heard(files: list[Path], home: Path) -> list[dict[str, Any]]:
    """What `edge hear` answers, in order."""
    command = [sys.executable, "-m", "edge", "hear", "--no-wake", "--json", "--home", str(home), *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def said(text: str, voice: str, words_a_minute: int) -> Wave:
    """espeak-ng's reading at `RATE_HZ`, with quiet around it."""
    program = shutil.which("espeak-ng")
    if program is None:
        raise SystemExit("espeak-ng is not installed")
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        subprocess.run([program, "-v", voice, "-s", str(words_a_minute), "-w", file.name, text], check=True)
        spoken = read_recording(Path(file.name)).astype(np.float64)
    quiet = np.zeros(RATE_HZ // 2)
    return np.concatenate([quiet, spoken * (9000 / max(1.0, float(np.abs(spoken).max()))), quiet])


def coloured(count: int, random: np.random.Generator) -> Wave:
    """(count,) samples of noise that falls by 3 dB an octave, at unit power: a room's fans and traffic."""
    spectrum = np.fft.rfft(random.normal(size=count))
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 20))
    noise = np.fft.irfft(spectrum, count)
    return np.asarray(noise / np.sqrt(np.mean(noise**2)))


def with_noise(sound: Wave, ratio_db: float, random: np.random.Generator) -> Wave:
    """The sound over noise that is so many decibels below the speech in it (the power of its louder half)."""
    frames = sound[: len(sound) // 512 * 512].reshape(-1, 512)
    power = np.sort((frames**2).mean(axis=1))
    speech = float(power[len(power) // 2 :].mean())
    return sound + np.sqrt(speech / 10 ** (ratio_db / 10)) * coloured(len(sound), random)


def reverberant(sound: Wave, seconds: float, random: np.random.Generator) -> Wave:
    """The sound in a room whose echo falls by 60 dB within so long, the speaker two metres away."""
    count = int(seconds * RATE_HZ)
    times = np.arange(count) / RATE_HZ
    tail = random.normal(size=count) * 10 ** (-3 * times / seconds)
    tail[: int(0.004 * RATE_HZ)] = 0
    response = np.concatenate([[1.0], 0.9 * tail / np.sqrt(np.sum(tail**2))])
    wet = np.fft.irfft(
        np.fft.rfft(sound, len(sound) + count) * np.fft.rfft(response, len(sound) + count), len(sound) + count
    )
    return np.asarray(wet[: len(sound)] * (np.abs(sound).max() / max(1.0, np.abs(wet).max())))


def write(file: Path, sound: Wave) -> None:
    """A mono 16-bit WAV file at `RATE_HZ`."""
    samples: Samples = np.clip(sound, -32768, 32767).astype(np.int16)
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE_HZ)
        out.writeframes(samples.tobytes())


if __name__ == "__main__":
    raise SystemExit(main())
