"""`edge say`: have a text spoken aloud, or written to a file as sound."""

import argparse
import asyncio
import contextlib
import json
import sys
import time
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edge import log
from edge.api.wire import ControlClient, NotRunningError
from edge.settings import control_sockets, load, places

if TYPE_CHECKING:
    from edge.settings import Loaded
    from edge.speech.tts.voices import Voices


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what `edge say` takes."""
    parser.add_argument("text", nargs="*", metavar="TEXT", help="what to say; without it standard input is read")
    parser.add_argument("--wav", type=Path, metavar="FILE", help="write it to a file; needs no loudspeaker")
    parser.add_argument(
        "--voice",
        metavar="NAME",
        help="a Piper voice of `edge models list`, or one of espeak-ng's: en-gb, en-us+f3, en-gb-scotland",
    )
    parser.add_argument("--area", metavar="AREA", help="where to say it, by id or name; here without it")
    parser.add_argument(
        "--alarm", action="store_true", help="say it at once, at any hour, loudly, and in every room without --area"
    )
    parser.add_argument("--json", action="store_true", help="print what became of it as JSON")


def main(args: argparse.Namespace) -> int:
    """Say it; 1 where it was not said."""
    text = " ".join(args.text) if args.text else sys.stdin.read()
    if not text.strip():
        print("edge say: there is nothing to say: give it a text", file=sys.stderr)
        return 2
    log.configure("error")
    facts = asyncio.run(_written(text, args.wav, args.voice)) if args.wav else _aloud(text, args)
    if args.json:
        print(json.dumps(facts, ensure_ascii=False))
    elif facts["ending"] != "said":
        print(f"edge say: it was not said: {_WHY.get(facts['ending'], facts['ending'])}", file=sys.stderr)
    return 0 if facts["ending"] == "said" else 1


_WHY = {"muted": "the assistant is muted; tell it to speak again", "stopped": "somebody stopped it"}


def _aloud(text: str, args: argparse.Namespace) -> dict[str, Any]:
    """By the running service, which knows what else is being said; without one by this process."""
    began = time.perf_counter()
    try:
        with ControlClient(*control_sockets(places())) as client:
            priority = "alarm" if args.alarm else "announcement"
            said = client.call("say", text=text, voice=args.voice, area=args.area, priority=priority)
            ending = str(said["ending"])
            by = "service"
    except NotRunningError:
        if args.area is not None:
            raise
        ending, by = asyncio.run(_said_here(text, args.voice, severe=args.alarm)), "this process"
    return {"text": text, "ending": ending, "by": by, "seconds": round(time.perf_counter() - began, 2), "wav": None}


async def _said_here(text: str, voice: str | None, *, severe: bool) -> str:
    from edge.speech.audio import PortAudioLoudspeaker
    from edge.speech.mouth import Mouth

    loaded = await asyncio.to_thread(load)
    speaker = PortAudioLoudspeaker(loaded.settings.speech.loudspeaker)
    volume = loaded.settings.speech.volume
    async with _voices(loaded) as voices, Mouth(speaker, voices, volume=volume) as mouth:
        return await mouth.announce(text, voice=voice, severe=severe)


async def _written(text: str, file: Path, voice: str | None) -> dict[str, Any]:
    """Write it as it is made, so that its length does not matter."""
    from edge.speech.recordings import Recording
    from edge.speech.saying import spoken
    from edge.speech.script import sentences
    from edge.speech.sound import SpeechError

    loaded = await asyncio.to_thread(load)
    began, first_s, recording = time.perf_counter(), 0.0, Recording(file)
    try:
        async with _voices(loaded) as voices:
            speaker = voices.named(voice)
            for sentence in sentences(text):
                async with aclosing(speaker.speak(spoken(sentence))) as sounds:
                    async for sound in sounds:
                        first_s = first_s or time.perf_counter() - began
                        await asyncio.to_thread(recording.write, sound)
        await asyncio.to_thread(recording.complete)
    except OSError as error:
        raise SpeechError(f"{file} can't be written: {error.strerror or error}") from error
    finally:
        with contextlib.suppress(OSError):
            await asyncio.to_thread(recording.discard)
    return {
        "text": text,
        "ending": "said",
        "by": speaker.name,
        "seconds": round(recording.seconds, 2),
        "first_sound_ms": round(first_s * 1000, 1),
        "wav": str(file),
    }


def _voices(loaded: "Loaded") -> "Voices":
    from edge.models import ModelStore
    from edge.speech.tts.voices import Voices

    store = ModelStore(loaded.places.models)
    return Voices(store, usual=loaded.settings.speech.voice, scratch=loaded.places.runtime)
