"""The service while others take its memory: how soon does the model make room, and do the devices notice?

`python -m tests.bench.llm_governed`, as root where control groups are of version 1: a service of its own with a broker
and a hundred devices lives in a group of 1 GiB, with a model of 135 M parameters and a tiny one. Another process in the
group takes what is left and then more; all the time lamps are switched over the broker.
"""

import argparse
import contextlib
import json
import os
import queue
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from edge.models import ModelStore
from edge.mqtt.broker import find_mosquitto, free_port
from tests.bench.figures import Figure, show
from tests.bench.house_of import word
from tests.bench.llm_killed import DEVICES, QUESTION, Switching, _middle, _ready_after, _replies, _switch, _switching
from tests.bench.service import Devices, ask_until_heard
from tests.gguf_maker import make

MIB: Final = 1 << 20
LIMIT: Final = 1024 * MIB
KEEP: Final = 64 * MIB
TAKE: Final = "import sys; held = b'x' * int(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
CONFIG: Final = f"""\
node = "bench"
[llm]
context = 4096
memory_limit_bytes = {640 * MIB}
max_reply_tokens = 16
tune = false
[governor]
keep_free_bytes = {KEEP}
"""


class Group:
    """A control group of version 1 with `LIMIT` bytes."""

    def __init__(self) -> None:
        self.path = Path(f"/sys/fs/cgroup/memory/edge-bench-{os.getpid()}")
        self.path.mkdir()
        (self.path / "memory.limit_in_bytes").write_text(str(LIMIT))

    def enter(self) -> None:
        (self.path / "cgroup.procs").write_text(str(os.getpid()))

    def free(self) -> int:
        used = int((self.path / "memory.usage_in_bytes").read_text())
        stat = dict(line.split() for line in (self.path / "memory.stat").read_text().splitlines())
        return LIMIT - used + int(stat["total_inactive_file"])

    def remove(self) -> None:
        """Once all that was in it is gone."""
        for left in self.path.glob("edge-llm-*"):
            left.rmdir()
        self.path.rmdir()

    def kills(self) -> int:
        """Ended for want of memory, in the group itself; the worker's own group is told of in the log."""
        facts = dict(line.split() for line in (self.path / "memory.oom_control").read_text().splitlines())
        return int(facts["oom_kill"])


@contextlib.contextmanager
def taken(group: Group, size: int) -> Iterator[float]:
    """Another process holds so many bytes; gives the moment it had them."""
    command = [sys.executable, "-c", TAKE, str(size)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, preexec_fn=group.enter) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield time.time()
        finally:
            process.communicate()


def steps(log: Path, after: float) -> list[dict[str, Any]]:
    """The governor's steps since a moment, from the log."""
    found = []
    for line in log.read_text().splitlines():
        if '"governor.step"' in line:
            facts = json.loads(line[line.index("{") :])
            if facts["time"] > after:
                found.append(facts)
    return found


def until_step(log: Path, after: float, kind: str, n_ctx: int | None = None, patience_s: float = 300.0) -> float:
    """When that step was taken (Unix time)."""
    until = time.monotonic() + patience_s
    while time.monotonic() < until:
        for facts in steps(log, after):
            if facts["step"] == kind and n_ctx in (None, facts["n_ctx"]):
                return float(facts["time"])
        time.sleep(0.02)
    raise SystemExit(f"no {kind} within {patience_s:.0f} s:\n{log.read_text()[-3000:]}")


def until_free(group: Group, size: int, patience_s: float = 60.0) -> float:
    """When so much was free again (Unix time)."""
    until = time.monotonic() + patience_s
    while group.free() < size:
        if time.monotonic() > until:
            raise SystemExit(f"only {group.free() / MIB:.0f} MiB became free")
        time.sleep(0.01)
    return time.time()


