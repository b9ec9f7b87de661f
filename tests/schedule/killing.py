"""Timers in a process that is killed again and again, by a clock that jumps: what they come to, held against the truth.

The true time is ours. The process sees clocks that are made of it: one that counts since the machine started, one on
the wall that somebody sets, that nobody believes after a power cut without a battery.
"""

import json
import random
import subprocess
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.schedule.killed_child import ZONE

START = datetime(2026, 3, 28, 23, 30, tzinfo=ZONE).timestamp()
"""An hour and a half before the clocks of Great Britain go forward."""
FACTORY = datetime(2025, 6, 1, tzinfo=UTC).timestamp()
CHECKPOINT_S = 60.0
SLACK_S = 1.0
ERROR_S = 0.1
"""How far off something that knows the time sets a clock."""


@dataclass(slots=True)
class Countdown:
    """What should become of one: `due` in true seconds, None while it is paused."""

    label: str
    due: float | None
    left: float = 0.0
    anchored: bool = True
    """Whether the device can know when it is due after a power cut."""
    excuse: float = 0.0
    """Seconds that it may be late until the time is known."""
    lasting: float = 0.0
    """Seconds that it may be late because nobody knew the time when it was set, nor before the power went."""
    sure: bool = True
    """Whether it was acknowledged."""
    told: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class Figures:
    kills: int = 0
    power_cuts: int = 0
    jumps: int = 0
    blind: int = 0
    timers: int = 0
    told: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    early: list[str] = field(default_factory=list)
    repeated: int = 0
    """Told once more, and as such, because the process was killed in the middle of telling."""
    rings_on: int = 0
    """Told after a start because it had not rung out."""
    worst_late_s: float = 0.0
    late: list[str] = field(default_factory=list)
    alarms: int = 0
    comings: int = 0


