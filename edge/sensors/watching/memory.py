"""What watches have learnt, in SQLite: every method blocks and belongs to one thread; a damaged file is set aside."""

import json
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from edge.database import Database
from edge.schema import Schema
from edge.sensors.errors import SensorError
from edge.sensors.keeping import Json

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
        # What is lost in a power cut is learnt again: not every write has to wait for the disk.
        self._database = Database(file, SCHEMA, SensorError, durable=False)

    @property
    def set_aside(self) -> Path | None:
        """A damaged file of this run."""
        return self._database.set_aside

    def open(self) -> dict[str, bytes]:
        """Open or make the file; everything that was learnt, by series."""
        return self._database.done(self._read)

    def write(self, rows: Sequence[Row]) -> None:
        """All of them are on the disk when this returns, or none."""
        self._database.done(lambda: self._write(rows))

    def forget(self, now_s: float, here: Iterable[str]) -> None:
        """What was not heard of for a quarter of a year, and is not among those that are here."""
        gone = (
            self._database.connected()
            .execute("SELECT sensor FROM learnt WHERE at < ?", (now_s - _FORGET_S,))
            .fetchall()
        )
        known = set(here)
        with self._database.connected() as database:
            database.executemany("DELETE FROM learnt WHERE sensor = ?", [one for one in gone if one[0] not in known])

    def close(self) -> None:
        """Without writing anything more."""
        self._database.close()

    def _read(self) -> dict[str, bytes]:
        rows = self._database.connected().execute("SELECT sensor, state FROM learnt").fetchall()
        return {str(sensor): state for sensor, state in rows if isinstance(state, bytes)}

    def _write(self, rows: Sequence[Row]) -> None:
        with self._database.connected() as database:
            database.executemany("INSERT OR REPLACE INTO learnt VALUES (?, ?, ?)", rows)
