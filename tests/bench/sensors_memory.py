"""Memory of sensors with every detector: `python -m tests.bench.sensors_memory [--sensors 5000] [--days 3]`.

Resident bytes of this process before and after so many indoor temperatures are watched by `Watching`, each with the
defaults of its sort and all other detectors that numbers can have; what they have learnt is packed and read back, too.
Prints, asserts nothing.
"""

import argparse
import os
import random
import time
from pathlib import Path

from edge.sensors.alarms import AlarmBook
from edge.sensors.alarms.words import Moments
from edge.sensors.history.model import Sensor, Sort
from edge.sensors.model import Reading
from edge.sensors.watching import Choosing, Watching
from edge.sensors.watching.watching import Surroundings
from edge.settings.watch import WatchedSettings

START_S = 1_757_289_600.0
EVERY = {
    "sensor": "*",
    "drift": True,
    "limits": {"high": 60.0},
    "rate": {"rise": 50.0},
    "counter": {"run_least_s": 1e9},
}
"""What an indoor temperature has not by default."""


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sensors", type=int, default=5000)
    parser.add_argument("--days", type=float, default=3)
    args = parser.parse_args()
    now_s = START_S
    rng = random.Random(1)  # noqa: S311
    book = AlarmBook(Moments(lambda: now_s))
    choosing = Choosing([WatchedSettings.model_validate(EVERY)])
    watching = Watching(book, choosing, Surroundings(now_s=lambda: now_s))
    sensors = [
        Sensor(f"sensor.probe_{number}", Sort.NUMBER, f"Probe {number}", "°C", "temperature", f"room_{number}")
        for number in range(args.sensors)
    ]
    choice = choosing.of(sensors[0])
    print(f"detectors a sensor         {len(choice.settings) if choice else 0:9d}")
    before = resident_bytes()
    print(f"resident before            {before / 1e6:9.1f} MB")
    took = readings = 0.0
    for step in range(int(args.days * 48)):
        now_s = START_S + 1800.0 * step
        began = time.perf_counter()
        for sensor in sensors:
            watching.heard(sensor, Reading(now_s, 20 + round(rng.random(), 1)))
        while watching.waiting:
            watching.second(1000)
        watching.second()
        took += time.perf_counter() - began
        readings += len(sensors)
    after = resident_bytes()
    print(f"resident after             {after / 1e6:9.1f} MB, {(after - before) / args.sensors / 1e3:.1f} kB a sensor")
    print(f"readings                   {readings / took:9,.0f} a second on one core, two an hour")
    began = time.perf_counter()
    rows = watching.keep_all()
    print(f"packed                     {sum(len(row[2]) for row in rows) / 1e6:9.1f} MB", end="")
    print(f" in {time.perf_counter() - began:.2f} s; resident {resident_bytes() / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
