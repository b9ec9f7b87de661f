"""What discovery costs: `python -m tests.bench.ingest [--payloads 40000] [--data DIR]`; prints, asserts nothing.

A real mosquitto holds the payloads; the house subscribes and takes them in through the real connection, with every
state topic subscribed to. Lag: how late a timer of 5 ms on the same loop fires meanwhile.
With `--data`, the recorded payloads of that directory go through discovery first.
"""

import argparse
import asyncio
import json
import os
import tempfile
import time
from pathlib import Path

import paho.mqtt.client as mqtt

from edge.devices.registry import Registry
from edge.mqtt.client import Endpoint
from edge.mqtt.discovery import Discovery
from edge.mqtt.house import House
from edge.mqtt.link import Link
from tests.bench.house_of import payloads, state
from tests.mosquitto import Mosquitto

_PAGE = os.sysconf("SC_PAGE_SIZE")


def resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE / 1e6


def retain(port: int, count: int) -> None:
    """Hand the payloads and states to the broker, retained."""
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    client.max_queued_messages_set(0)
    client.connect("127.0.0.1", port)
    client.loop_start()
    for topic, payload in payloads(count):
        client.publish(topic, payload, qos=0, retain=True)
    for box in range((count + 9) // 10):
        client.publish(f"zigbee2mqtt/box {box}/availability", '{"state": "online"}', retain=True)
        client.publish(f"zigbee2mqtt/box {box}", state(box), retain=True)
    client.publish("bench/end", "1", qos=1, retain=True).wait_for_publish()
    client.disconnect()
    client.loop_stop()


class Lag:
    """How late the loop is, while it is watched."""

    def __init__(self) -> None:
        self.worst_ms = 0.0

    async def watch(self) -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.005)
            self.worst_ms = max(self.worst_ms, (time.perf_counter() - began - 0.005) * 1000)


async def measure(count: int, *settings: str) -> None:
    with tempfile.TemporaryDirectory() as directory:
        async with Mosquitto(Path(directory), *settings) as broker:
            await asyncio.to_thread(retain, broker.port, count)
            await take_in(Endpoint(broker.host, broker.port), count)


async def take_in(end: Endpoint, count: int) -> None:
    registry = Registry()
    before = resident_mb()
    lag = Lag()
    async with Link(end, client_id="watch") as watch, Link(end, client_id="send") as send:
        await asyncio.gather(watch.connected(), send.connected())
        watching = asyncio.create_task(lag.watch())
        house = House(watch=watch, send=send, registry=registry, discovery=Discovery())
        began, cpu = time.perf_counter(), time.process_time()
        await house.__aenter__()
        quiet_s = 0.0
        while house.entities < count:
            at = house.entities
            await asyncio.sleep(0.05)
            quiet_s = 0.0 if house.entities != at else quiet_s + 0.05
            if quiet_s > 10:
                break
        cpu_s = time.process_time() - cpu
        found_s = time.perf_counter() - began
        await watch.connected()
        known_s = time.perf_counter() - began
        watching.cancel()
        await house.__aexit__(None, None, None)
        states = sum(registry.state(device).state is not None for device in registry.devices)
        print(f"payloads taken in               {house.entities:8d} of {count}")
        print(f"payloads a second               {house.entities / found_s:8.0f}   ({found_s:.2f} s)")
        print(f"payloads a second of processor  {house.entities / cpu_s:8.0f}")
        print(f"until every state is known      {known_s:8.2f} s   ({watch.subscribed} topics, {states} states)")
        print(f"messages received               {watch.counts.received:8d}")
        print(f"worst lag of the loop           {lag.worst_ms:8.1f} ms")
        print(f"resident memory                 {resident_mb():8.1f} MB   ({before:.1f} MB before)")


def parse_recorded(directory: Path) -> None:
    """Every recorded payload through discovery, without a broker."""
    discovery = Discovery()
    began, count, problems = time.perf_counter(), 0, []
    for file in sorted(directory.glob("*discovery*.jsonl")):
        for line in file.read_text().splitlines():
            record = json.loads(line)
            changes = discovery.feed(record["topic"], json.dumps(record["payload"]).encode())
            problems += [problem for problem in changes.problems if not problem.ignored]
            count += 1
    print(f"recorded payloads               {count:8d}, {len(problems)} with a problem, ")
    print(f"recorded payloads a second      {count / (time.perf_counter() - began):8.0f}")
    for problem in problems:
        print(f"    {problem.source}: {problem.reason}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--payloads", type=int, default=40_000)
    parser.add_argument("--data", type=Path)
    args = parser.parse_args()
    if args.data:
        parse_recorded(args.data)
    print("a broker with its queue limit lifted, as ours has it")
    asyncio.run(measure(args.payloads, "max_queued_messages 0"))
    print("a broker with mosquitto's own queue limit")
    asyncio.run(measure(args.payloads))


if __name__ == "__main__":
    main()
