"""A hundred timers through SIGKILLs and clock jumps: `python -m tests.bench.timers [--kills 200]`; prints.

Real processes with the real schedule and its database are killed at random moments (also while they start, save and
tell), the machine's start and both clocks are injected: power cuts with and without a battery, a wall clock that is
set back and forth, summer time, a time that nobody knows. The machine's own clock is never set.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.schedule.killing import torment


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--timers", type=int, default=100, help="how many run at once")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        figures = torment(Path(folder), args.kills, args.seed, args.timers)
    print(
        f"{figures.kills} SIGKILLs, of these {figures.power_cuts} power cuts ({figures.blind} without a battery), "
        f"{figures.jumps} jumps of the wall clock, {time.monotonic() - began:.0f} s"
    )
    print(f"{figures.timers} timers, {args.timers} at once, {figures.alarms} alarms, {figures.comings} daily calls")
    print(f"lost      {len(figures.lost)}")
    print(f"doubled   {len(figures.doubled)}")
    print(f"early     {len(figures.early)}")
    print(f"worst lateness after recovery {figures.worst_late_s:.2f} s; more than 1 s late {len(figures.late)}")
    print(f"marked as told once more: {figures.rings_on} ringing on after a start, {figures.repeated} cut short")
    for problem in (*figures.lost, *figures.doubled, *figures.early, *figures.late):
        print(f"  {problem}")
    return 1 if figures.lost or figures.doubled or figures.early or figures.late else 0


if __name__ == "__main__":
    sys.exit(main())
