"""The assistant and a real Home Assistant on one broker, both commanding the simulated house: each sees the other.

    python -m tests.bench.beside_ha --ha HA.py [--devices 1000]

`HA.py` starts Home Assistant and drives it (`start`, `add_mqtt`, …). First each moves the house and the other must see
it; then Home Assistant is stopped, sentences still move devices, and it is started again; then `tests.bench.service`
measures with so many devices that both know, and `tests.bench.ha_commands` compares what both send to devices. Or, with
one that is connected to a broker with nothing of worth on it, the first part alone:

    python -m tests.bench.beside_ha --url http://127.0.0.1:8123 --token FILE --broker 127.0.0.1:1883

Prints how long it took until the other side saw each change; exit status 1 where it did not.
"""

import argparse
import asyncio
import importlib.util
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from edge.demo.house import House
from edge.demo.stage import Stage
from edge.mqtt.broker import BrokerAddress, free_port
from tests.bench import service
from tests.bench.ha_commands import SUBSCRIBED_S, HomeAssistant
from tests.mosquitto import Mosquitto

WITHIN_S = 10.0
BY_HOME_ASSISTANT: tuple[tuple[str, str, dict[str, Any], str, object], ...] = (
    ("turn_on", "light.bedroom_lamp", {"brightness_pct": 30, "color_name": "red"}, "state", "on"),
    ("turn_on", "light.garden_lights", {"rgb_color": [10, 20, 255]}, "state", "on"),
    ("turn_on", "light.garage_light", {"brightness_pct": 50}, "state", "on"),
    ("turn_on", "switch.coffee_machine", {}, "state", "on"),
    ("set_cover_position", "cover.bedroom_blinds", {"position": 40}, "current_position", 40),
    ("open_cover", "cover.garage_door", {}, "state", "open"),
    ("unlock", "lock.front_door", {}, "state", "unlocked"),
    ("set_temperature", "climate.living_room_thermostat", {"temperature": 19}, "temperature", 19),
    ("set_hvac_mode", "climate.air_conditioner", {"hvac_mode": "cool"}, "state", "cool"),
    ("set_percentage", "fan.bedroom_fan", {"percentage": 75}, "percentage", 75),
    ("set_humidity", "humidifier.humidifier", {"humidity": 60}, "humidity", 60),
    ("set_temperature", "water_heater.boiler", {"temperature": 60}, "temperature", 60),
    ("open_valve", "valve.sprinkler", {}, "state", "open"),
    ("turn_on", "siren.siren", {"tone": "fire", "duration": 30}, "state", "on"),
    ("start", "vacuum.vacuum", {}, "state", "cleaning"),
    ("start_mowing", "lawn_mower.lawn_mower", {}, "state", "mowing"),
    ("alarm_arm_night", "alarm_control_panel.house_alarm", {}, "state", "armed_night"),
    ("select_option", "select.doorbell_chime", {"option": "Bird"}, "state", "Bird"),
    ("set_value", "number.doorbell_volume", {"value": 3}, "state", "3"),
    ("set_value", "text.kitchen_display_line", {"value": "Hello"}, "state", "Hello"),
)
"""Service, entity, data, and what the assistant must come to know."""
BY_SENTENCE: tuple[tuple[str, str, str, object], ...] = (
    ("turn on the kitchen light", "light.kitchen_light", "state", "on"),
    ("set the bedroom lamp to 60 percent", "light.bedroom_lamp", "brightness", 153),
    ("turn off the coffee machine", "switch.coffee_machine", "state", "off"),
    ("close the bedroom blinds", "cover.bedroom_blinds", "state", "closed"),
    ("lock the front door", "lock.front_door", "state", "locked"),
    ("set the heating in the living room to 21 degrees", "climate.living_room_thermostat", "temperature", 21),
    ("turn off the bedroom fan", "fan.bedroom_fan", "state", "off"),
    ("send the vacuum home", "vacuum.vacuum", "state", "docked"),
    ("close the garage door", "cover.garage_door", "state", "closed"),
    ("turn off the siren", "siren.siren", "state", "off"),
)
"""Sentence, entity, and what Home Assistant must come to know."""


