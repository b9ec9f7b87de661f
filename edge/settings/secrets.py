"""Secrets in files of their own: how they are read, and who else could."""

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO, Final

_MOST_BYTES: Final = 64 * 1024


def first_line(file: Path) -> str:
    """The first line without what ends it; blanks belong to it. Raises OSError or UnicodeDecodeError."""
    with opened(file) as stream:
        line = stream.readline(_MOST_BYTES)
    return line.removeprefix(b"\xef\xbb\xbf").rstrip(b"\r\n").decode("utf-8")


def opened(file: Path) -> BinaryIO:
    """The file, to be read; a pipe, which could keep whoever reads it waiting for ever, is refused. Raises OSError."""
    number = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise OSError(errno.EINVAL, "expected a plain file, found something else", str(file))
    return os.fdopen(number, "rb")


def open_to(file: Path) -> str | None:
    """Who else may read the file, "everybody" or "its group"; None where nobody may, or there is no such file."""
    try:
        mode = file.stat().st_mode
    except OSError:
        return None
    if mode & stat.S_IROTH:
        return "everybody"
    return "its group" if mode & stat.S_IRGRP else None
