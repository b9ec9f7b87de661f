"""Made-up series with what is wrong in them labelled, and what families of them have in common. It is nobody's data.

`series_training` and `series_processes` are what the scorer is taught on; `series_validation` (other kinds of thing)
says whether that holds elsewhere; `series_test` (the kinds people judge detectors by, made otherwise) had no
part in it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Make = Callable[[np.random.Generator], "Series"]


@dataclass(frozen=True)
class Series:
    """`marks` are where faults begin; windows a tenth of the series in all lie about them, as such benchmarks do."""

    name: str
    at_s: Values
    values: Values
    marks: list[int] = field(default_factory=list)

    def windows(self) -> list[tuple[int, int]]:
        """First and last place of each window; overlapping ones are one."""
        if not self.marks:
            return []
        half = int(len(self.values) * 0.1 / len(self.marks) / 2)
        found: list[tuple[int, int]] = []
        for mark in sorted(self.marks):
            first, last = max(0, mark - half), min(len(self.values) - 1, mark + half)
            if found and first <= found[-1][1]:
                found[-1] = (found[-1][0], last)
            else:
                found.append((first, last))
        return found


def times(count: int, step_s: float = 300.0, start_s: float = 1.392e9) -> Values:
    return start_s + step_s * np.arange(count)


def of_day(at_s: Values) -> Values:
    return (at_s % 86400.0) / 86400.0


def weekday(at_s: Values) -> Values:
    return (at_s // 86400.0 + 3) % 7


def places(rng: np.random.Generator, count: int, most: int, first: float = 0.2) -> list[int]:
    """One to `most` places, well apart."""
    wanted = int(rng.integers(1, most + 1))
    chosen: list[int] = []
    for _ in range(100):
        place = int(rng.uniform(first, 0.94) * count)
        if all(abs(place - other) > count * 0.12 for other in chosen):
            chosen.append(place)
        if len(chosen) == wanted:
            break
    return sorted(chosen)


def walk(rng: np.random.Generator, count: int, size: float, memory: float) -> Values:
    """Noise that remembers: first-order, with standard deviation `size`."""
    steps = rng.normal(0, size * np.sqrt(1 - memory**2), count)
    values = np.empty(count)
    now = rng.normal(0, size)
    for place in range(count):
        now = memory * now + steps[place]
        values[place] = now
    return values


def lived_in(rng: np.random.Generator, series: Series) -> Series:
    """With what real series have besides: stray spikes, bursts, steps and creeping that nobody would call a fault."""
    values = series.values.copy()
    count = len(values)
    spread = float(np.std(values)) or 1.0
    positive = float(values.min()) >= 0
    if rng.random() < 0.5:
        for place in rng.integers(0, count, rng.poisson(4)):
            values[place : place + int(rng.integers(1, 3))] += spread * rng.uniform(1, 5) * rng.choice([1, 1, 1, -1])
    if rng.random() < 0.4:
        for place in rng.integers(0, count, rng.integers(1, 4)):
            length = int(rng.integers(5, 60))
            values[place : place + length] += spread * rng.uniform(0.5, 2.5)
    if rng.random() < 0.35:
        for place in rng.integers(0, count, rng.integers(1, 3)):
            values[place:] += spread * rng.uniform(-1, 1)
    if rng.random() < 0.35:
        values += walk(rng, count, spread * rng.uniform(0.2, 0.8), 1 - 4 / count)
    if positive:
        values = np.clip(values, 0, None)
    marks = [int(np.clip(mark + rng.normal(0, count * 0.008), 0, count - 1)) for mark in series.marks]
    if rng.random() < 0.12:
        marks.append(int(rng.uniform(0.2, 0.95) * count))
    return Series(series.name, series.at_s, values, sorted(marks))


UNTOUCHED = ("clean", "day", "denser")
"""What is made by hand as it is, in the benchmark too."""


def corpus(families: dict[Make, int], seed: int) -> list[Series]:
    """The same for the same seed."""
    made = []
    for place, (make, copies) in enumerate(families.items()):
        for copy in range(copies):
            rng = np.random.default_rng([seed, place, copy])
            one = make(rng)
            made.append(one if one.name in UNTOUCHED else lived_in(rng, one))
    return made
