"""What the history knows and answers: a sensor, one reading, the figures of a span of time."""

from dataclasses import dataclass
from enum import StrEnum


class Sort(StrEnum):
    """What its values are."""

    NUMBER = "number"
    STATE = "state"


class Counter(StrEnum):
    """Whether its differences are what counts, as Home Assistant's state class says."""

    NO = ""
    INCREASING = "total_increasing"
    """A value well below the last one is a meter that began anew."""
    TOTAL = "total"
    """It may go down too."""


@dataclass(frozen=True, slots=True)
class Sensor:
    """One series: a device's state, or one of its attributes (`climate.hall:current_temperature`)."""

    key: str
    sort: Sort
    name: str = ""
    unit: str = ""
    device_class: str = ""
    area: str = ""
    """An area's id."""
    counter: Counter = Counter.NO

    @property
    def device(self) -> str:
        """The id of the device it belongs to."""
        return self.key.partition(":")[0]


@dataclass(frozen=True, slots=True)
class Point:
    """One reading: seconds since 1970 (UTC), and a number, a state's name, or None where it said nothing usable."""

    at_s: float
    value: float | str | None


@dataclass(frozen=True, slots=True)
class Stats:
    """The figures of a span; None where there was no reading. `gain` is what a counter went up, resets handled."""

    count: int = 0
    low: float | None = None
    high: float | None = None
    mean: float | None = None
    """Of the readings, each counting the same."""
    gain: float | None = None

    @property
    def sum(self) -> float | None:
        """Of all readings."""
        return None if self.mean is None else self.mean * self.count


@dataclass(frozen=True, slots=True)
class Bucket:
    """The figures of one slice of a series, for a plot."""

    at_s: float
    width_s: float
    stats: Stats
