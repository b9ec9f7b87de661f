"""What a room does: it listens, answers, can be interrupted, follows up, and is mute when told."""

import asyncio
from pathlib import Path

import numpy as np
import pytest

from edge.assistant.model import Reply
from edge.router.model import Decision
from edge.speech.exchange import Habits
from edge.speech.floor import RoomState
from edge.speech.once import Once
from edge.speech.sound import SpeechError
from edge.speech.tones import Earcon, earcon
from edge.speech.turns import Ending, Priority
from edge.tracing import Mark, Stage, observed_by
from tests.speech.rooms import SPEECH, InRoom, entered


async def test_a_sentence_is_answered_aloud(tmp_path: Path) -> None:
    async with entered(tmp_path) as home:
        await home.said("lamp on")
        await home.until("speaking", "idle")
        assert [one.text for one in home.assistant.asked] == ["lamp on"]
        assert home.loudspeaker.sentences(home.voice) == ["lamp on it is."]
        assert [reply.text for _, reply in home.requests] == ["lamp on it is."]


async def test_a_sentence_right_behind_the_wake_word_is_caught_whole(tmp_path: Path) -> None:
    async with entered(tmp_path) as home:
        # The network is sure of the word 0.4 s after its end: twelve frames of the sentence have passed by then.
        home.microphone.hear(*[SPEECH] * 12)
        await home.said("lamp on")
        await home.until("speaking", "idle")
        spoken = [frame for frame in home.told.heard[0] if frame[0] == SPEECH[0]]
        assert len(spoken) >= 31 + 11


async def test_a_level_meter_hears_what_the_microphone_gives_and_of_wake_words(tmp_path: Path) -> None:
    frames: list[int] = []
    words: list[tuple[str, object]] = []
    async with entered(tmp_path) as home:
        end = home.room.followers.add(
            lambda samples: frames.append(len(samples)), lambda word, facts: words.append((word, facts["probability"]))
        )
        await home.said("lamp on")
        await home.until("speaking", "idle")
        end()
        before = len(frames)
        await home.said("lamp on")
        await home.until("speaking", "idle")
    assert len(frames) == before > 30
    assert len(words) == 1


async def test_nobody_speaks_after_the_wake_word(tmp_path: Path) -> None:
    async with entered(tmp_path) as home:
        home.microphone.wake()
        home.microphone.silence(6.0)
        await home.until("listening", "idle")
        assert not home.assistant.asked


async def test_what_is_not_understood_moves_nothing(tmp_path: Path) -> None:
    async with entered(tmp_path, habits=Habits(earcon=True)) as home:
        home.told.confidence = 0.1
        home.told.sentences.append("lamp on")
        home.microphone.wake()
        home.microphone.talk()
        await home.until("listening", "idle")
        assert not home.assistant.asked
        await home.loudspeaker.until(earcon(Earcon.FAILED).seconds - 0.05)


async def test_never_mind_is_not_answered(tmp_path: Path) -> None:
    async with entered(tmp_path) as home:
        home.assistant.replies["never mind"] = Reply("1", "", Decision.IGNORE)
        await home.said("never mind")
        await home.until("idle")
        assert home.loudspeaker.plays == 0


async def test_a_wake_word_interrupts_a_reply_at_once(tmp_path: Path) -> None:
    async with entered(tmp_path) as home:
        home.loudspeaker.allow(0.2)
        await home.said("long story")
        await home.loudspeaker.until_blocked()
        await home.until("speaking")
        await home.said("stop")
        home.loudspeaker.allow(None)
        await home.until("speaking", "idle")
        assert home.loudspeaker.sentences(home.voice)[-1] == "stop it is."
        heard = sum(sound.seconds for sound in home.loudspeaker.heard if np.all(sound.samples == 100))
        assert heard < 0.5, "of the second that it would have lasted"


async def test_a_wake_word_while_it_thinks_begins_anew_and_the_order_is_carried_out_unheard(tmp_path: Path) -> None:
    async with entered(tmp_path) as home:
        home.assistant.go_on.clear()
        await home.said("slow thing")
        home.told.sentences.append("quick thing")
        home.microphone.wake()
        home.microphone.talk()
        await home.until("listening", "thinking")
        home.assistant.go_on.set()
        await home.until("speaking", "idle")
        assert [one.text for one in home.assistant.asked] == ["slow thing", "quick thing"]
        assert sorted(reply.text for _, reply in home.requests) == ["quick thing it is.", "slow thing it is."]
        assert home.loudspeaker.sentences(home.voice) == ["quick thing it is."]


async def test_the_answer_to_a_question_needs_no_wake_word(tmp_path: Path) -> None:
    async with entered(tmp_path) as home:
        home.assistant.replies["unlock"] = Reply("1", "Shall I unlock the door?", Decision.ACT, listen=True)
        await home.said("unlock")
        await home.until("speaking", "following_up")
        home.told.sentences.append("yes")
        home.microphone.silence(0.5)
        home.microphone.talk()
        await home.until("listening", "thinking", "speaking", "idle")
        assert [one.text for one in home.assistant.asked] == ["unlock", "yes"]


