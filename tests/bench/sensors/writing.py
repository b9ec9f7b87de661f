"""Writes what a simulated house's sensors say into a history, as a service that has run all the time would have."""

import sqlite3
from collections.abc import Sequence
from datetime import UTC

import numpy as np
from numpy.typing import NDArray

from edge.sensors.history.model import Sensor, Sort
from edge.sensors.history.packing import packed
from edge.sensors.history.retention import Keep, forget_old
from edge.sensors.history.rollup import Zone, move
from edge.sensors.history.writer import insert_rows, put_sensor, put_state

ZONE = Zone(UTC)
START_S = 1_797_811_200.0  # a midnight in December
Numbers = NDArray[np.float64]


class Writing:
    """Readings up to the moment of the question."""

    def __init__(self, database: sqlite3.Connection, rng: np.random.Generator, asked: int, reports_min: int) -> None:
        self._database, self._rng, self._asked, self._every = database, rng, asked, reports_min

    def numbers(
        self,
        key: str,
        name: str,
        unit: str,
        kind: str,
        area: str,
        values: Numbers,
        step: float,
        noise: float | None = None,
    ) -> None:
        rng = self._rng
        number = put_sensor(self._database, Sensor(key, Sort.NUMBER, name, unit, kind, area))
        at = np.arange(rng.integers(0, self._every), self._asked, self._every)
        at = at[rng.random(len(at)) > 0.01]
        seen = values[at] + rng.normal(0, step * 0.6 if noise is None else noise, len(at)) * (values[at] != 0)
        seen = np.round(np.round(seen / step) * step, 3)
        times = ((START_S + 60 * (at + 0.9 * rng.random(len(at)))) * 1000).astype(int)
        self._insert(number, times.tolist(), [packed(float(one)) for one in seen])

    def states(
        self,
        key: str,
        name: str,
        kind: str,
        area: str,
        changes: Sequence[tuple[float, str]],
        cut: tuple[float, float] | None = None,
    ) -> None:
        number = put_sensor(self._database, Sensor(key, Sort.STATE, name, "", kind, area))
        kept: list[tuple[float, str | None]] = [one for one in changes if one[0] < self._asked]
        if cut is not None and cut[0] < self._asked:
            kept = [one for one in kept if not cut[0] <= one[0] < cut[1]]
            kept += [(cut[0] + 0.2 + 0.3 * self._rng.random(), None)]
        ids = {name: put_state(self._database, name) for _, name in kept if name}
        times = [round((START_S + 60 * at) * 1000) for at, _ in kept]
        self._insert(number, times, [ids[name] if name else None for _, name in kept])

    def finish(self) -> None:
        now_ms = round((START_S + 60 * self._asked) * 1000)
        self._database.commit()
        move(self._database, ZONE, now_ms)
        forget_old(self._database, Keep(), now_ms, all_at_once=True)

    def _insert(self, number: int, times: Sequence[int], values: Sequence[float | int | None]) -> None:
        rows: list[float | int | None] = []
        for at, value in zip(times, values, strict=True):
            rows += [number, at, value]
        insert_rows(self._database, rows)
