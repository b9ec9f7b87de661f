"""What is said when, what interrupts what, and how silence is had."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from edge.speech.manners import Manners
from edge.speech.mouth import Mouth, Saying
from edge.speech.sound import SpeechError
from edge.speech.turns import Ending, Priority
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
