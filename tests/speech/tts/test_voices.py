"""Which voice speaks: what is installed, what was chosen, what stands in."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import numpy as np
import pytest

from edge.models import ModelStore
from edge.speech.sound import Sound, SpeechError
from edge.speech.tts.cache import Cache, Cached
from edge.speech.tts.voices import Voices
from tests.speech.tts.voice_maker import make_voice


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    directory = tmp_path / "models"
    directory.mkdir()
    return ModelStore(directory)


async def said(voices: Voices, text: str, name: str | None = None) -> list[Sound]:
    return [sound async for sound in voices.named(name).speak(text)]


async def test_espeak_speaks_where_no_voice_is_installed(store: ModelStore) -> None:
    async with Voices(store) as voices:
        assert voices.named().name == "espeak-ng"
        assert sum(sound.seconds for sound in await said(voices, "Hello.")) > 0.3
        assert voices.trouble is None


async def test_a_voice_that_is_added_speaks_from_then_on(store: ModelStore, tmp_path: Path) -> None:
    async with Voices(store, scratch=tmp_path / "run") as voices:
        await said(voices, "Hello.")
        await asyncio.to_thread(store.add, make_voice(tmp_path / "alan.onnx", rate_hz=16_000))
        assert {sound.rate_hz for sound in await said(voices, "Hello.")} == {16_000}
        assert voices.named().name == "piper"
        assert voices.installed == ("alan",)
        assert {sound.rate_hz for sound in await said(voices, "Hello.", "espeak-ng")} == {22_050}
        await asyncio.to_thread(store.remove, "alan")
        assert {sound.rate_hz for sound in await said(voices, "Hello.")} == {22_050}


async def test_the_voice_that_is_asked_for_speaks(store: ModelStore, tmp_path: Path) -> None:
    await asyncio.to_thread(store.add, make_voice(tmp_path / "alan.onnx", rate_hz=16_000))
    await asyncio.to_thread(store.add, make_voice(tmp_path / "amy.onnx", rate_hz=24_000))
    async with Voices(store, usual="amy", scratch=tmp_path / "run") as voices:
        assert {sound.rate_hz for sound in await said(voices, "Hello.")} == {24_000}
        assert {sound.rate_hz for sound in await said(voices, "Hello.", "alan")} == {16_000}
        with pytest.raises(SpeechError, match="no voice 'nope'"):
            await said(voices, "Hello.", "nope")


async def test_a_broken_voice_is_named_and_espeak_stands_in(store: ModelStore, tmp_path: Path) -> None:
    model = await asyncio.to_thread(store.add, make_voice(tmp_path / "alan.onnx"))
    model.files[1].path.unlink()
    async with Voices(store, scratch=tmp_path / "run") as voices:
        assert sum(sound.seconds for sound in await said(voices, "Hello.")) > 0.3
        assert voices.trouble is not None
        assert "copy alan.onnx.json" in voices.trouble


class Tally:
    name = "tally"

    def __init__(self) -> None:
        self.texts: list[str] = []

    async def speak(self, text: str) -> AsyncGenerator[Sound, None]:
        self.texts.append(text)
        for _ in range(4):
            yield Sound(np.full(1000, len(self.texts), dtype=np.int16))


async def test_what_was_said_lately_is_not_made_again() -> None:
    engine = Tally()
    cached = Cached(engine, Cache(), "tally")
    first = [sound async for sound in cached.speak("Okay.")]
    again = [sound async for sound in cached.speak("Okay.")]
    assert engine.texts == ["Okay."]
    assert [sound.samples.tolist() for sound in first] == [sound.samples.tolist() for sound in again]


async def test_what_was_broken_off_is_made_again() -> None:
    engine = Tally()
    cached = Cached(engine, Cache(), "tally")
    sounds = cached.speak("Okay.")
    await anext(sounds)
    await sounds.aclose()
    assert len([sound async for sound in cached.speak("Okay.")]) == 4
    assert engine.texts == ["Okay.", "Okay."]


async def test_the_cache_stays_small_and_keeps_what_is_used() -> None:
    cache = Cache(most_bytes=40_000)
    engine = Tally()
    cached = Cached(engine, cache, "tally")
    for number in range(20):
        async for _ in cached.speak("Okay."):
            pass
        async for _ in cached.speak(f"Number {number}."):
            pass
        assert cache.size_bytes <= 40_000
    assert engine.texts.count("Okay.") == 1
    async for _ in cached.speak("x" * 100):
        pass
    assert cache.get("tally", "x" * 100) is None
