"""The service beside a real Home Assistant: what is only there moves, one device has two ways, one may be down.

    python -m tests.bench.homeassistant_link --url http://127.0.0.1:8123 --token FILE --start CMD --stop CMD
        [--devices 1000] [--idle 20] [--prefer homeassistant]

CMD are shell commands that start Home Assistant, with the configuration of before and until it runs, and stop it. It
must run, have `YAML` (printed with --yaml) in its configuration and no MQTT yet. Prints figures; exit status 1 where
something did not come true. A broker and `edge run`, with its state in a directory of its own, are started here.
"""

import argparse
import asyncio
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import paho.mqtt.client as mqtt

from edge.api.wire import ControlClient, ControlError
from edge.mqtt.broker import find_mosquitto, free_port
from tests.bench.ha_commands import HomeAssistant
from tests.bench.house_of import payloads, state, word
from tests.bench.service import cpu_s, resident_bytes

YAML = """\
input_boolean:
  fountain: {name: Fountain}
  reading: {name: Reading switch}
input_number:
  reading_level: {name: Reading level, min: 0, max: 255}
template:
  - light:
      - name: Reading lamp
        unique_id: reading_lamp
        state: "{{ is_state('input_boolean.reading', 'on') }}"
        level: "{{ states('input_number.reading_level') | int }}"
        turn_on: [{action: input_boolean.turn_on, target: {entity_id: input_boolean.reading}}]
        turn_off: [{action: input_boolean.turn_off, target: {entity_id: input_boolean.reading}}]
        set_level:
          - action: input_number.set_value
            target: {entity_id: input_number.reading_level}
            data: {value: "{{ brightness }}"}
          - {action: input_boolean.turn_on, target: {entity_id: input_boolean.reading}}
"""
SENTENCES: tuple[tuple[str, str, str, object], ...] = (
    ("turn on the fountain", "input_boolean.fountain", "state", "on"),
    ("switch off the fountain", "input_boolean.fountain", "state", "off"),
    ("turn on the reading lamp", "light.reading_lamp", "state", "on"),
    ("set the reading lamp to 40 percent", "light.reading_lamp", "brightness", 102),
    ("turn the reading lamp off", "light.reading_lamp", "state", "off"),
)
"""Said to us, and what Home Assistant must come to."""
WITHIN_S = 60.0


