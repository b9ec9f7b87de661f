"""A satellite is a room like any other: heard, answered, interrupted, rung in; and what it does wrong stops nobody."""

import asyncio
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edge.assistant.model import Announcement, Reply
from edge.router.model import Decision
from edge.schedule.model import Kind
from edge.settings.model import Settings
from edge.settings.wyoming import WyomingSettings
from edge.speech.sound import FRAME, Samples
from edge.wyoming import Event
from tests.speech.rooms import SILENCE, SPEECH, WAKE
from tests.speech.satellites.inhabited import House, inhabited
from tests.speech.satellites.simulated import simulated

COMMAND = np.concatenate([*[SPEECH] * 31, *[SILENCE] * 50])


def spoken(*frames: Samples) -> Samples:
    return np.concatenate([WAKE, *frames, COMMAND])


async def asked(house: House, *texts: str) -> None:
    """Wait until the assistant was asked exactly these."""
    await house.until(lambda: len(house.requests) >= len(texts))
    assert [one.text for one in house.assistant.asked] == list(texts)


async def test_what_is_streamed_is_heard_and_answered_there(tmp_path: Path) -> None:
    async with inhabited(tmp_path) as (house, there):
        house.parts.told.sentences.append("lamp on")
        await there.hear(spoken())
        await asked(house, "lamp on")
        await there.sent(
            *("describe", "run-satellite", "detection", "transcribe", "voice-started", "voice-stopped"),
            *("transcript", "synthesize", "audio-start", "audio-stop"),
        )
        utterance, _ = house.requests[0]
        assert (utterance.origin, utterance.authenticated) == ("kitchen", False)
        assert house.assistant.asked[0].area == "kitchen"
        assert len(there.heard[0]) == pytest.approx(there.rate_hz, abs=200)
        await house.until(lambda: house.states() == ["listening", "thinking", "speaking", "idle"])


async def test_one_that_finds_its_wake_word_itself_gets_the_transcript_that_ends_its_stream(tmp_path: Path) -> None:
    async with inhabited(tmp_path, wakes=True) as (house, there):
        house.parts.told.sentences.append("lamp on")
        await there.wake()
        await there.hear(COMMAND)
        await asked(house, "lamp on")
        await there.sent("transcribe", "voice-started", "voice-stopped", "transcript", "audio-stop")
        assert "detection" not in there.types
        assert there.types.count("transcript") == 1


async def test_a_question_keeps_its_stream_open_for_the_answer(tmp_path: Path) -> None:
    async with inhabited(tmp_path, wakes=True) as (house, there):
        house.assistant.replies["unlock"] = Reply("1", "Shall I unlock the door?", Decision.ACT, listen=True)
        house.parts.told.sentences += ["unlock", "yes"]
        await there.wake()
        await there.hear(COMMAND)
        await house.until(lambda: house.states()[-1:] == ["following_up"])
        assert "transcript" not in there.types
        await there.hear(np.concatenate([*[SILENCE] * 20, COMMAND]))
        await asked(house, "unlock", "yes")
        await there.sent("transcript", "audio-stop")


async def test_a_button_needs_no_wake_word(tmp_path: Path) -> None:
    async with inhabited(tmp_path, wakes=True) as (house, there):
        house.parts.told.sentences.append("lamp on")
        await there.pipeline("asr")
        await house.until(lambda: house.states() == ["listening"])
        await there.hear(COMMAND)
        await asked(house, "lamp on")


async def test_nothing_said_after_the_wake_word_sends_it_back_to_waiting(tmp_path: Path) -> None:
    async with inhabited(tmp_path, wakes=True) as (house, there):
        await there.wake()
        await there.hear(np.concatenate([SILENCE] * 200))
        await there.sent("transcribe", "error")
        assert not house.assistant.asked
        assert house.states() == ["listening", "idle"]


async def test_a_stream_that_ends_ends_the_sentence(tmp_path: Path) -> None:
    async with inhabited(tmp_path, wakes=True) as (house, there):
        house.parts.told.sentences.append("lamp on")
        await there.wake()
        await there.hear(np.concatenate([SPEECH] * 31))
        await there.stop_streaming()
        await asked(house, "lamp on")


