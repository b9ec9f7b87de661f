"""Writes to the card by an idle house: `sudo python -m tests.bench.card_writes [--minutes 20] [--sensors 50]`.

`edge run` with its own broker keeps its state on an ext4 file system of its own (a loop device, mounted as on the
image), and sensors report at an even rate; nobody asks anything. What the kernel wrote to that device is counted, after
the start has settled. Needs root and a loop device. Prints, asserts nothing.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.health.card import Sample, sample
from edge.mqtt.broker import read_address
from tests.bench.sensors_ingest import Publisher

OPTIONS = "noatime,lazytime,commit=30"
"""As the image mounts its data partition."""
CONFIG = """\
[http]
enabled = false
[wyoming]
enabled = false
[speech]
enabled = false
[history]
window_s = 60
"""
"""60 s is what a card has by default."""


@contextmanager
def card(directory: Path, megabytes: int = 512) -> Iterator[tuple[str, Path]]:
    """A file system with a counter of its own: the device's name and where it is mounted."""
    image, mount = directory / "card", directory / "mnt"
    mount.mkdir()
    with image.open("wb") as stream:
        stream.truncate(megabytes << 20)
    subprocess.run(["mkfs.ext4", "-q", "-E", "lazy_itable_init=0,lazy_journal_init=0", str(image)], check=True)
    device = subprocess.run(
        ["losetup", "--find", "--show", str(image)], check=True, capture_output=True, text=True
    ).stdout.strip()
    try:
        subprocess.run(["mount", "-o", OPTIONS, device, str(mount)], check=True)
        yield Path(device).name, mount
        subprocess.run(["umount", str(mount)], check=True)
    finally:
        subprocess.run(["losetup", "--detach", device], check=False)


def announced(sensors: int) -> list[tuple[str, bytes]]:
    """Discovery of temperature sensors."""
    found = []
    for number in range(sensors):
        config = {
            "name": f"Temperature {number}",
            "unique_id": f"probe_{number}",
            "state_topic": f"house/{number}/t",
            "unit_of_measurement": "°C",
            "device_class": "temperature",
            "state_class": "measurement",
        }
        found.append((f"homeassistant/sensor/probe_{number}/config", json.dumps(config).encode()))
    return found


def report(publisher: Publisher, sensors: int, every_s: float, for_s: float) -> None:
    """An even stream of readings that move a little, as a room does."""
    began, sent = time.monotonic(), 0
    while (now := time.monotonic() - began) < for_s:
        due = int(now * sensors / every_s)
        messages = []
        while sent < due:
            number = sent % sensors
            value = 20 + 3 * math.sin(now / 3600 + number) + 0.1 * ((sent * 7919) % 5)
            messages.append((f"house/{number}/t", f"{value:.1f}".encode()))
            sent += 1
        if messages:
            publisher.publish(messages)
        time.sleep(0.2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--settle", type=float, default=2, help="minutes that are not counted")
    parser.add_argument("--sensors", type=int, default=50)
    parser.add_argument("--every", type=float, default=30, help="seconds between readings of one sensor")
    args = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("a file system of its own can be mounted by root alone")
    with tempfile.TemporaryDirectory(prefix="edge-card-") as scratch, card(Path(scratch)) as (device, mount):
        config, runtime = Path(scratch) / "config.toml", Path(scratch) / "run"
        config.write_text(CONFIG)
        environ = {
            **os.environ,
            "EDGE_CONFIG": str(config),
            "EDGE_STATE": str(mount / "state"),
            "EDGE_RUNTIME": str(runtime),
        }
        service = subprocess.Popen([sys.executable, "-m", "edge", "run", "--log-level", "warning"], env=environ)
        try:
            while (address := read_address(runtime / "broker.json")) is None:
                time.sleep(0.1)
            publisher = Publisher(address.port)
            publisher.publish(announced(args.sensors))
            report(publisher, args.sensors, args.every, args.settle * 60)
            before = counted(device)
            report(publisher, args.sensors, args.every, args.minutes * 60)
            after = counted(device)
        finally:
            service.terminate()
            service.wait(20)
        told(before, after, args)


def counted(device: str) -> Sample:
    found = sample(device)
    if found is None:
        sys.exit(f"the kernel counts nothing for {device}")
    return found


def told(before: Sample, after: Sample, args: argparse.Namespace) -> None:
    length_s = after.at_s - before.at_s
    written = (after.sectors - before.sectors) * 512
    print(f"{args.sensors} sensors, one reading each every {args.every:g} s, {length_s / 60:.1f} minutes")
    print(f"written to the device: {written / 1e6:.2f} MB, {written * 86_400 / length_s / 1e6:.0f} MB a day")


if __name__ == "__main__":
    main()
