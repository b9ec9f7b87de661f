"""An appliance that has lost its state is found on the broker again."""

import json
from typing import Any

import pytest

from edge.mqtt.appliance import former_id
from edge.mqtt.client import Endpoint
from edge.mqtt.link import Link
from tests.mosquitto import Mosquitto
from tests.mqtt.appliance.fakes import BASE, CONFIG, DESCRIPTION, FACTS, ID

PAYLOAD: dict[str, Any] = DESCRIPTION.payload((), FACTS, {})


async def found(broker: Mosquitto, *messages: tuple[str, str], retain: bool = True) -> str | None:
    async with Link(Endpoint(broker.host, broker.port), client_id="a") as link:
        await link.connected()
        for topic, payload in messages:
            await link.publish(topic, payload, retain=retain)
        return await former_id(link, prefix="homeassistant", base=BASE)


async def test_its_own_payload_is_known_by_its_topics(broker: Mosquitto) -> None:
    other = json.dumps({**PAYLOAD, "availability": [{"topic": "edge/other/state"}]})
    messages = ("homeassistant/device/edge_aaaaaaaaaaaa/config", other), (CONFIG, json.dumps(PAYLOAD))
    assert await found(broker, *messages) == ID


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        (CONFIG, json.dumps({**PAYLOAD, "origin": {"name": "zigbee2mqtt"}})),
        (CONFIG, json.dumps({**PAYLOAD, "origin": None})),
        (CONFIG, json.dumps({**PAYLOAD, "availability": "edge/test/state"})),
        (CONFIG, "[]"),
        (CONFIG, "no JSON"),
        (CONFIG, " " * 300_000 + json.dumps(PAYLOAD)),
        ("homeassistant/device/box/config", json.dumps(PAYLOAD)),
    ],
)
async def test_what_is_not_its_own_is_left_alone(broker: Mosquitto, topic: str, payload: str) -> None:
    assert await found(broker, (topic, payload)) is None


async def test_nothing_there_is_nothing_found(broker: Mosquitto) -> None:
    assert await found(broker) is None
