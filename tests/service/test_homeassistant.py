"""The service with a Home Assistant beside its broker: both ways to a device, each without the other."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.homeassistant.fake import TOKEN, FakeHomeAssistant
from tests.mosquitto import Mosquitto
from tests.service.test_life import Running, lamp, service, to


async def until(running: Running, holds: Callable[[dict[str, Any]], bool], do: str = "status") -> dict[str, Any]:
    """What the service answers, once it is as wanted."""
    async with asyncio.timeout(30):
        while True:
            facts = await running.call(do)
            if holds(facts):
                return facts
            await asyncio.sleep(0.02)


def names(facts: dict[str, Any]) -> list[str]:
    return sorted(device["name"] for device in facts["devices"])


def available(facts: dict[str, Any]) -> dict[str, bool]:
    return {device["name"]: device["available"] for device in facts["devices"]}


async def test_a_sentence_moves_what_either_has_while_the_other_is_down(broker: Mosquitto, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(TOKEN)
    (tmp_path / "config.toml").touch()
    async with FakeHomeAssistant() as fake:
        fake.add("input_boolean.party", "off", {"friendly_name": "Party mode"})
        named = {"platform": "mqtt", "unique_id": "lamp", "name": "Sun"}
        fake.add("light.lamp", "off", {"friendly_name": "Sun"}, entry=named)
        settings = {
            "EDGE_HOMEASSISTANT__URL": f"{fake.url}/",
            "EDGE_HOMEASSISTANT__TOKEN_FILE": str(tmp_path / "token"),
        }
        async with lamp(broker) as (_, inbox), service(tmp_path, **to(broker), **settings) as running:
            await running.until("service.ready")
            await until(running, lambda facts: names(facts) == ["Party mode", "Sun"], "devices")
            status = (await until(running, lambda facts: facts["homeassistant"]["with_mqtt"] == 1))["homeassistant"]
            assert (status["state"], status["version"], status["entities"]) == ("connected", "2026.2.3", 2)
            reply = await running.call("ask", text="turn on party mode")
            assert reply["decision"] == "act", reply
            assert fake.states["input_boolean.party"]["state"] == "on"
            await fake.stop()
            await until(running, lambda facts: facts["homeassistant"]["state"] == "lost")
            await running.call("ask", text="turn on sun")
            assert [message.payload for message in inbox.messages if message.topic == "lamp/set"] == [b"ON"]
            assert [call for call, _, _ in fake.calls] == ["input_boolean.turn_on"]
            await fake.start()
            await until(running, lambda facts: facts["homeassistant"]["state"] == "connected")
            await running.call("ask", text="turn off party mode")
            assert fake.states["input_boolean.party"]["state"] == "off"
            assert await running.end() == 0
        await fake.stop()
        async with service(tmp_path, **to(broker), **settings) as running:
            await running.until("service.ready")
            await until(running, lambda facts: available(facts) == {"Party mode": False, "Sun": True}, "devices")
    assert TOKEN not in str(running.events)


async def test_a_wrong_token_is_told_and_the_rest_goes_on(broker: Mosquitto, tmp_path: Path) -> None:
    (tmp_path / "config.toml").touch()
    async with FakeHomeAssistant() as fake, lamp(broker) as (_, inbox):
        settings = {"EDGE_HOMEASSISTANT__URL": fake.url, "EDGE_HOMEASSISTANT__TOKEN": "wrong"}
        async with service(tmp_path, **to(broker), **settings) as running:
            await running.until("service.ready")
            facts = await until(running, lambda facts: facts["homeassistant"]["state"] == "refused")
            assert "does not take the token" in facts["homeassistant"]["trouble"]
            await until(running, lambda facts: names(facts) == ["Lamp"], "devices")
            await running.call("ask", text="turn on lamp")
            assert [message.payload for message in inbox.messages if message.topic == "lamp/set"] == [b"ON"]
