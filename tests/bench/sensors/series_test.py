"""The kinds of series people judge anomaly detectors by, each from a process of its own: queues, sources that switch on
and off, crowds that excite each other, rooms that lose heat. Written before the scorer was changed for the last time,
and never looked at while it was.
"""

import numpy as np

from tests.bench.sensors.series import Make, Series, Values, of_day, places, times, walk, weekday


def switching(rng: np.random.Generator, count: int, on: float, off: float) -> Values:
    """1 and 0 in turn, for times with heavy tails of these means (rows)."""
    values = np.zeros(count)
    place, state = 0, bool(rng.random() < 0.5)
    while place < count:
        length = max(1, int((rng.pareto(1.6) + 0.4) * (on if state else off)))
        values[place : place + length] = state
        place += length
        state = not state
    return values


def excited(rng: np.random.Generator, base: Values, share: float, lasting: float) -> Values:
    """Counts in which each calls forth `share` others over about `lasting` rows."""
    values = np.empty(len(base))
    pressure, fade = 0.0, np.exp(-1.0 / lasting)
    for place, rate in enumerate(base):
        values[place] = rng.poisson(rate + pressure * (1 - fade))
        pressure = pressure * fade + share * values[place]
    return values


def server(rng: np.random.Generator) -> Series:
    """Per cent of a processor under requests that come in crowds, with jobs by the clock and deployments."""
    count = int(rng.choice([4032, 4032, 4621]))
    load = excited(rng, np.full(count, rng.uniform(0.5, 12)), rng.uniform(0.3, 0.8), 10) * rng.uniform(0.3, 1.5)
    values = rng.uniform(0, 35) + load
    every = int(rng.choice([12, 24, 288]))
    values[::every] += rng.uniform(5, 25)
    marks = places(rng, count, 3)
    for mark in marks:
        sort, length = rng.integers(5), int(rng.integers(6, 300))
        if sort == 0:
            values[mark:] += rng.uniform(4, 25)
        elif sort == 1:
            values[mark : mark + length] = 100 - rng.gamma(1, 1, len(values[mark : mark + length]))
        elif sort == 2:
            values[mark : mark + length] = rng.uniform(0, 1)
        elif sort == 3:
            values[mark : mark + 4] += rng.uniform(20, 60)
        else:
            values[mark : mark + length] += np.linspace(0, rng.uniform(15, 50), length)[: count - mark]
    return Series("server", times(count), np.round(np.clip(values, 0, 100), 3), marks)


