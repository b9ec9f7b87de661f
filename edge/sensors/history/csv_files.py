"""Readings as CSV, out and in again: `time,sensor,value,unit,kind`, times in ISO 8601 with their zone."""

import csv
import sqlite3
from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import IO, Final

from edge.database import is_damage
from edge.sensors.errors import SensorError
from edge.sensors.history.model import Counter, Sensor, Sort
from edge.sensors.history.packing import packed
from edge.sensors.history.reader import Reader
from edge.sensors.history.recount import recount
from edge.sensors.history.rollup import Zone
from edge.sensors.history.schema import open_to_write
from edge.sensors.history.units import convert, convertible, normal
from edge.sensors.history.writer import put_sensor, put_state

HEAD: Final = ("time", "sensor", "value", "unit", "kind")
_STATE: Final = "state"
_MEASUREMENT: Final = "measurement"
_FUTURE_MS: Final = 60_000
_BATCH: Final = 20_000


@dataclass(slots=True)
class Imported:
    """What became of the rows; `apart` counts by reason, `examples` has the first line of each."""

    taken: int = 0
    known: int = 0
    """Readings that were there already, with whatever value."""
    apart: dict[str, int] = field(default_factory=dict)
    examples: dict[str, int] = field(default_factory=dict)

    def keep_apart(self, reason: str, line: int) -> None:
        self.apart[reason] = self.apart.get(reason, 0) + 1
        self.examples.setdefault(reason, line)


def export(
    reader: Reader,
    keys: Iterable[str],
    since_s: float,
    until_s: float,
    zone: tzinfo | None,
    on_damage: Callable[[str], None] = lambda _key: None,
) -> Iterator[tuple[str, ...]]:
    """Rows after the head, by sensor, oldest first; an empty value says that it was not known from then on.

    Where the database is damaged, what can't be read of a sensor is left out, and `on_damage` called with its key.
    """
    for key in keys:
        try:
            yield from _exported(reader, key, since_s, until_s, zone)
        except sqlite3.DatabaseError:
            on_damage(key)


def _exported(
    reader: Reader, key: str, since_s: float, until_s: float, zone: tzinfo | None
) -> Iterator[tuple[str, ...]]:
    sensor = reader.sensor(key)
    kind = _STATE if sensor.sort is Sort.STATE else sensor.counter or _MEASUREMENT
    for point in reader.readings(key, since_s, until_s):
        value = "" if point.value is None else point.value if isinstance(point.value, str) else repr(point.value)
        yield _written(point.at_s, zone), key, value, sensor.unit, kind


def read_csv(lines: IO[str], into: Path, zone: Zone, now_s: float) -> Imported:
    """Take in what `export` wrote, or any table with these columns; what is there already is left as it is.

    Sensors that are not known are made, of the given kind (`state`, `measurement`, or a counter's state class); without
    one, of numbers where a unit is given or the first value is one. `now_s`: later readings are from the future.
    Blocks; the service may run meanwhile. Raises `SensorError`.
    """
    rows = csv.DictReader(lines)
    missing = {"time", "sensor", "value"} - set(rows.fieldnames or ())
    if missing:
        raise SensorError(
            f"the CSV has no column {', '.join(sorted(missing))}: its first line names the columns {HEAD}"
        )
    try:
        database = open_to_write(into)
    except (sqlite3.Error, OSError) as error:
        raise SensorError(f"{into} can't be written ({error}): import as the user that the service has") from None
    try:
        return _Import(database, zone, round(now_s * 1000)).run(rows)
    except csv.Error as error:
        raise SensorError(f"this is no CSV: {error}") from None
    except sqlite3.Error as error:
        why = "is damaged" if is_damage(error) else "can't be written"
        raise SensorError(f"{into} {why} ({error}): `edge doctor` says what to do") from None
    finally:
        database.close()


