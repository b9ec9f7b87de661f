"""Times as people say them against the exact instant: `python -m tests.bench.time_expressions [--wrong]`; prints.

The 150 frozen expressions of `tests/bench/data/time_expressions.json` go the way of a spoken one: from words to the
arguments of a call, and from there to the schedule's clock and its calendar.
"""

import argparse
import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from edge.assistant.timing import Timing, timing_of
from edge.router.model import Call
from edge.router.values.moments import moment
from edge.schedule.recurrence import Calendar, Place

EXAM = Path(__file__).parent / "data" / "time_expressions.json"


class Standing:
    """A clock that stands at one moment."""

    trusted = True

    def __init__(self, now: str, zone: str) -> None:
        self._zone = ZoneInfo(zone)
        self._now = datetime.fromisoformat(now).astimezone(self._zone)

    def boot_s(self) -> float:
        return 0.0

    def now(self) -> datetime:
        return self._now

    def local(self, wall_s: float) -> datetime:
        return datetime.fromtimestamp(wall_s, self._zone)

    def epoch_s(self, local: datetime) -> float:
        return (local if local.tzinfo else local.replace(tzinfo=self._zone)).timestamp()

    async def wait(self, boot_s: float | None, wall_s: float | None) -> None:
        raise NotImplementedError


def answer(one: dict[str, Any]) -> Timing | str:
    clock = Standing(one["now"], one["zone"])
    expect = one["expect"]
    place = Place(expect["latitude"], expect["longitude"]) if expect["kind"] == "sun" else None
    read = moment(one["text"], clock.now())
    if read is None:
        return "no time in it"
    return timing_of(Call("light.turn_on", read.arguments(), ("light.any",)), Calendar(clock, place), clock)


def right(one: dict[str, Any], timing: Timing | str) -> bool:
    expect = one["expect"]
    if isinstance(timing, str):
        return False
    clock = Standing(one["now"], one["zone"])
    if expect["kind"] == "recurrence":
        calendar, due = Calendar(clock), timing.due.timestamp()
        if not timing.again.rule:
            return False
        got = [due]
        while len(got) < 3:
            following = calendar.next_s(timing.again, got[-1])
            if following is None:
                return False
            got.append(following)
        return any(got == [datetime.fromisoformat(at).timestamp() for at in accepted] for accepted in expect["first"])
    if expect["kind"] == "sun":
        wanted = [datetime.fromisoformat(at).timestamp() for at in expect["at"]]
        return any(abs(timing.due.timestamp() - at_s) <= expect["tolerance_s"] for at_s in wanted)
    due_s = timing.due.timestamp()
    return not timing.again and any(due_s == datetime.fromisoformat(at).timestamp() for at in expect["at"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wrong", action="store_true", help="show what went wrong")
    args = parser.parse_args()
    exam = json.loads(EXAM.read_text(encoding="utf-8"))
    tally: Counter[str] = Counter()
    for one in exam:
        timing = answer(one)
        kind = one["expect"]["kind"]
        tally[kind] += 1
        if right(one, timing):
            tally[f"{kind} right"] += 1
            tally["right"] += 1
        elif args.wrong:
            got = timing if isinstance(timing, str) else f"{timing.due.isoformat()} {timing.again}"
            print(f"{one['id']} “{one['text']}” at {one['now']}\n     got {got}\n     not {one['expect']}")
    print(f"{'all':12} {tally['right']} of {len(exam)} = {100 * tally['right'] / len(exam):.1f} %")
    for kind in ("instant", "recurrence", "sun"):
        print(f"{kind:12} {tally[f'{kind} right']} of {tally[kind]}")


if __name__ == "__main__":
    main()
