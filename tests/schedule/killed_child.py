"""A process that only keeps a schedule, by a clock it is told: `python -m tests.schedule.killed_child DB OUT`.

Standard input: a line of JSON a moment, {"true", "boot", "wall", "trusted", "boot_id"} and, in `do`, what a person
orders then. "ok" comes back once all of it is on the disk. What is told of entries is appended to OUT at once.
"""

import asyncio
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from edge.schedule import Event, Kind, Schedule
from edge.schedule.recurrence import Recurrence, rule_of

ZONE = ZoneInfo("Europe/London")


class ToldClock:
    """A clock that shows what it was last told."""

    def __init__(self, moment: dict[str, Any]) -> None:
        self.moment = moment
        self.waited_for = asyncio.Event()
        self._moved = asyncio.Event()

    def boot_s(self) -> float:
        return float(self.moment["boot"])

    def now(self) -> datetime:
        return self.local(self.moment["wall"])

    def local(self, wall_s: float) -> datetime:
        return datetime.fromtimestamp(wall_s, UTC).astimezone(ZONE)

    def epoch_s(self, local: datetime) -> float:
        return (local if local.tzinfo else local.replace(tzinfo=ZONE)).timestamp()

    @property
    def trusted(self) -> bool:
        return bool(self.moment["trusted"])

    async def wait(self, boot_s: float | None, wall_s: float | None) -> None:
        if (boot_s is None or self.boot_s() < boot_s) and (wall_s is None or self.moment["wall"] < wall_s):
            self.waited_for.set()
            await self._moved.wait()

    def tell(self, moment: dict[str, Any]) -> None:
        self.moment = moment
        self.waited_for.clear()
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()


async def main(database: Path, out: Path) -> None:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=1 << 20)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    clock = ToldClock(json.loads(await reader.readline()))
    told = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    async def hear(event: Event) -> None:
        entry = event.entry
        line = {
            "label": entry.label, "event": event.kind.value, "true": clock.moment["true"],
            "nominal": None if entry.counts else entry.due_wall_s, "repeated": event.repeated,
            "rings_on": event.repeated and entry.told,
        }  # fmt: skip
        os.write(told, (json.dumps(line) + "\n").encode())
        await asyncio.sleep(0.001)

    schedule = Schedule(database, clock, boot_id=clock.moment["boot_id"])
    async with schedule:
        schedule.listen(hear)
        schedule.start()
        await settled(schedule, clock)
        print("ok", flush=True)
        while line := await reader.readline():
            moment = json.loads(line)
            clock.tell(moment)
            for order in moment.get("do", ()):
                await carry_out(schedule, clock, order)
            await settled(schedule, clock)
            print("ok", flush=True)


async def settled(schedule: Schedule, clock: ToldClock) -> None:
    while True:
        await clock.waited_for.wait()
        if not schedule._telling and not schedule._changed.is_set():
            return
        await asyncio.sleep(0.0005)


async def carry_out(schedule: Schedule, clock: ToldClock, order: dict[str, Any]) -> None:
    label = order["label"]
    found = [entry for entry in schedule.agenda.entries.values() if entry.label == label]
    match order["what"]:
        case "timer":
            await schedule.add(schedule.countdown(Kind(order["kind"]), order["length"], label, payload="{}"))
        case "alarm":
            await schedule.add(schedule.at(Kind(order["kind"]), order["at"], label))
        case "daily":
            first = clock.local(order["at"]).replace(tzinfo=None).isoformat()
            again = Recurrence(rule_of("daily"), first)
            await schedule.add(schedule.at(Kind.CALL, order["at"], label, again=again))
        case "pause":
            await schedule.pause(found[0])
        case "resume":
            await schedule.resume(found[0])
        case "extend":
            await schedule.extend(found[0], order["by"])
        case "silence":
            await schedule.cancel(*schedule.agenda.ringing())


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
