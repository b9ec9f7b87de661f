"""The probe: what this machine, or the part of it that this process was given, has for a language model."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from edge.tuning.accelerator import Accelerator, read_accelerator
from edge.tuning.board import Board, read_board
from edge.tuning.cgroups import read_limits
from edge.tuning.files import text
from edge.tuning.processor import Core, allowed_cpus, cache_bytes, fast_cores, read_cores, read_features
from edge.tuning.swap import Swap, read_swap

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
    cores: tuple[Core, ...] = ()
    """Those cores, fastest first; empty where only their number is known."""
    cache_bytes: int = 0
    """The last-level cache; 0 where the kernel does not say."""
    board: Board | None = None
    swap: Swap = field(default_factory=Swap)
    accelerator: Accelerator | None = None

    @property
    def repacks_weights(self) -> bool:
        """Whether llama.cpp lays 4-bit weights out anew for this processor."""
        return bool(REPACKING_FEATURES & self.cpu_features)

    @property
    def fast_cores(self) -> int:
        """Cores near the fastest one: the big ones of a big.LITTLE processor."""
        return len(fast_cores(self.cores)) or self.physical_cores

    @property
    def compute_threads(self) -> int:
        """Threads that can run at the same time without waiting for one: fast cores, less where a quota stalls them."""
        if self.cpu_quota is None:
            return self.fast_cores
        return max(1, min(self.fast_cores, int(self.cpu_quota)))


def probe(root: Path = Path("/"), cpus: Collection[int] | None = None, machine: str | None = None) -> Hardware:
    """Look at the machine through `proc`, `sys` and `dev` under `root`; `cpus` are those this process may run on.

    What can't be read is taken at its most careful value: one core, no memory. Never raises. Takes milliseconds: speeds
    are measured by `measure_bandwidth` and `measure_storage`.
    """
    allowed = allowed_cpus(root) if cpus is None else frozenset(cpus)
    meminfo = _meminfo(root)
    limits = read_limits(root)
    total, available = meminfo.get("MemTotal", 0), meminfo.get("MemAvailable", 0)
    if limits.memory_bytes is not None and limits.memory_free_bytes is not None:
        total, available = min(total, limits.memory_bytes), min(available, limits.memory_free_bytes)
    board = read_board(root, machine)
    model, features = read_features(root)
    cores = read_cores(root, allowed)
    return Hardware(
        machine=board.machine,
        cpu_model=(board.model if board.compatible else "") or model or board.model or "unknown",
        cpu_features=features,
        logical_cpus=max(1, len(allowed)),
        physical_cores=max(1, len(cores)),
        cpu_quota=limits.cpus,
        memory_total_bytes=total,
        memory_available_bytes=available,
        swap_bytes=meminfo.get("SwapTotal", 0),
        cores=cores,
        cache_bytes=cache_bytes(root, allowed),
        board=board,
        swap=read_swap(root),
        accelerator=read_accelerator(root),
    )


def _meminfo(root: Path) -> dict[str, int]:
    """Sizes in bytes by their kernel names."""
    return {
        name: int(kib) * 1024
        for name, kib in re.findall(r"^(\w+):\s+(\d+) kB$", text(root / "proc/meminfo"), re.MULTILINE)
    }
