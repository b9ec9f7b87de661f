"""Histories that a test writes down: numbers by a function of the minute, states by their changes."""

from collections.abc import Callable, Iterable
from datetime import UTC
from pathlib import Path

from edge.sensors.history.model import Counter, Sensor, Sort
from edge.sensors.history.packing import packed
from edge.sensors.history.reader import Reader
from edge.sensors.history.rollup import Zone, move
from edge.sensors.history.schema import open_to_write
from edge.sensors.history.writer import insert_rows, put_sensor, put_state

ZONE = Zone(UTC)
START_S = 1_780_272_000.0  # a Monday, 1 June 2026, midnight UTC
DAY_MIN = 1440


class Past:
    """`days` whole days, and the minutes of the last one up to `until_min`; then `reader()` tells of it."""

    def __init__(self, file: Path, days: int, until_min: int = 0) -> None:
        self.file = file
        self.minutes = days * DAY_MIN + until_min
        self.now_s = START_S + 60.0 * self.minutes
        self._database = open_to_write(file)
        self._database.execute("PRAGMA synchronous=OFF")

    def numbers(
        self,
        key: str,
        value: Callable[[int], float | None],
        *,
        name: str = "",
        unit: str = "°C",
        kind: str = "temperature",
        area: str = "pump_room",
        every_min: int = 5,
        counter: Counter = Counter.NO,
    ) -> None:
        """`value`: by the minute since the beginning; None: it says nothing then."""
        number = put_sensor(self._database, Sensor(key, Sort.NUMBER, name or key, unit, kind, area, counter))
        said = ((minute, value(minute)) for minute in range(0, self.minutes, every_min))
        self._insert(number, ((minute, packed(round(one, 3))) for minute, one in said if one is not None))

    def states(
        self,
        key: str,
        changes: Iterable[tuple[float, str | None]],
        *,
        name: str = "",
        kind: str = "",
        area: str = "pump_room",
    ) -> None:
        """Minutes since the beginning, and the state from then on."""
        number = put_sensor(self._database, Sensor(key, Sort.STATE, name or key, "", kind, area))
        self._insert(number, ((at, put_state(self._database, one) if one else None) for at, one in changes))

    def settle(self) -> None:
        """Sort everything into the figures, as happens once an hour."""
        self._database.commit()
        move(self._database, ZONE, round(self.now_s * 1000))

    def reader(self) -> Reader:
        self._database.commit()
        return Reader(self.file, ZONE, wall_s=lambda: self.now_s)

    def close(self) -> None:
        self._database.close()

    def _insert(self, number: int, rows: Iterable[tuple[float, float | int | None]]) -> None:
        flat: list[int | float | None] = []
        for minute, value in rows:
            flat += [number, round((START_S + 60 * minute) * 1000), value]
        insert_rows(self._database, flat)


def spells(times: Iterable[tuple[float, float]]) -> list[tuple[float, str]]:
    """Changes of something that is on from one minute to another."""
    return [(0.0, "off"), *((at, state) for on, off in times for at, state in ((on, "on"), (off, "off")))]
