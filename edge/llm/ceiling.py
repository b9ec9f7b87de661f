"""A control group of its own for the worker process, where one may be made: the kernel keeps it to its memory.

Version 1: a child of our group in the memory controller's tree, as root. Version 2: only in a subtree that was
delegated to us (`Delegate=yes` in a systemd unit); since a group there has either processes or limited children, our
own processes first move into a child. Everywhere else there is none, and the worker's memory is watched instead.
"""

import contextlib
import logging
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

log = logging.getLogger(__name__)

PREFIX: Final = "edge-llm-"
OWN: Final = "edge-service"
"""The child that our own processes move to, in version 2."""
SLACK_BYTES: Final = 32 << 20
"""Above the resident ceiling: page tables and other memory that the kernel counts for the group."""


@dataclass(frozen=True, slots=True)
class Group:
    """A control group with a limit on its memory. Its methods block for microseconds, and never raise."""

    path: Path
    limit_file: str
    events_file: str

    def limit(self, ceiling_bytes: int) -> bool:
        """Hold what is in it to a ceiling of resident bytes; whether that could be done."""
        return _write(self.path / self.limit_file, str(ceiling_bytes + SLACK_BYTES))

    def take(self, pid: int) -> bool:
        """Put a process into it; whether that could be done."""
        return _write(self.path / "cgroup.procs", str(pid))

    def kills(self) -> int:
        """How many processes in it the kernel has ended for want of memory."""
        found = re.search(r"^oom_kill (\d+)$", _text(self.path / self.events_file), re.MULTILINE)
        return int(found[1]) if found else 0

    def remove(self) -> None:
        """Remove it, once its process is gone."""
        with contextlib.suppress(OSError):
            self.path.rmdir()


def group_for(pid: int, ceiling_bytes: int, root: Path = Path("/")) -> Group | None:
    """A new group that holds `pid` to a ceiling; None where none can be made. Blocks for microseconds."""
    sweep(root)
    for made in (_version_1, _version_2):
        parent, limit_file, events_file = made(root)
        if parent is None:
            continue
        group = Group(parent / f"{PREFIX}{pid}", limit_file, events_file)
        with contextlib.suppress(OSError):
            group.path.mkdir()
            if group.limit(ceiling_bytes) and group.take(pid):
                return group
        group.remove()
    return None


def sweep(root: Path = Path("/")) -> None:
    """Remove the groups that killed services have left: those whose process is no more."""
    for made in (_version_1, _version_2):
        parent, _, _ = made(root)
        for left in parent.glob(f"{PREFIX}*") if parent else ():
            if not (root / "proc" / left.name.removeprefix(PREFIX)).exists():
                with contextlib.suppress(OSError):
                    left.rmdir()


def _version_1(root: Path) -> tuple[Path | None, str, str]:
    names = "memory.limit_in_bytes", "memory.oom_control"
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, controllers, path = (*line.split(":", 2), "", "")[:3]
        if "memory" in controllers.split(","):
            group = root / "sys/fs/cgroup/memory" / path.lstrip("/")
            return (group if os.access(group, os.W_OK) else None), *names
    return None, *names


def _version_2(root: Path) -> tuple[Path | None, str, str]:
    names = "memory.max", "memory.events"
    found = re.search(r"^0::(/.*)$", _text(root / "proc/self/cgroup"), re.MULTILINE)
    if found is None:
        return None, *names
    group = root / "sys/fs/cgroup" / found[1].lstrip("/")
    if group.name == OWN:
        # Systemd may have put us there (DelegateSubgroup=), which does not share memory out to the others.
        shared = group.parent / "cgroup.subtree_control"
        return (group.parent if "memory" in _text(shared).split() or _write(shared, "+memory") else None), *names
    if "memory" not in _text(group / "cgroup.controllers").split() or not _delegated(group):
        return None, *names
    return (group if _make_room(group) else None), *names


def _delegated(group: Path) -> bool:
    """Whether the group was given to us to divide: systemd says so in an attribute, or with its ownership."""
    for name in ("user.delegate", "trusted.delegate"):
        with contextlib.suppress(OSError):
            return os.getxattr(group, name) == b"1"
    return os.geteuid() != 0 and os.access(group / "cgroup.subtree_control", os.W_OK)


def _make_room(group: Path) -> bool:
    """Move our processes into a child, so that children can have limits."""
    own = group / OWN
    with contextlib.suppress(OSError):
        own.mkdir(exist_ok=True)
    for pid in _text(group / "cgroup.procs").split():
        _write(own / "cgroup.procs", pid)
    if _write(group / "cgroup.subtree_control", "+memory"):
        return True
    log.info("llm.no_group", extra={"group": str(group)})
    return False


def _write(file: Path, text: str) -> bool:
    try:
        file.write_text(text)
    except OSError:
        return False
    return True


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8", "replace")
    except OSError:
        return ""
