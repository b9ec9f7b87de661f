"""Wyoming: what hears, speaks and thinks here, offered to others at the doors that the settings open."""

import asyncio
import importlib
import importlib.util
import re
import shutil
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import AsyncExitStack, aclosing
from math import inf
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from edge.api.wyoming import Door, WyomingServer
from edge.api.wyoming.announcing import Announced, announced
from edge.api.wyoming.ports import Model, Offer, Spoken, WakeListener, Woken
from edge.assistant.model import OnText, Reply, Utterance
from edge.errors import EdgeError
from edge.models import Kind, ModelError, ModelStore
from edge.pcm import Samples
from edge.router.model import Call, Routing
from edge.service.routing import Route
from edge.settings import Loaded
from edge.speech.parts import SpeechParts

if TYPE_CHECKING:
    from edge.service.service import Service
    from edge.speech.vad import VoiceActivity
    from edge.speech.wake import WakeWords

_OFFER_S: Final = 5.0
"""How long what was found is told again without looking."""
_READY_S: Final = 60.0
"""How long a sentence waits for a recogniser that is being started on a small board."""
_QUIET: Final = 16
"""Frames of quiet that follow what ends in speech."""
_ESPEAK: Final = (
    ("en-gb", "British"),
    ("en-us", "American"),
    ("en-gb-scotland", "Scottish"),
    ("en-029", "Caribbean"),
)
_LANGUAGE: Final = re.compile(r"([a-z]{2})[_-]([A-Z]{2})\b")


class WyomingError(EdgeError):
    """What a client asks for is not to be had; the message says why."""


async def open_wyoming(service: "Service", route: Route, stack: AsyncExitStack) -> None:
    """Serve as the settings have it."""
    settings = service.loaded.settings
    wyoming = settings.wyoming
    speech = _Speech(service.loaded, service.parts)
    doors = []
    if wyoming.port:
        doors.append(Door(wyoming.host, wyoming.port))
    if wyoming.socket is not None:
        doors.append(Door(path=wyoming.socket, setting="wyoming.socket"))
    if doors:
        server = WyomingServer(
            doors,
            speech,
            _Mind(service, route),
            conversation=wyoming.conversation,
            language=settings.language,
            most=wyoming.most_connections,
        )
        await stack.enter_async_context(server)
        service.facts["wyoming"] = server.facts
    if wyoming.satellite_port:
        from edge.service.satellite import open_satellite

        doors.append(await open_satellite(service, speech, stack))
    reachable = [door for door in doors if door.is_open]
    if wyoming.announce and reachable:
        names = {wyoming.satellite_port: f"edge-{settings.node}-satellite"}
        told = [Announced(names.get(door.port, f"edge-{settings.node}"), door.host, door.port) for door in reachable]
        await stack.enter_async_context(announced(told))


class _Mind:
    """The assistant and its router."""

    def __init__(self, service: "Service", route: Route) -> None:
        self._assistant = service.assistant
        self._route = route

    async def ask(self, utterance: Utterance, on_text: OnText | None = None) -> Reply:
        return await self._assistant.ask(utterance, on_text)

    def route(self, text: str) -> Routing:
        return self._route(" ".join(text.split()), None)

    def is_limited(self, utterance: Utterance) -> bool:
        return self._assistant.gate.is_limited(utterance)

    def asks_first(self, call: Call) -> bool:
        return self._assistant.asks_first(call)


class _Speech:
    """The parts of speech, each made when a client first wants it."""

    def __init__(self, loaded: Loaded, parts: SpeechParts) -> None:
        self._loaded = loaded
        self._parts = parts
        self._offer: Offer | None = None
        self._until_s = 0.0
        self._looking = asyncio.Lock()

    async def offer(self) -> Offer:
        async with self._looking:
            if self._offer is None or time.monotonic() > self._until_s:
                self._offer = await asyncio.to_thread(_found, self._loaded)
                self._until_s = time.monotonic() + _OFFER_S
            return self._offer

    async def hear(self, frames: AsyncIterator[Samples]) -> AsyncGenerator[str, None]:
        recogniser, understanding = await self._parts.recogniser(), await self._parts.understanding()
        await recogniser.ready(_READY_S)
        final = None
        async with aclosing(recogniser.listen(_speech_of(frames, await self._parts.activity()))) as transcripts:
            async for transcript in transcripts:
                final = transcript
                yield transcript.text
        if final is not None:  # of the likely words those that make sense in this house
            yield understanding.of(final).text

    async def speak(self, text: AsyncIterator[str], voice: str | None) -> AsyncGenerator[Spoken, None]:
        voices = await self._parts.voices()
        script = await asyncio.to_thread(importlib.import_module, "edge.speech.script")
        saying = await asyncio.to_thread(importlib.import_module, "edge.speech.saying")
        splitter, speaker = script.Splitter(), voices.named(voice)

        async def sentences() -> AsyncIterator[str]:
            async for piece in text:
                for sentence in splitter.feed(piece):
                    yield sentence
            for sentence in splitter.rest():
                yield sentence

        async for sentence in sentences():
            words = saying.spoken(sentence)
            if not words:
                continue
            async with aclosing(speaker.speak(words)) as sounds:
                async for sound in sounds:
                    yield Spoken(sound.samples, sound.rate_hz)

    async def wake(self, words: Sequence[str]) -> WakeListener:
        known = {model.name for model in (await self.offer()).wake_words}
        unknown = [word for word in words if word not in known]
        if unknown:
            there = ", ".join(sorted(known)) or "none"
            raise WyomingError(f"there is no wake word called {unknown[0]!r}: there are {there}")
        wake = await self._parts.wake(self._parts.configured_words(tuple(words) or None))
        if not wake.words:
            raise WyomingError(" ".join(wake.problems) or "no wake words are set up")
        return _Listener(wake)


