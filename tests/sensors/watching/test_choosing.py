from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from edge.sensors.detectors.limits import LimitsSettings
from edge.sensors.history.model import Counter, Sensor, Sort
from edge.sensors.model import Kind, Severity
from edge.sensors.watching import Choosing, described
from edge.settings.watch import WatchedSettings

N, S = Sort.NUMBER, Sort.STATE


def entry(**given: Any) -> WatchedSettings:
    return WatchedSettings.model_validate(given)


def kinds(sensor: Sensor, *entries: WatchedSettings, category: str | None = None) -> set[str]:
    choice = Choosing(entries, category=lambda _device: category).of(sensor)
    return set() if choice is None else {one.key for one in choice.settings}


@pytest.mark.parametrize(
    ("sensor", "has", "has_not"),
    [
        (Sensor("sensor.a", N, "Deep Freeze", "°C", "temperature", "cellar"), "limits", "unusual"),
        (Sensor("climate.hall:current_temperature", N, "Hall", "°C", "temperature", "hall"), "unusual", "state"),
        (Sensor("weather.home:temperature", N, "Home", "°C", "temperature"), "spike", "limits"),
        (Sensor("sensor.a", N, "Meter", "kWh", "energy", counter=Counter.INCREASING), "counter", "shift"),
        (Sensor("sensor.a", N, "Traffic", "GB", "data_size", counter=Counter.INCREASING), "stale", "drift"),
        (Sensor("binary_sensor.a", S, "Smoke", "", "smoke"), "state", "limits"),
        (Sensor("lock.a", S, "Front Door"), "state", "limits"),
        (Sensor("cover.a", S, "Garage", "", "garage"), "state", "limits"),
        (Sensor("alarm_control_panel.a", S, "Alarm"), "state", "limits"),
        (Sensor("binary_sensor.a", S, "Motion", "", "motion"), "stale", "state"),
    ],
)
def test_what_is_looked_for_goes_by_what_it_is(sensor: Sensor, has: str, has_not: str) -> None:
    assert has in kinds(sensor)
    assert has_not not in kinds(sensor)


@pytest.mark.parametrize(
    "sensor",
    [
        Sensor("light.a", S, "Lamp"),
        Sensor("cover.a", S, "Blinds", "", "blind"),
        Sensor("climate.hall:temperature", N, "Hall", "°C", "temperature"),
        Sensor("climate.hall:hvac_action", S, "Hall"),
        Sensor("cover.a:current_position", N, "Blinds", "%"),
        Sensor("number.a", N, "Calibration", "°C", "temperature"),
        Sensor("media_player.a", S, "Radio"),
    ],
)
def test_what_somebody_sets_is_not_watched(sensor: Sensor) -> None:
    assert kinds(sensor) == set()


def test_of_diagnostics_only_what_matters_by_itself_is_watched() -> None:
    assert kinds(Sensor("sensor.a", N, "Link", "lqi", ""), category="diagnostic") == set()
    assert "limits" in kinds(Sensor("sensor.a", N, "Battery", "%", "battery"), category="diagnostic")


def test_entries_are_laid_over_one_another_in_their_order() -> None:
    freezer = Sensor("sensor.freezer", N, "Freezer", "°C", "temperature", "kitchen")
    choosing = Choosing(
        [
            entry(device_class="temperature", limits={"high": -15, "severity": "info"}, drift=False),
            entry(sensor="sensor.fre*", limits={"hold_s": 60}),
            entry(area="Kitchen", **{"limits/far too warm": {"high": 0, "severity": "critical"}}),
            entry(sensor="sensor.other", stale=False),
        ],
        area_id=lambda given: given.lower(),
    )
    choice = choosing.of(freezer)
    assert choice is not None
    found = {one.key: one for one in choice.settings}
    assert "drift" not in found
    assert "stale" in found
    limits = found["limits"]
    assert isinstance(limits, LimitsSettings)
    assert (limits.high, limits.hold_s, limits.severity) == (-15.0, 60.0, Severity.INFO)
    assert found["limits/far too warm"].severity is Severity.CRITICAL


def test_what_is_by_default_left_alone_can_be_watched_and_the_other_way_round() -> None:
    lamp, freezer = Sensor("light.a", S, "Lamp"), Sensor("sensor.a", N, "Freezer", "°C", "temperature")
    assert kinds(lamp, entry(sensor="light.a", state={"states": ["on"], "hold_s": 36000})) == {"state"}
    assert kinds(freezer, entry(sensor="*", enabled=False)) == set()


def test_what_cant_be_used_is_named_and_the_rest_is_used() -> None:
    wrong = entry(sensor="sensor.a", limit={"high": 1}, limits={"hi": 1}, stale={"least_s": "soon"}, stuck=False)
    problems = described([wrong])
    assert [one.split(":")[0] for one in problems] == ["watch.sensors[0]"] * 3
    assert "limits.hi is unknown: there are high" in " ".join(problems)
    assert "'limit' is no detector" in " ".join(problems)
    assert "stuck" not in kinds(Sensor("sensor.a", N, "A", "°C", "temperature"), wrong)


def test_an_entry_for_no_sensor_is_refused() -> None:
    with pytest.raises(ValidationError, match="which sensors is it for"):
        entry(limits={"high": 1})


@given(
    st.dictionaries(
        st.sampled_from([*Kind, "limits/x", "sensor", "nonsense"]),
        st.one_of(
            st.booleans(),
            st.none(),
            st.floats(),
            st.text(max_size=3),
            st.dictionaries(
                st.sampled_from(["high", "low", "hold_s", "severity", "states", "key", "times"]), st.floats()
            ),
        ),
        max_size=4,
    )
)
def test_whatever_is_written_is_used_or_named(given_: dict[str, Any]) -> None:
    try:
        one = WatchedSettings.model_validate({"device_class": "temperature"} | given_)
    except ValidationError:
        return
    described([one])
    Choosing([one]).of(Sensor("sensor.a", N, "A", "°C", "temperature"))
