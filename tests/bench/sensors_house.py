"""False alarms on clean house sensors, planted faults found in useful time, readings a second, memory.

python -m tests.bench.sensors_house [--houses 2] [--days 60] [--only alarms|faults|load|wired]

`alarms` and `faults` measure the detectors by themselves, `wired` the same through registry, intake, watch and alarm
book, with what people are told counted.
"""

import argparse
import json
import time
import tracemalloc
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from edge.sensors import Change, Finding, Reading, Watch
from edge.sensors.defaults import DEFAULTS
from tests.bench.sensors.house import DAY_S, FAULTS, START_S, Fault, Sensor, sensors
from tests.bench.sensors.wired import House


def lived_through(sensor: Sensor, until_s: float, rng: np.random.Generator) -> list[Finding]:
    """All findings at default settings, told the time every minute that matters, restarted now and then."""
    settings = DEFAULTS[sensor.sort]
    watch = Watch(settings, numeric=sensor.numeric)
    restarts = sorted(START_S + rng.uniform(1, 55, 3) * DAY_S)
    away_until_s = 0.0
    found: list[Finding] = []
    now_s = START_S
    others = [None] * len(sensor.values) if sensor.others is None else sensor.others.tolist()
    for at_s, value, beside in zip(sensor.at_s.tolist(), sensor.values, others, strict=True):
        while now_s < at_s:
            if now_s >= away_until_s:
                found += watch.tick(now_s)
            now_s += 300.0
        if restarts and at_s > restarts[0]:
            away_until_s = restarts.pop(0) + rng.uniform(60, 1800)
            kept = json.loads(json.dumps(watch.state()))
            watch = Watch(settings, numeric=sensor.numeric)
            watch.restore(kept, away_until_s)
        if at_s >= away_until_s:
            found += watch.update(Reading(at_s, value), now_s=at_s, beside=beside)
    while now_s < until_s:
        found += watch.tick(now_s)
        now_s += 300.0
    return found


def alarms(houses: int, days: int) -> None:
    """Alarms in clean houses."""
    by_sort: Counter[str] = Counter()
    by_key: Counter[str] = Counter()
    sensor_days = 0
    for seed in range(1, houses + 1):
        rng = np.random.default_rng([seed, 99])
        for sensor in sensors(seed, days):
            began = [one for one in lived_through(sensor, float(sensor.at_s[-1]), rng) if one.change is Change.BEGAN]
            sensor_days += days
            by_sort[sensor.sort] += len(began)
            for one in began:
                by_key[f"{sensor.sort}:{one.key}"] += 1
    total = sum(by_sort.values())
    print(f"clean houses: {total} alarms in {sensor_days} sensor-days: {total / sensor_days:.4f} a sensor and day")
    print("  " + ", ".join(f"{key} {count}" for key, count in by_key.most_common(20)))


@dataclass(frozen=True)
class _Planted:
    """A fault in one sensor of a house, and until when it must have been found."""

    fault: str
    sort: str
    clean: Sensor
    broken: Sensor
    at_s: float
    until_s: float


def _planted(house: list[Sensor], rng: np.random.Generator) -> Iterator[_Planted]:
    """One at a time, in the house's fifth week or later."""
    planted: list[tuple[Fault, str]] = [(fault, sort) for fault, sorts in FAULTS.items() for sort in sorts]
    for fault, sort in planted:
        chosen = [one for one in house if one.sort == sort]
        sensor = chosen[int(rng.integers(len(chosen)))]
        at_s = START_S + rng.uniform(30, 46) * DAY_S
        broken, useful_s = fault(sensor, at_s, rng)
        yield _Planted(fault.__name__, sort, sensor, broken, at_s, at_s + useful_s)


