"""The one who writes the database, in a thread of its own: batches, roll-ups, what is too old, what is damaged."""

import logging
import math
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.database import is_damage, put_aside
from edge.sensors.history.intake import Apart, Batch
from edge.sensors.history.model import Counter, Sensor, Sort
from edge.sensors.history.packing import packed
from edge.sensors.history.recount import recount_steps
from edge.sensors.history.retention import Keep, forget_old, make_room
from edge.sensors.history.rollup import Zone, move
from edge.sensors.history.schema import HOUR_MS, open_to_write

log = logging.getLogger(__name__)

_MOVE_AT: Final = 50_000
"""Fresh rows that are moved although the hour is not over: a question reads all that are fresh."""
_CHUNK: Final = 500
_INSERT: Final = "INSERT INTO fresh (sensor, at, value) VALUES "


@dataclass(frozen=True, slots=True)
class Names:
    """What places in a batch stand for: every sensor and state so far, and which sensors are new or renamed."""

    sensors: Sequence[Sensor]
    changed: Mapping[int, Sensor]
    states: Sequence[str]


class Writer:
    """Every method blocks and belongs to one thread. Raises `sqlite3.Error` and OSError where nothing can be written;
    nothing of that batch is written then."""

    def __init__(self, file: Path, keep: Keep, zone: Zone) -> None:
        self._file = file
        self._keep = keep
        self._zone = zone
        self._database: sqlite3.Connection | None = None
        self._sensor_ids: list[int] = []
        self._state_ids: list[int] = []
        self._fresh = 0
        self._moved_ms = 0
        self._gap_ms: int | None = None
        self.set_aside: Path | None = None
        """A damaged file of this run."""

    def open(self) -> dict[tuple[str, str], str]:
        """Open or make the file; the units sensors had last, by key and sort."""
        try:
            database = self._connected()
            rows = database.execute("SELECT key, sort, unit FROM sensor ORDER BY id").fetchall()
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            self._put_aside(error)
            return {}
        return {(key, sort): unit for key, sort, unit in rows}

    def write(self, batch: Batch, names: Names, apart: Mapping[tuple[str, str], Apart], now_ms: int) -> None:
        """All of it in one transaction, which is on the disk when this returns."""
        try:
            self._write(batch, names, apart, now_ms)
        except sqlite3.DatabaseError as error:
            self._disconnect()
            if not is_damage(error):
                raise
            self._put_aside(error)
            self._write(batch, names, apart, now_ms)

    def tidy_where_due(self, now_ms: int) -> None:
        """Once an hour, and where much is fresh."""
        if self._fresh >= _MOVE_AT or now_ms // HOUR_MS != self._moved_ms // HOUR_MS:
            self.tidy(now_ms)

    def tidy(self, now_ms: int) -> None:
        """Move what is fresh to where it stays, and forget what is too old."""
        try:
            database = self._connected()
            new_hour = now_ms // HOUR_MS != self._moved_ms // HOUR_MS
            move(database, self._zone, now_ms)
            self._fresh, self._moved_ms = 0, now_ms
            if new_hour:
                forget_old(database, self._keep, now_ms)
            make_room(database, self._keep, now_ms)
        except sqlite3.DatabaseError as error:
            self._disconnect()
            if not is_damage(error):
                raise
            self._put_aside(error)

    def shift(self, by_ms: int, since_ms: int) -> None:
        """The clock was wrong: what was written since is set right, as far as it has not been moved yet."""
        with (database := self._connected()):
            database.execute("UPDATE fresh SET at = at + ? WHERE at >= ?", (by_ms, since_ms))

    def close(self) -> None:
        """Without writing anything more."""
        self._disconnect()

    # Writing -------------------------------------------------------------------------------------------------------

    def _write(self, batch: Batch, names: Names, apart: Mapping[tuple[str, str], Apart], now_ms: int) -> None:
        database = self._connected()
        sensor_ids, state_ids = list(self._sensor_ids), list(self._state_ids)
        with database:
            database.execute("BEGIN IMMEDIATE")
            counters = self._become_counters(database, names)
            self._name(database, names, sensor_ids, state_ids)
            if self._gap_ms is not None:
                _mark_gap(database, self._gap_ms)
            self._insert(database, batch, names, sensor_ids, state_ids)
            _note_apart(database, apart)
            database.execute("INSERT OR REPLACE INTO fact VALUES ('alive', ?)", (now_ms,))
        self._sensor_ids, self._state_ids, self._gap_ms = sensor_ids, state_ids, None
        self._fresh += len(batch)
        for sensor in counters:
            recount_steps(database, sensor, self._zone)

    def _name(self, database: sqlite3.Connection, names: Names, sensor_ids: list[int], state_ids: list[int]) -> None:
        sensor_ids += [put_sensor(database, sensor) for sensor in names.sensors[len(sensor_ids) :]]
        for place, sensor in names.changed.items():
            if place < len(self._sensor_ids):
                put_sensor(database, sensor)
        state_ids += [put_state(database, name) for name in names.states[len(state_ids) :]]

    def _become_counters(self, database: sqlite3.Connection, names: Names) -> list[int]:
        """Sensors that were remembered as no counters and are, as after an import that did not say what they are."""
        new = [*names.sensors[len(self._sensor_ids) :], *names.changed.values()]
        keys = {(one.key, one.unit) for one in new if one.counter is not Counter.NO}
        if not keys:
            return []
        known = database.execute("SELECT id, key, unit FROM sensor WHERE counter = '' AND sort = 'number'").fetchall()
        return [number for number, key, unit in known if (key, unit) in keys]

    def _insert(
        self,
        database: sqlite3.Connection,
        batch: Batch,
        names: Names,
        sensor_ids: Sequence[int],
        state_ids: Sequence[int],
    ) -> None:
        """Many rows a statement: each statement lets other threads run and has to wait for them."""
        is_state = [sensor.sort is Sort.STATE for sensor in names.sensors]
        rows: list[int | float | None] = []
        for place, at_ms, value in zip(batch.sensors, batch.times, batch.values, strict=True):
            known: int | float | None = None
            if not math.isnan(value):
                known = state_ids[int(value)] if is_state[place] else packed(value)
            rows += (sensor_ids[place], at_ms, known)
        insert_rows(database, rows)

    def _connected(self) -> sqlite3.Connection:
        if self._database is not None:
            return self._database
        database = self._database = open_to_write(self._file)
        (self._fresh,) = database.execute("SELECT count(*) FROM fresh").fetchone()
        facts = dict(database.execute("SELECT name, value FROM fact").fetchall())
        self._moved_ms = int(facts.get("moved", 0))
        if not self._sensor_ids:
            self._gap_ms = facts.get("alive")
        else:
            self._sensor_ids, self._state_ids = [], []  # a fresh connection: perhaps to another file
        return database

    def _disconnect(self) -> None:
        if self._database is not None:
            with suppress(sqlite3.Error):
                self._database.close()
            self._database = None

    def _put_aside(self, error: sqlite3.DatabaseError) -> None:
        """A file that can't be read as one is kept for whoever wants to save what it has, and another begun."""
        self._disconnect()
        aside = put_aside(self._file)
        self._sensor_ids, self._state_ids, self._gap_ms, self._fresh, self._moved_ms = [], [], None, 0, 0
        self.set_aside = aside
        facts = {"path": str(self._file), "kept_as": str(aside), "error": str(error), "remedy": "edge doctor"}
        log.error("history.damaged", extra=facts)
        self._connected()


