"""What people said of how sensors are watched: kept, checked, set aside where it is damaged."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.sensors.errors import SensorError
from edge.sensors.history.model import Sensor, Sort
from edge.sensors.watching.choosing import Choosing
from edge.sensors.watching.wishes import Wishes

FREEZER = Sensor("sensor.freezer", Sort.NUMBER, "Freezer", "°C", "temperature", "kitchen")


def limits(wishes: Wishes) -> dict[str, float]:
    choice = Choosing(wishes.entries()).of(FREEZER)
    assert choice is not None
    return {name: getattr(one, name) for one in choice.settings if one.key == "limits" for name in ("high", "hold_s")}


def test_they_outlive_a_start_and_are_laid_over_the_defaults(tmp_path: Path) -> None:
    file = tmp_path / "watched.json"
    wishes = Wishes(file)
    wishes.load()
    assert limits(wishes) == {"high": -12.0, "hold_s": 2700.0}
    wishes.change("sensor.freezer", {"limits": {"high": -10.0}})
    wishes.change("sensor.freezer", {"limits": {"hold_s": 600.0}, "drift": False})
    again = Wishes(file)
    again.load()
    assert limits(again) == {"high": -10.0, "hold_s": 600.0}
    choice = Choosing(again.entries()).of(FREEZER)
    assert choice is not None
    assert "drift" not in {one.key for one in choice.settings}


def test_what_makes_no_sense_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "watched.json"
    wishes = Wishes(file)
    with pytest.raises(SensorError, match="limits"):
        wishes.change("sensor.freezer", {"limits": {"height": 3}})
    assert (wishes.entries(), file.exists()) == ((), False)


def test_a_disk_that_takes_nothing_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    wishes = Wishes(tmp_path / "file" / "watched.json")
    with pytest.raises(SensorError, match="can't be written"):
        wishes.change("sensor.freezer", {"limits": {"high": -10.0}})
    assert wishes.entries() == ()


@given(st.one_of(st.binary(max_size=60), st.sampled_from([b"[]", b'{"a": 1}', b'{"a": {"limits": {"high": "x"}}}'])))
def test_a_damaged_file_is_set_aside(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    file = tmp_path_factory.mktemp("wishes") / "watched.json"
    file.write_bytes(content)
    wishes = Wishes(file)
    wishes.load()
    assert wishes.entries() == ()
    wishes.change("sensor.freezer", {"limits": {"high": -10.0}})
    assert len(wishes.entries()) == 1


def test_a_damaged_file_is_kept_beside(tmp_path: Path) -> None:
    file = tmp_path / "watched.json"
    file.write_text('{"sensor.freezer": {"limits"')
    Wishes(file).load()
    assert file.with_name("watched.json.damaged").read_text() == '{"sensor.freezer": {"limits"'
    assert not file.exists()
