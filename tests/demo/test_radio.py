"""The house on a real broker: announced, obedient, missed when it dies, back when the broker is."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import aiomqtt
import pytest

from edge.demo.house import House
from edge.demo.house.radio import Broker, live
from tests.mosquitto import Mosquitto

WITHIN_S = 15.0


class Listener:
    """Keeps the last payload of every topic."""

    def __init__(self, client: aiomqtt.Client) -> None:
        self.client = client
        self.latest: dict[str, str] = {}

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(WITHIN_S):
            while not condition():
                message = await anext(self.client.messages)
                assert isinstance(message.payload, bytes)
                self.latest[str(message.topic)] = message.payload.decode(errors="replace")

    def shows(self, topic: str, key: str, value: object) -> Callable[[], bool]:
        return lambda: json.loads(self.latest.get(topic) or "{}").get(key) == value


@asynccontextmanager
async def listening(broker: Mosquitto) -> AsyncIterator[Listener]:
    async with aiomqtt.Client(broker.host, broker.port) as client:
        await client.subscribe("#", qos=1)
        yield Listener(client)


@asynccontextmanager
async def living(broker: Mosquitto, *, tidy: bool = False) -> AsyncIterator[House]:
    house = House()
    task = asyncio.create_task(live(house, Broker(broker.host, broker.port), tidy=tidy))
    try:
        yield house
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def announced(heard: Listener, house: House) -> bool:
    configs = [payload for topic, payload in heard.latest.items() if topic.endswith("/config") and payload]
    return sum(len(json.loads(payload).get("cmps", (1,))) for payload in configs) == house.entities


async def test_it_announces_itself_and_obeys(broker: Mosquitto) -> None:
    async with living(broker) as house, listening(broker) as heard:
        await heard.until(lambda: announced(heard, house))
        await heard.until(heard.shows("zigbee2mqtt/bridge/state", "state", "online"))
        await heard.client.publish("zigbee2mqtt/Kitchen Light/set", '{"state": "ON", "brightness": 20}')
        await heard.until(heard.shows("zigbee2mqtt/Kitchen Light", "brightness", 20))
        await heard.client.publish("coffee_machine/cmnd/POWER", "ON")
        await heard.until(lambda: heard.latest.get("coffee_machine/stat/POWER") == "ON")


async def test_it_says_goodbye(broker: Mosquitto) -> None:
    async with listening(broker) as heard:
        async with living(broker):
            await heard.until(lambda: heard.latest.get("tv/status") == "online")
        await heard.until(lambda: heard.latest["tv/status"] == "offline")
        await heard.until(heard.shows("zigbee2mqtt/bridge/state", "state", "offline"))


async def test_a_tidy_house_leaves_nothing_behind(broker: Mosquitto) -> None:
    async with living(broker, tidy=True) as house, listening(broker) as heard:
        await heard.until(lambda: announced(heard, house))
    async with listening(broker) as heard:
        await heard.client.publish("end", "1")
        await heard.until(lambda: "end" in heard.latest)
        assert list(heard.latest) == ["end"]


async def test_it_comes_back_after_the_broker_did(broker: Mosquitto) -> None:
    async with living(broker) as house:
        async with listening(broker) as heard:
            await heard.until(lambda: announced(heard, house))
        await broker.restart(signal.SIGKILL)
        async with listening(broker) as heard:
            await heard.until(lambda: announced(heard, house))
            await heard.client.publish("bedroom-fan/speed/set", "3")
            await heard.until(lambda: heard.latest.get("bedroom-fan/speed") == "3")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
async def test_the_broker_tells_when_its_process_is_gone(broker: Mosquitto, number: signal.Signals) -> None:
    async with listening(broker) as heard:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "edge.demo.house", "--port", str(broker.port), "--start-hour", "7"
        )
        try:
            await heard.until(lambda: heard.latest.get("coffee_machine/tele/LWT") == "Online")
            await heard.until(heard.shows("zigbee2mqtt/bridge/state", "state", "online"))
        finally:
            process.send_signal(number)
        await heard.until(lambda: heard.latest["coffee_machine/tele/LWT"] == "Offline")
        await heard.until(heard.shows("zigbee2mqtt/bridge/state", "state", "offline"))
        assert await process.wait() == (0 if number is signal.SIGTERM else -signal.SIGKILL)


async def test_a_message_that_is_no_text_does_no_harm(broker: Mosquitto) -> None:
    async with living(broker), listening(broker) as heard:
        await heard.until(heard.shows("zigbee2mqtt/bridge/state", "state", "online"))
        for topic in ("zigbee2mqtt/Kitchen Light/set", "house/hand", "sprinkler/valve/set"):
            await heard.client.publish(topic, b"\xff\x00\xfe")
        await heard.client.publish("house/hand", '{"device": "Hall Light", "do": "press"}')
        await heard.until(heard.shows("zigbee2mqtt/Hall Light", "state", "ON"))
