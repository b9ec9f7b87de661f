"""What the page weighs and costs: `python -m tests.bench.page [--seconds 30]`.

Starts the simulated house and the service, opens the page in Debian's Chromium without a window, and prints: bytes of
all files, the first paint of fresh browsers on loopback, requests and where they go, and what an open page costs the
service in processor time and resident memory, on each view that is live, beside what it costs without.
"""

import argparse
import os
import statistics
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from edge.api.http.page.static import Assets
from tests.page.conftest import CHROMIUM
from tests.page.looking import looking
from tests.page.staging import Staged, staged

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_TICKS = os.sysconf("SC_CLK_TCK")
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
FETCHED = "performance.getEntriesByType('resource').reduce((sum, one) => sum + one.transferSize, 0)"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.page")
    parser.add_argument("--seconds", type=float, default=30.0, help="how long each state is watched")
    parser.add_argument("--opens", type=int, default=7, help="how many fresh browsers open it")
    parser.add_argument("--speed", type=float, default=60.0, help="how much faster the house's weather goes")
    args = parser.parse_args()
    assets = Assets()
    print(
        f"weight: {len(assets)} files, {assets.bytes / 1000:.1f} kB as they are, {assets.sent_bytes / 1000:.1f} kB sent"
    )
    with tempfile.TemporaryDirectory() as directory, staged(Path(directory), speed=args.speed) as house:
        time.sleep(5)
        quiet = _cost("nobody asks over HTTP", house, args.seconds, None)
        with urllib.request.urlopen(f"{house.base}/healthz") as answer:  # noqa: S310 (our own address)
            answer.read()
        quiet = _cost("a program asked over HTTP once", house, args.seconds, quiet)
        with sync_playwright() as playwright:
            flags = ["--no-sandbox"] if os.geteuid() == 0 else []
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
            _paint(browser, house, args.opens)
            time.sleep(2)
            before = _cost("the page was open and is closed", house, args.seconds, quiet)
            for view in ("now", "house", "sensors"):
                with looking(browser, house.base) as tab:
                    tab.view(view)
                    time.sleep(2)
                    _cost(f"open on {view}", house, args.seconds, before)
            browser.close()


def _paint(browser: "Browser", house: Staged, opens: int) -> None:
    for view in ("now", "house"):
        painted, there = [], []
        for number in range(opens):
            with looking(browser, house.base) as tab:
                began = time.perf_counter()
                tab.view(view)
                there.append((time.perf_counter() - began) * 1000)
                painted.append(float(tab.page.evaluate(PAINTED)))
                if number == 0:
                    sent = int(tab.page.evaluate(FETCHED))
                    print(f"{view}: {len(tab.asked)} requests, {sent / 1000:.1f} kB, elsewhere: {len(tab.elsewhere)}")
                    print(f"{view}: the very first paint {painted[0]:.0f} ms, view there after {there[0]:.0f} ms")
        print(
            f"{view}: first paint p50 {statistics.median(painted):.0f} ms, most {max(painted[1:]):.0f} ms; "
            f"view there p50 {statistics.median(there):.0f} ms"
        )


def _cost(what: str, house: Staged, seconds: float, than: tuple[float, float] | None) -> tuple[float, float]:
    """Percent of a core, and megabytes resident."""
    began, ticks = time.monotonic(), _ticks(house.pid)
    time.sleep(seconds)
    cpu = (_ticks(house.pid) - ticks) / _TICKS / (time.monotonic() - began) * 100
    resident = _resident_mb(house.pid)
    more = f"   ({cpu - than[0]:+.2f} %, {resident - than[1]:+.1f} MB)" if than is not None else ""
    print(f"{what}: {cpu:.2f} % of a core, {resident:.1f} MB resident{more}", flush=True)
    return cpu, resident


def _ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def _resident_mb(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main()
