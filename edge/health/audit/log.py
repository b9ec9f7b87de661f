"""Writes who did what into SQLite: in a thread of its own, at most a second later, never in the way of the work."""

import asyncio
import logging
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from edge.assistant.record import Record
from edge.health.audit.rows import COLUMNS, SCHEMA, row
from edge.log import RateLimited

log = logging.getLogger(__name__)

WINDOW_S: Final = 1.0
"""What a power cut or a SIGKILL can cost: requests of the last second, beside the time a write takes."""
_MOST_WAITING: Final = 2000
_KEEP: Final = 0.9
"""Of the most, after the oldest have gone."""
_PLACES: Final = ", ".join("?" * len(COLUMNS))
_INSERT: Final = f"INSERT INTO requests ({', '.join(COLUMNS)}) VALUES ({_PLACES})"  # noqa: S608 (our own names)
_UPDATE: Final = f"UPDATE requests SET {' = ?, '.join(COLUMNS)} = ? WHERE number = ?"  # noqa: S608
_DAMAGED: Final = 3
"""Files that were set aside and are kept; older ones go, so that a bad card does not fill itself with them."""


class AuditLog:
    """Async context manager and `Recorder`: while it is entered, records are kept in `file`.

    What can't be written is dropped, and said once; a damaged file is set aside.
    """

    def __init__(self, file: Path, *, with_text: bool = True, most_bytes: int = 16 * 1024 * 1024) -> None:
        self.file = file
        self._with_text = with_text
        self._most_bytes = most_bytes
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="audit")
        self._waiting: dict[int, Record] = {}
        self._rows: dict[int, int] = {}
        """Where records lie that have not been answered yet; belongs to the thread."""
        self._database: sqlite3.Connection | None = None
        self._writer: asyncio.Task[None] | None = None
        self._some = asyncio.Event()
        self._closing = asyncio.Event()
        self._lost = 0
        self._limited = RateLimited(log)
        self.written = 0

    @property
    def lost(self) -> int:
        """Records that could not be kept since the last that could."""
        return self._lost

    async def __aenter__(self) -> Self:
        self._writer = asyncio.create_task(self._write_on(), name="audit")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Writes what waits."""
        self._closing.set()
        self._some.set()
        if self._writer is not None:
            await self._writer
        self._thread.shutdown(wait=False)

    def record(self, record: Record, /) -> None:
        """Take one, or the later state of one; called on the loop."""
        if record.number not in self._waiting and len(self._waiting) >= _MOST_WAITING:
            self._note_lost(1, "more at once than can be written")
            return
        self._waiting[record.number] = record
        self._some.set()

    async def _write_on(self) -> None:
        """One batch a window, until closed; nothing wakes it while nobody asks for anything."""
        loop = asyncio.get_running_loop()
        while True:
            await self._some.wait()
            if not self._closing.is_set():
                try:
                    async with asyncio.timeout(WINDOW_S):
                        await self._closing.wait()
                except TimeoutError:
                    pass
            self._some.clear()
            batch, self._waiting = list(self._waiting.values()), {}
            closing_now = self._closing.is_set()
            try:
                await loop.run_in_executor(self._thread, self._write, batch)
            except (sqlite3.Error, OSError) as error:
                self._note_lost(len(batch), str(error))
            except Exception as error:  # one that can't be kept must not be the end of all others
                log.exception("audit.failed", extra={"path": str(self.file)})
                self._note_lost(len(batch), str(error))
            else:
                self._note_written(len(batch))
            if closing_now:
                await loop.run_in_executor(self._thread, self._close)
                return

    def _note_lost(self, count: int, reason: str) -> None:
        """One line when it begins; the number is told when it is over."""
        if not self._lost and count:
            facts = {"path": str(self.file), "reason": reason, "remedy": "see to the disk: is it full, or read-only?"}
            log.error("audit.not_written", extra=facts)
        self._lost += count

    def _note_written(self, count: int) -> None:
        self.written += count
        if self._lost and count:
            log.warning("audit.written_again", extra={"lost": self._lost})
            self._lost = 0

    # In the thread -------------------------------------------------------------------------------------------------

    def _write(self, batch: list[Record]) -> None:
        """All of it in one transaction, which is on the disk when this returns. Raises sqlite3.Error or OSError."""
        if not batch:
            return
        try:
            self._put(batch)
        except sqlite3.OperationalError:
            self._close()  # a full disk, a card that is read-only by now: begin with a fresh connection
            raise
        except sqlite3.DatabaseError as error:
            self._set_aside(error)
            self._put(batch)

    def _put(self, batch: list[Record]) -> None:
        database = self._database or self._open()
        places: dict[int, int] = {}
        with database:
            for record in batch:
                values = row(record, with_text=self._with_text)
                known = self._rows.get(record.number)
                if known is None or not database.execute(_UPDATE, (*values, known)).rowcount:
                    places[record.number] = database.execute(_INSERT, values).lastrowid or 0
        for record in batch:
            if record.ms or record.decision:
                self._rows.pop(record.number, None)
            elif record.number in places:
                self._rows[record.number] = places[record.number]
        try:
            self._trim(database)
        except sqlite3.OperationalError as error:  # a full disk: what was written is written all the same
            self._limited.warning("audit.not_trimmed", str(self.file), {"reason": str(error)})

    def _open(self) -> sqlite3.Connection:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(self.file, timeout=5, check_same_thread=False)
        try:
            self._prepare(database)
        except sqlite3.Error:
            database.close()
            raise
        self.file.chmod(0o600)
        self._database = database
        return database

    def _prepare(self, database: sqlite3.Connection) -> None:
        database.execute("PRAGMA auto_vacuum=INCREMENTAL")
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        database.execute("PRAGMA wal_autocheckpoint=128")
        database.execute("PRAGMA journal_size_limit=1048576")
        SCHEMA.bring_up(database, self.file, sqlite3.DatabaseError)
        self._rows.clear()

    def _trim(self, database: sqlite3.Connection) -> None:
        """The oldest go until there is room again."""
        if _bytes(database) <= self._most_bytes:
            return
        (count,) = database.execute("SELECT count(*) FROM requests").fetchone()
        while count > 1 and _bytes(database) > self._most_bytes * _KEEP:
            some = max(1, count // 20)
            with database:
                database.execute(
                    "DELETE FROM requests WHERE number IN (SELECT number FROM requests ORDER BY number LIMIT ?)",
                    (some,),
                )
            count -= some
        database.executescript("PRAGMA incremental_vacuum")  # `execute` would give one page back and stop

    def _set_aside(self, error: sqlite3.DatabaseError) -> None:
        """A file that can't be read as one is kept for whoever wants to look into it, and another begun."""
        self._close()
        aside = self.file.with_name(f"{self.file.name}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%S}")
        if self.file.exists():
            self.file.rename(aside)
        for suffix in ("-wal", "-shm"):
            self.file.with_name(self.file.name + suffix).unlink(missing_ok=True)
        older = sorted(self.file.parent.glob(f"{self.file.name}.damaged-*"))[:-_DAMAGED]
        for one in older:
            one.unlink(missing_ok=True)
        facts = {"path": str(self.file), "kept_as": str(aside), "error": str(error)}
        log.error("audit.damaged", extra=facts)

    def _close(self) -> None:
        self._rows.clear()
        if self._database is not None:
            self._database.close()
            self._database = None


def _bytes(database: sqlite3.Connection) -> int:
    """What the rows take, without pages that are free again."""
    numbers = [database.execute(f"PRAGMA {one}").fetchone()[0] for one in ("page_count", "freelist_count", "page_size")]
    return int((numbers[0] - numbers[1]) * numbers[2])
