"""Ears, voices, wake words and a mind without networks, for the server's tests."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from edge.api.wyoming.ports import Model, Offer, Spoken, Woken
from edge.assistant.model import OnText, Reply, Utterance
from edge.errors import EdgeError
from edge.pcm import RATE_HZ, Samples
from edge.router.model import Call, Decision, Routing

LOUD = 30_000
"""A sample like this is a wake word."""


def _model(name: str, phrase: str | None = None) -> Model:
    return Model(name, ("en",), name, "test", "", phrase=phrase)


class FakeListener:
    """Hears a word in every loud sample."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = words or ("okay_nabu",)
        self._fed = 0

    def feed(self, samples: Samples) -> Woken | None:
        self._fed += len(samples)
        return Woken(self._words[0], self._fed / RATE_HZ) if (samples >= LOUD).any() else None


@dataclass
class FakeSpeech:
    """Hears how many frames there were; says a tone for each piece of text."""

    partials: Sequence[str] = ()
    broken: str = ""
    offered: Offer = field(
        default_factory=lambda: Offer((_model("ears"),), (_model("voice"),), (_model("okay_nabu", "Okay Nabu"),))
    )
    heard: int = 0
    said: list[tuple[str, str | None]] = field(default_factory=list)

    async def offer(self) -> Offer:
        return self.offered

    async def hear(self, frames: AsyncIterator[Samples]) -> AsyncGenerator[str, None]:
        self._fail()
        for partial in self.partials:
            yield partial
        async for frame in frames:
            assert frame.dtype == np.int16
            assert len(frame) == 512
            self.heard += 1
        yield self.partials[-1] if self.partials else f"{self.heard} frames"

    async def speak(self, text: AsyncIterator[str], voice: str | None) -> AsyncGenerator[Spoken, None]:
        self._fail()
        rate_hz = 22_050
        async for piece in text:
            self.said.append((piece, voice))
            yield Spoken(np.full(2205, 1000, np.int16), rate_hz)
            rate_hz = 16_000  # another voice stands in

    async def wake(self, words: Sequence[str]) -> FakeListener:
        self._fail()
        return FakeListener(words)

    def _fail(self) -> None:
        if self.broken:
            raise EdgeError(self.broken)


LIGHT_ON = Call("light.turn_on", {"name": "Lamp"}, ("light.lamp",), "HassTurnOn")
DOOR = Call("lock.lock", {"name": "Front Door"}, ("lock.front_door",), "HassTurnOn")
UNLOCK = Call("lock.unlock", {"name": "Front Door"}, ("lock.front_door",), "HassTurnOff", confirm=True)
UNKNOWN = Call("light.turn_on", {"name": "garden lamp"}, (), "HassTurnOn")
LATER = Call("light.turn_on", {"name": "Lamp", "after": 300}, ("light.lamp",), "HassTurnOn")
DIM = Call("light.dim", {"name": "Lamp"}, ("light.lamp",), None)
TIMER = Call("timer.start", {"minutes": 5}, (), "HassStartTimer")
TIME = Call("time.get", {}, (), "HassGetCurrentTime")
ITEM = Call("todo.add_item", {"item": "milk", "name": "shopping"}, (), "HassShoppingListAddItem")

SENTENCES: dict[str, tuple[Decision, tuple[Call, ...]]] = {
    "lamp": (Decision.ACT, (LIGHT_ON,)),
    "lamp and door": (Decision.ACT, (LIGHT_ON, DOOR)),
    "garden lamp": (Decision.CLARIFY, (UNKNOWN,)),
    "garden lamp and lamp": (Decision.CLARIFY, (UNKNOWN, LIGHT_ON)),
    "unlock": (Decision.ACT, (UNLOCK,)),
    "lamp later": (Decision.ACT, (LATER,)),
    "dim": (Decision.ACT, (DIM,)),
    "timer": (Decision.ACT, (TIMER,)),
    "time": (Decision.QUERY, (TIME,)),
    "milk": (Decision.ACT, (ITEM,)),
    "story": (Decision.CHAT, ()),
}


@dataclass
class FakeMind:
    """Knows the sentences above; says back what it was asked, in pieces where there are several words."""

    asked: list[Utterance] = field(default_factory=list)

    def route(self, text: str) -> Routing:
        decision, calls = SENTENCES.get(text, (Decision.IGNORE, ()))
        question = "Which one?" if decision is Decision.CLARIFY else None
        return Routing(text, decision, calls, 0.9, question=question)

    def is_limited(self, utterance: Utterance) -> bool:
        return utterance.origin.startswith("limited") or "limited" in utterance.origin.split()

    def asks_first(self, call: Call) -> bool:
        return call.confirm

    async def ask(self, utterance: Utterance, on_text: OnText | None = None) -> Reply:
        self.asked.append(utterance)
        routing = self.route(utterance.text)
        if on_text is not None:
            for piece in utterance.text.split():
                await on_text(piece)
        listen = any(call.confirm for call in routing.calls)
        return Reply(utterance.id, utterance.text, routing.decision, routing.calls, listen=listen)
