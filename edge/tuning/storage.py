"""Room and speed of the storage that models lie on, measured past the page cache."""

import contextlib
import mmap
import os
import re
import tempfile
import time
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from edge.errors import EdgeError
from edge.tuning.files import line

PIECE_BYTES: Final = 4 << 20
TRIAL_BYTES: Final = 64 << 20
"""Written and read back where no model lies there yet; less where time or room are short."""
LEFT_FREE_BYTES: Final = 256 << 20
"""A trial leaves at least this much room."""
BUDGET_S: Final = 1.0


class StorageError(EdgeError):
    """The place can't be measured; the message says which and why."""


class Medium(StrEnum):
    """What the storage is."""

    CARD = "card"
    FLASH = "flash"
    """Soldered (eMMC) or NVMe or SATA flash."""
    USB = "usb"
    DISK = "disk"
    """It turns."""
    MEMORY = "memory"
    """A tmpfs: what lies there takes memory."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Space:
    """Room on a file system, and what it lies on."""

    total_bytes: int
    free_bytes: int
    """What this process may still write."""
    medium: Medium


@dataclass(frozen=True, slots=True)
class StorageSpeed:
    """Bytes a second; None where it was not measured."""

    read: float | None
    write: float | None
    past_cache: bool
    """Whether reads went past the page cache; if not, `read` is the speed of memory and says nothing."""
    elapsed_s: float

    def load_s(self, size_bytes: int) -> float | None:
        """Seconds to read a file of this size that is not in memory yet; None where the speed is not known."""
        return size_bytes / self.read if self.read and self.past_cache else None


def read_space(directory: Path, root: Path = Path("/")) -> Space:
    """The room at `directory`, or at the nearest directory above that is there; `sys` and `proc` under `root` tell the
    medium. Raises `StorageError`."""
    there = directory
    while not there.exists() and there != there.parent:
        there = there.parent
    try:
        facts, device = os.statvfs(there), there.stat().st_dev
    except OSError as error:
        raise StorageError(f"{directory} can't be looked at: {error.strerror or error}") from error
    return Space(
        total_bytes=facts.f_blocks * facts.f_frsize,
        free_bytes=facts.f_bavail * facts.f_frsize,
        medium=medium(os.major(device), os.minor(device), root),
    )


def medium(major: int, minor: int, root: Path = Path("/")) -> Medium:
    """What a device number stands for, from `sys/dev/block` and the mounts under `root`."""
    entry = root / f"sys/dev/block/{major}:{minor}"
    if not entry.exists():
        return Medium.MEMORY if _is_tmpfs(f"{major}:{minor}", root) else Medium.UNKNOWN
    device = entry.resolve()
    path = f"/{device.relative_to(root.resolve())}"
    disk = device if (device / "queue").is_dir() else device.parent
    if "/mmc" in path:
        return Medium.CARD if line(disk / "device/type") == "SD" else Medium.FLASH
    if "/usb" in path:
        return Medium.USB
    if (kind := line(disk / "queue/rotational")) in ("0", "1") and not disk.name.startswith(("dm-", "loop", "vd")):
        return Medium.FLASH if kind == "0" else Medium.DISK
    return Medium.UNKNOWN


def measure_storage(directory: Path, file: Path | None = None, *, budget_s: float = BUDGET_S) -> StorageSpeed:
    """Read `file` (a model that lies there), or write a trial file into `directory` and read it back.

    Takes about `budget_s` and blocks: call it in a thread. The trial file is gone afterwards, whatever happens. Raises
    `StorageError` where nothing can be written or read.
    """
    began = time.monotonic()
    try:
        device = directory.stat().st_dev
        in_memory = medium(os.major(device), os.minor(device)) is Medium.MEMORY
        if file is not None:
            read, past = _read(file, began + budget_s)
            return StorageSpeed(read, None, past and not in_memory, round(time.monotonic() - began, 3))
        free = os.statvfs(directory)
        room = min(TRIAL_BYTES, free.f_bavail * free.f_frsize - LEFT_FREE_BYTES)
        if room < PIECE_BYTES:
            raise StorageError(f"{directory} is full: nothing can be written there to measure it")
        with tempfile.TemporaryDirectory(prefix=".edge-trial-", dir=directory) as scratch:
            trial = Path(scratch) / "trial"
            write = _write(trial, room, began + budget_s * 0.6)
            read, past = _read(trial, began + budget_s)
    except OSError as error:
        raise StorageError(f"{file or directory} can't be measured: {error.strerror or error}") from error
    return StorageSpeed(read, write, past and not in_memory, round(time.monotonic() - began, 3))


def _write(trial: Path, size: int, until: float) -> float:
    """Bytes a second, down to the storage; stops writing at `until`."""
    piece = os.urandom(PIECE_BYTES)
    written, began = 0, time.monotonic()
    descriptor = os.open(trial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        while written < size and (written == 0 or time.monotonic() < until):
            written += os.write(descriptor, piece)
            os.fdatasync(descriptor)
    finally:
        os.close(descriptor)
    return written / max(1e-6, time.monotonic() - began)


def _read(file: Path, until: float) -> tuple[float, bool]:
    """Bytes a second and whether the page cache was passed by."""
    descriptor, direct = _open_past_cache(file)
    read, began = 0, time.monotonic()
    try:
        # Reading past the cache wants memory that begins at a page.
        with mmap.mmap(-1, PIECE_BYTES) as page:
            while read == 0 or time.monotonic() < until:
                count = os.readv(descriptor, [page])
                read += count
                if count < PIECE_BYTES:
                    break
    finally:
        os.close(descriptor)
    return read / max(1e-6, time.monotonic() - began), direct


def _open_past_cache(file: Path) -> tuple[int, bool]:
    """A descriptor that reads from the storage itself; where that is refused, one whose pages were dropped before."""
    with contextlib.suppress(OSError):
        return os.open(file, os.O_RDONLY | os.O_DIRECT), True
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fdatasync(descriptor)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    except OSError:
        return descriptor, False
    return descriptor, _nothing_cached(descriptor)


def _nothing_cached(descriptor: int) -> bool:
    """Whether the advice was followed: a file system in memory keeps its pages."""
    try:
        # A read that must not wait succeeds only where the page is there already.
        os.preadv(descriptor, [bytearray(1)], 0, os.RWF_NOWAIT)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _is_tmpfs(device: str, root: Path) -> bool:
    """Whether the mounts say so."""
    try:
        mounts = (root / "proc/self/mountinfo").read_text("utf-8", "replace")
    except OSError:
        return False
    return bool(re.search(rf"^\d+ \d+ {re.escape(device)} .* - (?:tmpfs|ramfs) ", mounts, re.MULTILINE))
