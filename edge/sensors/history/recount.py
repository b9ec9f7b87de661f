"""Counts figures anew from readings, where some came in that belong among those that were counted."""

import sqlite3
from collections.abc import Sequence

from edge.sensors.history.model import Sort
from edge.sensors.history.rollup import Zone, add_figures, count_states
from edge.sensors.history.schema import FIVE_MS, HOUR_MS


def recount(database: sqlite3.Connection, sensor: int, sort: Sort, zone: Zone, times_ms: Sequence[int]) -> None:
    """The figures of the home's days of `times_ms`, when readings were added to `raw`. One transaction.

    They are counted anew where all readings of those days are there still. Where some are gone, what was added is added
    to the figures, and of states the changes alone are kept: a counter's steps and time in state can't be told then.
    """
    with database:
        database.execute("BEGIN IMMEDIATE")
        database.execute("CREATE TEMP TABLE added (at INTEGER PRIMARY KEY)")
        database.executemany("INSERT OR IGNORE INTO temp.added VALUES (?)", [(at,) for at in times_ms])
        first_ms, last_ms = min(times_ms), max(times_ms)
        (after,) = database.execute("SELECT min(at) FROM raw WHERE sensor = ? AND at > ?", (sensor, last_ms)).fetchone()
        since_ms = zone.start_ms(zone.day(first_ms))
        until_ms = zone.start_ms(zone.day(max(last_ms, after or 0)) + 1)
        if sort is Sort.STATE:
            _recount_states(database, sensor, zone, since_ms, until_ms)
        else:
            _recount_numbers(database, sensor, zone, since_ms, until_ms)
        database.execute("DROP TABLE temp.added")


def _recount_numbers(database: sqlite3.Connection, sensor: int, zone: Zone, since_ms: int, until_ms: int) -> None:
    within = f"sensor = {sensor} AND at >= {since_ms} AND at < {until_ms}"
    if _all_there(database, sensor, zone, since_ms, until_ms, within):
        _count_anew(database, sensor, zone, since_ms, until_ms, within)
    else:
        rows = f"SELECT sensor, at, value, 0 AS old FROM raw WHERE {within} AND at IN (SELECT at FROM temp.added)"
        add_figures(database, rows, zone)
    database.execute(
        "INSERT OR REPLACE INTO carry SELECT sensor, max(at), value FROM raw WHERE sensor = ? AND value NOT NULL "
        "GROUP BY sensor",
        (sensor,),
    )


def recount_steps(database: sqlite3.Connection, sensor: int, zone: Zone) -> None:
    """The figures of a sensor that turns out to be a counter, of all days whose readings are there still."""
    first_ms, last_ms = database.execute("SELECT min(at), max(at) FROM raw WHERE sensor = ?", (sensor,)).fetchone()
    if first_ms is None:
        return
    until_ms = zone.start_ms(zone.day(last_ms) + 1)
    with database:
        database.execute("BEGIN IMMEDIATE")
        database.execute("CREATE TEMP TABLE added (at INTEGER PRIMARY KEY)")
        for day in (zone.day(first_ms), zone.day(first_ms) + 1):  # of the first some may be forgotten
            since_ms = zone.start_ms(day)
            within = f"sensor = {sensor} AND at >= {since_ms} AND at < {until_ms}"
            if since_ms < until_ms and _all_there(database, sensor, zone, since_ms, until_ms, within):
                _count_anew(database, sensor, zone, since_ms, until_ms, within)
                break
        database.execute("DROP TABLE temp.added")


def _count_anew(
    database: sqlite3.Connection, sensor: int, zone: Zone, since_ms: int, until_ms: int, within: str
) -> None:
    _forget(database, ("five", "hour", "day"), sensor, zone, since_ms, until_ms)
    before = (
        f"SELECT * FROM (SELECT sensor, at, value, 1 FROM raw WHERE sensor = {sensor} AND at < {since_ms} "
        "AND value NOT NULL ORDER BY at DESC LIMIT 1)"
    )
    add_figures(database, f"SELECT sensor, at, value, 0 AS old FROM raw WHERE {within} UNION ALL {before}", zone)


def _all_there(
    database: sqlite3.Connection, sensor: int, zone: Zone, since_ms: int, until_ms: int, within: str
) -> bool:
    """Whether what was counted of those days are the readings that are there, but for the new ones."""
    if since_ms % HOUR_MS or until_ms % HOUR_MS:
        return False
    (counted,) = database.execute(
        "SELECT total(count) FROM day WHERE sensor = ? AND at >= ? AND at < ?",
        (sensor, zone.day(since_ms), zone.day(until_ms)),
    ).fetchone()
    (there,) = database.execute(
        f"SELECT count(value) FROM raw WHERE {within} AND at NOT IN (SELECT at FROM temp.added)"
    ).fetchone()
    return bool(counted == there)


def _recount_states(database: sqlite3.Connection, sensor: int, zone: Zone, since_ms: int, until_ms: int) -> None:
    (counted,) = database.execute(
        "SELECT min(at) FROM hour_state WHERE sensor = ? AND at >= ? AND at < ?",
        (sensor, since_ms // HOUR_MS, -(-until_ms // HOUR_MS)),
    ).fetchone()
    (first,) = database.execute(
        "SELECT min(at) FROM raw WHERE sensor = ? AND at NOT IN (SELECT at FROM temp.added)", (sensor,)
    ).fetchone()
    if since_ms % HOUR_MS or until_ms % HOUR_MS or (counted is not None and (first or 1 << 62) // HOUR_MS > counted):
        return
    _forget(database, ("hour_state", "day_state"), sensor, zone, since_ms, until_ms)
    carried = database.execute("SELECT at, value FROM carry WHERE sensor = ?", (sensor,)).fetchone()
    changes = database.execute(
        "SELECT at, value FROM raw WHERE sensor = ? AND at >= ? AND at < ? ORDER BY at", (sensor, since_ms, until_ms)
    ).fetchall()
    before = database.execute(
        "SELECT value FROM raw WHERE sensor = ? AND at < ? ORDER BY at DESC LIMIT 1", (sensor, since_ms)
    ).fetchone()
    counted_ms = max(changes[-1][0], carried[0] if carried is not None else 0)
    since = (since_ms, before[0]) if before is not None else None
    count_states(database, zone, [(sensor, since, changes, min(until_ms, counted_ms))])
    if carried is not None and carried[0] > until_ms:
        database.execute("INSERT OR REPLACE INTO carry VALUES (?, ?, ?)", (sensor, *carried))


def _forget(
    database: sqlite3.Connection, tables: Sequence[str], sensor: int, zone: Zone, since_ms: int, until_ms: int
) -> None:
    for table in tables:
        unit = FIVE_MS if table == "five" else HOUR_MS
        first, until = since_ms // unit, until_ms // unit
        if table.startswith("day"):
            first, until = zone.day(since_ms), zone.day(until_ms)
        database.execute(f"DELETE FROM {table} WHERE sensor = ? AND at >= ? AND at < ?", (sensor, first, until))
