"""A room in a test: its microphone is fed by hand, its recogniser hears what it is told, its mouth is the real one."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np

from edge.assistant.model import OnText, Reply, Utterance
from edge.devices.registry import Registry
from edge.router.model import Call, Decision, Routing
from edge.speech.exchange import Company, Habits
from edge.speech.floor import RoomState
from edge.speech.mouth import Mouth
from edge.speech.once import Once
from edge.speech.room import Room
from edge.speech.sound import FRAME, Samples, SpeechError
from edge.speech.stt import Hypothesis, Transcript
from edge.speech.understanding import Understanding
from edge.speech.wake import Detection
from tests.speech.mouths import Counting, Loudspeaker

SILENCE = np.zeros(FRAME, dtype=np.int16)
SPEECH = np.full(FRAME, 3000, dtype=np.int16)
WAKE = np.full(FRAME, 9000, dtype=np.int16)


class Microphone:
    """Gives what is said into it."""

    def __init__(self) -> None:
        self.is_open = False
        self.opened = 0
        self.trouble: str | None = None
        self._frames: asyncio.Queue[Samples] = asyncio.Queue()

    async def frames(self) -> AsyncGenerator[Samples, None]:
        if self.trouble is not None:
            raise SpeechError(self.trouble)
        self.is_open = True
        self.opened += 1
        self._frames = asyncio.Queue()
        try:
            while True:
                yield await self._frames.get()
        finally:
            self.is_open = False

    def hear(self, *frames: Samples) -> None:
        """Now."""
        for frame in frames:
            self._frames.put_nowait(frame)

    def silence(self, seconds: float) -> None:
        self.hear(*[SILENCE] * round(seconds / 0.032))

    def wake(self) -> None:
        """The wake word."""
        self.hear(WAKE)

    def talk(self, seconds: float = 1.0) -> None:
        """Somebody says something, and then nothing."""
        self.hear(*[SPEECH] * round(seconds / 0.032))
        self.silence(1.5)


class Wake:
    """Hears `WAKE`."""

    words = ("word",)

    def __init__(self) -> None:
        self._fed = 0

    def feed(self, samples: Samples) -> Detection | None:
        self._fed += len(samples)
        return Detection("word", self._fed / 16_000, 1.0) if samples[0] == WAKE[0] else None

    def reset(self) -> None:
        pass


class Activity:
    """Loud is speech."""

    def feed(self, frame: Samples) -> float:
        return 1.0 if abs(int(frame[0])) >= 1000 else 0.0

    def reset(self) -> None:
        pass


class Told:
    """A recogniser that hears what it was told to, sentence after sentence."""

    name = "told"

    def __init__(self) -> None:
        self.sentences: list[str | SpeechError] = []
        self.heard: list[list[Samples]] = []
        self.confidence = 0.95

    async def listen(self, frames: AsyncIterator[Samples]) -> AsyncGenerator[Transcript, None]:
        self.heard.append([])
        self.heard[-1] += [frame async for frame in frames]
        said = self.sentences.pop(0) if self.sentences else ""
        if isinstance(said, SpeechError):
            raise said
        yield Transcript("told", (Hypothesis(said, self.confidence),) if said else ())


class Assistant:
    """Answers as it was told to, or repeats what it heard."""

    def __init__(self) -> None:
        self.asked: list[Utterance] = []
        self.replies: dict[str, Reply] = {}
        self.go_on = asyncio.Event()
        self.go_on.set()

    async def ask(self, utterance: Utterance, on_text: OnText) -> Reply:
        self.asked.append(utterance)
        await self.go_on.wait()
        reply = self.replies.get(utterance.text, Reply("1", f"{utterance.text} it is.", Decision.ACT))
        if reply.text:
            await on_text(reply.text)
        return reply


class InRoom:
    """The room and all that is in it."""

    def __init__(self, directory: Path, once: Once | None = None, habits: Habits | None = None) -> None:
        self.microphone, self.told, self.assistant = Microphone(), Told(), Assistant()
        self.loudspeaker, self.voice = Loudspeaker(), Counting()
        self.mouth = Mouth(self.loudspeaker, self.voice)
        self.states: list[str] = []
        self.requests: list[tuple[Utterance, Reply]] = []
        self._news = asyncio.Event()
        company = Company(
            self.mouth,
            self.told,  # type: ignore[arg-type]
            Understanding(route, Registry()),
            Activity(),
            self.assistant.ask,
            once or Once(),
            lambda utterance, reply: self.requests.append((utterance, reply)),
            habits or Habits(earcon=False),
        )
        self.room = Room(self.microphone, Wake(), company, kept=directory / "muted")  # type: ignore[arg-type]
        self.room.observe(self._on_state)

    def _on_state(self, state: RoomState) -> None:
        self.states.append(state.value)
        self._news.set()

    async def until(self, *states: str) -> None:
        """Wait until these came one after the other, next to what was waited for before."""
        async with asyncio.timeout(20):
            while len(self.states) < len(states):
                self._news.clear()
                await self._news.wait()
        came = tuple(self.states[: len(states)])
        del self.states[: len(states)]
        assert came == states

    async def said(self, sentence: str) -> None:
        """Somebody says the wake word and a sentence; returns once it is being thought about."""
        self.told.sentences.append(sentence)
        self.microphone.wake()
        self.microphone.talk()
        await self.until("listening", "thinking")


def route(
    text: str,
    registry: Registry,
    area: str | None = None,
) -> Routing:
    """Everything but "never mind" is an order."""
    decision = Decision.IGNORE if text == "never mind" else Decision.ACT
    calls = (Call("assistant.stop", {}, ()),) if text == "stop" else ()
    return Routing(text, decision, calls, 0.99, 0.1)


@asynccontextmanager
async def entered(directory: Path, once: Once | None = None, habits: Habits | None = None) -> AsyncIterator[InRoom]:
    """A room that listens while the block lasts."""
    inside = InRoom(directory, once, habits)
    async with inside.mouth, inside.room:
        await inside.mouth.set_volume(1.0)
        while not inside.microphone.is_open and not (directory / "muted").exists():  # noqa: ASYNC110 (a loop or two)
            await asyncio.sleep(0)
        yield inside
