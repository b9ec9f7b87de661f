from dataclasses import replace

import pytest

from edge.sensors import Finding, Reading, Watch
from edge.sensors.defaults import DEFAULTS
from edge.sensors.detectors.counter import CounterSettings
from edge.sensors.detectors.drift import DriftSettings
from edge.sensors.detectors.limits import LimitsSettings
from edge.sensors.detectors.neighbours import NeighboursSettings
from edge.sensors.detectors.rate import RateSettings
from edge.sensors.detectors.shift import ShiftSettings
from edge.sensors.detectors.spike import SpikeSettings
from edge.sensors.detectors.stale import StaleSettings
from edge.sensors.detectors.state import StateSettings
from edge.sensors.detectors.stuck import StuckSettings
from edge.sensors.detectors.unusual import UnusualSettings
from tests.sensors.streams import DAY_S, MONDAY_S, begun, ended, fed, steady


def at(*pairs: tuple[float, float | str]) -> list[Reading]:
    return [Reading(MONDAY_S + after_s, value) for after_s, value in pairs]


def test_a_limit_is_passed_for_long_enough_and_back_by_a_margin() -> None:
    watch = Watch((LimitsSettings(high=30.0, hysteresis=1.0, hold_s=600.0),))
    found = fed(watch, at((0, 31), (300, 29), (400, 31), (900, 32), (1100, 33), (1200, 29.5), (1300, 28.9)))
    assert [(one.change.value, one.at_s - MONDAY_S, one.since_s - MONDAY_S) for one in found] == [
        ("began", 1100.0, 400.0),
        ("ended", 1300.0, 400.0),
    ]


def test_a_limit_is_passed_too_where_nothing_more_is_reported() -> None:
    watch = Watch((LimitsSettings(low=5.0, hold_s=600.0),))
    fed(watch, at((0, 4)))
    assert watch.tick(MONDAY_S + 500) == []
    assert begun(watch.tick(MONDAY_S + 700)) == ["limits"]
    assert watch.tick(MONDAY_S + 800) == []


def test_a_rise_too_fast_is_found_and_one_wild_value_is_none() -> None:
    watch = Watch((RateSettings(rise=5.0, over_s=600.0),))
    calm = at(*((60.0 * step, 20.0) for step in range(30)))
    assert fed(watch, [*calm, *at((1800, 40)), *at(*((1860 + 60.0 * step, 20.0) for step in range(5)))]) == []
    fire = at(*((2400 + 60.0 * step, 20.0 + 2 * step) for step in range(10)))
    found = fed(watch, fire)
    assert begun(found) == ["rate"]
    assert begun(fed(watch, at(*((3000 + 60.0 * step, 40.0) for step in range(30))))) == []
    assert watch.active == ()


def test_silence_is_measured_by_the_reports_not_by_their_values() -> None:
    watch = Watch((StaleSettings(),))
    same = [replace(one, value=4.0) for one in steady(10)]
    assert fed(watch, same) == []
    last_s = same[-1].at_s
    assert watch.tick(last_s + 2 * 3600) == []
    (found,) = watch.tick(last_s + 3 * 3600)
    assert (found.key, found.since_s, found.value) == ("stale", last_s, 3 * 3600.0)
    assert ended(watch.update(Reading(last_s + 4 * 3600, 4.0))) == ["stale"]


def test_a_sensor_that_often_pauses_may_pause() -> None:
    watch = Watch((StaleSettings(),))
    some = [one for one in steady(10) if not 1 < one.at_s % DAY_S / 3600 < 6]
    fed(watch, some)
    assert watch.tick(some[-1].at_s + 8 * 3600) == []


def test_a_sensor_is_not_silent_while_we_were_away() -> None:
    watch = Watch((StaleSettings(),))
    readings = list(steady(10))
    fed(watch, readings)
    again = Watch((StaleSettings(),))
    back_s = readings[-1].at_s + 2 * DAY_S
    again.restore(watch.state(), back_s)
    assert again.tick(back_s + 60) == []
    assert begun(again.tick(back_s + 4 * 3600)) == ["stale"]


def test_a_value_that_never_lasts_has_stuck() -> None:
    watch = Watch((StuckSettings(),))
    fed(watch, steady(10))
    frozen = [replace(one, value=20.3) for one in steady(1, start_s=MONDAY_S + 10 * DAY_S)]
    found = fed(watch, frozen)
    assert begun(found) == ["stuck"]
    assert found[0].at_s - found[0].since_s < 8 * 3600
    assert ended(fed(watch, steady(1, start_s=MONDAY_S + 11 * DAY_S))) == ["stuck"]


def test_a_value_that_often_lasts_may_last() -> None:
    watch = Watch((StuckSettings(),))
    half = [replace(one, value=20.0 if one.at_s % DAY_S < 14 * 3600 else float(one.value)) for one in steady(12)]
    assert fed(watch, half) == []


