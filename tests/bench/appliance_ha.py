"""The appliance as a device in a real Home Assistant: every entity is made, shown, and set both ways, with no warning.

    python -m tests.bench.appliance_ha --ha HA.py

`HA.py` starts Home Assistant and drives it (`start`, `add_mqtt`, `states`, `call_service`, …). The voice hears and
speaks through a sound server of its own; the language models are of random weights. Prints what was tried; exit status
1 where something failed.
"""

import argparse
import asyncio
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from edge.models import ModelStore
from edge.mqtt.broker import free_port
from edge.mqtt.client import Endpoint
from edge.mqtt.link import Link
from edge.mqtt.subscriptions import Received
from tests.bench.beside_ha import library
from tests.gguf_maker import make
from tests.mosquitto import Mosquitto
from tests.sound_server import SoundServer

CONFIG = """\
node = "bench"
[mqtt]
broker = "{host}"
port = {port}
announce = {announce}
[speech]
enabled = true
wake_words = ["okay_nabu"]
area = "kitchen"
[llm]
tune = false
[wyoming]
enabled = false
[[areas]]
id = "kitchen"
name = "Kitchen"
"""
LAMP = {"name": "Bench lamp", "unique_id": "bench_lamp", "command_topic": "lamp/set", "state_topic": "lamp/state"}
WITHIN_S = 15.0
EARLIEST = ("model", "tiny-a"), ("wake_word", "okay_nabu"), ("volume", "70"), ("mute", "off")


class Report:
    """What was tried and what came of it."""

    def __init__(self) -> None:
        self.failed = 0

    def tell(self, what: str, well: bool, facts: object = "") -> None:
        self.failed += not well
        print(f"{'ok    ' if well else 'FAILED'}  {what}  {facts}", flush=True)


class Bench:
    """Home Assistant, the broker, the service and a lamp."""

    def __init__(self, ha: Any, broker: Mosquitto, link: Link, directory: Path, environment: dict[str, str]) -> None:
        self.ha = ha
        self.broker = broker
        self.link = link
        self.directory = directory
        self.environment = environment
        self.report = Report()
        self.commands: list[str] = []
        self.configs: dict[str, dict[str, Any]] = {}
        self.state = ""
        link.subscribe(["homeassistant/device/+/config"], self._on_config)
        link.subscribe(["edge/bench/state"], self._on_state)
        link.subscribe(["lamp/set"], self._on_lamp, qos=1)

    def _on_config(self, message: Received) -> None:
        self.configs[message.topic] = json.loads(message.payload or b"{}")

    def _on_state(self, message: Received) -> None:
        self.state = message.payload.decode()

    def _on_lamp(self, message: Received) -> None:
        self.commands.append(message.payload.decode())
        self.link.post("lamp/state", message.payload, retain=True)

    @property
    def components(self) -> dict[str, Any]:
        """What is announced now."""
        return next((config.get("components", {}) for config in self.configs.values()), {})

    async def entities(self) -> dict[str, str]:
        """Home Assistant's entity ids by our keys."""
        registry = await asyncio.to_thread(self.ha.entity_registry)
        ids = {each["unique_id"]: each["entity_id"] for each in registry}
        return {key: ids[each["unique_id"]] for key, each in self.components.items() if each.get("unique_id") in ids}

    async def shown(self, entity: str) -> str | None:
        found = await asyncio.to_thread(self.ha.state, entity)
        return found["state"] if found else None

    async def attribute(self, entity: str, name: str) -> Any:
        found = await asyncio.to_thread(self.ha.state, entity)
        return found["attributes"].get(name) if found else None

    async def shows(self, what: str, entity: str, wanted: str | Callable[[str], bool], within_s: float = 10.0) -> None:
        """Report whether Home Assistant comes to show that."""
        began_s = time.monotonic()
        while True:
            found = await self.shown(entity)
            if found is not None and (found == wanted if isinstance(wanted, str) else wanted(found)):
                self.report.tell(what, True, f"{(time.monotonic() - began_s) * 1000:.0f} ms: {found[:60]!r}")
                return
            if time.monotonic() - began_s > within_s:
                self.report.tell(what, False, f"{entity} shows {found!r}")
                return
            await asyncio.sleep(0.02)

    async def call(self, service: str, entity: str, **data: Any) -> None:
        await asyncio.to_thread(self.ha.call_service, service, {"entity_id": entity, **data})

    async def until(self, is_so: Callable[[], bool], within_s: float = 20.0) -> float:
        """Seconds until it is so; raises TimeoutError."""
        began_s = time.monotonic()
        async with asyncio.timeout(within_s):
            while not is_so():  # noqa: ASYNC110 (other processes)
                await asyncio.sleep(0.01)
        return time.monotonic() - began_s

    @asynccontextmanager
    async def service(self, *, announce: bool = True) -> AsyncIterator[asyncio.subprocess.Process]:
        """Our service, until the end of the block."""
        text = CONFIG.format(host=self.broker.host, port=self.broker.port, announce=str(announce).lower())
        await asyncio.to_thread((self.directory / "config.toml").write_text, text)
        with (self.directory / "service.log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "edge", "run", "--log-format", "json"),
                env=self.environment,
                stdout=log,
                stderr=log,
            )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
            await process.wait()

    async def ask(self, text: str) -> None:
        await self.link.publish("edge/bench/ask", text)


