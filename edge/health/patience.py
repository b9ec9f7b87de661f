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


async def within(patience_s: float, work: Awaitable[Any]) -> Any:
    """What it gives, within that time; where this machine has no processor to spare, the wait for one does not count.

    Raises TimeoutError.
    """
    task, began_s, starved_s = asyncio.ensure_future(work), time.monotonic(), _starved_s()
    while not task.done():
        spent_s = time.monotonic() - began_s
        waited_s = min(_starved_s() - starved_s, _MOST_STARVED_S)
        if spent_s - waited_s >= patience_s:
            task.cancel()
            await asyncio.wait((task,), timeout=_LAST_S)
            raise TimeoutError
        await asyncio.wait((task,), timeout=max(_SLICE_S, patience_s - spent_s + waited_s))
    return task.result()


def _starved_s() -> float:
    """For how long threads of this process were ready to run, and no processor was free for them."""
    waited_ns = 0
    for file in Path("/proc/self/task").glob("*/schedstat"):
        try:
            waited_ns += int(file.read_text("ascii").split()[1])
        except (OSError, ValueError, IndexError):
            continue
    return waited_ns / 1e9
