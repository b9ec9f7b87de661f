"""A step is seen at whatever hour it comes, although a day's mean only creeps up to it."""

import pytest

from edge.sensors import Reading, Watch
from edge.sensors.detectors.neighbours import NeighboursSettings
from edge.sensors.detectors.shift import ShiftSettings
from tests.sensors.streams import DAY_S, MONDAY_S, begun, fed, steady

LATER_S = MONDAY_S + 14 * DAY_S


@pytest.mark.parametrize("hour", range(0, 24, 3))
def test_a_level_that_steps_up_is_another_one_within_a_day(hour: int) -> None:
    watch = Watch((ShiftSettings(least=1.0),))
    assert begun(fed(watch, steady(14))) == []
    step_s = LATER_S + hour * 3600.0
    after = [Reading(one.at_s, one.value + 3.0 * (one.at_s >= step_s)) for one in steady(2.5, start_s=LATER_S)]  # type: ignore[operator]
    found = fed(watch, after)
    assert begun(found) == ["shift"]
    assert found[0].at_s - step_s <= DAY_S


@pytest.mark.parametrize("hour", range(0, 24, 3))
def test_one_that_leaves_its_neighbours_is_told_within_a_day_and_a_half(hour: int) -> None:
    watch = Watch((NeighboursSettings(least=1.0),))
    step_s = LATER_S + hour * 3600.0
    found = []
    for one in steady(17):
        value = float(one.value) + 3.0 * (one.at_s >= step_s)
        found += watch.update(Reading(one.at_s, value), beside=float(one.value) - 0.5)
    assert begun(found) == ["neighbours"]
    assert found[0].at_s - step_s <= 1.5 * DAY_S
