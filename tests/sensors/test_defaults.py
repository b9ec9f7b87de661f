import pytest

from edge.sensors.defaults import DEFAULTS, sort_of, with_changes
from edge.sensors.detectors.limits import LimitsSettings
from edge.sensors.errors import SensorError
from edge.sensors.model import Severity
from edge.sensors.watch import Watch


@pytest.mark.parametrize(
    ("device_class", "name", "area", "numeric", "sort"),
    [
        ("temperature", "Chest Freezer", "Cellar", True, "freezer"),
        ("temperature", "Refrigerator", None, True, "fridge"),
        ("temperature", "Outdoor sensor", None, True, "outdoor_temperature"),
        ("temperature", "Lamp", "Study", True, "indoor_temperature"),
        ("temperature", "Probe 3", None, True, "temperature"),
        ("temperature", "Boiler flow", "Cellar", True, "machine_temperature"),
        ("temperature", "Pump Room Temperature", "Pump Room", True, "indoor_temperature"),
        ("temperature", "Bedroom", "Bedroom", True, "indoor_temperature"),
        ("temperature", "Temperature", "Greenhouse", True, "outdoor_temperature"),
        ("humidity", "Balcony", None, True, "outdoor_humidity"),
        ("humidity", "Bath", "Bath", True, "humidity"),
        ("moisture", "Tomatoes", None, True, "soil_moisture"),
        ("moisture", "Under the sink", None, False, "leak"),
        ("battery", "Remote", None, True, "battery"),
        ("battery", "Remote", None, False, "battery_low"),
        ("gas", "Meter", None, True, "gas"),
        ("gas", "Kitchen", None, False, "gas_alarm"),
        ("door", "Fridge door", None, False, "fridge_door"),
        ("door", "Front door", None, False, "door"),
        ("carbon_monoxide", "Boiler", None, False, "carbon_monoxide"),
        ("carbon_monoxide", "Boiler", None, True, "number"),
        (None, "Thing", None, True, "number"),
        ("motion", "Hall", None, False, "state"),
    ],
)
def test_a_sensor_is_watched_as_what_it_measures(
    device_class: str | None, name: str, area: str | None, numeric: bool, sort: str
) -> None:
    assert sort_of(device_class, name, area, numeric=numeric) == sort


@pytest.mark.parametrize("sort", DEFAULTS)
def test_every_row_makes_a_watch(sort: str) -> None:
    Watch(DEFAULTS[sort])


def test_a_person_changes_adds_and_takes_away() -> None:
    changed = with_changes(
        DEFAULTS["freezer"],
        {
            "limits": {"high": -15, "severity": "warning"},
            "limits/far too warm": {"high": 0.0},
            "drift": False,
        },
    )
    by_key = {one.key: one for one in changed}
    limits = by_key["limits"]
    assert isinstance(limits, LimitsSettings)
    assert (limits.high, limits.low, limits.severity) == (-15.0, -40.0, Severity.WARNING)
    assert by_key["limits/far too warm"] == LimitsSettings(high=0.0, key="limits/far too warm")
    assert "drift" not in by_key
    assert "stuck" in by_key


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"limit": {"high": 1}}, "no detector"),
        ({"limits": {"hihg": 1}}, "limits.hihg"),
        ({"limits": {"high": "warm"}}, "expected a number"),
        ({"limits": {"high": float("nan")}}, "expected a number"),
        ({"limits": {"severity": "loud"}}, "expected one of"),
        ({"state": {"states": "on"}}, "list of states"),
        ({"limits": 3}, "expected a table"),
    ],
)
def test_what_can_not_be_set_is_named(changes: dict[str, object], words: str) -> None:
    with pytest.raises(SensorError, match=words):
        with_changes(DEFAULTS["freezer"], changes)  # type: ignore[arg-type]
