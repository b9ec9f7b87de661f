"""The room's topics on a real broker."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from edge.errors import EdgeError
from edge.mqtt.client import Endpoint
from edge.mqtt.link import Link
from edge.mqtt.room import RoomTopics
from tests.mosquitto import Mosquitto
from tests.mqtt.inbox import Inbox


class Room:
    """A room that remembers what it was told."""

    def __init__(self, state: str | None = "idle") -> None:
        self.state = state
        self.said: list[str] = []
        self.areas: list[str | None] = []
        self.words: list[str] = []
        self.observers: list[Callable[[], None]] = []

    async def say(self, text: str, *, area: str | None = None) -> str:
        if self.state is None:
            raise EdgeError("no loudspeaker is set up")
        self.said.append(text)
        self.areas.append(area)
        return "said"

    def listen(self, word: str, area: str | None = None) -> bool:
        self.words.append(word if area is None else f"{word} {area}")
        return self.state is not None and area != "cellar"

    def observe(self, observer: Callable[[], None]) -> Callable[[], None]:
        self.observers.append(observer)
        return lambda: self.observers.remove(observer)

    def to(self, state: str) -> None:
        self.state = state
        for observer in self.observers:
            observer()


@asynccontextmanager
async def served(broker: Mosquitto, room: Room, inbox: Inbox) -> AsyncIterator[Link]:
    """The room at edge/test, and another client that hears everything of it."""

    def event(kind: str, **facts: Any) -> None:
        link.post("edge/test/event", json.dumps({"event": kind, **facts}))

    end = Endpoint(broker.host, broker.port)
    async with Link(end, client_id="a") as link, Link(end, client_id="b") as other:
        other.subscribe(["edge/test/event", "edge/test/listening"], inbox)
        await other.connected()
        async with RoomTopics(link, base="edge/test", speaker=room, event=event):
            await link.connected()
            yield other


def states(inbox: Inbox) -> list[str]:
    return [message.payload.decode() for message in inbox.messages if message.topic == "edge/test/listening"]


def events(inbox: Inbox) -> list[dict[str, Any]]:
    return [json.loads(message.payload) for message in inbox.messages if message.topic == "edge/test/event"]


async def test_every_state_is_told_and_the_last_is_kept(broker: Mosquitto) -> None:
    room, inbox = Room(), Inbox()
    async with served(broker, room, inbox) as other:
        for state in ("listening", "thinking", "speaking", "idle", "muted"):
            room.to(state)
        await inbox.until(lambda _: states(inbox) == ["idle", "listening", "thinking", "speaking", "idle", "muted"])
        late = Inbox()
        other.subscribe(["edge/test/listening"], late)
        (kept,) = await late.wait_for(1)
        assert (kept.payload, kept.retain) == (b"muted", True)


async def test_without_a_microphone_no_old_state_is_left_behind(broker: Mosquitto) -> None:
    end = Endpoint(broker.host, broker.port)
    async with Link(end, client_id="before") as before:
        await before.publish("edge/test/listening", "listening", retain=True)
    inbox = Inbox()
    async with served(broker, Room(None), inbox):
        await inbox.until(lambda _: states(inbox)[-1:] == [""])


async def test_what_is_to_be_said_is_said_and_told(broker: Mosquitto) -> None:
    room, inbox = Room(), Inbox()
    async with served(broker, room, inbox) as other:
        await other.publish("edge/test/say", "dinner is ready")
        await other.publish("edge/test/say", "  ")
        await other.publish("edge/test/say", b"\xff" + b"x" * 20_000)
        await inbox.until(lambda _: len(events(inbox)) == 2)
    assert room.said[0] == "dinner is ready"
    assert len(room.said[1]) == 2000
    assert events(inbox)[0] == {"event": "say", "text": "dinner is ready", "spoken": True, "ending": "said"}


async def test_what_is_to_be_said_may_name_an_area(broker: Mosquitto) -> None:
    room, inbox = Room(), Inbox()
    odd = ('{"text": 1, "area": "attic"}', '{"text": "x", "area": 2}', '{"a": ', "{ braces }", "[1]")
    async with served(broker, room, inbox) as other:
        for text in ('{"text": "dinner", "area": "attic"}', '{"text": "tea"}', '{"text": "", "area": "attic"}', *odd):
            await other.publish("edge/test/say", text)
        await inbox.until(lambda _: len(events(inbox)) == 7)
    assert room.said == ["dinner", "tea", *odd]
    assert room.areas == ["attic", *[None] * 6]


async def test_without_a_loudspeaker_it_says_so(broker: Mosquitto) -> None:
    inbox = Inbox()
    async with served(broker, Room(None), inbox) as other:
        await other.publish("edge/test/say", "hello")
        await inbox.until(lambda _: bool(events(inbox)))
    assert events(inbox) == [{"event": "say", "text": "hello", "spoken": False, "reason": "no loudspeaker is set up"}]


@pytest.mark.parametrize("word", ["start", "stop", "mute", "unmute"])
async def test_words_reach_the_room_and_others_do_not(broker: Mosquitto, word: str) -> None:
    room, inbox = Room(), Inbox()
    async with served(broker, room, inbox) as other:
        for payload in (b"", b"\xff\xfe", b"louder", b" " + word.upper().encode() + b"\n"):
            await other.publish("edge/test/listen", payload)
        await other.publish("edge/test/say", "done")
        await inbox.until(lambda _: bool(events(inbox)))
    assert room.words == [word]


async def test_an_order_that_was_kept_is_none(broker: Mosquitto) -> None:
    end = Endpoint(broker.host, broker.port)
    async with Link(end, client_id="before") as before:
        await before.publish("edge/test/listen", "start", retain=True)
        await before.publish("edge/test/say", "old news", retain=True)
    room, inbox = Room(), Inbox()
    async with served(broker, room, inbox) as other:
        await other.publish("edge/test/say", "news")
        await inbox.until(lambda _: bool(events(inbox)))
    assert (room.said, room.words) == (["news"], [])


async def test_listening_may_name_an_area(broker: Mosquitto) -> None:
    room, inbox = Room(), Inbox()
    async with served(broker, room, inbox) as other:
        for payload in (
            '{"listen": "Mute", "area": "attic"}',
            '{"listen": "stop"}',
            '{"listen": 1}',
            "{}",
            '{"area": "x"}',
        ):
            await other.publish("edge/test/listen", payload)
        await other.publish("edge/test/listen", '{"listen": "start", "area": "cellar"}')
        await inbox.until(lambda _: bool(events(inbox)))
    assert room.words == ["mute attic", "stop", "start cellar"]
    assert events(inbox)[0]["reason"] == "nothing hears in 'cellar': see `edge doctor`"