async def test_a_wake_word_interrupts_a_reply_and_little_is_heard_of_it_afterwards(tmp_path: Path) -> None:
    async with inhabited(tmp_path) as (house, there):
        house.parts.told.sentences += ["long story", "lamp on"]
        house.assistant.replies["long story"] = Reply("1", "One. Two. Three. Four. Five.", Decision.ACT)
        await there.hear(spoken())
        await there.until(lambda: any(event.type == "audio-chunk" for event in there.events))
        await there.hear(spoken())
        await there.sent("audio-start", "detection", "audio-stop", "audio-start", "audio-stop")
        assert len(there.heard[0]) < there.rate_hz, "of the five seconds that it would have lasted"
        await asked(house, "long story", "lamp on")


async def test_a_timer_rings_in_its_room_until_it_is_stopped_and_again_after_a_lost_connection(tmp_path: Path) -> None:
    async with inhabited(tmp_path) as (house, there):
        await house.announce("The timer is over.", "kitchen", rings=True)
        await there.sent("audio-start", "audio-stop")
        there.hang_up()
        await house.until(lambda: ("satellite", False) in [(kind, facts.get("there")) for kind, facts in house.events])
        there.events.clear()
        await there.sent("run-satellite", "audio-start", "audio-stop")
        await house.announce("", "kitchen")
        await house.until(lambda: house.states()[-1:] == ["idle"])


async def test_what_is_said_in_an_area_is_said_there_alone(tmp_path: Path) -> None:
    async with (
        inhabited(tmp_path) as (house, kitchen),
        simulated() as attic,
        house.satellite(attic.port, name="attic", area="attic"),
    ):
        await house.ready("attic")
        assert await house.rooms.say("Dinner.", area="Attic") == "said"
        assert (len(kitchen.heard), len(attic.heard)) == (0, 1)
        await house.announce("Dinner.")
        await kitchen.until(lambda: len(kitchen.heard) == 1)
        await attic.until(lambda: len(attic.heard) == 2)


async def test_louder_means_the_room_where_it_is_said(tmp_path: Path) -> None:
    async with (
        inhabited(tmp_path) as (house, _),
        simulated() as attic,
        house.satellite(attic.port, name="attic", area="attic"),
    ):
        await house.ready("attic")
        kitchen, other = house.rooms.open_now
        house.parts.told.sentences.append("louder")
        await attic.hear(spoken())
        await asked(house, "louder")
        assert (kitchen.mouth.volume, other.mouth.volume) == (0.7, 0.9)