async def _made(bench: Bench) -> dict[str, str]:
    """Every entity is there and knows how it is."""
    announced_s = await bench.until(lambda: "wake_word" in bench.components and bench.state == "online")
    began_s = time.monotonic()
    async with asyncio.timeout(20):
        while len(entities := await bench.entities()) < len(bench.components):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    took_s = time.monotonic() - began_s
    count = f"{len(entities)} of {len(bench.components)} {took_s:.1f} s after they were announced ({announced_s:.1f} s)"
    bench.report.tell("every entity is made", len(entities) == len(bench.components), count)
    await asyncio.sleep(1.0)
    states = await asyncio.to_thread(bench.ha.states)
    away = [entity for entity in entities.values() if states[entity]["state"] == "unavailable"]
    bench.report.tell("every entity is available", not away, away)
    unknown = [entity for entity in entities.values() if states[entity]["state"] == "unknown"]
    print(f"        not known yet: {', '.join(unknown)}")
    for entity in sorted(entities.values()):
        attributes = states[entity]["attributes"]
        facts = [attributes.get(key) for key in ("device_class", "unit_of_measurement", "icon", "options")]
        print(f"        {entity:45} {states[entity]['state'][:30]:30} {attributes['friendly_name']!r} {facts}")
    devices = await asyncio.to_thread(bench.ha.devices)
    ours = [device for device in devices if any(name.startswith("edge_") for _, name in device["identifiers"])]
    facts = [(device["name"], device["manufacturer"], device["model"], device["sw_version"]) for device in ours]
    bench.report.tell("they are one device", len(ours) == 1, facts)
    for key, wanted in EARLIEST:
        await bench.shows(f"{key} shows what is", entities[key], wanted)
    return entities