class World:
    """The true time, the machine's clocks, and the process that is killed."""

    def __init__(self, folder: Path, seed: int, running: int = 100) -> None:
        self.random = random.Random(seed)  # noqa: S311 (chance, no secrets)
        self.folder = folder
        self.database, self.out = folder / "schedule.sqlite", folder / "told.jsonl"
        self.true, self.booted, self.boots = START, START - 500.0, 0
        self.error, self.official, self.trusted = 0.0, 0.0, True
        self.recovered = START
        self.known_since = START
        self.heard: list[dict[str, Any]] = []
        self.heard_of = START
        """When the process last acknowledged a moment."""
        self.running = running
        self.countdowns: dict[str, Countdown] = {}
        self.alarms: dict[str, float] = {}
        self.daily: dict[str, list[float]] = {}
        self.figures = Figures()
        self.read = 0
        self.process: subprocess.Popen[bytes] | None = None
        self.reached: dict[str, float] = {}
        self.set_back: list[float] = []

    # The clocks ----------------------------------------------------------------------------------------------------

    def moment(self, *orders: dict[str, Any]) -> bytes:
        made = {
            "true": self.true, "boot": self.true - self.booted, "wall": self.true + self.error,
            "trusted": self.trusted, "boot_id": f"boot-{self.boots}", "do": orders,
        }  # fmt: skip
        return (json.dumps(made) + "\n").encode()

    @property
    def wall(self) -> float:
        return self.true + self.error

    # The process ---------------------------------------------------------------------------------------------------

    def start(self, *, survive: bool = True) -> bool:
        """Whether it got as far as to be there; with `survive` off it is killed on the way at some moment."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.schedule.killed_child", str(self.database), str(self.out)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        self._send(self.moment())
        if not survive:
            time.sleep(self.random.uniform(0.0, 0.3))
            self.kill()
            return False
        self._acknowledged()
        self.recovered = self.true
        return True

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.communicate()
        self.process = None
        self.figures.kills += 1

    def end(self) -> None:
        if self.process is not None:
            self.process.communicate()
            assert self.process.returncode == 0

    def tick(self, *orders: dict[str, Any], kill_after_s: float | None = None) -> bool:
        """Tell the process what time it is; whether it has acknowledged, rather than been killed."""
        self._send(self.moment(*orders))
        if kill_after_s is not None:
            time.sleep(kill_after_s)
            self.kill()
            return False
        self._acknowledged()
        return True

    def _send(self, line: bytes) -> None:
        assert self.process is not None
        assert self.process.stdin is not None
        self.process.stdin.write(line)
        self.process.stdin.flush()

    def _acknowledged(self) -> None:
        assert self.process is not None
        assert self.process.stdout is not None
        answer = self.process.stdout.readline()
        if answer != b"ok\n":
            raise AssertionError(f"the process ended by itself: {answer!r}")
        self.heard_of = self.true

    # What happens --------------------------------------------------------------------------------------------------

    def pass_time(self, seconds: float) -> None:
        """In steps of less than half a second near what is due."""
        self.true += seconds

    def power_cut(self, off_s: float, *, battery: bool) -> None:
        """The machine is off for a while; without a battery its clock knows nothing afterwards."""
        self.figures.power_cuts += 1
        for one in self.countdowns.values():
            lost_s = off_s + self.true - self.heard_of + CHECKPOINT_S
            if not one.anchored:
                one.lasting += lost_s
            elif not battery or not self.trusted:
                one.excuse += lost_s
        stood = self.wall
        self.true += off_s
        self.booted, self.boots = self.true - self.random.uniform(5, 20), self.boots + 1
        if not battery:
            self.figures.blind += 1
            self.trusted = False
            self.error = self.random.choice((FACTORY, stood - self.random.uniform(0, 60))) - self.true

    def clock_comes(self) -> None:
        """Something that knows the time has set it."""
        self.trusted, self.error, self.known_since = (
            True,
            self.official + self.random.uniform(-ERROR_S, ERROR_S),
            self.true,
        )
        for one in self.countdowns.values():
            one.anchored, one.excuse = True, 0.0

    def jump(self, by_s: float) -> None:
        self.figures.jumps += 1
        if by_s < 0:
            self.set_back.append(self.true)
        self.official += by_s
        self.error = self.official

    # What is ordered -----------------------------------------------------------------------------------------------

    def new_timer(self, number: int, length: float) -> dict[str, Any]:
        label, kind = f"t{number}", self.random.choice(("timer", "timer", "call", "reminder"))
        self.countdowns[label] = Countdown(label, self.true + length, anchored=self.trusted, sure=False)
        return {"what": "timer", "label": label, "length": length, "kind": kind}

    def settle(self, orders: list[dict[str, Any]]) -> None:
        """The orders have been acknowledged."""
        for order in orders:
            if order["what"] == "timer":
                self.countdowns[order["label"]].sure = True

    # What came of it -----------------------------------------------------------------------------------------------

    def hear(self) -> None:
        """Judge what was told since the last time."""
        if not self.out.exists():
            return
        lines = self.out.read_bytes().splitlines()
        fresh, self.read = [json.loads(line) for line in lines[self.read :]], len(lines)
        self.heard += fresh
        for line in fresh:
            one = self.countdowns.get(line["label"])
            if one is None or line["event"] == "ringing_ended":
                continue
            self._judge(one, line)

    def _judge(self, one: Countdown, line: dict[str, Any]) -> None:
        figures = self.figures
        if one.told:
            if line["repeated"]:
                figures.rings_on += line["rings_on"]
                figures.repeated += not line["rings_on"]
            else:
                figures.doubled.append(f"{one.label}: {one.told[-1]} and {line}")
            one.told.append(line)
            return
        one.told.append(line)
        figures.told += 1
        if one.due is None or line["true"] < one.due - 2 * ERROR_S:
            figures.early.append(f"{one.label}: due {one.due}, told {line}")
            return
        since = max(one.due, self.recovered)
        if one.excuse == 0.0:
            since = max(since, self.known_since)
        late_s = line["true"] - since - one.excuse - one.lasting
        figures.worst_late_s = max(figures.worst_late_s, late_s)
        if late_s > SLACK_S:
            figures.late.append(f"{one.label}: {late_s:.1f} s, {line}")

    def waiting(self) -> list[Countdown]:
        return [one for one in self.countdowns.values() if not one.told and one.sure]


def torment(folder: Path, kills: int, seed: int = 1, running: int = 100) -> Figures:
    """Keep `running` timers running, and kill the process that keeps them `kills` times."""
    world = World(folder, seed, running)
    dice = world.random
    world.start()
    number = 0
    world.known_since = 0.0
    daily_at = START + 600.0
    world.alarms = {f"a{place}": START + 300.0 + place * 97.0 for place in range(20)}
    world.tick(
        *({"what": "alarm", "label": label, "at": at, "kind": "alarm"} for label, at in world.alarms.items()),
        {"what": "daily", "label": "daily", "at": daily_at},
    )
    while world.figures.kills < kills:
        if world.process is None and not _recover(world):
            continue
        missing = running - len(world.waiting())
        orders = [world.new_timer(number := number + 1, dice.uniform(3, 400)) for _ in range(missing)]
        kill_s = dice.uniform(0, 0.012) if dice.random() < 0.3 else None
        if kill_s is not None:
            alive = world.tick(*orders, kill_after_s=kill_s)
        else:
            alive = world.tick(*orders)
            world.settle(orders)
            _meddle(world)
        world.hear()
        if not alive:
            _after_a_kill(world, orders)
            continue
        for _ in range(dice.randrange(1, 12)):
            world.pass_time(dice.uniform(0.05, 0.5))
            world.tick()
        world.hear()
        chance = dice.random()
        if chance < 0.15 and world.trusted:
            world.jump(dice.choice((-86_400.0, -3600.0, -61.0, -3.0, 2.5, 30.0, 3600.0, 86_400.0)))
            world.tick()
        elif chance < 0.5 and not world.trusted:
            world.clock_comes()
            world.tick()
        world.hear()
    _end(world)
    return world.figures


def _recover(world: World) -> bool:
    return world.start(survive=world.random.random() > 0.15)


def _meddle(world: World) -> None:
    """A person pauses, goes on, adds and silences."""
    dice = world.random
    world.hear()
    candidates = [one for one in world.countdowns.values() if not one.told and one.sure]
    if not candidates or dice.random() > 0.5:
        return
    one = dice.choice(candidates)
    if one.due is None:
        one.due = world.true + one.left
        one.anchored, one.excuse, one.lasting = world.trusted, 0.0, 0.0
        world.tick({"what": "resume", "label": one.label})
    elif one.excuse or one.lasting or not one.anchored or one.due < world.true + 1:
        world.tick({"what": "silence", "label": ""})
    elif dice.random() < 0.3:
        one.left, one.due = one.due - world.true, None
        world.tick({"what": "pause", "label": one.label})
    else:
        by_s = dice.uniform(-5, 60)
        one.due = max(world.true, one.due + by_s)
        world.tick({"what": "extend", "label": one.label, "by": by_s})


def _after_a_kill(world: World, orders: list[dict[str, Any]]) -> None:
    """What the process did not acknowledge may be there or not; then time passes, or the power goes."""
    dice = world.random
    for order in orders:
        world.countdowns[order["label"]].sure = False
    if dice.random() < 0.35:
        world.power_cut(dice.uniform(25, 110), battery=dice.random() < 0.5)
    else:
        world.pass_time(dice.uniform(0.1, 5))


def _end(world: World) -> None:
    """Let everything come due in peace, and count."""
    if world.process is None:
        world.start()
    world.clock_comes()
    world.tick()
    paused = [one for one in world.countdowns.values() if one.due is None and not one.told]
    for one in paused:
        one.due = world.true + one.left
    world.tick(*({"what": "resume", "label": one.label} for one in paused))
    world.hear()
    last = max((one.due or 0.0 for one in world.countdowns.values()), default=world.true)
    until = max(last, START + 300 + 20 * 97) + CHECKPOINT_S
    while world.true < until:
        world.pass_time(0.5)
        world.tick()
    world.hear()
    world.end()
    world.hear()
    _count(world)


def _count(world: World) -> None:
    figures = world.figures
    figures.timers = sum(one.sure or bool(one.told) for one in world.countdowns.values())
    figures.lost += [one.label for one in world.countdowns.values() if one.sure and not one.told]
    told: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in world.heard:
        if line["event"] != "ringing_ended":
            told[line["label"]].append(line)
    for label in world.alarms:
        figures.alarms += len(told[label])
        if not told[label]:
            figures.lost.append(label)
        if sum(not line["repeated"] for line in told[label]) > 1:
            figures.doubled.append(f"{label}: {told[label]}")
    comings = [line for line in told["daily"] if not line["repeated"]]
    nominal = Counter(line["nominal"] for line in comings)
    figures.comings = sum(nominal.values())
    for at, times in nominal.items():
        first, *others = [line["true"] for line in comings if line["nominal"] == at]
        if times > 1 and not all(any(first < back < other for back in world.set_back) for other in others):
            figures.doubled.append(f"daily at {at}: {times} times")
