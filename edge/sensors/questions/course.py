"""What can be told from how a number went: its mean, how long and how often it was beyond a bound, its gaps; pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Final

from edge.sensors.history.course import Slice
from edge.sensors.questions.model import Gap, Test

_PATIENCE_S: Final = 3600.0
_TIMES: Final = 4.0
"""A reading holds until the next one, for an hour at least and four times as long as usually lies between two."""
_FLICKER_S: Final = 120.0
"""Spells that are no further apart are one."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A slice with its end, within the stretch of time asked about."""

    at_s: float
    until_s: float
    low: float
    high: float
    mean: float
    coarse: bool


@dataclass(frozen=True, slots=True)
class Spell:
    """From when to when something held; `open`: it did before, or goes on after, what is known here."""

    at_s: float
    until_s: float
    from_before: bool = False
    lasts: bool = False
    about: bool = False

    @property
    def seconds(self) -> float:
        """How long."""
        return self.until_s - self.at_s


def patience_s(slices: Sequence[Slice]) -> float:
    """How long a reading is taken to hold."""
    steps = [later.at_s - one.at_s for one, later in pairwise(slices)]
    return max(_PATIENCE_S, _TIMES * median(steps)) if len(steps) > 1 else 6 * _PATIENCE_S


def pieces(slices: Sequence[Slice], since_s: float, until_s: float) -> list[Piece]:
    """Each slice up to the next one, as long as it can be taken to hold."""
    patience = patience_s(slices)
    found = []
    for at, one in enumerate(slices):
        next_s = slices[at + 1].at_s if at + 1 < len(slices) else until_s
        start_s = max(one.at_s, since_s)
        end_s = min(next_s, until_s, one.at_s + max(patience, one.width_s))
        if one.mean is not None and one.low is not None and one.high is not None and end_s > start_s:
            found.append(Piece(start_s, end_s, one.low, one.high, one.mean, one.width_s > 0))
    return found


def mean(parts: Sequence[Piece]) -> float | None:
    """Weighted by time; None where there is none."""
    total = sum(one.until_s - one.at_s for one in parts)
    return sum(one.mean * (one.until_s - one.at_s) for one in parts) / total if total else None


def covered_s(parts: Sequence[Piece]) -> float:
    """How much time something is known of."""
    return sum(one.until_s - one.at_s for one in parts)


def gaps(parts: Sequence[Piece], since_s: float, until_s: float) -> tuple[Gap, ...]:
    """Where nothing was known, at least three quarters of an hour and a twentieth of the time, the longest first."""
    least = max(2700.0, (until_s - since_s) / 20)
    edges = [since_s, *(edge for one in parts for edge in (one.at_s, one.until_s)), until_s]
    found = [Gap(edges[at], edges[at + 1]) for at in range(0, len(edges), 2) if edges[at + 1] - edges[at] >= least]
    return tuple(sorted(found, key=lambda gap: gap.since_s - gap.until_s))


def spells(parts: Sequence[Piece], test: Test, since_s: float, until_s: float) -> list[Spell]:
    """When a bound was passed. Of coarse slices, one that was beyond it only now and then counts by its mean for how
    long, and by its furthest for whether at all."""
    found: list[Spell] = []
    for one in parts:
        if not _touches(one, test):
            continue
        about = one.coarse
        last = found[-1] if found else None
        if last is not None and one.at_s - last.until_s <= _FLICKER_S:
            found[-1] = Spell(last.at_s, one.until_s, last.from_before, about=last.about or about)
        else:
            found.append(Spell(one.at_s, one.until_s, one.at_s <= since_s, about=about))
    return [
        Spell(one.at_s, one.until_s, one.from_before, one.until_s >= until_s - 1, one.about)
        for one in found
        if one.seconds >= test.least_s
    ]


def held_s(parts: Sequence[Piece], test: Test) -> float:
    """How long a bound was passed in all."""
    return sum((one.until_s - one.at_s) * _share(one, test) for one in parts)


def _touches(one: Piece, test: Test) -> bool:
    return test.holds(one.high if test.above is not None else one.low) if one.coarse else test.holds(one.mean)


def _share(one: Piece, test: Test) -> float:
    """How much of a piece is beyond the bound: of a coarse one, as if it went evenly from lowest to highest."""
    if not one.coarse or one.high <= one.low:
        return 1.0 if test.holds(one.mean) else 0.0
    if test.above is not None:
        return min(1.0, max(0.0, (one.high - test.above) / (one.high - one.low)))
    return min(1.0, max(0.0, ((test.below or 0.0) - one.low) / (one.high - one.low)))


def largest_move(parts: Sequence[Piece], direction: str) -> tuple[Piece, Piece] | None:
    """Between which two the largest fall (`low`) or rise (`high`) lies; None where it never went that way."""
    sign = 1.0 if direction == "high" else -1.0
    best: tuple[float, Piece, Piece] | None = None
    start: Piece | None = None
    for one in parts:
        if start is None or (one.mean - start.mean) * sign < 0:
            start = one
        move = (one.mean - start.mean) * sign
        if move > 0 and (best is None or move > best[0]):
            best = move, start, one
    return None if best is None else best[1:]


def steps_up(slices: Sequence[Slice]) -> float:
    """What a counter that does not say it is one went up: where it falls it began anew."""
    total = 0.0
    for one, later in _pairs(slices):
        total += later - one if later >= 0.9 * one else later
    return total


def climbs(slices: Sequence[Slice]) -> bool:
    """Whether it goes up as a counter does, but for a few times at which it begins anew."""
    moves = [later - one for one, later in _pairs(slices) if later != one]
    return bool(moves) and sum(move > 0 for move in moves) >= 0.8 * len(moves)


def rises(slices: Sequence[Slice]) -> list[float]:
    """The moments at which it had gone up."""
    known = [one for one in slices if one.mean is not None]
    return [
        later.at_s
        for one, later in pairwise(known)
        if later.high is not None and one.high is not None and later.high > one.high
    ]


def _pairs(slices: Sequence[Slice]) -> Iterator[tuple[float, float]]:
    known = [one.mean for one in slices if one.mean is not None]
    return pairwise(known)


def slope(parts: Sequence[Piece]) -> float | None:
    """Theil and Sen's slope in units a second, of at most 40 stretches; None where there are fewer than three."""
    if len(parts) < 3:
        return None
    size = max(1, len(parts) // 40)
    points = []
    for at in range(0, len(parts), size):
        group = parts[at : at + size]
        points.append((sum(one.at_s for one in group) / len(group), sum(one.mean for one in group) / len(group)))
    slopes = [
        (later[1] - one[1]) / (later[0] - one[0])
        for at, one in enumerate(points)
        for later in points[at + 1 :]
        if later[0] > one[0]
    ]
    return median(slopes) if slopes else None
