"""How much is written to the card: by the whole machine since it started, and by this process since it did."""

import os
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_SECTOR_BYTES: Final = 512
"""What the kernel counts in, whatever the card's own sectors are."""
_SECTORS_WRITTEN: Final = 6
"""The field of `/sys/block/NAME/stat` (Documentation/block/stat.rst)."""
_DAY_S: Final = 86_400.0
_LEAST_S: Final = 600.0
"""A rate of less time would be that of the start."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A counter at a moment of the boot clock."""

    at_s: float
    sectors: int
    own_bytes: int

    def since(self, before: "Sample") -> dict[str, int]:
        """Bytes between the two, and what that is a day once it can be told."""
        length_s = self.at_s - before.at_s
        disk = max(0, self.sectors - before.sectors) * _SECTOR_BYTES
        own = max(0, self.own_bytes - before.own_bytes)
        found = {"written_bytes": disk, "written_by_us_bytes": own, "written_for_s": round(length_s)}
        if length_s >= _LEAST_S:
            found["written_bytes_per_day"] = round(disk * _DAY_S / length_s)
            found["written_by_us_bytes_per_day"] = round(own * _DAY_S / length_s)
        return found


_first: dict[str, Sample] = {}


def written(directory: Path, root: Path = Path("/")) -> dict[str, Any]:
    """What was written to the disk of `directory` since this was asked first; empty where the kernel does not say."""
    disk = disk_of(directory, root)
    now = sample(disk, root) if disk else None
    if disk is None or now is None:
        return {}
    return {"disk": disk, **now.since(_first.setdefault(disk, now))}


def sample(disk: str, root: Path = Path("/")) -> Sample | None:
    """Its counter now; None where there is none."""
    try:
        sectors = int((root / "sys/class/block" / disk / "stat").read_text("ascii").split()[_SECTORS_WRITTEN])
        own = re.search(r"^write_bytes: (\d+)$", (root / "proc/self/io").read_text("ascii"), re.MULTILINE)
    except (OSError, ValueError, IndexError):
        return None
    return Sample(time.clock_gettime(time.CLOCK_BOOTTIME), sectors, int(own[1]) if own else 0)


def disk_of(directory: Path, root: Path = Path("/")) -> str | None:
    """The kernel's name of the whole disk that a directory lies on, such as mmcblk0; None where there is none."""
    try:
        device = directory.stat().st_dev
        block = (root / f"sys/dev/block/{os.major(device)}:{os.minor(device)}").resolve(strict=True)
    except OSError:
        return None
    return block.parent.name if (block / "partition").exists() else block.name
