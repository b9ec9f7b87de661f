"""Small files of a start: private ones, and those on the boot partition, which is writable only while it is written."""

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from edge.appliance.running import Runner
from edge.files import replace_file

PRIVATE: Final = 0o600


def write_private(file: Path, data: bytes, mode: int = PRIVATE, gid: int | None = None) -> None:
    """Replace a file that nobody else may read, on the disk when this returns; nothing where it says that already.

    `mode` and `gid` let a group in. Raises OSError.
    """
    with contextlib.suppress(OSError):
        if read_bounded(file, len(data) + 1) == data and stat.S_IMODE(file.stat().st_mode) == mode:
            return
    before = os.umask(0o077)
    try:
        replace_file(file, data)
    finally:
        os.umask(before)
    if gid is not None:
        os.chown(file, -1, gid)
    if mode != PRIVATE:
        file.chmod(mode)


def read_bounded(file: Path, most_bytes: int) -> bytes:
    """At most so many bytes of a plain file; no link is followed and no pipe waited for. Raises OSError."""
    number = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(number, "rb") as stream:
        if not stat.S_ISREG(os.fstat(number).st_mode):
            raise OSError(errno.EINVAL, "expected a plain file, found something else", str(file))
        return stream.read(most_bytes)


def line(file: Path) -> str:
    """What a file of the kernel says; empty where it says nothing."""
    try:
        return file.read_text("ascii", "replace").strip()
    except OSError:
        return ""


def number(file: Path) -> int | None:
    """The same as a number."""
    said = line(file)
    return int(said) if said.isdecimal() else None


@contextmanager
def writable(boot: Path, run: Runner) -> Iterator[None]:
    """For the length of the block the boot partition can be written, where it is mounted to be read alone."""
    if not os.statvfs(boot).f_flag & os.ST_RDONLY:
        yield
        return
    run(["mount", "-o", "remount,rw", str(boot)])
    try:
        yield
    finally:
        run(["mount", "-o", "remount,ro", str(boot)])
