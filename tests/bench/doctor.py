"""What doctor finds: `python -m tests.bench.doctor [FAULT …] [--show]`; plants the faults of `doctor_faults.toml`.

A fault counts as found when one finding says what it must and names the right remedy, and no finding of the same house
without the fault does. Prints how long doctor took each time, from its start to its end.
"""

import argparse
import asyncio
import re
import statistics
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from tests.bench.faults.house import House, house
from tests.bench.faults.plants import PLANTS

FAULTS = Path(__file__).parent / "data/doctor_faults.toml"
_RANK = {"ok": 0, "note": 1, "problem": 2}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("faults", nargs="*", help="these alone")
    parser.add_argument("--show", action="store_true", help="print what was found for each")
    args = parser.parse_args()
    faults = [one for one in tomllib.loads(FAULTS.read_text())["fault"] if not args.faults or one["id"] in args.faults]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        asyncio.run(bench(Path(directory), faults, show=args.show))


async def bench(directory: Path, faults: list[dict[str, Any]], *, show: bool) -> None:
    found, took, runs = 0, [], 0
    async with house(directory) as one:
        alone = await _healthy(one, took, "without a service")
        beside: list[dict[str, Any]] = []
        if any(fault["service"] in ("yes", "both") for fault in faults):
            async with one.service():
                beside = await _healthy(one, took, "with a service")
        for fault in faults:
            ways = {"no": (False,), "yes": (True,), "both": (False, True)}[fault["service"]]
            right = True
            async with PLANTS[fault["id"]](one):
                for with_service in ways:
                    runs += 1
                    came_s, findings = await _looked(one, with_service=with_service)
                    took.append(came_s)
                    healthy = beside if with_service else alone
                    hits = [finding for finding in findings if matches(finding, fault)]
                    before = [finding for finding in healthy if matches(finding, fault)]
                    right &= bool(hits) and not before
                    how = "with a service" if with_service else "alone"
                    print(
                        f"{'found' if hits and not before else 'MISSED':<7} {fault['id']:<22} {how:<15} {came_s:5.2f} s"
                    )
                    if before:
                        print(f"        there without the fault: {before[0]['text']}")
                    if show or not hits:
                        _show(hits or [f for f in findings if _RANK[f["severity"]]])
            found += right
    print(f"{found} of {len(faults)} faults found with their remedies, in {runs} examinations")
    print(f"doctor took {statistics.median(took):.2f} s (median), {max(took):.2f} s at most")


async def _looked(one: House, *, with_service: bool) -> tuple[float, list[dict[str, Any]]]:
    if not with_service:
        return await one.doctor()
    async with one.service():
        return await one.doctor()


async def _healthy(one: House, took: list[float], how: str) -> list[dict[str, Any]]:
    came_s, findings = await one.doctor()
    took.append(came_s)
    problems = [finding for finding in findings if finding["severity"] == "problem"]
    print(f"a house in which all is well, {how}: {len(findings)} findings, {len(problems)} problems, {came_s:.2f} s")
    _show(problems)
    return findings


def matches(finding: dict[str, Any], fault: dict[str, Any]) -> bool:
    """Whether a finding is that fault, with the right remedy."""
    said = f"{finding['text']} {finding['evidence']}"
    return (
        _RANK[finding["severity"]] >= _RANK[fault["severity"]]
        and all(re.search(one, said, re.IGNORECASE) for one in fault["found"])
        and all(re.search(one, finding["remedy"], re.IGNORECASE) for one in fault["remedy"])
    )


def _show(findings: list[dict[str, Any]]) -> None:
    for finding in findings:
        print(f"        {finding['severity']} {finding['check']}: {finding['text']} ({finding['evidence']})")
        print(f"          → {finding['remedy']}")


if __name__ == "__main__":
    main()
