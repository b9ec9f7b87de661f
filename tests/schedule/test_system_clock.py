"""The machine's own clocks."""

import asyncio
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from edge.schedule import SystemClock, boot_id


@pytest.fixture
def clock() -> SystemClock:
    return SystemClock()


async def test_a_wait_ends_at_its_moment_on_either_clock(clock: SystemClock) -> None:
    before = clock.boot_s()
    await clock.wait(before + 0.05, None)
    assert clock.boot_s() >= before + 0.05
    wall = clock.now().timestamp()
    await clock.wait(before + 1e6, wall + 0.05)
    assert clock.now().timestamp() >= wall + 0.05


async def test_a_moment_that_has_passed_ends_the_wait_and_a_wait_can_be_cancelled(clock: SystemClock) -> None:
    await clock.wait(clock.boot_s() - 5, None)
    task = asyncio.create_task(clock.wait(None, None))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait((task,))
    assert task.cancelled()


def test_times_of_the_home_follow_daylight_saving() -> None:
    clock = SystemClock(ZoneInfo("Europe/Berlin"))
    winter = clock.epoch_s(datetime(2025, 3, 30, 1, 59))  # noqa: DTZ001
    summer = clock.epoch_s(datetime(2025, 3, 30, 3, 0))  # noqa: DTZ001
    assert summer - winter == 60
    assert clock.local(summer).isoformat() == "2025-03-30T03:00:00+02:00"


def test_a_start_of_the_machine_has_a_name() -> None:
    assert boot_id() == boot_id() != ""
