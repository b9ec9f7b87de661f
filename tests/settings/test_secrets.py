"""Secrets in files: what editors and mistakes make of them."""

import os
from pathlib import Path

import pytest

from edge.settings.model import ConfirmSettings
from edge.settings.secrets import first_line


@pytest.mark.parametrize("written", [b"4711", b"4711\n", b"4711\r\n", b"\xef\xbb\xbf4711\r\nmore\n"])
def test_the_first_line_is_the_secret_whatever_the_editor_added(tmp_path: Path, written: bytes) -> None:
    file = tmp_path / "secret"
    file.write_bytes(written)
    assert first_line(file) == "4711"
    assert ConfirmSettings(pin_file=file).secret() == "4711"


def test_what_is_no_plain_file_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for one in (pipe, tmp_path):
        with pytest.raises(OSError, match=str(one)):
            first_line(one)
