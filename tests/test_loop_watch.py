"""The watch on the event loop sees what it is for."""

from pathlib import Path

import pytest
from blockbuster import BlockingError

from edge.models.gguf import read_header


async def test_reading_a_file_on_the_loop_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "model.gguf"
    file.write_bytes(b"GGUF" + bytes(60))
    with pytest.raises(BlockingError):
        read_header(file)


async def test_the_tests_themselves_may_read_files(tmp_path: Path) -> None:
    file = tmp_path / "note"
    file.write_text("here", encoding="utf-8")
    assert file.read_text(encoding="utf-8") == "here"
