"""Has the house watched while it is entered: gives `Watching` readings and the time, and keeps what it learns."""

import asyncio
import logging
import sqlite3
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from edge.sensors.errors import SensorError
from edge.sensors.watching.memory import Memory, Row
from edge.sensors.watching.watching import Watching

log = logging.getLogger(__name__)

_Result = TypeVar("_Result")
_EVERY_S: Final = 1.0
_BUSY_S: Final = 0.02
"""Between pieces while new series wait."""
_AT_THE_END_S: Final = 1.5
"""How long writing what was learnt may hold up the end."""
_AFTER_FAULT_S: Final = 30.0
_BOOK_S: Final = 20.0
_STRANGERS_S: Final = 3600.0
_DAY_S: Final = 86_400.0
_TROUBLES: Final = (SensorError, sqlite3.Error, OSError)


class Watchkeeper:
    """Async context manager: `watching` hears readings at once, and judges them when what it had learnt is read."""

    def __init__(
        self,
        file: Path,
        watching: Watching,
        *,
        loaded: Callable[[], Awaitable[None]],
        is_here: Callable[[str], bool],
        tick_book: Callable[[], None],
        now_s: Callable[[], float],
    ) -> None:
        """`loaded` returns when the book has what was kept; `is_here`: whether a device is in the house."""
        self.watching = watching
        self._file = file
        self._loaded = loaded
        self._is_here = is_here
        self._tick_book = tick_book
        self._now_s = now_s
        self._memory = Memory(file)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="watch")
        self._rows: dict[str, Row] = {}
        self.trouble = ""
        """Why nothing that is learnt can be kept."""

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="watch")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._task.cancel()
        await asyncio.wait({self._task})
        until_s = time.monotonic() + _AT_THE_END_S
        await self._write(await asyncio.to_thread(self.watching.keep_all, lambda: time.monotonic() > until_s))
        await self._in_thread(self._memory.close)
        self._thread.shutdown(wait=False)

    def forget(self, device: str) -> None:
        """It has left the house."""
        for row in self.watching.forget(device):
            self._rows[row[0]] = row

    def facts(self) -> dict[str, Any]:
        """For `edge status` and `edge doctor`."""
        aside = self._memory.set_aside
        return {
            **self.watching.facts(),
            "path": str(self._file),
            "trouble": self.trouble,
            "set_aside": str(aside) if aside else None,
        }

    async def _load(self) -> None:
        try:
            self.watching.learn(await self._in_thread(self._memory.open))
        except _TROUBLES as error:
            self._in_trouble(error)
        await self._loaded()

    async def _run(self) -> None:
        await self._load()
        began_s = book_s = day_s = time.monotonic()
        strangers = True
        while True:
            await asyncio.sleep(_BUSY_S if self.watching.waiting else _EVERY_S)
            now_s = time.monotonic()
            try:
                rows = self.watching.second()
                if now_s - book_s >= _BOOK_S:
                    book_s = now_s
                    self._tick_book()
                if strangers and now_s - began_s >= _STRANGERS_S:
                    strangers = False
                    self.watching.forget_strangers(self._is_here)
                await self._write(rows)
                if now_s - day_s >= _DAY_S:
                    day_s = now_s
                    await self._forget()
            except Exception:
                log.exception("watch.failed")
                await asyncio.sleep(_AFTER_FAULT_S)

    async def _write(self, rows: Sequence[Row]) -> None:
        """What can't be written waits, the latest of each series."""
        for row in rows:
            self._rows[row[0]] = row
        if not self._rows:
            return
        waiting, self._rows = self._rows, {}
        try:
            await self._in_thread(lambda: self._memory.write(tuple(waiting.values())))
        except _TROUBLES as error:
            self._rows = waiting | self._rows
            self._in_trouble(error)
        except asyncio.CancelledError:
            self._rows = waiting | self._rows
            raise
        else:
            self.trouble = ""

    async def _forget(self) -> None:
        now_s = self._now_s()
        here = self.watching.keys()
        try:
            await self._in_thread(lambda: self._memory.forget(now_s, here))
        except _TROUBLES as error:
            self._in_trouble(error)

    def _in_trouble(self, error: Exception) -> None:
        """One line when it begins."""
        if not self.trouble:
            remedy = "see to the disk: is it full, or read-only?"
            log.error("watch.not_kept", extra={"path": str(self._file), "reason": str(error), "remedy": remedy})
        self.trouble = str(error) or type(error).__name__

    async def _in_thread(self, work: Callable[[], _Result]) -> _Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
