import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.sensors import Change, Finding, Reading, Watch
from edge.sensors.defaults import DEFAULTS
from edge.sensors.detectors.limits import LimitsSettings
from edge.sensors.errors import SensorError
from tests.sensors.streams import DAY_S, MONDAY_S, begun, fed, steady

moments = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True), st.floats(MONDAY_S - 1e5, MONDAY_S + 1e7), st.just(MONDAY_S)
)
values = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True), st.integers(-(10**400), 10**400), st.text(max_size=5), st.booleans()
)
readings = st.lists(st.builds(Reading, moments, values), max_size=60)


@pytest.mark.parametrize("sort", DEFAULTS)
@given(readings=readings)
def test_nothing_that_is_reported_stops_a_watch(sort: str, readings: list[Reading]) -> None:
    watch = Watch(DEFAULTS[sort])
    for reading in readings:
        watch.update(reading, now_s=MONDAY_S + 1e6)
        watch.tick(MONDAY_S)
    state = json.loads(json.dumps(watch.state(), allow_nan=False))
    again = Watch(DEFAULTS[sort])
    assert again.restore(state, MONDAY_S) == ()


@given(readings=readings)
def test_every_beginning_is_followed_by_at_most_one_end(readings: list[Reading]) -> None:
    open_keys: set[str] = set()
    for one in fed(Watch(DEFAULTS["freezer"]), [one for one in readings if isinstance(one.at_s, float)]):
        if one.change is Change.BEGAN:
            assert one.key not in open_keys
            open_keys.add(one.key)
        else:
            open_keys.remove(one.key)


def test_what_is_no_reading_is_counted_and_changes_nothing() -> None:
    watch = Watch(DEFAULTS["temperature"], numeric=True)
    for at_s, value in (
        (MONDAY_S, 20.0),
        (MONDAY_S + 60, math.nan),
        (MONDAY_S + 60, math.inf),
        (MONDAY_S + 60, "unavailable"),
        (MONDAY_S, 21.0),
        (MONDAY_S - 60, 21.0),
        (MONDAY_S + 1e6, 21.0),
        (math.nan, 21.0),
    ):
        assert watch.update(Reading(at_s, value), now_s=MONDAY_S + 60) == []
    assert watch.rejected == {
        "not_finite": 2,
        "not_a_number": 1,
        "bad_time": 1,
        "future": 1,
        "duplicate": 1,
        "out_of_order": 1,
    }


def test_a_clock_that_was_set_back_is_believed_after_five_readings_in_order() -> None:
    watch = Watch((LimitsSettings(high=30.0, hold_s=600.0),))
    fed(watch, steady(1))
    back_s = MONDAY_S - 10 * DAY_S
    found: list[Finding] = []
    for step in range(20):
        found += watch.update(Reading(back_s + 60.0 * step, 40.0))
    assert watch.rejected == {"out_of_order": 4}
    assert begun(found) == ["limits"]
    assert found[0].at_s - found[0].since_s == 600.0


def test_a_watch_goes_on_where_it_was_after_a_restart() -> None:
    readings = list(steady(20))
    whole, first = Watch(DEFAULTS["temperature"]), Watch(DEFAULTS["temperature"])
    half = len(readings) // 2
    fed(first, readings[:half])
    second = Watch(DEFAULTS["temperature"])
    assert second.restore(json.loads(json.dumps(first.state())), readings[half - 1].at_s) == ()
    fed(second, readings[half:])
    fed(whole, readings)
    assert second.state() == whole.state()


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda one: (
            st.lists(one)
            | st.dictionaries(
                st.sampled_from(["version", "detectors", "intake", "stale", "condition", "hours", "rejected"]), one
            )
        ),
    )
)
def test_a_state_that_is_none_begins_anew(state: object) -> None:
    watch = Watch(DEFAULTS["temperature"])
    fresh = Watch(DEFAULTS["temperature"]).state()
    assert "stale" in watch.restore(state, MONDAY_S)  # type: ignore[arg-type]
    assert watch.state() == fresh


def test_one_damaged_part_of_a_state_costs_that_detector_alone() -> None:
    watch = Watch(DEFAULTS["temperature"])
    fed(watch, steady(3))
    state = watch.state()
    state["detectors"]["shift"]["hours"] = "!"  # type: ignore[index,call-overload]
    again = Watch(DEFAULTS["temperature"])
    assert again.restore(state, MONDAY_S + 3 * DAY_S) == ("shift",)
    assert again.state()["detectors"]["stuck"] == state["detectors"]["stuck"]  # type: ignore[index,call-overload]


def test_memory_does_not_grow_with_what_was_seen() -> None:
    watch = Watch(DEFAULTS["temperature"])
    fed(watch, steady(16))
    early = len(json.dumps(watch.state()))
    fed(watch, steady(30, start_s=MONDAY_S + 16 * DAY_S))
    assert len(json.dumps(watch.state())) < early * 1.1


def test_two_detectors_of_one_name_are_refused() -> None:
    with pytest.raises(SensorError, match="limits"):
        Watch((LimitsSettings(high=1.0), LimitsSettings(high=2.0)))


def test_what_is_active_can_be_asked() -> None:
    watch = Watch((LimitsSettings(high=30.0), LimitsSettings(high=50.0, key="limits/fire")))
    watch.update(Reading(MONDAY_S, 40.0))
    assert watch.active == ("limits",)


def test_what_is_normal_is_known_after_two_weeks() -> None:
    watch = Watch(DEFAULTS["temperature"])
    fed(watch, steady(10))
    assert watch.normal(MONDAY_S) is None
    fed(watch, steady(12, start_s=MONDAY_S + 10 * DAY_S))
    low, high = watch.normal(MONDAY_S + 22 * DAY_S + 6 * 3600) or (0.0, 0.0)
    assert low < 22.0 < high < 28.0


def test_what_a_sensor_is_known_to_report_outweighs_what_it_once_reported() -> None:
    watch = Watch(DEFAULTS["temperature"])
    watch.update(Reading(MONDAY_S, "unknown"))
    again = Watch(DEFAULTS["temperature"], numeric=True)
    again.restore(watch.state(), MONDAY_S)
    again.update(Reading(MONDAY_S + 60, 20.0))
    assert again.rejected == {}
