"""More families to choose the scorer's constants on: regimes, clusters, pulses, volatility that comes in spells."""

import numpy as np

from tests.bench.sensors.series import Make, Series, Values, of_day, places, times, walk, weekday


def regimes(rng: np.random.Generator, count: int, levels: Values, lasting: float) -> Values:
    """One level after another, each for about `lasting` rows."""
    values = np.empty(count)
    place = 0
    while place < count:
        length = 1 + int(rng.exponential(lasting))
        values[place : place + length] = rng.choice(levels)
        place += length
    return values


def loads(rng: np.random.Generator) -> Series:
    """A few levels of load in turn, which is normal; another one is not."""
    count = 4032
    levels = np.sort(rng.uniform(5, 60, int(rng.integers(1, 4))))
    values = regimes(rng, count, levels, rng.uniform(10, 300))
    marks = places(rng, count, 3)
    for mark in marks:
        length = int(rng.integers(8, 300))
        values[mark : mark + length] = rng.choice([levels.max() * rng.uniform(1.15, 1.8), levels.min() * 0.5, 99.0])
    values = values * np.exp(rng.normal(0, rng.uniform(0.005, 0.08), count)) + rng.exponential(0.3, count)
    return Series("loads", times(count), np.round(np.clip(values, 0, 100), 2), marks)


def spells(rng: np.random.Generator) -> Series:
    """Bytes whose unrest comes in spells, as traffic's does."""
    count = 4032
    unrest, values = 0.3, np.empty(count)
    last = 0.0
    for place in range(count):
        unrest = np.sqrt(0.02 + 0.75 * unrest**2 + 0.15 * last**2)
        last = unrest * rng.standard_t(5)
        values[place] = last
    values = np.exp(rng.uniform(8, 14) + np.clip(values, -6, 6) * rng.uniform(0.5, 1))
    marks = places(rng, count, 3)
    for mark in marks:
        length = int(rng.integers(2, 80))
        values[mark : mark + length] *= rng.choice([0.05, 3.0, 6.0, 12.0])
    return Series("spells", times(count), np.round(values), marks)


def pulses(rng: np.random.Generator) -> Series:
    """A pulse about every so often; missing, doubled, or twice as high."""
    count = 4032
    period, width = int(rng.integers(10, 300)), int(rng.integers(1, 5))
    height = rng.uniform(5, 60)
    values = rng.uniform(0, 10) + rng.gamma(2, rng.uniform(0.05, 0.6), count)
    marks = places(rng, count, 2, 0.3)
    place = int(rng.integers(period))
    while place < count:
        within = [mark for mark in marks if mark <= place < mark + max(200, 2 * period)]
        size = height * rng.uniform(0.85, 1.15)
        if within and within[0] % 3 == 0:
            size *= 1.8
        if not (within and within[0] % 3 == 1):
            values[place : place + width] += size
        place += max(width + 1, int((period / 3 if within and within[0] % 3 == 2 else period) + rng.normal(0, 1)))
    return Series("pulses", times(count), values, marks)


def steps_and_flats(rng: np.random.Generator) -> Series:
    """Hardly any noise, few different values; a step, a value that was never there."""
    count = int(rng.choice([4032, 2500]))
    unit = rng.choice([0.1, 1.0, 2.0])
    values = rng.uniform(20, 60) + regimes(rng, count, np.array([0.0, unit, 2 * unit]), rng.uniform(2, 80))
    marks = places(rng, count, 3)
    for mark in marks:
        sort = rng.integers(3)
        if sort == 0:
            values[mark:] += unit * rng.choice([-6, -3, 3, 6])
        elif sort == 1:
            values[mark : mark + int(rng.integers(1, 12))] += unit * rng.choice([-8, 4, 8])
        else:
            values[mark : mark + 200] += rng.normal(0, unit, len(values[mark : mark + 200]))
    return Series("flats", times(count), np.round(values, 2), marks)


def followers(rng: np.random.Generator) -> Series:
    """Counts in clusters: each piece of news brings a number with a heavy tail, over an hour or so."""
    count = 15840
    at_s = times(count)
    hour = rng.uniform(0.3, 0.7)
    day = np.clip(1 + rng.uniform(0.3, 1.0) * np.cos(2 * np.pi * (of_day(at_s) - hour)), 0.05, None)
    rate = 10 ** rng.uniform(0.2, 1.8) * day
    for place in np.flatnonzero(rng.random(count) < rng.uniform(0.001, 0.01)):
        size = rate[place] * (rng.pareto(1.8) + 0.3)
        shape = np.exp(-np.arange(60) / rng.uniform(2, 15))
        rate[place : place + 60] += size * shape[: count - place]
    marks = places(rng, count, 4)
    top = np.quantile(rate, 0.998)
    for mark in marks:
        if rng.random() < 0.7:
            rate[mark : mark + 120] += top * rng.uniform(0.5, 5) * np.exp(-np.arange(120) / 20)[: count - mark]
        else:
            rate[mark : mark + int(rng.integers(60, 400))] *= rng.uniform(1.8, 3.5)
    return Series("followers", at_s, rng.poisson(rate).astype(float), marks)


def offers(rng: np.random.Generator) -> Series:
    """An hourly price with tails of its own and spells of quiet; spikes that last."""
    count = 1600
    values = np.exp(rng.standard_t(4, count) * rng.uniform(0.05, 0.2) + walk(rng, count, 0.25, 0.99))
    at_s = times(count, 3600.0)
    values = values * (1 + 0.3 * np.cos(2 * np.pi * (of_day(at_s) - 0.6)))
    marks = places(rng, count, 3)
    for mark in marks:
        values[mark : mark + int(rng.integers(1, 30))] *= rng.choice([0.25, 1.8, 3.0, 5.0])
    return Series("offers", at_s, values * rng.uniform(0.1, 5), marks)


