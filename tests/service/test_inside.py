"""What a running service shows of its inside: traces of requests, metrics, doctor's findings."""

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from edge.api.wire import ControlError
from edge.mqtt.broker import free_port
from tests.mosquitto import Mosquitto
from tests.service.test_life import Running, config, lamp, service, to

__all__ = ["config"]


async def with_the_lamp(running: Running) -> None:
    while not (await running.call("devices"))["devices"]:  # noqa: ASYNC110 (it is found in another process)
        await asyncio.sleep(0.01)


async def test_a_request_is_traced_from_its_words_to_the_device_and_back(
    broker: Mosquitto, tmp_path: Path, config: Path
) -> None:
    async with service(tmp_path, **to(broker)) as running, lamp(broker):
        await running.until("service.ready")
        with pytest.raises(ControlError, match="nothing was asked yet"):
            await running.call("trace")
        await with_the_lamp(running)
        await running.call("ask", text="turn on lamp", id="first")
        await running.call("ask", text="hello", id="second")
        trace = (await running.call("trace", id="fir"))["trace"]
        stages = {one["stage"]: one for one in trace["stages"]}
        assert (trace["text"], trace["decision"], trace["source"]) == ("turn on lamp", "act", "cli")
        assert stages["command"]["facts"] == {"device": "light.lamp", "service": "turn_on", "outcome": "done"}
        assert {"publish", "answer", "reply"} <= set(stages)
        assert stages["answer"]["ms"] <= stages["command"]["ms"] <= stages["reply"]["ms"] <= trace["total_ms"]
        assert [one["id"] for one in (await running.call("traces"))["traces"]] == ["second", "first"]
        assert (await running.call("trace"))["trace"]["id"] == "second"
        with pytest.raises(ControlError, match="no request 'nobody'"):
            await running.call("trace", id="nobody")
        assert await running.end() == 0


async def test_words_that_are_not_to_be_kept_are_in_no_trace(broker: Mosquitto, tmp_path: Path, config: Path) -> None:
    async with service(tmp_path, EDGE_REQUESTS__TEXT="false", **to(broker)) as running, lamp(broker):
        await running.until("service.ready")
        await with_the_lamp(running)
        await running.call("ask", text="turn on lamp", id="first")
        trace = (await running.call("trace"))["trace"]
        assert (trace["text"], trace["reply"]) == ("", "")
        assert "turn on" not in str(trace["router"])
        assert await running.end() == 0


async def scraped(port: int, **headers: str) -> tuple[int, str]:
    """As soon as it is served."""
    async with aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(f"http://127.0.0.1:{port}/metrics", headers=headers) as answer:
                    return answer.status, await answer.text()
            except aiohttp.ClientConnectorError:
                await asyncio.sleep(0.05)


async def test_what_it_does_is_counted_and_can_be_scraped(broker: Mosquitto, tmp_path: Path, config: Path) -> None:
    port = free_port()
    http = {"EDGE_HTTP__ENABLED": "true", "EDGE_HTTP__PORT": str(port), "EDGE_HTTP__OLLAMA_PORT": "0"}
    async with service(tmp_path, **http, **to(broker)) as running, lamp(broker):
        await running.until("service.ready")
        await with_the_lamp(running)
        await running.call("ask", text="turn on lamp")
        status, text = await scraped(port)
        assert status == 200
        parsed = {family.name: family.samples for family in text_string_to_metric_families(text)}
        (asked,) = [one for one in parsed["edge_requests"] if one.labels["decision"] == "act"]
        assert (asked.labels["source"], asked.value) == ("cli", 1)
        (moved,) = parsed["edge_commands"]
        assert (moved.labels, moved.value) == ({"domain": "light", "outcome": "done"}, 1)
        counts = {
            one.labels["stage"]: one.value for one in parsed["edge_stage_duration_seconds"] if "_count" in one.name
        }
        assert counts["reply"] == counts["command"] == counts["publish"] == counts["answer"] == 1
        assert parsed["edge_mqtt_connected"][0].value == 1
        assert (await scraped(port, Host="edge.example"))[0] == 403
        assert await running.end() == 0


async def test_metrics_want_a_token_where_everything_does(broker: Mosquitto, tmp_path: Path, config: Path) -> None:
    port = free_port()
    http = {"EDGE_HTTP__ENABLED": "true", "EDGE_HTTP__PORT": str(port), "EDGE_HTTP__OLLAMA_PORT": "0"}
    wanted = {"EDGE_HTTP__REQUIRE_TOKEN": "true"}
    async with service(tmp_path, **wanted, **http, **to(broker)) as running:
        await running.until("service.ready")
        status, text = await scraped(port)
        assert status == 401
        assert "edge_requests" not in text
        assert await running.end() == 0


async def test_doctor_is_asked_through_the_service_once_for_all_who_ask(
    broker: Mosquitto, tmp_path: Path, config: Path
) -> None:
    async with service(tmp_path, EDGE_SPEECH__ENABLED="false", **to(broker)) as running:
        await running.until("service.ready")
        assert await running.call("doctor_last") == {}
        first, second = await asyncio.gather(running.call("doctor"), running.call("doctor"))
        assert first == second
        found: dict[str, dict[str, Any]] = {one["check"]: one for one in first["findings"]}
        assert found["broker"]["severity"] == "ok"
        assert found["service"]["severity"] == "ok"
        assert await running.call("doctor_last") == first
        assert (await running.call("status"))["doctor"]["ok"] >= 5
        assert await running.end() == 0
