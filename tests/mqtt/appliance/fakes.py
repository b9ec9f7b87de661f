"""An appliance on a broker, its owner's hands, and somebody who watches like Home Assistant."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from edge.errors import EdgeError
from edge.mqtt.appliance import AlarmTopics, Appliance, Description, Exchange, Facts
from edge.mqtt.client import Endpoint
from edge.mqtt.link import Link
from tests.mosquitto import Mosquitto
from tests.mqtt.inbox import Inbox

BASE = "edge/test"
ID = "edge_0123456789ab"
CONFIG = f"homeassistant/device/{ID}/config"
DESCRIPTION = Description(ID, BASE, "homeassistant", "Edge test", "1.2.3", "A board", "Kitchen")
FACTS = Facts(
    "1.2.3",
    has_voice=True,
    listening="idle",
    volume=0.7,
    wake_word="okay_nabu",
    wake_words=("alexa", "okay_nabu"),
    model="qwen",
    models=("phi", "qwen"),
    celsius=48.26,
    available_bytes=512 << 20,
    service_bytes=123 << 20,
)
EXCHANGE = Exchange(
    id="1",
    text="turn on the lamp",
    reply="The lamp is on.",
    decision="act",
    answered_by="router",
    source="mqtt",
    area="kitchen",
    functions=("light.turn_on",),
    ms=12.34,
)


class Hands:
    """Remembers what was set; refuses what it is told to."""

    def __init__(self) -> None:
        self.set: list[tuple[str, Any]] = []
        self.refusal: str | None = None
        self.error: Exception | None = None
        self.go_on = asyncio.Event()
        self.go_on.set()

    async def _do(self, what: str, value: Any) -> None:
        if self.error is not None:
            raise self.error
        if self.refusal is not None:
            raise EdgeError(self.refusal)
        self.set.append((what, value))
        await self.go_on.wait()

    async def set_volume(self, volume: float, /) -> None:
        await self._do("volume", volume)

    async def mute(self, muted: bool, /) -> None:
        await self._do("mute", muted)

    async def play_scene(self, key: str, /) -> None:
        await self._do("scene", key)

    async def set_guests(self, present: bool, /) -> None:
        await self._do("guests", present)

    async def use_wake_word(self, word: str, /) -> None:
        await self._do("wake_word", word)

    async def use_model(self, name: str, /) -> None:
        await self._do("model", name)

    async def restart(self) -> None:
        await self._do("restart", None)

    async def tune(self) -> None:
        await self._do("tune", None)


class Scene:
    """The appliance, what it knows, and what a watcher has seen of it."""

    appliance: Appliance
    alarms: AlarmTopics
    link: Link
    other: Link

    def __init__(self, directory: Path) -> None:
        self.kept_in = directory / "announced.json"
        self.facts = FACTS
        self.hands = Hands()
        self.inbox = Inbox()
        self.told: list[dict[str, Any]] = []
        self.some_told = asyncio.Event()

    def change(self, **facts: Any) -> None:
        self.facts = replace(self.facts, **facts)
        self.appliance.note()

    def event(self, kind: str, **facts: Any) -> None:
        self.told.append({"event": kind, **facts})
        self.some_told.set()

    async def next_told(self) -> dict[str, Any]:
        async with asyncio.timeout(20):
            while not self.told:
                self.some_told.clear()
                await self.some_told.wait()
        return self.told.pop(0)

    async def set(self, entity: str, payload: str | bytes, **options: Any) -> None:
        await self.other.publish(f"{BASE}/set/{entity}", payload, **options)

    def last(self, topic: str) -> str | None:
        """What was last heard on a topic under the base, or on one of discovery."""
        full = topic if topic.startswith("homeassistant/") else f"{BASE}/{topic}"
        heard = [message.payload.decode() for message in self.inbox.messages if message.topic == full]
        return heard[-1] if heard else None

    def config(self) -> dict[str, Any]:
        payload: dict[str, Any] = json.loads(self.last(CONFIG) or "{}")
        return payload

    async def shows(self, topic: str, payload: str | None) -> None:
        await self.inbox.until(lambda _: self.last(topic) == payload)

    async def announced(self) -> dict[str, Any]:
        await self.inbox.until(lambda _: bool(self.last(CONFIG) and self.last("entity/problem_doctor/attributes")))
        return self.config()


@asynccontextmanager
async def staged(
    broker: Mosquitto, directory: Path, scene: Scene | None = None, description: Description = DESCRIPTION
) -> AsyncIterator[Scene]:
    """The appliance at edge/test, and another client that hears everything of it and of discovery."""
    scene = scene or Scene(directory)
    end = Endpoint(broker.host, broker.port)
    async with AsyncExitStack() as stack:
        scene.link = await stack.enter_async_context(Link(end, client_id="a", presence=f"{description.base}/state"))
        scene.other = await stack.enter_async_context(Link(end, client_id="b"))
        await scene.link.connected()
        scene.other.subscribe([f"{BASE}/#", "homeassistant/#"], scene.inbox)
        await scene.other.connected()
        scene.alarms = AlarmTopics(scene.link, description.base)
        scene.appliance = Appliance(
            scene.link,
            description,
            facts=lambda: scene.facts,
            controls=scene.hands,
            alarms=scene.alarms,
            event=scene.event,
            kept_in=scene.kept_in,
            delay_s=lambda: 0.0,
        )
        await stack.enter_async_context(scene.appliance)
        yield scene


async def retained(broker: Mosquitto) -> dict[str, str]:
    """Everything that the broker keeps."""
    inbox = Inbox()
    async with Link(Endpoint(broker.host, broker.port), client_id="c") as link:
        link.subscribe(["#"], inbox)
        await link.connected()
        await link.publish("end", "now")
        await inbox.until(lambda messages: any(message.topic == "end" for message in messages))
    return {message.topic: message.payload.decode() for message in inbox.messages if message.retain}
