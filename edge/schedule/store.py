"""Keeps the schedule in SQLite, in a thread of its own, so that what was acknowledged survives a power cut."""

import asyncio
import contextlib
import json
import logging
import sqlite3
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, Final, TypeVar

from edge.database import put_aside
from edge.schedule.errors import ScheduleError
from edge.schedule.model import Entry, Item, Kind, Status
from edge.schedule.recurrence import Recurrence
from edge.schema import Schema

log = logging.getLogger(__name__)

_Result = TypeVar("_Result")
SCHEMA: Final = Schema(
    "schedule.sqlite",
    (
        """
CREATE TABLE entries (id TEXT PRIMARY KEY, kind TEXT NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE items (id TEXT PRIMARY KEY, list TEXT NOT NULL, text TEXT NOT NULL, done INTEGER NOT NULL, at INTEGER);
""",
    ),
)


class Store:
    """The database file; every method waits until the change is on the disk."""

    def __init__(self, path: Path | None) -> None:
        """`path`: the file, made when it is not there; None keeps everything in memory."""
        self._path = path
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="schedule")
        self._database: sqlite3.Connection | None = None
        self.trouble = ""
        """Why nothing is kept beyond this process, for people; empty where it is."""

    async def open(self) -> tuple[list[Entry], list[Item]]:
        """Open the file and read everything; a damaged file is set aside and a new one begun.

        Raises `ScheduleError` where the file can't be made or belongs to a newer version.
        """
        try:
            return await self._in_thread(self._open)
        except ScheduleError:
            self._thread.shutdown(wait=False)
            raise

    async def close(self) -> None:
        """Close the file; waits for changes under way."""
        await self._in_thread(self._close)
        self._thread.shutdown(wait=False)

    async def write(
        self,
        entries: Iterable[Entry] = (),
        gone: Iterable[str] = (),
        items: Iterable[Item] = (),
        items_gone: Iterable[str] = (),
    ) -> None:
        """Put and remove entries and items in one transaction. Raises `ScheduleError`."""
        rows = [(entry.id, entry.kind.value, json.dumps(asdict(entry))) for entry in entries]
        lines = [(item.id, item.list, item.text, int(item.done)) for item in items]
        without = [(one,) for one in gone]
        items_without = [(one,) for one in items_gone]

        def run() -> None:
            database = self._connected()
            with database:
                database.executemany("DELETE FROM entries WHERE id = ?", without)
                database.executemany("DELETE FROM items WHERE id = ?", items_without)
                database.executemany("INSERT OR REPLACE INTO entries VALUES (?, ?, ?)", rows)
                database.executemany(
                    "INSERT INTO items VALUES (?, ?, ?, ?, (SELECT coalesce(max(at), 0) + 1 FROM items)) "
                    "ON CONFLICT (id) DO UPDATE SET list = excluded.list, text = excluded.text, done = excluded.done",
                    lines,
                )

        await self._in_thread(run)

    async def _in_thread(self, work: Callable[[], _Result]) -> _Result:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except (sqlite3.Error, OSError) as error:
            raise ScheduleError(f"{self._path or 'schedule'}: {error}: is the disk full or read-only?") from error

    def _connected(self) -> sqlite3.Connection:
        if self._database is None:
            raise ScheduleError("The schedule is closed.")
        return self._database

    def _open(self) -> tuple[list[Entry], list[Item]]:
        if self._path is not None:
            with contextlib.suppress(OSError):  # then opening it fails too, and says why
                self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            return self._read()
        except sqlite3.DatabaseError as error:
            self._close()
            if self._path is None:
                raise
            if isinstance(error, sqlite3.OperationalError):
                return self._read_aside(self._path, error)
            facts = {"path": str(self._path), "kept_as": str(put_aside(self._path)), "error": str(error)}
            log.error("schedule.damaged", extra=facts)  # noqa: TRY400 (the message says it all)
            return self._read()

    def _read_aside(self, path: Path, error: sqlite3.OperationalError) -> tuple[list[Entry], list[Item]]:
        """On a disk that is full, read-only or failing: what there is, in memory, so that timers ring all the same."""
        self.trouble = f"{path}: {error}: timers and lists are kept in memory alone; is the disk full or read-only?"
        log.error("schedule.in_memory", extra={"path": str(path), "error": str(error)})
        database = sqlite3.connect(":memory:")
        try:
            with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as kept:
                kept.backup(database)
        except sqlite3.Error as unread:
            log.warning("schedule.not_read", extra={"path": str(path), "error": str(unread)})
            database.close()
            database = sqlite3.connect(":memory:")
        return self._read(database)

    def _read(self, given: sqlite3.Connection | None = None) -> tuple[list[Entry], list[Item]]:
        database = self._database = given or sqlite3.connect(self._path or ":memory:", timeout=10)
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        try:
            SCHEMA.bring_up(database, self._path or "schedule", ScheduleError)
        except ScheduleError:
            self._close()
            raise
        with closing(database.execute("SELECT id, body FROM entries")) as rows:
            entries = [entry for one, body in rows if (entry := _entry(one, body)) is not None]
        with closing(database.execute("SELECT id, list, text, done FROM items ORDER BY at")) as rows:
            items = [Item(one, list_, text, bool(done)) for one, list_, text, done in rows]
        return entries, items

    def _close(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None


_FIELDS: Final = frozenset(field.name for field in fields(Entry))


def _entry(one: str, body: str) -> Entry | None:
    """An entry from its row; None, with a warning, for a row that makes no sense."""
    try:
        plain: dict[str, Any] = {key: value for key, value in json.loads(body).items() if key in _FIELDS}
        plain |= {"kind": Kind(plain["kind"]), "status": Status(plain["status"])}
        plain["again"] = Recurrence(**plain.get("again", {}))
        entry = Entry(**plain)
        for number in (entry.length_s, entry.left_s, entry.due_boot_s or 0.0, entry.due_wall_s or 0.0):
            float(number)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        log.warning("schedule.row_skipped", extra={"id": one, "error": str(error)})
        return None
    return entry
