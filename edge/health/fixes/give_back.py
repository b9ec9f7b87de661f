"""Gives a directory of the service's back to the service's user."""

import os
import pwd
import stat
from pathlib import Path

from edge.health.fixes import FixError


def told(target: str) -> str:
    """What it would do."""
    user, _, path = target.partition(" ")
    return f"Make {user} the owner of {path} and of what is in it, and let them write there"


def apply(target: str) -> str:
    """Owner and the right to write alone; no link is followed, no content is touched."""
    user, _, path = target.partition(" ")
    try:
        owner = pwd.getpwnam(user)
        count = _give(Path(path), owner.pw_uid, owner.pw_gid)
    except KeyError:
        raise FixError(f"there is no user {user!r} on this machine") from None
    except OSError as error:
        raise FixError(f"{error.filename or path}: {error.strerror}; as root: sudo edge doctor --fix") from error
    return f"{path} and {count} files in it belong to {user}"


def _give(directory: Path, uid: int, gid: int) -> int:
    count = 0
    os.chown(directory, uid, gid, follow_symlinks=False)
    directory.chmod(stat.S_IMODE(directory.stat().st_mode) | stat.S_IRWXU)
    for one in directory.iterdir():
        if one.is_dir() and not one.is_symlink():
            count += _give(one, uid, gid)
        else:
            os.chown(one, uid, gid, follow_symlinks=False)
        count += 1
    return count
