"""A year of readings: `python -m tests.bench.sensors_year [--sensors 1000] [--days 365] [--asks 400]`.

Sensors that report once a minute, with the default retention: the tables are filled in bulk as they are after so long
(readings of 7 days, five-minute figures of 30, hours and days), in the order in which time would have filled them, an
hour at a time. A day that goes through intake and writer gives the same rows. Then questions of all kinds, each with a
fresh connection, over spans from an hour to all of it, and sentences, from being asked to being answered. Prints,
asserts nothing.
"""

import argparse
import asyncio
import math
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from edge.assistant.model import Source, Utterance
from edge.devices.model import Device, DeviceState
from edge.devices.registry import Registry
from edge.router.router import Router
from edge.sensors.history.choosing import Choosing
from edge.sensors.history.intake import Intake
from edge.sensors.history.packing import packed
from edge.sensors.history.reader import Reader
from edge.sensors.history.retention import Keep
from edge.sensors.history.rollup import Zone
from edge.sensors.history.schema import open_to_write, size_bytes
from edge.sensors.history.writer import Names, Writer
from tests.assistant.asking.remembering import StillClock, assistant_of
from tests.bench.service import percentile

ZONE = Zone(UTC)
DAY_S = 86_400
END_S = 1_811_808_000  # a midnight
KEEP = Keep()


def value(sensor: int, minute: int) -> float:
    """A temperature with its days, as a sensor reports it."""
    wave = 4 * math.sin(minute / 1440 * math.tau + sensor)
    return round(20 + wave + ((minute * 2_654_435_761 + sensor * 40_503) >> 7) % 100 / 100, 2)


