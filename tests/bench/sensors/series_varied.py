"""Series of any family once more, seen otherwise: upside down, coarser, with gaps, smoothed, cut short.

The scorer's network is taught on these too, lest it learn a family's looks.
"""

import numpy as np
from numpy.typing import NDArray

from tests.bench.sensors.series import Series, of_day

_LONGEST = 6000


def varied(rng: np.random.Generator, series: Series) -> Series:
    """Some of it, chosen by chance; `_LONGEST` rows at most, and what is wrong in the part that is left."""
    places = _kept(rng, len(series.values))
    values = series.values.copy()
    spread = float(np.std(values)) or 1.0
    if rng.random() < 0.25:
        values = float(values.max()) + float(values.min()) - values
    if rng.random() < 0.2:
        low = float(values.min())
        values = low + spread * ((values - low) / spread) ** rng.choice([0.5, 1.5, 2.0])
    if rng.random() < 0.15:
        width = int(rng.integers(2, 6))
        values = np.convolve(np.pad(values, (width - 1, 0), mode="edge"), np.ones(width) / width, mode="valid")
    if rng.random() < 0.2:
        values = values + spread * rng.uniform(0.2, 1.0) * np.sin(2 * np.pi * (of_day(series.at_s) - rng.random()))
    if rng.random() < 0.15:
        values = values + rng.normal(0, spread * rng.uniform(0.05, 0.4), len(values))
    if rng.random() < 0.2:
        unit = spread * rng.uniform(0.02, 0.5)
        values = np.round(values / unit) * unit
    marks = [int(np.searchsorted(places, mark)) for mark in series.marks if places[0] < mark < places[-1]]
    return Series(series.name, series.at_s[places], values[places], marks)


def _kept(rng: np.random.Generator, count: int) -> NDArray[np.intp]:
    places = np.arange(count)
    if rng.random() < 0.15 or count > 3 * _LONGEST:
        places = places[:: int(rng.integers(2, 4))]
    if rng.random() < 0.15:
        places = places[rng.random(len(places)) < rng.uniform(0.7, 0.98)]
    if len(places) > _LONGEST:
        first = int(rng.integers(0, len(places) - _LONGEST))
        places = places[first : first + _LONGEST]
    return places
