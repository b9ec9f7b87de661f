"""How much of a sentence is caught that follows its wake word without a pause.

    python -m tests.bench.speech_nogap [--voices N]

espeak-ng says wake word and sentence in one breath. `woken`: the word was heard; `whole`: of these, the share whose
calls are those of the same sentence typed; `alone`: that share where the sentence is said by itself, which is what the
recogniser makes of the voice.
"""

import argparse
import asyncio
import json
import tempfile
import wave
from pathlib import Path

import numpy as np

from edge.router.router import Router
from edge.speech.hear import Heard, Hearing
from edge.speech.sound import RATE_HZ, Samples
from edge.speech.stt.recogniser import Recogniser
from edge.speech.understanding import Understanding
from edge.speech.vad import VoiceActivity
from edge.speech.wake import load
from tests.speech.spoken import hush, say
from tests.speech.stt.house import house

VOICES = ("en-us", "en-gb", "en-gb-x-rp", "en-us+f3", "en-gb+f2", "en-us+m3", "en-gb+m5", "en-gb-scotland", "en-029")
WORDS = {"okay_nabu": "okay nabu", "hey_jarvis": "hey jarvis", "alexa": "alexa"}
SENTENCES = (
    "turn on the kitchen ceiling",
    "open the office blinds",
    "is the front door locked",
    "set a timer for five minutes",
    "turn off the tv",
    "close the blinds in the office",
)


def _write(file: Path, samples: Samples) -> Path:
    with wave.open(str(file), "wb") as recording:
        recording.setnchannels(1)
        recording.setsampwidth(2)
        recording.setframerate(RATE_HZ)
        recording.writeframes(samples.tobytes())
    return file


def _sound(text: str, voice: str) -> Samples:
    return np.concatenate([hush(1.2, level=30.0), say(text, voice, 150), hush(0.3, level=30.0, seed=1)])


async def main(voices: tuple[str, ...]) -> None:
    registry, router = house(), Router.load()
    counts = dict.fromkeys(("said", "woken", "whole", "alone_of_woken", "alone"), 0)
    lost: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        async with Recogniser(registry, "pocketsphinx", calls=tuple(WORDS)) as recogniser:
            await recogniser.ready(60)
            understanding = Understanding(router.route, registry)
            wake = load(dict.fromkeys(WORDS, 0.5))
            called = Hearing(recogniser, understanding, VoiceActivity(), wake)
            alone = Hearing(recogniser, understanding, VoiceActivity(), None)
            file = Path(folder) / "said.wav"
            for voice in voices:
                for sentence in SENTENCES:
                    wanted = [call.to_json() for call in router.route(sentence, registry).calls]
                    by_itself = await alone.hear(_write(file, _sound(sentence, voice)))
                    good = _calls(by_itself) == wanted
                    counts["alone"] += good
                    for word, spoken in WORDS.items():
                        heard = await called.hear(_write(file, _sound(f"{spoken} {sentence}", voice)))
                        counts["said"] += 1
                        if heard.wake is None:
                            continue
                        counts["woken"] += 1
                        counts["alone_of_woken"] += good
                        counts["whole"] += _calls(heard) == wanted
                        if _calls(heard) != wanted:
                            lost.append(f"{voice} {word}: {sentence!r} heard {heard.text!r}, alone {by_itself.text!r}")
    shares = {
        "whole": round(counts["whole"] / counts["woken"], 3),
        "alone": round(counts["alone_of_woken"] / counts["woken"], 3),
    }
    print(json.dumps({"voices": len(voices), **counts, "shares": shares}, indent=1))
    print("\n".join(lost))


def _calls(heard: Heard) -> list[object]:
    return [call.to_json() for call in heard.routing.calls]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--voices", type=int, default=len(VOICES))
    asyncio.run(main(VOICES[: parser.parse_args().voices]))
