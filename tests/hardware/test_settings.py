"""What `[[hardware]]` takes, and what it says of what it does not take."""

import pytest
from pydantic import ValidationError

from tests.hardware.pins import entry


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"kind": "relay", "name": "Pump"}, "expected a pin for a relay"),
        ({"kind": "relay", "pin": 17}, "expected a name for a relay"),
        ({"kind": "relay", "pin": 17, "name": "Pump", "source": "x"}, "expected no source for a relay"),
        ({"kind": "hwmon", "pin": 17}, "expected no pin for a hwmon"),
        ({"kind": "button", "pin": 17, "name": "Bell", "safe": "on"}, "expected no safe for a button"),
        ({"kind": "relay", "pin": 17, "name": "X", "id": "cover.x"}, "expected an id that begins with switch or"),
        ({"kind": "relay", "pin": 17, "name": "X", "id": "lock.x", "safe": "on"}, "must not stay open"),
        ({"kind": "servo", "pin": 17, "name": "X", "pulse_us": [1500, 1500]}, "different length"),
        ({"kind": "one_wire", "source": "../../etc"}, "such as 28-000005e2fdc3"),
        ({"kind": "iio", "multiply": float("inf")}, "less than or equal"),
        ({"kind": "relay", "pin": 17, "name": "X", "safe": 101}, "less than or equal to 100"),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_was_expected(given: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        entry(**given)


def test_levels_are_shares_and_keep_is_none() -> None:
    levels = [entry(kind="pwm", pin=1, name="X", safe=safe).safe_level for safe in ("off", "on", "keep", 30)]
    assert levels == [0.0, 1.0, None, 0.3]
