"""Replacing files as a whole."""

from pathlib import Path

import pytest

from edge.files import replace_file


def test_a_file_and_its_directory_are_made_and_replaced(tmp_path: Path) -> None:
    file = tmp_path / "state" / "facts.json"
    for data in (b"first", b"second"):
        replace_file(file, data)
        assert file.read_bytes() == data
    assert list(file.parent.iterdir()) == [file]


def test_what_can_not_be_replaced_stays_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "facts.json"
    file.mkdir()
    (file / "inside").write_text("kept")
    with pytest.raises(OSError, match="directory"):
        replace_file(file, b"new")
    assert (file / "inside").read_text() == "kept"
    assert list(tmp_path.iterdir()) == [file]
