"""Alarms in the whole service: found in what MQTT says, told on MQTT, kept over restarts and kills."""

import asyncio
import json
import resource
import signal
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from edge.api.wire import ControlError
from edge.mqtt.client import Endpoint
from edge.mqtt.link import Link
from tests.mosquitto import Mosquitto
from tests.mqtt.inbox import Inbox
from tests.service.test_life import Running, service, to

SMOKE = {
    "name": "Smoke",
    "unique_id": "smoke",
    "object_id": "smoke",
    "device_class": "smoke",
    "state_topic": "smoke",
}
FREEZER = {
    "name": "Freezer",
    "unique_id": "freezer",
    "object_id": "freezer",
    "device_class": "temperature",
    "unit_of_measurement": "°C",
    "state_topic": "freezer",
}
SETTINGS = """\
[history]
window_s = 1
[[watch.sensors]]
sensor = "sensor.freezer"
limits = { high = -15, hold_s = 0, hysteresis = 1 }
"""


class House:
    """Publishes what sensors say, and hears what is told of alarms."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self.inbox = Inbox()
        link.subscribe(["edge/test/alarm/#", "edge/test/event"], self.inbox, qos=1)

    async def announce(self) -> None:
        await self.link.publish("homeassistant/binary_sensor/smoke/config", json.dumps(SMOKE), retain=True)
        await self.link.publish("homeassistant/sensor/freezer/config", json.dumps(FREEZER), retain=True)

    def told(self, sensor: str) -> dict[str, Any]:
        """What stands on the alarm's topic."""
        topic = f"edge/test/alarm/{sensor}"
        payloads = [one.payload for one in self.inbox.messages if one.topic == topic]
        found: dict[str, Any] = json.loads(payloads[-1]) if payloads and payloads[-1] else {}
        return found

    async def until(self, sensor: str, **facts: Any) -> dict[str, Any]:
        await self.inbox.until(lambda _: facts.items() <= self.told(sensor).items())
        return self.told(sensor)

    def events(self, kind: str) -> list[dict[str, Any]]:
        found = [json.loads(one.payload) for one in self.inbox.messages if one.topic == "edge/test/event"]
        return [one for one in found if one["event"] == kind]


@asynccontextmanager
async def house(broker: Mosquitto) -> AsyncIterator[House]:
    async with Link(Endpoint(broker.host, broker.port), client_id="house") as link:
        seen = House(link)
        await link.connected()
        await seen.announce()
        yield seen


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "config.toml"
    file.write_text(SETTINGS)
    return file


async def alarms(running: Running, *, everything: bool = False) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await running.call("alarms", all=everything))["alarms"]
    return found


async def test_smoke_is_told_at_once_said_aloud_and_over_when_it_is(
    broker: Mosquitto, tmp_path: Path, config: Path
) -> None:
    async with house(broker) as seen, service(tmp_path, **to(broker)) as running:
        await running.until("service.ready")
        await seen.link.publish("smoke", "ON", retain=True)
        told = await seen.until("binary_sensor_smoke", state="active")
        assert told["severity"] == "critical"
        assert told["text"].startswith("There is smoke: Smoke, ")
        assert "fire brigade" in told["advice"]
        await seen.inbox.until(lambda _: bool(seen.events("alarm_said")))
        assert seen.events("alarm_said")[0]["text"].startswith("There is smoke")
        (alarm,) = await alarms(running)
        assert alarm["told"]
        assert (await running.call("alarm_acknowledge", which="Smoke"))["acknowledged"][0]["id"] == alarm["id"]
        await seen.until("binary_sensor_smoke", acknowledged=True)
        await seen.link.publish("smoke", "OFF", retain=True)
        await seen.until("binary_sensor_smoke", state="cleared")
        status = await running.call("status")
        assert status["alarms"]["active"] == 0
        assert status["watch"]["sensors"] == 1
        assert await running.end() == 0


async def test_an_alarm_outlives_a_kill_and_is_not_told_twice(broker: Mosquitto, tmp_path: Path, config: Path) -> None:
    async with house(broker) as seen:
        async with service(tmp_path, **to(broker)) as running:
            await running.until("service.ready")
            await seen.link.publish("freezer", "-9", retain=True)
            await seen.until("sensor_freezer", state="active")
            await seen.inbox.until(lambda _: bool(seen.events("alarm_said")))
            (before,) = await alarms(running)
            while not before["told"]:
                (before,) = await alarms(running)
            await running.call("alarm_acknowledge", which=before["id"])
            running.process.send_signal(signal.SIGKILL)
            await running.process.wait()
        async with service(tmp_path, **to(broker)) as running:
            await running.until("service.ready")
            (after,) = await alarms(running, everything=True)
            assert (after["id"], after["since_s"], after["acknowledged"]) == (before["id"], before["since_s"], True)
            await seen.link.publish("freezer", "-20", retain=True)
            await seen.until("sensor_freezer", state="cleared")
            assert len(seen.events("alarm_said")) == 1
            assert await running.end() == 0


async def test_nothing_is_left_on_the_broker_of_what_is_over_and_seen(
    broker: Mosquitto, tmp_path: Path, config: Path
) -> None:
    await asyncio.to_thread(config.write_text, f"[watch]\ncool_down_s = 0\n{SETTINGS}")
    async with house(broker) as seen, service(tmp_path, **to(broker)) as running:
        await running.until("service.ready")
        await seen.link.publish("freezer", "-9", retain=True)
        await seen.until("sensor_freezer", state="active")
        await seen.link.publish("freezer", "-20", retain=True)
        await seen.until("sensor_freezer", state="cleared")
        await running.call("alarm_acknowledge", which="all")
        await seen.inbox.until(
            lambda messages: messages[-1].topic.endswith("/sensor_freezer") and not messages[-1].payload
        )
        assert await alarms(running, everything=True) == []
        assert [one["key"] for one in (await running.call("alarm_history"))["alarms"]] == ["limits"]
        assert await running.end() == 0


