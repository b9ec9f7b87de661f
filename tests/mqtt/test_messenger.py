"""What the assistant was taught to send, on a real broker."""

import json

import pytest

from edge.mqtt.client import Endpoint
from edge.mqtt.errors import MqttLinkError, NotDeliveredError
from edge.mqtt.link import Link
from edge.mqtt.messenger import MqttMessenger
from tests.mosquitto import Mosquitto
from tests.mqtt.inbox import Inbox


async def test_a_message_arrives_and_is_not_kept(broker: Mosquitto) -> None:
    end, inbox, late = Endpoint(broker.host, broker.port), Inbox(), Inbox()
    async with Link(end, client_id="a") as link, Link(end, client_id="b") as other:
        other.subscribe(["house/film"], inbox, qos=1)
        await other.connected()
        await MqttMessenger(link, "edge/test").publish("house/film", "start")
        (message,) = await inbox.wait_for(1)
        assert (message.payload, message.retain) == (b"start", False)
        async with Link(end, client_id="c") as third:
            third.subscribe(["house/film"], late)
            await third.connected()
            await MqttMessenger(link, "edge/test").publish("house/film", "again")
            assert [one.payload for one in await late.wait_for(1)] == [b"again"]


async def test_an_event_says_what_happened_and_when(broker: Mosquitto) -> None:
    end, inbox = Endpoint(broker.host, broker.port), Inbox()
    async with Link(end, client_id="a") as link, Link(end, client_id="b") as other:
        other.subscribe(["edge/test/event"], inbox)
        await other.connected()
        await MqttMessenger(link, "edge/test").tell("taught", {"name": "film_night", "area": None})
        event = json.loads((await inbox.wait_for(1))[0].payload)
        assert event.pop("time") > 0
        assert event == {"event": "taught", "name": "film_night", "area": None}


@pytest.mark.parametrize("topic", ["edge/test", "edge/test/ask", "edge/test/set/volume"])
async def test_topics_of_our_own_are_refused(broker: Mosquitto, topic: str) -> None:
    async with Link(Endpoint(broker.host, broker.port), client_id="a") as link:
        with pytest.raises(MqttLinkError, match="of my own"):
            await MqttMessenger(link, "edge/test").publish(topic, "film night")


async def test_what_no_broker_takes_in_time_is_not_sent_later(broker: Mosquitto) -> None:
    await broker.stop()
    async with Link(Endpoint(broker.host, broker.port), client_id="a") as link:
        with pytest.raises(NotDeliveredError):
            await MqttMessenger(link, "edge/test", timeout_s=0.05).publish("house/film", "start")
        assert link.waiting == 0
