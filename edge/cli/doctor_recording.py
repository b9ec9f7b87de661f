"""`edge doctor --audio`: records a few seconds, measures them, draws them."""

import argparse
import sys
import wave
from pathlib import Path
from typing import TYPE_CHECKING, Final

from edge.errors import EdgeError

if TYPE_CHECKING:
    from edge.health.facts import Heard
    from edge.speech.sound import Sound

_OPENED_WITHIN_S: Final = 5.0


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what it takes."""
    parser.add_argument("--audio", action="store_true", help="record, and look at what the microphone gives")
    parser.add_argument("--seconds", type=_seconds, default=5.0, help="how long to record (5)")
    parser.add_argument("--microphone", metavar="NAME", help="a microphone by its name or a part of it")
    parser.add_argument("--loudspeaker", metavar="NAME", help="a loudspeaker by its name or a part of it")
    parser.add_argument("--gain", type=float, metavar="DB", help="decibels to add to what is heard")
    parser.add_argument("--wake", action="append", metavar="WORD", help="a wake word to look at (all bundled ones)")
    parser.add_argument("--picture", type=_picture, metavar="FILE", help="draw the recording: FILE.svg or FILE.png")
    parser.add_argument("--wav", type=Path, metavar="FILE", help="keep the recording")


async def recorded(microphone_name: str | None, seconds: float, gain_db: float) -> "Sound | None":
    """What the microphone gave once it was open; None where it was not opened in time."""
    import numpy as np

    from edge.speech.audio import PortAudioMicrophone
    from edge.speech.sound import RATE_HZ, Sound

    if sys.stderr.isatty():
        print(f"Speak for {seconds:g} seconds, as you would to it…", file=sys.stderr)
    microphone = PortAudioMicrophone(microphone_name, gain_db=gain_db)
    kept, waited = [], 0
    frames = microphone.frames()
    async for frame in frames:
        if microphone.state.device is not None:
            kept.append(frame)
        waited += len(frame)
        enough = len(kept) * len(frame) >= seconds * RATE_HZ
        if enough or (not kept and waited > _OPENED_WITHIN_S * RATE_HZ) or microphone.state.trouble:
            break
    await frames.aclose()  # type: ignore[attr-defined]
    return Sound(np.concatenate(kept)) if kept else None


def heard(recorded: "Sound", gain_db: float) -> "Heard":
    """Its levels. Raises `SpeechError` where there is nothing to tell speech with."""
    from edge.health.facts import Heard
    from edge.speech.levels import measure
    from edge.speech.sound import FRAME
    from edge.speech.vad import VoiceActivity

    activity = VoiceActivity()
    samples = recorded.samples
    probabilities = [activity.feed(samples[at : at + FRAME]) for at in range(0, len(samples) - FRAME + 1, FRAME)]
    levels = measure(samples, recorded.rate_hz)
    return Heard(
        speech_dbfs=levels.speech_dbfs,
        noise_dbfs=levels.noise_dbfs,
        peak_dbfs=levels.peak_dbfs,
        clipped=levels.clipped,
        offset=levels.offset,
        gain_db=gain_db,
        had_speech=sum(probability > 0.5 for probability in probabilities) >= 8,
    )


def keep(args: argparse.Namespace, recorded: "Sound") -> None:
    """The picture and the recording, where they are wanted."""
    from edge.speech.picture import png, svg

    try:
        if args.picture is not None and args.picture.suffix == ".png":
            args.picture.write_bytes(png(recorded))
        elif args.picture is not None:
            args.picture.write_text(svg(recorded, f"{recorded.seconds:.1f} s of the microphone"), encoding="utf-8")
        if args.wav is not None:
            with args.wav.open("wb") as opened, wave.open(opened) as file:
                file.setnchannels(1)
                file.setsampwidth(2)
                file.setframerate(recorded.rate_hz)
                file.writeframes(recorded.samples.tobytes())
    except OSError as error:
        raise EdgeError(f"{error.filename or 'the file'} can't be written: {error.strerror or error}") from error


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a number of seconds, found {text!r}") from None
    if not 1 <= seconds <= 60:
        raise argparse.ArgumentTypeError("expected 1 to 60 seconds")
    return seconds


def _picture(text: str) -> Path:
    if Path(text).suffix not in (".svg", ".png"):
        raise argparse.ArgumentTypeError(f"expected a file that ends in .svg or .png, found {text!r}")
    return Path(text)
