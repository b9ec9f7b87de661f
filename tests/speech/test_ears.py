"""Microphone, ring, wake word and end of speech together, on sound that is really played."""

import asyncio

import numpy as np

from edge.speech.audio import PortAudioMicrophone
from edge.speech.endpoint import Endpoint, EndpointState
from edge.speech.levels import speech_dbfs
from edge.speech.ring import Ring
from edge.speech.sound import RATE_HZ
from edge.speech.vad import VoiceActivity
from edge.speech.wake import Detection, load
from tests.sound_server import SoundServer
from tests.speech.spoken import frames, hush, say


async def test_a_sentence_right_after_the_wake_word_is_heard_to_its_end(sound: SoundServer) -> None:
    words = await asyncio.to_thread(load, {"okay_nabu": 0.5, "alexa": 0.5})
    activity = await asyncio.to_thread(VoiceActivity)
    ring, microphone, sentence = Ring(), PortAudioMicrophone(), say("turn on the light in the kitchen")
    found: Detection | None = None
    endpoint: Endpoint | None = None
    playing: asyncio.Task[None] | None = None
    whole = np.concatenate([hush(0.5), say("okay nabu"), sentence, hush(3)])
    async with asyncio.timeout(110):
        async for frame in microphone.frames():
            # A busy machine plays with gaps; then it is said again, as one does.
            if microphone.state.device and (playing is None or (playing.done() and found is None)):
                playing = asyncio.create_task(sound.play(whole))
            ring.push(frame)
            if endpoint is None:
                found = words.feed(frame)
                if found:
                    level = speech_dbfs(ring.since(found.at_s - 1.0))
                    endpoint = Endpoint(activity, speaker_dbfs=level)
                    for earlier in frames(ring.since(found.end_s)):
                        endpoint.feed(earlier)
            elif endpoint.feed(frame) is not EndpointState.SPEAKING and endpoint.state is not EndpointState.WAITING:
                break
    assert found is not None
    assert endpoint is not None
    assert playing is not None
    await playing
    assert found.word == "okay_nabu"
    assert endpoint.state is EndpointState.DONE
    kept = ring.since(found.end_s)
    assert len(sentence) / RATE_HZ < len(kept) / RATE_HZ < len(sentence) / RATE_HZ + 2.5
    spoken = np.flatnonzero(np.abs(kept) > 1000)
    assert (spoken[-1] - spoken[0]) / RATE_HZ > 0.9 * len(sentence) / RATE_HZ