def insert_rows(database: sqlite3.Connection, rows: Sequence[int | float | None]) -> None:
    """Put sensor, time and value, three of `rows` each, among what is fresh."""
    at, count = 0, len(rows) // 3
    for size in (_CHUNK, 25, 1):
        statement = _INSERT + ", ".join(["(?, ?, ?)"] * size)
        while count >= size:
            database.execute(statement, rows[at : at + 3 * size])
            at, count = at + 3 * size, count - size


def put_sensor(database: sqlite3.Connection, sensor: Sensor) -> int:
    """The id of a sensor, which is described anew."""
    values = (sensor.key, sensor.unit, sensor.sort, sensor.counter, sensor.name, sensor.area, sensor.device_class)
    database.execute(
        "INSERT INTO sensor (key, unit, sort, counter, name, area, device_class) VALUES (?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (key, unit, sort) DO UPDATE SET counter = excluded.counter, name = excluded.name, "
        "area = excluded.area, device_class = excluded.device_class",
        tuple(str(value) for value in values),
    )
    (number,) = database.execute(
        "SELECT id FROM sensor WHERE key = ? AND unit = ? AND sort = ?", (sensor.key, sensor.unit, str(sensor.sort))
    ).fetchone()
    return int(number)


def put_state(database: sqlite3.Connection, name: str) -> int:
    """The id of a state's name."""
    database.execute("INSERT OR IGNORE INTO state (name) VALUES (?)", (name,))
    (number,) = database.execute("SELECT id FROM state WHERE name = ?", (name,)).fetchone()
    return int(number)


def _mark_gap(database: sqlite3.Connection, alive_ms: int) -> None:
    """Nobody knows in what state things were while nobody was there."""
    database.execute(
        "INSERT INTO fresh (sensor, at, value) SELECT id, ?, NULL FROM sensor WHERE sort = 'state'", (alive_ms,)
    )


def _note_apart(database: sqlite3.Connection, apart: Mapping[tuple[str, str], Apart]) -> None:
    rows: Iterable[tuple[str, str, int, int, str]] = [
        (key, reason, one.count, one.last_ms, one.example) for (key, reason), one in apart.items()
    ]
    database.executemany(
        "INSERT INTO apart VALUES (?, ?, ?, ?, ?) ON CONFLICT (key, reason) DO UPDATE SET "
        "count = count + excluded.count, last_at = excluded.last_at, example = excluded.example",
        rows,
    )