async def test_one_sentence_heard_in_two_rooms_is_answered_where_the_speaker_is_nearer(tmp_path: Path) -> None:
    async with (
        inhabited(tmp_path) as (house, kitchen),
        simulated() as attic,
        house.satellite(attic.port, name="attic", area="attic"),
    ):
        await house.ready("attic")
        house.parts.told.sentences += ["lamp on", "lamp on"]
        noise = (np.random.default_rng(0).normal(size=FRAME) * 10).astype(np.int16)
        near, far = (
            np.concatenate([*[noise] * 60, *[word] * 31, *[noise] * 13, WAKE]) for word in (SPEECH, SPEECH // 8)
        )
        await kitchen.hear(far)
        await house.until(lambda: house.states() == ["listening"])
        await attic.hear(near)
        await house.until(lambda: house.states("attic") == ["listening"])
        assert house.states() == ["listening", "idle"]
        await kitchen.hear(COMMAND)
        await attic.hear(COMMAND)
        await asked(house, "lamp on")
        assert house.requests[0][0].origin == "attic"
        await kitchen.sent("detection", "error")


async def test_a_second_satellite_with_its_own_wake_word_is_told_that_another_answers(tmp_path: Path) -> None:
    async with (
        inhabited(tmp_path, wakes=True) as (house, kitchen),
        simulated(wakes=True) as attic,
        house.satellite(attic.port, name="attic", area="attic"),
    ):
        await house.ready("attic")
        await kitchen.wake()
        await house.until(lambda: house.states() == ["listening"])
        await attic.wake()
        await attic.sent("error")
        assert attic.events[-1].data["code"] == "duplicate_wake_up_detected"
        assert house.states("attic") == []


@pytest.mark.parametrize(
    "bad",
    [
        b"\n",
        b"{}\n",
        b"no json\n",
        b'{"type": "audio-chunk", "payload_length": 4}\nabcd',
        b'{"type": "audio-chunk", "payload_length": 999999999}\n',
        b'{"type": "run-pipeline", "data": {"start_stage": "tts", "end_stage": "tts"}}\n',
        b'{"type": "run-pipeline", "data": {"start_stage": "wake", "end_stage": "tts", "snd_format": {"rate": 1}}}\n',
        b'{"type": "info", "data": {"satellite": 1}}\n',
        b'{"type": "detection", "data": {"name": ["x"]}}\n',
        b"x" * 100_000,
    ],
)
async def test_bad_data_ends_the_connection_and_a_new_one_is_made(tmp_path: Path, bad: bytes) -> None:
    async with inhabited(tmp_path) as (house, there):
        await there.raw(bad)
        await there.until(lambda: there.connections == 2)
        house.events.clear()
        await house.until(lambda: any(kind == "satellite" and facts["there"] for kind, facts in house.events))
        house.parts.told.sentences.append("lamp on")
        await there.hear(spoken())
        await asked(house, "lamp on")


async def test_one_that_hangs_up_within_a_sentence_leaves_the_others_alone(tmp_path: Path) -> None:
    async with (
        inhabited(tmp_path) as (house, kitchen),
        simulated() as attic,
        house.satellite(attic.port, name="attic", area="attic"),
    ):
        await house.ready("attic")
        await kitchen.hear(np.concatenate([WAKE, *[SPEECH] * 10]))
        await house.until(lambda: house.states() == ["listening"])
        kitchen.hang_up()
        house.parts.told.sentences.append("lamp on")
        house.parts.told.sentences.append("lamp on")
        await house.until(lambda: any(kind == "satellite" and not facts["there"] for kind, facts in house.events))
        house.parts.once._woken = None
        await attic.hear(spoken())
        await asked(house, "lamp on")


async def test_what_is_being_carried_out_when_it_hangs_up_is_carried_out(tmp_path: Path) -> None:
    async with inhabited(tmp_path) as (house, there):
        house.parts.told.sentences.append("lamp on")
        house.assistant.go_on.clear()
        await there.hear(spoken())
        await house.until(lambda: house.states()[-1:] == ["thinking"])
        there.hang_up()
        await house.until(lambda: any(kind == "satellite" and not facts["there"] for kind, facts in house.events))
        assert not house.requests
        house.assistant.go_on.set()
        async with asyncio.timeout(5):
            while not house.requests:  # noqa: ASYNC110 (a loop or two)
                await asyncio.sleep(0)


async def test_one_that_is_not_there_is_found_when_it_comes(tmp_path: Path) -> None:
    house = House(tmp_path)
    async with simulated() as before:
        port = before.port
    satellite = house.satellite(port)
    async with satellite:
        async with asyncio.timeout(10):
            while "can't be reached" not in str(satellite.trouble):  # noqa: ASYNC110 (an attempt)
                await asyncio.sleep(0.01)
        async with simulated(port=port):
            await house.ready()
            assert satellite.facts()["trouble"] is None
            assert satellite.facts()["state"] == "idle"


async def test_one_without_a_loudspeaker_acts_and_is_silent(tmp_path: Path) -> None:
    async with inhabited(tmp_path, wakes=True) as (house, there):
        house.parts.told.sentences.append("lamp on")
        await there.send(Event("detection", {"name": "x"}))
        await there.pipeline("asr", end="handle")
        await there.hear(COMMAND)
        await asked(house, "lamp on")
        await there.sent("transcript")
        assert "audio-start" not in there.types


async def test_muted_it_is_told_to_pause_and_stays_so_over_a_restart(tmp_path: Path) -> None:
    async with inhabited(tmp_path) as (house, there):
        assert house.rooms.listen("mute", "Kitchen")
        assert not house.rooms.listen("mute", "attic")
        await there.sent("run-satellite", "pause-satellite")
        await there.wake()
        await there.sent("error")
        assert house.parts.once.woken("attic"), "who is muted takes nothing from others"
    async with inhabited(tmp_path) as (house, there):
        assert house.rooms.open_now[0].room.state == "muted"
        await house.rooms.open_now[0].room.mute(False)
        await there.sent("run-satellite")


async def test_its_sound_comes_at_the_rate_and_channels_it_wants(tmp_path: Path) -> None:
    async with inhabited(tmp_path) as (house, there):
        await there.sent("run-satellite")
        await there.pipeline("wake", snd_format={"rate": 48_000, "width": 2, "channels": 2})
        await there.taken_in()
        assert await house.rooms.say("Dinner.") == "said"
        chunk = next(event for event in there.events if event.type == "audio-chunk")
        assert chunk.data | {"timestamp": 0} == {"rate": 48_000, "width": 2, "channels": 2, "timestamp": 0}
        assert len(there.heard[0]) == pytest.approx(2 * 48_000, abs=500)


async def test_the_area_is_what_it_says_where_the_settings_name_none(tmp_path: Path) -> None:
    house = House(tmp_path)
    async with simulated(area="Attic") as there, house.satellite(there.port, area=None):
        await house.ready()
        assert house.rooms.of("attic") == list(house.rooms.open_now)
        assert house.events[0] == ("satellite", {"room": "kitchen", "area": "attic", "there": True})


async def test_one_that_never_says_what_it_has_played_is_not_waited_for_long(tmp_path: Path) -> None:
    async with inhabited(tmp_path) as (house, there):
        there.plays = False
        assert await house.rooms.say("Dinner.") == "said"
        assert await house.rooms.say("Dinner.") == "said"


async def test_the_timers_of_its_area_are_told(tmp_path: Path) -> None:
    async with inhabited(tmp_path) as (house, there):
        schedule = house.schedule
        tea = schedule.countdown(Kind.TIMER, 3725, "tea", "kitchen")
        eggs, other = (schedule.countdown(Kind.TIMER, 60, area=area) for area in ("kitchen", "attic"))
        await schedule.add(tea, eggs, other)
        house.clock.advance(10)
        await schedule.pause(tea)
        await schedule.extend(eggs, 30)
        house.clock.advance(5)
        await schedule.resume(tea)
        await schedule.cancel(eggs)
        await house.rooms.announce(
            Announcement("Tea.", "kitchen", {"event": "timer_finished", "id": tea.id}, rings=True)
        )
        await there.sent("timer-finished")
        told = [(event.type, event.data) for event in there.events if event.type.startswith("timer-")]
        started = {"start_hours": 1, "start_minutes": 2, "start_seconds": 5}
        assert told == [
            ("timer-started", {"id": tea.id, "total_seconds": 3725, "name": "tea", **started}),
            (
                "timer-started",
                {"id": eggs.id, "total_seconds": 60, "start_hours": 0, "start_minutes": 1, "start_seconds": 0},
            ),
            ("timer-updated", {"id": tea.id, "is_active": False, "total_seconds": 3715}),
            ("timer-updated", {"id": eggs.id, "is_active": True, "total_seconds": 80}),
            ("timer-updated", {"id": tea.id, "is_active": True, "total_seconds": 3715}),
            ("timer-cancelled", {"id": eggs.id}),
            ("timer-finished", {"id": tea.id}),
        ]


async def test_this_machine_is_no_satellite_of_its_own(tmp_path: Path) -> None:
    house = House(tmp_path)
    async with simulated() as there:
        house.around = replace(house.around, settings=Settings(wyoming=WyomingSettings(satellite_port=there.port)))
        satellite = house.satellite(there.port)
        async with house.schedule, satellite:
            await there.until(lambda: there.connections > 0)
            async with asyncio.timeout(10):
                while "this machine itself" not in (satellite.trouble or ""):  # noqa: ASYNC110 (nobody tells of it)
                    await asyncio.sleep(0)
    assert "run-satellite" not in there.types
