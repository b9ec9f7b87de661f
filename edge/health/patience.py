"""Waits for so long and no longer, fairly: time in which this machine had no processor for us does not count."""

import asyncio
import time
from collections.abc import Awaitable
from pathlib import Path
from typing import Any, Final

_MOST_STARVED_S: Final = 10.0
_SLICE_S: Final = 0.1
_LAST_S: Final = 0.5
"""How long what is given up may take to end."""


def fair_s() -> float:
    """A clock that only counts, and stands while threads of this process are ready to run and can't."""
    return time.monotonic() - starved_s()


def starved_s() -> float:
    """For how long that was so since the process began, ten seconds at most."""
    waited_ns = 0
    for file in Path("/proc/self/task").glob("*/schedstat"):
        try:
            waited_ns += int(file.read_text("ascii").split()[1])
        except (OSError, ValueError, IndexError):
            continue
    return min(waited_ns / 1e9, _MOST_STARVED_S)


async def within(patience_s: float, work: Awaitable[Any]) -> Any:
    """What it gives, within that time. Raises TimeoutError, and what it raises."""
    task, until_s = asyncio.ensure_future(work), fair_s() + patience_s
    while not task.done():
        left_s = until_s - fair_s()
        if left_s <= 0:
            task.cancel()
            await asyncio.wait((task,), timeout=_LAST_S)
            raise TimeoutError
        await asyncio.wait((task,), timeout=max(_SLICE_S, left_s))
    return task.result()
