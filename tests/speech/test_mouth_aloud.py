"""The mouth on a real sound server: what it says is heard there, and silence is silence."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from edge.models import ModelStore
from edge.speech.audio import PortAudioLoudspeaker
from edge.speech.mouth import Mouth
from edge.speech.sound import RATE_HZ, Samples
from edge.speech.tones import Earcon
from edge.speech.tts.voices import Voices
from edge.speech.turns import Ending
from tests.sound_server import SoundServer
from tests.speech.tts.voice_maker import make_voice


@pytest.fixture
async def mouth(sound: SoundServer, tmp_path: Path) -> AsyncIterator[Mouth]:
    (tmp_path / "models").mkdir()
    voices = Voices(ModelStore(tmp_path / "models"), scratch=tmp_path / "run")
    async with voices, Mouth(PortAudioLoudspeaker(), voices, volume=1.0) as mouth:
        yield mouth


def loud_s(samples: Samples) -> float:
    """How many seconds of it are no silence."""
    whole = samples[: len(samples) // 160 * 160].reshape(-1, 160).astype(np.int32)
    return float((np.abs(whole).max(axis=1) > 200).sum()) * 160 / RATE_HZ


async def test_what_is_said_is_heard_in_the_room(sound: SoundServer, mouth: Mouth) -> None:
    async with sound.recording() as recording:
        assert await mouth.say("The kitchen light is on. The door is locked.") is Ending.SAID
        await recording.until(lambda samples: loud_s(samples) > 1.0)


async def test_a_piper_voice_is_heard_in_the_room(sound: SoundServer, mouth: Mouth, tmp_path: Path) -> None:
    await asyncio.to_thread(ModelStore(tmp_path / "models").add, make_voice(tmp_path / "alan.onnx"))
    async with sound.recording() as recording:
        assert await mouth.say("The kitchen light is on. The door is locked.") is Ending.SAID
        await recording.until(lambda samples: loud_s(samples) > 0.3)


async def test_stopped_it_is_silent_before_the_text_is_over(sound: SoundServer, mouth: Mouth) -> None:
    async with sound.recording() as recording:
        saying = asyncio.create_task(mouth.say("This is a long story about a lamp. " * 30))
        await recording.until(lambda samples: loud_s(samples) > 0.2)
        await mouth.stop()
        assert await saying is Ending.STOPPED
        heard = len(recording.samples)
        await recording.until(lambda samples: len(samples) > heard + RATE_HZ)
        assert loud_s(recording.samples[heard + RATE_HZ // 4 :]) == 0


async def test_a_ring_is_heard_and_ends(sound: SoundServer, mouth: Mouth) -> None:
    async with sound.recording() as recording:
        mouth.ring("pasta", "The pasta timer is over.")
        await recording.until(lambda samples: loud_s(samples) > 2.5)
        await mouth.silence("pasta")
        assert not mouth.is_speaking


async def test_a_sign_is_heard(sound: SoundServer, mouth: Mouth) -> None:
    async with sound.recording() as recording:
        await mouth.chime(Earcon.LISTENING)
        await recording.until(lambda samples: loud_s(samples) > 0.08)