class Bench:
    """The service, the devices on the broker, and Home Assistant, from outside."""

    def __init__(self, args: argparse.Namespace, directory: Path, broker_port: int) -> None:
        self.args = args
        self.directory = directory
        self.port = broker_port
        self.there = HomeAssistant(args.url, args.token.read_text().strip())
        self.heard: list[tuple[float, str, bytes]] = []
        self.missed: list[str] = []
        self.client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
        self.client.on_message = self._on_message
        self.client.max_queued_messages_set(0)
        self.client.connect("127.0.0.1", broker_port)
        self.client.loop_start()
        self.client.subscribe("zigbee2mqtt/+/+/set")
        self.service: subprocess.Popen[bytes] | None = None

    def _on_message(self, _client: mqtt.Client, _userdata: object, message: mqtt.MQTTMessage) -> None:
        self.heard.append((time.perf_counter(), message.topic, message.payload))
        box = message.topic.split("/")[1]
        self.client.publish(
            f"zigbee2mqtt/{box}", json.dumps({"state": "ON" if b"ON" in message.payload else "OFF"}), retain=True
        )

    def announce(self) -> None:
        for topic, payload in payloads(self.args.devices):
            self.client.publish(topic, payload, qos=1, retain=True)
        for box in range((self.args.devices + 9) // 10):
            self.client.publish(f"zigbee2mqtt/box {box}/availability", '{"state": "online"}', qos=1, retain=True)
            self.client.publish(f"zigbee2mqtt/box {box}", state(box), qos=1, retain=True).wait_for_publish()

    def websocket(self, command: str, **data: Any) -> Any:
        async def call() -> Any:
            async with aiohttp.ClientSession() as client, client.ws_connect(f"{self.args.url}/api/websocket") as socket:
                await socket.receive_json()
                await socket.send_json({"type": "auth", "access_token": self.args.token.read_text().strip()})
                await socket.receive_json()
                await socket.send_json({"id": 1, "type": command, **data})
                return (await socket.receive_json())["result"]

        return asyncio.run(call())

    def connect_to_broker(self) -> None:
        flow = self.there.request("POST", "/api/config/config_entries/flow", {"handler": "mqtt"})
        broker = {"broker": "127.0.0.1", "port": self.port}
        self.there.request("POST", f"/api/config/config_entries/flow/{flow['flow_id']}", broker)

    def start(self) -> None:
        env = {**os.environ, "EDGE_STATE": str(self.directory), "EDGE_NODE": "bench", "EDGE_WYOMING__ENABLED": "false"}
        env |= {"EDGE_MQTT__BROKER": "127.0.0.1", "EDGE_MQTT__PORT": str(self.port), "EDGE_LLM__ENABLED": "false"}
        env |= {"EDGE_HOMEASSISTANT__URL": self.args.url, "EDGE_HOMEASSISTANT__TOKEN_FILE": str(self.args.token)}
        env |= {"EDGE_HOMEASSISTANT__PREFER": self.args.prefer}
        command = [sys.executable, "-c", "import sys; from edge.cli.main import main; sys.exit(main(['run']))"]
        with (self.directory / "log").open("ab") as log:
            self.service = subprocess.Popen(command, env=env, stderr=log)

    def end(self) -> None:
        if self.service is not None:
            self.service.send_signal(signal.SIGTERM)
            self.service.wait()

    def ask(self, do: str, **arguments: Any) -> dict[str, Any]:
        try:
            with ControlClient(self.directory / "run" / "control.sock", timeout_s=30) as client:
                return client.call(do, **arguments)
        except (ControlError, OSError):
            return {}

    def link(self) -> dict[str, Any]:
        return self.ask("status").get("homeassistant") or {}

    def devices(self) -> dict[str, dict[str, Any]]:
        return {device["id"]: device for device in self.ask("devices").get("devices", [])}

    def check(self, what: str, holds: object) -> None:
        print(f"{'ok  ' if holds else 'MISS'} {what}")
        if not holds:
            self.missed.append(what)

    def until(self, what: str, holds: Callable[[], object], within_s: float = WITHIN_S) -> float:
        """Seconds until it held."""
        began = time.perf_counter()
        while not holds():
            if time.perf_counter() - began > within_s:
                self.check(what, holds=False)
                return within_s
            time.sleep(0.02)
        took = time.perf_counter() - began
        self.check(f"{what}: {took:.2f} s", holds=True)
        return took

    def value(self, entity: str, key: str) -> object:
        found = self.there.state(entity) or {}
        return found.get("state") if key == "state" else found.get("attributes", {}).get(key)

    # What is measured -----------------------------------------------------------------------------------------------

    def sentences(self) -> None:
        took = []
        for text, entity, key, wanted in SENTENCES:
            began = time.perf_counter()
            reply = self.ask("ask", text=text)
            took.append((time.perf_counter() - began) * 1000)
            self.check(f"{text!r}: {reply.get('text')!r} in {took[-1]:.0f} ms", self.value(entity, key) == wanted)
        print(f"     sentence to reply, through Home Assistant: median {statistics.median(took):.1f} ms")

    def one_device(self) -> None:
        known = self.devices()
        twins = [one["id"] for one in known.values() if one["name"] in (f"{word(3)} Lamp", f"Box 3 {word(3)} Lamp")]
        self.check(f"one device by two ways: {twins}", len(twins) == 1)
        self.check(
            f"no doubles: {len(known)} devices, {self.link().get('with_mqtt')} of them both", self._no_doubles(known)
        )
        entries = self.websocket("config/entity_registry/list")
        entity = next(one["entity_id"] for one in entries if one["unique_id"] == "0x0000000000000003_lamp_zigbee2mqtt")
        self.websocket("config/entity_registry/update", entity_id=entity, name="Captain's lantern", aliases=["Skipper"])
        self.until(
            "a name given in Home Assistant is known", lambda: self.devices()[twins[0]]["name"] == "Captain's lantern"
        )
        self.mqtt_command("turn on the captain's lantern", "box 3", b"ON")

    def changes(self) -> None:
        """Floors, areas and exposure, changed while everything runs."""
        floor = self.websocket("config/floor_registry/create", name="Top deck")["floor_id"]
        area = self.websocket("config/area_registry/create", name="Crow's nest", floor_id=floor)["area_id"]
        self.websocket("config/entity_registry/update", entity_id="light.reading_lamp", area_id=area)
        self.until("an area made there is known", lambda: self.devices()["light.reading_lamp"]["area"] == area)
        self.websocket("config/area_registry/update", area_id=area, name="Mast")
        self.until("its new name is known", lambda: {"id": area, "name": "Mast"}.items() <= self.area(area).items())
        reply = self.ask("ask", text="turn on the light in the mast")
        self.check(f"and understood: {reply.get('text')!r}", self.value("light.reading_lamp", "state") == "on")
        self.expose("light.reading_lamp", yes=False)
        self.until("what is exposed no more goes", lambda: "light.reading_lamp" not in self.devices())
        self.expose("light.reading_lamp", yes=True)
        self.until("and comes back", lambda: self.devices().get("light.reading_lamp", {}).get("state") == "on")
        self.websocket("config/area_registry/delete", area_id=area)
        self.until("an area that is deleted goes", lambda: not self.devices()["light.reading_lamp"]["area"])

    def area(self, area: str) -> dict[str, Any]:
        return next((one for one in self.ask("devices").get("areas", []) if one["id"] == area), {})

    def expose(self, entity: str, *, yes: bool) -> None:
        told = {"assistants": ["conversation"], "entity_ids": [entity], "should_expose": yes}
        self.websocket("homeassistant/expose_entity", **told)

    def _no_doubles(self, known: dict[str, dict[str, Any]]) -> bool:
        names = [one["name"] for one in known.values()]
        return len(names) == len(set(names))

    def mqtt_command(self, text: str, box: str, wanted: bytes) -> None:
        self.heard.clear()
        began = time.perf_counter()
        reply = self.ask("ask", text=text)
        mine = [
            at for at, topic, payload in self.heard if topic.startswith(f"zigbee2mqtt/{box}/") and wanted in payload
        ]
        ms = (mine[0] - began) * 1000 if mine else 0
        self.check(f"{text!r}: {reply.get('text')!r}, on the broker after {ms:.1f} ms", mine)

    def down_and_up(self) -> None:
        subprocess.run(self.args.stop, shell=True, check=True, stdout=subprocess.DEVNULL)  # noqa: S602 (its user's own)
        self.until("it is noticed that Home Assistant is gone", lambda: self.link().get("state") == "lost")
        lamp = "light.reading_lamp"
        self.until("what is only there is unavailable", lambda: not self.devices()[lamp]["available"])
        self.mqtt_command("turn off the captain's lantern", "box 3", b"OFF")
        self.mqtt_command(f"turn on the {word(5)} lamp", "box 5", b"ON")
        began = time.perf_counter()
        starting = subprocess.Popen(self.args.start, shell=True, stdout=subprocess.DEVNULL)  # noqa: S602
        self.until(
            "Home Assistant is spoken with again, from its start", lambda: self.link().get("state") == "connected"
        )
        self.until("everything is back", lambda: self.devices()[lamp]["available"])
        print(f"     from Home Assistant's start to everything back: {time.perf_counter() - began:.2f} s")
        starting.wait()
        print(f"     from its start until it says itself that it runs: {time.perf_counter() - began:.2f} s")
        reply = self.ask("ask", text="turn on the reading lamp")
        self.check(f"a sentence moves it again: {reply.get('text')!r}", self.value(lamp, "state") == "on")

    def cost(self) -> None:
        assert self.service is not None
        print(f"     resident memory {resident_bytes(self.service.pid) / 1e6:.1f} MB")
        time.sleep(10)
        before = cpu_s(self.service.pid)
        time.sleep(self.args.idle)
        print(f"     idle processor time {(cpu_s(self.service.pid) - before) / self.args.idle * 100:.2f} % of a core")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="http://127.0.0.1:8123")
    parser.add_argument("--token", type=Path)
    parser.add_argument("--start")
    parser.add_argument("--stop")
    parser.add_argument("--devices", type=int, default=200)
    parser.add_argument("--prefer", choices=("mqtt", "homeassistant"), default="mqtt")
    parser.add_argument("--idle", type=float, default=20.0)
    parser.add_argument("--yaml", action="store_true", help="print what its configuration must have")
    args = parser.parse_args()
    if args.yaml:
        print(YAML)
        return 0
    with tempfile.TemporaryDirectory() as directory:
        port = free_port()
        conf = Path(directory, "m.conf")
        conf.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nuser root\n")
        broker = subprocess.Popen([find_mosquitto(), "-c", str(conf)], stderr=subprocess.DEVNULL)
        time.sleep(0.5)
        bench = Bench(args, Path(directory), port)
        try:
            return measure(bench)
        finally:
            bench.end()
            broker.terminate()
            broker.wait()


def measure(bench: Bench) -> int:
    bench.announce()
    bench.connect_to_broker()
    bench.expose("input_boolean.fountain", yes=True)
    bench.until("Home Assistant has the devices", lambda: bench.value("light.amber_lamp", "state") is not None)
    time.sleep(5)
    bench.start()
    bench.until("the service is there", bench.link)
    bench.until("Home Assistant is read", lambda: "input_boolean.fountain" in bench.devices())
    bench.until("and MQTT's devices are its too", lambda: bench.link().get("with_mqtt", 0) > 0)
    time.sleep(2)
    print(f"     {bench.link()}")
    bench.sentences()
    bench.one_device()
    bench.changes()
    bench.down_and_up()
    bench.cost()
    print(f"{len(bench.missed)} missed")
    return 1 if bench.missed else 0


if __name__ == "__main__":
    sys.exit(main())
