"""The id that an appliance keeps."""

from pathlib import Path

import pytest

from edge.identity import is_device_id, keep_device_id, kept_device_id, new_device_id


def test_an_id_is_kept(tmp_path: Path) -> None:
    assert kept_device_id(tmp_path) is None
    made = new_device_id()
    keep_device_id(tmp_path, made)
    assert kept_device_id(tmp_path) == made


def test_two_appliances_have_two_ids() -> None:
    first, second = new_device_id(), new_device_id()
    assert first != second
    assert is_device_id(first)


@pytest.mark.parametrize("damage", [b"", b"edge_", b"\xff\xfe", b"edge_0123456789ab extra", b"../../etc"])
def test_a_damaged_file_is_no_id_and_is_told(tmp_path: Path, damage: bytes, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "appliance-id").write_bytes(damage)
    assert kept_device_id(tmp_path) is None
    assert [record.message for record in caplog.records] == ["appliance.id_unreadable"]


def test_where_nothing_can_be_kept_that_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").touch()
    keep_device_id(tmp_path / "file", new_device_id())
    assert [record.message for record in caplog.records] == ["appliance.id_not_kept"]


@pytest.mark.parametrize("other", [None, 12, "edge", "edge_kitchen", "0x00158d0001a2b3c4", "edge_0123456789AB"])
def test_other_devices_are_no_appliances(other: object) -> None:
    assert not is_device_id(other)
