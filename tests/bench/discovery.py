"""How fast discovery is taken in, and what it weighs.

    python tests/bench/discovery.py [--data FILE] [--payloads 40000]

FILE has a JSON object a line with `topic` and `payload`, as a bridge publishes them; every one of them must parse.
Without it, payloads like those of a Zigbee bridge are made up.
"""

import argparse
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

from edge.mqtt.discovery import Discovery

TARGET_PER_S = 2_000
TARGET_MB = 400


def made_up() -> list[tuple[str, dict[str, Any]]]:
    """The entities of one bulb, one plug with metering and one thermostat."""
    device = {"identifiers": ["0x1"], "manufacturer": "M", "model": "Model", "name": "Name", "sw_version": "1.0"}
    common: dict[str, Any] = {
        "availability": [{"topic": "zigbee2mqtt/bridge/state", "value_template": "{{ value_json.state }}"}],
        "device": device,
        "origin": {"name": "Bridge", "sw": "2.0", "url": "https://example.org"},
        "state_topic": "zigbee2mqtt/Name",
    }
    found: list[tuple[str, dict[str, Any]]] = [
        (
            "light/0x1/light",
            {
                **common,
                "name": None,
                "schema": "json",
                "brightness": True,
                "brightness_scale": 254,
                "command_topic": "zigbee2mqtt/Name/set",
                "supported_color_modes": ["xy", "color_temp"],
                "effect": True,
                "effect_list": ["blink", "breathe", "okay", "channel_change", "finish_effect", "stop_effect"],
            },
        ),
        ("switch/0x1/switch", {**common, "name": None, "command_topic": "zigbee2mqtt/Name/set"}),
        ("binary_sensor/0x1/lock", {**common, "device_class": "lock", "payload_on": False, "payload_off": True}),
    ]
    for name, unit in (("power", "W"), ("voltage", "V"), ("current", "A"), ("energy", "kWh"), ("temperature", "°C")):
        payload = {**common, "device_class": name, "unit_of_measurement": unit, "state_class": "measurement"}
        found.append((f"sensor/0x1/{name}", {**payload, "value_template": f"{{{{ value_json.{name} }}}}"}))
    return [(f"homeassistant/{topic}/config", {**payload, "unique_id": topic}) for topic, payload in found]


def read(file: Path) -> list[tuple[str, dict[str, Any]]]:
    rows = [json.loads(line) for line in file.read_text().splitlines() if line.strip()]
    return [(row["topic"], row["payload"]) for row in rows]


def multiplied(rows: list[tuple[str, dict[str, Any]]], count: int) -> list[tuple[str, bytes]]:
    """As many payloads, as of so many devices: topics, names and ids of their own."""
    found: list[tuple[str, bytes]] = []
    for number in range(count):
        topic, payload = rows[number % len(rows)]
        house = number // len(rows)
        parts = topic.split("/")
        parts[-2] = f"{parts[-2]}_{house}"
        own = dict(payload)
        for key in ("unique_id", "default_entity_id", "object_id"):
            if key in own:
                own[key] = f"{own[key]}_{house}"
        own["device"] = {**own.get("device", {}), "name": f"{own.get('device', {}).get('name', 'x')} {house}"}
        text = json.dumps(own).replace("zigbee2mqtt/", f"zigbee2mqtt/h{house}/")
        found.append(("/".join(parts), text.encode()))
    return found


def memory_mb() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--payloads", type=int, default=40_000)
    args = parser.parse_args()
    rows = read(args.data) if args.data else made_up()

    once = Discovery()
    problems = [
        problem for topic, payload in rows for problem in once.feed(topic, json.dumps(payload).encode()).problems
    ]
    print(
        f"{len(rows)} payloads: {len(list(once.entities))} entities, {once.disabled} disabled, {len(problems)} problems"
    )
    for problem in problems:
        print(f"    {problem.source}: {problem.reason}")

    # Made one after the other, as a broker sends them: the list itself must not be counted.
    discovery = Discovery()
    before_mb = memory_mb()
    spent_s = 0.0
    for start in range(0, args.payloads, 2_000):
        batch = multiplied(rows, min(start + 2_000, args.payloads))[start:]
        started_s = time.process_time()
        for topic, payload in batch:
            discovery.feed(topic, payload)
        spent_s += time.process_time() - started_s
    batch = []
    after_mb = memory_mb()
    rate = args.payloads / spent_s
    entities = len(list(discovery.entities))
    print(f"{args.payloads} payloads: {entities} entities, {discovery.disabled} not enabled")
    print(f"{rate:,.0f} payloads a second of processor time (wanted: {TARGET_PER_S:,})")
    print(f"{after_mb:.0f} MB resident, {after_mb - before_mb:.0f} MB more than before (wanted: {TARGET_MB} in all)")
    again_s = time.process_time()
    for topic, payload in multiplied(rows, min(2_000, args.payloads)):
        discovery.feed(topic, payload)
    print(f"{2_000 / (time.process_time() - again_s):,.0f} a second when sent again unchanged, making them included")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
