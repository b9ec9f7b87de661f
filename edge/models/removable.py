"""Models on mounted USB sticks and cards: which mounts are removable, and what lies on them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.errors import EdgeError
from edge.models.kinds import Bundle, candidates, examine

MEDIA: Final = (Path("/media"), Path("/run/media"))
"""Where desktops and automounters put what a person plugs in."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A model found on a mount, or what looked like one with why it is none."""

    path: Path
    bundle: Bundle | None
    size_bytes: int
    problem: str | None


def removable_mounts(root: Path = Path("/")) -> tuple[Path, ...]:
    """Mount points of what can be pulled out, from `proc` and `sys` under `root`: removable disks, USB, /media."""
    found = []
    for line in _text(root / "proc/self/mountinfo").splitlines():
        fields = line.split()
        if len(fields) < 5:
            continue
        point = Path(re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), fields[4]))
        if point != Path("/") and (_plugged_in(root, fields[2]) or any(media in point.parents for media in MEDIA)):
            found.append(point)
    return tuple(dict.fromkeys(found))


def offers(mounts: tuple[Path, ...]) -> Iterator[Offer]:
    """What the mounts hold, looked at but not read in full."""
    for mount in mounts:
        for path in candidates(mount):
            try:
                bundle = examine(path)
                yield Offer(path, bundle, sum(file.stat().st_size for file in bundle.files), None)
            except (EdgeError, OSError) as error:
                yield Offer(path, None, 0, str(error))


def _plugged_in(root: Path, device: str) -> bool:
    """Whether the disk behind a device number is removable or hangs on USB."""
    block = root / "sys/dev/block" / device
    try:
        where = block.resolve(strict=True)
    except OSError:
        return False
    removable = [_text(directory / "removable").strip() for directory in (where, where.parent)]
    return "1" in removable or any(re.fullmatch(r"usb\d+", part) for part in where.parts)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""
