"""An assistant in a small house, with everything around it a fake."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from edge.assistant.assistant import Assistant
from edge.assistant.confirmation import Confirmation
from edge.assistant.model import Announcement, Reply, Source, Utterance
from edge.assistant.record import Record
from edge.devices import Registry
from edge.router.vocabulary import load_vocabulary
from edge.schedule import Schedule
from tests.assistant.fakes import FakeActuator, FakeModel, ScriptedRouter, house
from tests.schedule.fakes import FakeClock


@dataclass
class Scene:
    registry: Registry
    router: ScriptedRouter
    actuator: FakeActuator
    model: FakeModel
    clock: FakeClock
    schedule: Schedule
    assistant: Assistant
    announced: asyncio.Queue[Announcement] = field(default_factory=asyncio.Queue)

    async def say(self, text: str, *, source: Source = Source.CLI, area: str | None = None, origin: str = "") -> Reply:
        return await self.assistant.ask(Utterance(text, source, area, origin=origin))

    def recorded(self, confirmation: Confirmation | None = None) -> "list[Record]":
        """The same house with somebody who keeps who did what; what is kept comes into the list."""
        kept: list[Record] = []
        self.assistant = assemble(self, confirmation, recorder=Kept(kept))
        return kept

    def configured(self, confirmation: Confirmation) -> "Scene":
        """The same house with other settings for confirmations."""
        self.assistant = assemble(self, confirmation)
        return self

    async def announcement(self) -> Announcement:
        """The next thing that is said unasked."""
        return await self.announced.get()


@dataclass
class Kept:
    """A recorder that remembers."""

    records: list[Record]

    def record(self, record: Record, /) -> None:
        self.records.append(record)


def assemble(
    scene: Scene,
    confirmation: Confirmation | None = None,
    *,
    tools: bool = True,
    recorder: Kept | None = None,
) -> Assistant:
    return Assistant(
        route=scene.router,
        registry=scene.registry,
        actuator=scene.actuator,
        chat=scene.model,
        schedule=scene.schedule,
        clock=scene.clock,
        confirmation=confirmation,
        tools=tools,
        recorder=recorder,
    )


@pytest.fixture(scope="session", autouse=True)
def _vocabulary() -> None:
    """Read it as the router does, before any loop runs."""
    load_vocabulary()


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    registry = house()
    clock = FakeClock()
    async with Schedule(None, clock, boot_id="boot-1") as schedule:
        model = FakeModel("Hello", " there.")
        scene = Scene(registry, ScriptedRouter(), FakeActuator(registry), model, clock, schedule, None)  # type: ignore[arg-type]
        scene.assistant = assemble(scene)

        async def announce(announcement: Announcement) -> None:
            await scene.announced.put(announcement)

        scene.assistant.announce_to(announce)
        schedule.start()
        yield scene
