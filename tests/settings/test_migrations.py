"""Settings of older versions are read as those of today, and nobody's file is touched."""

from collections.abc import Mapping
from typing import Any

import pytest

from edge.settings.migrations import STEPS, brought_up
from edge.settings.model import VERSION


def renamed(values: Mapping[str, Any]) -> dict[str, Any]:
    """From version 1 to 2: `[voice]` became `[speech]`."""
    found = dict(values)
    if "voice" in found:
        found["speech"] = found.pop("voice")
    return found


def doubled(values: Mapping[str, Any]) -> dict[str, Any]:
    """From version 2 to 3: a volume is in percent."""
    speech = {**values["speech"], "volume": values["speech"]["volume"] * 100}
    return {**values, "speech": speech}


def test_a_file_without_a_version_is_of_the_first() -> None:
    steps = (renamed, doubled)
    assert brought_up({"voice": {"volume": 0.5}}, steps) == {"version": 3, "speech": {"volume": 50}}


def test_a_file_takes_the_steps_that_it_lacks() -> None:
    assert brought_up({"version": 2, "speech": {"volume": 0.5}}, (renamed, doubled))["speech"] == {"volume": 50}
    assert brought_up({"version": 3, "speech": {"volume": 50}}, (renamed, doubled))["speech"] == {"volume": 50}


@pytest.mark.parametrize("version", [0, -1, 99, "2", True, None])
def test_a_version_that_makes_no_sense_is_left_to_the_settings(version: object) -> None:
    assert brought_up({"version": version, "voice": 1}, (renamed,)) == {"version": version, "voice": 1}


def test_what_a_step_can_not_read_is_said() -> None:
    with pytest.raises(ValueError, match="can't be read as settings of version 2"):
        brought_up({"version": 2, "speech": 5}, (renamed, doubled))


def test_todays_version_is_one_more_than_its_steps() -> None:
    assert len(STEPS) + 1 == VERSION
