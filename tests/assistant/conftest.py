"""An assistant in a small house, with everything around it a fake."""

from dataclasses import dataclass

import pytest

from edge.assistant.assistant import Assistant
from edge.assistant.confirmation import Confirmation
from edge.assistant.model import Reply, Source, Utterance
from edge.devices import Registry
from tests.assistant.fakes import FakeActuator, FakeClock, FakeModel, ScriptedRouter, house


@dataclass
class Scene:
    registry: Registry
    router: ScriptedRouter
    actuator: FakeActuator
    model: FakeModel
    clock: FakeClock
    assistant: Assistant

    async def say(self, text: str, *, source: Source = Source.CLI, area: str | None = None, origin: str = "") -> Reply:
        return await self.assistant.ask(Utterance(text, source, area, origin=origin))

    def configured(self, confirmation: Confirmation) -> "Scene":
        """The same house with other settings for confirmations."""
        self.assistant = Assistant(
            route=self.router,
            registry=self.registry,
            actuator=self.actuator,
            chat=self.model,
            clock=self.clock,
            confirmation=confirmation,
        )
        return self


@pytest.fixture
async def scene() -> Scene:
    registry = house()
    router, actuator, model, clock = (
        ScriptedRouter(),
        FakeActuator(registry),
        FakeModel("Hello", " there."),
        FakeClock(),
    )
    assistant = Assistant(route=router, registry=registry, actuator=actuator, chat=model, clock=clock)
    return Scene(registry, router, actuator, model, clock, assistant)
