"""Swap: where memory goes that is not looked at, and how much of that place is compressed memory itself (zram)."""

import re
from dataclasses import dataclass
from pathlib import Path

from edge.tuning.files import number, text


@dataclass(frozen=True, slots=True)
class Swap:
    """All in bytes. Weights must never go there: swap is no room for a model, only for what others leave lying."""

    total_bytes: int = 0
    free_bytes: int = 0
    zram_bytes: int = 0
    """Of the total, what lies compressed in memory."""
    zram_kept_bytes: int = 0
    """Memory that the compressed pages take now."""
    swappiness: int | None = None

    @property
    def on_storage_bytes(self) -> int:
        """What lies on a card or disk, which it is slow on and wears out."""
        return max(0, self.total_bytes - self.zram_bytes)


def read_swap(root: Path = Path("/")) -> Swap:
    """Look it up in `proc` and `sys` under `root`. Never raises."""
    total = free = zram = kept = 0
    for device, size_kib, used_kib in re.findall(
        r"^(\S+)\s+(?:partition|file)\s+(\d{1,15})\s+(\d{1,15})\s", text(root / "proc/swaps"), re.MULTILINE
    ):
        size = int(size_kib) * 1024
        total += size
        free += max(0, size - int(used_kib) * 1024)
        name = device.rpartition("/")[2]
        if re.fullmatch(r"zram\d+", name):
            zram += size
            columns = text(root / "sys/block" / name / "mm_stat").split()
            kept += int(columns[2]) if len(columns) > 2 and columns[2].isdecimal() else 0
    return Swap(total, free, zram, kept, number(root / "proc/sys/vm/swappiness"))