async def test_an_answer_that_was_hardly_heard_is_none(tmp_path: Path) -> None:
    async with entered(tmp_path) as home:
        home.assistant.replies["unlock"] = Reply("1", "Shall I unlock the door?", Decision.ACT, listen=True)
        await home.said("unlock")
        await home.until("speaking", "following_up")
        home.told.confidence = 0.15
        home.told.sentences.append("yes")
        home.microphone.silence(0.5)
        home.microphone.talk()
        await home.until("listening", "idle")
        assert [one.text for one in home.assistant.asked] == ["unlock"]


async def test_an_answer_from_the_television_is_none(tmp_path: Path) -> None:
    async with entered(tmp_path) as home:
        home.assistant.replies["unlock"] = Reply("1", "Shall I unlock the door?", Decision.ACT, listen=True)
        await home.said("unlock")
        await home.until("speaking", "following_up")
        home.told.sentences.append("yes")
        home.microphone.silence(0.5)
        home.microphone.hear(*[SPEECH // 3] * 30)
        home.microphone.silence(8.0)
        await home.until("idle")
        assert [one.text for one in home.assistant.asked] == ["unlock"]


async def test_a_question_that_nobody_answers_is_left(tmp_path: Path) -> None:
    async with entered(tmp_path) as home:
        home.assistant.replies["unlock"] = Reply("1", "Shall I unlock the door?", Decision.ACT, listen=True)
        await home.said("unlock")
        await home.until("speaking", "following_up")
        home.microphone.silence(8.0)
        await home.until("idle")


async def test_mute_closes_the_microphone_and_lasts_over_a_restart(tmp_path: Path) -> None:
    async with entered(tmp_path) as home:
        await home.room.mute(True)
        assert not home.microphone.is_open
        assert home.room.state is RoomState.MUTED
    async with entered(tmp_path) as home:
        assert home.room.state is RoomState.MUTED
        assert home.microphone.opened == 0
        home.room.listen()
        await home.room.mute(False)
        await home.until("muted", "idle")
        while not home.microphone.is_open:  # noqa: ASYNC110 (a loop or two)
            await asyncio.sleep(0)
        await home.said("lamp on")
        await home.until("speaking", "idle")


async def test_muting_ends_listening_but_not_an_announcement(tmp_path: Path) -> None:
    async with entered(tmp_path) as home:
        home.microphone.wake()
        await home.until("listening")
        await home.room.mute(True)
        assert home.room.state is RoomState.MUTED
        assert await home.mouth.say("dinner", Priority.ANNOUNCEMENT) is Ending.SAID
        assert home.room.state is RoomState.MUTED


async def test_an_announcement_waits_while_somebody_speaks_and_goes_on_afterwards(tmp_path: Path) -> None:
    async with entered(tmp_path) as home:
        home.loudspeaker.allow(0.2)
        announced = asyncio.create_task(home.mouth.say("dinner is ready", Priority.ANNOUNCEMENT))
        await home.loudspeaker.until_blocked()
        await home.until("speaking")
        await home.said("lamp on")
        home.loudspeaker.allow(None)
        assert await announced is Ending.SAID
        await home.until("speaking", "idle")
        assert [one.text for one in home.assistant.asked] == ["lamp on"]


async def test_listen_stop_ends_what_is_said_and_what_rings(tmp_path: Path) -> None:
    async with entered(tmp_path) as home:
        home.loudspeaker.allow(0.2)
        home.mouth.ring("timer", "The pasta is done.")
        await home.loudspeaker.until_blocked()
        await home.until("speaking")
        home.room.cancel()
        home.loudspeaker.allow(None)
        await home.until("idle")
        while home.mouth.ringing:  # noqa: ASYNC110 (a loop or two)
            await asyncio.sleep(0)


async def test_stop_needs_no_wake_word_while_it_speaks(tmp_path: Path) -> None:
    async with entered(tmp_path) as home:
        home.loudspeaker.allow(0.2)
        home.assistant.replies["stop"] = Reply("2", "", Decision.ACT)
        await home.said("long story")
        await home.until("speaking")
        await home.loudspeaker.until_blocked()
        home.told.sentences += ["lamp on", "stop"]
        home.microphone.talk(0.5)
        while home.told.sentences != ["stop"]:  # noqa: ASYNC110 (a loop or two)
            await asyncio.sleep(0)
        for _ in range(9):
            await asyncio.sleep(0)
        home.microphone.talk(0.5)
        await home.until("idle")
        assert [one.text for one in home.assistant.asked][:1] == ["long story"]
        while len(home.assistant.asked) < 2:  # noqa: ASYNC110 (a loop or two)
            await asyncio.sleep(0)
        assert home.assistant.asked[1].text == "stop"


async def test_talk_while_it_speaks_is_not_recognised(tmp_path: Path) -> None:
    async with entered(tmp_path) as home:
        home.loudspeaker.allow(0.2)
        await home.said("long story")
        await home.until("speaking")
        await home.loudspeaker.until_blocked()
        heard = len(home.told.heard)
        home.told.sentences.append("stop")
        home.microphone.talk(3.0)
        home.microphone.wake()
        await home.until("listening")
        assert len(home.told.heard) <= heard + 1


async def test_a_button_needs_no_wake_word(tmp_path: Path) -> None:
    async with entered(tmp_path) as home:
        home.told.sentences.append("lamp on")
        home.room.listen()
        await home.until("listening")
        home.microphone.talk()
        await home.until("thinking", "speaking", "idle")


async def test_one_sentence_heard_in_two_rooms_acts_once(tmp_path: Path) -> None:
    once = Once()
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    async with (
        entered(tmp_path / "a", once, Habits(origin="a", earcon=False)) as one,
        entered(tmp_path / "b", once, Habits(origin="b", earcon=False)) as other,
    ):
        for home in (one, other):
            home.told.sentences.append("lamp on")
            home.microphone.wake()
            home.microphone.talk()
        await one.until("listening", "thinking", "speaking", "idle")
        assert not other.assistant.asked


def test_the_same_words_from_another_room_are_the_same_sentence_for_a_while() -> None:
    now = 0.0
    once = Once(lambda: now)
    assert once.woken("a")
    assert not once.woken("b")
    assert once.said("a", "Lamp on")
    assert not once.said("b", "lamp on")
    assert once.said("b", "lamp off")
    now = 10.0
    assert once.woken("b")
    assert once.said("a", "lamp off")


@pytest.mark.parametrize("trouble", [SpeechError("the worker died"), RuntimeError("a fault in the code")])
async def test_a_failing_recogniser_does_not_end_the_room(tmp_path: Path, trouble: Exception) -> None:
    async with entered(tmp_path) as home:
        home.told.sentences.append(trouble)  # type: ignore[arg-type]
        home.microphone.wake()
        home.microphone.talk()
        await home.until("listening", "idle")
        await home.said("lamp on")
        await home.until("speaking", "idle")


async def test_without_a_loudspeaker_it_still_obeys(tmp_path: Path) -> None:
    async with entered(tmp_path) as home:
        home.loudspeaker.trouble = "there is none"
        await home.said("lamp on")
        await home.until("speaking", "idle")
        assert [reply.text for _, reply in home.requests] == ["lamp on it is."]


async def test_the_earcon_is_not_recorded(tmp_path: Path) -> None:
    async with entered(tmp_path, habits=Habits(earcon=True)) as home:
        home.loudspeaker.allow(0.02)
        home.microphone.wake()
        home.microphone.silence(1.0)
        await home.loudspeaker.until_blocked()
        # The earcon itself, as the microphone hears it while it is played.
        home.microphone.hear(*[SPEECH] * 10)
        home.microphone.silence(6.0)
        await home.until("listening", "idle")
        home.loudspeaker.allow(None)
        assert not any(np.any(frame == SPEECH[0]) for frame in home.told.heard[0])
        assert not home.assistant.asked


async def test_a_microphone_that_fails_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.speech.room._SLOW_S", 0.01)
    home = InRoom(tmp_path)
    home.microphone.trouble = "it is gone"
    async with home.mouth, home.room:
        await asyncio.sleep(0)
        home.microphone.trouble = None
        while not home.microphone.is_open:  # noqa: ASYNC110 (a few loops)
            await asyncio.sleep(0)
        await home.said("lamp on")
        await home.until("speaking", "idle")


async def test_music_makes_way_from_the_wake_word_to_the_last_word_of_the_reply(tmp_path: Path) -> None:
    calls: list[str] = []
    restored = asyncio.Event()

    class Music:
        async def duck(self) -> None:
            calls.append(f"duck while {home.room.state}")

        async def restore(self) -> None:
            calls.append("restore")
            restored.set()

    async with entered(tmp_path) as home:
        home.mouth.duck(Music())
        home.microphone.wake()
        await home.until("listening")
        home.told.sentences.append("lamp on")
        home.microphone.talk()
        await home.until("thinking", "speaking", "idle")
        await asyncio.wait_for(restored.wait(), 20)
        assert calls[0] == "duck while listening"
        assert calls[-1] == "restore"


async def test_hearing_and_the_first_sound_are_marked_with_the_request(tmp_path: Path) -> None:
    marks: list[Mark] = []
    with observed_by(marks.append):
        async with entered(tmp_path) as home:
            await home.said("lamp on")
            await home.until("speaking", "idle")
    stages = [mark.stage for mark in marks]
    assert stages == [Stage.LISTENING, Stage.SPEECH_TO_TEXT, Stage.FIRST_SOUND]
    listened, heard, sounded = marks
    assert listened.ended_s == heard.began_s
    assert heard.facts == {"engine": "told"}
    assert sounded.began_s >= heard.ended_s