AWAY: tuple[tuple[str, str, str, object], ...] = (
    ("turn off the kitchen light", "light.kitchen_light", "state", "off"),
    ("set the bedroom lamp to 20 percent", "light.bedroom_lamp", "brightness", 51),
    ("open the bedroom blinds", "cover.bedroom_blinds", "state", "open"),
    ("turn on the coffee machine", "switch.coffee_machine", "state", "on"),
)
"""The same, while Home Assistant is down."""
BACK_S = 15.0
ASKS = 200
THERE_S = 60.0


async def seen(read: Callable[[], Awaitable[dict[str, Any]]], key: str, wanted: object) -> str | None:
    """None once a state or attribute is as wanted; what it is instead after a while."""
    until_s = time.monotonic() + WITHIN_S
    while True:
        state = await read()
        value = state.get("state") if key == "state" else state.get("attributes", {}).get(key)
        if value == wanted:
            return None
        if time.monotonic() > until_s:
            return f"{key} is {value!r}, expected {wanted!r}"
        await asyncio.sleep(0.01)


async def beside(home_assistant: HomeAssistant, address: BrokerAddress, ha: Any = None) -> int:
    """How many changes one of the two did not see; with `ha` to stop and start it, also without it."""
    missed = 0
    async with Stage(broker=address) as stage:

        async def ours(entity: str) -> dict[str, Any]:
            devices = (await stage.status("devices"))["devices"]
            return next((device for device in devices if device["id"] == entity), {})

        async def theirs(entity: str) -> dict[str, Any]:
            return await asyncio.to_thread(home_assistant.state, entity) or {}

        async def there(entity: str) -> bool:
            return str((await theirs(entity)).get("state", "unavailable")) != "unavailable"

        async with asyncio.timeout(SUBSCRIBED_S * 3):
            while not all([await there(entity) for _, entity, *_ in BY_HOME_ASSISTANT]):  # noqa: ASYNC110 (it tells nobody)
                await asyncio.sleep(0.1)
        for service, entity, data, key, wanted in BY_HOME_ASSISTANT:
            began_s = time.monotonic()
            refused = await asyncio.to_thread(home_assistant.call, entity, service, data)
            lack = refused or await seen(lambda entity=entity: ours(entity), key, wanted)  # type: ignore[misc]
            missed += tell("Home Assistant", f"{service} {entity}", began_s, lack)
        for text, entity, key, wanted in BY_SENTENCE:
            began_s = time.monotonic()
            reply, _ = await stage.watch.ask(text)
            lack = await seen(lambda entity=entity: theirs(entity), key, wanted)  # type: ignore[misc]
            missed += tell("a sentence", f"{text!r}: {reply.get('text')}", began_s, lack)
        if ha is not None:
            missed += await without(ha, stage, ours, theirs)
    return missed


async def without(
    ha: Any,
    stage: Stage,
    ours: Callable[[str], Awaitable[dict[str, Any]]],
    theirs: Callable[[str], Awaitable[dict[str, Any]]],
) -> int:
    """Home Assistant stops: sentences go on moving devices. It starts: it is back, and all that it knew with it."""
    missed = 0
    before = set(await asyncio.to_thread(ha.states))
    await asyncio.to_thread(ha.stop)
    for text, entity, key, wanted in AWAY:
        began_s = time.monotonic()
        reply, _ = await stage.watch.ask(text)
        lack = await seen(lambda entity=entity: ours(entity), key, wanted)  # type: ignore[misc]
        missed += tell("without it", f"{text!r}: {reply.get('text')}", began_s, lack)
    began_s = time.monotonic()
    await asyncio.to_thread(ha.start, fresh=False)
    print(f"started again in {time.monotonic() - began_s:.1f} s", flush=True)
    began_s = time.monotonic()
    while True:
        states = await asyncio.to_thread(ha.states)
        away = sorted(one for one in before if states.get(one, {}).get("state", "unavailable") == "unavailable")
        # The first has been told to nobody but those who were there when it changed.
        known = states.get("sensor.edge_demo_last_reply", {}).get("state") not in (None, "unknown", "unavailable")
        if (not away and known) or time.monotonic() - began_s > BACK_S:
            break
        await asyncio.sleep(0.05)
    lack = None if not away and known else f"not back: {away[:5]}, last reply known: {known}"
    missed += tell("back", f"{len(before)} entities", began_s, lack)
    for _, entity, key, wanted in AWAY:
        began_s = time.monotonic()
        lack = await seen(lambda entity=entity: theirs(entity), key, wanted)  # type: ignore[misc]
        missed += tell("back", f"{entity} as it was moved meanwhile", began_s, lack)
    return missed


