"""Builds mouth and room of this machine from the settings; importing it loads what hears and speaks."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from edge.settings import Loaded
from edge.speech.audio import PortAudioLoudspeaker, PortAudioMicrophone
from edge.speech.choice import WakeChoice
from edge.speech.elsewhere import Elsewhere
from edge.speech.exchange import Ask, Company, Habits, OnReply, Witness
from edge.speech.floor import RoomState
from edge.speech.loudness import QuietHours
from edge.speech.manners import Manners
from edge.speech.mouth import Mouth
from edge.speech.once import Once
from edge.speech.parts import SpeechParts
from edge.speech.push import PushToTalk
from edge.speech.replay import Replay
from edge.speech.room import Room
from edge.speech.sound import Microphone
from edge.speech.stt.recogniser import Recogniser
from edge.speech.understanding import Understanding
from edge.speech.vad import VoiceActivity
from edge.speech.wake import WakeWords

if TYPE_CHECKING:
    from edge.settings.model import SpeechSettings

_LOUDNESS: str = "loudness.json"
_MUTED: str = "microphone-muted"


@dataclass(frozen=True, slots=True)
class Built:
    """The parts of this machine's own room that run now."""

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
    elsewhere: Elsewhere | None
    """Who answers in the place of this house, while they are there."""


async def build(
    loaded: Loaded, parts: SpeechParts, choice: WakeChoice, now: Callable[[], datetime | None], stack: AsyncExitStack
) -> Built:
    """The parts, entered into the stack where they are this room's alone; raises `EdgeError`."""
    speech, places = loaded.settings.speech, loaded.places
    activity, wake = await parts.activity(), await choice.load()
    mouth = Mouth(
        PortAudioLoudspeaker(speech.loudspeaker),
        await parts.voices(),
        manners=manners(speech),
        volume=speech.volume,
        kept=places.state / _LOUDNESS,
        now=now,
    )
    await stack.enter_async_context(mouth)
    recogniser, understanding = await parts.recogniser(), await parts.understanding()
    muted = places.state / _MUTED
    return Built(
        mouth, recogniser, understanding, activity, wake, parts.once, PushToTalk(), muted, speech, parts.elsewhere
    )


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
    elsewhere = built.elsewhere
    company = Company(
        built.mouth,
        built.recogniser,
        built.understanding,
        built.activity,
        ask,
        built.once,
        on_reply,
        habits,
        elsewhere.witness if elsewhere else Witness(),
        elsewhere,
    )
    made = Room(microphone, built.wake, company, push=built.push, kept=None if replayed else built.muted)
    if replayed is not None:
        replayed.idle = lambda: made.state is RoomState.IDLE
        if not wake:
            replayed.on_begin = lambda file: made.listen()  # noqa: ARG005 (whichever it is)
    return made


def manners(speech: "SpeechSettings") -> Manners:
    """How a mouth behaves, as the settings want it."""
    quiet = QuietHours.parse(speech.quiet_hours) if speech.quiet_hours else None
    return Manners(
        quiet=quiet,
        quiet_volume=speech.quiet_volume,
        ring_volume=speech.ring_volume,
        alarm_volume=speech.alarm_volume,
        alarms_always=speech.alarms_always,
    )
