"""Files that are replaced as a whole: after a power cut there is the old one or the new one, never half of one."""

import contextlib
import os
from pathlib import Path


def replace_file(file: Path, data: bytes) -> None:
    """Write `file`, and its directory where there is none; on the disk when this returns.

    Raises OSError, and leaves what was there; its `strerror` says why.
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