def wired(houses: int, days: int) -> None:
    """The same, through all that stands between a sensor and a person."""
    told = sensor_days = 0
    by_kind: Counter[str] = Counter()
    for seed in range(1, houses + 1):
        house = House(sensors(seed, days))
        house.live(START_S + days * DAY_S, np.random.default_rng([seed, 99]))
        sensor_days += days * len(house.sensors)
        told += len(house.told())
        by_kind.update(f"{one.alarm.sensor}:{one.alarm.key}" for one in house.told())
    print(f"wired, clean: {told} told in {sensor_days} sensor-days: {told / sensor_days:.4f} a sensor and day")
    print("  " + ", ".join(f"{key} {count}" for key, count in by_kind.most_common(20)))
    hit: dict[str, list[bool]] = defaultdict(list)
    missed: Counter[str] = Counter()
    for seed in range(101, 101 + houses):
        clean = sensors(seed, days)
        rng = np.random.default_rng([seed, 98])
        for one in _planted(clean, rng):
            beside = [other for other in clean if other.sort == one.sort and other is not one.clean]
            house = House([one.broken, *beside])
            house.live(one.until_s + 300, rng)
            found = house.knew(one.broken, one.at_s, one.until_s + 300)
            hit[one.fault].append(found)
            if not found:
                missed[f"{one.fault}:{one.sort}"] += 1
    _print_faults("wired, planted faults", hit, missed)


def _print_faults(what: str, hit: dict[str, list[bool]], missed: Counter[str]) -> None:
    total = [ok for many in hit.values() for ok in many]
    print(f"{what}: {sum(total)} of {len(total)} found in useful time ({100 * np.mean(total):.1f} %)")
    print("  " + ", ".join(f"{name} {sum(many)}/{len(many)}" for name, many in hit.items()))
    if missed:
        print("  missed: " + ", ".join(f"{name} {count}" for name, count in missed.most_common()))


def faults(houses: int, days: int) -> None:
    """Planted faults, one sensor at a time."""
    hit: dict[str, list[bool]] = defaultdict(list)
    missed: Counter[str] = Counter()
    for seed in range(101, 101 + houses):
        house = sensors(seed, days)
        rng = np.random.default_rng([seed, 98])
        for one in _planted(house, rng):
            broken = one.broken
            last = int(np.searchsorted(broken.at_s, one.until_s, side="right"))
            broken = Sensor(
                broken.name,
                one.sort,
                broken.at_s[:last],
                broken.values[:last],
                None if broken.others is None else broken.others[:last],
            )
            found = lived_through(broken, one.until_s + 300, rng)
            ok = any(each.change is Change.BEGAN and one.at_s <= each.at_s <= one.until_s + 300 for each in found)
            hit[one.fault].append(ok)
            if not ok:
                missed[f"{one.fault}:{one.sort}"] += 1
    _print_faults("planted faults", hit, missed)


def load() -> None:
    """Readings a second over 1,000 sensors, and bytes of 5,000, all with the detectors that measured sorts have."""
    rng = np.random.default_rng(5)
    sorts = ("indoor_temperature", "humidity", "carbon_dioxide", "freezer", "power", "water")
    watches = [Watch(DEFAULTS[sorts[place % 6]]) for place in range(1000)]
    readings = 200
    took = 0.0
    for step in range(readings):
        batch = [Reading(START_S + 300.0 * step, round(float(rng.normal(20, 1)), 1)) for _ in watches]
        began = time.perf_counter()
        for watch, reading in zip(watches, batch, strict=True):
            watch.update(reading, now_s=reading.at_s, beside=20.0)
        took += time.perf_counter() - began
    print(f"load: {readings * 1000 / took:,.0f} readings a second on one core, 1,000 sensors")
    del watches
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    many = [Watch(DEFAULTS["indoor_temperature"]) for _ in range(5000)]
    for step in range(30):
        for watch in many:
            watch.update(Reading(START_S + 1800.0 * step, 20 + float(rng.random())), beside=20.0)
    size = tracemalloc.get_traced_memory()[0] - before
    print(f"memory: {size / 2**20:.1f} MiB for 5,000 sensors; state {len(json.dumps(many[0].state()))} bytes each")


def main() -> None:
    """Print what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--houses", type=int, default=2)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--only", choices=["alarms", "faults", "load", "wired"])
    args = parser.parse_args()
    if args.only in (None, "load"):
        load()
    if args.only in (None, "alarms"):
        alarms(args.houses, args.days)
    if args.only in (None, "faults"):
        faults(args.houses, args.days)
    if args.only in (None, "wired"):
        wired(args.houses, args.days)


if __name__ == "__main__":
    main()
