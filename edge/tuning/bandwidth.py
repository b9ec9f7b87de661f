"""How fast memory can be read by one thread, by two, and so on: the speed of generation follows from nothing else.

Each token reads every weight once, so tokens a second are at most bandwidth divided by the bytes of the weights. More
threads help until memory is busy; on some boards one more than that costs speed.
"""

import mmap
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Final

from edge.tuning.hardware import Hardware, probe

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

LEAST_BYTES: Final = 48 << 20
MOST_BYTES: Final = 640 << 20
PIECE_BYTES: Final = 4 << 20
"""What one call reads: long enough that calling costs nothing, short enough to end on time."""
MEMORY_SHARE: Final = 8
"""At most an eighth of what is available is borrowed."""
BUDGET_S: Final = 1.5
FILLING_SHARE: Final = 0.4
"""Of that, at most so much to prepare the buffer; on a very busy machine it stays smaller."""


@dataclass(frozen=True, slots=True)
class Bandwidth:
    """Bytes a second that so many threads read together, of a buffer that no cache holds."""

    by_threads: tuple[tuple[int, float], ...]
    buffer_bytes: int
    beyond_cache: bool
    """Whether the buffer was larger than the last-level cache; if not, the figures are too high."""
    elapsed_s: float

    @property
    def best(self) -> float:
        """The most that any number of threads reached; 0 where nothing could be measured."""
        return max((speed for _, speed in self.by_threads), default=0.0)

    @property
    def threads(self) -> int:
        """The fewest threads that come within 3 % of the best: one more would only take a core from others."""
        return next((count for count, speed in self.by_threads if speed >= self.best * 0.97), 1)

    def at(self, threads: int) -> float:
        """Bytes a second with this many threads, or with the nearest number below that was measured."""
        below = [speed for count, speed in self.by_threads if count <= threads]
        return below[-1] if below else (self.by_threads[0][1] if self.by_threads else 0.0)


def measure_bandwidth(
    hardware: Hardware | None = None, *, threads: Sequence[int] | None = None, budget_s: float = BUDGET_S
) -> Bandwidth:
    """Read a buffer with each number of threads in turn; takes about `budget_s` and blocks: call it in a thread.

    `threads` are the numbers to try; unless given 1 to the physical cores, at most eight different numbers. Where
    memory is too short to borrow a buffer from, nothing is measured.
    """
    import numpy as np

    hardware = hardware or probe(Path("/"))
    began = time.monotonic()
    size = _buffer_bytes(hardware)
    counts = sorted(set(threads or _counts(hardware.physical_cores)))
    if size == 0:
        return Bandwidth((), 0, False, 0.0)
    with mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as buffer:
        words = np.frombuffer(buffer, np.int32)
        # Pages that were never written all show the same page of zeros, which the cache would hold.
        filled = 0
        for piece in np.array_split(words, size // PIECE_BYTES):
            if filled >= LEAST_BYTES and time.monotonic() - began > budget_s * FILLING_SHARE:
                break
            piece.fill(1)
            filled += piece.nbytes
        left = max(0.05 * len(counts), budget_s - (time.monotonic() - began))
        speeds = tuple((count, _speed(words[: filled // 4], count, left / len(counts))) for count in counts)
        del words, piece
    return Bandwidth(speeds, filled, filled > hardware.cache_bytes, round(time.monotonic() - began, 3))


def _counts(cores: int) -> list[int]:
    if cores <= 8:
        return list(range(1, cores + 1))
    return [1, 2, 3, 4, 6, 8, cores // 2, cores]


def _buffer_bytes(hardware: Hardware) -> int:
    """More than the last cache holds, within limits; 0 where there is no memory to spare."""
    most = min(MOST_BYTES, hardware.memory_available_bytes // MEMORY_SHARE)
    size = min(max(LEAST_BYTES, hardware.cache_bytes * 5 // 4), most)
    return size // PIECE_BYTES * PIECE_BYTES if size >= 2 * PIECE_BYTES else 0


def _speed(words: "npt.NDArray[np.int32]", count: int, seconds: float) -> float:
    """Bytes a second of `count` threads, each looking for the largest number in its own part, round and round.

    numpy compares in vectors, faster than memory delivers, and lets other threads run meanwhile.
    """
    import numpy as np

    start = threading.Barrier(count)
    speeds: list[float] = []

    def work(part: "npt.NDArray[np.int32]") -> None:
        pieces = np.array_split(part, max(1, part.nbytes // PIECE_BYTES))
        start.wait()
        # Time that the processor spent elsewhere does not count: what memory can do is asked, not what is left of it.
        began, read = time.thread_time(), 0
        until = time.monotonic() + seconds
        for piece in cycle(pieces):
            piece.max()
            read += piece.nbytes
            if time.monotonic() >= until:
                speeds.append(read / max(1e-6, time.thread_time() - began))
                return

    workers = [threading.Thread(target=work, args=(part,)) for part in np.array_split(words, count)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return sum(speeds)
