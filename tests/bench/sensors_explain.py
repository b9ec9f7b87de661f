"""Explanations in simulated houses: `python -m tests.bench.sensors_explain [--seeds 12] [--first 100] [--show]`.

Each house has one planted cause, or none that anybody could see, and things that merely coincide. Prints for each kind
how often the true cause is ranked first and among the first three, and how often one is claimed (`Explanation.likely`);
where there is none, how often one is claimed all the same. Then how long an explanation takes. Asserts nothing.
"""

import argparse
import json
import statistics
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from edge.sensors.explaining import Direction, Explanation, Inquiry, Places
from edge.sensors.explaining.explain import explain
from edge.sensors.history.reader import Reader
from tests.bench.sensors.causes import FLOORS, NOTHING, PLANTED, Case, build
from tests.bench.sensors.writing import ZONE
from tests.bench.service import percentile

PLACES = Places(FLOORS)


def lived(kind: str, seed: int, directory: Path) -> tuple[Path, Case]:
    """A house, which may be there already."""
    file, kept = directory / f"{kind}-{seed}.sqlite", directory / f"{kind}-{seed}.json"
    if kept.exists():
        facts = json.loads(kept.read_text(encoding="utf-8"))
        return file, Case(**{**facts, "true": frozenset(facts["true"])})
    directory.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    case = build(kind, seed, file)
    kept.write_text(json.dumps({**asdict(case), "true": sorted(case.true)}), encoding="utf-8")
    return file, case


def ask(case: Case, file: Path) -> tuple[Explanation, float]:
    """What is found, and how many milliseconds of the processor's time it takes."""
    inquiry = Inquiry(case.subject, case.asked_s, direction=Direction(case.direction))
    began = time.thread_time()
    with Reader(file, ZONE, wall_s=lambda: case.asked_s) as reader:
        found = explain(reader, PLACES, inquiry)
    return found, (time.thread_time() - began) * 1000


def told(found: Explanation, case: Case) -> str:
    """One case, to look at."""
    movement = found.movement
    lines = [f"  {case.kind} {case.subject} true {sorted(case.true)}"]
    if movement is None:
        return lines[0] + ": no movement"
    began = (movement.since_s - case.planted_s) / 60
    times = f"{movement.times:.1f}" if movement.times else "?"
    lines.append(f"    began {began:+.0f} min, {movement.before:.1f} to {movement.after:.1f}, {times} times its usual")
    lines += [
        f"    {one.share:5.2f} {one.key} {one.before}>{one.after} lag {one.lag_s / 60:.0f} min, "
        f"{one.followed} of {one.seen}, otherwise {one.otherwise:.2f}"
        for one in found.causes[:4]
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=12)
    parser.add_argument("--first", type=int, default=100)
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--houses", type=Path, help="keep the houses in this directory, and use those that are there")
    parser.add_argument("--show", action="store_true")
    args = parser.parse_args()
    took: list[float] = []
    sums = dict.fromkeys(("cases", "first", "third", "claimed"), 0)
    false = cases = 0
    for kind in (*PLANTED, *NOTHING):
        if args.only and kind not in args.only:
            continue
        first = third = claimed = right = 0
        for seed in range(args.first, args.first + args.seeds):
            with tempfile.TemporaryDirectory() as directory:
                file, case = lived(kind, seed, args.houses or Path(directory))
                found, ms = ask(case, file)
            took.append(ms)
            keys = [one.key for one in found.causes]
            hit = bool(keys) and keys[0] in case.true
            first += hit
            third += bool(case.true.intersection(keys[:3]))
            claimed += bool(found.likely)
            right += bool(found.likely) and found.likely[0].key in case.true
            if args.show and (found.likely if not case.true else not hit):
                print(told(found, case))
        if kind in PLANTED:
            print(
                f"{kind:16} first {first}/{args.seeds}, in three {third}, claimed {claimed}, rightly {right}",
                flush=True,
            )
            for name, value in (("cases", args.seeds), ("first", first), ("third", third), ("claimed", claimed)):
                sums[name] += value
        else:
            print(f"{kind:16} claimed {claimed}/{args.seeds}", flush=True)
            false, cases = false + claimed, cases + args.seeds
    if sums["cases"]:
        share = {name: f"{100 * value / sums['cases']:.0f} %" for name, value in sums.items()}
        print(f"with a cause: first {share['first']}, in three {share['third']}, claimed {share['claimed']}")
    if cases:
        print(f"without one: claimed {100 * false / cases:.0f} %")
    print(f"of the processor's time p50 {statistics.median(took):.0f} ms, p95 {percentile(took, 0.95):.0f} ms")


if __name__ == "__main__":
    main()
