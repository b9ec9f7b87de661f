"""Touches the service's files as the service's user: links that it could have put there are not followed as root."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO


def owner_of(state: Path) -> tuple[int, int] | None:
    """User and group of the state directory, where these are others than ours and we are root."""
    if os.geteuid() != 0:
        return None
    with suppress(OSError):
        facts = state.stat(follow_symlinks=False)
        if facts.st_uid != 0:
            return facts.st_uid, facts.st_gid
    return None


@contextmanager
def as_owner(state: Path) -> Iterator[None]:
    """For the length of the block this process is the owner of the state directory."""
    owner = owner_of(state)
    if owner is None:
        yield
        return
    groups, gid = os.getgroups(), os.getegid()
    os.setgroups([])
    os.setegid(owner[1])
    os.seteuid(owner[0])
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(gid)
        os.setgroups(groups)


def create_private(file: Path) -> BinaryIO:
    """A new file that nobody else may read, to be written. Raises OSError, where it is there already as well."""
    return os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600), "wb")
