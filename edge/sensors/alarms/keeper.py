"""Keeps the book of alarms on the disk while it is entered: what changed is written at once, in a thread of its own."""

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from edge.sensors.alarms.book import AlarmBook
from edge.sensors.alarms.errors import AlarmError
from edge.sensors.alarms.model import Alarm
from edge.sensors.alarms.store import Store, Work

log = logging.getLogger(__name__)

_Result = TypeVar("_Result")
_AGAIN_S: Final = 10.0
"""How long a disk that takes nothing is left alone."""
_MOST_PAST: Final = 5000
"""Alarms that have left and wait for a disk that takes something."""


class Keeper:
    """Async context manager. A disk that takes nothing stops nobody: alarms go on, and what waits is written later."""

    def __init__(self, file: Path, book: AlarmBook) -> None:
        self.book = book
        self._file = file
        self._store = Store(file)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="alarms")
        self._changed = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()
        self._unwritten = False
        self._closing = asyncio.Event()
        self.trouble = ""
        """Why nothing can be written."""

    async def __aenter__(self) -> Self:
        self._loading = asyncio.create_task(self._load(), name="alarms-load")
        self._task = asyncio.create_task(self._write_on(), name="alarms")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await asyncio.wait({self._loading})
        self.book.changed = lambda: None
        self._closing.set()
        self._changed.set()
        await self._task  # not cancelled: what it writes must not get lost between
        await self._write()
        await self._in_thread(self._store.close)
        self._thread.shutdown(wait=False)

    async def loaded(self) -> None:
        """Wait until the book has what was kept: nothing may be found, asked or changed before."""
        await asyncio.shield(self._loading)

    async def settled(self) -> None:
        """Wait until everything up to now is on the disk. Raises `AlarmError` where it can't be."""
        await self._write()
        if self._unwritten and not self.trouble:  # the file was damaged, and a new one begun
            await self._write()
        if self._unwritten:
            raise AlarmError(f"{self._file} can't be written ({self.trouble}): is the disk full, or read-only?")

    async def history(self, most: int = 100) -> list[Alarm]:
        """Alarms that have left the book, the latest first. Raises `AlarmError`."""
        await self._write()
        try:
            return await self._in_thread(lambda: self._store.history(most))
        except (sqlite3.Error, OSError) as error:
            raise AlarmError(f"{self._file} can't be read: {error}") from None

    def facts(self) -> dict[str, Any]:
        """For `edge status` and `edge doctor`."""
        aside = self._store.set_aside
        return {"path": str(self._file), "trouble": self.trouble, "set_aside": str(aside) if aside else None}

    async def _load(self) -> None:
        """Begins with nothing where what was kept can't be read, and says so."""
        try:
            kept = await self._in_thread(self._store.open)
        except (AlarmError, sqlite3.Error, OSError) as error:
            self._in_trouble(error)
        else:
            self.book.load(kept.alarms, kept.rules, kept.mutes, kept.begun)
        self.book.changed = self._note

    def _note(self) -> None:
        self._unwritten = True
        self._changed.set()

    async def _write_on(self) -> None:
        while not self._closing.is_set():
            await self._changed.wait()
            try:
                await self._write()
            except Exception:
                log.exception("alarms.failed")
            if self._unwritten and self.trouble:
                with suppress(TimeoutError):
                    async with asyncio.timeout(_AGAIN_S):
                        await self._closing.wait()

    async def _write(self) -> None:
        async with self._one_at_a_time:
            if not self._unwritten:
                return
            book = self.book
            self._changed.clear()
            self._unwritten = False
            dirty, book.dirty = book.dirty, {}
            past, book.past = book.past, []
            aside = self._store.set_aside
            work = Work(tuple(dirty.values()), tuple(past), book.rules(), book.mutes())
            try:
                await self._in_thread(lambda: self._store.write(work))
            except (AlarmError, sqlite3.Error, OSError) as error:
                left = {one.id for one in book.past}
                book.dirty = {id_: one for id_, one in dirty.items() if id_ not in left} | book.dirty
                book.past = (past + book.past)[-_MOST_PAST:]
                self._unwritten = True
                self._changed.set()
                if self._store.set_aside != aside:  # a new file, which has nothing yet
                    book.dirty = {one.id: one for one in book.all()}
                else:
                    self._in_trouble(error)
                return
            if self.trouble:
                self.trouble = ""
                log.warning("alarms.written_again")

    def _in_trouble(self, error: Exception) -> None:
        """One line when it begins."""
        if not self.trouble:
            remedy = "see to the disk: is it full, or read-only?"
            log.error("alarms.not_kept", extra={"path": str(self._file), "reason": str(error), "remedy": remedy})
        self.trouble = str(error) or type(error).__name__

    async def _in_thread(self, work: Callable[[], _Result]) -> _Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