async def test_what_is_muted_is_kept_and_told_when_the_mute_ends(
    broker: Mosquitto, tmp_path: Path, config: Path
) -> None:
    async with house(broker) as seen, service(tmp_path, **to(broker)) as running:
        await running.until("service.ready")
        while len((await running.call("devices"))["devices"]) < 2:  # noqa: ASYNC110 (found in another process)
            await asyncio.sleep(0.01)
        await running.call("alarm_mute", sensor="Freezer", for_s=3600)
        await seen.link.publish("freezer", "-9", retain=True)
        while not (found := await alarms(running)):  # noqa: ASYNC110 (it is found in another process)
            await asyncio.sleep(0.01)
        assert found[0]["muted"]
        assert seen.told("sensor_freezer") == {}
        await running.call("alarm_unmute")
        await seen.until("sensor_freezer", state="active")
        assert await running.end() == 0


async def test_a_full_disk_silences_no_alarm_and_all_is_kept_once_there_is_room(
    broker: Mosquitto, tmp_path: Path, config: Path
) -> None:
    async with house(broker) as seen, service(tmp_path, **to(broker)) as running:
        await running.until("service.ready")
        _, most = resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, (0, most))
        await seen.link.publish("freezer", "-9", retain=True)
        await seen.until("sensor_freezer", state="active")
        await seen.inbox.until(lambda _: bool(seen.events("alarm_said")))
        await running.until("alarms.not_kept")
        with pytest.raises(ControlError, match="full, or read-only"):
            await running.call("alarm_acknowledge", which="sensor.freezer")
        resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, (most, most))
        await running.call("alarm_mute", sensor="sensor.freezer", for_s=60)
        await running.until("alarms.written_again")
        assert await running.end() == 0
    with sqlite3.connect(tmp_path / "s" / "alarms.sqlite") as database:
        ((body,),) = database.execute("SELECT body FROM alarm").fetchall()
    database.close()
    assert json.loads(body)["acknowledged"]


async def test_nothing_is_damaged_by_kills_at_any_moment(broker: Mosquitto, tmp_path: Path, config: Path) -> None:
    """Each time an alarm that was told is there afterwards, with the same id, and the mute that was answered."""
    known: dict[str, float] = {}
    async with house(broker) as seen:
        for round_ in range(5):
            async with service(tmp_path, **to(broker)) as running:
                await running.until("service.ready")
                found = {one["id"]: one["since_s"] for one in await alarms(running, everything=True)}
                assert known.items() <= found.items()
                await seen.link.publish("freezer", str(-9 + round_), retain=True)
                while not (now := await alarms(running, everything=True)):  # noqa: ASYNC110 (in another process)
                    await asyncio.sleep(0.01)
                await running.call("alarm_mute", sensor="sensor.freezer", for_s=3600 + round_)
                known = {one["id"]: one["since_s"] for one in now}
                running.process.send_signal(signal.SIGKILL)
                await running.process.wait()
    for name in ("alarms.sqlite", "watch.sqlite", "history.sqlite"):
        with sqlite3.connect(tmp_path / "s" / name) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            if name == "alarms.sqlite":
                ((body,),) = database.execute("SELECT body FROM mute").fetchall()
                assert 3603.9 < json.loads(body)["until_s"] - json.loads(body)["since_s"] < 3604.1
        database.close()


async def test_databases_that_are_damaged_are_set_aside(broker: Mosquitto, tmp_path: Path, config: Path) -> None:
    state = tmp_path / "s"
    state.mkdir()
    for name in ("alarms.sqlite", "watch.sqlite"):
        (state / name).write_bytes(b"no database at all" * 1000)
    async with house(broker) as seen, service(tmp_path, **to(broker)) as running:
        await running.until("service.ready")
        await seen.link.publish("freezer", "-9", retain=True)
        await seen.until("sensor_freezer", state="active")
        status = await running.call("status")
        assert status["alarms"]["set_aside"]
        assert status["watch"]["set_aside"]
        assert await running.end() == 0
        assert {one["event"] for one in running.events} >= {"alarms.damaged", "watch.damaged"}


async def test_hostile_readings_make_no_alarm_and_stop_nothing(broker: Mosquitto, tmp_path: Path, config: Path) -> None:
    async with house(broker) as seen, service(tmp_path, **to(broker)) as running:
        await running.until("service.ready")
        odd = FREEZER | {"name": "❄️🧊 Freezer", "unique_id": "❄️🧊", "object_id": "❄️🧊", "state_topic": "odd"}
        await seen.link.publish("homeassistant/sensor/odd/config", json.dumps(odd), retain=True)
        for topic in ("freezer", "odd"):
            await seen.link.publish(topic, "-20", retain=True)
        while (await running.call("status"))["watch"]["sensors"] < 2:  # noqa: ASYNC110 (in another process)
            await asyncio.sleep(0.01)
        for payload in ("nan", "inf", "-inf", "1e999", "x" * 100_000, "❄️", "", "-9", "-20"):
            await seen.link.publish("freezer", payload)
            await seen.link.publish("odd", payload)
            await seen.link.publish("smoke", payload)
        await seen.link.publish("freezer", "-9")
        await seen.until("sensor_freezer", state="active", value=-9.0)
        assert {one["kind"] for one in await alarms(running, everything=True)} == {"limits"}
        assert await running.end() == 0
