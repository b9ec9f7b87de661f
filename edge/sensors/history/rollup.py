"""Turns fresh readings into five-minute, hourly and daily figures and time in state, and sets them where they stay."""

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from typing import Final

from edge.sensors.history.packing import both, least, real
from edge.sensors.history.schema import FIVE_MS, HOUR_MS

_RESET: Final = 0.9
"""A counter below so much of its last value has begun anew."""
_MERGED: Final = (
    "ON CONFLICT (sensor, at) DO UPDATE SET count = count + excluded.count, "
    f"low = {both('min', 'low', 'excluded.low')}, high = {both('max', 'high', 'excluded.high')}, "
    f"sum = {both('+', 'sum', 'excluded.sum')}, gain = {both('+', 'gain', 'excluded.gain')}"
)
_STEP: Final = (
    f"CASE WHEN before IS NULL OR counter = '' THEN NULL WHEN counter = 'total_increasing' "
    f"AND {real('value')} < {_RESET} * {real('before')} THEN {real('value')} "
    f"ELSE {real('value')} - {real('before')} END"
)
STEPS: Final = f"""
SELECT sensor, at, value, {_STEP} AS step FROM (
  SELECT sensor, at, value, old, counter, lag(value) OVER (PARTITION BY sensor ORDER BY at) AS before FROM (
    SELECT r.sensor, r.at, r.value, r.old, s.counter FROM ({{rows}}) AS r JOIN sensor AS s ON s.id = r.sensor
    WHERE s.sort = 'number' AND r.value IS NOT NULL)) WHERE NOT old
"""
"""Readings with what a counter went up since the one before; `rows` gives sensor, at, value, and `old` for what is
there as the one before alone. What was unavailable in between does not matter to a counter."""

FIGURES: Final = (
    f"count(value), {least('min', 'value')}, {least('max', 'value')}, {least('sum', 'value')}, round(sum(step), 9)"
)
_FRESH: Final = (
    "SELECT sensor, at, value, 0 AS old FROM fresh UNION ALL "
    "SELECT sensor, at, value, 1 FROM carry WHERE sensor IN (SELECT sensor FROM fresh)"
)
_OF_FIVES: Final = (
    f"sum(count), {least('min', 'low')}, {least('max', 'high')}, {least('sum', 'sum')}, sum({real('gain')})"
)


@dataclass(frozen=True, slots=True)
class Zone:
    """The home's days."""

    zone: tzinfo | None = None
    """None: the machine's."""

    def day(self, at_ms: int) -> int:
        """The number (`date.toordinal`) of the day that a moment is in."""
        return datetime.fromtimestamp(at_ms / 1000, self.zone or UTC).astimezone(self.zone).toordinal()

    def start_ms(self, day: int) -> int:
        """When a day begins."""
        return round(datetime.combine(date.fromordinal(day), time(), self.zone).timestamp() * 1000)


def move(database: sqlite3.Connection, zone: Zone, now_ms: int) -> int:
    """Everything that is fresh goes to where it stays, and states that last are counted up to now, in one transaction.

    Returns how many readings went.
    """
    with database:
        database.execute("BEGIN IMMEDIATE")
        add_figures(database, _FRESH, zone)
        _add_time_in_state(database, zone, now_ms)
        count = database.execute(
            "INSERT OR REPLACE INTO raw SELECT sensor, at, value FROM fresh ORDER BY sensor, at"
        ).rowcount
        database.execute(
            "INSERT OR REPLACE INTO carry SELECT sensor, max(at), value FROM fresh WHERE value IS NOT NULL "
            "AND sensor IN (SELECT id FROM sensor WHERE sort = 'number') GROUP BY sensor"
        )
        database.execute("DELETE FROM fresh")
        database.execute("INSERT OR REPLACE INTO fact VALUES ('moved', ?)", (now_ms,))
    return count


