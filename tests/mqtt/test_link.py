"""The connection to the broker, against a real one."""

import asyncio
import hashlib
import os
from base64 import b64encode
from pathlib import Path

import aiomqtt
import pytest

from edge.mqtt.client import Endpoint
from edge.mqtt.errors import MqttLinkError, NotDeliveredError, OutboxFullError
from edge.mqtt.link import Link, LinkState
from edge.mqtt.subscriptions import Received
from tests.mosquitto import Mosquitto
from tests.mqtt.inbox import Inbox


def link_to(broker: Mosquitto, name: str = "test", **more: object) -> Link:
    return Link(Endpoint(broker.host, broker.port, **more), client_id=name, presence=f"edge/{name}/state")


async def test_hands_messages_to_exact_and_wildcard_subscribers(broker: Mosquitto) -> None:
    exact, wide = Inbox(), Inbox()
    async with link_to(broker) as link:
        link.subscribe(["house/lamp"], exact)
        link.subscribe(["house/#"], wide)
        await link.connected()
        await link.publish("house/lamp", "on")
        await link.publish("house/fan", "off")
        assert (await exact.wait_for(1))[0].payload == b"on"
        await wide.wait_for(3)  # MQTT 5: one for each of our subscriptions that match
        assert {(m.topic, m.payload) for m in wide.messages} == {("house/lamp", b"on"), ("house/fan", b"off")}


async def test_a_held_link_hands_what_was_kept_for_it_to_who_came_after_it(broker: Mosquitto) -> None:
    kept, states = Inbox(), Inbox()
    async with link_to(broker, session_s=60) as before:
        before.subscribe(["ask"], Inbox(), qos=1)
        await before.connected()
    async with link_to(broker, "other") as other:
        other.subscribe(["edge/test/state"], states, qos=1)
        await other.publish("ask", "while nobody was there")
        held = Link(
            Endpoint(broker.host, broker.port, session_s=60), client_id="test", presence="edge/test/state", held=True
        )
        async with held, asyncio.timeout(20):
            await other.publish("edge/other", "the broker has had time to let it in")
            assert held.state is LinkState.CONNECTING
            held.subscribe(["ask"], kept, qos=1)
            held.begin()
            assert (await kept.wait_for(1))[0].payload == b"while nobody was there"
            await states.until(lambda messages: messages[-1].payload == b"online")


async def test_subscribes_to_thousands_of_topics_made_after_connecting(broker: Mosquitto) -> None:
    inbox = Inbox()
    async with link_to(broker) as link:
        await link.connected()
        for number in range(1000):
            link.post(f"sensor/{number}", str(number), retain=True)
        link.subscribe([f"sensor/{number}" for number in range(1000)], inbox)
        topics = {message.topic for message in await inbox.wait_for(1000)}
        assert len(topics) == 1000


async def test_asks_no_more_at_once_than_the_broker_takes_in_a_packet(tmp_path: Path) -> None:
    inbox = Inbox()
    topics = [f"a long way to house/{number}" for number in range(100)]
    async with Mosquitto(tmp_path, "max_packet_size 200") as broker, link_to(broker, "small") as link:
        link.subscribe(topics, inbox)
        async with asyncio.timeout(20):
            await link.connected()
            await link.publish(topics[-1], "heard")
            await inbox.wait_for(1)
            link.unsubscribe(topics, inbox)
            await link.publish("after", "all")
        assert link.counts.connects == 1


async def test_stops_calling_after_unsubscribe(broker: Mosquitto) -> None:
    gone, stays = Inbox(), Inbox()
    async with link_to(broker) as link:
        link.subscribe(["a"], gone)
        link.subscribe(["a", "b"], stays)
        await link.connected()
        link.unsubscribe(["a"], gone)
        await link.publish("a", "1")
        await link.publish("b", "2")
        await stays.wait_for(2)
        assert gone.messages == []


async def test_carries_response_topic_and_correlation_data(broker: Mosquitto) -> None:
    from paho.mqtt.packettypes import PacketTypes
    from paho.mqtt.properties import Properties

    inbox = Inbox()
    async with link_to(broker) as link:
        link.subscribe(["ask"], inbox)
        await link.connected()
        properties = Properties(PacketTypes.PUBLISH)
        properties.ResponseTopic = "answers/here"
        properties.CorrelationData = b"\x00\x01"
        async with aiomqtt.Client(broker.host, broker.port, protocol=aiomqtt.ProtocolVersion.V5) as client:
            await client.publish("ask", "hello", qos=1, properties=properties)
        (message,) = await inbox.wait_for(1)
        assert (message.response_topic, message.correlation) == ("answers/here", b"\x00\x01")


