"""The running service as an update sees it: whether it runs, from which release, and for how long."""

import shutil
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from edge.api.wire import ControlClient, ControlError

UNIT: Final = "edge.service"
_ASKED_WITHIN_S: Final = 5.0
_DONE_WITHIN_S: Final = 240.0


@dataclass(frozen=True, slots=True)
class Pulse:
    """What a service said of itself."""

    version: str
    release: str
    """The directory that it runs from."""
    uptime_s: float


class ServiceControl(Protocol):
    """How the service is started and ended, and how it does."""

    def active(self) -> bool:
        """Whether it is meant to run now."""
        ...

    def stop(self) -> None:
        """End it, and wait for that."""
        ...

    def restart(self) -> None:
        """Have it started anew from `current`; need not wait until it is ready."""
        ...

    def pulse(self) -> Pulse | None:
        """What it says of itself; None where it does not answer."""
        ...

    def wait(self, seconds: float) -> None:
        """Let it do."""
        ...


@dataclass(frozen=True, slots=True)
class Systemd:
    """The service as a unit of systemd; where systemd does not run there is none."""

    sockets: tuple[Path, ...]
    run: Path = field(default=Path("/run/systemd/system"))

    def active(self) -> bool:
        """Whether the unit is started, or is about to be."""
        if not self._there():
            return False
        state = self._systemctl("show", "--property=ActiveState", "--value", UNIT).strip()
        return state in ("active", "activating", "reloading", "deactivating")

    def stop(self) -> None:
        """Ends the unit."""
        self._systemctl("stop", UNIT)

    def restart(self) -> None:
        """Without waiting: whether it becomes ready is seen by its pulse."""
        self._systemctl("reset-failed", UNIT)
        self._systemctl("restart", "--no-block", UNIT)

    def pulse(self) -> Pulse | None:
        """From the control socket."""
        return pulse(self.sockets)

    def wait(self, seconds: float) -> None:
        """By the clock."""
        time.sleep(seconds)

    def _there(self) -> bool:
        return self.run.is_dir() and shutil.which("systemctl") is not None

    def _systemctl(self, *arguments: str) -> str:
        if not self._there():
            return ""
        try:
            done = subprocess.run(  # noqa: S603 (words of ours)
                ["systemctl", *arguments],  # noqa: S607
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=_DONE_WITHIN_S,
                check=False,
            )
        except (OSError, subprocess.SubprocessError):
            return ""
        return done.stdout.decode("utf-8", "replace")


def pulse(sockets: tuple[Path, ...]) -> Pulse | None:
    """What the service at these sockets says of itself."""
    try:
        with ControlClient(*sockets, timeout_s=_ASKED_WITHIN_S) as client:
            facts = client.call("status")
        return Pulse(str(facts["version"]), str(facts.get("release", "")), float(facts["uptime_s"]))
    except (ControlError, OSError, KeyError, TypeError, ValueError):
        return None
