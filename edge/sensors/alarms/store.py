"""The alarms' database: every method blocks and belongs to one thread; a damaged file is set aside."""

import json
import logging
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from edge.database import Database
from edge.schema import Schema
from edge.sensors.alarms.codec import alarm_from, mute_from, rule_from, to_json
from edge.sensors.alarms.errors import AlarmError
from edge.sensors.alarms.model import Alarm, AlarmRule, Mute

log = logging.getLogger(__name__)

_Row = TypeVar("_Row")
_MOST_PAST: Final = 5000
SCHEMA: Final = Schema(
    "alarms.sqlite",
    (
        """
CREATE TABLE alarm (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE past (at REAL NOT NULL, sensor TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL);
CREATE INDEX past_at ON past (at);
CREATE TABLE rule (id TEXT PRIMARY KEY, place INTEGER NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE mute (scope TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
""",
    ),
)


@dataclass(frozen=True, slots=True)
class Kept:
    """What was read."""

    alarms: tuple[Alarm, ...] = ()
    rules: tuple[AlarmRule, ...] = ()
    mutes: tuple[Mute, ...] = ()
    begun: tuple[tuple[str, str, float], ...] = ()
    """Sensor, key and time of alarms that have left, the oldest first."""


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be written in one transaction; rules and mutes are all there are."""

    alarms: Sequence[Alarm] = ()
    past: Sequence[Alarm] = ()
    rules: Sequence[AlarmRule] = ()
    mutes: Sequence[Mute] = ()


class Store:
    """Raises `sqlite3.Error` and OSError where nothing can be read or written."""

    def __init__(self, file: Path) -> None:
        self._database = Database(file, SCHEMA, AlarmError)

    @property
    def set_aside(self) -> Path | None:
        """A damaged file of this run."""
        return self._database.set_aside

    def open(self) -> Kept:
        """Open or make the file, and read everything. Raises `AlarmError` too."""
        return self._database.done(self._read)

    def write(self, work: Work) -> None:
        """All of it is on the disk when this returns, or nothing."""
        self._database.done(lambda: self._write(work), again=False)

    def history(self, most: int) -> list[Alarm]:
        """Alarms that have left, the latest first."""
        rows = self._database.connected().execute("SELECT body FROM past ORDER BY at DESC LIMIT ?", (most,)).fetchall()
        return _parsed((body for (body,) in rows), alarm_from)

    def close(self) -> None:
        """Without writing anything more."""
        self._database.close()

    def _read(self) -> Kept:
        database = self._database.connected()

        def bodies(query: str) -> Iterable[str]:
            return [body for (body,) in database.execute(query).fetchall()]

        begun = database.execute("SELECT sensor, key, at FROM past ORDER BY at").fetchall()
        return Kept(
            tuple(_parsed(bodies("SELECT body FROM alarm"), alarm_from)),
            tuple(_parsed(bodies("SELECT body FROM rule ORDER BY place"), rule_from)),
            tuple(_parsed(bodies("SELECT body FROM mute"), mute_from)),
            tuple((sensor, key, float(at)) for sensor, key, at in begun),
        )

    def _write(self, work: Work) -> None:
        database = self._database.connected()
        with database:
            database.execute("BEGIN IMMEDIATE")
            database.executemany(
                "INSERT OR REPLACE INTO alarm VALUES (?, ?)", [(one.id, _body(one)) for one in work.alarms]
            )
            database.executemany("DELETE FROM alarm WHERE id = ?", [(one.id,) for one in work.past])
            past = [(one.at_s, one.sensor, one.key, _body(one)) for one in work.past]
            database.executemany("INSERT INTO past VALUES (?, ?, ?, ?)", past)
            if past:
                database.execute(
                    "DELETE FROM past WHERE at < (SELECT at FROM past ORDER BY at DESC LIMIT 1 OFFSET ?)", (_MOST_PAST,)
                )
            rules = [(one.id, place, _body(one)) for place, one in enumerate(work.rules)]
            mutes = [(one.scope, _body(one)) for one in work.mutes]
            _replace(database, "rule", rules)
            _replace(database, "mute", mutes)


def _replace(database: sqlite3.Connection, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """All rows of a small table."""
    database.execute(f"DELETE FROM {table}")  # noqa: S608 (one of two names above)
    if rows:
        database.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)  # noqa: S608


def _body(one: Alarm | AlarmRule | Mute) -> str:
    return json.dumps(to_json(one), ensure_ascii=False)


def _parsed(bodies: Iterable[str], make: Callable[[Any], _Row]) -> list[_Row]:
    """What makes sense of them; the rest is named in the log."""
    found = []
    for body in bodies:
        try:
            found.append(make(json.loads(body)))
        except (ValueError, RecursionError) as error:
            log.warning("alarms.row_skipped", extra={"reason": str(error), "row": str(body)[:80]})
    return found
