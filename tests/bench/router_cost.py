"""What the router costs: milliseconds a sentence as the house grows, resident memory, seconds to load, bytes."""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Final

from edge.router.router import Router
from tests.bench.figures import Figure
from tests.bench.hassil_rival import Rival, lists_of
from tests.bench.resolution import house

SENTENCES: Final = (
    "turn on the ceiling light in the kitchen",
    "set the kitchen lamp to twenty percent please",
    "could you close the blinds in the bedroom",
    "please turn off the lights in the kitchen",
)
"""Of eight words each; both houses have what they name."""
_HOUSES: Final = (10, 10_000)
_AREA: Final = "living_room"


@dataclass(frozen=True, slots=True)
class Cost:
    """Of a fresh process: seconds from the first import to readiness, resident bytes added after 40 sentences."""

    load_s: float
    resident_bytes: int


def latency(router: Router, rival: Rival, rounds: int = 150) -> list[Figure]:
    """Whole routing, resolution included, on one thread; houses take turns, so that a busy machine slows both."""
    houses = [house(devices) for devices in _HOUSES]
    lists = [lists_of(one) for one in houses]
    ours = _taking_turns([partial(router.route, registry=one, area=_AREA) for one in houses], rounds)
    theirs = _taking_turns([partial(rival.match, lists=one) for one in lists], rounds // 10)
    small, large = ours
    return [
        Figure("8 words, 10 devices: p50", _ms(small.wall, 50), _ms(theirs[0].wall, 50), "<= 2 ms"),
        Figure("8 words, 10 devices: p99", _ms(small.wall, 99), _ms(theirs[0].wall, 99), "<= 6 ms"),
        Figure("8 words, 10,000 devices: p50", _ms(large.wall, 50), _ms(theirs[1].wall, 50)),
        Figure("8 words, 10,000 devices: p99", _ms(large.wall, 99), _ms(theirs[1].wall, 99)),
        Figure("10,000 devices to 10, medians", _ratio(small, large), _ratio(*theirs), "<= 1.3"),
        Figure(
            "the same in processor time: p50 with 10 devices", _ms(small.processor, 50), _ms(theirs[0].processor, 50)
        ),
        Figure(
            "the same in processor time: p99 with 10 devices", _ms(small.processor, 99), _ms(theirs[0].processor, 99)
        ),
    ]


@dataclass(frozen=True, slots=True)
class _Times:
    """Milliseconds, sorted."""

    wall: Sequence[float]
    processor: Sequence[float]


def _taking_turns(programs: Sequence[Callable[[str], object]], rounds: int) -> list[_Times]:
    wall: list[list[float]] = [[] for _ in programs]
    processor: list[list[float]] = [[] for _ in programs]
    for number in range(rounds + 3):
        for text in SENTENCES:
            for at, program in enumerate(programs):
                began, worked = time.perf_counter(), time.thread_time()
                program(text)
                if number >= 3:  # the first rounds fill caches
                    processor[at].append((time.thread_time() - worked) * 1000)
                    wall[at].append((time.perf_counter() - began) * 1000)
    return [_Times(sorted(one), sorted(other)) for one, other in zip(wall, processor, strict=True)]


def _ms(values: Sequence[float], percentile: int) -> str:
    return f"{values[min(len(values) - 1, len(values) * percentile // 100)]:.2f} ms"


def _ratio(small: _Times, large: _Times) -> str:
    return f"{statistics.median(large.wall) / statistics.median(small.wall):.2f}"


def sizes(weights: Path | None, runs: int = 5) -> list[Figure]:
    """Weights on disk; memory and loading in fresh processes, medians of `runs`."""
    folder = weights or Path(str(resources.files("edge.router") / "weights"))
    ours, theirs = ([_fresh(program, folder) for _ in range(runs)] for program in ("edge", "hassil"))
    templates = Path(str(resources.files("home_assistant_intents"))) / "data" / "en.json"
    return [
        Figure(
            "on disk", _mb(sum(p.stat().st_size for p in folder.iterdir())), _mb(templates.stat().st_size), "<= 25 MB"
        ),
        Figure("resident memory added, libraries included", _memory(ours), _memory(theirs), "<= 70 MB"),
        Figure("loaded, libraries included", _load(ours), _load(theirs), "<= 0.5 s"),
    ]


def _mb(size: int) -> str:
    return f"{size / 1e6:.1f} MB"


def _memory(costs: Sequence[Cost]) -> str:
    return _mb(int(statistics.median(cost.resident_bytes for cost in costs)))


def _load(costs: Sequence[Cost]) -> str:
    return f"{statistics.median(cost.load_s for cost in costs):.2f} s"


def _fresh(program: str, weights: Path) -> Cost:
    command = [sys.executable, "-c", _CHILD[program], str(weights)]
    finished = subprocess.run(command, input=json.dumps(SENTENCES), capture_output=True, text=True, check=True)
    return Cost(**json.loads(finished.stdout))


_FRAME: Final = """
import json, os, sys, time
from pathlib import Path
from edge.devices.model import Area, Device
from edge.devices.registry import Registry

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

home = Registry()
home.put_area(Area("kitchen", "Kitchen"))
home.put_device(Device("light.lamp", "Kitchen Lamp", "kitchen"))
before, began = resident(), time.perf_counter()
{load}
loaded = time.perf_counter() - began
for text in json.load(sys.stdin) * 10:
    {say}
print(json.dumps({{"load_s": loaded, "resident_bytes": resident() - before}}))
"""
_CHILD: Final = {
    "edge": _FRAME.format(
        load="from edge.router.router import Router\nrouter = Router.load(Path(sys.argv[1]))",
        say="router.route(text, home, 'kitchen')",
    ),
    "hassil": _FRAME.format(
        load="from tests.bench.hassil_rival import Rival, lists_of\n"
        "rival, lists = Rival(), lists_of(home)\nrival.match('turn on the lamp', lists)",
        say="rival.match(text, lists)",
    ),
}
"""Programs of a fresh interpreter. A matcher is ready only when it has parsed its templates: at its first sentence."""
