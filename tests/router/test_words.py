from pathlib import Path

import numpy as np
import pytest

from edge.router.words import WIDTH, WordTable


def _row(values: int, scale: int) -> bytes:
    return np.full(WIDTH, values, np.int8).tobytes() + bytes([scale])


def test_a_row_is_numbers_and_their_scale(tmp_path: Path) -> None:
    (tmp_path / "words.bin").write_bytes(_row(0, 0) + _row(64, 16) + _row(-127, 112))
    vectors = WordTable(tmp_path / "words.bin", 3).vectors([2, 1, 0, 1])
    assert vectors.shape == (1, 4, WIDTH)
    assert vectors.dtype == np.float32
    assert vectors[0, :, 0].tolist() == pytest.approx([-127 / 128, 32, 0, 32])


@pytest.mark.parametrize("rows", [1, 3])
def test_a_table_of_another_size_is_refused(tmp_path: Path, rows: int) -> None:
    (tmp_path / "words.bin").write_bytes(_row(1, 1) * rows)
    with pytest.raises(ValueError, match="expected 2 rows"):
        WordTable(tmp_path / "words.bin", 2)


def test_a_table_that_was_replaced_on_disk_is_read_on(tmp_path: Path) -> None:
    path = tmp_path / "words.bin"
    path.write_bytes(_row(1, 0))
    table = WordTable(path, 1)
    path.unlink()
    path.write_bytes(_row(2, 0))
    assert table.vectors([0])[0, 0, 0] == 1
