"""The probe: what this machine, or the part of it that this process was given, has for a language model."""

import os
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.tuning.cgroups import read_limits

REPACKING_FEATURES: Final = frozenset({"avx2", "asimddp", "i8mm"})
"""Processors with one of these get weights laid out anew for them: a second copy where the file stays mapped."""


@dataclass(frozen=True, slots=True)
class Hardware:
    """What was found. Bytes are bytes; `cpu_quota` is in processors' worth of time, None without a quota."""

    machine: str
    cpu_model: str
    cpu_features: frozenset[str]
    logical_cpus: int
    """Processors this process may run on."""
    physical_cores: int
    """Cores behind them: two threads of one core count once."""
    cpu_quota: float | None
    memory_total_bytes: int
    """The machine's memory, or the tightest group's limit where that is less."""
    memory_available_bytes: int
    """What can still be taken without hurting others, limits of all groups included."""
    swap_bytes: int

    @property
    def repacks_weights(self) -> bool:
        """Whether llama.cpp lays 4-bit weights out anew for this processor."""
        return bool(REPACKING_FEATURES & self.cpu_features)

    @property
    def compute_threads(self) -> int:
        """Threads that can run at the same time: cores, less where a quota would stall them."""
        if self.cpu_quota is None:
            return self.physical_cores
        return max(1, min(self.physical_cores, int(self.cpu_quota)))


def probe(root: Path = Path("/"), cpus: Collection[int] | None = None) -> Hardware:
    """Look at the machine through `proc` and `sys` under `root`; `cpus` are those this process may run on.

    What can't be read is taken at its most careful value: one core, no memory. Never raises.
    """
    allowed = frozenset(os.sched_getaffinity(0) if cpus is None else cpus)
    meminfo = _meminfo(root)
    limits = read_limits(root)
    total, available = meminfo.get("MemTotal", 0), meminfo.get("MemAvailable", 0)
    if limits.memory_bytes is not None and limits.memory_free_bytes is not None:
        total, available = min(total, limits.memory_bytes), min(available, limits.memory_free_bytes)
    model, features = _processor(root)
    return Hardware(
        machine=os.uname().machine,
        cpu_model=model,
        cpu_features=features,
        logical_cpus=max(1, len(allowed)),
        physical_cores=_cores(root, allowed),
        cpu_quota=limits.cpus,
        memory_total_bytes=total,
        memory_available_bytes=available,
        swap_bytes=meminfo.get("SwapTotal", 0),
    )


def _meminfo(root: Path) -> dict[str, int]:
    """Sizes in bytes by their kernel names."""
    return {
        name: int(kib) * 1024
        for name, kib in re.findall(r"^(\w+):\s+(\d+) kB$", _text(root / "proc/meminfo"), re.MULTILINE)
    }


def _processor(root: Path) -> tuple[str, frozenset[str]]:
    """The model's name and the features that all processors have, as the kernel spells them."""
    text = _text(root / "proc/cpuinfo")
    name = re.search(r"^(?:model name|Model|Hardware|uarch)\s*:\s*(.+)$", text, re.MULTILINE)
    board = _text(root / "proc/device-tree/model").strip("\0\n ")
    sets = [frozenset(line.split()) for line in re.findall(r"^(?:flags|Features)\s*:\s*(.*)$", text, re.MULTILINE)]
    return board or (name[1].strip() if name else "unknown"), frozenset.intersection(*sets) if sets else frozenset()


def _cores(root: Path, allowed: frozenset[int]) -> int:
    """Distinct cores among the allowed processors; each its own where the kernel does not say."""
    cores = set()
    for cpu in allowed:
        topology = root / f"sys/devices/system/cpu/cpu{cpu}/topology"
        siblings = _text(topology / "core_cpus_list") or _text(topology / "thread_siblings_list")
        cores.add(siblings.strip() or f"cpu{cpu}")
    return max(1, len(cores))


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""
