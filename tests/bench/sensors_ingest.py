"""Readings into the history: `python -m tests.bench.sensors_ingest [--sensors 1000] [--rate 5000] [--seconds 60]`.

A real mosquitto, with the queue limits of our own broker's configuration, and `edge run` as a process. Readings are
published at QoS 1 at an even rate; meanwhile a lamp is asked for, over the broker, and its command waited for. At the
end the service is stopped, and distinct readings in its database are counted against those the broker acknowledged.
All detectors that the sensors have by default, the alarm book and the history are at work. Prints, asserts nothing.
"""

import argparse
import json
import os
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from edge.api.wire import ControlClient
from edge.mqtt.broker import find_mosquitto, free_port
from tests.bench.service import Devices, ask_until_heard, cpu_s, percentile, resident_bytes

CONFIGURATION = """\
listener {port} 127.0.0.1
allow_anonymous true
max_queued_messages 100000
max_queued_bytes 134217728
max_inflight_messages 200
set_tcp_nodelay true
"""
"""As `edge.mqtt.broker` has it."""


class Publisher:
    """MQTT 3.1.1 by hand: a client library would take a core of its own for this."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.sendall(_packet(0x10, _text("MQTT") + b"\x04\x02\x00\x00" + _text("bench-readings")))
        self._socket.recv(4)
        self.acknowledged = 0
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._number = 0

    def publish(self, messages: list[tuple[str, bytes]]) -> None:
        """All of them, in one go, at QoS 1."""
        packets = []
        for topic, payload in messages:
            self._number = self._number % 65_535 + 1
            packets.append(_packet(0x32, _text(topic) + self._number.to_bytes(2, "big") + payload))
        self._socket.sendall(b"".join(packets))

    def _read(self) -> None:
        count = 0
        while piece := self._socket.recv(65_536):
            count += len(piece)
            self.acknowledged = count // 4


def _text(text: str) -> bytes:
    encoded = text.encode()
    return len(encoded).to_bytes(2, "big") + encoded


def _packet(kind: int, body: bytes) -> bytes:
    length, size = bytearray(), len(body)
    while True:
        size, part = divmod(size, 128)
        length.append(part | (0x80 if size else 0))
        if not size:
            return bytes([kind]) + bytes(length) + body


def announce(devices: Devices, sensors: int) -> None:
    last = None
    for number in range(sensors):
        config = {
            "name": f"Probe {number}",
            "unique_id": f"probe_{number}",
            "object_id": f"probe_{number}",
            "state_topic": f"probes/{number}",
            "unit_of_measurement": "°C",
            "device_class": "temperature",
            "state_class": "measurement",
        }
        last = devices.client.publish(f"homeassistant/sensor/probe_{number}/config", json.dumps(config), 1, retain=True)
    lamp = {"name": "Lamp", "unique_id": "lamp", "command_topic": "zigbee2mqtt/lamp/x/set"}
    lamp |= {"state_topic": "zigbee2mqtt/lamp", "state_value_template": "{{ value_json.state }}"}
    last = devices.client.publish("homeassistant/light/lamp/config", json.dumps(lamp), 1, retain=True)
    last.wait_for_publish()


def feed(publisher: Publisher, sensors: int, rate: float, seconds: float, step: float) -> tuple[int, float]:
    """How many were sent, and how long that took: sensor after sensor, a hundredth of a second's worth at a time.

    Each sensor's next value is `step` higher, so that those in the database can be told apart.
    """
    began, sent, total = time.perf_counter(), 0, int(rate * seconds)
    while sent < total:
        due = min(total, int((time.perf_counter() - began) * rate))
        if due > sent:
            publisher.publish(
                [(f"probes/{one % sensors}", b"%.3f" % (20 + step * (one // sensors))) for one in range(sent, due)]
            )
            sent = due
        time.sleep(0.01)
    return sent, time.perf_counter() - began


def asking(devices: Devices, stop: threading.Event, took: list[float]) -> None:
    """Milliseconds from asking to the command, every third of a second; the lamp is on before and after."""
    on = True
    while not stop.wait(0.3) or not on:
        on = not on
        while not devices.heard.empty():
            devices.heard.get()
        began = time.perf_counter()
        devices.client.publish("edge/bench/ask", f"turn {'on' if on else 'off'} the lamp", qos=1)
        try:
            took.append((devices.heard.get(timeout=10)[0] - began) * 1000)
        except Exception:  # noqa: BLE001 (an empty queue)
            took.append(10_000.0)
            print(f"no command came for ask {len(took)}, on={on}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sensors", type=int, default=1000)
    parser.add_argument("--rate", type=float, default=5000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--step", type=float, default=0.001, help="1: every sensor has a critical alarm")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        port = free_port()
        root = "user root\n" if os.geteuid() == 0 else ""
        Path(directory, "m.conf").write_text(CONFIGURATION.format(port=port) + root)
        broker = subprocess.Popen([find_mosquitto(), "-c", f"{directory}/m.conf"], stderr=subprocess.DEVNULL)
        time.sleep(0.3)
        try:
            measure(port, Path(directory), args)
        finally:
            broker.terminate()
            broker.wait()


def measure(port: int, directory: Path, args: argparse.Namespace) -> None:
    devices = Devices(port)
    announce(devices, args.sensors)
    env = {**os.environ, "EDGE_STATE": str(directory), "EDGE_NODE": "bench", "EDGE_SPEECH__ENABLED": "false"}
    env |= {"EDGE_MQTT__BROKER": "127.0.0.1", "EDGE_MQTT__PORT": str(port), "EDGE_HTTP__ENABLED": "false"}
    with Path(directory, "log").open("wb") as log:
        service = subprocess.Popen([sys.executable, "-m", "edge", "run"], env=env, stderr=log)
    try:
        ask_until_heard(devices, "turn on the lamp")
        time.sleep(3)
        quiet: list[float] = []
        stop = threading.Event()
        beside = threading.Thread(target=asking, args=(devices, stop, quiet))
        beside.start()
        time.sleep(6)
        stop.set()
        beside.join()
        took: list[float] = []
        stop = threading.Event()
        beside = threading.Thread(target=asking, args=(devices, stop, took))
        publisher = Publisher(port)
        before, rss = cpu_s(service.pid), resident_bytes(service.pid)
        beside.start()
        sent, seconds = feed(publisher, args.sensors, args.rate, args.seconds, args.step)
        cpu = (cpu_s(service.pid) - before) / seconds
        stop.set()
        beside.join()
        print(f"published                  {sent:9d} in {seconds:.1f} s: {sent / seconds:.0f} a second")
        facts = ControlClient(directory / "run" / "control.sock", timeout_s=20)
        with facts:
            status = facts.call("status")
        print(f"sensors watched, alarms    {status['watch']['sensors']:9d} {status['alarms']['active']}")
        print(f"service's processor        {cpu * 100:9.1f} % of a core")
        print(f"resident before, after     {rss / 1e6:9.1f} {resident_bytes(service.pid) / 1e6:.1f} MB")
        print(f"ask to command when quiet  {statistics.median(quiet):9.1f} ms p50, {max(quiet):.1f} ms at most")
        print(f"ask to command meanwhile   {statistics.median(took):9.1f} ms p50, {percentile(took, 0.99):.1f} ms p99")
        time.sleep(2)
    finally:
        service.terminate()
        service.wait()
    found = read_back(directory / "history.sqlite", args.sensors)
    print(f"acknowledged by the broker {publisher.acknowledged:9d}")
    print(f"in the database            {found:9d}, lost {sent - found}")
    print(Path(directory, "log").read_text()[-600:] if found != sent else "")


def read_back(file: Path, sensors: int) -> int:
    """Distinct readings of the probes."""
    with sqlite3.connect(file) as database:
        (count,) = database.execute(
            "SELECT count(*) FROM (SELECT DISTINCT sensor, value FROM (SELECT sensor, value FROM raw UNION ALL "
            "SELECT sensor, value FROM fresh) JOIN sensor ON sensor.id = sensor WHERE key LIKE 'sensor.probe_%')"
        ).fetchone()
    return int(count)


if __name__ == "__main__":
    main()
