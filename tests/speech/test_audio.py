"""The microphone and the loudspeaker, on a real sound server whose devices come and go."""

import asyncio
import contextlib
import time

import numpy as np
import pytest

from edge.speech.audio import PortAudioLoudspeaker, PortAudioMicrophone
from edge.speech.levels import rms_dbfs
from edge.speech.sound import FRAME, RATE_HZ, SpeechError
from tests.sound_server import SoundServer
from tests.speech.listener import listening, one, pitch_hz, tone


async def test_hears_what_is_played_into_the_microphone(sound: SoundServer) -> None:
    microphone = PortAudioMicrophone()
    async with listening(microphone) as heard:
        await heard.until(lambda: microphone.state.device is not None)
        await sound.play(tone(440, 1.0))
        await heard.until(lambda: heard.loud() > 20)
        assert microphone.state.device == "microphone"
    loud = np.concatenate([frame for frame in heard.frames if rms_dbfs(frame) > -20])
    assert all(frame.shape == (FRAME,) and frame.dtype == np.int16 for frame in heard.frames)
    assert abs(pitch_hz(loud[:FRAME]) - 440) < 32
    assert microphone.state.device is None


async def test_a_microphone_pulled_out_and_put_back_is_heard_again(sound: SoundServer) -> None:
    microphone, began = PortAudioMicrophone(), time.monotonic()
    async with listening(microphone) as heard:
        await heard.until(lambda: microphone.state.device is not None)
        await sound.pull_out()
        await heard.until(lambda: microphone.state.device is None)
        assert "no microphone" in (microphone.state.trouble or "") or "gone" in (microphone.state.trouble or "")
        silent = len(heard.frames)
        await heard.until(lambda: len(heard.frames) >= silent + 60)
        elapsed_s = time.monotonic() - began
        assert len(heard.frames) * FRAME / RATE_HZ < elapsed_s + 0.5, "silence comes at the pace of time"
        await sound.plug_in()
        await heard.until(lambda: microphone.state.device == "microphone")
        before = len(heard.frames)
        playing = asyncio.create_task(sound.play(tone(440, 1.0)))
        await heard.until(lambda: heard.loud(since=before) > 10)
        await playing


async def test_nothing_is_heard_through_the_monitor_of_the_loudspeaker(sound: SoundServer) -> None:
    await sound.pull_out()
    microphone = PortAudioMicrophone()
    async with listening(microphone) as heard:
        await heard.until(lambda: microphone.state.trouble is not None)
        await PortAudioLoudspeaker().play(one(tone(440, 0.5)))
        assert heard.loud() == 0
        assert "there is no microphone" in (microphone.state.trouble or "")


async def test_a_source_that_cancels_echoes_is_taken_when_it_comes(sound: SoundServer) -> None:
    microphone = PortAudioMicrophone()
    async with listening(microphone) as heard:
        await heard.until(lambda: microphone.state.device == "microphone")
        await sound.control("load-module", "module-null-sink", "sink_name=mic-echo-cancel")
        await sound.control(
            *("load-module", "module-remap-source", "master=mic.monitor", "source_name=mic.echo-cancel", "channels=1")
        )
        await heard.until(lambda: microphone.state.device == "mic.echo-cancel")


async def test_a_microphone_is_found_by_a_part_of_its_name(sound: SoundServer) -> None:
    microphone = PortAudioMicrophone("speaker.MON")
    async with listening(microphone) as heard:
        await heard.until(lambda: microphone.state.device is not None)
        assert microphone.state.device == "speaker.monitor"
        await PortAudioLoudspeaker().play(one(tone(440, 1.5)))
        await heard.until(lambda: heard.loud() > 10)


async def test_an_unknown_microphone_is_named_with_those_there_are(sound: SoundServer) -> None:
    microphone = PortAudioMicrophone("Jabra")
    async with listening(microphone) as heard:
        await heard.until(lambda: microphone.state.trouble is not None)
        assert "'Jabra'" in (microphone.state.trouble or "")
        assert "microphone" in (microphone.state.trouble or "").partition("there are ")[2]


async def test_a_gain_makes_louder(sound: SoundServer) -> None:
    microphone = PortAudioMicrophone(gain_db=12)
    async with listening(microphone) as heard:
        await heard.until(lambda: microphone.state.device is not None)
        await sound.play(tone(440, 1.0, amplitude=2000))
        await heard.until(lambda: heard.loud() > 20)
    assert abs(max(map(rms_dbfs, heard.frames)) - (20 * np.log10(2000 / 32768) - 3 + 12)) < 2


@pytest.mark.parametrize("rate_hz", [16_000, 22_050, 48_000])
async def test_plays_sound_of_any_rate_to_its_end(sound: SoundServer, rate_hz: int) -> None:
    async with sound.recording() as recorded:
        await PortAudioLoudspeaker().play(one(tone(1000, 0.8, rate_hz), rate_hz))
    heard = recorded.samples
    loud = np.flatnonzero(np.abs(heard) > 2000)
    assert abs((loud[-1] - loud[0]) / RATE_HZ - 0.8) < 0.1
    assert abs(pitch_hz(heard[loud[0] + 1000 : loud[0] + 9000]) - 1000) < 10


async def test_falls_silent_when_it_is_told_to(sound: SoundServer) -> None:
    async with sound.recording() as recorded:
        playing = asyncio.create_task(PortAudioLoudspeaker().play(one(tone(1000, 20))))
        await recorded.until(lambda samples: np.abs(samples).max() > 2000)
        playing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await playing
        ended = len(recorded.samples)
        await recorded.until(lambda samples: len(samples) > ended + RATE_HZ)
    assert np.abs(recorded.samples[-RATE_HZ // 2 :]).max() == 0


async def test_without_a_loudspeaker_playing_says_so(sound: SoundServer) -> None:
    with pytest.raises(SpeechError, match="there is no loudspeaker called 'Sonos': there are"):
        await PortAudioLoudspeaker("Sonos").play(one(tone(440, 0.1)))


async def test_a_server_that_ends_and_comes_back_is_found_again(sound: SoundServer) -> None:
    microphone = PortAudioMicrophone()
    async with listening(microphone) as heard:
        await heard.until(lambda: microphone.state.device is not None)
        await sound.stop()
        await heard.until(lambda: microphone.state.device is None)
        with pytest.raises(SpeechError):
            await PortAudioLoudspeaker().play(one(tone(440, 0.1)))
        await sound.start()
        await sound.plug_in()
        await heard.until(lambda: microphone.state.device == "microphone")
