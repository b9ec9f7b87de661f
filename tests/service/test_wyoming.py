"""Wyoming with the whole service behind it: a real recogniser, a real voice, real wake words and the assistant."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from edge.mqtt.broker import free_port
from edge.wyoming import Event, EventStream, connect
from tests.service.test_life import Running, service
from tests.speech.spoken import hush, say

SOUND = {"rate": 16_000, "width": 2, "channels": 1}


class Wyoming:
    """The service and its port."""

    def __init__(self, running: Running, port: int) -> None:
        self.running, self.port = running, port

    async def ask(self, *events: Event, until: str) -> list[Event]:
        async with await connect("127.0.0.1", self.port) as stream:
            for event in events:
                await stream.write(event)
            return await _until(stream, until)


async def _until(stream: EventStream, kind: str) -> list[Event]:
    events: list[Event] = []
    async with asyncio.timeout(60):
        while not events or events[-1].type not in (kind, "error"):
            event = await stream.read()
            assert event is not None
            events.append(event)
    assert events[-1].type == kind, events[-1].data
    return events


def _sound(samples: np.ndarray) -> list[Event]:
    chunks = [samples[at : at + 320] for at in range(0, len(samples), 320)]
    sound = [Event("audio-chunk", SOUND, chunk.astype("<i2").tobytes()) for chunk in chunks]
    return [Event("audio-start", SOUND), *sound, Event("audio-stop")]


@pytest.fixture
async def wyoming(tmp_path: Path) -> AsyncIterator[Wyoming]:
    port = free_port()
    (tmp_path / "config.toml").touch()
    off = {"EDGE_SPEECH__ENABLED": "false", "EDGE_LLM__ENABLED": "false"}
    ours = {"EDGE_WYOMING__ENABLED": "true", "EDGE_WYOMING__PORT": str(port)}
    async with service(tmp_path, **off, **ours) as running:
        await running.until("wyoming.listening")
        yield Wyoming(running, port)
        await running.end()


async def test_it_says_who_it_is_at_once_and_in_status(wyoming: Wyoming) -> None:
    (info,) = await wyoming.ask(Event("describe"), until="info")
    assert [model["name"] for model in info.data["asr"][0]["models"]] == ["pocketsphinx"]
    assert "en-gb" in [voice["name"] for voice in info.data["tts"][0]["voices"]]
    assert "okay_nabu" in [word["name"] for word in info.data["wake"][0]["models"]]
    async with asyncio.timeout(20):  # it takes a moment until it has seen that the client went
        while (status := await wyoming.running.call("status"))["wyoming"]["clients"]:
            pass
    assert status["wyoming"] == {"listening": [f"127.0.0.1:{wyoming.port}"], "trouble": None, "clients": 0}


async def test_what_it_says_it_hears(wyoming: Wyoming) -> None:
    """In words or in none: espeak-ng is no person. That a recording gives the right words, benches measure."""
    spoken = await wyoming.ask(Event("synthesize", {"text": "Turn on the light."}), until="audio-stop")
    pcm = b"".join(event.payload or b"" for event in spoken)
    facts = {key: spoken[0].data[key] for key in SOUND}
    assert len(pcm) > facts["rate"], "about a second"
    heard = await wyoming.ask(
        Event("transcribe", {"language": "en"}),
        Event("audio-start", facts),
        Event("audio-chunk", facts, pcm),
        Event("audio-stop"),
        until="transcript",
    )
    assert isinstance(heard[-1].data["text"], str)


async def test_silence_is_no_words(wyoming: Wyoming) -> None:
    heard = await wyoming.ask(*_sound(hush(1.0)), until="transcript")
    assert heard[-1].data["text"] == ""


async def test_a_wake_word_is_told(wyoming: Wyoming) -> None:
    sound = np.concatenate([hush(0.5), say("okay nabu"), hush(1.0)])
    detect = Event("detect", {"names": ["okay_nabu"]})
    events = await wyoming.ask(detect, *_sound(sound), until="detection")
    assert events[-1].data["name"] == "okay_nabu"
    events = await wyoming.ask(Event("detect", {"names": ["hey_jarvis"]}), *_sound(sound), until="not-detected")
    assert [event.type for event in events] == ["not-detected"]


async def test_a_wake_word_that_there_is_not_is_named(wyoming: Wyoming) -> None:
    async with await connect("127.0.0.1", wyoming.port) as stream:
        await stream.write(Event("detect", {"names": ["abracadabra"]}))
        await stream.write(Event("audio-start", SOUND))
        error = await stream.read()
    assert error is not None
    assert "'abracadabra': there are" in error.data["text"]


async def test_a_sentence_is_answered(wyoming: Wyoming) -> None:
    said = Event("transcript", {"text": "what time is it", "context": {"conversation_id": "c"}})
    events = await wyoming.ask(said, until="handled")
    assert events[-1].data["context"] == {"conversation_id": "c"}


async def test_a_voice_that_there_is_not_is_named(wyoming: Wyoming) -> None:
    async with await connect("127.0.0.1", wyoming.port) as stream:
        await stream.write(Event("synthesize", {"text": "Hello.", "voice": {"name": "nobody"}}))
        error = await stream.read()
    assert error is not None
    assert error.type == "error"
