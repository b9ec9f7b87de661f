"""What watches have learnt, in SQLite: every method blocks and belongs to one thread; a damaged file is set aside."""

import json
import logging
import sqlite3
import zlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from edge.schema import Schema
from edge.sensors.aside import is_damage, put_aside
from edge.sensors.errors import SensorError
from edge.sensors.keeping import Json

log = logging.getLogger(__name__)

SCHEMA: Final = Schema(
    "watch.sqlite",
    ("CREATE TABLE learnt (sensor TEXT PRIMARY KEY, at REAL NOT NULL, state BLOB NOT NULL) WITHOUT ROWID;",),
)
_FORGET_S: Final = 90 * 86_400.0
_MOST_BYTES: Final = 1_000_000
"""No state is as large; what claims to be is none."""

Row = tuple[str, float, bytes]
"""A series' key, when it was learnt, and the packed state."""


def packed(state: Json) -> bytes:
    """A watch's state as it is kept."""
    return zlib.compress(json.dumps(state, allow_nan=False, separators=(",", ":")).encode(), 1)


def unpacked(blob: bytes) -> Json:
    """The state; None for what is none."""
    try:
        unpacker = zlib.decompressobj()
        plain = unpacker.decompress(blob, _MOST_BYTES)
        return None if unpacker.unconsumed_tail else json.loads(plain)
    except (zlib.error, ValueError, RecursionError):
        return None


class Memory:
    """Raises `sqlite3.Error`, OSError and `SensorError` where nothing can be read or written."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._database: sqlite3.Connection | None = None
        self.set_aside: Path | None = None
        """A damaged file of this run."""

    def open(self) -> dict[str, bytes]:
        """Open or make the file; everything that was learnt, by series."""
        try:
            return self._read()
        except sqlite3.DatabaseError as error:
            self.close()
            if not is_damage(error):
                raise
            self._begin_anew(error)
            return self._read()

    def write(self, rows: Sequence[Row]) -> None:
        """All of them are on the disk when this returns, or none."""
        try:
            self._write(rows)
        except sqlite3.DatabaseError as error:
            self.close()
            if not is_damage(error):
                raise
            self._begin_anew(error)
            self._write(rows)

    def forget(self, now_s: float, here: Iterable[str]) -> None:
        """What was not heard of for a quarter of a year, and is not among those that are here."""
        gone = self._connected().execute("SELECT sensor FROM learnt WHERE at < ?", (now_s - _FORGET_S,)).fetchall()
        known = set(here)
        with self._connected() as database:
            database.executemany("DELETE FROM learnt WHERE sensor = ?", [one for one in gone if one[0] not in known])

    def close(self) -> None:
        """Without writing anything more."""
        if self._database is not None:
            with suppress(sqlite3.Error):
                self._database.close()
            self._database = None

    def _read(self) -> dict[str, bytes]:
        rows = self._connected().execute("SELECT sensor, state FROM learnt").fetchall()
        return {str(sensor): state for sensor, state in rows if isinstance(state, bytes)}

    def _write(self, rows: Sequence[Row]) -> None:
        with self._connected() as database:
            database.executemany("INSERT OR REPLACE INTO learnt VALUES (?, ?, ?)", rows)

    def _connected(self) -> sqlite3.Connection:
        if self._database is not None:
            return self._database
        self._file.parent.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(self._file, timeout=10, check_same_thread=False)
        try:
            # What is lost in a power cut is learnt again: not every write has to wait for the disk.
            for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "cache_size=-256"):
                database.execute(f"PRAGMA {pragma}")
            if SCHEMA.bring_up(database, self._file, SensorError) == 0:
                self._file.chmod(0o600)
        except BaseException:
            database.close()
            raise
        self._database = database
        return database

    def _begin_anew(self, error: sqlite3.DatabaseError) -> None:
        self.set_aside = put_aside(self._file)
        facts: Mapping[str, str] = {"path": str(self._file), "kept_as": str(self.set_aside), "error": str(error)}
        log.error("watch.damaged", extra=dict(facts))