def test_one_wild_value_is_a_spike_when_the_sensor_comes_back() -> None:
    watch = Watch((SpikeSettings(),))
    readings = list(steady(10))
    readings[1000] = replace(readings[1000], value=85.0)
    found = fed(watch, readings)
    assert begun(found) == ["spike"]
    assert (found[0].value, found[0].since_s) == (85.0, readings[1000].at_s)
    assert ended(found) == ["spike"]


def test_a_sensor_that_goes_elsewhere_and_stays_has_no_spike() -> None:
    watch = Watch((SpikeSettings(),))
    assert fed(watch, [*steady(8), *steady(2, start_s=MONDAY_S + 8 * DAY_S, level=60.0)]) == []


def test_a_new_level_is_found_within_a_day_and_is_normal_after_some() -> None:
    watch = Watch((ShiftSettings(),))
    fed(watch, steady(12))
    found = fed(watch, steady(8, start_s=MONDAY_S + 12 * DAY_S, level=26.0))
    assert begun(found) == ["shift"]
    assert found[0].at_s - (MONDAY_S + 12 * DAY_S) < DAY_S
    assert ended(found) == ["shift"]


@pytest.mark.parametrize("per_day", [0.3, -0.3])
def test_what_creeps_one_way_is_drifting(per_day: float) -> None:
    watch = Watch((DriftSettings(least=1.5),))
    fed(watch, steady(20))
    start_s = MONDAY_S + 20 * DAY_S
    creeping = [
        replace(one, value=float(one.value) + per_day * (one.at_s - start_s) / DAY_S)
        for one in steady(12, start_s=start_s)
    ]
    assert begun(fed(watch, creeping)) == ["drift"]


def test_a_warm_night_is_unusual_though_the_days_are_as_warm() -> None:
    watch = Watch((UnusualSettings(),))
    assert begun(fed(watch, steady(35))) == []
    start_s = MONDAY_S + 35 * DAY_S
    odd = [
        replace(one, value=float(one.value) + (4 if one.at_s % DAY_S > 15 * 3600 else 0))
        for one in steady(1, start_s=start_s)
    ]
    assert begun(fed(watch, odd)) == ["unusual"]


def test_a_door_is_open_too_long_by_the_time_alone() -> None:
    watch = Watch((StateSettings(hold_s=240.0),))
    fed(watch, at((0, "off"), (60, "on")))
    assert watch.tick(MONDAY_S + 250) == []
    (found,) = watch.tick(MONDAY_S + 360)
    assert (found.key, found.value) == ("state", 300.0)
    assert ended(watch.update(Reading(MONDAY_S + 400, "off"))) == ["state"]


def test_a_leak_is_told_at_once() -> None:
    assert begun(fed(Watch(DEFAULTS["leak"]), at((0, "off"), (60, "on")))) == ["state"]


def metered(days: range, litres: float, hours: range = range(7, 22), total: float = 0.0) -> list[Reading]:
    """Used a little every 40 minutes by day, or all the time where `hours` are all."""
    readings = []
    for day in days:
        for minute in range(0, 1440, 5):
            if minute // 60 in hours and (minute % 40 == 0 or len(hours) == 24):
                total += litres
            readings.append(Reading(MONDAY_S + day * DAY_S + minute * 60.0, total))
    return readings


def test_water_that_never_pauses_is_a_leak() -> None:
    watch = Watch((CounterSettings(),))
    before = metered(range(10), 5.0)
    assert fed(watch, before) == []
    leak = metered(range(10, 11), 1.0, range(24), total=float(before[-1].value))
    assert begun(fed(watch, leak)) == ["counter.running"]
    assert ended(fed(watch, metered(range(11, 12), 5.0, total=float(leak[-1].value)))) == ["counter.running"]


def test_water_that_runs_as_never_before_is_a_burst_pipe() -> None:
    watch = Watch((CounterSettings(),))
    before = metered(range(10), 5.0)
    fed(watch, before)
    found = fed(watch, metered(range(10, 11), 100.0, range(24), total=float(before[-1].value))[:12])
    assert begun(found) == ["counter.fast"]


def test_a_meter_that_stands_still_is_found_and_one_that_begins_anew_is_not() -> None:
    watch = Watch((CounterSettings(run_least_s=None, still_least_s=DAY_S),))
    fed(watch, metered(range(10), 5.0))
    anew = [replace(one, value=float(one.value) - 9000.0) for one in metered(range(10, 14), 5.0)]
    assert fed(watch, anew) == []
    still = [Reading(MONDAY_S + 14 * DAY_S + 300.0 * step, anew[-1].value) for step in range(500)]
    assert begun(fed(watch, still)) == ["counter.still"]


@pytest.mark.parametrize("per_day", [0.5, 4.0])
def test_one_that_leaves_its_neighbours_is_found(per_day: float) -> None:
    watch = Watch((NeighboursSettings(),))
    found: list[Finding] = []
    for one in steady(45):
        days = (one.at_s - MONDAY_S) / DAY_S
        off = max(0.0, min(days - 30, 8)) * per_day
        found += watch.update(replace(one, value=float(one.value) + off), beside=float(one.value) - 0.4)
    assert begun(found)[:1] == ["neighbours"]
    assert found[0].at_s > MONDAY_S + 30 * DAY_S
