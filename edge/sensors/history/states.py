"""How long and how often something was in a state: exactly from its changes, by the hour where those are too old."""

import sqlite3
from collections.abc import Iterator
from typing import Final

from edge.sensors.history.rollup import Zone
from edge.sensors.history.schema import HOUR_MS

_CHANGES: Final = (
    "SELECT at, value FROM raw WHERE sensor = ?1 AND at >= ?2 AND at < ?3 UNION ALL "
    "SELECT at, value FROM fresh WHERE sensor = ?1 AND at >= ?2 AND at < ?3 ORDER BY at"
)
_STATE_AT: Final = (
    "SELECT at, value FROM (SELECT * FROM (SELECT at, value FROM raw WHERE sensor = ?1 AND at <= ?2 "
    "ORDER BY at DESC LIMIT 1) UNION ALL SELECT at, value FROM fresh WHERE sensor = ?1 AND at <= ?2) "
    "ORDER BY at DESC LIMIT 1"
)


class States:
    """Questions about one sensor's states; times are milliseconds."""

    def __init__(self, database: sqlite3.Connection, sensor: int, zone: Zone) -> None:
        self._database = database
        self._sensor = sensor
        self._zone = zone
        self._names = dict(database.execute("SELECT id, name FROM state").fetchall())

    def time_in(self, since_ms: int, until_ms: int) -> dict[str, float]:
        """Seconds by state."""
        found: dict[int, int] = {}
        exact_ms = self._exact_since(since_ms)
        for state, ms in self._figures("ms", since_ms, min(exact_ms, until_ms)):
            found[state] = found.get(state, 0) + ms
        for at, spell, end in self._spells(max(exact_ms, since_ms), until_ms):
            if spell is not None:
                found[spell] = found.get(spell, 0) + end - at
        return {self._names[state]: ms / 1000 for state, ms in found.items() if ms}

    def times(self, since_ms: int, until_ms: int) -> dict[str, int]:
        """How often it went into each state from another one that is known."""
        found: dict[int, int] = {}
        exact_ms = self._exact_since(since_ms)
        for state, times in self._figures("times", since_ms, min(exact_ms, until_ms)):
            found[state] = found.get(state, 0) + times
        before: int | None = None
        for _, spell, _ in self._spells(max(exact_ms, since_ms), until_ms):
            if spell is not None and before not in (None, spell):
                found[spell] = found.get(spell, 0) + 1
            before = spell
        return {self._names[state]: count for state, count in found.items() if count}

    def last_in(self, name: str, before_ms: int) -> tuple[float, float | None] | None:
        """When it last went into a state and when it left, in seconds."""
        state = next((one for one, known in self._names.items() if known == name), None)
        row = self._database.execute(
            "SELECT max(at) FROM (SELECT * FROM (SELECT at FROM raw WHERE sensor = ?1 AND value = ?2 AND at < ?3 "
            "ORDER BY at DESC LIMIT 1) UNION ALL SELECT at FROM fresh WHERE sensor = ?1 AND value = ?2 AND at < ?3)",
            (self._sensor, state, before_ms),
        ).fetchone()
        if row is None or row[0] is None:
            return None
        (left,) = self._database.execute(
            "SELECT min(at) FROM (SELECT at FROM raw WHERE sensor = ?1 AND at > ?2 AND value IS NOT ?3 "
            "UNION ALL SELECT at FROM fresh WHERE sensor = ?1 AND at > ?2 AND value IS NOT ?3)",
            (self._sensor, row[0], state),
        ).fetchone()
        return row[0] / 1000, None if left is None else left / 1000

    def spells(self, since_ms: int, until_ms: int) -> Iterator[tuple[float, str | None, float]]:
        """Since when (seconds), in which state, until when; what is not known any more is left out."""
        for at, state, end in self._spells(since_ms, until_ms):
            if end > at:
                yield at / 1000, None if state is None else self._names[state], end / 1000

    def _spells(self, since_ms: int, until_ms: int) -> Iterator[tuple[int, int | None, int]]:
        """Since when, in which state, until when, within a span."""
        if since_ms >= until_ms:
            return
        at, state = since_ms, None
        row = self._database.execute(_STATE_AT, (self._sensor, since_ms)).fetchone()
        if row is not None:
            state = row[1]
        for next_at, next_state in self._database.execute(_CHANGES, (self._sensor, since_ms + 1, until_ms)).fetchall():
            yield at, state, next_at
            at, state = next_at, next_state
        yield at, state, until_ms

    def _exact_since(self, since_ms: int) -> int:
        """From when on changes are kept, on the hour; long ago where all of them are."""
        (first,) = self._database.execute("SELECT min(at) FROM raw WHERE sensor = ?", (self._sensor,)).fetchone()
        (hour,) = self._database.execute("SELECT min(at) FROM hour_state WHERE sensor = ?", (self._sensor,)).fetchone()
        if hour is None or (first is not None and first // HOUR_MS <= hour):
            return since_ms
        return (first // HOUR_MS + 1) * HOUR_MS if first is not None else 1 << 62

    def _figures(self, column: str, since_ms: int, until_ms: int) -> Iterator[tuple[int, int]]:
        """Of whole hours, those that begin within the span."""
        first, last = -(-since_ms // HOUR_MS), -(-until_ms // HOUR_MS)
        if first < last:
            yield from self._database.execute(
                f"SELECT state, total({column}) FROM hour_state WHERE sensor = ? AND at >= ? AND at < ? GROUP BY state",
                (self._sensor, first, last),
            ).fetchall()
