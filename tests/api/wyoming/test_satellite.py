"""This machine's room as a satellite, with a client that does what Home Assistant does."""

import asyncio
import contextlib
import warnings
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import Any, Self

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from edge.api.wyoming import Door
from edge.api.wyoming import satellite as satellites
from edge.api.wyoming.ports import Model, Spoken
from edge.api.wyoming.satellite import SatelliteError, SatelliteServer
from edge.pcm import Samples
from edge.wyoming import Event, EventStream, WyomingError, connect

ANSWER = {"rate": 22_050, "width": 2, "channels": 1}


class FakeRoom:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.announced: list[int] = []
        self.timers: list[tuple[str, str, Mapping[str, Any]]] = []
        self.quiet_over = asyncio.Event()
        """Cleared, nothing is said for now."""
        self.quiet_over.set()

    async def wake_words(self) -> tuple[Model, ...]:
        return (Model("okay_nabu", ("en",), "Okay Nabu", "test", "", phrase="Okay Nabu"),)

    async def announce(self, sounds: AsyncIterator[Spoken]) -> None:
        await self.quiet_over.wait()
        self.announced += [len(piece.samples) async for piece in sounds]

    async def timer(self, kind: str, key: str, facts: Mapping[str, Any]) -> None:
        self.timers.append((kind, key, facts))


class Setting:
    """A satellite with a client."""

    def __init__(self) -> None:
        self.room = FakeRoom()
        self.server = SatelliteServer(Door(), self.room, name="edge boat", area=lambda: "Kitchen")
        self.happened: list[str] = []

    async def __aenter__(self) -> Self:
        await self.server.__aenter__()
        await self.server.listener.opened.wait()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.server.__aexit__()

    @asynccontextmanager
    async def client(self, *, runs: bool = True) -> AsyncIterator[EventStream]:
        async with await connect("127.0.0.1", self.server.listener.port or 0) as stream:
            if runs:
                await stream.write(Event("run-satellite"))
                await stream.write(Event("ping"))
                assert (await _next(stream)).type == "pong"
            yield stream

    async def converse(self, frames: AsyncIterator[Samples]) -> list[int]:
        async with aclosing(self.server.converse("okay_nabu", frames, lambda: self.happened.append("heard"))) as pieces:
            return [len(piece.samples) async for piece in pieces]


async def _next(stream: EventStream) -> Event:
    async with asyncio.timeout(10):
        event = await stream.read()
    assert event is not None
    return event


async def _until(stream: EventStream, kind: str) -> list[Event]:
    events = [await _next(stream)]
    while events[-1].type != kind:
        events.append(await _next(stream))
    return events


async def _sound(count: int | None = None) -> AsyncIterator[Samples]:
    """Frames for ever, or so many."""
    at = 0
    while count is None or at < count:
        at += 1
        await asyncio.sleep(0)
        yield np.ones(512, np.int16)


@pytest.fixture
async def setting() -> AsyncIterator[Setting]:
    async with Setting() as made:
        yield made


async def test_the_librarys_client_understands_what_it_is(setting: Setting) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it imports audioop
        from wyoming.info import Info
    async with setting.client(runs=False) as stream:
        await stream.write(Event("describe"))
        info = Info.from_event(await _next(stream))
    assert info.satellite is not None
    assert (info.satellite.name, info.satellite.area, info.satellite.installed) == ("edge boat", "Kitchen", True)
    assert info.satellite.active_wake_words == ["okay_nabu"]
    assert info.wake[0].models[0].phrase == "Okay Nabu"
    assert info.mic[0].mic_format.rate == 16_000
    assert not setting.server.there, "looking who is there is not wanting to answer"


async def test_what_follows_the_wake_word_is_heard_and_answered_there(setting: Setting) -> None:
    async with setting.client() as stream:
        talk = asyncio.create_task(setting.converse(_sound()))
        begun = await _until(stream, "audio-start")
        assert [event.type for event in begun] == ["detection", "run-pipeline", "audio-start"]
        assert begun[0].data["name"] == begun[1].data["wake_word_name"] == "okay_nabu"
        assert (begun[1].data["start_stage"], begun[1].data["end_stage"]) == ("asr", "tts")
        chunk = await _next(stream)
        assert (chunk.type, len(chunk.payload or b"")) == ("audio-chunk", 1024)
        await stream.write(Event("voice-stopped", {"timestamp": 100}))
        await stream.write(Event("transcript", {"text": "turn on the light"}))
        await stream.write(Event("synthesize", {"text": "Done."}))
        await stream.write(Event("audio-start", ANSWER))
        await stream.write(Event("audio-chunk", ANSWER, bytes(2000)))
        await stream.write(Event("audio-stop"))
        assert await talk == [1000]
        assert setting.happened == ["heard"]
        await setting.server.played()
        assert (await _until(stream, "played"))[-1].type == "played"


async def test_a_button_that_is_let_go_ends_the_sound(setting: Setting) -> None:
    async with setting.client() as stream:
        talk = asyncio.create_task(setting.converse(_sound(3)))
        events = await _until(stream, "audio-stop")
        assert [event.type for event in events].count("audio-chunk") == 3
        await stream.write(Event("transcript", {"text": "x"}))
        await stream.write(Event("audio-start", ANSWER))
        await stream.write(Event("audio-stop"))
        assert await talk == []


