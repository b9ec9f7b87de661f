"""Families of series of the kinds people judge anomaly detectors by: what the scorer's constants were chosen on."""

import numpy as np

from tests.bench.sensors.series import Make, Series, of_day, places, times, walk, weekday


def cpu_with_jobs(rng: np.random.Generator) -> Series:
    count = 4032
    base = rng.uniform(2, 50)
    values = base + rng.normal(0, base * rng.uniform(0.01, 0.06), count) + walk(rng, count, base * 0.02, 0.98)
    period = int(rng.choice([12, 36, 72, 144]))
    height = base * rng.uniform(0.3, 1.5)
    for place in range(int(rng.integers(period)), count, period):
        values[place : place + int(rng.integers(1, 4))] += height * rng.uniform(0.7, 1.2)
    marks = places(rng, count, 2)
    for mark in marks:
        sort = rng.integers(4)
        length = int(rng.integers(5, 150))
        if sort == 0:
            values[mark:] += base * rng.uniform(0.1, 0.6)
        elif sort == 1:
            values[mark : mark + length] += base * rng.uniform(0.3, 1.8)
        elif sort == 2:
            values[mark : mark + length] = base * rng.uniform(0.02, 0.4)
        else:
            values[mark : mark + int(rng.integers(1, 4))] += height * rng.uniform(1.3, 3)
    return Series("cpu", times(count), np.clip(values, 0, None), marks)


