"""What earlier days were like, and whether one is like none of them; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import Final

from edge.sensors.explaining.priors import What
from edge.sensors.history.grids import Daily

_LEAST: Final = 5
"""Days before anything is usual."""
_OUTSIDE: Final = 0.35
"""So much of what the days before span it must be outside of that."""
_PERCENT: Final = 0.03
_COUNTED: Final = 1.35
_IDLE: Final = 0.3
_SURE: Final = 5.0
_CREPT: Final = {What.COLD: 1.0, What.HUMIDITY: 8.0, What.AIR: 150.0}
"""The least that is told, within the days there are."""


@dataclass(frozen=True, slots=True)
class Learnt:
    """Of the days before: the middle and the furthest ones. None where there were too few."""

    days: int
    reports: float
    middle_low: float | None = None
    middle_high: float | None = None
    lowest: float = 0.0
    highest: float = 0.0
    span: float = 0.0
    """What a day usually spans."""
    middle_gain: float | None = None
    least_gain: float = 0.0
    most_gain: float = 0.0


def learnt(daily: Sequence[Daily], counts: bool) -> Learnt:
    """From the days before."""
    if not daily:
        return Learnt(0, 0.0)
    reports = median(one.count for one in daily)
    if len(daily) < _LEAST:
        return Learnt(len(daily), reports)
    if counts:
        gains = [one.gain for one in daily if one.gain is not None]
        if len(gains) < _LEAST:
            return Learnt(len(daily), reports)
        return Learnt(len(daily), reports, middle_gain=median(gains), least_gain=min(gains), most_gain=max(gains))
    lows, highs = [one.low for one in daily], [one.high for one in daily]
    span = median(one.high - one.low for one in daily)
    return Learnt(len(daily), reports, median(lows), median(highs), min(lows), max(highs), span)


def strange(now: Daily, known: Learnt, days: float) -> tuple[float, float, float, float, bool] | None:
    """The value, the furthest of the days before, how far outside, whether it was counted; None for a day as others."""
    if known.days < _LEAST:
        return None
    if known.middle_gain is not None:
        return _strange_count(now, known, days)
    if known.middle_low is None:
        return None
    width = max(known.highest - known.lowest, known.span, 1e-9)
    least = max(_OUTSIDE * width, _PERCENT * max(abs(known.highest), abs(known.lowest)))
    above, below = now.high - known.highest, known.lowest - now.low
    if max(above, below) < least:
        return None
    value = now.high if above >= below else now.low
    return value, known.lowest, known.highest, max(above, below) / width, False


def _strange_count(now: Daily, known: Learnt, days: float) -> tuple[float, float, float, float, bool] | None:
    if now.gain is None or known.middle_gain is None:
        return None
    least, most = known.least_gain * days, known.most_gain * days
    if most > 0 and now.gain > _COUNTED * most:
        return now.gain, least, most, now.gain / most, True
    if least > 0 and days >= 1 and now.gain < _IDLE * least:
        return now.gain, least, most, least / max(now.gain, 0.1 * least), True
    return None


def crept(daily: Sequence[Daily], what: What) -> tuple[float, float] | None:
    """By how much it has risen in these days, and how sure that is; None where it has not, or by little."""
    if len(daily) < 10:
        return None
    places = [float(one.day) for one in daily]
    means = [one.mean for one in daily]
    at, mean = fmean(places), fmean(means)
    spread = sum((place - at) ** 2 for place in places)
    slope = sum((place - at) * (value - mean) for place, value in zip(places, means, strict=True)) / spread
    rest = [value - mean - slope * (place - at) for place, value in zip(places, means, strict=True)]
    error = (sum(one**2 for one in rest) / (len(rest) - 2) / spread) ** 0.5
    by = slope * (places[-1] - places[0])
    sure = slope / error if error > 0 else float("inf")
    return (by, sure) if by >= _CREPT[what] and sure >= _SURE else None