def disk(rng: np.random.Generator) -> Series:
    """Bytes written: nothing or much, in multiples of a block, flushed by the clock."""
    count = 4032
    busy = switching(rng, count, rng.uniform(2, 8), rng.uniform(10, 60))
    values = busy * np.exp(rng.normal(12, rng.uniform(0.4, 1.2), count)) + rng.exponential(3000, count)
    values[:: int(rng.choice([12, 36, 144]))] += np.exp(rng.normal(13, 0.2))
    marks = places(rng, count, 3)
    for mark in marks:
        length = int(rng.integers(1, 100))
        part = values[mark : mark + length]
        sort = rng.integers(3)
        if sort == 0:
            part[:4] = values[: count // 2].max() * rng.uniform(0.8, 3)
        elif sort == 1:
            part[:] = np.exp(rng.normal(13, 0.5, len(part)))
        else:
            values[mark : mark + 150] = 0.0
    return Series("disk", times(count), np.floor(values / 512) * 512, marks)


def network(rng: np.random.Generator) -> Series:
    """Bytes in: heartbeats of one size, crowds of requests, a copy each night or each hour."""
    count = int(rng.choice([4032, 4730, 1243]))
    at_s = times(count)
    values = rng.uniform(40, 4000) * (1 + rng.poisson(3, count)) + excited(rng, np.full(count, 0.4), 0.7, 6) * 5e4
    hour = int(rng.choice([12, 288]))
    for first in range(int(rng.integers(hour)), count, hour):
        values[first : first + 2] += rng.lognormal(14, 0.15)
    marks = places(rng, count, 2)
    for mark in marks:
        length = int(rng.integers(2, 60))
        if rng.random() < 0.6:
            values[mark : mark + length] += rng.lognormal(14.3, 0.8)
        else:
            values[mark : mark + length * 3] *= rng.choice([0.02, 4.0])
    return Series("network", at_s, np.round(values), marks)


def balancer(rng: np.random.Generator) -> Series:
    """Requests behind a balancer; intervals without any have no row."""
    count = 4600
    at_s = times(count)
    rate = np.exp(walk(rng, count, 0.5, 0.98)) * (1 + 0.7 * np.sin(2 * np.pi * (of_day(at_s) - 0.4)))
    rate = rate * rng.choice([2.0, 20.0, 90.0])
    marks_before = places(rng, count, 2)
    for mark in marks_before:
        rate[mark : mark + int(rng.integers(2, 30))] += rate.mean() * rng.uniform(3, 10)
    values = excited(rng, rate, 0.4, 4)
    kept = np.flatnonzero(values > 0)
    marks = [int(np.searchsorted(kept, mark)) for mark in marks_before]
    return Series("balancer", at_s[kept], values[kept], [mark for mark in marks if mark < len(kept)])


def database(rng: np.random.Generator) -> Series:
    """Its processor: checkpoints, a vacuum each day, a plan that changes for the worse."""
    count = 4032
    period = int(rng.integers(5, 30))
    values = rng.uniform(4, 20) + rng.uniform(0.3, 4) * (np.arange(count) % period) / period + rng.gamma(3, 0.4, count)
    values += walk(rng, count, rng.uniform(0.2, 2), 0.995)
    daily = int(rng.integers(288))
    for first in range(daily, count, 288):
        values[first : first + int(rng.integers(4, 9))] += rng.uniform(6, 12)
    marks = places(rng, count, 2)
    for mark in marks:
        if rng.random() < 0.5:
            values[mark : mark + int(rng.integers(30, 1500))] += rng.uniform(2, 14)
        else:
            values[mark : mark + int(rng.integers(1, 25))] += rng.uniform(10, 50)
    return Series("database", times(count), np.round(values, 2), marks)


def group(rng: np.random.Generator) -> Series:
    """The mean of a group that grows and shrinks by itself: saw teeth and plateaus."""
    count = 4032
    at_s = times(count)
    work = 300 * (1 + 0.5 * np.sin(2 * np.pi * (of_day(at_s) - 0.3))) * np.exp(walk(rng, count, 0.2, 0.99))
    marks = places(rng, count, 2)
    for mark in marks:
        work[mark : mark + int(rng.integers(10, 120))] *= rng.choice([0.1, 2.5, 4.0])
    machines, values = 6, np.empty(count)
    for place in range(count):
        values[place] = min(100.0, work[place] / machines + rng.normal(0, 1.5))
        if place % 6 == 0:
            machines = max(2, machines + (1 if values[place] > 70 else -1 if values[place] < 35 else 0))
    return Series("group", at_s, np.clip(values, 0, None), marks)


def auctions(rng: np.random.Generator) -> Series:
    """What a click or a thousand views cost in each hour: spent by the few that were counted."""
    count = int(rng.integers(1530, 1650))
    at_s = times(count, 3600.0)
    clicks = 1 + rng.poisson(rng.uniform(2, 30) * (1.1 + np.sin(2 * np.pi * (of_day(at_s) - 0.35))))
    price = rng.uniform(0.05, 1.5) * np.exp(walk(rng, count, 0.2, 0.99))
    marks = places(rng, count, 4)
    for mark in marks:
        price[mark : mark + int(rng.integers(1, 12))] *= rng.choice([0.15, 2.0, 3.5, 6.0])
    values = price * rng.gamma(clicks * 2.0, 0.5 / clicks)
    return Series("auctions", at_s, values, marks)


def office(rng: np.random.Generator) -> Series:
    """A room that loses heat, heated by the clock; hours are missing; the heating fails or never stops."""
    count = 7300
    at_s = times(count, 3600.0)
    outside = 8 - 10 * np.cos(2 * np.pi * at_s / 3.15e7) + 5 * np.sin(2 * np.pi * (of_day(at_s) - 0.35))
    outside = outside + walk(rng, count, 4, 0.98)
    marks = places(rng, count, 2, 0.3)
    values, now = np.empty(count), 20.0
    for place in range(count):
        works = (0.25 < of_day(at_s[place]) < 0.75) and weekday(at_s[place]) < 5
        heating = 2.0 if now < (21.5 if works else 18) else 0.0
        if any(mark <= place < mark + 60 for mark in marks):
            heating = 0.0 if marks[0] % 2 else 2.4
        now += 0.06 * (outside[place] - now) + heating
        values[place] = now + rng.normal(0, 0.2)
    kept = np.sort(rng.choice(count, count - 200, replace=False))
    return Series("office", at_s[kept], values[kept], [int(np.searchsorted(kept, mark)) for mark in marks])


def bearing(rng: np.random.Generator) -> Series:
    """A machine's temperature: load, short planned stops, a failure that announces itself by unrest."""
    count = 22000
    load = 1 + np.repeat(walk(rng, count // 100 + 1, 0.08, 0.9), 100)[:count]
    for mark in rng.integers(0, count, 5):
        load[mark : mark + int(rng.integers(10, 40))] = 0.6
    marks = places(rng, count, 4)
    noise = rng.normal(0, 0.5, count)
    for mark in marks:
        noise[max(0, mark - 300) : mark] *= rng.uniform(1, 4)
        load[mark : mark + int(rng.integers(100, 700))] = rng.uniform(-0.2, 0.7)
    values, now = np.empty(count), 90.0
    for place in range(count):
        now += 0.02 * (20 + 70 * load[place] - now)
        values[place] = now + noise[place]
    return Series("bearing", times(count), values + walk(rng, count, 2, 0.999), marks)


def trips(rng: np.random.Generator) -> Series:
    """Journeys in a town: commuters, evenings, holidays, one storm, one feast."""
    count = 10320
    at_s = times(count, 1800.0)
    hour, workday = of_day(at_s), weekday(at_s) < 5
    work = np.exp(-(((hour - 0.36) / 0.06) ** 2)) + 1.2 * np.exp(-(((hour - 0.78) / 0.1) ** 2))
    night = np.exp(-(((hour - 0.98) / 0.08) ** 2)) + np.exp(-(((hour + 0.02) / 0.08) ** 2))
    rate = 3000 + 15000 * work * np.where(workday, 1, 0.55) + 8000 * night * np.where(workday, 0.5, 1.4)
    rate = rate * np.exp(np.repeat(rng.normal(0, 0.04, count // 48 + 1), 48)[:count])
    marks = []
    for mark in places(rng, count, 4):
        first = mark // 48 * 48
        sort = rng.integers(3)
        if sort == 0:
            rate[first : first + 48] *= 0.5
            marks.append(first + 14)
        elif sort == 1:
            rate[first : first + 64] *= 0.12
            marks.append(first + 4)
        else:
            rate[first + 1 : first + 5] *= 1.9
            marks.append(first + 2)
    return Series("trips", at_s, rng.normal(rate, 2.5 * np.sqrt(rate)).round().clip(0), marks)


def typing(rng: np.random.Generator) -> Series:
    """How long keys are held, or lie apart; somebody else types for a while."""
    count = int(rng.choice([1882, 5315]))
    values = rng.lognormal(-2.5, rng.uniform(0.2, 0.6), count)
    values[rng.random(count) < 0.03] *= rng.uniform(3, 12)
    marks = places(rng, count, 2, 0.3)
    for mark in marks:
        length = int(rng.integers(20, 120))
        values[mark : mark + length] = rng.lognormal(rng.choice([-3.2, -1.8, -1.5]), 0.7, length)[: count - mark]
    gaps = np.where(rng.random(count) < 0.02, rng.exponential(20000, count), 300)
    return Series("typing", 1.4e9 + np.cumsum(gaps), values, marks)


def answers(rng: np.random.Generator) -> Series:
    """Milliseconds, to the nearest half: a floor, a queue now and then, a slower neighbour."""
    count = 4032
    wait, values = 0.0, np.empty(count)
    marks = places(rng, count, 3)
    slow = np.zeros(count)
    for mark in marks:
        slow[mark : mark + int(rng.integers(3, 50))] = rng.uniform(0.3, 3)
    for place in range(count):
        wait = max(0.0, wait + rng.exponential(1.0) - 1.4 + slow[place])
        values[place] = 42 + wait + rng.normal(0, 0.4)
    return Series("answers", times(count), np.round(values * 2) / 2, marks)


def road(rng: np.random.Generator) -> Series:
    """Speed, occupancy or travel time of a road that fills up: a queue upstream of too many; reports are irregular."""
    count = int(rng.integers(1100, 2500))
    gaps = rng.choice([240, 300, 300, 300, 600, 660, 1200], count).astype(float)
    gaps[rng.random(count) < 0.006] += rng.exponential(20000)
    at_s = 1.44e9 + np.cumsum(gaps)
    hour, work = of_day(at_s), np.where(weekday(at_s) < 5, 1.0, 0.7)
    flow = 0.25 + work * (0.55 * np.exp(-(((hour - 0.33) / 0.08) ** 2)) + 0.6 * np.exp(-(((hour - 0.72) / 0.1) ** 2)))
    flow = flow * np.exp(walk(rng, count, 0.12, 0.7))
    marks = places(rng, count, 3)
    for mark in marks:
        flow[mark : mark + int(rng.integers(2, 30))] += rng.uniform(0.25, 0.7)
    flow = np.clip(flow, 0.02, 1.6)
    sort = int(rng.integers(3))
    if sort == 0:
        values = np.round(np.clip(70 - 30 * flow**4 + rng.normal(0, 3.0, count), 3, 90))
    elif sort == 1:
        values = np.round(np.clip(9 * flow + 12 * flow**4 + rng.normal(0, 0.7, count), 0, 100), 2)
    else:
        values = np.round(90 + 120 * flow**4 + rng.gamma(1.2, 50, count))
    return Series("road", at_s, values, marks)


def hashtags(rng: np.random.Generator) -> Series:
    """Mentions of a company: people who repeat each other, days and nights, news."""
    count = 15860
    at_s = times(count)
    day = 1.05 + np.sin(2 * np.pi * (of_day(at_s) - rng.uniform(0.3, 0.6))) * rng.uniform(0.3, 0.9)
    rate = 10 ** rng.uniform(0, 1.7) * np.clip(day, 0.1, None) * np.where(weekday(at_s) < 5, 1.0, rng.uniform(0.5, 1))
    marks = places(rng, count, 4)
    usual = float(rate.mean())
    for mark in [*marks, *rng.integers(0, count, rng.poisson(12)).tolist()]:
        size = usual * (rng.uniform(3, 25) if mark in marks else rng.uniform(0.5, 5))
        rate[mark : mark + 200] += size * np.exp(-np.arange(200) / rng.uniform(2, 30))[: count - mark]
    return Series("hashtags", at_s, excited(rng, rate, rng.uniform(0.3, 0.8), rng.uniform(1, 6)), marks)


def handmade(rng: np.random.Generator) -> Series:
    """A sawtooth, a hill or steps each day, made by rule; one day goes differently."""
    count, day = 4032, 288
    place = np.arange(count) % day / day
    form = [
        np.clip(1 - np.abs(place - 0.5) * 3, 0, 1),
        (place > 0.35) * 0.5 + ((place > 0.5) & (place < 0.7)) * 0.5,
        (np.floor(place * 24) % 6 == 0) * 1.0,
    ][int(rng.integers(3))]
    values = 20 + 60 * form + rng.normal(0, 1, count) * rng.choice([0.0, 1.0, 3.0])
    first = int(rng.integers(8, 13)) * day + int(rng.integers(60, 100))
    length = int(rng.integers(30, 180))
    part = slice(first, first + length)
    sort = rng.integers(5)
    if sort == 0:
        values[part] = 20
    elif sort == 1:
        values[part] += 40
    elif sort == 2:
        values[part] = values[part][::-1].copy()
    elif sort == 3:
        values[part] += rng.normal(0, 12, length)
    else:
        values[first:] = 20 + (values[first:] - 20) * 1.5
    return Series("day", times(count), values, [first])


def in_order(rng: np.random.Generator) -> Series:
    """Made by rule, and nothing is wrong."""
    count = 4032
    place = np.arange(count)
    values = [
        np.full(count, 12.0),
        30 + 10 * (place % 96 < 30) + rng.normal(0, 1.0, count),
        rng.uniform(0, 1, count) ** 3,
        40 + 20 * np.cos(2 * np.pi * place / 288) + rng.normal(0, 2, count),
        np.where(place % 53 < 2, 9.0, 1.0),
    ][int(rng.integers(5))]
    return Series("clean", times(count), values, [])


TEST: dict[Make, int] = {
    server: 5,
    disk: 3,
    network: 3,
    balancer: 2,
    database: 3,
    group: 1,
    auctions: 6,
    office: 1,
    bearing: 1,
    trips: 1,
    typing: 2,
    answers: 2,
    road: 7,
    hashtags: 10,
    handmade: 6,
    in_order: 5,
}
"""How many series of each family make a corpus: 58 in all."""