def tell(who: str, what: str, began_s: float, lack: str | None) -> int:
    """One line; 1 for a change that was not seen."""
    took = f"{(time.monotonic() - began_s) * 1000:6.0f} ms"
    print(f"{took}  {who:14}  {what}{f'  MISSED: {lack}' if lack else ''}", flush=True)
    return int(lack is not None)


def library(file: Path) -> Any:
    """The module that starts Home Assistant."""
    spec = importlib.util.spec_from_file_location("ha", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def same_commands(ha: Any, broker: Mosquitto) -> int:
    """Whether a component's command differs from what Home Assistant sends; it tells which."""
    place = ("--url", f"http://127.0.0.1:{ha.PORT}", "--broker", f"{broker.host}:{broker.port}")
    command = (sys.executable, "-m", "tests.bench.ha_commands", "--token", str(ha.TOKEN_FILE), *place)
    process = await asyncio.create_subprocess_exec(*command)
    return int(await process.wait() != 0)


async def all_parts(script: Path, devices: int) -> int:
    """How much went wrong, with a broker and a Home Assistant of our own."""
    with tempfile.TemporaryDirectory() as made:
        directory = Path(made)
        for name in ("house", "many", "service"):
            (directory / name).mkdir()
        os.environ |= {"HA_RUN": str(directory / "ha"), "HA_PORT": str(free_port())}
        ha = library(script)
        print(f"Home Assistant started in {await asyncio.to_thread(ha.start)} s")
        try:
            home_assistant = HomeAssistant(f"http://127.0.0.1:{ha.PORT}", ha.token())
            async with Mosquitto(directory / "house") as broker:
                entry = await asyncio.to_thread(ha.add_mqtt, broker.host, broker.port)
                missed = await beside(home_assistant, BrokerAddress(broker.host, broker.port), ha)
                await asyncio.to_thread(ha.remove_entry, entry["entry_id"])
            queues = ("max_queued_messages 0", "set_tcp_nodelay true")
            async with Mosquitto(directory / "many", *queues) as broker:
                await asyncio.to_thread(ha.add_mqtt, broker.host, broker.port)

                def ready() -> None:
                    began_s = time.monotonic()
                    while len(ha.states("light.")) < devices // 5 and time.monotonic() - began_s < THERE_S:
                        time.sleep(0.2)
                    print(f"Home Assistant had them after   {time.monotonic() - began_s:8.3f} s")
                    time.sleep(SUBSCRIBED_S)

                await asyncio.to_thread(service.measure, broker.port, str(directory / "service"), devices, ASKS, ready)
                theirs = len(await asyncio.to_thread(ha.states))
                print(f"Home Assistant had              {theirs:5d} entities then")
                missed += theirs < devices
                missed += await same_commands(ha, broker)
            return missed
        finally:
            await asyncio.to_thread(ha.stop)


def main() -> int:
    """Exit status 0 where each saw everything that the other did."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ha", type=Path, help="the file that starts Home Assistant")
    parser.add_argument("--devices", type=int, default=1000)
    parser.add_argument("--url", default="http://127.0.0.1:8123")
    parser.add_argument("--token", type=Path, help="a file with a long-lived access token")
    parser.add_argument("--broker", default="127.0.0.1:1883", metavar="HOST:PORT")
    args = parser.parse_args()
    if args.ha is not None:
        return int(asyncio.run(all_parts(args.ha, args.devices)) > 0)
    if args.token is None:
        parser.error("give --ha, or --url, --token and --broker")
    host, _, port = args.broker.partition(":")
    home_assistant = HomeAssistant(args.url, args.token.read_text(encoding="utf-8").strip())
    missed = asyncio.run(beside(home_assistant, BrokerAddress(host, int(port or 1883))))
    changes = len(BY_HOME_ASSISTANT) + len(BY_SENTENCE)
    print(f"{changes - missed} of {changes} changes were seen on the other side ({House().entities} entities)")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
