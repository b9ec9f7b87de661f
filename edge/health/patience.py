"""Waits for so long and no longer, fairly: time in which this machine had no processor for us does not count."""

import asyncio
import threading
import time
from collections.abc import Awaitable
from pathlib import Path
from typing import Any, Final

_MOST_STARVED_S: Final = 10.0
_SLICE_S: Final = 0.1
_SAMPLE_S: Final = 0.05
_LAST_S: Final = 0.5
"""How long what is given up may take to end."""


class _Starved:
    """For how long threads of this process were ready to run and could not, as last sampled."""

    seconds = 0.0
    is_watched = False


def watch() -> None:
    """Have it sampled from now on, by a thread that ends with the process; until then nothing is taken off."""
    _sample()
    if not _Starved.is_watched:
        _Starved.is_watched = True
        threading.Thread(target=_watch, name="doctor patience", daemon=True).start()


def fair_s() -> float:
    """A clock that only counts, and stands while threads of this process are ready to run and can't."""
    return time.monotonic() - _Starved.seconds


def starved_s() -> float:
    """For how long it stood, ten seconds at most."""
    return _Starved.seconds


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


def _watch() -> None:
    while True:
        time.sleep(_SAMPLE_S)
        _sample()


def _sample() -> None:
    waited_ns = 0
    for file in Path("/proc/self/task").glob("*/schedstat"):
        try:
            waited_ns += int(file.read_text("ascii").split()[1])
        except (OSError, ValueError, IndexError):
            continue
    # A thread that ended takes its share with it: the sum never falls here.
    _Starved.seconds = max(_Starved.seconds, min(waited_ns / 1e9, _MOST_STARVED_S))
