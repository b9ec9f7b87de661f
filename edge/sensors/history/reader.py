"""Answers from the database what was measured: beside the service that writes it, or without one."""

import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Literal, Self

from edge.sensors.errors import SensorError
from edge.sensors.history.course import Slice, course
from edge.sensors.history.model import Bucket, Counter, Point, Sensor, Sort, Stats
from edge.sensors.history.packing import real, unpacked
from edge.sensors.history.rollup import STEPS, Zone
from edge.sensors.history.schema import FIVE_MS, HOUR_MS, damaged, open_to_read
from edge.sensors.history.spans import TABLES, Cutting, Kept, Level, Span
from edge.sensors.history.states import States

_COUNTED: Final = f"sum(count), min({real('low')}), max({real('high')}), total({real('sum')}), sum({real('gain')})"
_READINGS: Final = f"count(value), min({real('value')}), max({real('value')}), total({real('value')}), sum(step)"
_SENSOR: Final = "SELECT id, key, sort, name, unit, device_class, area, counter FROM sensor"


class Reader:
    """Context manager; every method blocks. Times are seconds since 1970, spans are [since, until).

    `sensors()`: every series, `sensor(key)`: one, or `SensorError`. `last(key)`, `stats(key, since_s, until_s)`: count,
    low, high, mean, sum and what a counter went up. `extreme(key, since_s, until_s, "low")`: when it was lowest.
    `series(key, since_s, until_s, points)`: slices for a plot. `readings(key, …)`: each reading, or change of a state.
    `course(key, …)`: how a number went, as finely as it is kept. `time_in_state(key, …)`: seconds by state;
    `times(key, …)`: how often it went into each; `last_in(key, state)`: when it was last in a state, and until when.
    `spells(key, …)`: its states in order. `begins(key)`: since when it is remembered. Numbers are in the series' unit.
    Anything may raise `SensorError` where the file can't be read.
    """

    def __init__(self, file: Path, zone: Zone | None = None, *, wall_s: Callable[[], float] = time.time) -> None:
        self._file = file
        self._zone = zone or Zone()
        self._wall_s = wall_s

    def __enter__(self) -> Self:
        self._database = open_to_read(self._file)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._database.close()
        if isinstance(error, sqlite3.DatabaseError):
            raise damaged(self._file, error) from None

    @property
    def database(self) -> sqlite3.Connection:
        """The tables themselves, for what reads many series at once; `zone` has the home's days."""
        return self._database

    @property
    def zone(self) -> Zone:
        """The home's."""
        return self._zone

    def sensors(self) -> list[Sensor]:
        """Every series, in the order they appeared; of those with the same key the latest comes last."""
        return [_sensor(row) for row in self._database.execute(f"{_SENSOR} ORDER BY id")]

    def sensor(self, key: str) -> Sensor:
        """The series of this key, the latest where its unit has changed."""
        return self._known(key)[1]

    def last(self, key: str, before_s: float | None = None) -> Point | None:
        """The latest reading (before a moment); a state's latest change."""
        number, sensor = self._known(key)
        until_ms = _ms(before_s) if before_s is not None else 1 << 62
        row = self._row(
            "SELECT at, value FROM (SELECT at, value FROM fresh WHERE sensor = ?1 AND at < ?2 UNION ALL "
            "SELECT * FROM (SELECT at, value FROM raw WHERE sensor = ?1 AND at < ?2 ORDER BY at DESC LIMIT 1) "
            "UNION ALL SELECT at, value FROM carry WHERE sensor = ?1 AND at < ?2 AND ?3) ORDER BY at DESC LIMIT 1",
            (number, until_ms, sensor.sort is Sort.NUMBER),
        )
        return self._point(sensor, row) if row is not None else None

    def stats(self, key: str, since_s: float, until_s: float) -> Stats:
        """The figures of a span of numbers."""
        number, sensor = self._known(key, Sort.NUMBER)
        found = self._fresh_figures(number, _ms(since_s), _ms(until_s))
        for span in self._cutting(number).cut(_ms(since_s), _ms(until_s)):
            found.add(self._figures(number, span))
        return found.stats(sensor)

    def extreme(self, key: str, since_s: float, until_s: float, which: Literal["low", "high"]) -> Point | None:
        """The lowest or highest value and when it was, as exactly as is kept still."""
        number, _ = self._known(key, Sort.NUMBER)
        cutting = self._cutting(number)
        best: tuple[float, Level, int] | None = None
        for span in cutting.cut(_ms(since_s), _ms(until_s)):
            best = _better(best, self._extreme_of(number, span, which), which)
        fresh = self._row(
            f"SELECT at, {real('value')} FROM fresh WHERE sensor = ? AND at >= ? AND at < ? AND value NOT NULL "
            f"ORDER BY 2 {_ORDER[which]}, 1 LIMIT 1",
            (number, _ms(since_s), _ms(until_s)),
        )
        if fresh is not None:
            best = _better(best, (fresh[1], Level.RAW, fresh[0]), which)
        if best is None:
            return None
        value, level, at = best
        while level is not Level.RAW:
            finer = Level(level - 1)
            first, end = cutting.start_ms(level, at), cutting.start_ms(level, at + 1)
            span = Span(finer, cutting.bucket_at(finer, first), cutting.bucket_at(finer, end - 1) + 1)
            found = self._extreme_of(number, span, which)
            if found is None or found[0] != value:
                break
            _, level, at = found
        return Point(cutting.start_ms(level, at) / 1000, value)

    def series(self, key: str, since_s: float, until_s: float, points: int = 200) -> list[Bucket]:
        """At most `points` slices of equal width with readings in them, from figures that are just fine enough."""
        number, sensor = self._known(key, Sort.NUMBER)
        since_ms, until_ms = _ms(since_s), _ms(until_s)
        width_ms = max(1, -(-(until_ms - since_ms) // max(1, points)))
        cutting = self._cutting(number)
        sums: dict[int, _Sum] = {}
        for span in _no_finer(cutting, since_ms, until_ms, width_ms):
            for bucket, *figures in self._binned(number, span, cutting, since_ms, width_ms):
                sums.setdefault(bucket, _Sum()).add(figures)
        fresh = self._binned_readings(number, "fresh", since_ms, until_ms, since_ms, width_ms)
        for bucket, *figures in fresh:
            sums.setdefault(bucket, _Sum()).add(figures)
        return [
            Bucket((since_ms + bucket * width_ms) / 1000, width_ms / 1000, one.stats(sensor))
            for bucket, one in sorted(sums.items())
            if one.count
        ]

    def readings(self, key: str, since_s: float, until_s: float, limit: int = -1) -> Iterator[Point]:
        """Every reading that is still there, oldest first; of a state its changes."""
        number, sensor = self._known(key)
        rows = self._database.execute(
            "SELECT at, value FROM raw WHERE sensor = ?1 AND at >= ?2 AND at < ?3 UNION ALL "
            "SELECT at, value FROM fresh WHERE sensor = ?1 AND at >= ?2 AND at < ?3 ORDER BY at LIMIT ?4",
            (number, _ms(since_s), _ms(until_s), limit),
        )
        for row in rows:
            yield self._point(sensor, row)

    def course(self, key: str, since_s: float, until_s: float, finest: Level = Level.RAW) -> list[Slice]:
        """How a number went, after what it said last before that; no finer than `finest`."""
        number, _ = self._known(key, Sort.NUMBER)
        return course(self._database, number, self._cutting(number), _ms(since_s), _ms(until_s), finest)

    def begins(self, key: str) -> float | None:
        """Since when something is remembered of it; None where nothing is."""
        number, sensor = self._known(key)
        table = "hour" if sensor.sort is Sort.NUMBER else "hour_state"
        row = self._row(
            "SELECT min(at) FROM (SELECT min(at) AS at FROM raw WHERE sensor = ?1 UNION ALL "
            "SELECT min(at) FROM fresh WHERE sensor = ?1)",
            (number,),
        )
        (hour,) = self._row(f"SELECT min(at) FROM {table} WHERE sensor = ?", (number,)) or (None,)
        found = [one for one in (row[0] if row else None, None if hour is None else hour * HOUR_MS) if one is not None]
        if len(found) == 2 and found[0] // HOUR_MS == hour:
            found = found[:1]
        return min(found) / 1000 if found else None

    def days(self, since_s: float, until_s: float) -> list[tuple[float, float]]:
        """The home's days that a span touches, cut at its ends."""
        since_ms, until_ms = _ms(since_s), _ms(until_s)
        first, last = self._zone.day(since_ms), self._zone.day(max(since_ms, until_ms - 1))
        edges = [since_ms, *(self._zone.start_ms(day) for day in range(first + 1, last + 1)), until_ms]
        return [(one / 1000, other / 1000) for one, other in pairwise(edges)]

    def spells(self, key: str, since_s: float, until_s: float) -> list[tuple[float, str | None, float]]:
        """A state's spells in order: since when, in what (None: not known), until when, within a span that ends now at
        the latest. Only what its changes are kept of."""
        until_ms = min(_ms(until_s), _ms(self._wall_s()))
        return list(self._states(key).spells(_ms(since_s), until_ms))

    def time_in_state(self, key: str, since_s: float, until_s: float) -> dict[str, float]:
        """Seconds in each state up to now at most; what was not known of it is in none."""
        return self._states(key).time_in(_ms(since_s), min(_ms(until_s), _ms(self._wall_s())))

    def times(self, key: str, since_s: float, until_s: float) -> dict[str, int]:
        """How often it went from another state into each."""
        return self._states(key).times(_ms(since_s), _ms(until_s))

    def last_in(self, key: str, state: str, before_s: float | None = None) -> tuple[float, float | None] | None:
        """When it last went into a state, and when it left it (None: it is in it still); None where it never was."""
        return self._states(key).last_in(state, _ms(before_s) if before_s is not None else 1 << 62)

    def apart(self) -> list[dict[str, Any]]:
        """What was kept apart: `key`, `reason`, `count`, `last_s`, `example`."""
        rows = self._database.execute("SELECT key, reason, count, last_at, example FROM apart ORDER BY key, reason")
        names = ("key", "reason", "count", "last_s", "example")
        return [dict(zip(names, (*row[:3], row[3] / 1000, row[4]), strict=True)) for row in rows]

    # Numbers -------------------------------------------------------------------------------------------------------

    def _figures(self, number: int, span: Span) -> tuple[Any, ...]:
        if span.level is not Level.RAW:
            row = self._row(
                f"SELECT {_COUNTED} FROM {TABLES[span.level]} WHERE sensor = ? AND at >= ? AND at < ?",
                (number, span.first, span.until),
            )
        else:
            before = (
                "SELECT * FROM (SELECT sensor, at, value, 1 FROM raw WHERE sensor = ?1 AND at < ?2 "
                "AND value NOT NULL ORDER BY at DESC LIMIT 1)"
            )
            within = "SELECT sensor, at, value, 0 AS old FROM raw WHERE sensor = ?1 AND at >= ?2 AND at < ?3"
            rows = f"{within} UNION ALL {before}"
            row = self._row(f"SELECT {_READINGS} FROM ({STEPS.format(rows=rows)})", (number, span.first, span.until))
        return row or (0, None, None, 0, None)

    def _fresh_figures(self, number: int, since_ms: int, until_ms: int) -> "_Sum":
        rows = (
            "SELECT sensor, at, value, at < ?2 OR at >= ?3 AS old FROM fresh WHERE sensor = ?1 UNION ALL "
            "SELECT sensor, at, value, 1 FROM carry WHERE sensor = ?1"
        )
        row = self._row(f"SELECT {_READINGS} FROM ({STEPS.format(rows=rows)})", (number, since_ms, until_ms))
        one = _Sum()
        one.add(row or (0, None, None, 0, None))
        return one

    def _extreme_of(self, number: int, span: Span, which: str) -> tuple[float, Level, int] | None:
        column = "value" if span.level is Level.RAW else which
        row = self._row(
            f"SELECT {real(column)}, at FROM {TABLES[span.level]} WHERE sensor = ? AND at >= ? AND at < ? "
            f"AND {column} NOT NULL ORDER BY 1 {_ORDER[which]}, 2 LIMIT 1",
            (number, span.first, span.until),
        )
        return (row[0], span.level, row[1]) if row is not None else None

    def _binned(self, number: int, span: Span, cutting: Cutting, since_ms: int, width_ms: int) -> list[list[Any]]:
        if span.level is Level.RAW:
            return self._binned_readings(number, "raw", span.first, span.until, since_ms, width_ms)
        if span.level is Level.DAY:
            rows = self._array(
                f"SELECT json_group_array(json_array(at, count, {real('low')}, {real('high')}, {real('sum')}, "
                f"{real('gain')})) FROM day WHERE sensor = ? AND at >= ? AND at < ?",
                (number, span.first, span.until),
            )
            return [[max(0, cutting.start_ms(Level.DAY, at) - since_ms) // width_ms, *rest] for at, *rest in rows]
        start = f"at * {HOUR_MS if span.level is Level.HOUR else FIVE_MS}"
        return self._array(
            "SELECT json_group_array(json_array(bin, c, l, h, s, g)) FROM "
            f"(SELECT max(0, {start} - ?) / ? AS bin, sum(count) AS c, min({real('low')}) AS l, "
            f"max({real('high')}) AS h, total({real('sum')}) AS s, sum({real('gain')}) AS g FROM {TABLES[span.level]} "
            "WHERE sensor = ? AND at >= ? AND at < ? GROUP BY bin)",
            (since_ms, width_ms, number, span.first, span.until),
        )

    def _binned_readings(
        self, number: int, table: str, first: int, until: int, since_ms: int, width_ms: int
    ) -> list[list[Any]]:
        return self._array(
            "SELECT json_group_array(json_array(bin, c, l, h, s, null)) FROM "
            f"(SELECT (at - ?) / ? AS bin, count(value) AS c, min({real('value')}) AS l, max({real('value')}) AS h, "
            f"total({real('value')}) AS s FROM {table} WHERE sensor = ? AND at >= ? AND at < ? GROUP BY bin)",
            (since_ms, width_ms, number, first, until),
        )

    # Looking up ----------------------------------------------------------------------------------------------------

    def _known(self, key: str, sort: Sort | None = None) -> tuple[int, Sensor]:
        row = self._row(f"{_SENSOR} WHERE key = ? ORDER BY id DESC LIMIT 1", (key,))
        if row is None:
            raise SensorError(f"nothing is remembered of {key}: `edge sensors list` shows what is")
        sensor = _sensor(row)
        if sort is not None and sensor.sort is not sort:
            wanted = "numbers" if sort is Sort.NUMBER else "states"
            raise SensorError(f"{key} has no {wanted}: it is a {sensor.sort}")
        return int(row[0]), sensor

    def _states(self, key: str) -> States:
        number, _ = self._known(key, Sort.STATE)
        return States(self._database, number, self._zone)

    def _cutting(self, number: int) -> Cutting:
        """Where a sensor's oldest hour has no readings (any more), they begin with the oldest there is."""
        (hour,) = self._row("SELECT min(at) FROM hour WHERE sensor = ?", (number,)) or (None,)
        if hour is None:
            return Cutting(self._zone, Kept())
        floors = []
        for table, unit_ms in (("raw", 1), ("five", FIVE_MS)):
            (first,) = self._row(f"SELECT min(at) FROM {table} WHERE sensor = ?", (number,)) or (None,)
            if first is None:
                floors.append(1 << 62)
            else:
                floors.append(-(1 << 62) if first * unit_ms // HOUR_MS <= hour else first * unit_ms)
        return Cutting(self._zone, Kept(*floors))

    def _point(self, sensor: Sensor, row: tuple[Any, ...]) -> Point:
        at, value = row
        if value is None or sensor.sort is Sort.NUMBER:
            return Point(at / 1000, unpacked(value))
        (name,) = self._row("SELECT name FROM state WHERE id = ?", (value,)) or ("?",)
        return Point(at / 1000, name)

    def _row(self, query: str, values: tuple[Any, ...]) -> tuple[Any, ...] | None:
        row: tuple[Any, ...] | None = self._database.execute(query, values).fetchone()
        return row

    def _array(self, query: str, values: tuple[Any, ...]) -> list[list[Any]]:
        """Many rows as one: each row fetched has to wait for the other threads."""
        (text,) = self._row(query, values) or ("[]",)
        rows: list[list[Any]] = json.loads(text)
        return rows


_ORDER: Final = {"low": "ASC", "high": "DESC"}


class _Sum:
    """Figures that are being added up."""

    __slots__ = ("count", "gain", "high", "low", "total")

    def __init__(self) -> None:
        self.count = 0
        self.low: float | None = None
        self.high: float | None = None
        self.total = 0.0
        self.gain: float | None = None

    def add(self, figures: Any) -> None:
        count, low, high, total, gain = figures
        self.count += count or 0
        self.total += total or 0.0
        if low is not None:
            self.low = low if self.low is None else min(low, self.low)
            self.high = high if self.high is None else max(high, self.high)
        if gain is not None:
            self.gain = (self.gain or 0.0) + gain

    def stats(self, sensor: Sensor) -> Stats:
        if not self.count:
            return Stats()
        gain = round(self.gain or 0.0, 9) if sensor.counter is not Counter.NO else None
        mean = self.total / self.count
        if self.low is not None and self.high is not None:
            mean = min(max(mean, self.low), self.high)
        return Stats(self.count, self.low, self.high, mean, gain)


def _sensor(row: tuple[Any, ...]) -> Sensor:
    _, key, sort, name, unit, device_class, area, counter = row
    return Sensor(key, Sort(sort), name, unit, device_class, area, Counter(counter))


def _better(
    one: tuple[float, Level, int] | None, other: tuple[float, Level, int] | None, which: str
) -> tuple[float, Level, int] | None:
    if one is None or other is None:
        return one or other
    return other if (other[0] < one[0] if which == "low" else other[0] > one[0]) else one


def _no_finer(cutting: Cutting, since_ms: int, until_ms: int, width_ms: int) -> Iterator[Span]:
    """The whole span in figures no finer than a slice needs; finer ones only where they are kept."""
    wanted = Level.HOUR if width_ms >= HOUR_MS else Level.FIVE if width_ms >= FIVE_MS else Level.RAW
    kept = cutting.kept
    at = since_ms
    for level, ends in ((Level.HOUR, kept.five_ms), (Level.FIVE, kept.raw_ms), (Level.RAW, until_ms)):
        end = until_ms if level >= wanted and level is wanted else min(max(ends, at), until_ms)
        if level < wanted or at >= end:
            continue
        yield Span(level, _up(cutting, level, at), _up(cutting, level, end))
        at = end


def _up(cutting: Cutting, level: Level, at_ms: int) -> int:
    bucket = cutting.bucket_at(level, at_ms)
    return bucket if cutting.start_ms(level, bucket) == at_ms else bucket + 1


def _ms(at_s: float) -> int:
    return round(at_s * 1000)
