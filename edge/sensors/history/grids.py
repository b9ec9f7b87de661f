"""Loads many series at once, for what compares them: numbers on a grid of five minutes, states as their changes."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from edge.sensors.history.model import Counter, Sensor, Sort
from edge.sensors.history.packing import real
from edge.sensors.history.schema import FIVE_MS, HOUR_MS

Values = NDArray[np.float64]

STEP_S: Final = FIVE_MS // 1000
_PER_HOUR: Final = HOUR_MS // FIVE_MS
_MOST_CHANGES: Final = 3000
"""Of one sensor: the latest."""
_HELD: Final = 36
"""A sensor that reports when something changes is where it was for so many buckets."""


@dataclass(frozen=True, slots=True)
class Daily:
    """The figures of one day of the home (`date.toordinal`), or of another stretch of time."""

    day: int
    count: int
    low: float
    high: float
    mean: float
    gain: float | None


@dataclass(frozen=True, slots=True)
class Change:
    """A state's change; None: it said nothing usable from then on."""

    at_s: float
    state: str | None


class Grids:
    """One look at the database; what is not yet among the figures is read once."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._fresh_numbers: dict[int, list[tuple[int, float, float | None]]] | None = None
        self._fresh_states: dict[int, list[tuple[int, int | None]]] = {}
        self._states = dict(database.execute("SELECT id, name FROM state").fetchall())
        self.ids: dict[str, int] = {}
        self.sensors: dict[str, Sensor] = {}
        for number, key, sort, name, unit, kind, area, counter in database.execute(
            "SELECT id, key, sort, name, unit, device_class, area, counter FROM sensor ORDER BY id"
        ):
            self.ids[key] = number
            self.sensors[key] = Sensor(key, Sort(sort), name, unit, kind, area, Counter(counter))

    def grid(self, key: str, first: int, count: int) -> Values:
        """The mean of each five minutes, or what a counter went up by the hour; NaN where nothing was said."""
        number, counts = self.ids[key], self.sensors[key].counter is not Counter.NO
        values = np.full(count, np.nan)
        column = f"{real('gain')} * {_PER_HOUR}.0" if counts else f"{real('sum')} / count"
        at, said = self._columns("five", column, number, first, first + count)
        values[at - first] = said
        if not len(at) or at[0] > first + _PER_HOUR:
            until = int(at[0]) if len(at) else first + count
            self._from_hours(values, number, first, until, counts=counts)
        for bucket, mean, gain in self._fresh().get(number, ()):
            if not first <= bucket < first + count:
                continue
            before = values[bucket - first]
            if counts:
                values[bucket - first] = (gain or 0.0) * _PER_HOUR + (0.0 if np.isnan(before) else before)
            else:
                values[bucket - first] = mean
        return values

    def changes(self, key: str, since_s: float, until_s: float) -> list[Change]:
        """Its changes within a span, the oldest first, after the one that was in force when it began."""
        number, since_ms, until_ms = self.ids[key], round(since_s * 1000), round(until_s * 1000)
        (text,) = self._database.execute(
            "SELECT json_group_array(json_array(at, value)) FROM (SELECT at, value FROM raw WHERE sensor = ?1 AND "
            "at >= ifnull((SELECT max(at) FROM raw WHERE sensor = ?1 AND at <= ?2), ?2) AND at < ?3 "
            "ORDER BY at DESC LIMIT ?4)",
            (number, since_ms, until_ms, _MOST_CHANGES),
        ).fetchone()
        rows: list[Any] = json.loads(text)[::-1]
        self._fresh()
        rows += [(at, value) for at, value in self._fresh_states.get(number, ()) if at < until_ms]
        found: list[Change] = []
        for at, value in rows:
            state = self._states.get(value)
            if not found or found[-1].state != state:
                found.append(Change(at / 1000, state))
        return found

    def changed_within(self, keys: Iterable[str], since_s: float, until_s: float) -> list[str]:
        """Those of them that changed within a span, in the order given."""
        since_ms, until_ms = round(since_s * 1000), round(until_s * 1000)
        self._fresh()
        found = []
        for key in keys:
            number = self.ids[key]
            row = self._database.execute(
                "SELECT 1 FROM raw WHERE sensor = ? AND at >= ? AND at < ? LIMIT 1", (number, since_ms, until_ms)
            ).fetchone()
            if row or any(since_ms <= at < until_ms for at, _ in self._fresh_states.get(number, ())):
                found.append(key)
        return found

    def swings(self, keys: Iterable[str], day: int, days: int) -> Mapping[str, float]:
        """How far each usually goes within a day: the middle of the days before `day` (`date.toordinal`)."""
        by_id = {self.ids[key]: key for key in keys}
        (text,) = self._database.execute(
            f"SELECT json_group_array(json_array(sensor, {real('high')} - {real('low')})) FROM day "
            "WHERE sensor IN (SELECT value FROM json_each(?)) AND at >= ? AND at < ? AND high NOT NULL",
            (json.dumps(list(by_id)), day - days, day),
        ).fetchone()
        ranges: dict[int, list[float]] = {}
        for number, swing in json.loads(text):
            ranges.setdefault(number, []).append(swing)
        return {by_id[number]: float(np.median(found)) for number, found in ranges.items()}

    def daily(self, first: int, until: int) -> dict[str, list[Daily]]:
        """The figures of whole days, [first, until) as `date.toordinal` counts, of every number, the oldest first."""
        (text,) = self._database.execute(
            f"SELECT json_group_array(json_array(sensor, at, count, {real('low')}, {real('high')}, {real('sum')}, "
            f"{real('gain')})) FROM sensor CROSS JOIN day ON sensor = id AND at >= ? AND at < ? "
            "WHERE sort = 'number' AND count > 0",
            (first, until),
        ).fetchone()
        keys = {number: key for key, number in self.ids.items()}
        found: dict[str, list[Daily]] = {}
        for number, day, count, low, high, total, gain in json.loads(text):
            if number in keys:
                found.setdefault(keys[number], []).append(Daily(day, count, low, high, total / count, gain))
        for days in found.values():
            days.sort(key=lambda one: one.day)
        return found

    def figures(self, since_s: float, until_s: float) -> dict[str, Daily]:
        """The figures of a stretch of time, to the hour, of every number that said something in it."""
        since, until = int(since_s * 1000) // HOUR_MS, -(-int(until_s * 1000) // HOUR_MS)
        sums: dict[int, list[Any]] = {}
        for number, count, low, high, total, gain in self._database.execute(
            f"SELECT sensor, sum(count), min({real('low')}), max({real('high')}), total({real('sum')}), "
            f"sum({real('gain')}) FROM sensor CROSS JOIN hour ON sensor = id AND at >= ? AND at < ? "
            "WHERE sort = 'number' AND count > 0 GROUP BY id",
            (since, until),
        ):
            sums[number] = [count, low, high, total, gain]
        counts = self._counters
        for number, rows in self._fresh().items():
            within = [row for row in rows if since <= row[0] * FIVE_MS // HOUR_MS < until]
            for _, mean, gain in within:
                one = sums.setdefault(number, [0, None, None, 0.0, None])
                one[4] = (one[4] or 0.0) + (gain or 0.0) if number in counts else None
                if number not in counts:
                    one[0], one[3] = one[0] + 1, one[3] + mean
                    one[1] = mean if one[1] is None else min(one[1], mean)
                    one[2] = mean if one[2] is None else max(one[2], mean)
        keys = {number: key for key, number in self.ids.items()}
        return {
            keys[number]: Daily(0, count, low or 0.0, high or 0.0, total / max(1, count), gain)
            for number, (count, low, high, total, gain) in sums.items()
            if number in keys
        }

    def last_s(self, keys: Iterable[str]) -> dict[str, float]:
        """When each said something last, as far as single readings are kept."""
        found = {}
        fresh = self._fresh()
        for key in keys:
            number = self.ids[key]
            (at,) = self._database.execute(
                "SELECT max(at) FROM raw WHERE sensor = ? AND value NOT NULL", (number,)
            ).fetchone()
            if rows := fresh.get(number):
                at = max(at or 0, max(bucket for bucket, _, _ in rows) * FIVE_MS)
            if at is not None:
                found[key] = at / 1000
        return found

    def readings(self, key: str, since_s: float, until_s: float) -> list[tuple[float, float]]:
        """Single readings of numbers, as far as they are there still."""
        values = (self.ids[key], round(since_s * 1000), round(until_s * 1000))
        return [
            (at / 1000, value)
            for at, value in self._database.execute(
                f"SELECT at, {real('value')} FROM raw WHERE sensor = ?1 AND at >= ?2 AND at < ?3 AND value NOT NULL "
                f"UNION ALL SELECT at, {real('value')} FROM fresh WHERE sensor = ?1 AND at >= ?2 AND at < ?3 "
                "AND value NOT NULL ORDER BY 1",
                values,
            )
        ]

    def fell_silent(self, since_s: float, until_s: float) -> list[tuple[float, str]]:
        """Which states began to say nothing usable within a span, and when, the earliest first."""
        since_ms, until_ms = round(since_s * 1000), round(until_s * 1000)
        keys = {number: key for key, number in self.ids.items() if self.sensors[key].sort is Sort.STATE}
        found = [
            (at / 1000, keys[number])
            for number in keys
            for (at,) in self._database.execute(
                "SELECT at FROM raw WHERE sensor = ? AND at >= ? AND at < ? AND value IS NULL",
                (number, since_ms, until_ms),
            )
        ]
        self._fresh()
        for number, rows in self._fresh_states.items():
            found += [(at / 1000, keys[number]) for at, value in rows if value is None and since_ms <= at < until_ms]
        return sorted(found)

    # Rows ----------------------------------------------------------------------------------------------------------

    def _columns(
        self, table: str, column: str, number: int, first: int, until: int
    ) -> tuple[NDArray[np.int64], Values]:
        """Many rows as one: each row fetched has to wait for the other threads."""
        at, said = self._database.execute(
            f"SELECT json_group_array(at), json_group_array({column}) FROM {table} "
            "WHERE sensor = ? AND at >= ? AND at < ? AND count > 0",
            (number, first, until),
        ).fetchone()
        return np.array(json.loads(at), np.int64), np.array(json.loads(said), np.float64)

    def _from_hours(self, values: Values, number: int, first: int, until: int, *, counts: bool) -> None:
        """Before five-minute figures are kept there are hours."""
        column = real("gain") if counts else f"{real('sum')} / count"
        at, said = self._columns("hour", column, number, first // _PER_HOUR, -(-until // _PER_HOUR))
        for hour, value in zip(at.tolist(), said.tolist(), strict=True):
            start = max(0, hour * _PER_HOUR - first)
            values[start : max(0, min((hour + 1) * _PER_HOUR, until) - first)] = value

    def _fresh(self) -> dict[int, list[tuple[int, float, float | None]]]:
        if self._fresh_numbers is None:
            self._fresh_numbers = {}
            counters = self._counters
            for number, bucket, mean in self._array(
                f"SELECT sensor AS a, at / {FIVE_MS} AS b, avg({real('value')}) AS c FROM fresh WHERE value NOT NULL "
                "AND sensor IN (SELECT id FROM sensor WHERE sort = 'number') GROUP BY 1, 2"
            ):
                self._fresh_numbers.setdefault(number, []).append((bucket, mean, None))
            for number in counters & self._fresh_numbers.keys():
                self._fresh_numbers[number] = self._gains(number)
            for number, at, value in self._array(
                "SELECT sensor AS a, at AS b, value AS c FROM fresh "
                "WHERE sensor IN (SELECT id FROM sensor WHERE sort = 'state') ORDER BY at"
            ):
                self._fresh_states.setdefault(number, []).append((at, value))
        return self._fresh_numbers

    def _array(self, query: str) -> list[Any]:
        """Rows of `a`, `b` and `c` as one text: each row fetched has to wait for the other threads."""
        (text,) = self._database.execute(f"SELECT json_group_array(json_array(a, b, c)) FROM ({query})").fetchone()
        rows: list[Any] = json.loads(text)
        return rows

    @property
    def _counters(self) -> set[int]:
        return {self.ids[key] for key, one in self.sensors.items() if one.counter is not Counter.NO}

    def _gains(self, number: int) -> list[tuple[int, float, float | None]]:
        """What a counter went up in each five minutes that are not among the figures yet."""
        row = self._database.execute(f"SELECT {real('value')} FROM carry WHERE sensor = ?", (number,)).fetchone()
        before: float | None = row[0] if row else None
        gains: dict[int, float] = {}
        for at, value in self._database.execute(
            f"SELECT at, {real('value')} FROM fresh WHERE sensor = ? AND value NOT NULL ORDER BY at", (number,)
        ):
            step = 0.0 if before is None else value - before if value >= 0.9 * before else value
            gains[at // FIVE_MS] = gains.get(at // FIVE_MS, 0.0) + step
            before = value
        return [(bucket, gain, gain) for bucket, gain in gains.items()]


def held(values: Values, most: int = _HELD) -> Values:
    """Without gaps that are short: a value holds until the next one comes."""
    there = ~np.isnan(values)
    if not there.any():
        return values
    last = np.where(there, np.arange(len(values)), -1)
    np.maximum.accumulate(last, out=last)
    age = np.arange(len(values)) - last
    return np.where((last >= 0) & (age <= most), values[np.maximum(last, 0)], np.nan)
