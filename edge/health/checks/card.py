"""Whether the card or disk says that it is at its end, or has lost something already."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.health.finding import Finding, fine, note, problem
from edge.health.ground import Ground

_CHECK: Final = "card"
_WORN: Final = 9
"""Tenths of its life that an eMMC says are used (JEDEC 84-B51, DEVICE_LIFE_TIME_EST: 9 is 80 to 90 %)."""
_WORN_SOON: Final = 7
_BEYOND: Final = 11
_URGENT: Final = 3
"""PRE_EOL_INFO: 1 normal, 2 eighty per cent of the spare blocks are used, 3 ninety."""
_REMEDY: Final = "Make a backup now (edge backup FILE) and put it onto a new card or disk (edge restore FILE)"


@dataclass(frozen=True, slots=True)
class Wear:
    """What one disk says of itself, and its file systems of it."""

    disk: str
    name: str = ""
    life_tenths: int | None = None
    """The worse of its two kinds of cells; None where it does not say."""
    spare: int | None = None
    errors: int = 0
    """That the file systems on it have counted."""


async def look(ground: Ground) -> tuple[Wear, ...] | None:
    """None where no disk says anything of itself: SD cards mostly don't."""
    found: tuple[Wear, ...] = await ground.aside(_worn, ground.root)
    return found or None


def check(facts: tuple[Wear, ...]) -> Iterator[Finding]:
    """One finding a disk."""
    for one in facts:
        what = f"{one.disk}{f' ({one.name})' if one.name else ''}"
        life = one.life_tenths or 0
        evidence = f"life_time {life}, pre_eol_info {one.spare or 0}, errors_count {one.errors}"
        if one.errors:
            text = f"The file system on {what} has met {one.errors} errors: the card or disk loses what is written"
            yield problem(_CHECK, text, f"{_REMEDY}; fsck at the next start mends what can be mended", evidence)
        if life >= _WORN or (one.spare or 0) >= _URGENT:
            used = "more than its life" if life >= _BEYOND else f"{life * 10} % of its life" if life else "its spares"
            yield problem(_CHECK, f"The card or disk {what} is worn out: it has used {used}", _REMEDY, evidence)
        elif life >= _WORN_SOON or (one.spare or 0) == _URGENT - 1:
            text = f"The card or disk {what} has used {life * 10} % of its life"
            yield note(_CHECK, text, "Make backups, and have a new card at hand", evidence)
        elif not one.errors:
            yield fine(_CHECK, f"{what} is not worn: {life * 10} % of its life is used", evidence)


def _worn(root: Path) -> tuple[Wear, ...]:
    found = []
    for disk in sorted((root / "sys/block").glob("*")):
        if re.match(r"(loop|ram|zram|dm-|sr)", disk.name):
            continue
        life = [
            int(word, 16) for word in _text(disk / "device/life_time").split() if re.fullmatch(r"0x[0-9a-f]+", word)
        ]
        spare = _text(disk / "device/pre_eol_info")
        errors = _errors(root, disk.name)
        if any(life) or errors or re.fullmatch(r"0x0*[1-9a-f]", spare):
            known = int(spare, 16) if spare else None
            found.append(Wear(disk.name, _text(disk / "device/name"), max(life, default=None), known, errors))
    return tuple(found)


def _errors(root: Path, disk: str) -> int:
    """That ext4 has counted on the partitions of a disk."""
    counts = [
        _text(one / "errors_count")
        for one in (root / "sys/fs/ext4").glob("*")
        if re.fullmatch(rf"{re.escape(disk)}(p?\d+)?", one.name)
    ]
    return sum(int(count) for count in counts if count.isdigit())


def _text(file: Path) -> str:
    try:
        return file.read_text("ascii", "replace").strip()
    except OSError:
        return ""
