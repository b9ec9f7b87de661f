"""Questions about the past in the whole service: over the socket and over MQTT, from new readings and old ones."""

import asyncio
import json
from pathlib import Path

from edge.mqtt.client import Endpoint
from edge.mqtt.link import Link
from tests.mosquitto import Mosquitto
from tests.mqtt.inbox import Inbox
from tests.service.test_life import to
from tests.service.test_summary import SETTINGS, remember, service

DOOR = """
[[sensors]]
topic = "door"
id = "binary_sensor.door"
name = "Wine Room Door"
device_class = "door"
area = "cellar"
"""


async def test_the_past_is_answered_from_what_was_written_and_what_waits(broker: Mosquitto, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(SETTINGS + DOOR)
    await asyncio.to_thread(remember, tmp_path / "s")
    async with service(tmp_path, **to(broker)) as running:
        await running.until("service.ready")
        asked = {"text": "what was the lowest temperature in the wine room yesterday", "id": "1"}
        inbox = Inbox()
        async with Link(Endpoint(broker.host, broker.port), client_id="asks") as link:
            link.subscribe(["edge/test/reply"], inbox, qos=1)
            await link.connected()
            await link.publish("edge/test/ask", json.dumps(asked))
            told = json.loads((await inbox.wait_for(1))[0].payload)
            await link.publish("door", "OFF", qos=1)
            await link.publish("door", "ON", qos=1)
            while (await running.call("status"))["history"]["taken"] < 2:  # noqa: ASYNC110 (it is in another process)
                await asyncio.sleep(0.01)
        assert told["source"] == "sensors"
        assert told["text"].startswith("Yesterday the wine room was coldest at 1:45: 14 degrees.")
        opened = await running.call("ask", text="how many times was the wine room door opened today")
        assert opened["text"].startswith("The wine room door was opened once today")
        assert (await running.call("ask", text="and yesterday"))["source"] == "sensors"
        assert await running.end() == 0


async def test_without_a_history_it_is_said_to_be_off(broker: Mosquitto, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(SETTINGS.replace("window_s = 1", "enabled = false"))
    async with service(tmp_path, **to(broker)) as running:
        await running.until("service.ready")
        reply = await running.call("ask", text="what was the lowest temperature in the wine room yesterday")
        assert reply["source"] != "sensors"
        assert await running.end() == 0