def add_figures(database: sqlite3.Connection, rows: str, zone: Zone) -> None:
    """Add the figures of readings to those that are there; `rows` as in `STEPS`. In the caller's transaction."""
    database.execute("DROP TABLE IF EXISTS temp.fives")
    database.execute(
        f"CREATE TEMP TABLE fives AS SELECT sensor, at / {FIVE_MS} AS at, count(value) AS count, "
        f"{least('min', 'value')} AS low, {least('max', 'value')} AS high, {least('sum', 'value')} AS sum, "
        f"round(sum(step), 9) AS gain FROM ({STEPS.format(rows=rows)}) GROUP BY sensor, at / {FIVE_MS}"
    )
    buckets = [bucket for (bucket,) in database.execute("SELECT DISTINCT at FROM temp.fives")]
    database.execute("CREATE TEMP TABLE days (bucket INTEGER PRIMARY KEY, day INTEGER)")
    database.executemany("INSERT INTO temp.days VALUES (?, ?)", [(one, zone.day(one * FIVE_MS)) for one in buckets])
    per_hour = HOUR_MS // FIVE_MS
    for table, at, source in (
        ("five", None, "temp.fives"),
        ("hour", f"at / {per_hour}", "temp.fives"),
        ("day", "day", "temp.fives JOIN temp.days ON bucket = at"),
    ):
        figures = f"sensor, {at}, {_OF_FIVES}" if at else "*"
        group = f"GROUP BY sensor, {at}" if at else ""
        database.execute(f"INSERT INTO {table} SELECT {figures} FROM {source} WHERE true {group} {_MERGED}")
    database.execute("DROP TABLE temp.fives")
    database.execute("DROP TABLE temp.days")


# States ------------------------------------------------------------------------------------------------------------


def _add_time_in_state(database: sqlite3.Connection, zone: Zone, now_ms: int) -> None:
    """States go on until the next one; `carry` has, for each, when it has been counted up to."""
    known = {
        sensor: (at, value)
        for sensor, at, value in database.execute(
            "SELECT sensor, at, value FROM carry WHERE sensor IN (SELECT id FROM sensor WHERE sort = 'state')"
        )
    }
    changes: dict[int, list[tuple[int, int | None]]] = {}
    for sensor, at, value in database.execute(
        "SELECT sensor, at, value FROM fresh WHERE sensor IN (SELECT id FROM sensor WHERE sort = 'state') "
        "ORDER BY sensor, at"
    ):
        changes.setdefault(sensor, []).append((at, value))
    count_states(database, zone, [(one, known.get(one), changes.get(one, []), now_ms) for one in known | changes])


def count_states(
    database: sqlite3.Connection,
    zone: Zone,
    work: "list[tuple[int, tuple[int, int | None] | None, list[tuple[int, int | None]], int]]",
) -> None:
    """Add time in state: for each sensor since when it is in which state, its changes, and until when."""
    hours: dict[tuple[int, int, int], list[int]] = {}
    days: dict[tuple[int, int, int], list[int]] = {}
    carried = []
    for sensor, since, changes, until_ms in work:
        at, state = since if since is not None else (changes[0][0], None)
        for next_at, next_state in [*changes, (max(until_ms, at), state if not changes else changes[-1][1])]:
            if state is not None and next_at > at:
                _spread(hours, sensor, state, at, next_at, lambda ms: ms // HOUR_MS, lambda hour: hour * HOUR_MS)
                _spread(days, sensor, state, at, next_at, zone.day, zone.start_ms)
            if state is not None and next_state is not None and next_state != state:
                for table, bucket in ((hours, next_at // HOUR_MS), (days, zone.day(next_at))):
                    table.setdefault((sensor, bucket, next_state), [0, 0])[1] += 1
            at, state = max(at, next_at), next_state
        carried.append((sensor, at, state))
    for name, table in (("hour_state", hours), ("day_state", days)):
        database.executemany(
            f"INSERT INTO {name} VALUES (?, ?, ?, ?, ?) ON CONFLICT (sensor, at, state) DO UPDATE "
            "SET ms = ms + excluded.ms, times = times + excluded.times",
            [(*key, *value) for key, value in table.items()],
        )
    database.executemany("INSERT OR REPLACE INTO carry VALUES (?, ?, ?)", carried)


def _spread(
    table: dict[tuple[int, int, int], list[int]],
    sensor: int,
    state: int,
    since_ms: int,
    until_ms: int,
    bucket_of: Callable[[int], int],
    start_of: Callable[[int], int],
) -> None:
    for bucket, ms in _slices(since_ms, until_ms, bucket_of, start_of):
        table.setdefault((sensor, bucket, state), [0, 0])[0] += ms


def _slices(
    since_ms: int, until_ms: int, bucket_of: Callable[[int], int], start_of: Callable[[int], int]
) -> Iterator[tuple[int, int]]:
    bucket, at = bucket_of(since_ms), since_ms
    while at < until_ms:
        end = min(until_ms, start_of(bucket + 1))
        yield bucket, end - at
        bucket, at = bucket + 1, end
