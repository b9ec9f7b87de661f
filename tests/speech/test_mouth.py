"""What is said when, what interrupts what, and how silence is had."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from edge.assistant.loudspeaker import adjust
from edge.assistant.ports import Voice
from edge.errors import EdgeError
from edge.router.model import Call
from edge.speech.loudness import QuietHours
from edge.speech.manners import Manners
from edge.speech.mouth import Mouth
from edge.speech.sound import SpeechError
from edge.speech.tones import Earcon
from edge.speech.turns import Ending, Priority, Saying
from tests.speech.mouths import Counting, Loudspeaker

LOUD = Manners(ring_volume=1.0, alarm_volume=1.0)


@pytest.fixture
def loudspeaker() -> Loudspeaker:
    return Loudspeaker()


@pytest.fixture
def voice() -> Counting:
    return Counting()


@pytest.fixture
async def mouth(loudspeaker: Loudspeaker, voice: Counting, tmp_path: Path) -> AsyncIterator[Mouth]:
    async with Mouth(loudspeaker, voice, manners=LOUD, kept=tmp_path / "loudness.json") as mouth:
        await mouth.set_volume(1.0)
        yield mouth


async def test_a_text_is_said_sentence_by_sentence(mouth: Mouth, loudspeaker: Loudspeaker, voice: Counting) -> None:
    ending = await mouth.say("The light is on. The door is locked.")
    assert ending is Ending.SAID
    assert loudspeaker.sentences(voice) == ["The light is on.", "The door is locked."]
    assert loudspeaker.plays == 1
    assert not mouth.is_speaking


async def test_an_alarm_interrupts_and_what_was_interrupted_is_said_after_it(
    mouth: Mouth, loudspeaker: Loudspeaker, voice: Counting
) -> None:
    loudspeaker.allow(1.6)
    reply = asyncio.create_task(mouth.say("First of all. Second of all. Third of all."))
    await loudspeaker.until_blocked()
    alarm = asyncio.create_task(mouth.say("Smoke in the kitchen.", Priority.ALARM))
    loudspeaker.allow(None)
    assert await asyncio.gather(reply, alarm) == [Ending.SAID, Ending.SAID]
    heard = loudspeaker.sentences(voice)
    assert heard == ["First of all.", "Second of all.", "Smoke in the kitchen.", "Second of all.", "Third of all."]


async def test_a_sentence_whose_end_may_not_have_been_heard_is_said_again(
    mouth: Mouth, loudspeaker: Loudspeaker, voice: Counting
) -> None:
    loudspeaker.allow(1.2)
    reply = asyncio.create_task(mouth.say("First of all. Second of all."))
    await loudspeaker.until_blocked()
    alarm = asyncio.create_task(mouth.say("Smoke.", Priority.ALARM))
    loudspeaker.allow(None)
    await asyncio.gather(reply, alarm)
    heard = loudspeaker.sentences(voice)
    assert heard == ["First of all.", "Second of all.", "Smoke.", "First of all.", "Second of all."]


async def test_what_is_equally_urgent_waits_its_turn(mouth: Mouth, loudspeaker: Loudspeaker, voice: Counting) -> None:
    said = [mouth.say(text, Priority.ANNOUNCEMENT) for text in ("One is first.", "Two is next.", "Three is last.")]
    assert await asyncio.gather(*said) == [Ending.SAID] * 3
    assert loudspeaker.sentences(voice) == ["One is first.", "Two is next.", "Three is last."]


async def test_stop_ends_what_is_said_and_what_waits_is_said_next(
    mouth: Mouth, loudspeaker: Loudspeaker, voice: Counting
) -> None:
    loudspeaker.allow(0.5)
    long = asyncio.create_task(mouth.say("A long story. It goes on. And on."))
    await loudspeaker.until_blocked()
    waiting = asyncio.create_task(mouth.say("The washing is done."))
    await asyncio.sleep(0)
    await mouth.stop()
    loudspeaker.allow(None)
    assert await long is Ending.STOPPED
    assert await waiting is Ending.SAID
    assert loudspeaker.sentences(voice) == ["A long story.", "The washing is done."]


async def test_a_ring_goes_on_until_it_is_silenced(mouth: Mouth, loudspeaker: Loudspeaker, voice: Counting) -> None:
    seen: list[Saying] = []
    mouth.observe(seen.append)
    mouth.ring("pasta", "The pasta timer is over.")
    mouth.ring("pasta", "The pasta timer is over.")
    await loudspeaker.until(3.0)
    assert mouth.ringing == ("pasta",)
    await mouth.silence("pasta")
    assert mouth.ringing == ()
    assert seen[-1] == Saying("The pasta timer is over.", Priority.RING, None, Ending.STOPPED)
    assert loudspeaker.sentences(voice) == ["The pasta timer is over."]


async def test_replies_are_heard_between_rings(mouth: Mouth, loudspeaker: Loudspeaker, voice: Counting) -> None:
    mouth.ring("pasta")
    assert await mouth.say("Two minutes are left.") is Ending.SAID
    assert mouth.ringing == ("pasta",)


async def test_somebody_who_speaks_is_not_talked_over(mouth: Mouth, loudspeaker: Loudspeaker, voice: Counting) -> None:
    loudspeaker.allow(0.5)
    reply = asyncio.create_task(mouth.say("A long story. It goes on."))
    await loudspeaker.until_blocked()
    announced = asyncio.create_task(mouth.say("The washing is done.", Priority.ANNOUNCEMENT))
    await loudspeaker.until_blocked()
    async with mouth.hush():
        assert await reply is Ending.STOPPED
        loudspeaker.allow(None)
        assert not mouth.is_speaking
        assert mouth.waiting == 1
    assert await announced is Ending.SAID


async def test_without_a_loudspeaker_it_is_told_and_the_next_one_is_tried(
    mouth: Mouth, loudspeaker: Loudspeaker
) -> None:
    loudspeaker.trouble = "there is no loudspeaker: plug one in"
    with pytest.raises(SpeechError, match="plug one in"):
        await mouth.say("Hello there.")
    assert mouth.trouble == "there is no loudspeaker: plug one in"
    loudspeaker.trouble = None
    assert await mouth.say("Hello there.") is Ending.SAID
    assert mouth.trouble is None


async def test_volume_and_mute_are_kept(loudspeaker: Loudspeaker, voice: Counting, tmp_path: Path) -> None:
    kept = tmp_path / "state" / "loudness.json"
    async with Mouth(loudspeaker, voice, kept=kept) as mouth:
        await mouth.set_volume(0.25)
        await mouth.mute(True)
    async with Mouth(loudspeaker, voice, kept=kept) as mouth:
        assert mouth.volume == 0.25
        assert mouth.muted
        await mouth.set_volume(float("nan"))
        assert 0 <= mouth.volume <= 1


@pytest.mark.parametrize("damage", ["", "[]", '{"volume": "loud"}', '{"volume": 7}', "\x00" * 20])
async def test_a_damaged_file_of_volumes_does_no_harm(
    loudspeaker: Loudspeaker, voice: Counting, tmp_path: Path, damage: str
) -> None:
    kept = tmp_path / "loudness.json"
    await asyncio.to_thread(kept.write_text, damage)
    async with Mouth(loudspeaker, voice, kept=kept) as mouth:
        assert 0 < mouth.volume <= 1
        assert await mouth.say("Hello there.") is Ending.SAID


async def test_a_new_volume_is_heard_at_once(mouth: Mouth, loudspeaker: Loudspeaker) -> None:
    loudspeaker.allow(0.5)
    saying = asyncio.create_task(mouth.say("A long story."))
    await loudspeaker.until_blocked()
    await mouth.set_volume(0.5)
    loudspeaker.allow(None)
    await saying
    assert loudspeaker.heard[0].samples[0] == 100
    assert loudspeaker.heard[-1].samples[0] == 25


async def test_muted_it_is_silent_but_for_severe_alarms_and_what_rings(
    mouth: Mouth, loudspeaker: Loudspeaker, voice: Counting
) -> None:
    loudspeaker.allow(0.5)
    saying = asyncio.create_task(mouth.say("A long story."))
    await loudspeaker.until_blocked()
    await mouth.mute(True)
    loudspeaker.allow(None)
    assert await saying is Ending.MUTED
    assert await mouth.say("Hello there.") is Ending.MUTED
    assert await mouth.say("The fridge is warm.", Priority.ALARM) is Ending.MUTED
    assert await mouth.say("Smoke in the kitchen.", Priority.ALARM, severe=True) is Ending.SAID
    mouth.ring("wake up", "Good morning.")
    await loudspeaker.until(6.0)
    await mouth.mute(False)
    assert await mouth.say("Hello again.") is Ending.SAID
    assert loudspeaker.sentences(voice) == ["A long story.", "Smoke in the kitchen.", "Good morning.", "Hello again."]


async def test_in_quiet_hours_announcements_wait_and_replies_are_soft(
    loudspeaker: Loudspeaker, voice: Counting
) -> None:
    now = datetime(2026, 11, 21, 23, 30)  # noqa: DTZ001 (a wall clock's)
    manners = Manners(QuietHours.parse("22:00-07:00"), quiet_volume=0.5, alarm_volume=1.0)
    async with Mouth(loudspeaker, voice, manners=manners, now=lambda: now) as mouth:
        await mouth.set_volume(1.0)
        announced = asyncio.create_task(mouth.say("The washing is done.", Priority.ANNOUNCEMENT))
        warned = asyncio.create_task(mouth.say("The fridge is warm.", Priority.ALARM))
        assert await mouth.say("It is late.") is Ending.SAID
        assert loudspeaker.heard[0].samples[0] == 25
        assert await mouth.say("Smoke.", Priority.ALARM, severe=True) is Ending.SAID
        assert loudspeaker.heard[-1].samples[0] == 200
        assert mouth.waiting == 2
        now = now.replace(day=22, hour=7)
        assert await mouth.say("Good morning.") is Ending.SAID
        assert await asyncio.gather(announced, warned) == [Ending.SAID, Ending.SAID]


@pytest.mark.parametrize(("hour", "quiet"), [(21, False), (22, True), (0, True), (6, True), (7, False), (12, False)])
def test_quiet_hours_go_past_midnight(hour: int, quiet: bool) -> None:
    moment = datetime(2026, 11, 21, hour)  # noqa: DTZ001 (a wall clock's)
    assert QuietHours.parse("22:00-07:00").cover(moment) is quiet
    assert QuietHours.parse("7:00 – 22:00").cover(moment) is not quiet


@pytest.mark.parametrize("text", ["", "22-7", "25:00-07:00", "22:00-07:61", "night"])
def test_quiet_hours_that_are_none_are_named(text: str) -> None:
    with pytest.raises(SpeechError, match="22:00-07:00"):
        QuietHours.parse(text)


class Radio:
    def __init__(self) -> None:
        self.told: list[str] = []
        self.restored = asyncio.Event()

    async def duck(self) -> None:
        self.told.append("duck")

    async def restore(self) -> None:
        self.told.append("restore")
        self.restored.set()


async def test_other_sound_makes_way_once_for_all_that_is_said(mouth: Mouth) -> None:
    radio = Radio()
    forget = mouth.duck(radio)
    await asyncio.gather(mouth.say("One is first."), mouth.say("Two is next."))
    await radio.restored.wait()
    assert radio.told == ["duck", "restore"]
    forget()
    await mouth.say("Three is last.")
    assert radio.told == ["duck", "restore"]


async def test_a_ring_gives_up_in_the_end(mouth: Mouth, loudspeaker: Loudspeaker) -> None:
    over = asyncio.Event()
    mouth.observe(lambda saying: over.set() if saying.ending is Ending.SAID else None)
    mouth.ring("pasta", lasts_s=0.0)
    await over.wait()
    assert mouth.ringing == ()


async def test_what_is_still_being_written_is_said_as_it_comes(
    mouth: Mouth, loudspeaker: Loudspeaker, voice: Counting
) -> None:
    more = asyncio.Event()

    async def writer() -> AsyncIterator[str]:
        yield "Once upon a time there was a lamp. It sho"
        await more.wait()
        yield "ne at 21.5 lumens. The end"

    saying = asyncio.create_task(mouth.say(writer()))
    await loudspeaker.until(1.0)
    more.set()
    assert await saying is Ending.SAID
    assert loudspeaker.sentences(voice) == [
        "Once upon a time there was a lamp.",
        "It shone at twenty-one point five lumens.",
        "The end",
    ]


async def test_a_writer_that_fails_is_told_of_after_what_came(
    mouth: Mouth, loudspeaker: Loudspeaker, voice: Counting
) -> None:
    async def writer() -> AsyncIterator[str]:
        yield "Once upon a time. "
        raise EdgeError("the model is gone")

    with pytest.raises(EdgeError, match="the model is gone"):
        await mouth.say(writer())
    assert await mouth.say("Hello there.") is Ending.SAID


async def test_more_text_than_anybody_listens_to_is_refused_with_what_to_do(mouth: Mouth) -> None:
    with pytest.raises(SpeechError, match=r"10000 words, 66 minutes .*edge say --wav"):
        await mouth.say("word " * 10_000)
    assert await mouth.say("Hello there.") is Ending.SAID


async def test_what_is_taken_back_is_not_said(mouth: Mouth, loudspeaker: Loudspeaker, voice: Counting) -> None:
    loudspeaker.allow(0.5)
    first = asyncio.create_task(mouth.say("A long story."))
    await loudspeaker.until_blocked()
    second = asyncio.create_task(mouth.say("Never said."))
    await asyncio.sleep(0)
    second.cancel()
    first.cancel()
    await asyncio.gather(first, second, return_exceptions=True)
    loudspeaker.allow(None)
    await mouth.say("Hello there.")
    assert loudspeaker.sentences(voice) == ["A long story.", "Hello there."]


async def test_a_voice_that_fails_is_told_of(mouth: Mouth, voice: Counting) -> None:
    voice.trouble = "no voice is installed"
    with pytest.raises(SpeechError, match="no voice is installed"):
        await mouth.say("Hello there.")
    voice.trouble = None
    assert await mouth.say("Hello there.") is Ending.SAID


async def test_a_sign_is_heard_while_it_is_hushed(mouth: Mouth, loudspeaker: Loudspeaker) -> None:
    async with mouth.hush():
        await mouth.chime(Earcon.LISTENING)
    assert 0.1 < loudspeaker.samples.size / 22_050 < 0.3


async def test_the_assistant_can_use_it_as_its_voice(mouth: Mouth) -> None:
    voice: Voice = mouth
    said = await adjust(Call("media_player.volume_down", {"volume_step": 30}), voice)
    assert said == "My volume is at 70 percent."
    assert await adjust(Call("assistant.mute", {}), voice) == ""
    assert mouth.muted