async def test_what_it_can_not_answer_is_said(setting: Setting) -> None:
    async with setting.client() as stream:
        talk = asyncio.create_task(setting.converse(_sound()))
        await _until(stream, "audio-chunk")
        await stream.write(Event("error", {"text": "no text recognized", "code": "stt-no-text-recognized"}))
        with pytest.raises(SatelliteError, match="no text recognized"):
            await talk
        assert setting.happened == []


async def test_one_that_goes_within_a_conversation_is_missed(setting: Setting) -> None:
    async with setting.client() as stream:
        talk = asyncio.create_task(setting.converse(_sound()))
        await _until(stream, "audio-chunk")
    with pytest.raises(SatelliteError):
        await talk
    with pytest.raises(SatelliteError, match="not connected"):
        await setting.converse(_sound())


async def test_nothing_to_say_is_no_failure(setting: Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(satellites, "_ANSWERS_S", 0.01)
    async with setting.client() as stream:
        talk = asyncio.create_task(setting.converse(_sound()))
        await _until(stream, "audio-chunk")
        await stream.write(Event("transcript", {"text": "never mind"}))
        assert await talk == []
        assert setting.happened == ["heard"]


async def test_a_conversation_that_is_given_up_is_ended_there(setting: Setting) -> None:
    async with setting.client() as stream:
        talk = asyncio.create_task(setting.converse(_sound()))
        await _until(stream, "audio-chunk")
        talk.cancel()
        await asyncio.gather(talk, return_exceptions=True)
        await _until(stream, "audio-stop")


async def test_announcements_are_said_and_told_to_be_over(setting: Setting) -> None:
    async with setting.client() as stream:
        await stream.write(Event("audio-start", ANSWER))
        for _ in range(3):
            await stream.write(Event("audio-chunk", ANSWER, bytes(100)))
        await stream.write(Event("audio-stop"))
        assert (await _next(stream)).type == "played"
    assert setting.room.announced == [50, 50, 50]


async def test_timers_are_told(setting: Setting) -> None:
    async with setting.client() as stream:
        await stream.write(Event("timer-started", {"id": "t", "total_seconds": 60, "name": "pizza"}))
        await stream.write(Event("timer-finished", {"id": "t"}))
        await stream.write(Event("ping"))
        await _next(stream)
    assert [timer[:2] for timer in setting.room.timers] == [("started", "t"), ("finished", "t")]
    assert setting.room.timers[0][2] == {"name": "pizza", "total_seconds": 60}


async def test_a_pause_gives_the_room_back(setting: Setting) -> None:
    async with setting.client() as stream:
        assert setting.server.there
        await stream.write(Event("pause-satellite"))
        await stream.write(Event("ping"))
        await _next(stream)
        assert not setting.server.there


async def test_the_latest_that_wants_it_has_it(setting: Setting) -> None:
    async with setting.client(), setting.client() as latest:
        talk = asyncio.create_task(setting.converse(_sound()))
        await _until(latest, "audio-chunk")
        talk.cancel()
        await asyncio.gather(talk, return_exceptions=True)


async def test_one_that_takes_the_room_ends_what_the_other_was_answering(setting: Setting) -> None:
    async with setting.client() as one:
        talk = asyncio.create_task(setting.converse(_sound()))
        await _until(one, "audio-chunk")
        async with setting.client():
            with pytest.raises(SatelliteError, match="another has taken the room"):
                await talk


async def test_an_announcement_that_begins_ends_the_one_before(setting: Setting) -> None:
    async with setting.client() as stream:
        for size in (100, 200):
            await stream.write(Event("audio-start", ANSWER))
            await stream.write(Event("audio-chunk", ANSWER, bytes(size)))
        await stream.write(Event("audio-stop"))
        await _until(stream, "played")
        await _until(stream, "played")
    assert sorted(setting.room.announced) == [50, 100]


async def test_announcements_without_end_end_the_connection(setting: Setting) -> None:
    setting.room.quiet_over.clear()
    async with setting.client() as stream:
        for _ in range(20):
            await stream.write(Event("audio-start", ANSWER))
        assert "announcements wait" in (await _next(stream)).data["text"]


_VALUES = st.none() | st.integers() | st.floats() | st.text(max_size=5)
_KEYS = st.sampled_from(["text", "rate", "width", "channels", "id", "name", "total_seconds", "timestamp"])
_KINDS = st.sampled_from(
    [
        *("describe", "ping", "run-satellite", "pause-satellite", "voice-stopped", "transcript", "error", "synthesize"),
        *("audio-start", "audio-chunk", "audio-stop", "timer-started", "timer-finished", "detect", "x"),
    ]
)
_EVENTS = st.lists(
    st.tuples(_KINDS, st.just(ANSWER) | st.dictionaries(_KEYS, _VALUES, max_size=3), st.binary(max_size=300)),
    max_size=12,
)


@given(_EVENTS)
@hypothesis_settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_order_of_events_breaks_it(
    caplog: pytest.LogCaptureFixture, events: list[tuple[str, dict[str, Any], bytes]]
) -> None:
    async def talk() -> None:
        async with Setting() as setting:
            async with setting.client() as stream:
                talk = asyncio.create_task(setting.converse(_sound()))
                with contextlib.suppress(WyomingError):
                    for kind, data, payload in events:
                        await stream.write(Event(kind, data, payload or None))
                stream.abort()
            await asyncio.gather(talk, return_exceptions=True)
            async with setting.client():
                assert setting.server.there

    caplog.clear()
    asyncio.run(talk())
    assert "wyoming.failed" not in [record.getMessage() for record in caplog.records]
