"""`edge sensors explain` and `edge alarms explain`, over a history that is written down."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from edge.api.alarm_answers import alarm_answers
from edge.api.control import ControlServer
from edge.cli.main import main
from edge.devices.model import Device
from edge.devices.registry import Registry
from edge.sensors.alarms.keeper import Keeper
from tests.sensors.alarms.makers import Desk
from tests.sensors.explaining.test_explain import AT, DAYS, NOW_MIN, runs, warmed
from tests.sensors.past import START_S, Past, spells

NOW_S = START_S + 60 * (DAYS * 1440 + NOW_MIN)


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EDGE_STATE", str(tmp_path))
    monkeypatch.setenv("EDGE_CONFIG", str(tmp_path / "config.toml"))
    (tmp_path / "config.toml").write_text('timezone = "UTC"\n[[areas]]\nid = "pump_room"\nname = "Pump Room"\n')
    past = Past(tmp_path / "history.sqlite", DAYS, NOW_MIN)
    times = [*runs(3), (AT - 12, AT + 200)]
    past.numbers("sensor.freezer", warmed(times), name="Pump Room Temperature")
    past.states("switch.pump", spells(times), name="Pump")
    past.settle()
    past.close()
    return tmp_path / "history.sqlite"


def at(seconds: float) -> str:
    from datetime import datetime

    return datetime.fromtimestamp(seconds).strftime("%Y-%m-%d %H:%M")  # noqa: DTZ006 (as it is typed)


def test_a_sensor_is_explained_with_its_evidence(written: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sensors", "explain", "pump room", "--at", at(NOW_S)]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("The pump room temperature rose from ")
    assert "The pump was switched on" in shown
    assert "followed by as much 7 of 7 times, 1% without it" in shown
    assert "learnt from 15 days" in shown


def test_the_evidence_is_json(written: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sensors", "explain", "sensor.freezer", "--at", at(NOW_S), "--direction", "up", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["explained"]
    assert facts["causes"][0]["key"] == "switch.pump"
    assert facts["text"].startswith("The pump room temperature rose")


def test_a_stranger_is_named(written: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sensors", "explain", "attic"]) == 1
    assert "nothing is remembered of attic" in capsys.readouterr().err


@pytest.fixture
async def desk(written: Path, tmp_path: Path) -> AsyncIterator[Desk]:
    found = Desk()
    registry = Registry()
    registry.put_device(Device("sensor.freezer", "Freezer", None))
    async with Keeper(tmp_path / "alarms.sqlite", found.book) as keeper:
        await keeper.loaded()
        (tmp_path / "run").mkdir()
        async with ControlServer(tmp_path / "run" / "control.sock") as control:
            await control.start(alarm_answers(found.book, keeper, registry))
            yield found


async def test_an_alarm_is_explained_by_its_sensor(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.now_s = NOW_S
    desk.begins()
    (alarm,) = desk.book.all()
    assert await asyncio.to_thread(main, ["alarms", "explain", alarm.id]) == 0
    shown = capsys.readouterr().out
    assert "Freezer is at" in shown
    assert "The pump was switched on" in shown or "Pump was switched on" in shown
    assert await asyncio.to_thread(main, ["alarms", "explain", "stranger"]) == 1
    assert "there is no alarm stranger" in capsys.readouterr().err
