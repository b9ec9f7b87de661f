"""The id that an appliance keeps."""

from pathlib import Path

import pytest

from edge.identity import device_id, is_device_id


def test_an_id_is_made_once_and_kept(tmp_path: Path) -> None:
    first = device_id(tmp_path)
    assert is_device_id(first)
    assert device_id(tmp_path) == first


def test_two_appliances_have_two_ids(tmp_path: Path) -> None:
    assert device_id(tmp_path / "a") != device_id(tmp_path / "b")


@pytest.mark.parametrize("damage", [b"", b"edge_", b"\xff\xfe", b"edge_0123456789ab extra", b"../../etc"])
def test_a_damaged_file_gives_a_fresh_id_and_says_so(
    tmp_path: Path, damage: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "appliance-id").write_bytes(damage)
    found = device_id(tmp_path)
    assert is_device_id(found)
    assert device_id(tmp_path) == found
    assert [record.message for record in caplog.records] == ["appliance.id_unreadable"]


def test_where_nothing_can_be_kept_there_still_is_an_id(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").touch()
    assert is_device_id(device_id(tmp_path / "file"))
    assert "appliance.id_not_kept" in [record.message for record in caplog.records]


@pytest.mark.parametrize("other", [None, 12, "edge", "edge_kitchen", "0x00158d0001a2b3c4", "edge_0123456789AB"])
def test_other_devices_are_no_appliances(other: object) -> None:
    assert not is_device_id(other)
