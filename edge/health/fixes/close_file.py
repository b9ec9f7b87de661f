"""Lets nobody but its owner read or write a file that holds a secret."""

import stat
from pathlib import Path

from edge.health.fixes import FixError


def told(target: str) -> str:
    """What it would do."""
    return f"Let nobody but its owner read or change {target}"


def apply(target: str) -> str:
    """As `chmod go-rwx`; whose file it is stays as it was."""
    file = Path(target)
    try:
        status = file.stat()
        if not stat.S_ISREG(status.st_mode):
            raise FixError(f"{file} is no ordinary file: look at it by hand")
        file.chmod(stat.S_IMODE(status.st_mode) & ~(stat.S_IRWXG | stat.S_IRWXO))
    except OSError as error:
        raise FixError(f"{file}: {error.strerror}; as root: sudo edge doctor --fix") from error
    return f"{file} can be read and changed by its owner alone"
