"""Has systemd ask time servers."""

import shutil
import subprocess

from edge.health.fixes import FixError

_PATIENCE_S = 20.0


def told(target: str) -> str:  # noqa: ARG001 (every fix has one)
    """What it would do."""
    return "Have the machine set its clock by time servers, as soon as it reaches one (timedatectl set-ntp true)"


def apply(target: str) -> str:  # noqa: ARG001 (every fix has one)
    """Needs root."""
    command = shutil.which("timedatectl")
    if command is None:
        raise FixError("timedatectl is not installed: install a time client such as systemd-timesyncd or chrony")
    try:
        done = subprocess.run(  # noqa: S603 (our own words)
            [command, "set-ntp", "true"], capture_output=True, text=True, timeout=_PATIENCE_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise FixError(f"timedatectl did not do it: {error}") from error
    if done.returncode != 0:
        raise FixError(f"timedatectl says: {done.stderr.strip() or done.returncode}; as root: sudo edge doctor --fix")
    return "The machine asks time servers from now on"
