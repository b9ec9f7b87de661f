"""Who lets somebody in has to be heard well: a real recogniser, a real assistant, voices in quiet and in noise."""

import asyncio
from collections.abc import AsyncIterator
from functools import cache

import numpy as np
import pytest

from edge.assistant.model import OnText, Reply, Source, Utterance
from edge.router.model import Call
from edge.router.router import Router
from edge.schedule import Schedule
from edge.speech.exchange import Company, Exchange, Habits
from edge.speech.floor import Happening
from edge.speech.mouth import Mouth
from edge.speech.once import Once
from edge.speech.sound import Samples
from edge.speech.stt.recogniser import Recogniser
from edge.speech.tones import Earcon
from edge.speech.understanding import Understanding
from edge.speech.vad import VoiceActivity
from tests.assistant.conftest import Scene, assemble
from tests.assistant.fakes import FakeActuator, FakeModel, ScriptedRouter, house
from tests.schedule.fakes import FakeClock
from tests.speech.mouths import Counting, Loudspeaker
from tests.speech.spoken import frames, hush, say, together

QUIET, NOISY, DROWNED = 30.0, 600.0, 4000.0
HABITS = Habits("hall", earcon=False)


class Porch:
    """A room whose assistant has asked whether it may unlock the front door."""

    def __init__(self, recogniser: Recogniser, mouth: Mouth, shipped: Router, activity: VoiceActivity) -> None:
        registry, router = house(), ScriptedRouter()
        router.on("unlock", Call("lock.unlock", {"name": "Front Door"}, ("lock.front",), confirm=True))
        clock = FakeClock()
        schedule = Schedule(None, clock, boot_id="test")
        self.scene = Scene(registry, router, FakeActuator(registry), FakeModel(), clock, schedule, None)  # type: ignore[arg-type]
        self.scene.assistant = assemble(self.scene)
        self._company = Company(
            mouth,
            recogniser,
            Understanding(shipped.route, registry),
            activity,
            self._ask,
            Once(),
            habits=HABITS,
        )
        self._recogniser = recogniser
        self.replies: list[Reply] = []

    async def _ask(self, utterance: Utterance, on_text: OnText) -> Reply:
        reply = await self.scene.assistant.ask(utterance, on_text)
        self.replies.append(reply)
        return reply

    async def answered(self, sound: Samples) -> str:
        """What it replies to this, empty where that was no answer; whether the door is unlocked then is in `open`."""
        await self._ask(Utterance("unlock", Source.VOICE, area="hall", origin=HABITS.origin), _nowhere)
        self.replies.clear()
        over = asyncio.Event()
        exchange = Exchange(
            self._company, _untold, self._paced(sound), _no_sign, following=True, on_end=lambda _: over.set()
        )
        async with asyncio.timeout(60):
            await over.wait()
        await exchange.end()
        return self.replies[0].text if self.replies else ""

    async def _paced(self, sound: Samples) -> AsyncIterator[Samples]:
        for frame in frames(sound):
            yield frame
            await self._recogniser.caught_up()

    @property
    def open(self) -> bool:
        return bool(self.scene.actuator.calls)


async def _nowhere(piece: str) -> None: ...


async def _no_sign(sign: Earcon) -> None: ...


def _untold(what: Happening) -> None: ...


@cache
def spoken(text: str, voice: str, noise: float) -> Samples:
    """Somebody says that in such noise."""
    words = say(text, voice, 140)
    around = hush(0.6, level=noise), hush(len(words) / 16_000, level=noise, seed=1), hush(1.6, level=noise, seed=2)
    middle = np.clip(words + around[1][: len(words)].astype(np.int32), -32768, 32767).astype(np.int16)
    return together(around[0], middle, around[2])


@pytest.fixture(scope="module")
def shipped() -> Router:
    router = Router.load()
    router.route("yes", house())
    return router


@pytest.fixture
async def porch(shipped: Router) -> AsyncIterator[Porch]:
    async with Recogniser(house(), "pocketsphinx") as recogniser, Mouth(Loudspeaker(), Counting()) as mouth:
        await recogniser.ready(60)
        activity = await asyncio.to_thread(VoiceActivity)
        yield Porch(recogniser, mouth, shipped, activity)


@pytest.mark.parametrize("noise", [QUIET, NOISY])
async def test_a_clear_yes_opens(porch: Porch, noise: float) -> None:
    yes = await asyncio.to_thread(spoken, "yes", "en-us+f3", noise)
    assert await porch.answered(yes) == "The front door is unlocked."
    assert porch.open


@pytest.mark.parametrize("text", ["no", "juice", "yesterday", "the kitchen", "are you sure", "i will press the button"])
async def test_other_words_never_open(porch: Porch, text: str) -> None:
    for voice, noise in (("en-us", QUIET), ("en-gb", NOISY), ("en-gb-scotland", QUIET)):
        reply = await porch.answered(await asyncio.to_thread(spoken, text, voice, noise))
        assert not porch.open, (voice, noise, reply)


async def test_a_yes_that_hardly_stands_out_of_the_noise_is_no_yes(porch: Porch) -> None:
    for voice in ("en-us", "en-029", "en-gb-scotland"):
        reply = await porch.answered(await asyncio.to_thread(spoken, "yes", voice, DROWNED))
        assert not porch.open, (voice, reply)
        assert reply in ("", "Sorry? Shall I unlock the front door?")