def squeezed(directory: Path, port: int) -> list[Figure]:
    """Take the group's memory in two goes and give it back; figures of what the service did."""
    store = ModelStore(directory / "models")
    store.add(make(directory / "large.gguf", "smollm2-135m", type_="Q8_0"), link=True)
    store.add(make(directory / "tiny.gguf"), link=True)
    devices = Devices(port)
    devices.announce(DEVICES)
    group = Group()
    log, config = directory / "log", directory / "config.toml"
    config.write_text(CONFIG)
    env = {**os.environ, "EDGE_STATE": str(directory), "EDGE_CONFIG": str(config)}
    env |= {"EDGE_MQTT__BROKER": "127.0.0.1", "EDGE_MQTT__PORT": str(port)}
    command = [sys.executable, "-c", "import sys; from edge.cli.main import main; sys.exit(main(['run']))"]
    with log.open("wb") as stderr:
        service = subprocess.Popen(command, env=env, stderr=stderr, preexec_fn=group.enter)
    switching: Switching | None = None
    try:
        ask_until_heard(devices, f"turn on the {word(3)} lamp")
        _ready_after(log, 0)
        time.sleep(5)
        replies = _replies(port)
        lamps = [box for box in range(DEVICES // 10) if _switch(devices, box) and _switch(devices, box)]
        # A lamp's name that the router takes for talk keeps the model busy: wait for the end of that.
        with contextlib.suppress(queue.Empty):
            while True:
                replies.get(timeout=45)
        quiet = _switching(devices, lamps, 60)
        switching = Switching(devices, lamps)
        with taken(group, group.free() - KEEP + 8 * MIB) as held:
            shorter = until_step(log, held, "shorter_context") - held
            room = until_free(group, KEEP) - held
            time.sleep(3)
            with taken(group, group.free() - KEEP + 8 * MIB) as more:
                smaller = until_step(log, more, "smaller_model") - more
                more_room = until_free(group, KEEP) - more
                asked = time.time()
                devices.client.publish("edge/bench/ask", json.dumps({"text": QUESTION, "area": None}), qos=1)
                answered = replies.get(timeout=60) - asked
        given_back = time.time()
        back = until_step(log, given_back, "longer_context", 4096) - given_back
        _ready_after(log, given_back + back)
        around = switching.stop()
        later = [facts["step"] for facts in steps(log, given_back)]
    finally:
        if switching is not None:
            switching.stop()
        service.terminate()
        service.wait()
        killed = (
            group.kills() + log.read_text().count("the kernel ended it") + log.read_text().count("above its ceiling")
        )
        group.remove()
    return [
        Figure("memory taken by another process: until the context is shortened", f"{shorter:.1f} s"),
        Figure("  until as much is free as must stay free", f"{room:.1f} s"),
        Figure("more is taken: until the smaller model is chosen", f"{smaller:.1f} s"),
        Figure("  until as much is free as must stay free", f"{more_room:.1f} s"),
        Figure("  a question asked then is answered after", f"{answered:.1f} s"),
        Figure("given back: until the plan runs again", f"{back:.0f} s ({', '.join(later)})"),
        Figure("processes ended for want of memory", str(killed), asked="0"),
        Figure("slowest ask to command meanwhile", f"{max(around):.1f} ms", asked="<= 50 ms"),
        Figure("  asks meanwhile, median, p99", f"{len(around)}, {_middle(around)}"),
        Figure("  while nothing happens, median, p99", _middle(quiet)),
    ]


def main() -> None:
    """Run it and show the figures."""
    argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None).parse_args()
    with tempfile.TemporaryDirectory() as name:
        directory, port = Path(name), free_port()
        (directory / "m.conf").write_text(
            f"listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nuser root\nset_tcp_nodelay true\n"
        )
        with subprocess.Popen([find_mosquitto(), "-c", f"{name}/m.conf"], stderr=subprocess.DEVNULL) as broker:
            time.sleep(0.3)
            try:
                show("Another process takes the model's memory", squeezed(directory, port), theirs="")
            finally:
                broker.terminate()


if __name__ == "__main__":
    main()
