"""The service as a process: it starts, answers, survives its broker and bad settings, and ends when told."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from edge.api.wire import ControlClient, ControlError
from edge.mqtt.client import Endpoint
from edge.mqtt.link import Link
from edge.mqtt.subscriptions import Received
from tests.mosquitto import Mosquitto
from tests.mqtt.inbox import Inbox

LAMP = {"name": "Lamp", "unique_id": "lamp", "command_topic": "lamp/set", "state_topic": "lamp/state"}


class Running:
    """A service in a process of its own, with the router for tests."""

    def __init__(self, state: Path, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.socket = state / "run" / "control.sock"
        self.events: list[dict[str, Any]] = []

    async def until(self, event: str) -> dict[str, Any]:
        """The next line of the log about this event."""
        assert self.process.stderr is not None
        try:
            async with asyncio.timeout(30):
                while line := await self.process.stderr.readline():
                    try:
                        facts = json.loads(line)
                    except ValueError:
                        facts = {"event": "unexpected", "line": line.decode()}
                    self.events.append(facts)
                    if facts["event"] == event:
                        return facts
        except TimeoutError:
            raise AssertionError(f"no {event} in 30 s: {self.events}") from None
        raise AssertionError(f"it ended before {event}: {self.events}")

    async def call(self, do: str, **arguments: Any) -> dict[str, Any]:
        def blocking() -> dict[str, Any]:
            with ControlClient(self.socket, timeout_s=20) as client:
                return client.call(do, **arguments)

        return await asyncio.to_thread(blocking)

    async def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        await self.until("service.stopped")
        return await self.process.wait()


@asynccontextmanager
async def service(tmp_path: Path, **settings: str) -> AsyncIterator[Running]:
    env = {key: value for key, value in os.environ.items() if not key.startswith("EDGE_")}
    env |= {"EDGE_STATE": str(tmp_path / "s"), "EDGE_CONFIG": str(tmp_path / "config.toml"), "EDGE_NODE": "test"}
    # Their usual ports may be another service's.
    env |= {"EDGE_WYOMING__ENABLED": "false", "EDGE_HTTP__ENABLED": "false"}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.service.run_words",
        env=env | settings,
        cwd=Path(__file__).parents[2],
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield Running(tmp_path / "s", process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.fixture
def config(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A configuration file; its text may be a parameter."""
    file = tmp_path / "config.toml"
    file.write_text(getattr(request, "param", ""))
    return file


def to(broker: Mosquitto) -> dict[str, str]:
    return {"EDGE_MQTT__BROKER": broker.host, "EDGE_MQTT__PORT": str(broker.port)}


@asynccontextmanager
async def lamp(broker: Mosquitto) -> AsyncIterator[tuple[Link, Inbox]]:
    """A lamp that reports what it is told, and an inbox of its commands and the service's replies."""
    inbox = Inbox()
    async with Link(Endpoint(broker.host, broker.port), client_id="lamp") as link:

        def on_command(message: Received) -> None:
            inbox(message)
            link.post("lamp/state", message.payload, retain=True)

        link.subscribe(["lamp/set"], on_command, qos=1)
        link.subscribe(["edge/test/reply", "edge/test/state"], inbox, qos=1)
        await link.connected()
        await link.publish("homeassistant/light/lamp/config", json.dumps(LAMP), retain=True)
        yield link, inbox


