"""A house with a simulated satellite: real link, room and mouth; ears, voice and assistant do what they are told."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from edge.assistant.model import Announcement, OnText, Reply, Utterance
from edge.devices.model import Area
from edge.devices.registry import Registry
from edge.schedule import Schedule
from edge.settings.model import SatelliteSettings, Settings
from edge.speech.once import Once
from edge.speech.rooms import Rooms
from edge.speech.satellites import Satellite, Surroundings
from edge.speech.understanding import Understanding
from tests.schedule.fakes import FakeClock
from tests.speech.mouths import Counting
from tests.speech.rooms import Activity, Assistant, Told, Wake, route
from tests.speech.satellites.simulated import Simulated, simulated


class Parts:
    """What hears and speaks."""

    def __init__(self, registry: Registry) -> None:
        self.told, self.voice, self.once = Told(), Counting(), Once()
        self._understanding = Understanding(route, registry)

    async def recogniser(self) -> Told:
        return self.told

    async def voices(self) -> Counting:
        return self.voice

    async def understanding(self) -> Understanding:
        return self._understanding

    async def activity(self) -> Activity:
        return Activity()

    async def wake(self, _: Mapping[str, float]) -> Wake:
        return Wake()

    def configured_words(self, words: tuple[str, ...] | None) -> dict[str, float]:
        return dict.fromkeys(words or ("word",), 0.5)


class Asked(Assistant):
    """Has a loudspeaker to turn up."""

    def __init__(self) -> None:
        super().__init__()
        self.voice: Any = None

    def speak_through(self, voice: Any) -> Callable[[], None]:
        self.voice = voice
        return lambda: setattr(self, "voice", None)

    async def ask(self, utterance: Utterance, on_text: OnText) -> Reply:
        if utterance.text == "louder":
            await self.voice.set_volume(0.9)
        return await super().ask(utterance, on_text)


class House:
    """All of it."""

    def __init__(self, directory: Path) -> None:
        self.clock = FakeClock()
        self.schedule = Schedule(None, self.clock, boot_id="boot")
        self.registry = Registry()
        self.registry.put_area(Area("kitchen", "Kitchen"))
        self.registry.put_area(Area("attic", "Attic"))
        self.assistant, self.parts = Asked(), Parts(self.registry)
        self.rooms = Rooms(self.assistant, self.registry)  # type: ignore[arg-type]
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.requests: list[tuple[Utterance, Reply]] = []
        self._news = asyncio.Event()
        self.around = Surroundings(
            Settings(),
            directory,
            self.parts,  # type: ignore[arg-type]
            self.rooms,
            self.schedule,
            self.registry.area_id,
            lambda: None,
            lambda utterance, reply: self.requests.append((utterance, reply)),
            self._on_event,
        )

    def _on_event(self, kind: str, **facts: Any) -> None:
        self.events.append((kind, facts))
        self._news.set()

    async def until(self, done: Callable[[], bool]) -> None:
        """Wait for something that comes with an event."""
        async with asyncio.timeout(20):
            while not done():
                self._news.clear()
                await self._news.wait()

    async def ready(self, name: str = "kitchen") -> None:
        """Wait until that room is open."""
        await self.until(lambda: any(room.name == name for room in self.rooms.open_now))

    def states(self, name: str = "kitchen") -> list[str]:
        return [facts["state"] for kind, facts in self.events if kind == "room" and facts["room"] == name]

    def satellite(self, port: int, **given: Any) -> Satellite:
        """As the settings have it, not yet entered."""
        wanted = {"name": "kitchen", "host": "127.0.0.1", "port": port, "area": "Kitchen", "earcon": False}
        return Satellite(SatelliteSettings(**(wanted | given)), self.around)

    async def announce(self, text: str, area: str | None = None, *, rings: bool = False, id: str = "1") -> None:  # noqa: A002
        event = "timer_finished" if rings else "broadcast"
        await self.rooms.announce(Announcement(text, area, {"event": event, "id": id}, rings))


@asynccontextmanager
async def inhabited(directory: Path, *, wakes: bool = False, **given: Any) -> AsyncIterator[tuple[House, Simulated]]:
    """A house with one satellite, in the kitchen, whose room is open."""
    house = House(directory)
    async with house.schedule, simulated(wakes=wakes) as there, house.satellite(there.port, **given):
        await house.ready()
        yield house, there
