"""Whether the service can write where it has to: its state, its models, its sockets."""

import errno
import os
import pwd
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.health.finding import Finding, Fix, fine, problem
from edge.health.ground import Ground

_CHECK: Final = "state"
_USER: Final = "edge"
"""Whom the unit runs the service as."""


@dataclass(frozen=True, slots=True)
class Directory:
    """One that must be written to."""

    path: str
    what: str
    trouble: str = ""
    is_read_only: bool = False
    """The file system, and not its permissions."""
    user: str = ""
    """Who has to be able to."""


async def look(ground: Ground) -> tuple[Directory, ...] | None:
    """Of those that are there already: the service makes what is missing."""
    places = ground.loaded.places
    found: tuple[Directory, ...] = await ground.aside(_tried, places.state, places.models, places.runtime)
    return found or None


def check(facts: tuple[Directory, ...]) -> Iterator[Finding]:
    """One finding for each that can't be written to, or one for all."""
    wrong = [one for one in facts if one.trouble]
    for one in wrong:
        text = f"{one.path}, where {one.what}, can't be written to by {one.user}: {one.trouble}"
        if one.is_read_only:
            remedy = (
                f"Its file system is read-only: mount -o remount,rw {one.path}; a card that was switched to read-only "
                "by the kernel is at its end (dmesg says why)"
            )
            yield problem(_CHECK, text, remedy)
        else:
            remedy = f"Give it back to its owner: sudo chown -R {one.user} {one.path} && sudo chmod u+rwx {one.path}"
            yield problem(_CHECK, text, remedy, fix=Fix("give_back", f"{one.user} {one.path}"))
    if not wrong:
        yield fine(_CHECK, f"{', '.join(one.path for one in facts)} can be written to")


def _tried(state: Path, models: Path, runtime: Path) -> tuple[Directory, ...]:
    what = {state: "settings, timers and history are kept", models: "models lie", runtime: "sockets are made"}
    return tuple(_judged(path, why) for path, why in what.items() if _is_there(path))


def _is_there(path: Path) -> bool:
    """Also where we may not look at it."""
    try:
        return path.is_dir()
    except PermissionError:
        return True


def _judged(path: Path, what: str) -> Directory:
    owner = _service_user(path)
    user = owner.pw_name if owner is not None else pwd.getpwuid(os.geteuid()).pw_name
    if owner is not None and not _may_write(path, owner):
        return Directory(str(path), what, "it belongs to another user", user=user)
    try:
        with tempfile.NamedTemporaryFile(dir=path, prefix=".doctor-"):
            pass
    except OSError as error:
        read_only = error.errno == errno.EROFS
        trouble = "No space left on it" if error.errno == errno.ENOSPC else error.strerror or str(error)
        return Directory(str(path), what, trouble, is_read_only=read_only, user=user)
    return Directory(str(path), what, user=user)


def _service_user(path: Path) -> pwd.struct_passwd | None:
    """Who writes there, where root looks at what the unit's user has; None where it is for ourselves."""
    if os.geteuid() != 0 or (not path.is_relative_to("/var/lib/edge") and not path.is_relative_to("/run/edge")):
        return None
    try:
        return pwd.getpwnam(_USER)
    except KeyError:
        return None


def _may_write(path: Path, user: pwd.struct_passwd) -> bool:
    try:
        status = path.stat()
    except OSError:
        return False
    needed = stat.S_IWUSR | stat.S_IXUSR
    if status.st_uid == user.pw_uid:
        return status.st_mode & needed == needed
    if status.st_gid == user.pw_gid:
        return status.st_mode & needed >> 3 == needed >> 3
    return status.st_mode & needed >> 6 == needed >> 6
