"""Those who hear readings: what they are told, and when the clock is set."""

import asyncio
from pathlib import Path

import pytest

from edge.devices.model import Device, DeviceState
from edge.devices.registry import Registry
from edge.sensors.history.choosing import Choosing
from edge.sensors.history.history import History
from edge.sensors.history.intake import Intake
from edge.sensors.history.model import Sensor
from edge.sensors.model import Reading


class Wall:
    """A wall clock and one that only counts, both in a test's hand."""

    def __init__(self, *, trusted: bool) -> None:
        self.trusted = trusted
        self.boot = 1000.0
        self.offset = 1_757_289_600.0

    def boot_s(self) -> float:
        return self.boot

    def wall_s(self) -> float:
        return self.boot + self.offset


@pytest.mark.parametrize("trusted", [True, False])
async def test_who_wants_to_know_is_told_when_the_clock_is_set(tmp_path: Path, *, trusted: bool) -> None:
    wall, heard = Wall(trusted=trusted), []
    async with History(tmp_path / "h.sqlite", Registry(), wall, wall_s=wall.wall_s, boot_s=wall.boot_s) as history:
        end = history.on_clock_set(lambda by_s, wrong: heard.append((by_s, wrong, history.now_s())))
        wall.boot += 1
        await history.flush()
        assert heard == []
        before_s = history.now_s()
        wall.offset += 3600
        assert history.now_s() == before_s  # nobody goes by it before all are told
        await history.flush()
        assert heard == [(3600.0, not trusted, before_s + 3600)]
        end()
        wall.offset -= 3600
        await history.flush()
        assert len(heard) == 1


def intake(registry: Registry) -> Intake:
    made = Intake(choosing=Choosing(), wall_s=iter(range(1_757_289_600, 1_757_300_000)).__next__)
    made.begin(registry)
    return made


def test_a_state_that_is_said_again_is_heard_and_kept_once() -> None:
    registry = Registry()
    registry.put_device(Device("binary_sensor.door", "Door", device_class="door"))
    made = intake(registry)
    kept: list[float | str] = []
    heard: list[float | str] = []
    made.listen(lambda _sensor, reading: kept.append(reading.value))
    made.hear(lambda _sensor, reading: heard.append(reading.value))
    for place, state in enumerate(("on", "on", "off", "off", "off")):
        registry.set_state("binary_sensor.door", DeviceState(state, reported_s=float(place)))
    assert kept == ["on", "off"]
    assert heard == ["on", "on", "off", "off", "off"]


def test_a_listener_that_fails_costs_the_others_nothing() -> None:
    registry = Registry()
    registry.put_device(Device("sensor.a", "A", unit="°C"))
    made = intake(registry)
    heard: list[Reading] = []

    def fails(_sensor: Sensor, _reading: Reading) -> None:
        raise RuntimeError

    made.listen(fails)
    made.hear(lambda _sensor, reading: heard.append(reading))
    registry.set_state("sensor.a", DeviceState("20", reported_s=1.0))
    assert [one.value for one in heard] == [20.0]
    assert made.taken == 1


async def test_a_question_while_readings_come_is_answered(tmp_path: Path) -> None:
    wall = Wall(trusted=True)
    registry = Registry()
    registry.put_device(Device("sensor.a", "A", unit="°C"))
    async with History(tmp_path / "h.sqlite", registry, wall, wall_s=wall.wall_s, boot_s=wall.boot_s) as history:
        registry.set_state("sensor.a", DeviceState("20", reported_s=1.0))
        last = await asyncio.wait_for(history.ask(lambda reader: reader.last("sensor.a")), 20)
    assert last is not None
    assert last.value == 20.0
