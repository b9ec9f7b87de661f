"""The frozen exam of questions to the sensors: `python -m tests.bench.sensors_questions [--all] [--data DIRECTORY]`.

The scripted readings go through intake and writer, hour by hour as time would have had it, so that the old ones are
figures by now; then each question is asked of the real assistant with the real router, and its reply is held against
what was expected (`data/README.md` says how). Prints what was right by kind, and each wrong answer with its reply.
"""

import argparse
import asyncio
import importlib.util
import json
import tempfile
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

from edge.assistant.assistant import Assistant
from edge.assistant.model import Reply, Source, Utterance
from edge.devices.home import load_home
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
from tests.bench.sensors.spoken import right

DATA = Path(__file__).parent / "data"
Readings = Mapping[str, Iterable[tuple[datetime, Any]]]


class HouseClock:
    """The home's clock, which stands still."""

    def __init__(self, now: datetime, zone: ZoneInfo) -> None:
        self._now = now
        self._zone = zone
        self.trusted = True
        self.passed_s = 0.0

    def boot_s(self) -> float:
        return 1000.0 + self.passed_s

    def now(self) -> datetime:
        return self._now

    def local(self, wall_s: float) -> datetime:
        return datetime.fromtimestamp(wall_s, self._zone)

    def epoch_s(self, local: datetime) -> float:
        return (local.replace(tzinfo=self._zone) if local.tzinfo is None else local).timestamp()

    async def wait(self, boot_s: float | None, wall_s: float | None) -> None:  # noqa: ARG002 (the protocol's)
        await asyncio.Event().wait()


class FileHistorian:
    """Answers from a file, as the service does from its own."""

    def __init__(self, file: Path, zone: ZoneInfo, now_s: float) -> None:
        self._file, self._zone, self._now_s = file, Zone(zone), now_s

    async def answer(self, question: Question, now_s: float) -> Answer:
        with Reader(self._file, self._zone, wall_s=lambda: self._now_s) as reader:
            return answered(question, reader, now_s)


def fill(file: Path, registry: Registry, readings: Readings, now: datetime, zone: ZoneInfo) -> int:
    """All readings through intake and writer, then what is left in the registry is what was said last."""
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
    intake.begin(registry)
    hour, count = int(rows[0][0] // 3600), 0
    for at_s, device, value in rows:
        if int(at_s // 3600) != hour:
            hour = int(at_s // 3600)
            _write(intake, writer, at[0])
        at[0] = at_s
        count += 1
        text = None if value in (None, "unavailable", "unknown") else str(value)
        available = value != "unavailable"
        registry.set_state(device, DeviceState(text, {}, available, reported_s=float(count)))
    at[0] = now.timestamp()
    _write(intake, writer, at[0])
    writer.close()
    return count


def _write(intake: Intake, writer: Writer, at_s: float) -> None:
    names = Names(tuple(intake.sensors), intake.changed, tuple(intake.states))
    writer.write(intake.take_waiting(), names, {}, int(at_s * 1000))
    intake.changed = {}
    writer.tidy_where_due(int(at_s * 1000))


@dataclass
class Result:
    """What became of the questions."""

    right: dict[str, int] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    took_ms: list[float] = field(default_factory=list)

    def note(self, question: Mapping[str, Any], reply: Reply, *, was_right: bool) -> None:
        kind = question["kind"]
        self.asked[kind] = self.asked.get(kind, 0) + 1
        self.right[kind] = self.right.get(kind, 0) + was_right
        if not was_right:
            self.wrong.append(f"{question['id']} {question['text']!r}\n   {reply.decision.value}: {reply.text}\n"
                              f"   expected {question['expected']}")  # fmt: skip


async def examine(directory: Path, file: Path, *, shown: bool = False, only: set[str] | None = None) -> Result:
    """Ask all questions of a directory, each with those before it in a dialogue of its own."""
    script = module(directory / "scripted_history.py")
    exam = json.loads((directory / "sensor_questions.json").read_text("utf-8"))
    questions = exam["questions"] if isinstance(exam, dict) else exam
    registry = load_home(directory / "sensor_home.json")
    zone = ZoneInfo(getattr(script, "ZONE_NAME", "Europe/London"))
    now: datetime = script.NOW
    states = {device: registry.state(device) for device in registry.devices}
    fill(file, registry, script.readings(), now, zone)
    for device, state in states.items():
        registry.set_state(device, state)
    clock = HouseClock(now, zone)
    router = Router.load(now=lambda: now)
    result = Result()
    by_id = {one["id"]: one for one in questions}
    async with Schedule(None, clock, boot_id="boot-1") as schedule:
        assistant = Assistant(
            route=lambda text, area: router.route(text, registry, area),
            registry=registry,
            actuator=FakeActuator(registry),
            chat=FakeModel("I am not sure about that."),
            schedule=schedule,
            clock=clock,
        )
        assistant.recalling.through(FileHistorian(file, zone, now.timestamp()), "°C")
        for question in questions:
            if only and question["id"] not in only:
                continue
            area = _area(question, registry)
            origin = question["id"]
            for earlier in _before(question, by_id):
                await assistant.ask(Utterance(earlier["text"], Source.CLI, area, origin=origin))
            began = time.perf_counter()
            reply = await assistant.ask(Utterance(question["text"], Source.CLI, area, origin=origin))
            result.took_ms.append((time.perf_counter() - began) * 1000)
            rivals = [one.name for one in registry.areas.values()]
            was_right = right(question["expected"], reply, now, lambda one: _names(one, registry), rivals)
            result.note(question, reply, was_right=was_right)
            if shown:
                print(f"{'+' if was_right else '-'} {question['text']}\n    {reply.text}")
    return result


def _names(device: str, registry: Registry) -> list[str]:
    """What a device is called, and the room it is in."""
    known = registry.devices.get(device)
    if known is None:
        return [device]
    area = registry.areas.get(known.area or "")
    return [known.name, *known.aliases, *([area.name, *area.aliases] if area else [])]


def _area(question: Mapping[str, Any], registry: Registry) -> str | None:
    area = question.get("area")
    return None if area is None else registry.area_id(area)


def _before(question: Mapping[str, Any], by_id: Mapping[str, Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    chain: list[Mapping[str, Any]] = []
    while (earlier := question.get("after")) is not None:
        question = by_id[earlier]
        chain.insert(0, question)
    return chain


def module(file: Path) -> ModuleType:
    """A file as a module, which need not be a package's."""
    spec = importlib.util.spec_from_file_location(file.stem, file)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{file} can't be loaded")
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--all", action="store_true", help="print every answer")
    parser.add_argument("--quiet", action="store_true", help="print figures alone")
    parser.add_argument("--only", nargs="*", help="ids of questions")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        only = set(args.only) if args.only else None
        result = asyncio.run(examine(args.data, Path(directory, "history.sqlite"), shown=args.all, only=only))
    if not args.quiet:
        print("\n".join(result.wrong))
    for kind, asked in result.asked.items():
        print(f"{kind:14} {result.right.get(kind, 0):3} of {asked:3}")
    took = sorted(result.took_ms)
    print(f"right          {sum(result.right.values()):3} of {sum(result.asked.values()):3}")
    print(f"asked to answered: p50 {took[len(took) // 2]:.1f} ms, p95 {took[int(len(took) * 0.95)]:.1f} ms")


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        main()
