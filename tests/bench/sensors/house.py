"""A simulated house's sensors over some weeks: seasons, weather, people, appliances, and what radios lose."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tests.bench.sensors.series import walk

DAY_S = 86400.0
START_S = 1_757_289_600.0  # a Monday in September
Values = NDArray[np.float64]


@dataclass(frozen=True)
class Sensor:
    """`sort` is the row of the defaults; `values` are numbers, or names of states; `others` its neighbours' middle."""

    name: str
    sort: str
    at_s: Values
    values: list[float] | list[str]
    others: Values | None = None

    @property
    def numeric(self) -> bool:
        return not isinstance(self.values[0], str)


class House:
    """What goes on in it, minute by minute; every sensor looks at the same life."""

    def __init__(self, seed: int, days: int = 60) -> None:
        self.rng = rng = np.random.default_rng(seed)
        self.days = days
        self.count = count = days * 1440
        self.at_s = START_S + 60.0 * np.arange(count)
        hour = (self.at_s % DAY_S) / 3600.0
        self.hour, self.weekend = hour, (np.arange(count) // 1440) % 7 >= 5
        day_of_year = 250 + np.arange(count) / 1440.0
        self.outside = (
            10
            - 10 * np.cos(2 * np.pi * (day_of_year - 20) / 365)
            + 4 * np.sin(2 * np.pi * (hour - 9) / 24)
            + np.repeat(walk(rng, days * 24, 3.0, 0.985), 60)
        )
        up, leave, back, sleep = 6.7, 8.2, 17.2, 22.8
        at_home = (hour < leave) | (hour > back)
        self.home = np.where(self.weekend, rng.random(count) < 0.999, at_home)
        weekend_out = np.repeat(rng.random(days) < 0.5, 1440) & (hour > 13) & (hour < 17) & self.weekend
        self.home = self.home & ~weekend_out
        holiday = np.zeros(count, bool)
        if rng.random() < 0.5:
            first = int(rng.integers(10, days - 8)) * 1440
            holiday[first : first + int(rng.integers(3, 6)) * 1440] = True
        self.home = self.home & ~holiday
        self.holiday = holiday
        self.awake = self.home & (hour > up) & (hour < sleep)

    def moments(self, per_day: float, among: NDArray[np.bool_] | None = None) -> NDArray[np.int_]:
        """Minutes at which something happens, as often a day as said, of those that are allowed."""
        among = self.awake if among is None else among
        chance = per_day / max(1.0, among.sum() / self.days)
        return np.flatnonzero(among & (self.rng.random(self.count) < chance))

    def pulses(self, moments: NDArray[np.int_], height: tuple[float, float], decay_min: float) -> Values:
        """Something that jumps up at each moment and decays."""
        now, keep = 0.0, float(np.exp(-1 / decay_min))
        hits = np.zeros(self.count)
        np.add.at(hits, moments, self.rng.uniform(*height, len(moments)))
        values = np.empty(self.count)
        for minute, hit in enumerate(hits.tolist()):
            now = now * keep + hit
            values[minute] = now
        return values

    def cycles(self, period_min: float, share: float) -> NDArray[np.bool_]:
        """A compressor: on for `share` of periods that vary by a tenth."""
        on = np.zeros(self.count, bool)
        minute = float(self.rng.uniform(0, period_min))
        while minute < self.count:
            length = period_min * self.rng.normal(1, 0.08)
            on[int(minute) : int(minute + share * length)] = True
            minute += max(4.0, length)
        return on


def lagging(target: Values, minutes: float) -> Values:
    """What follows a target with a time constant."""
    values = np.empty(len(target))
    now, share = float(target[0]), 1 - np.exp(-1 / minutes)
    for place, one in enumerate(target.tolist()):
        now += (one - now) * share
        values[place] = now
    return values


def indoor(house: House, offset: float = 0.0) -> Values:
    """A thermostat with a set-back at night, the sun, people and open windows."""
    rng = house.rng
    wanted = np.where((house.hour > 6) & (house.hour < 22.5), 20.8, 18.2)
    wanted = np.where(house.holiday, 17.0, wanted)
    free = house.outside + 7 + 2 * house.home
    target = np.maximum(wanted + 0.4 * house.cycles(50, 0.5), np.minimum(free, 24))
    airing = house.pulses(house.moments(1.5), (0.5, 2.0), 25)
    return (
        lagging(target, 90) - airing + offset + walk(rng, house.count, 0.15, 0.995) + rng.normal(0, 0.05, house.count)
    )


def humidity(house: House, *, bathroom: bool) -> Values:
    base = 48 + 0.6 * (house.outside - 8) + walk(house.rng, house.count, 3.5, 0.9995)
    wet = house.pulses(house.moments(2.0 if bathroom else 1.5), (15, 35) if bathroom else (3, 9), 35)
    return np.clip(base + wet + house.rng.normal(0, 0.3, house.count), 15, 99)


def carbon_dioxide(house: House) -> Values:
    target = np.where(house.home, np.where(house.awake, 900.0, 1350.0), 430.0)
    target = target + np.repeat(walk(house.rng, house.days * 24, 120, 0.5), 60) * house.home
    air = lagging(target, 80)
    aired = house.pulses(house.moments(2), (200, 450), 20)
    return np.clip(air - np.minimum(aired, air - 415), 405, None) + house.rng.normal(0, 8, house.count)


def fridge(house: House) -> Values:
    target = np.where(house.cycles(45, 0.4), 2.0, 7.0)
    doors = house.pulses(house.moments(14), (0.3, 2.5), 12)
    return lagging(target, 35) + doors + house.rng.normal(0, 0.08, house.count)


def freezer(house: House) -> Values:
    target = np.where(house.cycles(60, 0.5), -24.0, -13.0)
    defrost = house.pulses(np.arange(300, house.count, 720), (4.0, 6.0), 18)
    doors = house.pulses(house.moments(2), (0.5, 3.0), 15)
    return lagging(target, 60) + defrost + doors + house.rng.normal(0, 0.1, house.count)


def power(house: House) -> Values:
    load = 110 + 90.0 * house.cycles(48, 0.4) + 120 * house.awake
    for per_day, watts, minutes in ((3, 2000, 4), (1, 1500, 45), (0.7, 1900, 60), (2, 700, 12)):
        for moment in house.moments(per_day):
            load[moment : moment + int(minutes * house.rng.uniform(0.6, 1.4))] += watts * house.rng.uniform(0.8, 1.1)
    return load + np.abs(house.rng.normal(0, 8, house.count))


def water(house: House) -> Values:
    """A meter in litres."""
    flow = np.zeros(house.count)
    for per_day, litres, minutes in ((16, 6, 1), (8, 3, 2), (2.2, 60, 7), (0.7, 50, 40)):
        for moment in house.moments(per_day, house.home if per_day == 16 else None):
            length = max(1, int(minutes * house.rng.uniform(0.6, 1.5)))
            flow[moment : moment + length] += litres * house.rng.uniform(0.6, 1.4) / length
    return 120_000 + np.cumsum(flow)


def reported(
    house: House, values: Values, step: float, every_s: float, *, phase: float | None = None
) -> tuple[Values, Values]:
    """What arrives: rounded, every so often with some jitter, single reports lost, now and then hours without."""
    rng = house.rng
    start = rng.uniform(0, every_s) if phase is None else phase
    at_s = np.arange(START_S + start, START_S + house.days * DAY_S - 60, every_s)
    at_s = at_s + rng.uniform(0, min(every_s * 0.1, 10), len(at_s))
    kept = rng.random(len(at_s)) > rng.choice([0.001, 0.01, 0.04])
    for _ in range(rng.poisson(house.days / 12)):
        gap_s = START_S + rng.uniform(0, house.days) * DAY_S
        kept &= ~((at_s > gap_s) & (at_s < gap_s + 60 * 10 ** rng.uniform(0.8, 2.1)))
    at_s = at_s[kept]
    minute = np.clip(((at_s - START_S) // 60).astype(int), 0, house.count - 1)
    return at_s, np.round(np.round(values[minute] / step) * step, 6)


def events(house: House, moments: NDArray[np.int_], minutes: tuple[float, float]) -> tuple[Values, list[str]]:
    """A contact: open and closed again; and a report a day besides."""
    times: list[tuple[float, str]] = []
    free_s = 0.0
    for moment in moments:
        at_s = START_S + 60 * moment + house.rng.uniform(0, 60)
        if at_s < free_s:
            continue
        free_s = at_s + 60 * float(np.exp(house.rng.uniform(np.log(minutes[0]), np.log(minutes[1]))))
        times += [(at_s, "on"), (free_s, "off")]
    beat = START_S + house.rng.uniform(0, DAY_S)
    marks = [at_s for at_s, _ in times]
    for day in range(house.days):
        at_s = beat + day * DAY_S
        place = int(np.searchsorted(marks, at_s))
        times.append((at_s, times[place - 1][1] if 0 < place <= len(marks) else "off"))
    times.sort()
    return np.array([at_s for at_s, _ in times]), [state for _, state in times]


def sensors(seed: int, days: int = 60) -> list[Sensor]:
    """About thirty sensors of one clean house."""
    house = House(seed, days)
    rng = house.rng
    found: list[Sensor] = []

    def add(name: str, sort: str, values: Values, step: float, every_s: float) -> None:
        at_s, rounded = reported(house, values, step, every_s)
        found.append(Sensor(name, sort, at_s, rounded.tolist()))

    rooms = [indoor(house, offset) for offset in rng.normal(0, 1.0, 4)]
    for number, values in enumerate(rooms):
        step, every_s = float(rng.choice([0.1, 0.1, 0.2, 0.5])), float(rng.choice([60, 120, 300, 600]))
        at_s, rounded = reported(house, values, step, every_s)
        minute = np.clip(((at_s - START_S) // 60).astype(int), 0, house.count - 1)
        others = np.median([room[minute] for other, room in enumerate(rooms) if other != number], axis=0)
        found.append(Sensor(f"room {number}", "indoor_temperature", at_s, rounded.tolist(), others))
    add("outside", "outdoor_temperature", house.outside + rng.normal(0, 0.1, house.count), 0.1, 300)
    add("any temperature", "temperature", indoor(house), 0.1, 180)
    add("bathroom humidity", "humidity", humidity(house, bathroom=True), 1.0, 120)
    add("bedroom humidity", "humidity", humidity(house, bathroom=False), 0.1, 300)
    add("bedroom air", "carbon_dioxide", carbon_dioxide(house), 1.0, 60)
    add("study air", "carbon_dioxide", carbon_dioxide(house), 1.0, 300)
    add("fridge", "fridge", fridge(house), 0.1, float(rng.choice([60, 120, 300])))
    add("freezer", "freezer", freezer(house), 0.1, float(rng.choice([60, 120, 300])))
    add("pressure", "pressure", 1013 + walk(rng, house.count, 8, 0.9999), 0.1, 300)
    use = power(house)
    add("mains", "power", use, 1.0, 60)
    add("energy", "energy", 4000 + np.cumsum(use) / 6e4, 0.01, 300)
    add("water", "water", water(house), 1.0, 60)
    burner = (house.outside < 14) & house.cycles(70, 0.35)
    add("gas", "gas", 800 + np.cumsum(burner * 0.02 + (house.moments(3)[:, None] == 0).sum()), 0.01, 300)
    add("battery", "battery", 100 - np.arange(house.count) / 1440 * 0.15 + 1.5 * np.sin(house.hour / 3.8), 1.0, 3600)
    soil = house.pulses(np.arange(700, house.count, 1440 * 4), (18, 24), 1440 * 5)
    add("soil", "soil_moisture", 20 + soil, 1.0, 1800)
    add(
        "dust",
        "pm25",
        6 + np.exp(walk(rng, house.count, 0.5, 0.999)) + house.pulses(house.moments(1), (5, 40), 30),
        1.0,
        300,
    )
    add("light", "illuminance", np.clip(np.sin((house.hour - 6) / 12 * np.pi), 0, 1) * 9000 + 1, 1.0, 300)
    add("something", "number", 50 + walk(rng, house.count, 5, 0.9998) + rng.normal(0, 0.5, house.count), 0.1, 300)
    contacts = (
        ("fridge door", "fridge_door", 14.0, (0.1, 2.0)),
        ("front door", "door", 8.0, (0.2, 6.0)),
        ("garage", "garage_door", 2.0, (0.5, 15.0)),
        ("window", "window", 2.0, (3.0, 60.0)),
        ("lock", "lock", 6.0, (0.2, 10.0)),
        ("leak", "leak", 0.0, (1.0, 2.0)),
        ("smoke", "smoke", 0.0, (1.0, 2.0)),
    )
    for name, sort, per_day, minutes in contacts:
        at_s, states = events(house, house.moments(per_day), minutes)
        found.append(Sensor(name, sort, at_s, states))
    return found


# --- faults: a clean sensor and a moment give the sensor with the fault, and the time within which that is useful ---

Fault = Callable[[Sensor, float, np.random.Generator], tuple[Sensor, float]]


def stuck(sensor: Sensor, at_s: float, rng: np.random.Generator) -> tuple[Sensor, float]:
    first = int(np.searchsorted(sensor.at_s, at_s))
    values = list(sensor.values)
    values[first:] = [values[first]] * (len(values) - first)
    return replace(sensor, values=values), 24 * 3600.0


def dead(sensor: Sensor, at_s: float, rng: np.random.Generator) -> tuple[Sensor, float]:
    first = int(np.searchsorted(sensor.at_s, at_s))
    often = sensor.numeric and sensor.sort != "battery"
    return replace(sensor, at_s=sensor.at_s[:first], values=sensor.values[:first]), (6 if often else 96) * 3600.0


def spike(sensor: Sensor, at_s: float, rng: np.random.Generator) -> tuple[Sensor, float]:
    first = int(np.searchsorted(sensor.at_s, at_s))
    values = list(sensor.values)
    usual = np.array(sensor.values[max(0, first - 5000) : first], float)
    wild = {"humidity": 0.0, "carbon_dioxide": 9999.0, "pressure": 0.0, "pm25": 999.0}.get(
        sensor.sort, float(rng.choice([85.0, -127.0, 0.0]))
    )
    if abs(wild - float(np.median(usual))) < 4 * (usual.max() - usual.min()):
        wild = float(np.median(usual)) + 5 * float(usual.max() - usual.min())
    values[first] = wild
    return replace(sensor, values=values), 3600.0


DRIFT_A_DAY = {"freezer": 0.4, "fridge": 0.4, "indoor_temperature": 0.5, "carbon_dioxide": 35.0}


def drift(sensor: Sensor, at_s: float, rng: np.random.Generator) -> tuple[Sensor, float]:
    days = np.clip((sensor.at_s - at_s) / DAY_S, 0, None)
    moved = np.array(sensor.values, float) + rng.choice([1.0, 1.0]) * DRIFT_A_DAY[sensor.sort] * days
    return replace(sensor, values=np.round(moved, 1).tolist()), 12 * DAY_S


def left_open(sensor: Sensor, at_s: float, rng: np.random.Generator) -> tuple[Sensor, float]:
    first = int(np.searchsorted(sensor.at_s, at_s))
    useful = {"fridge_door": 600.0, "door": 3600.0, "garage_door": 7200.0, "window": 4 * 3600.0, "lock": 7200.0}
    return (
        replace(sensor, at_s=np.append(sensor.at_s[:first], at_s), values=[*sensor.values[:first], "on"]),
        useful[sensor.sort],
    )


def door_ajar(sensor: Sensor, at_s: float, rng: np.random.Generator) -> tuple[Sensor, float]:
    """A fridge or freezer whose door stands open: seen by its temperature alone."""
    passed_s = np.clip(sensor.at_s - at_s, 0, None)
    room = 18.0 if sensor.sort == "fridge" else 8.0
    share = 1 - np.exp(-passed_s / (50 * 60.0))
    warm = np.array(sensor.values, float) * (1 - share) + room * share
    return replace(sensor, values=np.round(warm, 1).tolist()), 2.5 * 3600.0


def leaking(sensor: Sensor, at_s: float, rng: np.random.Generator) -> tuple[Sensor, float]:
    """A running cistern, or a burst pipe."""
    litres_a_minute = float(rng.choice([0.3, 1.0, 25.0]))
    more = np.clip((sensor.at_s - at_s) / 60, 0, None) * litres_a_minute
    useful_s = 1800.0 if litres_a_minute > 10 else 24 * 3600.0
    return replace(sensor, values=np.round(np.array(sensor.values, float) + more).tolist()), useful_s


def wet(sensor: Sensor, at_s: float, rng: np.random.Generator) -> tuple[Sensor, float]:
    first = int(np.searchsorted(sensor.at_s, at_s))
    return replace(sensor, at_s=np.append(sensor.at_s[:first], at_s), values=[*sensor.values[:first], "on"]), 60.0


MEASURED = ("indoor_temperature", "humidity", "carbon_dioxide", "fridge", "freezer", "pressure")
FAULTS: dict[Fault, tuple[str, ...]] = {
    stuck: MEASURED,
    dead: (*MEASURED, "power", "battery", "door", "leak", "smoke"),
    spike: (*MEASURED, "outdoor_temperature"),
    drift: tuple(DRIFT_A_DAY),
    left_open: ("fridge_door", "door", "garage_door", "window", "lock"),
    door_ajar: ("fridge", "freezer"),
    leaking: ("water",),
    wet: ("leak", "smoke"),
}
"""Which sorts of sensors can have which fault."""
