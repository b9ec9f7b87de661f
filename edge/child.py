"""Child processes in general: what they know of the world, how they are ended, and that none outlives its parent."""

import contextlib
import ctypes
import os
import signal
from asyncio.subprocess import Process
from pathlib import Path
from typing import Final

_KEPT_VARIABLES: Final = ("HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PATH", "TMPDIR", "TZ", "VIRTUAL_ENV")
_PR_SET_PDEATHSIG: Final = 1


def environment() -> dict[str, str]:
    """What a worker needs to know, and none of the service's secrets.

    OpenMP's threads must sleep while they wait: spinning on a busy machine costs ten times the time.
    """
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    home = str(Path(__file__).parent.parent)
    paths = [home, *(part for part in os.environ.get("PYTHONPATH", "").split(os.pathsep) if part)]
    return {**kept, "PYTHONPATH": os.pathsep.join(paths), "OMP_WAIT_POLICY": "passive", "PYTHONUNBUFFERED": "1"}


def signalled(process: Process, number: int = signal.SIGKILL) -> None:
    """Send it a signal, if it is still there.

    `Process.kill` looks first whether it has ended, and so takes the status from whom the loop has wait for it: a
    second kill at the wrong moment made SIGKILL a status of 255.
    """
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, number)


def die_with(parent: int) -> None:
    """Have the kernel end this process when its parent goes, however it goes."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)
