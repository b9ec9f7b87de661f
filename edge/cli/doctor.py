"""`edge doctor`: what is wrong, and what to do about it."""

import argparse
import asyncio
import json
import sys
import wave
from pathlib import Path
from typing import TYPE_CHECKING, Final

from edge.errors import EdgeError
from edge.settings import load

if TYPE_CHECKING:
    from edge.health.facts import AudioFacts, Device, Heard, Tried
    from edge.health.finding import Finding
    from edge.settings import Loaded
    from edge.speech.opening import DeviceState
    from edge.speech.sound import Sound

_SIGNS: Final = {"ok": "✓", "note": "!", "problem": "✗"}
_OPENED_WITHIN_S: Final = 5.0


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what `edge doctor` takes."""
    parser.add_argument("--audio", action="store_true", help="record, and look at what the microphone gives")
    parser.add_argument("--seconds", type=_seconds, default=5.0, help="how long to record (5)")
    parser.add_argument("--microphone", metavar="NAME", help="a microphone by its name or a part of it")
    parser.add_argument("--loudspeaker", metavar="NAME", help="a loudspeaker by its name or a part of it")
    parser.add_argument("--gain", type=float, metavar="DB", help="decibels to add to what is heard")
    parser.add_argument("--wake", action="append", metavar="WORD", help="a wake word to look at (all bundled ones)")
    parser.add_argument("--picture", type=_picture, metavar="FILE", help="draw the recording: FILE.svg or FILE.png")
    parser.add_argument("--wav", type=Path, metavar="FILE", help="keep the recording")
    parser.add_argument("--satellites", action="store_true", help="look at and for satellites, and at nothing else")
    parser.add_argument("--deep", action="store_true", help="measure again what takes minutes")
    parser.add_argument("--gently", action="store_true", help="give way to everything else on this machine")
    parser.add_argument("--json", action="store_true", help="print JSON")


def main(args: argparse.Namespace) -> int:
    """1 where there is a problem."""
    from edge.cli.doctor_satellites import satellites
    from edge.health.finding import Severity

    if args.satellites:
        findings, recorded = asyncio.run(satellites(load())), None
    else:
        findings, recorded = _findings(args)
    if recorded is not None:
        _keep(args, recorded)
    if args.json:
        print(json.dumps({"findings": [finding.to_json() for finding in findings]}, ensure_ascii=False))
    else:
        _print(findings, recorded)
    return int(any(finding.severity is Severity.PROBLEM for finding in findings))


def _findings(args: argparse.Namespace) -> "tuple[list[Finding], Sound | None]":
    """What is wrong, and what was recorded."""
    from edge.cli.doctor_alarms import alarm_facts
    from edge.cli.doctor_broker import broker_facts
    from edge.cli.doctor_disk import disk_facts
    from edge.cli.doctor_hardware import hardware_facts
    from edge.cli.doctor_history import history_facts
    from edge.cli.doctor_homeassistant import homeassistant_facts
    from edge.cli.doctor_http import http_facts
    from edge.cli.doctor_satellites import configured
    from edge.cli.doctor_upkeep import upkeep_facts
    from edge.cli.doctor_wyoming import wyoming_facts
    from edge.health.checks import check_audio, check_broker, check_homeassistant, check_http
    from edge.health.checks.alarms import check as check_alarms
    from edge.health.checks.disk import check as check_disk
    from edge.health.checks.hardware import check as check_hardware
    from edge.health.checks.history import check as check_history
    from edge.health.checks.upkeep import check as check_upkeep
    from edge.health.checks.wyoming import check as check_wyoming

    facts, recorded = asyncio.run(_audio(args))
    findings = check_audio(facts)
    if (broker := broker_facts(load())) is not None:
        findings += check_broker(broker)
    if (disk := disk_facts(load())) is not None:
        findings += check_disk(disk)
    if (history := history_facts(load())) is not None:
        findings += check_history(history)
    if (alarms := alarm_facts(load())) is not None:
        findings += check_alarms(alarms)
    if (attached := hardware_facts(load())) is not None:
        findings += check_hardware(attached)
    if (http := http_facts(load())) is not None:
        findings += check_http(http)
    if (beside := homeassistant_facts(load())) is not None:
        findings += check_homeassistant(beside)
    if (wyoming := wyoming_facts(load())) is not None:
        findings += check_wyoming(wyoming)
    findings += check_upkeep(upkeep_facts(load()))
    return findings + asyncio.run(configured(load())), recorded


async def _audio(args: argparse.Namespace) -> "tuple[AudioFacts, Sound | None]":
    from edge.health.facts import AudioFacts
    from edge.speech.devices import Direction
    from edge.speech.opening import tried
    from edge.speech.wake import load as load_words
    from edge.speech.wake.micro import bundled

    loaded = await asyncio.to_thread(load)
    for trouble in loaded.problems:
        print(f"{trouble}: its default is used", file=sys.stderr)
    speech = loaded.settings.speech
    args.microphone, args.loudspeaker = args.microphone or speech.microphone, args.loudspeaker or speech.loudspeaker
    args.gain = speech.gain_db if args.gain is None else args.gain
    recorded, microphone, missing = None, None, []
    if args.audio:
        if sys.stderr.isatty():
            print(f"Speak for {args.seconds:g} seconds, as you would to it…", file=sys.stderr)
        recorded, microphone = await _record(args)
    microphone = microphone or await tried(Direction.INPUT, args.microphone)
    loudspeaker = await tried(Direction.OUTPUT, args.loudspeaker)
    words = args.wake or (speech.wake_words if "wake_words" in speech.model_fields_set else bundled())
    wanted = {word: speech.sensitivities.get(word, speech.sensitivity) for word in words}
    wake = await asyncio.to_thread(load_words, wanted, loaded.places.models)
    voices, recognisers = await _tried(loaded)
    heard = None
    try:
        heard = await asyncio.to_thread(_heard, recorded, args.gain)
    except EdgeError as error:
        missing.append(str(error))
    facts = AudioFacts(
        microphone=_device(microphone),
        loudspeaker=_device(loudspeaker),
        heard=heard,
        wake_words=wake.words,
        wake_problems=wake.problems,
        voices=voices,
        recognisers=recognisers,
        missing=tuple(missing),
    )
    return facts, recorded


async def _tried(loaded: "Loaded") -> "tuple[tuple[Tried, ...], tuple[Tried, ...]]":
    """Voices and recognisers, each tried out."""
    from dataclasses import asdict

    from edge.health.facts import Tried
    from edge.models import ModelStore
    from edge.speech import usual
    from edge.speech.trial import try_recognisers, try_voices

    speech, store = loaded.settings.speech, ModelStore(loaded.places.models)
    voices = await try_voices(store, speech.voice, loaded.places.runtime)
    wanted = usual.recogniser(speech, await asyncio.to_thread(usual.of_this_board))
    recognisers = await try_recognisers(store, wanted)
    return tuple(Tried(**asdict(one)) for one in voices), tuple(Tried(**asdict(one)) for one in recognisers)


async def _record(args: argparse.Namespace) -> "tuple[Sound | None, DeviceState]":
    """What the microphone gave once it was open, and how it was then; no sound where it was not opened in time."""
    import numpy as np

    from edge.speech.audio import PortAudioMicrophone
    from edge.speech.sound import RATE_HZ, Sound

    microphone = PortAudioMicrophone(args.microphone, gain_db=args.gain)
    kept, waited = [], 0
    state = microphone.state
    frames = microphone.frames()
    async for frame in frames:
        if microphone.state.device is not None:
            state = microphone.state
            kept.append(frame)
        waited += len(frame)
        enough = len(kept) * len(frame) >= args.seconds * RATE_HZ
        if enough or (not kept and waited > _OPENED_WITHIN_S * RATE_HZ) or microphone.state.trouble:
            break
    state = microphone.state if microphone.state.trouble and not kept else state
    await frames.aclose()  # type: ignore[attr-defined]
    return (Sound(np.concatenate(kept)) if kept else None), state


def _heard(recorded: "Sound | None", gain_db: float) -> "Heard | None":
    """Raises `SpeechError` where there is nothing to tell speech with."""
    from edge.health.facts import Heard
    from edge.speech.levels import measure
    from edge.speech.sound import FRAME
    from edge.speech.vad import VoiceActivity

    activity = VoiceActivity()
    if recorded is None:
        return None
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


def _device(state: "DeviceState") -> "Device":
    from edge.health.facts import Device

    node = state.node
    return Device(
        name=state.device,
        rate_hz=state.rate_hz,
        trouble=state.trouble or "",
        is_muted=bool(node and node.muted),
        cancels_echo=bool(node and node.cancels_echo),
        is_served=node is not None,
    )


def _keep(args: argparse.Namespace, recorded: "Sound") -> None:
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


def _print(findings: "list[Finding]", recorded: "Sound | None") -> None:
    from edge.speech.picture import sketch

    if recorded is not None:
        for line in sketch(recorded):
            print(f"  {line}")
        print()
    for finding in findings:
        print(f"{_SIGNS[finding.severity]} {finding.check:<12} {finding.text}")
        if finding.remedy:
            print(f"  {'':<12} → {finding.remedy}")


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