async def test_says_online_and_offline(broker: Mosquitto) -> None:
    inbox = Inbox()
    async with link_to(broker, "watcher") as watcher:
        watcher.subscribe(["edge/node/state"], inbox)
        await watcher.connected()
        async with link_to(broker, "node") as link:
            await link.connected()
            await inbox.wait_for(1)
        assert [message.payload for message in await inbox.wait_for(2)] == [b"online", b"offline"]


async def test_a_restart_of_the_broker_loses_no_message_that_was_handed_over(broker: Mosquitto) -> None:
    inbox = Inbox()
    async with link_to(broker, "sender") as sender, link_to(broker, "receiver") as receiver:
        receiver.subscribe(["command"], inbox, qos=1)
        await receiver.connected()
        await sender.connected()
        sent = [asyncio.create_task(sender.publish("command", str(number), timeout_s=30)) for number in range(50)]
        await inbox.wait_for(1)
        await broker.stop()
        sent += [asyncio.create_task(sender.publish("command", str(number), timeout_s=30)) for number in range(50, 100)]
        await broker.start()
        await asyncio.gather(*sent)
        await inbox.until(lambda messages: {int(message.payload) for message in messages} == set(range(100)))
        assert sender.counts.connects == 2


async def test_a_question_that_comes_while_we_are_away_is_kept_by_the_broker(broker: Mosquitto) -> None:
    inbox = Inbox()
    async with link_to(broker, "service") as link:
        link.subscribe(["ask"], inbox, qos=1)
        await link.connected()
    async with aiomqtt.Client(broker.host, broker.port) as client:
        await client.publish("ask", "lights on", qos=1)
    async with link_to(broker, "service") as link:
        link.subscribe(["ask"], inbox, qos=1)
        assert [message.payload for message in await inbox.wait_for(1)] == [b"lights on"]


async def test_a_message_that_was_given_up_is_not_sent_later(broker: Mosquitto) -> None:
    inbox = Inbox()
    async with link_to(broker, "sender") as sender:
        await sender.connected()
        await broker.stop()
        with pytest.raises(NotDeliveredError):
            await sender.publish("command", "stale", timeout_s=0.05)
        await broker.start()
        async with link_to(broker, "receiver") as receiver:
            receiver.subscribe(["command"], inbox)
            await receiver.connected()
            await sender.publish("command", "fresh", timeout_s=20)
            assert [message.payload for message in await inbox.wait_for(1)] == [b"fresh"]


async def test_the_outbox_is_bounded(broker: Mosquitto) -> None:
    link = Link(Endpoint(broker.host, 1), client_id="alone")
    for number in range(1000):
        link.post("a", str(number))
    with pytest.raises(OutboxFullError):
        link.post("a", "one too many")


async def test_tells_a_wrong_password_from_a_lost_network(tmp_path: Path) -> None:
    passwords = tmp_path / "passwords"
    salt = os.urandom(12)
    digest = hashlib.pbkdf2_hmac("sha512", b"right", salt, 101)
    passwords.write_text(f"edge:$7$101${b64encode(salt).decode()}${b64encode(digest).decode()}\n")
    async with Mosquitto(tmp_path, f"password_file {passwords}", anonymous=False) as broker:
        async with link_to(broker, username="edge", password=lambda: "wrong") as link:
            async with asyncio.timeout(10):
                await link.reached(LinkState.REFUSED)
            assert "password_file" in (link.trouble or "")
        async with link_to(broker, username="edge", password=lambda: "right") as link:
            async with asyncio.timeout(10):
                await link.connected()
        await broker.stop()
        async with link_to(broker, username="edge", password=lambda: "right") as link:
            async with asyncio.timeout(10):
                await link.reached(LinkState.LOST)
            assert str(broker.port) in (link.trouble or "")


async def test_reports_a_password_file_that_can_not_be_read(broker: Mosquitto, tmp_path: Path) -> None:
    missing = tmp_path / "no-such-file"
    async with link_to(broker, username="edge", password=missing.read_text) as link:
        async with asyncio.timeout(10):
            await link.reached(LinkState.REFUSED)
        assert str(missing) in (link.trouble or "")


@pytest.mark.parametrize("topic", ["", "a/#", "a/+/b", "a\x00b", "x" * 70_000])
async def test_refuses_topics_that_would_cost_the_connection(broker: Mosquitto, topic: str) -> None:
    async with link_to(broker) as link:
        with pytest.raises(MqttLinkError):
            link.post(topic, "x")


async def test_a_handler_that_fails_does_not_end_the_connection(broker: Mosquitto) -> None:
    def fails(message: Received) -> None:
        raise RuntimeError("handler")

    inbox = Inbox()
    async with link_to(broker) as link:
        link.subscribe(["a"], fails)
        link.subscribe(["a"], inbox)
        await link.connected()
        await link.publish("a", "1")
        await link.publish("a", "2")
        await inbox.wait_for(2)
        assert link.counts.connects == 1
