"""Files and directories that outlive power cuts and more than one process: replaced as a whole, held by one."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def replace_file(file: Path, data: bytes) -> None:
    """Write `file`, and its directory where there is none; on the disk when this returns.

    After a power cut there is the old one or the new one, never half of one. Raises OSError, and leaves what was there.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(file.name + ".new")
    try:
        with fresh.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        fresh.replace(file)
    except OSError:
        with contextlib.suppress(OSError):
            fresh.unlink()
        raise
    with contextlib.suppress(OSError):  # not every file system of a stick can
        sync_directory(file.parent)


def sync_directory(directory: Path) -> None:
    """See that what was renamed into the directory outlives a power cut."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def held(directory: Path, otherwise: Exception) -> Iterator[None]:
    """For the length of the block no other process holds the directory; raises `otherwise` where one does."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise otherwise from None
        yield
    finally:
        os.close(handle)
