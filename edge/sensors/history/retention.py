"""Forgets what is too old, and the oldest where there is too much."""

import logging
import sqlite3
from dataclasses import dataclass
from typing import Final

from edge.sensors.history.schema import DAY_MS, FIVE_MS, HOUR_MS, size_bytes

log = logging.getLogger(__name__)

_EACH_HOUR: Final = 24
"""Every sensor's turn comes once a day: deleting a day at once touches fewer pages than deleting an hour each hour."""
_KEEP: Final = 0.95
"""Of the most, after the oldest have gone."""
_STEPS: Final = 8
_LAST_STATE: Final = (
    "DELETE FROM raw WHERE sensor = ?1 AND at < (SELECT max(at) FROM raw WHERE sensor = ?1 AND at < ?2)"
)


@dataclass(frozen=True, slots=True)
class Keep:
    """How long, in days, and how much."""

    raw_days: float = 7.0
    five_minute_days: float = 30.0
    most_bytes: int = 3 << 29


def forget_old(database: sqlite3.Connection, keep: Keep, now_ms: int, *, all_at_once: bool = False) -> None:
    """Delete readings and five-minute figures that are too old, of the sensors whose turn it is in this hour."""
    turn = now_ms // HOUR_MS % _EACH_HOUR
    with database:
        for sensor, sort in database.execute("SELECT id, sort FROM sensor").fetchall():
            if all_at_once or sensor % _EACH_HOUR == turn:
                _forget(database, sensor, sort == "state", keep.raw_days, keep.five_minute_days, now_ms)
    database.executescript("PRAGMA incremental_vacuum(2000)")


def make_room(database: sqlite3.Connection, keep: Keep, now_ms: int) -> None:
    """Where it is too large, forget sooner: readings, then five-minute figures, then hours, a step at a time."""
    if size_bytes(database) <= keep.most_bytes:
        return
    log.warning("history.too_large", extra={"most_bytes": keep.most_bytes, "remedy": "history.most_bytes, raw_days"})
    sensors = database.execute("SELECT id, sort FROM sensor").fetchall()
    steps = [(keep.raw_days * 0.7**step, keep.five_minute_days) for step in range(1, _STEPS)]
    steps += [(keep.raw_days * 0.7**_STEPS, keep.five_minute_days * 0.5**step) for step in range(1, _STEPS)]
    for raw_days, five_days in steps:
        with database:
            for sensor, sort in sensors:
                _forget(database, sensor, sort == "state", raw_days, five_days, now_ms)
        if size_bytes(database) <= keep.most_bytes * _KEEP:
            break
    else:
        _forget_hours(database, keep, sensors)
    database.executescript("PRAGMA incremental_vacuum")


def _forget(
    database: sqlite3.Connection, sensor: int, is_state: bool, raw_days: float, five_days: float, now_ms: int
) -> None:
    raw_ms, five_ms = now_ms - int(raw_days * DAY_MS), now_ms - int(five_days * DAY_MS)
    if is_state:
        # The state that was left then, and lasts: what was before is not needed to know it.
        database.execute(_LAST_STATE, (sensor, five_ms))
        return
    database.execute("DELETE FROM raw WHERE sensor = ? AND at < ?", (sensor, raw_ms))
    database.execute("DELETE FROM five WHERE sensor = ? AND at < ?", (sensor, five_ms // FIVE_MS))


def _forget_hours(database: sqlite3.Connection, keep: Keep, sensors: list[tuple[int, str]]) -> None:
    (first, last) = database.execute("SELECT min(at), max(at) FROM hour").fetchone()
    while first is not None and first < last and size_bytes(database) > keep.most_bytes * _KEEP:
        first += max(1, (last - first) // 10)
        with database:
            for sensor, _ in sensors:
                database.execute("DELETE FROM hour WHERE sensor = ? AND at < ?", (sensor, first))
                database.execute("DELETE FROM hour_state WHERE sensor = ? AND at < ?", (sensor, first))
