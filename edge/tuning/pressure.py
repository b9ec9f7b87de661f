"""How much others want of the machine right now: memory they wait for or swap back, processors they keep busy."""

import os
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.tuning.cgroups import own_groups, read_limits
from edge.tuning.files import text
from edge.tuning.processor import allowed_cpus

_TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")
_SHORTEST_S: Final = 0.05
"""Between two looks; what happens in less is noise."""


@dataclass(frozen=True, slots=True)
class Pressure:
    """Since the look before: shares are of the time, 0 to 1; 0 as well where the kernel does not tell."""

    available_bytes: int | None = None
    """What can still be taken without hurting others, limits of all groups included."""
    memory_stall: float = 0.0
    """Something waited for memory (the kernel's pressure stall information, "some")."""
    cpu_stall: float = 0.0
    """Something waited for a processor."""
    swapped_in_bytes_per_s: float = 0.0
    others_cpus: float = 0.0
    """Processors' worth of time that everything but the given processes took; low-priority (nice) work gives way."""


@dataclass(frozen=True, slots=True)
class _Counters:
    at_s: float
    memory_stall_us: dict[Path, int]
    cpu_stall_us: dict[Path, int]
    swapped_in_pages: int
    busy_ticks: int
    own_ticks: dict[int, int]


class PressureGauge:
    """Reads the kernel's counters under `root`, and tells how they grew."""

    def __init__(self, root: Path = Path("/"), cpus: Collection[int] | None = None) -> None:
        self._root = root
        self._given = cpus
        self._before: _Counters | None = None

    def read(self, at_s: float, own: Iterable[int] = ()) -> Pressure:
        """Look at `at_s` of a clock that never jumps; `own` are processes that are no competition. Never raises.

        Milliseconds. The first look has nothing to compare with and tells of no pressure.
        """
        cpus = allowed_cpus(self._root) if self._given is None else frozenset(self._given)
        now = self._counters(at_s, own, cpus)
        before, self._before = self._before, now
        available = _available(self._root)
        span_s = now.at_s - before.at_s if before else 0.0
        if before is None or span_s < _SHORTEST_S:
            return Pressure(available)
        ours = sum(max(0, ticks - before.own_ticks.get(pid, ticks)) for pid, ticks in now.own_ticks.items())
        busy = max(0, now.busy_ticks - before.busy_ticks - ours) / _TICKS_PER_S / span_s
        return Pressure(
            available_bytes=available,
            memory_stall=_share(before.memory_stall_us, now.memory_stall_us, span_s),
            cpu_stall=_share(before.cpu_stall_us, now.cpu_stall_us, span_s),
            swapped_in_bytes_per_s=max(0, now.swapped_in_pages - before.swapped_in_pages) * _PAGE_BYTES / span_s,
            others_cpus=min(busy, float(len(cpus))),
        )

    def _counters(self, at_s: float, own: Iterable[int], cpus: Collection[int]) -> _Counters:
        root = self._root
        groups = list(own_groups(root))
        return _Counters(
            at_s=at_s,
            memory_stall_us=_stalls([root / "proc/pressure/memory", *(group / "memory.pressure" for group in groups)]),
            cpu_stall_us=_stalls([root / "proc/pressure/cpu", *(group / "cpu.pressure" for group in groups)]),
            swapped_in_pages=_found(r"^pswpin (\d{1,18})$", text(root / "proc/vmstat")),
            busy_ticks=_busy_ticks(root, cpus),
            own_ticks={pid: ticks for pid in own if (ticks := _process_ticks(root, pid)) is not None},
        )


def _busy_ticks(root: Path, cpus: Collection[int]) -> int:
    """Time of our processors that was neither idle nor low-priority; what a host took from us counts."""
    busy = 0
    for cpu, times in re.findall(r"^cpu(\d{1,5})((?: \d{1,18}){8})", text(root / "proc/stat"), re.MULTILINE):
        if int(cpu) in cpus:
            user, _nice, system, _idle, _waiting, irq, softirq, stolen = (int(one) for one in times.split())
            busy += user + system + irq + softirq + stolen
    return busy


def _available(root: Path) -> int | None:
    kib = _found(r"^MemAvailable:\s+(\d{1,18}) kB$", text(root / "proc/meminfo"), missing=-1)
    limit = read_limits(root).memory_free_bytes
    known = [one for one in (kib * 1024 if kib >= 0 else None, limit) if one is not None]
    return min(known, default=None)


def _stalls(files: Iterable[Path]) -> dict[Path, int]:
    """Microseconds so far that something waited, by file."""
    contents = ((file, text(file)) for file in files)
    return {file: _found(r"^some .*\btotal=(\d{1,18})$", said) for file, said in contents if said}


def _share(before: dict[Path, int], now: dict[Path, int], span_s: float) -> float:
    """The worst of all, since before."""
    grown = (total - before[file] for file, total in now.items() if file in before)
    return min(1.0, max(0, max(grown, default=0)) / 1e6 / span_s)


def _process_ticks(root: Path, pid: int) -> int | None:
    """Time that a process has taken, all threads; None once it is gone."""
    fields = text(root / f"proc/{pid}/stat").rpartition(") ")[2].split()
    times = fields[11:13]
    return sum(int(one) for one in times) if len(times) == 2 and all(one.isdecimal() for one in times) else None


def _found(pattern: str, said: str, missing: int = 0) -> int:
    found = re.search(pattern, said, re.MULTILINE)
    return int(found[1]) if found else missing
