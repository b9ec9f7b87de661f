"""How long explanations and summaries take after a year: `python -m tests.bench.sensors_explain_year [--sensors 1000]`.

A thousand numbers that report once a minute, in forty rooms, with the default retention, and three hundred switches,
windows, doors and motion sensors besides; the last hour is not yet among the figures. Each question has a connection of
its own. Prints, asserts nothing.
"""

import argparse
import random
import sqlite3
import statistics
import tempfile
import time
from pathlib import Path

from edge.sensors.explaining import Inquiry, Places
from edge.sensors.explaining.explain import explain
from edge.sensors.history.packing import packed
from edge.sensors.history.reader import Reader
from edge.sensors.history.schema import open_to_write
from edge.sensors.history.writer import insert_rows, put_state
from edge.sensors.summary import Width
from edge.sensors.summary.summarise import summarise
from tests.bench.sensors_year import DAY_S, END_S, ZONE, fill, value
from tests.bench.service import percentile

ROOMS = 40
STATES = 300
CLASSES = ("temperature", "humidity", "power", "illuminance", "carbon_dioxide")
KINDS = (("switch", ""), ("binary_sensor", "window"), ("binary_sensor", "door"), ("binary_sensor", "motion"))


def furnish(database: sqlite3.Connection, sensors: int) -> None:
    """Rooms and kinds, states of a month, and an hour of fresh readings."""
    with database:
        database.executemany(
            "UPDATE sensor SET area = ?, device_class = ? WHERE id = ?",
            [(f"room_{one % ROOMS}", CLASSES[one % len(CLASSES)], one + 1) for one in range(sensors)],
        )
    chosen = random.Random(3)  # noqa: S311
    on, off = put_state(database, "on"), put_state(database, "off")
    rows = []
    for one in range(STATES):
        domain, kind = KINDS[one % len(KINDS)]
        number = sensors + one + 1
        about = (number, f"{domain}.thing_{one}", f"Thing {one}", f"room_{one % ROOMS}", kind)
        database.execute("INSERT INTO sensor VALUES (?, ?, '', 'state', '', ?, ?, ?)", about)
        at = float(END_S - 30 * DAY_S)
        a_day = 40 if kind == "motion" else 5
        while at < END_S:
            at += chosen.expovariate(a_day / DAY_S)
            rows += [(number, int(at * 1000), on), (number, int((at + chosen.uniform(30, 900)) * 1000), off)]
    database.executemany("INSERT OR IGNORE INTO raw VALUES (?, ?, ?)", rows)
    fresh: list[int | float | None] = []
    for minute in range(45):
        for one in range(sensors):
            fresh += [one + 1, (END_S + 60 * minute) * 1000 + one, packed(value(one, END_S // 60 + minute))]
    insert_rows(database, fresh)
    database.commit()


def told(name: str, took: list[float]) -> None:
    p50, p95 = statistics.median(took), percentile(took, 0.95)
    print(f"{name:12} p50 {p50:6.0f} ms, p95 {p95:6.0f} ms, at most {max(took):.0f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sensors", type=int, default=1000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--asks", type=int, default=200)
    parser.add_argument("--file", type=Path, help="a database that an earlier run left; made where it is not there")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        file = args.file or Path(directory, "year.sqlite")
        if not file.exists():
            database = open_to_write(file)
            database.execute("PRAGMA synchronous=OFF")
            database.execute("PRAGMA cache_size=-200000")
            fill(database, args.sensors, args.days)
            furnish(database, args.sensors)
            database.close()
        chosen = random.Random(11)  # noqa: S311
        places = Places({f"room_{one}": f"floor_{one % 3}" for one in range(ROOMS)})
        now_s = END_S + 45 * 60.0
        names = ("now", "now (cpu)", "lately", "lately (cpu)", "summary")
        took: dict[str, list[float]] = {name: [] for name in names}
        for _ in range(args.asks):
            key = f"sensor.probe_{chosen.randrange(args.sensors)}"
            for name, until_s in (("now", now_s), ("lately", now_s - chosen.random() * 6 * DAY_S)):
                began, worked = time.perf_counter(), time.thread_time()
                with Reader(file, ZONE, wall_s=lambda: now_s) as reader:
                    explain(reader, places, Inquiry(key, until_s))
                took[name].append((time.perf_counter() - began) * 1000)
                took[f"{name} (cpu)"].append((time.thread_time() - worked) * 1000)
        for _ in range(max(1, args.asks // 20)):
            began = time.perf_counter()
            with Reader(file, ZONE, wall_s=lambda: now_s) as reader:
                summarise(reader, places, Width.DAY, END_S - DAY_S, END_S, now_s)
            took["summary"].append((time.perf_counter() - began) * 1000)
        for name, of in took.items():
            told(name, of)


if __name__ == "__main__":
    main()