def fill(database: sqlite3.Connection, sensors: int, days: int) -> None:
    """What a writer would have left, an hour of all sensors at a time."""
    database.executemany(
        "INSERT INTO sensor VALUES (?, ?, '°C', 'number', '', ?, '', 'temperature')",
        [(one + 1, f"sensor.probe_{one}", f"Probe {one}") for one in range(sensors)],
    )
    first = END_S - days * DAY_S
    for hour in range(first // 3600, END_S // 3600):
        age_days = (END_S - hour * 3600) / DAY_S
        with database:
            _fill_hour(database, sensors, hour, age_days)
            if hour % 24 == 23:
                _fill_day(database, sensors, hour)


def _fill_hour(database: sqlite3.Connection, sensors: int, hour: int, age_days: float) -> None:
    raw, five, hours = [], [], []
    for sensor in range(sensors):
        if age_days <= KEEP.five_minute_days:
            values = [packed(value(sensor, hour * 60 + minute)) for minute in range(60)]
            five += [
                (sensor + 1, hour * 12 + part, 5, min(of), max(of), sum(of), None)
                for part in range(12)
                for of in [values[part * 5 : part * 5 + 5]]
            ]
        else:
            values = [packed(value(sensor, hour * 60 + minute)) for minute in (0, 20, 40)]
        if age_days <= KEEP.raw_days:
            raw += [(sensor + 1, (hour * 3600 + n * 60) * 1000 + sensor, one) for n, one in enumerate(values)]
        hours.append((sensor + 1, hour, 60, min(values), max(values), sum(values) * 60 // len(values), None))
    database.executemany("INSERT INTO raw VALUES (?, ?, ?)", raw)
    database.executemany("INSERT INTO five VALUES (?, ?, ?, ?, ?, ?, ?)", five)
    database.executemany("INSERT INTO hour VALUES (?, ?, ?, ?, ?, ?, ?)", hours)


def _fill_day(database: sqlite3.Connection, sensors: int, hour: int) -> None:
    day = ZONE.day(hour * 3_600_000)
    database.execute(
        "INSERT INTO day SELECT sensor, ?, sum(count), min(low), max(high), sum(sum), NULL FROM hour "
        "WHERE sensor <= ? AND at > ? AND at <= ? GROUP BY sensor",
        (day, sensors, hour - 24, hour),
    )


def same_rows(directory: Path, sensors: int = 20) -> bool:
    """Whether a day through intake and writer gives what a day filled in bulk gives."""
    real = directory / "real.sqlite"
    now = [float(END_S - DAY_S)]
    registry = Registry()
    for one in range(sensors):
        registry.put_device(Device(f"sensor.probe_{one}", f"Probe {one}", device_class="temperature", unit="°C"))
    intake, writer = Intake(choosing=Choosing(), wall_s=lambda: now[0]), Writer(real, KEEP, ZONE)
    intake.begin(registry)

    def write() -> None:
        names = Names(tuple(intake.sensors), intake.changed, tuple(intake.states))
        writer.write(intake.take_waiting(), names, {}, int(now[0] * 1000))
        writer.tidy_where_due(int(now[0] * 1000))

    for minute in range(1440):
        for one in range(sensors):
            now[0] = END_S - DAY_S + minute * 60 + one / 1000 + 1e-6
            said = str(value(one, (END_S - DAY_S) // 60 + minute))
            registry.set_state(f"sensor.probe_{one}", DeviceState(said, reported_s=minute + 1.0))
        if minute % 7 == 6:
            write()
    now[0] = END_S
    write()
    writer.tidy(END_S * 1000)
    writer.close()
    bulk = open_to_write(directory / "bulk.sqlite")
    fill(bulk, sensors, 1)
    with sqlite3.connect(real) as other:
        tables = ("raw", "five", "hour", "day")
        return all(
            bulk.execute(f"SELECT * FROM {one}").fetchall() == other.execute(f"SELECT * FROM {one}").fetchall()  # noqa: S608
            for one in tables
        )


def ask(file: Path, sensors: int, days: int, asks: int) -> dict[str, list[float]]:
    """Milliseconds by kind of question."""
    chosen = random.Random(7)  # noqa: S311
    kinds: dict[str, Callable[[Reader, str, float, float], object]] = {
        "last": lambda reader, key, _since_s, _until_s: reader.last(key),
        "figures": lambda reader, key, since_s, until_s: reader.stats(key, since_s, until_s),
        "when lowest": lambda reader, key, since_s, until_s: reader.extreme(key, since_s, until_s, "low"),
        "plot": lambda reader, key, since_s, until_s: reader.series(key, since_s, until_s, 200),
    }
    took: dict[str, list[float]] = {kind: [] for kind in kinds}
    for _ in range(asks):
        for kind, question in kinds.items():
            length_s = chosen.choice((3600, 6 * 3600, DAY_S, 7 * DAY_S, 30 * DAY_S, days * DAY_S))
            until_s = END_S - chosen.random() * max(0, days * DAY_S - length_s)
            key = f"sensor.probe_{chosen.randrange(sensors)}"
            began = time.perf_counter()
            with Reader(file, ZONE, wall_s=lambda: float(END_S)) as reader:
                question(reader, key, until_s - length_s, until_s)
            took[kind].append((time.perf_counter() - began) * 1000)
    return took


SENTENCES = (
    "what was the coldest probe {} got last night",
    "how warm did probe {} get this week",
    "what was the average of probe {} yesterday",
    "what was the average of probe {} in the past month",
    "when did probe {} last go above twenty four",
    "how long was probe {} above twenty two yesterday",
    "how often did probe {} go above twenty three this week",
    "is probe {} rising",
    "is probe {} normal",
    "how warm was probe {} at noon yesterday",
    "was probe {} warmer today than yesterday",
    "which day was probe {} the warmest this month",
    "how much did probe {} fall last night",
    "what was the lowest probe {} got this year",
)


async def say(file: Path, sensors: int, asks: int) -> tuple[list[float], list[str]]:
    """Milliseconds from a sentence to its answer, through router, reading and history; and those not understood."""
    registry = Registry()
    for one in range(sensors):
        device = f"sensor.probe_{one}"
        registry.put_device(Device(device, f"Probe {one}", device_class="temperature", unit="°C"))
        registry.set_state(device, DeviceState("20.0"))
    now = datetime.fromtimestamp(END_S - 3 * 3600, UTC)
    router = await asyncio.to_thread(lambda: Router.load(now=lambda: now))
    chosen = random.Random(11)  # noqa: S311
    took: list[float] = []
    missed: list[str] = []
    async with assistant_of(registry, file, StillClock(now, UTC), UTC, router) as assistant:
        for at in range(asks):
            text = SENTENCES[at % len(SENTENCES)].format(chosen.randrange(sensors))
            began = time.perf_counter()
            reply = await assistant.ask(Utterance(text, Source.CLI, origin=str(at)))
            took.append((time.perf_counter() - began) * 1000)
            if "degrees" not in reply.text and "hour" not in reply.text and "times" not in reply.text:
                missed.append(f"{text}: {reply.text}")
    return took[len(SENTENCES) :], missed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sensors", type=int, default=1000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--asks", type=int, default=400)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        print(f"a day through the real path gives the same rows  {same_rows(Path(directory))}")
        file = Path(directory, "year.sqlite")
        database = open_to_write(file)
        database.execute("PRAGMA cache_size=-200000")
        database.execute("PRAGMA synchronous=OFF")
        began = time.perf_counter()
        fill(database, args.sensors, args.days)
        size = size_bytes(database)
        database.close()
        print(f"filled: {args.sensors} sensors, {args.days} days  in {time.perf_counter() - began:.0f} s")
        print(f"database                                         {size / 1e9:.3f} GB")
        everything: list[float] = []
        for kind, took in ask(file, args.sensors, args.days, args.asks).items():
            everything += took
            print(f"{kind:12} p50 {statistics.median(took):7.2f} ms, p95 {percentile(took, 0.95):7.2f} ms")
        said, missed = asyncio.run(say(file, args.sensors, args.asks))
        print(f"sentences    p50 {statistics.median(said):7.2f} ms, p95 {percentile(said, 0.95):7.2f} ms")
        print(f"not understood: {len(missed)} of {len(said)}", *missed[:3], sep="\n  ")
        print(f"all          p95 {percentile(everything, 0.95):7.2f} ms, at most {max(everything):.2f} ms")


if __name__ == "__main__":
    main()
