"""The rules at work, with their file and the clocks."""

import asyncio
from pathlib import Path

import pytest

from edge.devices.model import DeviceState
from edge.schedule import ScheduleError
from edge.schedule.recurrence import Calendar
from edge.schedule.rules import Trigger, TriggerKind
from edge.schedule.rules.engine import MOST_A_MINUTE, Firing
from edge.schedule.rules.running import Rules
from tests.schedule.fakes import FakeClock
from tests.schedule.rules.made import DOOR, becomes, house, rule


class Ears:
    def __init__(self, rules: Rules) -> None:
        self.heard: asyncio.Queue[Firing] = asyncio.Queue()
        rules.listen(self.heard.put)


async def test_rules_are_kept_and_set_off(tmp_path: Path) -> None:
    registry, clock = house(), FakeClock()
    async with Rules(tmp_path / "rules.toml", registry, clock, Calendar(clock)) as rules:
        ears = Ears(rules)
        rules.start()
        await rules.add(rule(becomes(DOOR, "on")))
        registry.set_state(DOOR, DeviceState("on"))
        assert (await ears.heard.get()).device == DOOR
    async with Rules(tmp_path / "rules.toml", registry, clock, Calendar(clock)) as again:
        assert list(again.rules) == ["one"]


async def test_a_hold_and_the_clock_are_waited_for(tmp_path: Path) -> None:
    registry, clock = house(), FakeClock()
    async with Rules(tmp_path / "rules.toml", registry, clock, Calendar(clock)) as rules:
        ears = Ears(rules)
        rules.start()
        await rules.add(rule(becomes(DOOR, "on", for_s=60.0), key="held"))
        await rules.add(rule(Trigger(TriggerKind.TIME, at="19:00"), key="seven"))
        registry.set_state(DOOR, DeviceState("on"))
        clock.advance(60)
        assert (await ears.heard.get()).rule.id == "held"
        clock.advance(1740)
        assert (await ears.heard.get()).rule.id == "seven"


async def test_one_that_runs_wild_is_switched_off_for_good(tmp_path: Path) -> None:
    registry, clock = house(), FakeClock()
    async with Rules(tmp_path / "rules.toml", registry, clock, Calendar(clock)) as rules:
        ears = Ears(rules)
        rules.start()
        await rules.add(rule(becomes(DOOR, "on")))
        for _ in range(MOST_A_MINUTE + 1):
            registry.set_state(DOOR, DeviceState("on"))
            registry.set_state(DOOR, DeviceState("off"))
        heard = [await ears.heard.get() for _ in range(MOST_A_MINUTE + 1)]
        assert heard[-1].stopped
        assert rules.rules["one"].enabled is False
    async with Rules(tmp_path / "rules.toml", registry, clock, Calendar(clock)) as again:
        assert again.rules["one"].enabled is False


async def test_a_file_that_cannot_be_read_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text("no toml at all")
    clock = FakeClock()
    async with Rules(file, house(), clock, Calendar(clock)) as rules:
        assert "no TOML" in rules.problems[0]
        with pytest.raises(ScheduleError, match="mend the file"):
            await rules.add(rule(becomes(DOOR, "on")))
    assert file.read_text() == "no toml at all"
