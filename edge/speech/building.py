"""Builds mouth and room from the settings; importing it loads what hears and speaks."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from edge.devices.registry import Registry
from edge.models import ModelStore
from edge.router.model import Routing
from edge.settings import Loaded
from edge.speech import wake as wake_words
from edge.speech.audio import PortAudioLoudspeaker, PortAudioMicrophone
from edge.speech.exchange import Ask, Company, Habits, OnReply
from edge.speech.floor import RoomState
from edge.speech.loudness import QuietHours
from edge.speech.manners import Manners
from edge.speech.mouth import Mouth
from edge.speech.once import Once
from edge.speech.push import PushToTalk
from edge.speech.replay import Replay
from edge.speech.room import Room
from edge.speech.sound import Microphone
from edge.speech.stt.recogniser import Recogniser
from edge.speech.tts.voices import Voices
from edge.speech.understanding import Understanding
from edge.speech.vad import VoiceActivity
from edge.speech.wake import WakeWords

if TYPE_CHECKING:
    from edge.settings.model import SpeechSettings

_LOUDNESS: str = "loudness.json"
_MUTED: str = "microphone-muted"

Route = Callable[[str, str | None], Routing]


@dataclass(frozen=True, slots=True)
class Built:
    """The parts of the voice that run now."""

    mouth: Mouth
    recogniser: Recogniser
    understanding: Understanding
    activity: VoiceActivity
    wake: WakeWords
    once: Once
    push: PushToTalk
    muted: Path
    """A file that is there while the microphone is muted."""
    speech: "SpeechSettings"


async def build(
    loaded: Loaded, registry: Registry, route: Route, now: Callable[[], datetime | None], stack: AsyncExitStack
) -> Built:
    """The parts, entered into the stack; raises `SpeechError`."""
    speech, places = loaded.settings.speech, loaded.places
    store = ModelStore(places.models)
    activity = await asyncio.to_thread(VoiceActivity)
    words = {word: speech.sensitivities.get(word, speech.sensitivity) for word in speech.wake_words}
    wake = await asyncio.to_thread(wake_words.load, words, places.models)
    recogniser = await stack.enter_async_context(Recogniser(registry, speech.recogniser, store))
    voices = await stack.enter_async_context(Voices(store, usual=speech.voice, scratch=places.runtime))
    mouth = Mouth(
        PortAudioLoudspeaker(speech.loudspeaker),
        voices,
        manners=_manners(speech),
        volume=speech.volume,
        kept=places.state / _LOUDNESS,
        now=now,
    )
    await stack.enter_async_context(mouth)
    understanding = Understanding(lambda text, _, area=None: route(text, area), registry)
    muted = places.state / _MUTED
    return Built(mouth, recogniser, understanding, activity, wake, Once(), PushToTalk(), muted, speech)


def replay(recordings: tuple[Path, ...]) -> Replay | None:
    """A microphone that plays recordings, where there are any."""
    return Replay(recordings) if recordings else None


def habits(speech: "SpeechSettings", area: str | None, *, recorded: bool) -> Habits:
    """What the settings say of the room; nobody in a recording waits for a sign."""
    follow_up_s = speech.follow_up_s if speech.follow_up else None
    return Habits(area, follow_up_s=follow_up_s, earcon=speech.earcon and not recorded)


def room(built: Built, replayed: Replay | None, ask: Ask, on_reply: OnReply, habits: Habits, *, wake: bool) -> Room:
    """The room, not yet entered; without `wake` each recording is heard as if a button had been pressed."""
    speech = built.speech
    microphone: Microphone = replayed or PortAudioMicrophone(speech.microphone, gain_db=speech.gain_db)
    company = Company(
        built.mouth, built.recogniser, built.understanding, built.activity, ask, built.once, on_reply, habits
    )
    made = Room(microphone, built.wake, company, push=built.push, kept=None if replayed else built.muted)
    if replayed is not None:
        replayed.idle = lambda: made.state is RoomState.IDLE
        if not wake:
            replayed.on_begin = lambda file: made.listen()  # noqa: ARG005 (whichever it is)
    return made


def _manners(speech: "SpeechSettings") -> Manners:
    quiet = QuietHours.parse(speech.quiet_hours) if speech.quiet_hours else None
    return Manners(quiet=quiet, quiet_volume=speech.quiet_volume)
