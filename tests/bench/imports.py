"""How long importing takes, each time in a fresh interpreter: `python -m tests.bench.imports [MODULE] [--runs N]`.

Prints the median of the whole import beyond the bare interpreter, and what weighs most in it.
"""

import argparse
import re
import statistics
import subprocess
import sys
from collections import defaultdict
from typing import Final

_LINE: Final = re.compile(r"import time:\s*(\d+) \|\s*(\d+) \| ( *)(\S+)")


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure how long importing a module takes.")
    parser.add_argument("module", nargs="?", default="edge.cli.main")
    parser.add_argument("--runs", type=int, default=15)
    args = parser.parse_args()
    totals = []
    own: dict[str, list[float]] = defaultdict(list)
    for _ in range(args.runs):
        measured = _measure(args.module)
        totals.append(measured.pop(""))
        for name, own_ms in measured.items():
            own[name].append(own_ms)
    print(
        f"import {args.module}: median {statistics.median(totals):.1f} ms of {args.runs} (fastest {min(totals):.1f} ms)"
    )
    print("of these, in the modules themselves:")
    heaviest = sorted(own.items(), key=lambda item: -statistics.median(item[1]))
    for name, times in heaviest[:10]:
        print(f"  {statistics.median(times):6.1f} ms  {name}")
    return 0


def _measure(module: str) -> dict[str, float]:
    """Milliseconds of its own for each module imported after start-up; all together under ''."""
    program = f"import sys; sys.stderr.write('start\\n'); sys.stderr.flush(); import {module}"
    finished = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", program], capture_output=True, text=True, check=True
    )
    _, _, lines = finished.stderr.partition("start\n")
    own = {match[4]: int(match[1]) / 1000 for match in _LINE.finditer(lines)}
    return own | {"": sum(own.values())}


if __name__ == "__main__":
    sys.exit(main())
