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
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

from edge.assistant.model import Reply, Source, Utterance
from edge.devices.home import load_home
from edge.devices.registry import Registry
from edge.router.router import Router
from tests.assistant.asking.remembering import StillClock, assistant_of, fill
from tests.bench.sensors.spoken import right

DATA = Path(__file__).parent / "data"


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


async def examine(
    directory: Path, questions_file: Path, file: Path, *, shown: bool = False, only: set[str] | None = None
) -> Result:
    """Ask all questions of a directory, each with those before it in a dialogue of its own."""
    script = module(directory / "scripted_history.py")
    exam = json.loads(await asyncio.to_thread(questions_file.read_text, "utf-8"))
    questions = exam["questions"] if isinstance(exam, dict) else exam
    registry = load_home(directory / "sensor_home.json")
    zone = ZoneInfo(getattr(script, "ZONE_NAME", "Europe/London"))
    now: datetime = script.NOW
    fill(file, registry, script.readings(), now, zone)
    clock = StillClock(now, zone)
    router = await asyncio.to_thread(lambda: Router.load(now=lambda: now))
    result = Result()
    by_id = {one["id"]: one for one in questions}
    async with assistant_of(registry, file, clock, zone, router) as assistant:
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
    parser.add_argument("--questions", type=Path, help="another file of questions to the same history")
    parser.add_argument("--all", action="store_true", help="print every answer")
    parser.add_argument("--quiet", action="store_true", help="print figures alone")
    parser.add_argument("--only", nargs="*", help="ids of questions")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        only = set(args.only) if args.only else None
        result = asyncio.run(
            examine(
                args.data,
                args.questions or args.data / "sensor_questions.json",
                Path(directory, "history.sqlite"),
                shown=args.all,
                only=only,
            )
        )
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
