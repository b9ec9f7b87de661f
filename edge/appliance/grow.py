"""Grows the data partition to the end of its card, and its file system to the end of the partition.

Every start does it again, and a start that was cut short is caught up with: the partition's entry is one sector, which
a card writes whole or not at all, and ext4 grows in its journal.
"""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.appliance.errors import ApplianceError
from edge.appliance.files import line, number
from edge.appliance.running import Runner

log = logging.getLogger(__name__)

_SECTOR_BYTES: Final = 512
"""What sysfs counts in, whatever the card's own sectors are."""
_LEAST_SECTORS: Final = 16 * 1024 * 1024 // _SECTOR_BYTES
"""Less free room than this is left alone."""


@dataclass(frozen=True, slots=True)
class Partition:
    """Where one lies on its disk; sectors of 512 bytes."""

    device: str
    disk: str
    index: int
    start: int
    sectors: int
    disk_sectors: int
    is_last: bool

    @property
    def room(self) -> int:
        """Sectors behind it that nobody has."""
        return self.disk_sectors - self.start - self.sectors if self.is_last else 0


def grow(data: Path, run: Runner, root: Path = Path("/")) -> int:
    """Grow what `data` lies on; bytes gained. Raises `ApplianceError`."""
    fields = run(["findmnt", "--noheadings", "--output", "SOURCE,FSTYPE", "--target", str(data)]).split()
    if len(fields) < 2 or not fields[0].startswith("/dev/"):
        return 0
    device, kind = fields[0].partition("[")[0], fields[1]
    found = partition(Path(device).name, root)
    if found is None or kind != "ext4":
        return 0
    gained = 0
    if found.room >= _LEAST_SECTORS:
        command = ["sfdisk", "--no-reread", "--no-tell-kernel", "--quiet", "-N", str(found.index), f"/dev/{found.disk}"]
        run(command, given=", +\n")
        gained = found.room * _SECTOR_BYTES
        log.info("appliance.partition_grown", extra={"device": device, "bytes": gained})
    # Also where the entry was written by a start that was cut short: the kernel goes by what it read as it began.
    run(["partx", "--update", "--nr", str(found.index), f"/dev/{found.disk}"])
    run(["resize2fs", device])
    return gained


def partition(name: str, root: Path = Path("/")) -> Partition | None:
    """A partition by its kernel name, such as mmcblk0p3; None for what is none."""
    blocks = root / "sys/class/block"
    try:
        here = (blocks / name).resolve(strict=True)
    except OSError:
        return None
    index, start, sectors = number(here / "partition"), number(here / "start"), number(here / "size")
    disk_sectors = number(here.parent / "size")
    if index is None or start is None or sectors is None or disk_sectors is None:
        return None
    others = [
        number(other / "start") or 0 for other in here.parent.glob("*/") if line(other / "partition") and other != here
    ]
    is_last = all(other < start for other in others)
    return Partition(name, here.parent.name, index, start, sectors, disk_sectors, is_last)


def grown(data: Path, run: Runner, problems: list[str]) -> None:
    """As a step of a start: what goes wrong is a problem, and no reason to end."""
    try:
        grow(data, run)
    except ApplianceError as error:
        problems.append(f"the data partition could not be grown: {error}")
