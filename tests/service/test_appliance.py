"""The appliance in the whole service: announced, set from outside, started again, taken back."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from edge.mqtt.client import Endpoint
from edge.mqtt.link import Link
from tests.mosquitto import Mosquitto
from tests.mqtt.inbox import Inbox
from tests.service.test_voice import service
from tests.sound_server import SoundServer

CONFIG = """\
node = "test"
[mqtt]
broker = "{host}"
port = {port}
[speech]
enabled = false
[wyoming]
enabled = false
"""
WITH_VOICE = CONFIG.replace("enabled = false\n[wyoming]", 'wake_words = ["okay_nabu"]\n[wyoming]')


class Watcher:
    """Hears everything of the appliance and of discovery."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self.inbox = Inbox()
        link.subscribe(["edge/test/#", "homeassistant/device/+/config"], self.inbox)

    def last(self, topic: str) -> str | None:
        heard = [m.payload.decode() for m in self.inbox.messages if m.topic == f"edge/test/{topic}"]
        return heard[-1] if heard else None

    async def shows(self, topic: str, *payloads: str) -> str:
        await self.inbox.until(lambda _: self.last(topic) in payloads)
        return self.last(topic) or ""

    async def config(self) -> dict[str, Any]:
        """The discovery payload, once there is one."""
        await self.inbox.until(lambda _: self._config() is not None)
        found: dict[str, Any] = json.loads(self._config() or b"{}")
        return found

    def _config(self) -> bytes | None:
        heard = [m.payload for m in self.inbox.messages if m.topic.startswith("homeassistant/device/edge_")]
        return heard[-1] if heard else None

    async def told(self, entity: str) -> dict[str, Any]:
        """What became of a setting."""

        def found() -> list[dict[str, Any]]:
            events = [json.loads(m.payload) for m in self.inbox.messages if m.topic == "edge/test/event"]
            return [event for event in events if event["event"] == "set" and event["entity"] == entity]

        await self.inbox.until(lambda _: bool(found()))
        return found()[-1]


@asynccontextmanager
async def watcher(broker: Mosquitto) -> AsyncIterator[Watcher]:
    async with Link(Endpoint(broker.host, broker.port), client_id="watcher") as link:
        seen = Watcher(link)
        await link.connected()
        yield seen


async def test_it_is_announced_answers_there_and_starts_again_when_told(broker: Mosquitto, tmp_path: Path) -> None:
    async with watcher(broker) as seen, service(tmp_path, broker, config=CONFIG) as running:
        await running.until("service.ready")
        config = await seen.config()
        components = config["components"]
        assert {"conversation", "timers", "restart", "update", "problem_clock"} <= set(components)
        assert not {"volume", "mute", "wake_word", "listening", "model"} & set(components)
        await seen.link.publish(components["conversation"]["command_topic"], "set a timer for 20 minutes")
        await seen.shows("entity/timers", "1")
        await seen.shows("entity/last_request", "set a timer for 20 minutes")
        await seen.inbox.until(lambda messages: any(m.topic == "edge/test/entity/request" for m in messages))
        await seen.inbox.until(lambda _: seen.last("entity/router_latency") not in (None, "None"))
        assert float(seen.last("entity/router_latency") or "0") > 0
        assert await seen.shows("entity/problem_broker", "OFF")
        await seen.link.publish("edge/test/set/restart", "PRESS")
        await seen.shows("state", "offline")
        assert (await running.until("service.stopped"))["again"] is True
        await running.until("service.ready")
        await seen.shows("state", "online")
        await seen.shows("entity/timers", "1")
        assert (await seen.config())["device"]["identifiers"] == config["device"]["identifiers"]
        assert await running.end() == 0


async def test_one_that_lost_its_state_is_the_same_device(broker: Mosquitto, tmp_path: Path) -> None:
    identifiers = []
    for run in ("before", "after"):
        directory = tmp_path / run
        directory.mkdir()
        async with watcher(broker) as seen, service(directory, broker, config=CONFIG) as running:
            await running.until("appliance.announced")
            identifiers.append((await seen.config())["device"]["identifiers"])
            assert await running.end() == 0
    assert identifiers[0] == identifiers[1]


async def test_switched_off_it_is_taken_back(broker: Mosquitto, tmp_path: Path) -> None:
    async with watcher(broker) as seen:
        async with service(tmp_path, broker, config=CONFIG) as running:
            await running.until("service.ready")
            await seen.shows("entity/problem_power", "OFF")
            assert await running.end() == 0
        quiet = CONFIG.replace("[speech]", "announce = false\n[speech]")
        async with service(tmp_path, broker, config=quiet) as running:
            await running.until("appliance.withdrawn")
            await seen.shows("entity/problem_power", "")
            assert seen._config() == b""
            assert await running.end() == 0
        late = Inbox()
        seen.link.subscribe(["edge/test/entity/+", "homeassistant/device/#"], late)
        await seen.link.publish("edge/test/entity/end", "")
        await late.wait_for(1)
        assert [message.topic for message in late.messages if message.retain] == []


async def test_the_voice_is_set_from_there(broker: Mosquitto, tmp_path: Path, sound: SoundServer) -> None:
    assert sound
    async with watcher(broker) as seen, service(tmp_path, broker, config=WITH_VOICE) as running:
        await running.until("voice.ready")
        await seen.shows("entity/volume", "70")
        await seen.inbox.until(lambda _: seen.last("available/voice") == "online")
        components = (await seen.config())["components"]
        assert {"volume", "mute", "wake_word", "listening"} <= set(components)
        for entity, payload in (("volume", "35"), ("mute", "ON"), ("wake_word", "hey_jarvis")):
            await seen.link.publish(f"edge/test/set/{entity}", payload)
            assert (await seen.told(entity))["done"] is True
            await seen.shows(f"entity/{entity}", payload)
        await seen.shows("listening", "muted")
        assert await running.end() == 0
    async with watcher(broker) as seen, service(tmp_path, broker, config=WITH_VOICE) as running:
        assert (await running.until("voice.ready"))["wake_words"] == ["hey_jarvis"]
        await seen.shows("entity/volume", "35")
        await seen.shows("entity/mute", "ON")
        await seen.link.publish("edge/test/set/mute", "OFF")
        await seen.shows("entity/mute", "OFF")
        # Not by its log: while PortAudio opens a device, nothing is written there.
        running.process.terminate()
        assert await running.process.wait() == 0
