"""A history that was filled as time would have filled it, and an assistant that answers from it with a real router."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

from edge.assistant.assistant import Assistant
from edge.devices.model import DeviceState
from edge.devices.registry import Registry
from edge.router.router import Router
from edge.schedule import Schedule
from edge.sensors.history.choosing import Choosing
from edge.sensors.history.intake import Intake
from edge.sensors.history.reader import Reader
from edge.sensors.history.retention import Keep
from edge.sensors.history.rollup import Zone
from edge.sensors.history.writer import Names, Writer
from edge.sensors.questions import Answer, Question
from edge.sensors.questions.answering import answered
from tests.assistant.fakes import FakeActuator, FakeModel

Readings = Mapping[str, Iterable[tuple[datetime, Any]]]


class StillClock:
    """A home's clock that stands still."""

    def __init__(self, now: datetime, zone: tzinfo, *, trusted: bool = True) -> None:
        self.at = now
        self.trusted = trusted
        self.boot = 1000.0
        self._zone = zone

    def boot_s(self) -> float:
        return self.boot

    def now(self) -> datetime:
        return self.at

    def local(self, wall_s: float) -> datetime:
        return datetime.fromtimestamp(wall_s, self._zone)

    def epoch_s(self, local: datetime) -> float:
        return (local.replace(tzinfo=self._zone) if local.tzinfo is None else local).timestamp()

    async def wait(self, boot_s: float | None, wall_s: float | None) -> None:  # noqa: ARG002 (the protocol's)
        await asyncio.Event().wait()


class FileHistorian:
    """Answers from a file, as the service does from its own."""

    def __init__(self, file: Path, zone: tzinfo, temperature_unit: str = "°C") -> None:
        self._file, self._zone, self._unit = file, Zone(zone), temperature_unit

    async def answer(self, question: Question, now_s: float) -> Answer:
        return await asyncio.to_thread(self._answer, question, now_s)

    def _answer(self, question: Question, now_s: float) -> Answer:
        with Reader(self._file, self._zone, wall_s=lambda: now_s) as reader:
            return answered(question, reader, now_s, self._unit)


def fill(file: Path, registry: Registry, readings: Readings, now: datetime, zone: tzinfo) -> int:
    """All readings through intake and writer, hour by hour; the registry's own states are as they were afterwards."""
    states = {device: registry.state(device) for device in registry.devices}
    at = [0.0]
    intake = Intake(choosing=Choosing(), wall_s=lambda: at[0], most_per_second=1e6)
    writer = Writer(file, Keep(), Zone(zone))
    rows = sorted(
        ((when.timestamp(), device, value) for device, some in readings.items() for when, value in some),
        key=lambda row: row[0],
    )
    at[0] = rows[0][0] - 1
    for device in registry.devices:
        registry.set_state(device, DeviceState())
    end = intake.begin(registry)

    def write() -> None:
        names = Names(tuple(intake.sensors), intake.changed, tuple(intake.states))
        writer.write(intake.take_waiting(), names, {}, int(at[0] * 1000))
        intake.changed = {}
        writer.tidy_where_due(int(at[0] * 1000))

    hour = int(rows[0][0] // 3600)
    for count, (at_s, device, value) in enumerate(rows):
        if int(at_s // 3600) != hour:
            hour = int(at_s // 3600)
            write()
        at[0] = at_s
        available = value != "unavailable"
        text = None if value in (None, "unavailable", "unknown") else str(value)
        registry.set_state(device, DeviceState(text, {}, available, reported_s=float(count + 1)))
    at[0] = now.timestamp()
    write()
    writer.close()
    end()
    for device, state in states.items():
        registry.set_state(device, state)
    return len(rows)


@asynccontextmanager
async def assistant_of(
    registry: Registry,
    file: Path | None,
    clock: StillClock,
    zone: tzinfo,
    router: Router,
    temperature_unit: str = "°C",
) -> AsyncIterator[Assistant]:
    """The real assistant with the real router; without a file nothing is remembered."""
    route: Callable[..., Any] = lambda text, area: router.route(text, registry, area)  # noqa: E731
    async with Schedule(None, clock, boot_id="boot-1") as schedule:
        assistant = Assistant(
            route=route,
            registry=registry,
            actuator=FakeActuator(registry),
            chat=FakeModel("I am not sure about that."),
            schedule=schedule,
            clock=clock,
        )
        historian = FileHistorian(file, zone, temperature_unit) if file is not None else None
        assistant.recalling.through(historian, temperature_unit)
        yield assistant