def warmth(rng: np.random.Generator) -> Series:
    """A temperature that wanders: bumps, dives, a thermometer that sticks, hourly or each five minutes."""
    hourly = rng.random() < 0.5
    count = 7000 if hourly else 20000
    at_s = times(count, 3600.0 if hourly else 300.0)
    values = 60 + walk(rng, count, rng.uniform(2, 6), 0.997) + walk(rng, count, rng.uniform(0.5, 2), 0.9)
    values = values + rng.uniform(0, 5) * np.sin(2 * np.pi * of_day(at_s)) + rng.normal(0, 0.2, count)
    marks = places(rng, count, 4)
    for mark in marks:
        length = int(count * rng.uniform(0.004, 0.03))
        part = slice(mark, mark + length)
        sort = rng.integers(4)
        if sort == 0:
            values[part] += rng.choice([-1, 1]) * rng.uniform(8, 20) * np.hanning(length)[: count - mark]
        elif sort == 1:
            values[part] -= np.linspace(0, rng.uniform(20, 60), length)[: count - mark]
        elif sort == 2:
            values[part] = values[mark]
        else:
            values[part] += rng.normal(0, 6, len(values[part]))
    return Series("warmth", at_s, values, marks)


def footfall(rng: np.random.Generator) -> Series:
    """Half-hourly counts with a week's shape; a feast, a strike, a day like a Sunday."""
    count, day = 9000, 48
    at_s = times(count, 1800.0)
    hour = of_day(at_s)
    week = np.clip(np.sin(np.pi * np.clip((hour - 0.25) / 0.65, 0, 1)), 0, None) * np.where(
        weekday(at_s) >= 5, 0.5, 1.0
    )
    rate = 500 * (0.05 + week) * np.exp(walk(rng, count, 0.08, 0.97))
    marks = []
    for mark in places(rng, count, 4):
        first = mark // day * day
        if rng.random() < 0.6:
            rate[first : first + day * int(rng.integers(1, 3))] *= rng.choice([0.15, 0.5, 1.5])
        else:
            rate[first : first + day] = np.roll(rate[first : first + day], 12)
        marks.append(first + 16)
    return Series("footfall", at_s, rng.negative_binomial(40, 40 / (40 + rate)).astype(float), marks)


def jams(rng: np.random.Generator) -> Series:
    """Free or jammed, in whole numbers; jams at the usual hours, and one that is not."""
    count = int(rng.integers(1000, 2600))
    gaps = rng.choice([300.0, 300.0, 600.0, 900.0], count)
    gaps[rng.random(count) < 0.005] += rng.uniform(5000, 60000)
    at_s = 1.44e9 + np.cumsum(gaps)
    hour = of_day(at_s)
    chance = 0.02 + 0.5 * (np.abs(hour - 0.35) < 0.06) + 0.6 * (np.abs(hour - 0.73) < 0.07)
    jammed = rng.random(count) < chance * np.where(weekday(at_s) < 5, 1.0, 0.15)
    marks = places(rng, count, 3)
    depth = np.where(jammed, rng.uniform(10, 35, count), 0.0)
    for mark in marks:
        depth[mark : mark + int(rng.integers(3, 30))] = rng.uniform(25, 62)
    values = 68 - depth + rng.normal(0, rng.uniform(1.5, 5), count)
    if rng.random() < 0.5:
        values = 6000 / np.clip(values, 4, None) + rng.gamma(1.0, 15, count)
    return Series("jams", at_s, np.round(np.clip(values, 0, None)), marks)


def waits(rng: np.random.Generator) -> Series:
    """A floor and clusters of spikes above it; one that is higher, or lasts."""
    count = 4032
    values = rng.uniform(1, 50) * (1 + 0.02 * rng.weibull(1.2, count))
    floor = float(values.mean())
    for place in np.flatnonzero(rng.random(count) < rng.uniform(0.0005, 0.01)):
        values[place : place + int(rng.integers(1, 6))] += floor * rng.exponential(0.3)
    marks = places(rng, count, 3)
    for mark in marks:
        length = int(rng.integers(1, 60))
        values[mark : mark + length] += floor * rng.uniform(0.1, 0.5 + 4 / length) * rng.uniform(0.6, 1.2)
    return Series("waits", times(count), values, marks)


def nearly_nothing(rng: np.random.Generator) -> Series:
    """Zero and now and then a little; more often, more, or a hum."""
    count = 4032
    values = np.where(rng.random(count) < rng.uniform(0.002, 0.05), rng.exponential(1.0, count), 0.0)
    values += rng.choice([0.0, 0.02]) * rng.random(count)
    marks = places(rng, count, 3, 0.25)
    for mark in marks:
        length = int(rng.integers(5, 150))
        part = values[mark : mark + length]
        sort = rng.integers(3)
        if sort == 0:
            part += np.where(rng.random(len(part)) < 0.4, rng.exponential(1.0, len(part)), 0.0)
        elif sort == 1:
            part[:3] += rng.uniform(4, 15)
        else:
            part += rng.uniform(0.3, 1.0)
    return Series("nothing", times(count), np.round(values * rng.choice([1.0, 1e6]), 3), marks)


PROCESSES: dict[Make, int] = {
    loads: 5,
    spells: 4,
    pulses: 4,
    steps_and_flats: 4,
    followers: 5,
    offers: 4,
    warmth: 3,
    footfall: 2,
    jams: 5,
    waits: 4,
    nearly_nothing: 4,
}
"""How many series of each family make a corpus."""
