"""Other processes, samplings and faults than the network was taught on: does what it learnt hold elsewhere?"""

import numpy as np

from tests.bench.sensors.series import Make, Series, of_day, places, times, weekday


def queue(rng: np.random.Generator) -> Series:
    """A queue's length: arrivals in clumps, a server that falls behind."""
    count = 5000
    arrivals = rng.poisson(rng.gamma(2.0, 2.0, count))
    served = np.full(count, 4.6)
    marks = places(rng, count, 3)
    for mark in marks:
        served[mark : mark + int(rng.integers(15, 60))] = rng.uniform(0, 3)
    length, values = 0.0, np.empty(count)
    for place in range(count):
        length = max(0.0, length + arrivals[place] - rng.poisson(served[place]))
        values[place] = length
    return Series("queue", times(count, 60.0), values, marks)


def panels(rng: np.random.Generator) -> Series:
    """What a roof yields: clouds every day, a string that fails on some."""
    count = 6000
    at_s = times(count, 600.0)
    sun = np.clip(np.sin((of_day(at_s) - 0.25) * 2 * np.pi), 0, None)
    clouds = np.repeat(rng.beta(4, 1.2, count // 6 + 1), 6)[:count]
    values = 4000 * sun * clouds
    marks = []
    for mark in places(rng, count, 2):
        first = mark // 144 * 144 + 48
        values[first : first + 144] *= rng.uniform(0.0, 0.3)
        marks.append(first)
    return Series("panels", at_s, np.round(values), marks)


def beats(rng: np.random.Generator) -> Series:
    """A rhythm that has nothing to do with days; some beats are missing, or late, or double."""
    count, period = 6000, int(rng.integers(20, 70))
    phase = np.cumsum(rng.normal(1, 0.02, count)) / period
    values = 10 * np.exp(-(((phase % 1 - 0.3) / 0.07) ** 2)) + 2 * np.sin(2 * np.pi * phase) + rng.normal(0, 0.3, count)
    marks = places(rng, count, 3)
    for mark in marks:
        length = int(rng.integers(2, 5)) * period
        part = values[mark : mark + length]
        sort = rng.integers(3)
        part[:] = rng.normal(0, 0.3, len(part)) if sort == 0 else part * 1.8 if sort == 1 else part[::-1].copy()
    return Series("beats", times(count, 120.0), values, marks)


def visits(rng: np.random.Generator) -> Series:
    """A site's visits an hour, growing, quieter at weekends."""
    count = 3000
    at_s = times(count, 3600.0)
    rate = 300 * np.exp(np.arange(count) / count * rng.uniform(0, 0.8)) * np.where(weekday(at_s) >= 5, 0.6, 1.0)
    rate = rate * (1.1 + np.sin(2 * np.pi * (of_day(at_s) - 0.35))) * rng.gamma(60, 1 / 60, count)
    marks = places(rng, count, 3)
    for mark in marks:
        rate[mark : mark + int(rng.integers(3, 30))] *= rng.choice([0.03, 0.4, 2.0, 4.0])
    return Series("visits", at_s, rng.poisson(rate).astype(float), marks)


def memory(rng: np.random.Generator) -> Series:
    """A program that leaks and is restarted each night; one day it leaks faster, or is not restarted."""
    count = 4000
    use, values = 800.0, np.empty(count)
    marks = places(rng, count, 2, 0.3)
    for place in range(count):
        faster = any(mark <= place < mark + 144 for mark in marks)
        if place % 288 == 30 and not (faster and rng.random() < 0.5):
            use = 800.0
        use += rng.exponential(4.0 if faster else 1.2)
        values[place] = use + rng.normal(0, 5)
    return Series("memory", times(count), values, marks)


def switched(rng: np.random.Generator) -> Series:
    """On and off, by itself: a pump; one day it does not stop, or hardly starts, or draws more."""
    count = 4500
    values = np.empty(count)
    place = 0
    while place < count:
        on, off = int(rng.integers(8, 14)), int(rng.integers(25, 40))
        values[place : place + on] = 100
        values[place + on : place + on + off] = 2
        place += on + off
    marks = places(rng, count, 3)
    for mark in marks:
        values[mark : mark + int(rng.integers(40, 120))] = rng.choice([100.0, 2.0, 140.0, 55.0])
    return Series("switched", times(count), values + rng.normal(0, 1, count), marks)


def rare_counts(rng: np.random.Generator) -> Series:
    """Errors a minute: nearly always none."""
    count = 12000
    values = rng.poisson(0.05, count) * (1 + rng.geometric(0.5, count))
    marks = places(rng, count, 3)
    for mark in marks:
        length = int(rng.integers(10, 90))
        values[mark : mark + length] += rng.poisson(rng.uniform(0.6, 4.0), length)
    return Series("rare", times(count, 60.0), values.astype(float), marks)


def backups(rng: np.random.Generator) -> Series:
    """A disk: quiet, a backup each night; one is missing, one comes at noon, one never ends."""
    count = 4032
    at_s = times(count)
    night = (of_day(at_s) > 0.1) & (of_day(at_s) < 0.14)
    values = rng.lognormal(1.0, 0.6, count) + night * rng.normal(90, 8, count)
    marks = []
    for mark in places(rng, count, 2, 0.3):
        first = mark // 288 * 288
        sort = rng.integers(3)
        if sort == 0:
            values[first + 29 : first + 41] = rng.lognormal(1.0, 0.6, 12)
            marks.append(first + 30)
        elif sort == 1:
            values[first + 140 : first + 152] += 90
            marks.append(first + 140)
        else:
            values[first + 41 : first + 120] += 85
            marks.append(first + 41)
    return Series("backups", at_s, values, marks)


def restless(rng: np.random.Generator) -> Series:
    """Only how much it fluctuates changes: a bearing, a loose contact, a frozen reading."""
    count = 8000
    values = 50 + rng.normal(0, 1.5, count) + np.cumsum(rng.normal(0, 0.03, count))
    marks = places(rng, count, 3)
    for mark in marks:
        part = values[mark : mark + int(rng.integers(40, 250))]
        middle = part.mean()
        part[:] = middle + (part - middle) * rng.choice([0.0, 2.5, 4.0])
    return Series("restless", times(count, 30.0), np.round(values, 2), marks)


def prices_walk(rng: np.random.Generator) -> Series:
    """A price: a random walk with heavy steps; a jump now and then, a crash."""
    count = 2500
    steps = 0.01 * rng.standard_t(4, count)
    marks = places(rng, count, 2)
    for mark in marks:
        steps[mark] += rng.choice([-1, 1]) * rng.uniform(0.12, 0.3)
    return Series("walk", times(count, 3600.0), 100 * np.exp(np.cumsum(steps)), marks)


def soil(rng: np.random.Generator) -> Series:
    """Dries out, is watered every few days; once the water does not come, or does not stop."""
    count = 7000
    now, values, due = 30.0, np.empty(count), 200
    marks = places(rng, count, 2, 0.3)
    for place in range(count):
        skip = any(mark - 30 <= place < mark + 300 for mark in marks)
        if place == due:
            due += int(rng.integers(250, 330))
            if not skip:
                now = rng.uniform(38, 42)
        now += (8 - now) * 0.0025
        values[place] = now + rng.normal(0, 0.15)
    return Series("soil", times(count, 1200.0), np.round(values, 1), marks)


def clean(rng: np.random.Generator) -> Series:
    """Nothing wrong."""
    count = 4000
    at_s = times(count)
    values = [
        20 + 5 * np.sin(2 * np.pi * of_day(at_s)) + rng.normal(0, 0.5, count),
        np.full(count, 7.0),
        rng.exponential(3.0, count),
        np.arange(count) % 50 + rng.normal(0, 1, count),
    ][int(rng.integers(4))]
    return Series("clean", at_s, values, [])


VALIDATION: dict[Make, int] = {
    queue: 5,
    panels: 4,
    beats: 5,
    visits: 6,
    memory: 4,
    switched: 5,
    rare_counts: 5,
    backups: 5,
    restless: 5,
    prices_walk: 4,
    soil: 4,
    clean: 6,
}
"""How many series of each family make a corpus."""
