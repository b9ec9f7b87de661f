"""Our own topics on a real broker."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiomqtt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from edge.assistant.model import Reply, Utterance
from edge.devices.model import Area
from edge.devices.registry import Registry
from edge.mqtt.asks import Ask, AskError, parse_ask
from edge.mqtt.client import Endpoint
from edge.mqtt.conversation import Conversation
from edge.mqtt.link import Link
from edge.router.model import Decision
from tests.mosquitto import Mosquitto
from tests.mqtt.inbox import Inbox


class Echo:
    """An assistant that says what it heard; it can be made to wait."""

    def __init__(self) -> None:
        self.heard: list[Utterance] = []
        self.go_on = asyncio.Event()
        self.go_on.set()

    async def ask(self, utterance: Utterance) -> Reply:
        self.heard.append(utterance)
        await self.go_on.wait()
        return Reply(utterance.id, f"heard {utterance.text}", Decision.CHAT)


@asynccontextmanager
async def talking(broker: Mosquitto, echo: Echo, inbox: Inbox) -> AsyncIterator[Link]:
    """A conversation at edge/test, and another client that hears everything it says."""

    async def health() -> Mapping[str, Any]:
        return {"fine": True}

    registry = Registry()
    registry.put_area(Area("kitchen", "Kitchen"))
    end = Endpoint(broker.host, broker.port)
    async with Link(end, client_id="a") as link, Link(end, client_id="b") as other:
        other.subscribe(["edge/test/reply", "edge/test/event", "edge/test/health", "answers/#"], inbox)
        await other.connected()
        async with Conversation(link, base="edge/test", ask=echo.ask, registry=registry, health=health):
            await link.connected()
            yield other


def on(inbox: Inbox, topic: str) -> list[dict[str, Any]]:
    return [json.loads(message.payload) for message in inbox.messages if message.topic == topic]


async def replies(inbox: Inbox, count: int) -> list[dict[str, Any]]:
    await inbox.until(lambda _: len(on(inbox, "edge/test/reply")) >= count)
    return on(inbox, "edge/test/reply")


async def test_plain_text_is_answered_under_a_new_id(broker: Mosquitto) -> None:
    inbox, echo = Inbox(), Echo()
    async with talking(broker, echo, inbox) as other:
        await other.publish("edge/test/ask", "turn on the light")
        (reply,) = await replies(inbox, 1)
    assert reply.keys() == {"id", "text", "decision", "calls", "source", "ms"}
    assert reply["text"] == "heard turn on the light"
    assert reply["id"]


async def test_json_carries_id_area_and_speak(broker: Mosquitto) -> None:
    inbox, echo = Inbox(), Echo()
    async with talking(broker, echo, inbox) as other:
        await other.publish("edge/test/ask", json.dumps({"text": "hi", "id": "q1", "area": "Kitchen", "speak": True}))
        (reply,) = await replies(inbox, 1)
    assert reply["id"] == "q1"
    assert (echo.heard[0].area, echo.heard[0].speak) == ("kitchen", True)


async def test_a_response_topic_gets_the_reply_with_its_correlation_data(broker: Mosquitto) -> None:
    inbox, echo = Inbox(), Echo()
    properties = Properties(PacketTypes.PUBLISH)
    properties.ResponseTopic = "answers/mine"
    properties.CorrelationData = b"\x01\x02"
    async with (
        talking(broker, echo, inbox),
        aiomqtt.Client(broker.host, broker.port, protocol=aiomqtt.ProtocolVersion.V5) as client,
    ):
        await client.publish("edge/test/ask", "hello", qos=1, properties=properties)
        await inbox.until(lambda messages: any(message.topic == "answers/mine" for message in messages))
    (answer,) = [message for message in inbox.messages if message.topic == "answers/mine"]
    assert answer.correlation == b"\x01\x02"
    assert json.loads(answer.payload)["text"] == "heard hello"


async def test_a_response_topic_that_would_ask_us_again_is_refused(broker: Mosquitto) -> None:
    inbox, echo = Inbox(), Echo()
    properties = Properties(PacketTypes.PUBLISH)
    properties.ResponseTopic = "edge/test/ask"
    async with (
        talking(broker, echo, inbox) as other,
        aiomqtt.Client(broker.host, broker.port, protocol=aiomqtt.ProtocolVersion.V5) as client,
    ):
        await client.publish("edge/test/ask", "loop", qos=1, properties=properties)
        await replies(inbox, 1)
        await other.publish("edge/test/ask", "after")
        await replies(inbox, 2)
    assert [utterance.text for utterance in echo.heard] == ["loop", "after"]


async def test_a_retained_question_is_not_answered(broker: Mosquitto) -> None:
    inbox, echo = Inbox(), Echo()
    async with aiomqtt.Client(broker.host, broker.port) as client:
        await client.publish("edge/test/ask", "unlock the door", qos=1, retain=True)
    async with talking(broker, echo, inbox) as other:
        await other.publish("edge/test/ask", "fresh")
        await replies(inbox, 1)
    assert [utterance.text for utterance in echo.heard] == ["fresh"]


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (b'{"text": 3, "id": "x"}', "`text`"),
        (b'{"id": "x"}', "`text`"),
        (b'{"text": "a", "id": ["x"]}', "`id`"),
        (b'{"text": "a", "speak": "yes", "id": "x"}', "`speak`"),
        (b'{"text": "a', "JSON"),
        (b"\xff\xfe\xfd", "UTF-8"),
        pytest.param(b'{"a":' * 5000, "bytes", id="deep"),
        pytest.param(b"x" * 1_000_000, "bytes", id="megabyte"),
    ],
)
async def test_a_bad_question_gets_an_error_and_the_next_one_its_answer(
    broker: Mosquitto, payload: bytes, expected: str
) -> None:
    inbox, echo = Inbox(), Echo()
    async with talking(broker, echo, inbox) as other:
        await other.publish("edge/test/ask", payload)
        await other.publish("edge/test/ask", "good")
        bad, good = await replies(inbox, 2)
    assert expected in bad["error"]
    assert bad["decision"] == "ignore"
    assert bad["calls"] == []
    assert good["text"] == "heard good"


async def test_too_many_questions_at_once_are_refused(broker: Mosquitto) -> None:
    inbox, echo = Inbox(), Echo()
    echo.go_on.clear()
    async with talking(broker, echo, inbox) as other:
        for number in range(17):
            await other.publish("edge/test/ask", json.dumps({"text": "x", "id": str(number)}))
        (refused,) = await replies(inbox, 1)
        echo.go_on.set()
        await replies(inbox, 17)
    assert refused["id"] == "16"
    assert "later" in refused["error"]


async def test_a_flood_of_rubbish_takes_no_place_from_questions(broker: Mosquitto) -> None:
    inbox, echo = Inbox(), Echo()
    async with talking(broker, echo, inbox) as other:
        flood = [other.post("edge/test/ask", b"\xff") for _ in range(900)]
        await other.publish("edge/test/ask", "lights on")
        await asyncio.gather(*flood)
        await inbox.until(lambda _: any(one["text"] == "heard lights on" for one in on(inbox, "edge/test/reply")))
    assert [utterance.text for utterance in echo.heard] == ["lights on"]


async def test_health_is_retained(broker: Mosquitto) -> None:
    inbox, echo = Inbox(), Echo()
    async with talking(broker, echo, inbox) as other:
        await inbox.until(lambda _: on(inbox, "edge/test/health") == [{"fine": True}])
        late = Inbox()
        other.subscribe(["edge/test/health"], late)
        assert (await late.wait_for(1))[0].retain


@given(st.binary(max_size=200) | st.text(max_size=50).map(str.encode))
def test_any_payload_is_a_question_or_a_clear_error(payload: bytes) -> None:
    try:
        ask = parse_ask(payload)
    except AskError as error:
        assert str(error)
        assert error.id
    else:
        assert isinstance(ask, Ask)
        assert ask.id
        ask.text.encode()


@given(
    st.dictionaries(
        st.sampled_from(["text", "id", "area", "speak", "x"]),
        st.none() | st.booleans() | st.integers() | st.text(max_size=10) | st.lists(st.integers(), max_size=2),
    )
)
def test_any_object_is_a_question_or_a_clear_error(fields: dict[str, Any]) -> None:
    try:
        ask = parse_ask(json.dumps(fields).encode())
    except AskError as error:
        assert "`" in str(error)
    else:
        assert fields["text"] is not None
        assert ask.id