class _Import:
    """One import: rows are gathered by sensor and go in batch by batch, with their figures."""

    def __init__(self, database: sqlite3.Connection, zone: Zone, now_ms: int) -> None:
        self._database = database
        self._zone = zone
        self._now_ms = now_ms
        self._known: dict[str, tuple[int, Sensor]] = {}
        self._state_ids: dict[str, int] = {}
        self._rows: list[tuple[int, int, float | int | None]] = []
        self._added: dict[int, array[int]] = {}
        self._result = Imported()

    def run(self, rows: "csv.DictReader[str]") -> Imported:
        for row in rows:
            try:
                self._take(row)
            except SensorError as error:
                self._result.keep_apart(str(error), rows.line_num)
            if len(self._rows) >= _BATCH:
                self._write()
        self._write()
        self._count()
        return self._result

    def _take(self, row: "dict[str, str]") -> None:
        key, text, unit = (row["sensor"] or "").strip(), (row["value"] or "").strip(), normal(row.get("unit") or "")
        at_ms = _read_time(row["time"] or "", self._zone)
        if not key:
            raise SensorError("no sensor")
        if at_ms > self._now_ms + _FUTURE_MS:
            raise SensorError("from the future")
        number, sensor = self._sensor(key, text, unit, (row.get("kind") or "").strip())
        if not text:
            value: float | int | None = None
        elif sensor.sort is Sort.STATE:
            value = self._state(text)
        else:
            value = packed(_read_number(text, unit, sensor))
        self._rows.append((number, at_ms, value))

    def _sensor(self, key: str, text: str, unit: str, kind: str) -> tuple[int, Sensor]:
        if key not in self._known:
            row = self._database.execute(
                "SELECT id, sort, name, unit FROM sensor WHERE key = ? ORDER BY id DESC LIMIT 1", (key,)
            ).fetchone()
            if row is not None:
                self._known[key] = (row[0], Sensor(key, Sort(row[1]), row[2], row[3]))
            else:
                sensor = _new(key, text, unit, kind)
                with self._database:
                    self._known[key] = (put_sensor(self._database, sensor), sensor)
        return self._known[key]

    def _state(self, text: str) -> int:
        if len(text) > 64:
            raise SensorError("a state longer than 64 characters")
        if text not in self._state_ids:
            with self._database:
                self._state_ids[text] = put_state(self._database, text)
        return self._state_ids[text]

    def _write(self) -> None:
        """Readings go where they stay; their figures are counted when all are there."""
        with self._database:
            for sensor, at_ms, value in sorted(self._rows, key=lambda row: row[:2]):
                done = self._database.execute(
                    "INSERT INTO raw SELECT ?1, ?2, ?3 WHERE NOT EXISTS "
                    "(SELECT 1 FROM fresh WHERE sensor = ?1 AND at = ?2) ON CONFLICT DO NOTHING",
                    (sensor, at_ms, value),
                ).rowcount
                self._result.taken += done
                self._result.known += 1 - done
                if done:
                    self._added.setdefault(sensor, array("q")).append(at_ms)
        self._rows.clear()

    def _count(self) -> None:
        sorts = {number: sensor.sort for number, sensor in self._known.values()}
        for sensor, times_ms in self._added.items():
            recount(self._database, sensor, sorts[sensor], self._zone, times_ms)


def _new(key: str, text: str, unit: str, kind: str) -> Sensor:
    is_number = kind != _STATE if kind else bool(unit) or _is_number(text)
    counter = Counter(kind) if is_number and kind in set(Counter) else Counter.NO
    return Sensor(key, Sort.NUMBER if is_number else Sort.STATE, key, unit if is_number else "", counter=counter)


def _read_time(text: str, zone: Zone) -> int:
    """Milliseconds since 1970, from ISO 8601 (of the home's zone where it has none) or from seconds."""
    given = text.strip()
    try:
        seconds = float(given)
    except ValueError:
        try:
            moment = datetime.fromisoformat(given)
        except ValueError:
            raise SensorError("a time that can't be read") from None
        if moment.tzinfo is None and zone.zone is not None:
            moment = moment.replace(tzinfo=zone.zone)
        try:
            seconds = moment.timestamp()
        except (OverflowError, OSError, ValueError):
            raise SensorError("a time that can't be read") from None
    if not 0 <= seconds < 1e11:
        raise SensorError("a time that can't be read")
    return round(seconds * 1000)


def _read_number(text: str, unit: str, sensor: Sensor) -> float:
    try:
        value = float(text)
    except ValueError:
        raise SensorError("text where a number was") from None
    if not -1e300 < value < 1e300:
        raise SensorError("not a finite number")
    if not unit or unit == sensor.unit:
        return value
    if not convertible(unit, sensor.unit):
        raise SensorError(f"{unit} where {sensor.unit or 'no unit'} was")
    return convert(value, unit, sensor.unit)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _written(at_s: float, zone: tzinfo | None) -> str:
    return datetime.fromtimestamp(at_s, zone or UTC).astimezone(zone).isoformat(timespec="milliseconds")