async def _there_and_back(bench: Bench, entities: dict[str, str]) -> None:
    """What is set in Home Assistant happens here; what happens here is shown there."""
    await bench.call("text.set_value", entities["conversation"], value="turn on the bench lamp")
    await bench.until(lambda: bench.commands == ["ON"])
    await bench.shows("text: a request in Home Assistant moves the lamp", entities["last_reply"], lambda s: "lamp" in s)
    await bench.shows("last request", entities["last_request"], "turn on the bench lamp")
    await bench.shows("an event for it", entities["request"], lambda state: state.startswith("20"))
    first = await bench.shown(entities["request"])
    await bench.ask("turn off the bench lamp")
    await bench.shows("and another for a request from elsewhere", entities["request"], lambda state: state != first)
    await bench.ask("set a timer for 20 minutes")
    await bench.shows("timers are counted", entities["timers"], "1")
    believed = await bench.shown(entities["problem_clock"]) == "off"
    ends = "the next one's end is told, or that the clock can't be trusted"
    await bench.shows(ends, entities["next_timer"], lambda state: state.startswith("20") if believed else True)
    await bench.ask("tell me a story about a lighthouse")
    await bench.shows("the rate of the language model", entities["token_rate"], _is_number, 20)
    await bench.shows("its latency", entities["model_latency"], _is_number, 20)
    await bench.shows("the router's", entities["router_latency"], _is_number, 20)
    await bench.call("number.set_value", entities["volume"], value=35)
    await bench.shows("volume, set there", entities["volume"], "35")
    await bench.ask("set the volume to 50 percent")
    await bench.shows("volume, set by a sentence", entities["volume"], "50")
    await bench.call("switch.turn_on", entities["mute"])
    await bench.shows("mute, set there", entities["mute"], "on")
    await bench.shows("the listening state with it", entities["listening"], "muted")
    await bench.link.publish("edge/bench/listen", "unmute")
    await bench.shows("mute, ended here", entities["mute"], "off")
    await bench.call("select.select_option", entities["wake_word"], option="hey_jarvis")
    await bench.shows("wake word, set there", entities["wake_word"], "hey_jarvis")
    await bench.call("select.select_option", entities["model"], option="tiny-b")
    await bench.shows("model, set there", entities["model"], "tiny-b")
    began_s = time.monotonic()
    async with asyncio.timeout(20):
        while await bench.attribute(entities["model"], "loaded") != "tiny-b":  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    bench.report.tell("and loaded", True, f"shown {time.monotonic() - began_s:.1f} s later")
    store = ModelStore(bench.directory / "state" / "models")
    await asyncio.to_thread(store.use, "tiny-a")
    await bench.shows("model, chosen here", entities["model"], "tiny-a", 65)


async def _pressed(bench: Bench, entities: dict[str, str], process: asyncio.subprocess.Process) -> None:
    """Both buttons."""
    log = bench.directory / "service.log"
    await bench.call("button.press", entities["tune"])
    try:
        took_s = await bench.until(lambda: '"appliance.tuned"' in log.read_text(), 90)
        bench.report.tell("tune", True, f"{took_s:.0f} s")
    except TimeoutError:
        bench.report.tell("tune", False, [line for line in log.read_text().splitlines() if "set.refused" in line])
    began_s = time.monotonic()
    await bench.call("button.press", entities["restart"])
    await bench.until(lambda: bench.state == "offline")
    await bench.until(lambda: bench.state == "online")
    bench.report.tell("restart", process.returncode is None, f"back after {time.monotonic() - began_s:.1f} s")
    await bench.shows("what was chosen is kept: wake word", entities["wake_word"], "hey_jarvis")
    await bench.shows("what was chosen is kept: volume", entities["volume"], "50")


async def _without_home_assistant(bench: Bench, entities: dict[str, str]) -> None:
    """It stops, and starts again with everything back."""
    await asyncio.to_thread(bench.ha.stop)
    bench.commands.clear()
    began_s = time.monotonic()
    await bench.ask("turn on the bench lamp")
    await bench.until(lambda: bench.commands == ["ON"])
    took_ms = (time.monotonic() - began_s) * 1000
    bench.report.tell("Home Assistant stopped: a command goes through", True, f"{took_ms:.0f} ms")
    began_s = time.monotonic()
    started = asyncio.create_task(asyncio.to_thread(bench.ha.start, fresh=False))
    running_s = 0.0
    while True:
        if not running_s and started.done():
            running_s = time.monotonic() - began_s
        back = await _states(bench, entities) if started.done() else {}
        missing = [entity for entity, state in back.items() if state in (None, "unavailable")]
        known = back and back.get(entities["last_reply"]) not in (None, "unknown")
        if (back and not missing and known) or time.monotonic() - began_s > 60:
            break
        await asyncio.sleep(0.1)
    took_s = time.monotonic() - began_s
    facts = f"{took_s - running_s:.1f} s after it ran ({running_s:.1f} s to start) {missing}"
    bench.report.tell("started again: every entity is back", not missing and took_s - running_s <= WITHIN_S, facts)