def bursty_bytes(rng: np.random.Generator) -> Series:
    count = 4032 if rng.random() < 0.7 else 4730
    level = 10 ** rng.uniform(4, 7)
    values = level * np.exp(rng.normal(0, rng.uniform(0.1, 0.5), count))
    bursts = rng.random(count) < rng.uniform(0.005, 0.03)
    values[bursts] *= rng.pareto(2.5, bursts.sum()) + 2
    marks = places(rng, count, 3)
    for mark in marks:
        if rng.random() < 0.5:
            values[mark : mark + int(rng.integers(1, 6))] = values[: count // 2].max() * rng.uniform(0.6, 2.5)
        else:
            values[mark : mark + int(rng.integers(20, 120))] *= rng.uniform(2, 8)
    return Series("bytes", times(count), values, marks)


def idle_then_busy(rng: np.random.Generator) -> Series:
    """Mostly nothing, seldom a little; then something."""
    count = 4032
    values = np.abs(rng.normal(0.1, 0.02, count))
    for place in np.flatnonzero(rng.random(count) < 0.004):
        values[place : place + int(rng.integers(1, 5))] += rng.uniform(0.3, 1.5)
    marks = places(rng, count, 3, 0.25)
    for mark in marks:
        values[mark : mark + int(rng.integers(2, 80))] += rng.uniform(0.7, 4.0)
    return Series("idle", times(count), np.round(values, 3), marks)


def requests(rng: np.random.Generator) -> Series:
    count = 4032
    at_s = times(count)
    rate = rng.uniform(20, 200) * (1 + rng.uniform(0.3, 0.8) * np.sin(2 * np.pi * (of_day(at_s) - 0.3)))
    rate = rate * np.exp(walk(rng, count, 0.15, 0.9))
    marks = places(rng, count, 2)
    for mark in marks:
        length = int(rng.integers(1, 40))
        rate[mark : mark + length] *= rng.uniform(1.6, 5) if rng.random() < 0.7 else 0.1
    return Series("requests", at_s, rng.poisson(rate).astype(float), marks)


def latency(rng: np.random.Generator) -> Series:
    count = 4032
    values = rng.uniform(20, 60) + rng.gamma(2, 1.0, count) + walk(rng, count, 0.6, 0.99)
    usual = rng.random(count) < 0.006
    values[usual] += rng.exponential(6, usual.sum())
    marks = places(rng, count, 3)
    for mark in marks:
        values[mark : mark + int(rng.integers(1, 20))] += rng.uniform(6, 45)
    return Series("latency", times(count), values, marks)


def levels(rng: np.random.Generator) -> Series:
    count = int(rng.choice([4032, 4621, 1243]))
    level = rng.uniform(20, 40)
    values = level + rng.normal(0, rng.uniform(0.05, 0.8), count)
    marks = places(rng, count, 2, 0.25)
    for mark in marks:
        step = level * rng.uniform(0.04, 0.5) * rng.choice([-1, 1])
        values[mark:] += step
        if rng.random() < 0.5:
            values[mark + int(count * 0.08) :] -= step
    return Series("levels", times(count), values, marks)


def traffic(rng: np.random.Generator) -> Series:
    count = int(rng.integers(1100, 2600))
    gaps = rng.choice([300, 300, 300, 600, 900, 1500], count).astype(float)
    gaps[rng.random(count) < 0.004] += 3600 * rng.uniform(3, 12)
    at_s = 1.44e9 + np.cumsum(gaps)
    rush = np.exp(-(((of_day(at_s) - 0.34) / 0.06) ** 2)) + np.exp(-(((of_day(at_s) - 0.72) / 0.07) ** 2))
    rush = rush * np.where(weekday(at_s) >= 5, 0.2, 1.0) * np.exp(rng.normal(0, 0.25, count))
    sort = int(rng.integers(3))
    if sort == 0:
        values = np.clip(3 + 15 * rush + rng.normal(0, 1.5, count), 0, None)
    elif sort == 1:
        values = np.clip(72 - 12 * rush + rng.normal(0, 4, count), 5, None)
    else:
        values = 120 + 150 * rush + rng.gamma(1.5, 40, count)
    marks = places(rng, count, 3)
    for mark in marks:
        length = int(rng.integers(2, 25))
        values[mark : mark + length] = (
            values[mark : mark + length] * 0.35
            if sort == 1
            else values[mark : mark + length] * rng.uniform(1.5, 2.5) + values.max() * rng.uniform(0.1, 0.6)
        )
    return Series("traffic", at_s, np.round(values, 1), marks)


def mentions(rng: np.random.Generator) -> Series:
    count = 15840
    at_s = times(count)
    rate = 10 ** rng.uniform(0.3, 1.9) * (1 + 0.6 * np.sin(2 * np.pi * (of_day(at_s) - 0.4)))
    rate = rate * np.exp(walk(rng, count, 0.3, 0.97))
    for place in np.flatnonzero(rng.random(count) < 0.0015):
        length = int(rng.integers(3, 40))
        rate[place : place + length] *= 1 + rng.pareto(2.2) * np.exp(-np.arange(length) / 8)[: count - place]
    marks = places(rng, count, 4)
    ordinary = np.quantile(rate, 0.999)
    for mark in marks:
        length = int(rng.integers(6, 80))
        shape = np.exp(-np.arange(length) / (length / 3))
        rate[mark : mark + length] += ordinary * rng.uniform(0.6, 4) * shape[: count - mark]
    return Series("mentions", at_s, rng.negative_binomial(6, 6 / (6 + rate)).astype(float), marks)


def prices(rng: np.random.Generator) -> Series:
    count = int(rng.integers(1500, 1650))
    at_s = times(count, 3600.0)
    values = rng.uniform(0.1, 1.0) * np.exp(
        walk(rng, count, 0.12, 0.97) + rng.normal(0, rng.uniform(0.08, 0.25), count)
    )
    values = values * (1 + 0.12 * np.sin(2 * np.pi * of_day(at_s)))
    marks = places(rng, count, 3)
    for mark in marks:
        values[mark : mark + int(rng.integers(1, 5))] *= rng.uniform(1.6, 4.5)
    return Series("prices", at_s, values, marks)


def room(rng: np.random.Generator) -> Series:
    count = 7267
    at_s = times(count, 3600.0)
    values = 71 + 3.5 * np.sin(2 * np.pi * at_s / (86400 * 365)) + 1.5 * np.sin(2 * np.pi * of_day(at_s))
    values = values + walk(rng, count, 2.0, 0.985) + rng.normal(0, 0.5, count)
    marks = places(rng, count, 2, 0.3)
    for mark in marks:
        length = int(rng.integers(30, 200))
        values[mark : mark + length] -= rng.uniform(5, 11) * np.sin(np.pi * np.arange(length) / length)[: count - mark]
    return Series("room", at_s, values, marks)


def machine(rng: np.random.Generator) -> Series:
    count = 22695
    values = 88 + walk(rng, count, 7.0, 0.9985) + walk(rng, count, 1.5, 0.8)
    marks = places(rng, count, 4)
    for mark in marks:
        length = int(rng.integers(60, 500))
        depth = rng.uniform(15, 60)
        if rng.random() < 0.6:
            values[mark : mark + length] -= depth * np.sin(np.pi * np.arange(length) / length)[: count - mark] ** 0.5
        else:
            values[mark : mark + length] -= depth
    return Series("machine", times(count), values, marks)


def rides(rng: np.random.Generator) -> Series:
    count = 10320
    at_s = times(count, 1800.0)
    hour = of_day(at_s)
    day = 15000 + 9000 * np.sin(2 * np.pi * (hour - 0.42)) + 3000 * np.sin(4 * np.pi * (hour - 0.2))
    late = np.where(weekday(at_s) >= 5, 3500 * np.cos(2 * np.pi * hour), 0)
    values = (day + late) * np.exp(walk(rng, count, 0.04, 0.95)) + rng.normal(0, 500, count)
    marks = []
    for _ in range(4):
        first = int(rng.uniform(0.2, 0.93) * count) // 48 * 48
        if any(abs(first - other) < 500 for other in marks):
            continue
        change = rng.uniform(0.3, 0.65) if rng.random() < 0.7 else rng.uniform(1.3, 1.6)
        length = 48 * int(rng.integers(1, 3))
        values[first : first + length] *= change
        marks.append(first + 14)
    return Series("rides", at_s, np.round(np.clip(values, 0, None)), marks)


def keys(rng: np.random.Generator) -> Series:
    count = int(rng.choice([1882, 5315]))
    values = np.abs(rng.normal(0, 1, count)) * np.where(rng.random(count) < 0.1, 4, 1) * 0.05
    values[rng.random(count) < 0.3] = 0
    marks = places(rng, count, 2, 0.4)
    for mark in marks:
        length = int(rng.integers(8, 40))
        values[mark : mark + length] += np.abs(rng.normal(0.25, 0.15, length))[: count - mark]
    return Series("keys", times(count), values, marks)


def misconfigured(rng: np.random.Generator) -> Series:
    count = 18050
    at_s = times(count)
    values = 40 + 25 * np.sin(2 * np.pi * (of_day(at_s) - 0.3)) + walk(rng, count, 5, 0.99) + rng.normal(0, 4, count)
    mark = int(rng.uniform(0.6, 0.92) * count)
    length = int(rng.integers(300, 1500))
    values[mark : mark + length] += rng.uniform(25, 60)
    return Series("misconfigured", at_s, np.clip(values, 0, None), [mark])


def day_with_fault(rng: np.random.Generator) -> Series:
    """A square day, made by hand, one of which goes differently."""
    count, day = 4032, 288
    at_s = times(count)
    place = np.arange(count) % day
    on = (place >= 108) & (place < 216)
    noise = rng.choice([0.0, 1.0, 4.0])
    values = np.where(on, 80.0, 40.0) + rng.uniform(-1, 1, count) * noise + rng.uniform(0, 8, count)
    first = int(rng.integers(9, 13)) * day
    sort = rng.integers(4)
    part = slice(first + 108, first + 216)
    if sort == 0:
        values[part] -= 40
    elif sort == 1:
        values[part] += 60
    elif sort == 2:
        values[part] -= 65
    else:
        values[first + 130 : first + 190] = values[first + 130]
    return Series("day", at_s, values, [first + 108])


def denser_spikes(rng: np.random.Generator) -> Series:
    count = 4032
    values = np.where(rng.random(count) < 0.02, 20.0, 0.0)
    mark = int(rng.uniform(0.55, 0.9) * count)
    if rng.random() < 0.5:
        part = slice(mark, mark + 250)
        values[part] = np.where(rng.random(len(values[part])) < 0.15, 20.0, 0.0)
    else:
        values = values + rng.uniform(0, 1, count)
        values[mark : mark + 100] *= 1.6
    return Series("denser", times(count), values, [mark])


def nothing_wrong(rng: np.random.Generator) -> Series:
    count, day = 4032, 288
    place = np.arange(count) % day
    square = np.where((place >= 108) & (place < 216), 80.0, 20.0)
    sort = rng.integers(5)
    values = (
        square
        if sort == 0
        else square + rng.uniform(-3, 3, count)
        if sort == 1
        else np.full(count, 45.0)
        if sort == 2
        else 15 + rng.uniform(0, 6, count)
        if sort == 3
        else 50 + 30 * np.sin(2 * np.pi * place / day)
    )
    return Series("clean", times(count), values, [])


TRAINING: dict[Make, int] = {
    cpu_with_jobs: 6,
    bursty_bytes: 4,
    idle_then_busy: 2,
    requests: 2,
    latency: 2,
    levels: 4,
    traffic: 7,
    mentions: 10,
    prices: 6,
    room: 1,
    machine: 1,
    rides: 1,
    keys: 2,
    misconfigured: 1,
    day_with_fault: 4,
    denser_spikes: 2,
    nothing_wrong: 5,
}
"""How many series of each family make a corpus."""