class _Listener:
    def __init__(self, wake: "WakeWords") -> None:
        self._wake = wake

    def feed(self, samples: Samples) -> Woken | None:
        detection = self._wake.feed(samples)
        return None if detection is None else Woken(detection.word, detection.at_s)


async def _speech_of(frames: AsyncIterator[Samples], activity: "VoiceActivity") -> AsyncIterator[Samples]:
    """The frames with speech and those around them: noise is no words.

    Where the sound ends in speech, the quietest of it follows: a word is known by the silence after it, too.
    """
    from edge.speech.endpoint import Endpoint, Timing
    from edge.speech.sentence import SpeechOnly

    for_ever = Timing(begin_within_s=inf, longest_s=inf, silence_s=inf)  # the client says when it is over
    speech = SpeechOnly(Endpoint(activity, for_ever))
    calmest, least = None, inf
    async for frame in frames:
        loud = float(np.square(frame, dtype=np.float32).sum())
        if loud < least:
            calmest, least = frame, loud
        _, passed = speech.feed(frame, None, whole=False)
        for one in passed:
            yield one
    if calmest is None:
        return
    for at in range(_QUIET):
        _, passed = speech.feed(calmest if at % 2 else calmest[::-1], None, whole=False)
        for one in passed:
            yield one


def _found(loaded: Loaded) -> Offer:
    """What there is; reads small files, loads nothing that hears or speaks."""
    store = ModelStore(loaded.places.models)
    return Offer(_ears(loaded, store), _voices(loaded, store), _wake_words(loaded))


def _ears(loaded: Loaded, store: ModelStore) -> tuple[Model, ...]:
    from edge.speech import usual

    wanted, language = usual.recogniser(loaded.settings.speech, usual.of_this_board()), loaded.settings.language
    found = []
    if wanted != "pocketsphinx" and _installed("faster_whisper"):
        model = _in_use(store, Kind.TRANSCRIPTION)
        if model is not None:
            found.append(Model(model, (language,), f"Whisper ({model})", "OpenAI", "https://github.com/openai/whisper"))
    if _installed("pocketsphinx") and (wanted != "faster-whisper" or not found):
        what = "PocketSphinx, with this house's own words"
        found.append(Model("pocketsphinx", (language,), what, "CMU Sphinx", "https://cmusphinx.github.io"))
    return tuple(found)


def _voices(loaded: Loaded, store: ModelStore) -> tuple[Model, ...]:
    try:
        names = [model.name for model in store.models() if model.kind is Kind.VOICE]
    except ModelError:
        names = []
    usual = loaded.settings.speech.voice or _in_use(store, Kind.VOICE)
    piper = [Model(name, _languages(name), name, "Piper", "https://github.com/OHF-Voice/piper1-gpl") for name in names]
    found = piper if _installed("piper") or shutil.which("piper") else []
    if shutil.which("espeak-ng"):
        facts = ("espeak-ng", "https://github.com/espeak-ng/espeak-ng")
        found += [Model(name, ("en",), f"espeak-ng, {whose}", *facts) for name, whose in _ESPEAK]
    return tuple(sorted(found, key=lambda model: model.name != usual))


def _wake_words(loaded: Loaded) -> tuple[Model, ...]:
    if not _installed("pymicro_wakeword"):
        return ()
    files: Any = importlib.import_module("edge.speech.wake.files")
    words = files.find(loaded.places.models).words
    usual = loaded.settings.speech.wake_words
    models = [
        Model(name, ("en",), phrase, str(file.make), _MAKERS.get(str(file.make), ""), phrase=phrase)
        for name, file in words.items()
        for phrase in (name.replace("_", " ").title(),)
    ]
    return tuple(sorted(models, key=lambda model: (model.name not in usual, model.name)))


_MAKERS: Final = {
    "microWakeWord": "https://github.com/OHF-Voice/micro-wake-word",
    "openWakeWord": "https://github.com/dscripka/openWakeWord",
}


def _in_use(store: ModelStore, kind: Kind) -> str | None:
    try:
        model = store.in_use(kind)
    except ModelError:
        return None
    return model.name if model else None


def _languages(voice: str) -> tuple[str, ...]:
    match = _LANGUAGE.match(voice)
    return (match[1], f"{match[1]}-{match[2]}") if match else ("en",)


def _installed(package: str) -> bool:
    return importlib.util.find_spec(package) is not None
