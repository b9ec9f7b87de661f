"""`edge alarms` and what `edge status` and `edge doctor` say of them, beside a book that a socket answers from."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from edge.api.alarm_answers import alarm_answers
from edge.api.control import ControlServer
from edge.cli.main import main
from edge.cli.status import _alarms
from edge.devices.model import Area, Device
from edge.devices.registry import Registry
from edge.health.checks.alarms import AlarmFacts, check
from edge.health.finding import Severity
from edge.sensors.alarms import AlarmRule, Relation
from edge.sensors.alarms.keeper import Keeper
from tests.sensors.alarms.makers import Desk


@pytest.fixture
async def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    monkeypatch.setenv("EDGE_STATE", str(tmp_path))
    monkeypatch.setenv("EDGE_CONFIG", str(tmp_path / "config.toml"))
    found = Desk()
    registry = Registry()
    registry.put_area(Area("kitchen", "Kitchen"))
    registry.put_device(Device("sensor.freezer", "Freezer", "kitchen"))
    async with Keeper(tmp_path / "alarms.sqlite", found.book) as keeper:
        await keeper.loaded()
        (tmp_path / "run").mkdir()
        async with ControlServer(tmp_path / "run" / "control.sock") as control:
            await control.start(alarm_answers(found.book, keeper, registry))
            yield found


async def edge(*words: str) -> int:
    return await asyncio.to_thread(main, ["alarms", *words])


async def test_they_are_listed_acknowledged_and_gone(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert await edge() == 0
    assert capsys.readouterr().out == "There are no alarms.\n"
    desk.begins()
    assert await edge() == 0
    shown = capsys.readouterr().out
    assert "warning: Freezer is at -9.5 °C, above -12 °C" in shown
    assert "Close its door" in shown
    assert await edge("ack", "freezer") == 0
    assert capsys.readouterr().out.startswith("seen: Freezer is at")
    assert await edge("ack", "Freezer") == 0
    assert capsys.readouterr().out == "That was seen already.\n"
    desk.ends()
    desk.pass_s(7200)
    assert await edge("list", "--all", "--json") == 0
    assert json.loads(capsys.readouterr().out)["alarms"] == []
    assert await edge("history") == 0
    assert "Freezer" in capsys.readouterr().out


async def test_a_mute_is_shown_and_ends(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert await edge("mute", "--area", "Kitchen", "--for", "30min", "--json") == 0
    muted = json.loads(capsys.readouterr().out)["muted"]
    assert (muted["scope"], muted["until_s"] - muted["since_s"]) == ("area/kitchen", 1800.0)
    desk.begins()
    assert await edge() == 0
    assert "warning, muted: Freezer" in capsys.readouterr().out
    assert await edge("unmute") == 0
    assert capsys.readouterr().out == "no longer muted: area/kitchen\n"


async def test_rules_are_shown_and_removed(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.book.add_rule(AlarmRule("r1", ("sensor.freezer",), Relation.ABOVE, -15.0, hold_s=600, said="warn me when …"))
    assert await edge("rules") == 0
    assert "above -15" in capsys.readouterr().out
    assert await edge("rules", "--remove", "r1") == 0
    assert desk.book.rules() == ()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("ack", "nobody"), "nothing is called nobody"),
        (("ack", "sensor.freezer"), "there is no alarm of sensor.freezer"),
        (("mute", "sensor.frezer"), "nothing is called sensor.frezer"),
        (("mute", "--area", "moon"), "there is no area moon"),
        (("mute", "--for", "99w"), "up to 30 days"),
        (("rules", "--remove", "x"), "there is no rule x"),
        (("history", "--most", "0"), "expected a number"),
    ],
)
async def test_what_cant_be_done_is_said(
    desk: Desk, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    assert await edge(*words) == 1
    assert said in capsys.readouterr().err


async def test_without_a_watch_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGE_STATE", str(tmp_path))
    (tmp_path / "run").mkdir()
    async with ControlServer(tmp_path / "run" / "control.sock") as control:
        await control.start(alarm_answers(None, None, Registry()))
        assert await edge() == 1


def test_status_tells_the_worst() -> None:
    facts = {"active": 2, "unacknowledged": 1, "worst": [{"severity": "critical", "text": "Smoke."}], "muted": ["all"]}
    assert _alarms(facts) == ["alarms    2 active, 1 not seen, muted: all", "          critical: Smoke."]
    assert _alarms(None) == []


def test_doctor_tells_what_keeps_alarms_from_people() -> None:
    assert [one.severity for one in check(AlarmFacts(runs=True, sensors=4))] == [Severity.OK]
    found = list(
        check(
            AlarmFacts(
                runs=True,
                alarms_trouble="disk full",
                watch_trouble="disk full",
                set_aside=("alarms.sqlite.damaged-1",),
                unusable=("watch.sensors[0]: …",),
                muted=("all",),
                without_sensor=("warn me …",),
                announce="none",
            )
        )
    )
    assert [one.severity for one in found] == [Severity.PROBLEM] * 4 + [Severity.NOTE] * 3
    assert all(one.remedy for one in found)
