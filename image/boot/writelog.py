"""Reads the log of writes that qemu's `blklogwrites` keeps, in the format of the kernel's dm-log-writes.

Documentation/admin-guide/device-mapper/log-writes.rst and include in drivers/md/dm-log-writes.c of Linux.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

_MAGIC: Final = 0x6A736677736872
_SUPER: Final = struct.Struct("<QQQI")
_ENTRY: Final = struct.Struct("<QQQQ")
_FLUSH, _FUA, _DISCARD, _MARK = 1, 2, 4, 8


class WriteLogError(Exception):
    """What is wrong with the log."""


@dataclass(frozen=True, slots=True)
class Write:
    """One request that reached the disk: where, what, and whether what came before it is safe from then on."""

    offset: int
    data: bytes
    flushes: bool
    """Everything before it is on the disk for good."""
    at_once: bool
    """It is on the disk for good itself."""
    discards: int = 0
    """Bytes that are given up."""


def entries_written(log: Path) -> int:
    """How many entries there are now; also while they are being written."""
    with log.open("rb") as file:
        return _header(file, log)[0]


def writes(log: Path, most: int) -> Iterator[Write]:
    """The first `most` entries. Raises `WriteLogError`."""
    with log.open("rb") as file:
        count, sector = _header(file, log)
        file.seek(sector)
        for _ in range(min(count, most)):
            block = file.read(sector)
            if len(block) < _ENTRY.size:
                return
            start, sectors, flags, _ = _ENTRY.unpack_from(block)
            size = sectors * sector
            if flags & _DISCARD:
                yield Write(start * sector, b"", bool(flags & _FLUSH), False, size)
                continue
            data = file.read(size) if not flags & _MARK else b""
            yield Write(start * sector, data, bool(flags & _FLUSH), bool(flags & _FUA))


def _header(file: BinaryIO, log: Path) -> tuple[int, int]:
    block = file.read(_SUPER.size)
    if len(block) < _SUPER.size:
        raise WriteLogError(f"{log} is no log of writes: it is too short")
    magic, _, count, sector = _SUPER.unpack(block)
    if magic != _MAGIC or sector < 512:
        raise WriteLogError(f"{log} is no log of writes")
    return count, sector
