"""A room whose answers come from elsewhere, for as long as somebody is there."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from pathlib import Path

import numpy as np

from edge.devices.registry import Registry
from edge.errors import EdgeError
from edge.models import ModelStore
from edge.speech.exchange import Company, Habits, Witness
from edge.speech.mouth import Mouth
from edge.speech.once import Once
from edge.speech.room import Room
from edge.speech.sound import Samples, Sound
from edge.speech.tts.voices import Voices
from edge.speech.understanding import Understanding
from tests.speech.mouths import Loudspeaker
from tests.speech.rooms import Activity, Assistant, Microphone, Told, Wake, route


class Elsewhere(Witness):
    """Answers every sentence with a second of sound, once it has heard some frames."""

    def __init__(self, voices: Voices) -> None:
        self.there = True
        self.says = 1
        self.fails = ""
        self.woken_by: list[str] = []
        self.frames = 0
        self.was_played = 0
        self._voices = voices

    @property
    def witness(self) -> Witness:
        return self

    def woken(self, word: str) -> None:
        self.woken_by.append(word)

    async def converse(
        self, frames: AsyncIterator[Samples], on_heard: Callable[[], None]
    ) -> AsyncGenerator[Sound, None]:
        async for _ in frames:
            self.frames += 1
            if self.frames >= 5:
                break
        if self.fails:
            raise EdgeError(self.fails)
        on_heard()
        for _ in range(self.says):
            yield Sound(np.full(22_050, 500, np.int16), 22_050)

    def aloud(self, sounds: AsyncIterator[Sound]) -> AbstractContextManager[str]:
        return self._voices.lent(sounds)

    async def played(self) -> None:
        self.was_played += 1


class InRoom:
    """The room, and who is elsewhere."""

    def __init__(self, mouth: Mouth, loudspeaker: Loudspeaker, elsewhere: Elsewhere) -> None:
        self.loudspeaker, self.elsewhere = loudspeaker, elsewhere
        self.microphone, self.told, self.assistant = Microphone(), Told(), Assistant()
        self.states: asyncio.Queue[str] = asyncio.Queue()
        company = Company(
            mouth,
            self.told,  # type: ignore[arg-type]
            Understanding(route, Registry()),
            Activity(),
            self.assistant.ask,
            Once(),
            habits=Habits(earcon=False),
            witness=elsewhere,
            elsewhere=elsewhere,  # type: ignore[arg-type]
        )
        self.room = Room(self.microphone, Wake(), company)  # type: ignore[arg-type]
        self.room.observe(lambda state: self.states.put_nowait(state.value))

    def say(self) -> None:
        self.microphone.wake()
        self.microphone.talk()

    async def until(self, *states: str) -> None:
        async with asyncio.timeout(20):
            assert tuple([await self.states.get() for _ in states]) == states


@asynccontextmanager
async def entered(directory: Path) -> AsyncIterator[InRoom]:
    loudspeaker = Loudspeaker()
    async with Voices(ModelStore(directory / "models")) as voices, Mouth(loudspeaker, voices) as mouth:
        inside = InRoom(mouth, loudspeaker, Elsewhere(voices))
        async with inside.room:
            while not inside.microphone.is_open:  # noqa: ASYNC110 (a loop or two)
                await asyncio.sleep(0)
            yield inside


async def test_what_is_said_after_the_wake_word_is_answered_elsewhere(tmp_path: Path) -> None:
    async with entered(tmp_path) as inside:
        inside.say()
        await inside.until("listening", "thinking", "speaking", "idle")
        assert inside.elsewhere.woken_by == ["word"]
        assert inside.elsewhere.was_played == 1
        assert sum(sound.seconds for sound in inside.loudspeaker.heard) >= 0.99
        assert inside.assistant.asked == []


async def test_nothing_to_say_is_a_sign_and_no_more(tmp_path: Path) -> None:
    async with entered(tmp_path) as inside:
        inside.elsewhere.says = 0
        inside.say()
        await inside.until("listening", "thinking", "idle")
        assert inside.elsewhere.was_played == 0


async def test_somebody_who_can_not_answer_is_a_sign_of_failure(tmp_path: Path) -> None:
    async with entered(tmp_path) as inside:
        inside.elsewhere.fails = "no text recognised"
        inside.say()
        await inside.until("listening", "idle")


async def test_the_room_answers_itself_while_nobody_is_there(tmp_path: Path) -> None:
    async with entered(tmp_path) as inside:
        inside.elsewhere.there = False
        inside.told.sentences.append("turn on the lamp")
        inside.say()
        await inside.until("listening", "thinking")
        async with asyncio.timeout(20):
            while not inside.assistant.asked:  # noqa: ASYNC110 (a loop or two)
                await asyncio.sleep(0)
        assert inside.elsewhere.frames == 0


async def test_what_is_being_said_is_stopped_by_the_wake_word(tmp_path: Path) -> None:
    async with entered(tmp_path) as inside:
        inside.loudspeaker.allow(0.1)
        inside.say()
        await inside.until("listening", "thinking", "speaking")
        inside.microphone.wake()
        await inside.until("listening")
        assert inside.elsewhere.was_played == 0
