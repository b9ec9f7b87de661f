"""The notes of what was left with a broker."""

from pathlib import Path

import pytest

from edge.mqtt.appliance.kept import Kept, load_kept, save_kept

KEPT = Kept(
    "homeassistant/device/a/config",
    {"volume": "number"},
    ("edge/test/entity/volume",),
    {"freezer": "Freezer"},
    "edge/test",
)


def test_what_is_kept_is_read_back_and_nothing_leaves_no_file(tmp_path: Path) -> None:
    file = tmp_path / "announced.json"
    save_kept(file, KEPT)
    assert load_kept(file) == KEPT
    save_kept(file, Kept())
    assert not file.exists()
    assert load_kept(file) == Kept()


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"[]",
        b"{}",
        b'{"topic": "a/#", "components": {}, "retained": [], "alarms": {}}',
        b'{"topic": 7, "components": {}, "retained": [], "alarms": {}}',
        b'{"topic": "a", "components": [], "retained": 5, "alarms": {}}',
        b"\xff\xff",
    ],
)
def test_a_damaged_file_keeps_nothing_and_is_told(
    tmp_path: Path, damage: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "announced.json"
    file.write_bytes(damage)
    assert load_kept(file) == Kept()
    assert [record.message for record in caplog.records] == ["appliance.kept_unreadable"]


def test_both_together_have_everything_that_either_left() -> None:
    other = Kept("x", {"volume": "sensor", "mood": "sensor"}, ("edge/test/entity/mood",), {})
    both = KEPT.beside(other)
    assert both.components == {"volume": "number", "mood": "sensor"}
    assert both.retained == ("edge/test/entity/volume", "x", "edge/test/entity/mood")
    assert (both.topic, both.alarms, both.base) == (KEPT.topic, KEPT.alarms, KEPT.base)


def test_where_it_cant_be_written_that_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").touch()
    save_kept(tmp_path / "file" / "announced.json", KEPT)
    assert [record.message for record in caplog.records] == ["appliance.kept_not_saved"]
