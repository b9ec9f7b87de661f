"""Our own sound in our own microphone: the earcon is not recorded, and the canceller takes replies out."""

import asyncio
from pathlib import Path

import numpy as np
import pytest

from edge.speech.audio import PortAudioLoudspeaker, PortAudioMicrophone
from edge.speech.levels import rms_dbfs
from edge.speech.ring import OwnSound, Ring
from edge.speech.sound import Samples
from tests.sound_server import SoundServer
from tests.speech.listener import listening, one, tone
from tests.speech.spoken import hush, say

CONFIGURATION = Path(__file__).parents[2] / "systemd" / "edge-sound.pa"


@pytest.fixture
async def room(sound: SoundServer) -> SoundServer:
    """What the loudspeaker plays is heard by the microphone."""
    await sound.control("load-module", "module-loopback", "source=speaker.monitor", "sink=mic", "latency_msec=30")
    return sound


async def test_the_earcon_is_heard_but_never_kept(room: SoundServer) -> None:
    microphone, ring, own = PortAudioMicrophone(), Ring(), OwnSound()
    async with listening(microphone) as heard:
        await heard.until(lambda: microphone.state.device is not None)
        clock = asyncio.get_running_loop().time
        heard.on_frame = lambda frame: ring.push(own.without(frame) if own.covers(clock()) else frame)
        own.began((880.0,))
        await PortAudioLoudspeaker().play(one(tone(880, 0.15)))
        own.ended(clock())
        await heard.until(lambda: heard.loud() > 0)
        ended = len(heard.frames)
        await heard.until(lambda: len(heard.frames) > ended + 20)
    assert not np.any(np.abs(ring.since(0)) > 1000), "it was in the microphone, and is not in what is kept"


async def test_the_canceller_of_an_image_takes_our_own_voice_out(room: SoundServer) -> None:
    for line in CONFIGURATION.read_text(encoding="utf-8").splitlines():
        if line.startswith(("load-module module-echo-cancel", "set-default")):
            await room.control(*line.split(" ", 2))
    with_echo, without = PortAudioMicrophone("microphone"), PortAudioMicrophone()
    reply = np.concatenate([np.concatenate([say("the kitchen light is on"), hush(0.2)]) for _ in range(6)])
    async with listening(with_echo) as raw, listening(without) as cancelled:
        await raw.until(lambda: with_echo.state.device == "microphone")
        await cancelled.until(lambda: without.state.device == "echo-cancel")
        await PortAudioLoudspeaker().play(one(reply))
    level = {name: loudness(listener.frames) for name, listener in (("raw", raw), ("cancelled", cancelled))}
    assert level["raw"] - level["cancelled"] > 10, level


def loudness(heard: list[Samples]) -> float:
    """Of the second half, when the canceller knows the room, in dBFS."""
    samples = np.concatenate(heard)
    return rms_dbfs(samples[len(samples) // 2 :])
