"""The recogniser keeps a worker whose words are those of the house, whatever happens to the worker."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from edge.devices import Device, Registry
from edge.models import ModelStore
from edge.speech.sound import Samples, SpeechError
from edge.speech.stt import Transcript, recogniser
from edge.speech.stt.process import Setup, started_worker
from edge.speech.stt.recogniser import Recogniser
from tests.speech.spoken import frames, hush, say, together
from tests.speech.stt.house import house
from tests.speech.stt.whisper_maker import WORDS, make_whisper

PATIENCE_S = 60.0


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recogniser, "QUIET_S", 0.05)
    monkeypatch.setattr(recogniser, "PATIENCE_S", PATIENCE_S)


def sounds(text: str) -> list[Samples]:
    """Frames of a sentence."""
    return frames(together(hush(0.2, level=40.0), say(text, "en-us", 140), hush(0.2, level=40.0)))


BLINDS = sounds("open the office blinds")
DOOR = sounds("lock the front door")
GREENHOUSE = sounds("turn on the greenhouse")


async def spoken(sentence: list[Samples], before: Callable[[], None] | None = None) -> AsyncIterator[Samples]:
    """Its frames; in the middle something may happen."""
    for number, frame in enumerate(sentence):
        if before is not None and number == len(sentence) // 2:
            before()
        await asyncio.sleep(0)
        yield frame


async def heard(listener: Recogniser, frames: AsyncIterator[Samples]) -> list[Transcript]:
    return [transcript async for transcript in listener.listen(frames)]


def stored(folder: Path) -> ModelStore:
    """A store with a Whisper model."""
    store = ModelStore(folder / "models")
    store.add(make_whisper(folder / "tiny"))
    return store


async def test_partial_words_come_before_the_last() -> None:
    async with Recogniser(house()) as listener:
        await listener.ready(PATIENCE_S)
        *_, final = await heard(listener, spoken(BLINDS))
        assert (final.engine, final.text) == ("pocketsphinx", "open the office blinds")
        assert final.hypotheses[0].confidence > 0


async def test_a_killed_worker_is_replaced_and_hears_the_sentence_again() -> None:
    async with Recogniser(house()) as listener:
        await listener.ready(PATIENCE_S)
        first = listener.pid

        def kill() -> None:
            assert first is not None
            os.kill(first, signal.SIGKILL)

        *_, final = await heard(listener, spoken(BLINDS, kill))
        assert final.text == "open the office blinds"
        assert listener.pid not in (None, first)
        assert listener.restarts == 1


async def test_a_new_device_is_heard_by_its_name(house_of: Registry) -> None:
    async with Recogniser(house_of) as listener:
        await listener.ready(PATIENCE_S)
        first = listener.pid
        house_of.put_device(Device("switch.pump", "Greenhouse"))
        async with asyncio.timeout(PATIENCE_S):
            while listener.pid == first:  # noqa: ASYNC110 - another process, which tells nobody
                await asyncio.sleep(0.05)
        *_, final = await heard(listener, spoken(GREENHOUSE))
        assert "greenhouse" in final.text


@pytest.fixture
def house_of() -> Registry:
    return house()


async def test_one_sentence_waits_for_the_other() -> None:
    async with Recogniser(house()) as listener:
        await listener.ready(PATIENCE_S)
        both = await asyncio.gather(heard(listener, spoken(BLINDS)), heard(listener, spoken(DOOR)))
        assert [transcripts[-1].text for transcripts in both] == ["open the office blinds", "lock the front door"]


async def test_a_sentence_that_waits_too_long_for_the_other_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recogniser, "TURN_S", 0.05)
    go_on = asyncio.Event()

    async def slow() -> AsyncIterator[Samples]:
        for frame in BLINDS[:5]:
            yield frame
        await go_on.wait()
        for frame in BLINDS[5:]:
            yield frame

    async with Recogniser(house()) as listener:
        await listener.ready(PATIENCE_S)
        first = asyncio.create_task(heard(listener, slow()))
        await asyncio.sleep(0)
        with pytest.raises(SpeechError, match="others are heard"):
            await heard(listener, spoken(DOOR))
        go_on.set()
        assert (await first)[-1].text == "open the office blinds"
        assert (await heard(listener, spoken(DOOR)))[-1].text == "lock the front door"


async def test_listening_that_is_broken_off_leaves_the_worker_ready() -> None:
    async with Recogniser(house()) as listener:
        await listener.ready(PATIENCE_S)
        first = listener.pid
        listening = listener.listen(spoken(DOOR))
        await anext(listening)
        await listening.aclose()
        *_, final = await heard(listener, spoken(BLINDS))
        assert final.text == "open the office blinds"
        assert listener.pid == first


async def test_an_engine_that_nobody_knows_is_named() -> None:
    async with started_worker(Setup("ear trumpet", "{}")) as worker:
        with pytest.raises(SpeechError, match="ear trumpet"):
            await worker.set_up()


async def test_a_stored_whisper_model_is_used_the_whole_way_to_text(tmp_path: Path) -> None:
    store = await asyncio.to_thread(stored, tmp_path)
    async with Recogniser(house(), "faster-whisper", store) as listener:
        await listener.ready(PATIENCE_S)
        assert listener.name == "faster-whisper"
        *_, final = await heard(listener, spoken(DOOR))
        assert final.engine == "faster-whisper"
        assert final.hypotheses
        assert set(final.text.split()) <= set(WORDS)


async def test_a_broken_whisper_model_leaves_the_houses_own_language(tmp_path: Path) -> None:
    store = await asyncio.to_thread(stored, tmp_path)
    tokenizer = tmp_path / "models" / "tiny" / "tokenizer.json"
    tokenizer.write_text("{}" + " " * (tokenizer.stat().st_size - 2))
    async with Recogniser(house(), "auto", store) as listener:
        await listener.ready(PATIENCE_S)
        assert listener.name == "pocketsphinx"
