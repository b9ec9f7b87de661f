"""The small house with the real router: what is said in view of what was said before."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest

from edge.assistant.model import Source
from edge.router.router import Router
from tests.assistant.conftest import Scene
from tests.schedule.fakes import FakeClock

Sent = tuple[str, str, dict[str, Any]]


@dataclass
class Hour:
    """The router's time: that of whichever scene is played."""

    clock: FakeClock | None = None

    def __call__(self) -> datetime:
        assert self.clock is not None
        return self.clock.now()


@dataclass
class Talk:
    """Says sentences one after the other, some seconds apart, and looks at what was done."""

    scene: Scene
    room: str = "kitchen"
    seen: int = 0
    reply: str = ""
    asked: bool = False
    replies: list[str] = field(default_factory=list)

    async def say(self, text: str, room: str | None = None) -> list[Sent]:
        """What was sent to devices because of the sentence."""
        self.scene.clock.advance(5)
        reply = await self.scene.say(text, source=Source.VOICE, area=room or self.room)
        self.reply, self.asked = reply.text, reply.listen
        self.replies.append(reply.text)
        sent = self.scene.actuator.sent[self.seen :]
        self.seen += len(sent)
        return sent

    @property
    def waiting(self) -> list[tuple[str, str, float]]:
        """What is on the schedule: kind, name, seconds to go."""
        schedule = self.scene.schedule
        now = schedule.now()
        entries = sorted(schedule.agenda.entries.values(), key=lambda one: one.remaining_s(now))
        return [(one.kind.value, one.label, round(one.remaining_s(now))) for one in entries]


@pytest.fixture(scope="session")
def hour() -> Hour:
    return Hour()


@pytest.fixture(scope="session")
def router(hour: Hour) -> Router:
    return Router.load(now=hour)


@pytest.fixture
def talk(scene: Scene, router: Router, hour: Hour) -> Iterator[Talk]:
    hour.clock = scene.clock
    scene.router.real = lambda text, area: router.route(text, scene.registry, area)
    yield Talk(scene)
    hour.clock = None
