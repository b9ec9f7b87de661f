"""How a number went over a stretch of time: slices in their order, as fine as they are kept or as fine as is wanted."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from edge.sensors.history.packing import real
from edge.sensors.history.schema import FIVE_MS, HOUR_MS
from edge.sensors.history.spans import TABLES, Cutting, Level

_SIZES: Final = {Level.FIVE: FIVE_MS, Level.HOUR: HOUR_MS}


@dataclass(frozen=True, slots=True)
class Slice:
    """From `at_s` on to the next one: a reading, which says `low`, `high` and `mean` alike, or the figures of five
    minutes or an hour (`width_s`). All None where from then on nothing was known."""

    at_s: float
    low: float | None
    high: float | None
    mean: float | None
    width_s: float = 0.0


def course(
    database: sqlite3.Connection, number: int, cutting: Cutting, since_ms: int, until_ms: int, finest: Level
) -> list[Slice]:
    """The slices that begin within the span, and first what was said last before it."""
    found = [*_before(database, number, since_ms)]
    floors = {Level.HOUR: -(1 << 62), Level.FIVE: cutting.kept.five_ms, Level.RAW: cutting.kept.raw_ms}
    at = since_ms
    for level in (Level.HOUR, Level.FIVE, Level.RAW):
        if level < finest:
            break
        finer = [one for kind, one in floors.items() if finest <= kind < level]
        end = min([until_ms, *(max(at, one) for one in finer)])
        if at < end:
            found += _of_level(database, number, level, at, end)
            at = end
    found += _readings(database, "fresh", number, since_ms, until_ms)
    return found


def _before(database: sqlite3.Connection, number: int, since_ms: int) -> Iterator[Slice]:
    row = database.execute(
        f"SELECT at, {real('value')} FROM (SELECT * FROM (SELECT at, value FROM raw WHERE sensor = ?1 AND at < ?2 "
        "ORDER BY at DESC LIMIT 1) UNION ALL SELECT at, value FROM fresh WHERE sensor = ?1 AND at < ?2) "
        "ORDER BY at DESC LIMIT 1",
        (number, since_ms),
    ).fetchone()
    if row is not None:
        yield Slice(row[0] / 1000, row[1], row[1], row[1])
        return
    row = database.execute(
        f"SELECT at, count, {real('sum')} FROM hour WHERE sensor = ? AND at < ? ORDER BY at DESC LIMIT 1",
        (number, since_ms // HOUR_MS),
    ).fetchone()
    if row is not None and row[1]:
        mean = row[2] / row[1]
        yield Slice(row[0] * HOUR_MS / 1000, mean, mean, mean, HOUR_MS / 1000)


def _of_level(database: sqlite3.Connection, number: int, level: Level, since_ms: int, until_ms: int) -> Iterator[Slice]:
    if level is Level.RAW:
        yield from _readings(database, "raw", number, since_ms, until_ms)
        return
    size = _SIZES[level]
    rows = _rows(
        database,
        f"SELECT json_group_array(json_array(at, count, {real('low')}, {real('high')}, {real('sum')})) FROM "
        f"(SELECT * FROM {TABLES[level]} WHERE sensor = ? AND at >= ? AND at < ? ORDER BY at)",
        (number, -(-since_ms // size), -(-until_ms // size)),
    )
    for at, count, low, high, total in rows:
        if count:
            yield Slice(at * size / 1000, low, high, total / count, size / 1000)


def _readings(database: sqlite3.Connection, table: str, number: int, since_ms: int, until_ms: int) -> Iterator[Slice]:
    rows = _rows(
        database,
        f"SELECT json_group_array(json_array(at, {real('value')})) FROM "
        f"(SELECT at, value FROM {table} WHERE sensor = ? AND at >= ? AND at < ? ORDER BY at)",
        (number, since_ms, until_ms),
    )
    for at, value in rows:
        yield Slice(at / 1000, value, value, value)


def _rows(database: sqlite3.Connection, query: str, values: tuple[int, ...]) -> list[list[float]]:
    """Many rows as one: each row fetched has to wait for the other threads."""
    rows: list[list[float]] = json.loads(database.execute(query, values).fetchone()[0])
    return rows
