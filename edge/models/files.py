"""Reading, hashing and copying the large files of models."""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from edge.models.errors import ModelError
from edge.models.index import StoredFile

CHUNK: Final = 1 << 20

Progress = Callable[[int, int], None]
"""Told the bytes done and the bytes in all."""


def silent(done: int, total: int) -> None:
    """Show nothing."""


class Tally:
    """Progress over several files, told as one."""

    def __init__(self, total: int, progress: Progress) -> None:
        self._total = total
        self._progress = progress
        self._done = 0

    def add(self, count: int) -> None:
        """That many bytes more are done."""
        self._done += count
        self._progress(self._done, self._total)


def hash_file(path: Path, tally: Tally, copy_to: Path | None = None) -> str:
    """The SHA-256 of a file, copied to another (synchronised to the disk) on the way; raises `ModelError`, OSError."""
    digest = hashlib.sha256()
    with opened(path) as source:
        if copy_to is None:
            _pour(source, tally, digest.update)
        else:
            with copy_to.open("wb") as copy:
                _pour(source, tally, digest.update, copy)
                copy.flush()
                os.fsync(copy.fileno())
    return digest.hexdigest()


def recorded(path: Path, sha256: str) -> StoredFile:
    """What the index keeps of a file that has this digest; raises OSError."""
    status = path.stat()
    return StoredFile(path, sha256, status.st_size, status.st_mtime_ns, status.st_ino)


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """The file, open for reading; raises `ModelError`."""
    try:
        source = path.open("rb")
    except OSError as error:
        raise ModelError(f"{path} can't be read: {error.strerror}") from error
    with source:
        yield source


def megabytes(count: int) -> str:
    """For messages: "123 MB"."""
    return f"{count / 1e6:.0f} MB"


def _pour(source: BinaryIO, tally: Tally, update: Callable[[bytes], None], copy: BinaryIO | None = None) -> None:
    while True:
        try:
            chunk = source.read(CHUNK)
        except OSError as error:
            raise ModelError(f"{source.name} can't be read to its end: {error.strerror}; try another copy") from error
        if not chunk:
            return
        update(chunk)
        if copy is not None:
            copy.write(chunk)
        tally.add(len(chunk))
