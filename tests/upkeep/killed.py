"""A process that updates a board of a test and is killed at the Nth thing that it does to the disk.

python -m tests.upkeep.killed ROOT BUNDLE|- N HEALTHY    `-`: recover and watch; N 0: not killed, prints the count
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any

from edge.upkeep.errors import UpdateError
from edge.upkeep.installation import Installation
from edge.upkeep.updater import Updater
from tests.upkeep.makers import FakeService, quiet

CHANGES = frozenset(
    {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.symlink", "os.link", "os.chmod", "os.chown", "os.truncate"}
)
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


class Fuse:
    """Counts changes of the disk, and ends the process at one of them, just before it is made."""

    def __init__(self, at: int) -> None:
        self.count = 0
        self._at = at

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in CHANGES or event == "subprocess.Popen" or (event == "open" and arguments[2] & WRITING):
            self.count += 1
            if self.count == self._at:
                os.kill(os.getpid(), signal.SIGKILL)


def main(root: Path, bundle: str, at: int, *, healthy: bool) -> int:
    installation = Installation(root / "opt")
    service = FakeService(installation, healthy=healthy)
    updater = Updater(installation, root / "etc/config.toml", root / "state", root / "etc/keys", service)
    fuse = Fuse(at)
    sys.addaudithook(fuse)
    try:
        if bundle == "-":
            updater.recover(starting=True)
            updater.watch()
        else:
            updater.apply(Path(bundle), quiet)
    except UpdateError as error:
        print(error)
    finally:
        count = fuse.count
    print(count)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), healthy=sys.argv[4] == "yes"))
