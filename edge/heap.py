"""What the C library's allocator keeps for itself: little, on a board whose memory the language model wants."""

import contextlib
import ctypes
from typing import Final

_ARENA_MAX: Final = -8
"""`M_ARENA_MAX` of glibc's malloc.h."""
_ARENAS: Final = 2


def keep_heap_small() -> None:
    """Few arenas, however many threads: each further one keeps what it once had. Before threads are started.

    Does nothing where the C library is not glibc.
    """
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_ARENA_MAX, _ARENAS)
