"""Units are converted, there and back, and only to what measures the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.sensors.errors import SensorError
from edge.sensors.history.packing import packed, unpacked
from edge.sensors.history.units import convert, convertible, normal, quantity_of


@pytest.mark.parametrize(
    ("value", "unit", "to", "found"),
    [
        (0, "°C", "°F", 32),
        (-40, "°F", "°C", -40),
        (20, "degC", "K", 293.15),
        (1013.25, "hPa", "inHg", pytest.approx(29.921, abs=1e-3)),
        (1, "kWh", "MJ", 3.6),
        (1500, "W", "kW", 1.5),
        (100, "km/h", "mph", pytest.approx(62.1371, abs=1e-4)),
        (1, "m³", "L", 1000),
        (1, "gal", "L", 3.785411784),
        (1, "mi", "km", 1.609344),
        (90, "min", "h", 1.5),
    ],
)
def test_known_values(value: float, unit: str, to: str, found: float) -> None:
    assert convert(value, unit, to) == found


def test_a_difference_of_temperatures_has_no_offset() -> None:
    assert convert(10, "°C", "°F", difference=True) == 18


@pytest.mark.parametrize(("unit", "to"), [("°C", "%"), ("kWh", "kW"), ("", "°C"), ("furlongs", "m")])
def test_what_measures_something_else_is_refused(unit: str, to: str) -> None:
    assert not convertible(unit, to)
    with pytest.raises(SensorError, match="different things"):
        convert(1, unit, to)


def test_spellings_are_one_unit() -> None:
    assert normal("m3") == "m³"
    assert quantity_of("kwh") == "energy"
    assert convert(5, "furlongs", "furlongs") == 5


@given(st.floats(-1e6, 1e6), st.sampled_from(["°C", "°F", "K"]), st.sampled_from(["°C", "°F", "K"]))
def test_there_and_back(value: float, unit: str, to: str) -> None:
    assert convert(convert(value, unit, to), to, unit) == pytest.approx(value, abs=1e-5)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_packed_number_is_the_same_when_unpacked(value: float) -> None:
    assert unpacked(packed(value)) == value


@given(st.decimals(-100_000, 100_000, places=3).map(float))
def test_three_decimals_lie_as_integers(value: float) -> None:
    assert isinstance(packed(value), int)
