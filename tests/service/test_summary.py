"""The daily summary in the whole service: made at once where it was missed, kept, told retained."""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from edge.mqtt.client import Endpoint
from edge.mqtt.link import Link
from edge.sensors.history.model import Sensor, Sort
from edge.sensors.history.packing import packed
from edge.sensors.history.rollup import Zone, move
from edge.sensors.history.schema import open_to_write
from edge.sensors.history.writer import insert_rows, put_sensor
from tests.mosquitto import Mosquitto
from tests.mqtt.inbox import Inbox
from tests.service.test_life import Running, to

SETTINGS = """\
timezone = "UTC"
[history]
window_s = 1
[summary]
at = "00:00"
[[areas]]
id = "cellar"
name = "Wine Room"
[[sensors]]
topic = "wine"
id = "sensor.wine"
name = "Wine Room Temperature"
area = "cellar"
unit = "°C"
device_class = "temperature"
"""


def remember(state: Path, days: int = 10) -> None:
    """A room that has been warmer since yesterday than on the days before."""
    state.mkdir(parents=True)
    database = open_to_write(state / "history.sqlite")
    sensor = put_sensor(
        database, Sensor("sensor.wine", Sort.NUMBER, "Wine Room Temperature", "°C", "temperature", "cellar")
    )
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    rows: list[int | float | None] = []
    first, step = midnight - timedelta(days=days), 0
    while (at := first + timedelta(minutes=15 * step)) < datetime.now(UTC):
        step += 1
        warm = 6.0 if step >= (days - 1) * 24 * 4 + 40 else 0.0
        rows += [sensor, int(at.timestamp() * 1000), packed(round(14 + warm + (step % 8) * 0.1, 1))]
    insert_rows(database, rows)
    database.commit()
    move(database, Zone(UTC), int(time.time() * 1000))
    database.close()


@asynccontextmanager
async def service(tmp_path: Path, **settings: str) -> AsyncIterator[Running]:
    env = {key: value for key, value in os.environ.items() if not key.startswith("EDGE_")}
    env |= {"EDGE_STATE": str(tmp_path / "s"), "EDGE_CONFIG": str(tmp_path / "config.toml"), "EDGE_NODE": "test"}
    env |= {"EDGE_WYOMING__ENABLED": "false", "EDGE_HTTP__ENABLED": "false", "EDGE_LLM__ENABLED": "false"}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.service.run_on_time"),
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


@asynccontextmanager
async def listening(broker: Mosquitto, *topics: str) -> AsyncIterator[Inbox]:
    inbox = Inbox()
    async with Link(Endpoint(broker.host, broker.port), client_id="house") as link:
        link.subscribe(list(topics), inbox, qos=1)
        await link.connected()
        yield inbox


def summaries(inbox: Inbox) -> list[dict[str, Any]]:
    return [json.loads(one.payload) for one in inbox.messages if one.topic == "edge/test/summary"]


async def test_a_missed_summary_is_made_at_the_start_once_and_told_retained(broker: Mosquitto, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(SETTINGS)
    await asyncio.to_thread(remember, tmp_path / "s")
    async with service(tmp_path, **to(broker)) as running:
        await running.until("service.ready")
        await running.until("summary.made")
        async with listening(broker, "edge/test/summary", "homeassistant/device/#") as inbox:
            await inbox.until(lambda _: bool(summaries(inbox)))
            await inbox.until(lambda messages: any("value_json.short" in str(one.payload) for one in messages))
        assert next(one for one in inbox.messages if one.topic == "edge/test/summary").retain
        (told,) = summaries(inbox)
        assert told["width"] == "day"
        assert told["until"] - told["since"] == 86_400
        (odd,) = told["odd"]
        assert odd["key"] == "sensor.wine"
        assert odd["value"] == 20.7
        assert told["unusual"]
        assert "20.7 degrees" in told["text"]
        assert len(told["text"].split()) <= 60
        assert told["short"] == "1 unusual"
        assert told["week"]["width"] == "week"
        assert await running.end() == 0
    kept = json.loads((tmp_path / "s" / "summary.json").read_text(encoding="utf-8"))
    assert kept["payload"]["made"] == told["made"]


async def test_one_that_was_made_today_is_not_made_again_but_told_to_a_broker_that_lost_it(
    broker: Mosquitto, tmp_path: Path
) -> None:
    (tmp_path / "config.toml").write_text(SETTINGS)
    await asyncio.to_thread(remember, tmp_path / "s")
    kept = {"day": datetime.now(UTC).date().isoformat(), "payload": {"text": "As it was.", "short": "All as usual"}}
    (tmp_path / "s" / "summary.json").write_text(json.dumps(kept), encoding="utf-8")
    async with listening(broker, "edge/test/summary") as inbox, service(tmp_path, **to(broker)) as running:
        await running.until("service.ready")
        await inbox.until(lambda _: bool(summaries(inbox)))
        assert summaries(inbox)[0]["text"] == "As it was."
        assert await running.end() == 0
        assert "summary.made" not in {one["event"] for one in running.events}


async def test_one_that_is_no_longer_wanted_is_taken_back(broker: Mosquitto, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[summary]\nenabled = false\n")
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "summary.json").write_text('{"day": "", "payload": {"text": "Old."}}', encoding="utf-8")
    async with Link(Endpoint(broker.host, broker.port), client_id="before") as link:
        await link.connected()
        await link.publish("edge/test/summary", '{"text": "Old."}', retain=True)
    async with listening(broker, "edge/test/summary") as inbox, service(tmp_path, **to(broker)) as running:
        await running.until("service.ready")
        await inbox.until(lambda messages: bool(messages) and not messages[-1].payload)
        assert await running.end() == 0
    assert not (tmp_path / "s" / "summary.json").exists()


async def test_who_asks_is_answered_from_the_history(broker: Mosquitto, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(SETTINGS)
    await asyncio.to_thread(remember, tmp_path / "s")
    async with service(tmp_path, **to(broker)) as running:
        await running.until("service.ready")
        told = await running.call("ask", text="How was the house yesterday?")
        assert (told["decision"], told["source"]) == ("query", "sensors")
        assert told["calls"][0]["function"] == "summary.get"
        assert told["text"].startswith("Yesterday was not quite as usual. The wine room temperature went up to 20.7")
        told = await running.call("ask", text="Why is the wine room so warm?")
        assert told["calls"][0]["function"] == "sensor.explain"
        assert told["text"].startswith("The wine room temperature rose from 14")
        assert "since yesterday at 09:" in told["text"] or "since yesterday at 10:" in told["text"]
        assert told["text"].endswith("Nothing I can see changed before that would explain it.")
        assert await running.end() == 0
