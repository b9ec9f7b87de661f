"""Piper itself, with a voice of random weights: the whole way from a text to samples."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import numpy as np
import pytest

from edge.speech.sound import Sound, SpeechError
from edge.speech.tts.piper import Piper
from tests.speech.tts.voice_maker import HOP, make_voice


@contextlib.asynccontextmanager
async def piper(voice: Path, scratch: Path) -> AsyncIterator[Piper]:
    engine = Piper(voice, scratch=scratch)
    try:
        yield engine
    finally:
        await engine.close()


async def said(engine: Piper, text: str) -> list[Sound]:
    return [sound async for sound in engine.speak(text)]


async def test_a_text_becomes_samples_sentence_by_sentence_in_one_process(tmp_path: Path) -> None:
    async with piper(make_voice(tmp_path / "v.onnx"), tmp_path / "scratch") as engine:
        sounds = await said(engine, "The light is on. The door is locked.")
        assert len(sounds) == 2
        assert all(sound.rate_hz == 22_050 and len(sound.samples) % HOP == 0 for sound in sounds)
        assert all(np.abs(sound.samples).max() > 1000 for sound in sounds)
        first = engine.pid
        again = await said(engine, "The light is on.")
        assert engine.pid == first
        assert np.array_equal(again[0].samples, sounds[0].samples)
        assert list((tmp_path / "scratch").glob("*/*.wav")) == []
    assert list((tmp_path / "scratch").iterdir()) == []


async def test_a_voice_of_several_speakers_speaks_at_its_own_rate(tmp_path: Path) -> None:
    async with piper(make_voice(tmp_path / "v.onnx", speakers=3, rate_hz=16_000), tmp_path) as engine:
        (sound,) = await said(engine, "Hello there.")
        assert sound.rate_hz == 16_000


async def test_what_nobody_can_say_is_left_out(tmp_path: Path) -> None:
    async with piper(make_voice(tmp_path / "v.onnx"), tmp_path) as engine:
        assert await said(engine, "... !? –") == []
        assert len(await said(engine, "[[h@l@U]] \x01\n Well.\n")) == 1


async def test_a_reply_that_is_broken_off_does_not_get_into_the_next_one(tmp_path: Path) -> None:
    async with piper(make_voice(tmp_path / "v.onnx"), tmp_path) as engine:
        expected = (await said(engine, "Two is the answer."))[0]
        async with aclosing(engine.speak("One is a long sentence. It goes on for quite a while.")) as sounds:
            speaking = asyncio.ensure_future(anext(sounds))
            await asyncio.sleep(0)
            speaking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await speaking
        (sound,) = await said(engine, "Two is the answer.")
        assert np.array_equal(sound.samples, expected.samples)


async def test_killed_it_says_so_once_and_is_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.speech.tts.piper._AGAIN_S", (0.0,))
    async with piper(make_voice(tmp_path / "v.onnx"), tmp_path) as engine:
        await said(engine, "Hello there.")
        assert engine.pid is not None
        os.kill(engine.pid, signal.SIGSTOP)
        speaking = asyncio.create_task(said(engine, "Hello again."))
        await asyncio.sleep(0)
        os.kill(engine.pid, signal.SIGKILL)
        with pytest.raises(SpeechError, match="Piper ended while it spoke"):
            await speaking
        assert len(await said(engine, "Hello again.")) == 1


async def test_a_voice_without_its_json_is_named_with_what_to_copy(tmp_path: Path) -> None:
    voice = make_voice(tmp_path / "alan.onnx")
    (tmp_path / "alan.onnx.json").unlink()
    async with piper(voice, tmp_path) as engine:
        with pytest.raises(SpeechError, match=r"alan lacks its description: copy alan\.onnx\.json"):
            await said(engine, "Hello there.")


async def test_a_json_of_something_else_is_named(tmp_path: Path) -> None:
    voice = make_voice(tmp_path / "alan.onnx")
    (tmp_path / "alan.onnx.json").write_text('{"audio": 5}')
    async with piper(voice, tmp_path) as engine:
        with pytest.raises(SpeechError, match=r"alan\.onnx\.json does not describe a voice of Piper's"):
            await said(engine, "Hello there.")


@pytest.mark.parametrize("damage", ["made for another", "cut short", "no network"])
async def test_a_voice_that_can_not_be_run_is_named_and_left_alone_for_a_while(tmp_path: Path, damage: str) -> None:
    voice = make_voice(
        tmp_path / "alan.onnx", operator="OfAnotherProcessor" if damage == "made for another" else "Tanh"
    )
    if damage == "cut short":
        voice.write_bytes(voice.read_bytes()[:3000])
    if damage == "no network":
        voice.write_bytes(b"\x7fELF" * 100)
    async with piper(voice, tmp_path) as engine:
        with pytest.raises(SpeechError, match=r"Piper can't speak with the voice alan .*edge models pull") as first:
            await said(engine, "Hello there.")
        with pytest.raises(SpeechError) as second:
            await said(engine, "Hello there.")
        assert str(second.value) == str(first.value)
        assert engine.pid is None
