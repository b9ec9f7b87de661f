"""Readings to feed detectors with."""

import math
import random
from collections.abc import Iterable, Iterator

from edge.sensors import Change, Finding, Reading, Watch

MONDAY_S = 1_757_289_600.0
DAY_S = 86400.0


def steady(days: float, *, every_s: float = 600.0, start_s: float = MONDAY_S, level: float = 20.0) -> Iterator[Reading]:
    """A day's cycle with noise, in tenths."""
    rng = random.Random(7)  # noqa: S311
    for step in range(int(days * DAY_S / every_s)):
        at_s = start_s + step * every_s
        cycle = 2.0 * math.sin(2 * math.pi * (at_s % DAY_S) / DAY_S)
        yield Reading(at_s, round(level + cycle + rng.gauss(0, 0.15), 1))


def fed(watch: Watch, readings: Iterable[Reading], beside: float | None = None) -> list[Finding]:
    """All that is found, the time being told at each reading."""
    found: list[Finding] = []
    for reading in readings:
        found += watch.tick(reading.at_s)
        found += watch.update(reading, now_s=reading.at_s, beside=beside)
    return found


def begun(found: Iterable[Finding]) -> list[str]:
    return [one.key for one in found if one.change is Change.BEGAN]


def ended(found: Iterable[Finding]) -> list[str]:
    return [one.key for one in found if one.change is Change.ENDED]
