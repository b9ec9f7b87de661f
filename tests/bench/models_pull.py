"""Whether a pull that is interrupted at any byte resumes and ends verified: connections cut, and processes killed.

    python -m tests.bench.models_pull [--cuts 3000] [--kills 100]

A hub of our own answers over HTTP on the loopback interface. `cuts` connections break off at the first and last 200
bytes of the file and at random ones between, each in a store of its own, every fourth three times over; `kills` runs
of `edge models pull` get SIGKILL at a random byte, three of them before one is let through. Exit status 1 where any
pull did not end with the file's digest, or fetched a byte twice that was on the disk.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from edge.models import ModelStore
from edge.models.hub import Hub
from edge.models.order import choose
from edge.models.pull import pull
from tests.gguf_maker import make
from tests.models.hub_server import REPOSITORY, HubServer, Mishap, digest, serving

FILE = "model.gguf"


def main() -> int:
    """Run both and print one line each."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--cuts", type=int, default=3000)
    parser.add_argument("--kills", type=int, default=100)
    args = parser.parse_args()
    rng = random.Random(1)  # noqa: S311 (no secret)
    with tempfile.TemporaryDirectory() as directory, serving() as hub:
        place = Path(directory)
        failed = _cut(hub, place, args.cuts, rng) + _killed(hub, place, args.kills, rng)
    return 1 if failed else 0


def _cut(hub: HubServer, place: Path, count: int, rng: random.Random) -> int:
    hub.files = {FILE: make(place / FILE).read_bytes()}
    size, wanted = len(hub.files[FILE]), digest(hub.files[FILE])
    points = [*range(200), *range(size - 200, size)]
    points += [rng.randrange(size) for _ in range(max(0, count - len(points)))]
    client = Hub(hub.url)
    order = choose(client, client.repository(REPOSITORY), None, None)
    began, wrong = time.monotonic(), 0
    for number, point in enumerate(points[:count]):
        store = ModelStore(place / "models")
        again = [rng.randrange(size) for _ in range(2)] if number % 4 == 0 else []
        hub.mishaps.extend(Mishap(cut_after=cut) for cut in (point, *again))
        hub.sent = 0
        model = pull(client, store, order, wait=lambda _: None)
        store.verify(model)
        wrong += model.sha256 != wanted or model.path.read_bytes() != hub.files[FILE] or hub.sent != size
        hub.mishaps.clear()
        shutil.rmtree(store.directory)
    print(f"cut: {len(points[:count])} points of {size} bytes, {wrong} wrong, {time.monotonic() - began:.1f} s")
    return wrong


def _killed(hub: HubServer, place: Path, count: int, rng: random.Random) -> int:
    hub.files = {FILE: make(place / FILE, "small", type_="Q4_0").read_bytes()}
    size, wanted = len(hub.files[FILE]), digest(hub.files[FILE])
    environment = {**os.environ, "EDGE_STATE": str(place / "state"), "EDGE_MODELS__HUB": hub.url}
    command = [sys.executable, "-m", "edge", "models", "pull", REPOSITORY, "--yes"]
    running: list[subprocess.Popen[bytes]] = []
    began, wrong, killed = time.monotonic(), 0, 0

    def kill() -> None:
        running[-1].send_signal(signal.SIGKILL)

    def run() -> int:
        running.append(subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        return running[-1].wait(120)

    while killed < count:
        store = ModelStore(place / "state/models")
        for _ in range(min(3, count - killed)):
            hub.mishaps.append(Mishap(cut_after=rng.randrange(size), stall=kill))
            killed += run() == -signal.SIGKILL
            wrong += bool(store.models()) and not hub.mishaps
            if store.models():
                break
            hub.mishaps.clear()
        hub.mishaps.clear()
        wrong += run() != 0
        models = store.models()
        wrong += len(models) != 1 or store.verify(models[0]).sha256 != wanted
        shutil.rmtree(place / "state")
    print(f"killed: {killed} times of {size} bytes, {wrong} wrong, {time.monotonic() - began:.1f} s")
    return wrong


if __name__ == "__main__":
    sys.exit(main())