async def _states(bench: Bench, entities: dict[str, str]) -> dict[str, str | None]:
    states = await asyncio.to_thread(bench.ha.states)
    return {entity: states.get(entity, {}).get("state") for entity in entities.values()}


async def _taken_back(bench: Bench, entities: dict[str, str]) -> None:
    async with bench.service(announce=False):
        began_s = time.monotonic()
        while time.monotonic() - began_s < 20:
            registry = {each["entity_id"] for each in await asyncio.to_thread(bench.ha.entity_registry)}
            left = sorted(registry & set(entities.values()))
            if not left:
                break
            await asyncio.sleep(0.1)
        bench.report.tell("switched off: nothing is left of it", not left, left)


def _is_number(state: str) -> bool:
    try:
        return float(state) > 0
    except ValueError:
        return False


async def run(script: Path) -> int:
    """How much failed."""
    async with AsyncExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for name in ("broker", "sound", "state"):
            (directory / name).mkdir(mode=0o700)
        os.environ |= {"HA_RUN": str(directory / "ha"), "HA_PORT": str(free_port())}
        ha = library(script)
        broker = await stack.enter_async_context(Mosquitto(directory / "broker"))
        sound = await stack.enter_async_context(SoundServer(directory / "sound"))
        store = ModelStore(directory / "state" / "models")
        for name in ("tiny-a", "tiny-b"):
            await asyncio.to_thread(store.add, make(directory / f"{name}.gguf", seed=ord(name[-1])), name=name)
        link = await stack.enter_async_context(Link(Endpoint(broker.host, broker.port), client_id="bench"))
        environment = {key: value for key, value in sound.environment.items() if not key.startswith("EDGE_")}
        environment |= {"EDGE_STATE": str(directory / "state"), "EDGE_CONFIG": str(directory / "config.toml")}
        bench = Bench(ha, broker, link, directory, environment)
        await link.connected()
        await link.publish("homeassistant/switch/bench_lamp/config", json.dumps(LAMP), retain=True)
        await link.publish("lamp/state", "OFF", retain=True)
        print(f"Home Assistant started in {await asyncio.to_thread(ha.start)} s")
        stack.push_async_callback(asyncio.to_thread, ha.stop)
        await asyncio.to_thread(ha.add_mqtt, broker.host, broker.port)
        async with bench.service() as process:
            entities = await _made(bench)
            await _there_and_back(bench, entities)
            await _pressed(bench, entities, process)
            await _without_home_assistant(bench, entities)
        await bench.until(lambda: bench.state == "offline")
        away = await _states(bench, entities)
        here = [entity for entity, state in away.items() if state not in (None, "unavailable")]
        bench.report.tell("ended: every entity is unavailable", not here, here)
        await _taken_back(bench, entities)
        written = await asyncio.to_thread(Path(ha.OUT).read_text, errors="replace")
        complaints = [line for line in written.splitlines() if "WARNING" in line or "ERROR" in line]
        complaints = [line for line in complaints if "--skip-pip" not in line and "Skipping pip" not in line]
        bench.report.tell("nothing to complain about in Home Assistant's log", not complaints, complaints[:10])
        service_log = await asyncio.to_thread((directory / "service.log").read_text)
        unusual = [line for line in service_log.splitlines() if '"level": "info"' not in line]
        print(*(f"        {line[:300]}" for line in unusual[:20]), sep="\n")
    return bench.report.failed


def main() -> int:
    """Exit status 0 where all went well."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ha", type=Path, required=True, help="the file that starts Home Assistant")
    return int(bool(asyncio.run(run(parser.parse_args().ha))))


if __name__ == "__main__":
    sys.exit(main())
