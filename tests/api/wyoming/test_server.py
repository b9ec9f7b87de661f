"""The server, over real connections: what clients ask for, in order and out of it."""

import asyncio
import warnings
from collections.abc import AsyncIterator
from typing import Literal

import numpy as np
import pytest

from edge.api.wyoming import connection as connections
from edge.api.wyoming.ports import Offer
from edge.assistant.model import Source
from edge.wyoming import LINE_BYTES, Event, EventStream, WyomingError
from tests.api.wyoming.fakes import LOUD, FakeMind
from tests.api.wyoming.served import SOUND, Setting


@pytest.fixture
async def setting() -> AsyncIterator[Setting]:
    async with Setting() as made:
        yield made


# Who we are ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("conversation", ["handle", "intent"])
async def test_the_librarys_client_understands_what_is_offered(conversation: Literal["handle", "intent"]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it imports audioop
        from wyoming.info import Info
    async with Setting(conversation) as setting, setting.client() as client:
        await client.send("describe")
        info = Info.from_event(await client.get())
    assert [model.name for model in info.asr[0].models] == ["ears"]
    assert [voice.name for voice in info.tts[0].voices] == ["voice"]
    assert info.tts[0].supports_synthesize_streaming
    assert info.wake[0].models[0].phrase == "Okay Nabu"
    assert [len(info.handle), len(info.intent)] == ([1, 0] if conversation == "handle" else [0, 1])
    programs = [*info.asr, *info.tts, *info.wake, *info.handle, *info.intent]
    assert all(program.installed and program.attribution.name for program in programs)
    assert info.satellite is None


async def test_what_is_not_there_is_not_offered(setting: Setting) -> None:
    setting.speech.offered = Offer()
    async with setting.client() as client:
        await client.send("describe")
        data = (await client.get()).data
    assert [len(data[kind]) for kind in ("asr", "tts", "wake", "handle")] == [0, 0, 0, 1]


async def test_a_ping_is_answered(setting: Setting) -> None:
    async with setting.client() as client:
        await client.send("ping", {"text": "there?"})
        assert await client.get() == Event("pong", {"text": "there?"}, None)


async def test_what_it_does_not_know_is_passed_over(setting: Setting) -> None:
    async with setting.client() as client:
        await client.send("select-program", {"name": "other"})
        await client.send("ping")
        assert (await client.get()).type == "pong"


# Hearing ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("facts", [SOUND, {"rate": 48_000, "width": 4, "channels": 2}])
async def test_a_sentence_is_transcribed(setting: Setting, facts: dict[str, int]) -> None:
    second = bytes(facts["rate"] * facts["width"] * facts["channels"])
    async with setting.client() as client:
        await client.send("transcribe", {"language": "en"})
        await client.send("audio-start", facts)
        for at in range(0, len(second), 999):
            await client.send("audio-chunk", facts, second[at : at + 999])
        await client.send("audio-stop")
        assert await client.get() == Event("transcript", {"text": "32 frames", "language": "en"}, None)


async def test_certain_words_are_told_before_the_end(setting: Setting) -> None:
    setting.speech.partials = ["turn", "turn on", "turn on the", "turn on the lamp"]
    async with setting.client() as client:
        await client.send("audio-start", SOUND)
        assert [(await client.get()).type, (await client.get()).data] == ["transcript-start", {"text": "turn"}]
        await client.send("audio-stop")
        events = await client.until("transcript-stop")
    *chunks, transcript, _ = events
    assert {event.type for event in chunks} == {"transcript-chunk"}
    assert transcript.data["text"] == "".join(["turn", *(event.data["text"] for event in chunks)])


async def test_one_connection_takes_one_sentence_after_the_other(setting: Setting) -> None:
    async with setting.client() as client:
        for _ in range(2):
            await client.send("audio-start", SOUND)
            await client.send("audio-chunk", SOUND, bytes(2048))
            await client.send("audio-stop")
            await client.until("transcript")


async def test_what_can_not_hear_says_so_and_hangs_up(setting: Setting) -> None:
    setting.speech.broken = "the recogniser is missing: install it"
    async with setting.client() as client:
        await client.send("audio-start", SOUND)
        error = await client.get()
        assert (error.type, error.data["text"]) == ("error", "the recogniser is missing: install it")
        assert await client.ended()


async def test_sound_that_stops_coming_does_not_hold_the_recogniser(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "_HEARING_S", 0.05)
    async with setting.client() as client:
        await client.send("audio-start", SOUND)
        assert (await client.get()).type == "error"
        assert await client.ended()


async def test_a_text_that_drips_in_is_not_waited_for_for_ever(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "_TEXT_S", 0.2)
    async with setting.client() as client, asyncio.timeout(10):
        await client.send("synthesize-start")
        with pytest.raises(WyomingError, match="the connection broke"):
            while True:
                await client.send("synthesize-chunk", {"text": "a"})
                await asyncio.sleep(0.01)


async def test_one_who_says_nothing_is_sent_away(setting: Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "_IDLE_S", 0.05)
    async with setting.client() as client:
        assert await client.ended()


# Wake words ---------------------------------------------------------------------------------------------------------


def _sound(*loud_at: int, samples: int = 2048) -> bytes:
    made = np.zeros(samples, "<i2")
    made[list(loud_at)] = LOUD
    return made.tobytes()


async def test_each_wake_word_is_told_with_its_time(setting: Setting) -> None:
    async with setting.client() as client:
        await client.send("detect", {"names": ["alexa"]})
        await client.send("audio-start", SOUND)
        await client.send("audio-chunk", {**SOUND, "timestamp": 1000}, _sound(600))
        assert await client.get() == Event("detection", {"name": "alexa", "timestamp": 1064, "speaker": None}, None)
        await client.send("audio-chunk", SOUND, _sound(0))
        assert (await client.get()).data["timestamp"] is None
        await client.send("audio-stop")
        await client.send("ping")
        assert (await client.get()).type == "pong"


async def test_a_satellite_asks_anew_without_an_end_or_a_beginning(setting: Setting) -> None:
    async with setting.client() as client:
        for _ in range(10):
            await client.send("detect", {"names": ["alexa"]})
            await client.send("audio-chunk", SOUND, _sound(600))
            assert (await client.get()).type == "detection"
            await client.send("detect", {"names": ["alexa"]})
            await client.send("audio-start", SOUND)
            await client.send("audio-start", SOUND)
            await client.send("audio-chunk", SOUND, _sound(600))
            assert (await client.get()).type == "detection"


async def test_no_wake_word_is_told_at_the_end(setting: Setting) -> None:
    async with setting.client() as client:
        for _ in range(10):  # no more than so many are listened to at once
            await client.send("detect", {"names": None})
            await client.send("audio-start", SOUND)
            await client.send("audio-chunk", SOUND, _sound())
            await client.send("audio-stop")
            assert (await client.get()).type == "not-detected"


@pytest.mark.parametrize("names", ["alexa", [3], [""], ["x"] * 9])
async def test_names_that_are_none_are_refused(setting: Setting, names: object) -> None:
    async with setting.client() as client:
        await client.send("detect", {"names": names})
        assert (await client.get()).type == "error"


# Speaking -----------------------------------------------------------------------------------------------------------


async def test_a_text_is_spoken(setting: Setting) -> None:
    async with setting.client() as client:
        await client.send("synthesize", {"text": "Hello.", "voice": {"name": "voice", "speaker": "x"}})
        events = await client.until("audio-stop")
    assert setting.speech.said == [("Hello.", "voice")]
    assert events[0] == Event("audio-start", {"rate": 22_050, "width": 2, "channels": 1, "timestamp": 0}, None)
    assert sum(len(event.payload or b"") for event in events) == 4410
    assert events[-1].data == {"timestamp": 100}


async def test_a_text_that_comes_in_pieces_is_spoken_as_it_comes(setting: Setting) -> None:
    async with setting.client() as client:
        await client.send("synthesize-start", {"voice": {"language": "en"}})
        await client.send("synthesize-chunk", {"text": "One. "})
        first = await client.get()
        await client.send("synthesize-chunk", {"text": "Two."})
        await client.send("synthesize", {"text": "One. Two."})
        await client.send("synthesize-stop")
        events = [first, *await client.until("synthesize-stopped")]
    assert setting.speech.said == [("One. ", None), ("Two.", None)]
    kinds = [event.type for event in events]
    assert (kinds[0], kinds[-2:]) == ("audio-start", ["audio-stop", "synthesize-stopped"])
    assert kinds.count("audio-start") == 1
    samples = sum(len(event.payload or b"") for event in events) / 2
    assert samples == pytest.approx(2205 + 2205 * 22_050 / 16_000, abs=4), "all in the rate of the first"


async def test_nothing_to_say_has_a_beginning_and_an_end(setting: Setting) -> None:
    async with setting.client() as client:
        await client.send("synthesize-start")
        await client.send("synthesize-stop")
        events = await client.until("synthesize-stopped")
    assert [event.type for event in events] == ["audio-start", "audio-stop", "synthesize-stopped"]


async def test_of_ssml_the_words_are_spoken(setting: Setting) -> None:
    async with setting.client() as client:
        await client.send("synthesize", {"text": "<speak>Tea &amp; <b>milk</b></speak>", "text_format": "ssml"})
        await client.until("audio-stop")
    assert setting.speech.said[0][0].split() == ["Tea", "&", "milk"]


async def test_more_text_than_anybody_listens_to_is_refused(setting: Setting) -> None:
    async with setting.client() as client:
        await client.send("synthesize", {"text": "x" * 20_001})
        assert "20000 characters" in (await client.get()).data["text"]


# Thinking -----------------------------------------------------------------------------------------------------------


async def test_a_sentence_is_handled_with_its_conversation_for_an_origin(setting: Setting) -> None:
    async with setting.client() as client:
        await client.send("transcript", {"text": "time", "context": {"conversation_id": "c1"}})
        event = await client.get()
    assert event == Event("handled", {"text": "time", "context": {"conversation_id": "c1"}}, None)
    (asked,) = setting.mind.asked
    assert (asked.source, asked.origin, asked.authenticated) == (Source.WYOMING, "127.0.0.1 c1", False)


async def test_silence_is_not_handled(setting: Setting) -> None:
    async with setting.client() as client:
        await client.send("recognize", {"text": "mumble"})
        assert (await client.get()).type == "not-handled"


async def test_an_answer_in_pieces_is_told_as_it_comes(setting: Setting) -> None:
    async with setting.client() as client:
        await client.send("transcript", {"text": "lamp and door"})
        events = await client.until("handled-stop")
    kinds = [event.type for event in events]
    assert kinds == ["handled-start", *["handled-chunk"] * 3, "handled", "handled-stop"]
    assert [event.data["text"] for event in events[1:4]] == ["lamp", "and", "door"]


@pytest.mark.parametrize("text", [None, 3, "x" * 20_001, ["a"]])
async def test_what_is_no_sentence_is_refused(setting: Setting, text: object) -> None:
    async with setting.client() as client:
        await client.send("transcript", {"text": text, "context": None})
        assert (await client.get()).type in ("error", "not-handled")


async def _answers(text: str, version: str = "1.7.2") -> tuple[list[Event], FakeMind]:
    async with Setting("intent") as setting:
        port = setting.server.listeners[0].port
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=LINE_BYTES)
        async with EventStream(reader, writer) as stream:
            writer.write(
                b'{"type": "transcript", "version": "%s", "data": {"text": "%s"}}\n' % (version.encode(), text.encode())
            )
            writer.write_eof()
            events = []
            while (event := await stream.read()) is not None:
                events.append(event)
        return events, setting.mind


