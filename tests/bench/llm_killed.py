"""The service while its language model is killed in the middle of an answer: do the devices notice?

A service of its own with a broker and a hundred devices; somebody talks with the model, and all the time lamps are
switched over the broker. Ask to command is from publishing on `…/ask` to the device's command arriving.
"""

import json
import os
import queue
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import paho.mqtt.client as mqtt

from edge.mqtt.broker import find_mosquitto, free_port
from tests.bench.figures import Figure
from tests.bench.house_of import word
from tests.bench.service import Devices, ask_once, ask_until_heard, percentile

DEVICES = 100
QUESTION = "tell me a long story about the sea and the people who live beside it"


def killed_mid_answer(file: Path, times: int = 5) -> list[Figure]:
    """Kill the worker some times in the middle of an answer, switching lamps before, meanwhile and after."""
    with tempfile.TemporaryDirectory() as directory:
        port = free_port()
        Path(directory, "m.conf").write_text(
            f"listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nuser root\nset_tcp_nodelay true\n"
        )
        broker = subprocess.Popen([find_mosquitto(), "-c", f"{directory}/m.conf"], stderr=subprocess.DEVNULL)
        time.sleep(0.3)
        try:
            return _measure(port, Path(directory), file, times)
        finally:
            broker.terminate()
            broker.wait()


def _measure(port: int, directory: Path, file: Path, times: int) -> list[Figure]:
    devices = Devices(port)
    devices.announce(DEVICES)
    log = directory / "log"
    env = {**os.environ, "EDGE_STATE": str(directory), "EDGE_NODE": "bench", "EDGE_LLM__MODEL": str(file)}
    env |= {"EDGE_MQTT__BROKER": "127.0.0.1", "EDGE_MQTT__PORT": str(port), "EDGE_LLM__MAX_REPLY_TOKENS": "2000"}
    with log.open("wb") as stderr:
        command = [sys.executable, "-c", "import sys; from edge.cli.main import main; sys.exit(main(['run']))"]
        service = subprocess.Popen(command, env=env, stderr=stderr)
    try:
        ask_until_heard(devices, f"turn on the {word(3)} lamp")
        _ready_after(log, 0)
        time.sleep(2)
        replies = _replies(port)
        lamps = [box for box in range(DEVICES // 10) if _switch(devices, box) and _switch(devices, box)]
        quiet = _switching(devices, lamps, 40)
        talking, around, back, told = [], [], [], []
        for _ in range(times):
            devices.client.publish("edge/bench/ask", json.dumps({"text": QUESTION, "area": None}), qos=1)
            time.sleep(1)
            talking += _switching(devices, lamps, 10)
            switching = Switching(devices, lamps)
            began = time.time()
            os.kill(_worker_of(service.pid), signal.SIGKILL)
            told.append((replies.get(timeout=30) - began) * 1e3)
            back.append(_ready_after(log, began) - began)
            around += switching.stop()
    finally:
        service.terminate()
        service.wait()
    worst = f"{max(around):.1f} ms"
    return [
        Figure(f"worker killed mid-answer, {times} times: slowest ask to command", worst, asked="<= 50 ms"),
        Figure("  asks meanwhile, median, p99", f"{len(around)}, {_middle(around)}"),
        Figure("  while the model talks, median, p99", _middle(talking)),
        Figure("  while it is quiet, median, p99", _middle(quiet)),
        Figure("  model back, slowest", f"{max(back):.2f} s", asked="<= 5 s"),
        Figure("  the person is told, slowest", f"{max(told):.0f} ms"),
    ]


class Switching:
    """Switches lamps in a thread of its own until stopped."""

    def __init__(self, devices: Devices, lamps: list[int]) -> None:
        self._devices = devices
        self._lamps = lamps
        self._took: list[float] = []
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._switch)
        self._thread.start()

    def stop(self) -> list[float]:
        """Milliseconds of every ask."""
        self._end.set()
        self._thread.join()
        return self._took

    def _switch(self) -> None:
        while not self._end.is_set():
            self._took += _switching(self._devices, self._lamps, 1)


_number = iter(range(1 << 30))


def _switching(devices: Devices, lamps: list[int], count: int) -> list[float]:
    """So many asks, lamp after lamp; one that moved nothing within a second counts as a second."""
    took = [_switch(devices, lamps[next(_number) % len(lamps)]) for _ in range(count)]
    return [1000.0 if one is None else one for one in took]


_on: set[int] = set()


def _switch(devices: Devices, box: int) -> float | None:
    """Milliseconds from asking to the command; None when none came. On and off in turn."""
    _on.symmetric_difference_update({box})
    return ask_once(devices, box + (0 if box in _on else DEVICES // 10), DEVICES)


def _replies(port: int) -> "queue.Queue[float]":
    """When replies of the language model, or about the lack of it, came."""
    came: queue.Queue[float] = queue.Queue()

    def take(_client: mqtt.Client, _userdata: object, message: mqtt.MQTTMessage) -> None:
        if json.loads(message.payload)["decision"] == "chat":
            came.put(time.time())

    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    client.on_message = take
    client.connect("127.0.0.1", port)
    client.loop_start()
    client.subscribe("edge/bench/reply")
    return came


def _worker_of(service: int) -> int:
    for children in Path(f"/proc/{service}/task").glob("*/children"):
        for pid in children.read_text().split():
            if b"edge.llm.worker" in Path(f"/proc/{pid}/cmdline").read_bytes():
                return int(pid)
    raise SystemExit("the service has no worker")


def _ready_after(log: Path, moment: float) -> float:
    """When the model became ready after a moment (Unix time)."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        for line in log.read_text().splitlines():
            if '"llm.ready"' in line and (at := re.search(r'"time": ([\d.]+)', line)) and float(at[1]) > moment:
                return float(at[1])
        time.sleep(0.05)
    raise SystemExit(f"the model was not ready within 60 s:\n{log.read_text()[-2000:]}")


def _middle(values: list[float]) -> str:
    return f"{statistics.median(values):.1f} ms, {percentile(values, 0.99):.1f} ms"
