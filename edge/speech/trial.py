"""Tries out what hears and speaks on this machine: each voice says a word, each recogniser hears a murmur."""

import asyncio
import importlib.util
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path

from edge.devices import Registry
from edge.models import Kind, ModelError, ModelStore, StoredModel
from edge.speech.sound import SpeechError
from edge.speech.stt.engines import FAST_ENOUGH_S, SPHINX, WHISPER, Wanted
from edge.speech.stt.household import classes_of
from edge.speech.stt.language import classes_to_json
from edge.speech.stt.process import Setup, started_worker
from edge.speech.tts.voices import ESPEAK, Voices

_WORD = "Yes."


@dataclass(frozen=True, slots=True)
class Trial:
    """One part."""

    name: str
    trouble: str | None = None
    """Why it can't be used, with the remedy behind a colon."""
    took_s: float = 0.0
    """For a word, or for what follows the end of a sentence."""
    is_meant: bool = True
    """Whether this is what should be used, and not what stands in."""
    is_slow: bool = False
    """It works, and something faster is used in its place."""
    is_told: bool = False
    """It is there, and there was no time to try it out."""


async def try_voices(
    store: ModelStore, usual: str | None, scratch: Path, patience_s: float | None = None
) -> tuple[Trial, ...]:
    """Every Piper voice that is installed, what the settings name, and espeak-ng; the one that is meant first.

    With `patience_s` those for which there is no time are not tried out.
    """
    until_s = time.perf_counter() + patience_s if patience_s is not None else None
    try:
        installed = await asyncio.to_thread(lambda: [one for one in store.models() if one.kind is Kind.VOICE])
        in_use = await asyncio.to_thread(store.in_use, Kind.VOICE)
    except ModelError as error:
        return (Trial("voices", str(error)),)
    async with Voices(store, usual=ESPEAK, scratch=scratch) as voices:
        meant = in_use.name if in_use is not None and usual in (None, "piper") else usual or ESPEAK
        names = dict.fromkeys((meant, *(model.name for model in installed), ESPEAK))
        known = {model.name: model for model in installed}
        return tuple([await _try_voice(voices, store, name, known.get(name), name == meant, until_s) for name in names])


async def _try_voice(
    voices: Voices, store: ModelStore, name: str, model: StoredModel | None, is_meant: bool, until_s: float | None
) -> Trial:
    began = time.perf_counter()
    try:
        if model is not None:
            await asyncio.to_thread(store.check, model)
        async with asyncio.timeout(_left_s(until_s)), aclosing(voices.engines(name)[0].speak(_WORD)) as sounds:
            heard = sum([len(sound.samples) async for sound in sounds])
    except TimeoutError:
        return Trial(name, is_meant=is_meant, is_told=True)
    except (ModelError, SpeechError) as error:
        return Trial(name, str(error), is_meant=is_meant)
    trouble = None if heard else f"the voice {name} makes no sound: choose another with `edge models use`"
    return Trial(name, trouble, time.perf_counter() - began, is_meant)


async def try_recognisers(store: ModelStore, wanted: Wanted, patience_s: float | None = None) -> tuple[Trial, ...]:
    """The Whisper model where one should be used, and pocketsphinx.

    With `patience_s` those for which there is no time are not tried out.
    """
    until_s = time.perf_counter() + patience_s if patience_s is not None else None
    trials = [trial async for trial in _whisper(store, wanted, until_s)] if wanted != SPHINX else []
    works = any(trial.trouble is None and not trial.is_slow for trial in trials)
    if importlib.util.find_spec("pocketsphinx") is None:
        missing = "pocketsphinx is not installed: pip install 'edge-assistant[speech]'"
        return (*trials, Trial(SPHINX, missing, is_meant=not works))
    return (*trials, await _try_recogniser(Setup(SPHINX, _classes()), SPHINX, until_s, is_meant=not works))


async def _whisper(store: ModelStore, wanted: Wanted, until_s: float | None) -> AsyncIterator[Trial]:
    try:
        model = await asyncio.to_thread(store.in_use, Kind.TRANSCRIPTION)
        if model is None:
            if wanted == WHISPER:
                remedy = "edge models pull Systran/faster-whisper-base.en --use"
                yield Trial(WHISPER, f"there is no Whisper model, which speech.recogniser asks for: {remedy}")
            return
        name = f"{WHISPER} with {model.name}"
        if importlib.util.find_spec("faster_whisper") is None:
            yield Trial(
                name, "faster-whisper, which its model needs, is missing: pip install 'edge-assistant[whisper]'"
            )
            return
        checked = await asyncio.to_thread(store.check, model)
    except ModelError as error:
        yield Trial(WHISPER, str(error))
        return
    folder = checked.files[0].path.parent
    trial = await _try_recogniser(Setup(WHISPER, _classes(), str(folder)), name, until_s, is_meant=True)
    yield replace(trial, is_slow=trial.took_s > FAST_ENOUGH_S and wanted != WHISPER)


async def _try_recogniser(setup: Setup, name: str, until_s: float | None, *, is_meant: bool) -> Trial:
    try:
        async with asyncio.timeout(_left_s(until_s)), started_worker(setup) as worker:
            return Trial(name, None, await worker.set_up(), is_meant)
    except TimeoutError:
        return Trial(name, is_meant=is_meant, is_told=True)
    except SpeechError as error:
        return Trial(name, str(error), is_meant=is_meant)


def _left_s(until_s: float | None) -> float | None:
    return None if until_s is None else max(0.0, until_s - time.perf_counter())


def _classes() -> str:
    """The words of a house without devices."""
    return classes_to_json(classes_of(Registry()))
