"""The processor: cores with their capacities, the threads that share them, caches and features."""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.tuning.files import line, number, numbers, text

FULL_CAPACITY: Final = 1024
FAST_SHARE: Final = 0.75
"""A core below this share of the fastest one's capacity would hold the others up: work is dealt out evenly."""


@dataclass(frozen=True, slots=True)
class Core:
    """One physical core."""

    cpus: tuple[int, ...]
    """The processors (hardware threads) on it that this process may use."""
    capacity: int = FULL_CAPACITY
    """What it can do against the fastest core of the machine, which has 1024."""
    max_khz: int = 0
    """0 where the kernel does not say."""


def allowed_cpus(root: Path) -> frozenset[int]:
    """The processors that this process may run on: affinity and cpusets, as the kernel has added them up."""
    listed = re.search(r"^Cpus_allowed_list:\s*(\S+)$", text(root / "proc/self/status"), re.MULTILINE)
    return (numbers(listed[1]) if listed else frozenset()) or frozenset(os.sched_getaffinity(0))


def read_cores(root: Path, allowed: Iterable[int]) -> tuple[Core, ...]:
    """The cores behind the allowed processors, fastest first; each processor is one where the kernel does not say."""
    cpus = sorted(allowed)
    shared: dict[str, list[int]] = {}
    for cpu in cpus:
        topology = _cpu(root, cpu) / "topology"
        siblings = line(topology / "core_cpus_list") or line(topology / "thread_siblings_list")
        shared.setdefault(siblings or f"cpu{cpu}", []).append(cpu)
    speeds = {cpu: number(_cpu(root, cpu) / "cpufreq/cpuinfo_max_freq") or 0 for cpu in cpus}
    capacities = {cpu: number(_cpu(root, cpu) / "cpu_capacity") or 0 for cpu in cpus}
    if not all(capacities.values()):
        # Without capacities (x86, or a tree without them) a core's top speed stands for what it can do.
        top = max(speeds.values(), default=0)
        capacities = {cpu: speeds[cpu] * FULL_CAPACITY // top if top and speeds[cpu] else FULL_CAPACITY for cpu in cpus}
    cores = [Core(tuple(group), capacities[group[0]], speeds[group[0]]) for group in shared.values()]
    return tuple(sorted(cores, key=lambda core: (-core.capacity, core.cpus)))


def fast_cores(cores: Iterable[Core]) -> tuple[Core, ...]:
    """The cores that are near the fastest; of a big.LITTLE processor the big ones."""
    every = tuple(cores)
    top = max((core.capacity for core in every), default=0)
    return tuple(core for core in every if core.capacity >= top * FAST_SHARE)


def cache_bytes(root: Path, allowed: Iterable[int]) -> int:
    """The last-level caches of these processors together, each counted once; 0 where the kernel does not say."""
    found: dict[tuple[int, str], int] = {}
    for cpu in allowed:
        for index in range(8):
            cache = _cpu(root, cpu) / f"cache/index{index}"
            level, size = number(cache / "level"), _size(line(cache / "size"))
            if level and size and line(cache / "type") != "Instruction":
                found[level, line(cache / "shared_cpu_list") or str(cpu)] = size
    last = max((level for level, _ in found), default=0)
    return sum(size for (level, _), size in found.items() if level == last)


def read_features(root: Path) -> tuple[str, frozenset[str]]:
    """The model's name and the features that all processors have, as the kernel spells them."""
    info = text(root / "proc/cpuinfo")
    name = re.search(r"^(?:model name|Model|Hardware|uarch)\s*:\s*(.+)$", info, re.MULTILINE)
    sets = [frozenset(words.split()) for words in re.findall(r"^(?:flags|Features)\s*:\s*(.*)$", info, re.MULTILINE)]
    return name[1].strip() if name else "", frozenset.intersection(*sets) if sets else frozenset()


def _cpu(root: Path, cpu: int) -> Path:
    return root / f"sys/devices/system/cpu/cpu{cpu}"


def _size(written: str) -> int:
    found = re.fullmatch(r"([0-9]{1,9})([KMG]?)", written)
    return int(found[1]) << {"": 0, "K": 10, "M": 20, "G": 30}[found[2]] if found else 0
