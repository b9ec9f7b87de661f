"""Finds how a series got to where it is: since when, from what, and how unusual that is; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.sensors.explaining.model import Direction

Values = NDArray[np.float64]

DAY: Final = 288
"""Places of a day on the grid of five minutes."""
_RECENT: Final = (24, 144)
"""How far back the furthest point may be: two hours, or half a day where nothing moved in those."""
_LONGEST: Final = 3 * DAY
_DAYS: Final = 14
_BACK: Final = 0.3
"""What goes back by so much of the movement is where that began."""
_NOISE: Final = 6.0
"""A movement is at least so many times the noise,"""
_FROM_USUAL: Final = 0.3
_SWING: Final = 0.25
"""so much of what a day usually spans, and, where it is not at what is usual now, of how far it is from that."""
_STEEPER: Final = 1.6
_PLATEAU: Final = 18
"""After so many places without a further twentieth of it, what was before is another movement."""
_LEVEL: Final = 0.05
_NEARLY: Final = 0.95


@dataclass(frozen=True, slots=True)
class Moved:
    """Places on the grid: where it began, other places where it may have, where it was furthest, and nearly so."""

    direction: Direction
    start: int
    starts: tuple[int, ...]
    peak: int
    reached: int
    before: float
    after: float

    @property
    def size(self) -> float:
        return abs(self.after - self.before)


@dataclass(frozen=True, slots=True)
class Ordinary:
    """What is usual: of a reading's error, of a day's span."""

    noise: float
    swing: float
    days: int


def smoothed(values: Values) -> Values:
    """The middle of three; where one of them is missing, the value itself."""
    if len(values) < 3:
        return values
    middle = np.median(np.stack([values[:-2], values[1:-1], values[2:]]), axis=0)
    smooth = values.copy()
    smooth[1:-1] = np.where(np.isnan(middle), values[1:-1], middle)
    return smooth


def ordinary(values: Values, smooth: Values, end: int) -> Ordinary:
    """Of the days before the last one."""
    rest = np.abs(values - smooth)
    rest = rest[~np.isnan(rest)]
    known = values[~np.isnan(values)]
    steps = np.diff(np.unique(known[-2000:])) if len(known) else np.empty(0)
    noise = max(
        1.4826 * float(np.quantile(rest, 0.7)) if len(rest) else 0.0, 0.4 * float(np.median(steps)) if len(steps) else 0
    )
    spans = [
        float(np.nanmax(day) - np.nanmin(day)) for day in _days_before(smooth, end) if np.count_nonzero(day == day) > 24
    ]
    return Ordinary(noise, float(np.median(spans)) if spans else 0.0, len(spans))


def find(
    smooth: Values, end: int, usual: Ordinary, direction: Direction | None, since: int | None = None
) -> Moved | None:
    """The movement that ends at `end`, or within [since, end]; None where there is none worth telling."""
    wanted = [direction] if direction else [Direction.UP, Direction.DOWN]
    least = max(_NOISE * usual.noise, _SWING * usual.swing)
    if since is not None:
        return _largest(smooth, end, [end - since], wanted, usual, least)
    # Where it is not at what is usual, what led there is meant, and not its last ripple.
    farther = max(least, _FROM_USUAL * _beyond(smooth, end, wanted))
    found = _largest(smooth, end, _RECENT, wanted, usual, farther)
    return found or (_largest(smooth, end, _RECENT, wanted, usual, least) if farther > least else None)


def _largest(
    smooth: Values, end: int, recents: Sequence[int], wanted: Sequence[Direction], usual: Ordinary, least: float
) -> Moved | None:
    for recent in recents:
        found = [one for which in wanted if (one := _back_from_peak(smooth, end, recent, which, usual, least))]
        found = [one for one in found if one.size >= least and one.size > 0]
        if found:
            return max(found, key=lambda one: one.size)
    return None


def _beyond(smooth: Values, end: int, wanted: list[Direction]) -> float:
    """How far it is from the middle of what is usual at this hour, where it is outside of that the way it is asked."""
    level = usual_level(smooth, end)
    known = smooth[max(0, end - _RECENT[0]) : end + 1]
    known = known[~np.isnan(known)]
    if level is None or not len(known):
        return 0.0
    low, high, now = *level, float(np.median(known[-3:]))
    above = now - high if Direction.UP in wanted else 0.0
    below = low - now if Direction.DOWN in wanted else 0.0
    return abs(now - (low + high) / 2) if max(above, below) > 0 else 0.0


def usual_size(smooth: Values, end: int, length: int, direction: Direction) -> float | None:
    """How far it moves that way within `length` on an ordinary day; None with fewer than three days."""
    found = []
    lags = sorted({max(2, length // part) for part in (1, 2, 4)})
    for day in _days_before(smooth * direction.sign, end):
        moves = [day[lag:] - day[:-lag] for lag in lags if lag < len(day)]
        best = [float(np.nanmax(one)) for one in moves if np.count_nonzero(one == one) > 24]
        if best:
            found.append(max(best))
    return max(0.0, float(np.median(found))) if len(found) >= 3 else None


def usual_level(smooth: Values, at: int) -> tuple[float, float] | None:
    """Between which values it is at this hour on four of five days."""
    found = [
        float(np.nanmedian(part))
        for back in range(1, _DAYS + 1)
        if len(part := smooth[max(0, at - back * DAY - 6) : max(0, at - back * DAY + 7)]) and not np.isnan(part).all()
    ]
    if len(found) < 4:
        return None
    low, high = np.quantile(found, [0.1, 0.9])
    return float(low), float(high)


def _days_before(smooth: Values, end: int) -> list[Values]:
    """The days before the last, the latest first."""
    ends = [end - back * DAY for back in range(1, _DAYS + 1)]
    return [smooth[one - DAY : one] for one in ends if one >= DAY]


def _back_from_peak(
    smooth: Values, end: int, recent: int, which: Direction, usual: Ordinary, least: float
) -> Moved | None:
    signed = smooth * which.sign
    first = max(0, end - recent)
    window = signed[first : end + 1]
    if not len(window) or np.isnan(window).all():
        return None
    peak = first + int(np.nanargmax(window))
    top, low, at = signed[peak], signed[peak], peak
    settled = peak
    for place in range(peak - 1, max(-1, peak - _LONGEST), -1):
        value = signed[place]
        if np.isnan(value):
            continue
        if value < low:
            settled = place if value < low - _LEVEL * (top - value) else settled
            low, at = value, place
        elif top - low < least:
            # Still on what may be the level that it moved to.
            if value > top + max(2 * usual.noise, 0.15 * least):
                break
        elif settled - place > _PLATEAU:
            at = settled
            break
        elif value > low + max(4 * usual.noise, _BACK * (top - low)):
            break
    if at == peak:
        return None
    foot = _foot(signed, at, peak)
    turned = _turn(signed, at, at, peak)
    if turned is None:
        turned = _turn(signed, max(0, at - 12), at, peak)
    start = turned if turned is not None else foot
    # What it said before it turned, without what one reading may be off by.
    before = float(np.nanmedian(signed[max(0, min(at, start - 1)) : start + 1]))
    starts = tuple(sorted({start, foot, _out_of_range(signed, start, peak, end)}))
    nearly = np.flatnonzero(signed[start : peak + 1] >= before + _NEARLY * (top - before))
    reached = start + int(nearly[0]) if len(nearly) else peak
    return Moved(which, start, starts, peak, reached, which.sign * before, which.sign * float(top))


def _foot(signed: Values, at: int, peak: int) -> int:
    """The last place before it had moved by a tenth."""
    bound = signed[at] + 0.1 * (signed[peak] - signed[at])
    below = np.flatnonzero(signed[at:peak] <= bound)
    return at + int(below[-1]) if len(below) else at


def _out_of_range(signed: Values, start: int, peak: int, end: int) -> int:
    """Where it left what it is on other days; `start` where it has not, or was outside before."""
    highs = [float(np.nanmax(day)) for day in _days_before(signed, end) if not np.isnan(day).all()]
    if len(highs) < 3:
        return start
    inside = np.flatnonzero(signed[start:peak] <= float(np.median(highs)))
    return start + int(inside[-1]) if len(inside) and start + int(inside[-1]) < peak - 1 else start


def _turn(signed: Values, start: int, at: int, peak: int) -> int | None:
    """Where it became clearly steeper: two straight lines through what led to most of it."""
    low, size = signed[at], signed[peak] - signed[at]
    most = np.flatnonzero(signed[at : peak + 1] >= low + 0.8 * size)
    end = at + int(most[0]) if len(most) else peak
    stride = max(1, (end - start) // 120)
    places = np.arange(start, end + 1, stride)
    places = places[~np.isnan(signed[places])]
    if len(places) < 6:
        return None
    heights, best = signed[places], None
    for place in places[2:-2]:
        left, right = np.minimum(places - place, 0), np.maximum(places - place, 0)
        columns = np.stack([np.ones(len(places)), left, right], axis=1)
        (level, before, after), *_ = np.linalg.lstsq(columns, heights, rcond=None)
        error = float(np.sum((columns @ (level, before, after) - heights) ** 2))
        if best is None or error < best[0]:
            best = error, int(place), before, after
    if best is None or best[3] <= 0 or best[3] < _STEEPER * max(best[2], 0.0):
        return None
    return best[1]
