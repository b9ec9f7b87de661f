"""What is left on a card when the power goes, from the log of its writes."""

import random
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from image.boot.torn import surviving
from image.boot.writelog import Write, WriteLogError, entries_written, writes

MAGIC = 0x6A736677736872


def log(path: Path, entries: list[tuple[int, int, bytes]]) -> Path:
    """A log with entries of first sector, flags and data."""
    blocks = [struct.pack("<QQQI", MAGIC, 1, len(entries), 512).ljust(512, b"\0")]
    for sector, flags, data in entries:
        blocks.append(struct.pack("<QQQQ", sector, len(data) // 512, flags, 0).ljust(512, b"\0") + data)
    path.write_bytes(b"".join(blocks))
    return path


def test_a_log_is_read_entry_by_entry(tmp_path: Path) -> None:
    file = log(tmp_path / "log", [(8, 0, b"a" * 512), (0, 1, b""), (16, 2, b"b" * 1024)])
    assert entries_written(file) == 3
    assert list(writes(file, 99)) == [
        Write(4096, b"a" * 512, False, False),
        Write(0, b"", True, False),
        Write(8192, b"b" * 1024, False, True),
    ]
    assert len(list(writes(file, 2))) == 2


def test_what_is_no_log_is_refused(tmp_path: Path) -> None:
    (tmp_path / "short").write_bytes(b"x")
    (tmp_path / "other").write_bytes(b"x" * 512)
    for name in ("short", "other"):
        with pytest.raises(WriteLogError, match="no log of writes"):
            entries_written(tmp_path / name)


WRITES = st.lists(
    st.builds(
        Write,
        st.integers(0, 9).map(lambda n: n * 512),
        st.integers(1, 4).map(lambda n: b"x" * 512 * n),
        st.booleans(),
        st.booleans(),
    ),
    max_size=12,
)


@given(WRITES, st.integers(0, 1000))
def test_what_was_flushed_or_written_at_once_is_always_there(entries: list[Write], seed: int) -> None:
    kept = surviving(entries, random.Random(seed))  # noqa: S311 - chance, not secrets
    last = max((number for number, write in enumerate(entries) if write.flushes), default=-1)
    assert kept[: last + 1] == entries[: last + 1]
    assert [write for write in kept if write.at_once] == [write for write in entries if write.at_once]


@given(WRITES, st.integers(0, 1000))
def test_nothing_is_made_up(entries: list[Write], seed: int) -> None:
    for write in surviving(entries, random.Random(seed)):  # noqa: S311 - chance, not secrets
        assert any(write.offset == one.offset and one.data.startswith(write.data) for one in entries)
