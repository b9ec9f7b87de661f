"""What an idle house has the card written: sensors report, nobody asks anything."""

import json
import math
import time
from typing import Final

from image.boot.house import House
from image.boot.scenario import Scenario

SENSORS: Final = 50
EVERY_S: Final = 30.0
"""Between two readings of a sensor."""
_SETTLE_S: Final = 180.0
_SECTOR: Final = 512
_DAY_S: Final = 86_400.0
_MOST_MB: Final = 100.0
_COUNT: Final = "sync; awk '{ print $7 }' /sys/block/vda/stat"
"""Sectors written to the card since the start: Documentation/block/stat.rst of Linux. What waits is written first."""


def count_writes(scenario: Scenario, minutes: float) -> None:
    """Have sensors report for so long, and tell what a day of it would write to the card."""
    machine, report = scenario.machine, scenario.report
    scenario.stop_house()
    with House(machine.ports[1883], scenario.password) as house:
        house.connect(60.0 * scenario.patience)
        for number in range(SENSORS):
            house.publish(f"homeassistant/sensor/idle_{number}/config", json.dumps(_described(number)), retain=True)
        _report(house, _SETTLE_S)
        before, began_s = int(machine.run(_COUNT)), time.monotonic()
        _report(house, minutes * 60)
        written = (int(machine.run(_COUNT)) - before) * _SECTOR
        length_s = time.monotonic() - began_s
    a_day = written / length_s * _DAY_S / 1e6
    report.fact("minutes of an idle house", length_s / 60)
    report.fact("MB written to the card in them", written / 1e6)
    report.fact("MB a day", a_day)
    report.expect(f"an idle house writes at most {_MOST_MB:.0f} MB a day", a_day <= _MOST_MB, f"{a_day:.0f} MB")


def _described(number: int) -> dict[str, str]:
    return {
        "name": f"Temperature {number}",
        "unique_id": f"idle_{number}",
        "state_topic": f"idle/{number}",
        "unit_of_measurement": "°C",
        "device_class": "temperature",
        "state_class": "measurement",
    }


def _report(house: House, for_s: float) -> None:
    """An even stream of readings that move a little, as a room does."""
    began_s, sent = time.monotonic(), 0
    while (now_s := time.monotonic() - began_s) < for_s:
        for number in range(sent, int(now_s * SENSORS / EVERY_S)):
            value = 20 + 3 * math.sin(now_s / 3600 + number) + 0.1 * ((number * 7919) % 5)
            house.publish(f"idle/{number % SENSORS}", f"{value:.1f}")
            sent = number + 1
        time.sleep(0.2)
