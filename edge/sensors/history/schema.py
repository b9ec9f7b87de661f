"""The database's tables, and how it is opened: by the one who writes, or to be read beside them."""

import sqlite3
from pathlib import Path
from typing import Final

from edge.schema import Schema
from edge.sensors.errors import SensorError

FIVE_MS: Final = 300_000
HOUR_MS: Final = 3_600_000
DAY_MS: Final = 86_400_000

_FIGURES: Final = "sensor INTEGER NOT NULL, at INTEGER NOT NULL, count INTEGER NOT NULL, low, high, sum, gain"
_TIMES: Final = "sensor INTEGER NOT NULL, at INTEGER NOT NULL, state INTEGER NOT NULL, ms INTEGER NOT NULL, times"
_BY_TIME: Final = "PRIMARY KEY (sensor, at)) WITHOUT ROWID"
_TABLES: Final = f"""
CREATE TABLE sensor (id INTEGER PRIMARY KEY, key TEXT NOT NULL, unit TEXT NOT NULL, sort TEXT NOT NULL,
  counter TEXT NOT NULL, name TEXT NOT NULL, area TEXT NOT NULL, device_class TEXT NOT NULL, UNIQUE (key, unit, sort));
CREATE TABLE state (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE fresh (sensor INTEGER NOT NULL, at INTEGER NOT NULL, value);
CREATE TABLE raw (sensor INTEGER NOT NULL, at INTEGER NOT NULL, value, {_BY_TIME};
CREATE TABLE five ({_FIGURES}, {_BY_TIME};
CREATE TABLE hour ({_FIGURES}, {_BY_TIME};
CREATE TABLE day ({_FIGURES}, {_BY_TIME};
CREATE TABLE hour_state ({_TIMES}, PRIMARY KEY (sensor, at, state)) WITHOUT ROWID;
CREATE TABLE day_state ({_TIMES}, PRIMARY KEY (sensor, at, state)) WITHOUT ROWID;
CREATE TABLE carry (sensor INTEGER PRIMARY KEY, at INTEGER NOT NULL, value);
CREATE TABLE fact (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE apart (key TEXT NOT NULL, reason TEXT NOT NULL, count INTEGER NOT NULL, last_at INTEGER NOT NULL,
  example TEXT NOT NULL, PRIMARY KEY (key, reason)) WITHOUT ROWID;
"""
"""`fresh` is written all the time, at its end alone, which spares a card; about once an hour its rows go to `raw` and
into the figures, by sensor. Times are milliseconds since 1970; in `five` and `hour` they count buckets, in `day` the
home's days (`date.toordinal`). Numbers are packed (see `packing`), states are ids; NULL: it said nothing usable.
`carry` is the last row of each sensor that went to `raw`. `fact`: `alive` (when something was written last), `moved`.
"""
SCHEMA: Final = Schema("history.sqlite", (_TABLES,))

_WRITER: Final = (
    "PRAGMA auto_vacuum=INCREMENTAL",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA cache_size=-512",
    "PRAGMA journal_size_limit=4194304",
    "PRAGMA temp_store=MEMORY",
)


def open_to_write(file: Path, *, create: bool = True) -> sqlite3.Connection:
    """The database, made where it is not there. Raises `sqlite3.Error` and OSError."""
    if create:
        file.parent.mkdir(parents=True, exist_ok=True)
    mode = "rwc" if create else "rw"
    database = sqlite3.connect(f"{_uri(file)}?mode={mode}", uri=True, timeout=20, check_same_thread=False)
    try:
        for pragma in _WRITER:
            database.execute(pragma)
        if SCHEMA.bring_up(database, file, sqlite3.OperationalError) == 0:
            file.chmod(0o600)
    except BaseException:
        database.close()
        raise
    return database


def open_to_read(file: Path) -> sqlite3.Connection:
    """The database, for questions. Raises `SensorError` where there is none, or none that can be read."""
    try:
        if not file.exists():
            raise SensorError(f"{file} is not there: nothing has been remembered yet, `edge run` begins")
        database = sqlite3.connect(f"{_uri(file)}?mode=ro", uri=True, timeout=20, check_same_thread=False)
    except (sqlite3.Error, OSError) as error:
        raise SensorError(f"{file} can't be opened ({error}): read it as the user that the service has") from None
    try:
        database.execute("PRAGMA cache_size=-512")
        (version,) = database.execute("PRAGMA user_version").fetchone()
    except sqlite3.OperationalError as error:
        database.close()
        raise SensorError(f"{file} can't be opened ({error}): read it as the user that the service has") from None
    except sqlite3.DatabaseError as error:
        database.close()
        raise damaged(file, error) from None
    if version != SCHEMA.version:
        database.close()
        raise SensorError(f"{file}: version {version} was written by another edge, this one reads {SCHEMA.version}")
    return database


def damaged(file: Path, error: Exception) -> SensorError:
    """What to say of a file that is no database any more."""
    return SensorError(f"{file} is damaged ({error}): the service sets it aside, `edge doctor` says what can be saved")


def size_bytes(database: sqlite3.Connection) -> int:
    """What the rows take, without pages that are free again."""
    numbers = [database.execute(f"PRAGMA {one}").fetchone()[0] for one in ("page_count", "freelist_count", "page_size")]
    return int((numbers[0] - numbers[1]) * numbers[2])


def _uri(file: Path) -> str:
    return file.absolute().as_uri()