def replies(inbox: Inbox) -> list[dict[str, Any]]:
    return [json.loads(message.payload) for message in inbox.messages if message.topic == "edge/test/reply"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_starts_its_own_broker_answers_and_ends_in_order(
    tmp_path: Path, config: Path, number: signal.Signals
) -> None:
    async with service(tmp_path) as running:
        await running.until("service.ready")
        status = await running.call("status")
        assert status["broker"]["supervised"]
        assert status["broker"]["state"] == "connected"
        reply = await running.call("ask", text="hello")
        assert reply["decision"] == "chat"
        assert await running.end(number) == 0
        assert not running.socket.exists()
        assert {event["level"] for event in running.events} <= {"info"}


async def test_a_sentence_moves_a_device_and_it_says_when_it_goes(
    broker: Mosquitto, tmp_path: Path, config: Path
) -> None:
    async with service(tmp_path, **to(broker)) as running, lamp(broker) as (link, inbox):
        await running.until("service.ready")
        while not (await running.call("devices"))["devices"]:  # noqa: ASYNC110 (it is found in another process)
            await asyncio.sleep(0.01)
        await link.publish("edge/test/ask", '{"text": "turn on lamp", "id": "1"}')
        await inbox.until(lambda _: len(replies(inbox)) == 1)
        assert [message.payload for message in inbox.messages if message.topic == "lamp/set"] == [b"ON"]
        assert replies(inbox)[0]["calls"][0]["targets"] == ["light.lamp"]
        assert await running.end() == 0
        await inbox.until(lambda messages: messages[-1].payload == b"offline")


async def test_who_asks_as_soon_as_it_is_online_is_answered(broker: Mosquitto, tmp_path: Path, config: Path) -> None:
    inbox = Inbox()
    async with Link(Endpoint(broker.host, broker.port), client_id="hasty") as link:

        def on_state(message: Received) -> None:
            if message.payload == b"online":
                link.post("edge/test/ask", '{"text": "hello", "id": "1"}')

        link.subscribe(["edge/test/state"], on_state, qos=1)
        link.subscribe(["edge/test/reply"], inbox, qos=1)
        await link.connected()
        async with service(tmp_path, **to(broker)) as running:
            await inbox.wait_for(1)
            assert replies(inbox)[0]["id"] == "1"
            assert await running.end() == 0


async def test_it_works_through_a_restart_of_the_broker(broker: Mosquitto, tmp_path: Path, config: Path) -> None:
    async with service(tmp_path, **to(broker)) as running, lamp(broker) as (link, inbox):
        await running.until("service.ready")
        while not (await running.call("devices"))["devices"]:  # noqa: ASYNC110 (it is found in another process)
            await asyncio.sleep(0.01)
        await broker.stop()
        await running.until("mqtt.disconnected")
        asking = asyncio.create_task(running.call("ask", text="turn on lamp"))
        await broker.start()
        assert (await asking)["decision"] == "act"
        await inbox.until(lambda messages: any(message.topic == "lamp/set" for message in messages))
        await link.publish("edge/test/ask", "turn off lamp")
        await inbox.until(lambda _: len(replies(inbox)) == 1)
        assert await running.end() == 0


@pytest.mark.parametrize("config", ['[mqtt]\nbrokr = "somewhere"\n'], indirect=True)
async def test_bad_settings_are_told_and_it_still_answers(tmp_path: Path, config: Path) -> None:
    async with service(tmp_path) as running:
        await running.until("service.ready")
        status = await running.call("status")
        assert "did you mean `broker`?" in status["problems"][0]
        assert status["broker"]["state"] == "off"
        assert (await running.call("ask", text="hello"))["decision"] == "chat"
        assert await running.end() == 0


async def test_a_broker_that_is_not_there_is_told_and_ending_is_not_held_up(tmp_path: Path, config: Path) -> None:
    async with service(tmp_path, EDGE_MQTT__BROKER="127.0.0.1", EDGE_MQTT__PORT="1") as running:
        await running.until("mqtt.disconnected")
        assert "127.0.0.1:1" in (await running.call("status"))["broker"]["trouble"]
        assert await running.end() == 0


async def test_a_second_service_is_refused_and_the_first_goes_on(tmp_path: Path, config: Path) -> None:
    async with service(tmp_path) as running:
        await running.until("service.ready")
        async with service(tmp_path) as second:
            assert await second.process.wait() == 1
        assert (await running.call("status"))["node"] == "test"
        assert await running.end() == 0


async def test_a_second_service_with_other_sockets_is_refused_the_state_of_the_first(
    tmp_path: Path, config: Path
) -> None:
    async with service(tmp_path) as running:
        await running.until("service.ready")
        async with service(tmp_path, EDGE_RUNTIME=str(tmp_path / "elsewhere")) as second:
            _, said = await second.process.communicate()
            assert second.process.returncode == 1
            assert b"keeps its state there already" in said
        assert (await running.call("status"))["node"] == "test"
        assert await running.end() == 0


async def test_odd_requests_on_the_socket_get_an_error(tmp_path: Path, config: Path) -> None:
    async with service(tmp_path) as running:
        await running.until("service.ready")
        assert running.socket.stat().st_mode & 0o077 == 0
        with pytest.raises(ControlError, match="`text`"):
            await running.call("ask", text=3)
        with pytest.raises(ControlError, match="expected one of"):
            await running.call("no such thing")
        with pytest.raises(ControlError, match="that is too long"):
            await running.call("ask", text="x" * 3_000_000)
        for line in (b"\n", b"[]\n", b'{"do":\n', b"\xff\n", b"[" * 100_000 + b"\n"):
            reader, writer = await asyncio.open_unix_connection(running.socket)
            writer.write(line)
            assert b"error" in await reader.readline()
            writer.close()
        reader, writer = await asyncio.open_unix_connection(running.socket)
        writer.write(b"x" * 3_000_000)
        with contextlib.suppress(ConnectionError):
            assert await reader.read() == b""
        writer.close()
        assert (await running.call("status"))["node"] == "test"
        assert await running.end() == 0
