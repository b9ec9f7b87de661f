"""What the service costs: `python -m tests.bench.service [--devices 1000] [--asks 300]`; prints, asserts nothing.

Start: from the process's start to the first command on the broker, with devices retained there. Ask to command: from
publishing on `…/ask` to the device's command arriving, both over the broker. Memory: resident bytes of the service's
process. Idle: processor time of the service over some quiet seconds.
"""

import argparse
import json
import os
import queue
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import paho.mqtt.client as mqtt

from edge.mqtt.broker import find_mosquitto, free_port
from tests.bench.house_of import payloads, state, word

IDLE_S = 20.0


class Devices:
    """The other side: announces the devices and hears commands."""

    def __init__(self, port: int) -> None:
        self.heard: queue.Queue[tuple[float, str]] = queue.Queue()
        self.client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
        self.client.on_message = self._on_message
        self.client.on_socket_open = self._on_socket
        self.client.max_queued_messages_set(0)
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        self.client.subscribe("zigbee2mqtt/+/+/set")

    def _on_message(self, _client: mqtt.Client, _userdata: object, message: mqtt.MQTTMessage) -> None:
        self.heard.put((time.perf_counter(), message.topic))
        box = message.topic.split("/")[1]
        on = b"ON" in message.payload
        self.client.publish(f"zigbee2mqtt/{box}", json.dumps({"state": "ON" if on else "OFF"}), retain=True)

    def _on_socket(self, _client: mqtt.Client, _userdata: object, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def announce(self, count: int) -> None:
        """All the devices, with states, retained."""
        for topic, payload in payloads(count):
            self.client.publish(topic, payload, qos=1, retain=True)
        last = None
        for box in range((count + 9) // 10):
            self.client.publish(f"zigbee2mqtt/box {box}/availability", '{"state": "online"}', qos=1, retain=True)
            last = self.client.publish(f"zigbee2mqtt/box {box}", state(box), qos=1, retain=True)
        if last is not None:
            last.wait_for_publish()


def resident_bytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def ask_until_heard(devices: Devices, text: str, patience_s: float = 30.0) -> float:
    """Ask now and again, as a person would; when the first command was heard."""
    until = time.perf_counter() + patience_s
    while time.perf_counter() < until:
        devices.client.publish("edge/bench/ask", text, qos=1)
        try:
            return devices.heard.get(timeout=0.1)[0]
        except queue.Empty:
            continue
    raise SystemExit(f"no command came of {text!r} within {patience_s} s")


def percentile(values: list[float], part: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devices", type=int, default=1000)
    parser.add_argument("--asks", type=int, default=300)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        port = free_port()
        Path(directory, "m.conf").write_text(
            f"listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nuser root\nset_tcp_nodelay true\n"
        )
        broker = subprocess.Popen([find_mosquitto(), "-c", f"{directory}/m.conf"], stderr=subprocess.DEVNULL)
        time.sleep(0.3)
        try:
            measure(port, directory, args.devices, args.asks)
        finally:
            broker.terminate()
            broker.wait()


def measure(port: int, directory: str, count: int, asks: int, ready: Callable[[], None] = lambda: None) -> None:
    """`ready` is called when the devices are announced: others on the broker may have something to do with them."""
    devices = Devices(port)
    devices.announce(count)
    ready()
    env = {**os.environ, "EDGE_STATE": directory, "EDGE_NODE": "bench"}
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program has its byte code
    env |= {"EDGE_MQTT__BROKER": "127.0.0.1", "EDGE_MQTT__PORT": str(port)}
    began = time.perf_counter()
    with Path(directory, "log").open("wb") as log:
        command = [sys.executable, "-c", "import sys; from edge.cli.main import main; sys.exit(main(['run']))"]
        service = subprocess.Popen(command, env=env, stderr=log)
    try:
        first = ask_until_heard(devices, f"turn on the {word(3)} lamp")
        print(f"start to first command          {first - began:8.3f} s   ({count} devices retained)")
        time.sleep(5)
        while not devices.heard.empty():
            devices.heard.get()
        took = [ask_once(devices, number, count) for number in range(asks)]
        heard = [ms for ms in took if ms is not None]
        if heard:
            print(f"ask to command, p50             {statistics.median(heard):8.2f} ms")
            print(f"ask to command, p99             {percentile(heard, 0.99):8.2f} ms")
        print(f"asks that moved a device        {len(heard):5d} of {asks}")
        print(f"resident memory                 {resident_bytes(service.pid) / 1e6:8.1f} MB")
        time.sleep(5)
        before = cpu_s(service.pid)
        time.sleep(IDLE_S)
        print(f"idle processor time             {(cpu_s(service.pid) - before) / IDLE_S * 100:8.2f} % of a core")
    finally:
        began = time.perf_counter()
        service.terminate()
        service.wait()
        decisions = Counter(re.findall(r'"decision": "(\w+)"', Path(directory, "log").read_text()))
        print(f"decisions                       {dict(decisions)}")
        print(f"SIGTERM to the end              {time.perf_counter() - began:8.3f} s, status {service.returncode}")


def ask_once(devices: Devices, number: int, count: int) -> float | None:
    """Milliseconds from asking to the command; None when none came."""
    box = number % (count // 10)
    began = time.perf_counter()
    devices.client.publish(
        "edge/bench/ask", f"turn {'off' if number // (count // 10) % 2 else 'on'} the {word(box)} lamp", qos=1
    )
    try:
        heard, _ = devices.heard.get(timeout=1.0)
    except queue.Empty:
        return None
    time.sleep(0.05)
    return (heard - began) * 1000


if __name__ == "__main__":
    main()
