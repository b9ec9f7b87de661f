"""A process that changes a board of a test and is killed at the Nth thing that it does to the disk.

python -m tests.upkeep.killed WORK ROOT FILE N    N 0: not killed; prints how many things it did
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from edge.errors import EdgeError
from edge.settings import Places
from edge.upkeep.installation import Installation
from edge.upkeep.restoring import restore
from edge.upkeep.swapping import recover
from edge.upkeep.updater import Updater
from edge.upkeep.waiting import ask, put_in_place
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


def _updater(root: Path, *, healthy: bool) -> Updater:
    installation = Installation(root / "opt")
    service = FakeService(installation, healthy=healthy)
    return Updater(installation, root / "etc/config.toml", root / "state", root / "etc/keys", service)


def _apply(root: Path, file: Path, *, healthy: bool) -> None:
    _updater(root, healthy=healthy).apply(file, quiet)


def _next_start(root: Path, *, healthy: bool) -> None:
    updater = _updater(root, healthy=healthy)
    updater.recover(starting=True)
    updater.watch()


def _places(root: Path) -> Places:
    return Places(config=root / "etc/config.toml", state=root / "state", runtime=root / "run")


def _restore(root: Path, file: Path) -> None:
    restore(_places(root), file, None, quiet, FakeService(Installation(root / "opt"), runs=False, healthy=False))


def _ask(root: Path, file: Path) -> None:
    ask(_places(root), file, None, "cellar", quiet, quiet)


def _put_in_place(root: Path, _: Path) -> None:
    put_in_place(_places(root))


def _restore_goes_on(root: Path, _: Path) -> None:
    recover(_places(root))


WORK: Final[dict[str, Callable[[Path, Path], None]]] = {
    "apply": lambda root, file: _apply(root, file, healthy=True),
    "apply-unhealthy": lambda root, file: _apply(root, file, healthy=False),
    "start": lambda root, _: _next_start(root, healthy=True),
    "start-unhealthy": lambda root, _: _next_start(root, healthy=False),
    "restore": _restore,
    "restore-start": _restore_goes_on,
    "ask": _ask,
    "put-in-place": _put_in_place,
}


def main(work: str, root: Path, file: Path, at: int) -> int:
    fuse = Fuse(at)
    sys.addaudithook(fuse)
    try:
        WORK[work](root, file)
    except EdgeError as error:
        print(error)
    count = fuse.count
    print(count)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])))
