"""The limits that control groups put on this process: memory and processor time, both versions, the whole path up."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.tuning.files import number, text

UNLIMITED_BYTES: Final = 1 << 60
"""Version 1 writes "no limit" as a number near 2**63."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The tightest limits on the way from the process's group to the root; None where nothing limits."""

    memory_bytes: int | None = None
    memory_free_bytes: int | None = None
    """What the tightest group still has to give: its limit less its use, files it can drop not counted as used."""
    cpus: float | None = None
    """The processor time a second that the tightest quota allows: 1.5 is one and a half processors' worth."""


def read_limits(root: Path = Path("/")) -> Limits:
    """The limits on this process, from `proc` and `sys` under `root`; what can't be read limits nothing."""
    mounts = list(_mounts(root))
    memory: list[int] = []
    free: list[int] = []
    cpus: list[float] = []
    for controllers, path in _memberships(root):
        for mount in mounts:
            if not controllers & mount.controllers:
                continue
            for group in _ancestry(mount, path):
                for limit, used in _memory(group):
                    memory.append(limit)
                    free.append(max(0, limit - used))
                cpus.extend(_quota(group))
    return Limits(min(memory, default=None), min(free, default=None), min(cpus, default=None))


def own_groups(root: Path = Path("/")) -> Iterator[Path]:
    """The process's groups of version 2, from its own up to the top of what is visible."""
    mounts = [mount for mount in _mounts(root) if "" in mount.controllers]
    for controllers, path in _memberships(root):
        for mount in mounts if controllers == {""} else ():
            yield from _ancestry(mount, path)


@dataclass(frozen=True, slots=True)
class _Mount:
    """A mounted hierarchy: the part of the tree that is visible, where, and its controllers ("" for version 2)."""

    top: str
    point: Path
    controllers: frozenset[str]


def _mounts(root: Path) -> Iterator[_Mount]:
    for line in text(root / "proc/self/mountinfo").splitlines():
        before, _, after = line.partition(" - ")
        fields, kind = before.split(), after.split()
        if len(fields) < 5 or len(kind) < 3:
            continue
        point = root / fields[4].lstrip("/")
        if kind[0] == "cgroup2":
            yield _Mount(fields[3], point, frozenset({""}))
        elif kind[0] == "cgroup":
            yield _Mount(fields[3], point, frozenset(kind[2].split(",")))


def _memberships(root: Path) -> Iterator[tuple[frozenset[str], str]]:
    for line in text(root / "proc/self/cgroup").splitlines():
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        yield frozenset(controllers.split(",")), path


def _ancestry(mount: _Mount, path: str) -> Iterator[Path]:
    """The directories from the process's group up to the mount: in a container the path may begin above the mount."""
    top = mount.top.rstrip("/")
    inside = path[len(top) :] if path == top or path.startswith(top + "/") else ""
    group = mount.point / inside.strip("/")
    while ".." in group.parts or not group.is_dir():
        if group == mount.point or mount.point not in group.parents:
            group = mount.point
            break
        group = group.parent
    yield group
    while group != mount.point:
        group = group.parent
        yield group


def _memory(group: Path) -> Iterator[tuple[int, int]]:
    """Limits and the use that counts against each."""
    for limit_file, used_file in (
        ("memory.max", "memory.current"),
        ("memory.high", "memory.current"),
        ("memory.limit_in_bytes", "memory.usage_in_bytes"),
    ):
        limit = number(group / limit_file)
        if limit is not None and 0 <= limit < UNLIMITED_BYTES:
            used = number(group / used_file) or 0
            yield limit, max(0, used - _droppable(group))
    # Version 1 also tells the tightest limit above, which a container can't see otherwise.
    outer = _fact(group, "hierarchical_memory_limit")
    if outer is not None and outer < UNLIMITED_BYTES:
        yield outer, max(0, (number(group / "memory.usage_in_bytes") or 0) - _droppable(group))


def _droppable(group: Path) -> int:
    for name in ("total_inactive_file", "inactive_file"):
        if (size := _fact(group, name)) is not None:
            return size
    return 0


def _fact(group: Path, name: str) -> int | None:
    found = re.search(rf"^{name} ([0-9]{{1,20}})$", text(group / "memory.stat"), re.MULTILINE)
    return int(found[1]) if found else None


def _quota(group: Path) -> Iterator[float]:
    quota, _, period = text(group / "cpu.max").strip().partition(" ")
    if quota.isdecimal() and period.isdecimal() and int(period):
        yield int(quota) / int(period)
    quota_us, period_us = number(group / "cpu.cfs_quota_us"), number(group / "cpu.cfs_period_us")
    if quota_us and period_us and quota_us > 0:
        yield quota_us / period_us