async def test_an_order_is_handed_over() -> None:
    events, mind = await _answers("lamp")
    assert [event.type for event in events] == ["intent"]
    assert events[0].data["name"] == "HassTurnOn"
    assert events[0].data["entities"] == [{"name": "name", "value": "Lamp"}]
    assert mind.asked == []


async def test_what_only_the_client_may_know_is_handed_over() -> None:
    events, _ = await _answers("garden lamp")
    assert events[0].data["entities"] == [{"name": "name", "value": "garden lamp"}]


async def test_several_orders_are_handed_over_to_who_takes_several() -> None:
    events, mind = await _answers("lamp and door", version="1.8.0")
    assert [event.type for event in events] == ["intents-start", "intent", "intent", "intents-stop"]
    assert mind.asked == []


async def test_several_orders_are_carried_out_here_for_who_takes_one() -> None:
    events, mind = await _answers("lamp and door")
    assert events[-2].type == "handled"
    assert len(mind.asked) == 1


async def test_several_orders_that_nobody_can_carry_out_are_not_begun() -> None:
    events, mind = await _answers("garden lamp and lamp")
    assert (events[0].type, events[0].data["text"]) == ("not-recognized", "One thing at a time, please.")
    assert mind.asked == []


@pytest.mark.parametrize("text", ["unlock", "lamp later", "dim", "timer", "time"])
async def test_what_can_not_be_handed_over_is_done_here(text: str) -> None:
    events, mind = await _answers(text)
    assert "handled" in [event.type for event in events]
    assert [asked.text for asked in mind.asked] == [text]


@pytest.mark.parametrize("text", ["story", "mumble"])
async def test_what_is_no_order_is_not_recognised(text: str) -> None:
    events, mind = await _answers(text)
    assert [event.type for event in events] == ["not-recognized"]
    assert mind.asked == []


async def test_the_answer_to_a_question_comes_back_here() -> None:
    async with Setting("intent") as setting:
        for text in ("unlock", "lamp", "lamp"):  # the second may be the answer; the third is an order again
            async with setting.client() as client:
                await client.send("transcript", {"text": text, "context": {"conversation_id": "c"}})
                await client.get()
        assert [asked.text for asked in setting.mind.asked] == ["unlock", "lamp"]


async def test_a_client_with_limits_has_things_done_here_where_they_hold() -> None:
    async with Setting("intent") as setting, setting.client() as client:
        await client.send("transcript", {"text": "lamp", "context": {"conversation_id": "limited"}})
        kinds = [event.type for event in await client.until("handled")]
    assert "intent" not in kinds
    assert [utterance.text for utterance in setting.mind.asked] == ["lamp"]
