"""The governor in the whole service: its steps are told, and devices are answered while they are taken."""

import asyncio
import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.gguf_maker import make
from tests.mosquitto import Mosquitto
from tests.mqtt.inbox import Inbox
from tests.service.test_life import Running, lamp, replies, service, to

pytestmark = [
    pytest.mark.llm,
    pytest.mark.skipif(importlib.util.find_spec("llama_cpp") is None, reason="needs the llm extra"),
]


def told(inbox: Inbox, topic: str) -> list[dict[str, Any]]:
    return [json.loads(message.payload) for message in inbox.messages if message.topic == f"edge/test/{topic}"]


def steps(inbox: Inbox) -> list[dict[str, Any]]:
    """Those for idleness; how busy this machine is meanwhile is another matter."""
    return [event for event in told(inbox, "event") if event["event"] == "governor" and event["cause"] == "idle"]


async def until_status(running: Running, holds: Callable[[dict[str, Any]], bool]) -> None:
    while not holds(await running.call("status")):  # noqa: ASYNC110 (it comes about in another process)
        await asyncio.sleep(0.01)


async def test_steps_are_told_and_devices_are_answered_while_they_are_taken(broker: Mosquitto, tmp_path: Path) -> None:
    file = await asyncio.to_thread(make, tmp_path / "tiny.gguf")
    await asyncio.to_thread((tmp_path / "config.toml").touch)
    settings = {"EDGE_LLM__MODEL": str(file), "EDGE_LLM__IDLE_UNLOAD_S": "1", "EDGE_LLM__MAX_REPLY_TOKENS": "8"}
    async with lamp(broker) as (link, inbox), service(tmp_path, **settings, **to(broker)) as running:
        link.subscribe(["edge/test/event", "edge/test/health"], inbox)
        await running.until("service.ready")
        await until_status(running, lambda facts: facts["devices"] == 1 and facts["model"]["state"] == "unloaded")
        inbox.messages.clear()
        # The question has the model loaded, which takes a while; the lamp does not wait for that.
        await link.publish("edge/test/ask", '{"text": "hello there", "id": "talk"}')
        await link.publish("edge/test/ask", '{"text": "turn on lamp", "id": "lamp"}')
        await inbox.until(lambda _: len(replies(inbox)) == 2)
        assert [reply["id"] for reply in replies(inbox)] == ["lamp", "talk"]
        assert replies(inbox)[1]["source"] == "llm"
        await inbox.until(lambda _: [step["step"] for step in steps(inbox)][-2:] == ["load", "unload"])
        load, unload = steps(inbox)[-2:]
        assert (load["step"], load["cause"], load["why"], load["model"]) == ("load", "idle", "somebody asks", "tiny")
        assert unload.keys() == load.keys()
        assert (unload["step"], unload["cause"], unload["model"]) == ("unload", "idle", None)
        status = await running.call("status")
        assert [step["step"] for step in status["governor"]["steps"] if step["cause"] == "idle"][-2:] == [
            "load",
            "unload",
        ]
        assert {"temperatures", "memory", "load", "model", "questions", "broker", "clock_trusted"} <= status.keys()
        assert {"tokens_per_s", "waiting", "resident_bytes"} <= status["model"].keys()
