"""Learns from the past how often a change was followed by such a movement, and shares the present one out; pure.

A movement is taken as the first sign of one of several things: each change before it sets off such movements with a
chance `e`, after a delay whose density is `f`; others come by themselves at a rate `m`. Then a change's share of having
set this one off is e f / (m + the sum of all e f). The chance comes from what people know of houses and from how often
the same change was followed by as much, against the same hours of other days without it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.sensors.explaining.movement import DAY, Moved, Values
from edge.sensors.explaining.priors import LONGEST_S
from edge.sensors.history.grids import STEP_S

_OTHER_DAYS: Final = 7
_LEAST: Final = 0.35
_MOST: Final = 0.65
_SELDOM: Final = 0.8
"""As much as now is between these shares of it: more than it mostly moves within as long, where that fits."""
_LEAST_RATE: Final = 1.0 / 86_400
"""Movements that come by themselves: one a day at the least, also where none was ever seen."""
_EARLY_S: Final = 420.0
"""A movement's beginning is known no better than this."""
_RIVALS: Final = 6
_TWINS: Final = 12
_ALIKE: Final = 3
"""So many changes without a rival are enough to tell the two apart."""
_CLEAN: Final = 2
_LATEST: Final = 100
"""Earlier changes that are learnt from."""
_PLAUSIBLE: Final = 0.05
"""What is less likely beforehand is judged by all of its changes, however long they lasted."""
_LIFT: Final = 1.8
"""What is not followed by it clearly more often than without is named as no cause,"""
_OFTEN: Final = 1 / 3
_UNSURE: Final = 0.3
"""and has no larger share."""
_EFFICACY: Final = np.linspace(0.02, 0.98, 25)


@dataclass(frozen=True, slots=True)
class Change:
    """The present change of a candidate: seconds on the grid's time, and how long it has lasted, or lasted."""

    at_s: float
    lasted_s: float
    over: bool


@dataclass(frozen=True, slots=True)
class Candidate:
    """What may have done it: its present change, and the earlier ones like it, with how long each lasted."""

    name: str
    change: Change
    known: float
    """How likely it is to move this sensor, before anything was seen,"""
    lag_s: float
    """and how soon, on average."""
    at: NDArray[np.int64]
    lasted_s: Values


@dataclass(frozen=True, slots=True)
class Weighed:
    """A candidate with what speaks for it; `weight` is e f, `rate` is m."""

    candidate: Candidate
    lag_s: float
    seen: int
    followed: int
    otherwise: float
    typical: float | None
    chance: float
    weight: float
    rate: float
    share: float = 0.0
    used: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))


class Past:
    """What this sensor did after any moment of the past, as far as the present movement asks."""

    def __init__(self, smooth: Values, moved: Moved) -> None:
        signed = smooth * moved.direction.sign
        self._starts_s = [one * STEP_S for one in moved.starts]
        self._until = moved.starts[0]
        self.within = _horizon(signed, moved)
        self._after = _after(signed, self.within)
        past = self._after[: max(0, self._until - self.within)]
        past = past[~np.isnan(past)]
        often = float(np.quantile(past, _SELDOM)) if len(past) else 0.0
        self.least = min(_MOST * moved.size, max(_LEAST * moved.size, often))
        self._often = (float(np.mean(past >= self.least)) if len(past) else 0.0) if self.least > 0 else 1.0

    def weigh(self, candidate: Candidate, without: NDArray[np.int64] | None = None) -> Weighed:
        """`without`: only its changes that had none of these around count."""
        used = self._comparable(candidate)
        if without is not None:
            used = used[~_near(used, without, self.within)]
        hits = self._after[used] >= self.least
        seen, followed = len(used), int(hits.sum())
        otherwise = self._otherwise(candidate, used)
        lags = [start - candidate.change.at_s for start in self._starts_s]
        lag_s = max(lags, key=lambda lag: _density(lag, candidate.lag_s))
        efficacy = _efficacy(candidate.known, seen, followed, otherwise)
        return Weighed(
            candidate,
            lag_s,
            seen,
            followed,
            otherwise,
            float(np.median(self._after[used])) if seen else None,
            _by_accident(seen, followed, otherwise),
            efficacy * _density(lag_s, candidate.lag_s),
            max(_LEAST_RATE, -math.log(1 - min(otherwise, 0.999)) / (self.within * STEP_S)),
            used=used,
        )

    def _comparable(self, candidate: Candidate) -> NDArray[np.int64]:
        """Its earlier changes that lasted about as long, where that may matter to the movement."""
        at, lasted = candidate.at, candidate.lasted_s
        change = candidate.change
        fits = (at >= 1) & (at < self._until - self.within)
        if candidate.known >= _PLAUSIBLE:
            fits &= lasted >= min(0.5 * change.lasted_s, 0.5 * self.within * STEP_S)
            if change.over:
                fits &= lasted <= max(600.0, 3 * change.lasted_s)
        kept = at[fits]
        return kept[~np.isnan(self._after[kept])][-_LATEST:]

    def _otherwise(self, candidate: Candidate, used: NDArray[np.int64]) -> float:
        """How often it moved as much at the same hours of other days: of days without the change, where there are."""
        if not len(used):
            return max(0.01, self._often)
        days = np.concatenate([np.arange(-_OTHER_DAYS, 0), np.arange(1, _OTHER_DAYS + 1)]) * DAY
        places = used[:, None] + days[None, :]
        there = (places >= 1) & (places < self._until - self.within)
        after = self._after[np.where(there, places, 0)]
        there &= ~np.isnan(after)
        hits = there & (after >= self.least)
        without = there & ~_near(places.ravel(), candidate.at, self.within).reshape(places.shape)
        # What happens at this hour every day can't be told from the hour: what is no likely cause is taken for that.
        daily = there if candidate.known < _PLAUSIBLE else np.zeros_like(there)
        counted = np.where((without.sum(axis=1) >= _CLEAN)[:, None], without, daily)
        each = (hits & counted).sum(axis=1) / np.maximum(1, counted.sum(axis=1))
        sure = counted.any(axis=1)
        count = int(sure.sum())
        return max(0.01, (float(each[sure].sum()) + self._often) / (count + 1))


def shared_out(past: Past, candidates: Sequence[Candidate]) -> list[Weighed]:
    """All of them with their shares, the likeliest first."""
    weighed = sorted((past.weigh(one) for one in candidates), key=lambda one: -one.weight)
    weighed = [_apart(past, one, weighed[:_RIVALS]) for one in weighed[:_RIVALS]] + weighed[_RIVALS:]
    found = []
    total = sum(one.weight for one in weighed)
    for place, one in enumerate(weighed):
        # What is unlikely by itself makes no difference to the others.
        near = weighed[:_TWINS] if place < _TWINS else []
        twins = sum(other.weight for other in near if other is not one and _same(one, other))
        rivals = max(0.0, total - one.weight - twins)
        share = one.weight / (one.rate + one.weight + rivals)
        found.append(replace(one, share=share if _convincing(one) else min(share, _UNSURE)))
    return sorted(found, key=_order)


def _order(one: Weighed) -> tuple[float, float, float]:
    """The likeliest first; of those that are as likely, such as a switch and what the house draws, the nearest."""
    return -round(one.share, 1), -one.candidate.known, -one.weight


def _apart(past: Past, one: Weighed, rivals: Sequence[Weighed]) -> Weighed:
    """What speaks for it without each of the others, as far as it ever changed without them."""
    least = one
    for other in rivals:
        if other is one or not len(one.used):
            continue
        alone = past.weigh(one.candidate, without=other.candidate.at)
        if alone.seen >= _ALIKE and alone.weight < least.weight:
            least = replace(one, weight=alone.weight)
    return least


def _convincing(one: Weighed) -> bool:
    """Whether it may be named: often enough followed by it, or, where little was seen, what people expect."""
    if one.seen < _ALIKE:
        return one.candidate.known >= _PLAUSIBLE
    return one.followed >= one.seen * max(_OFTEN, _LIFT * one.otherwise)


def _same(one: Weighed, other: Weighed) -> bool:
    """Whether both are one thing seen twice: a switch, and what it draws; they nearly always change together."""
    if abs(one.candidate.change.at_s - other.candidate.change.at_s) > 2 * STEP_S:
        return False
    ours, theirs = one.candidate.at, other.candidate.at
    if len(ours) < 2 or len(theirs) < 2:
        return len(ours) == len(theirs) == 0
    together = min(_near(ours, theirs, 2).mean(), _near(theirs, ours, 2).mean())
    return bool(together > 0.7)


def _horizon(signed: Values, moved: Moved) -> int:
    """How many places it took to move as much as counts, with some time to spare."""
    start, sign = moved.start, moved.direction.sign
    reached = np.flatnonzero(signed[start : moved.peak + 1] >= sign * moved.before + 0.5 * moved.size)
    took = int(reached[0]) if len(reached) else moved.peak - start
    return int(np.clip(2 * took + 3, 4, 48))


def _after(signed: Values, within: int) -> Values:
    """From the value before each place to the highest within so many after it."""
    count = len(signed)
    highest = np.full(count, np.nan)
    for step in range(within + 1):
        np.fmax(highest[: count - step], signed[step:], out=highest[: count - step])
    before = np.concatenate([[np.nan], signed[:-1]])
    moved: Values = highest - before
    return moved


def _near(places: NDArray[np.int64], others: NDArray[np.int64], within: int) -> NDArray[np.bool_]:
    """Which of the places have one of the others around."""
    if not len(others) or not len(places):
        return np.zeros(len(places), bool)
    others = np.sort(others)
    at = np.searchsorted(others, places)
    right = np.abs(others[np.minimum(at, len(others) - 1)] - places)
    left = np.abs(others[np.maximum(at - 1, 0)] - places)
    near: NDArray[np.bool_] = np.minimum(left, right) <= within
    return near


def _density(lag_s: float, mean_s: float) -> float:
    """Of the delays between cause and movement, by the second."""
    if lag_s < -_EARLY_S or lag_s > LONGEST_S:
        return math.exp((lag_s + _EARLY_S) / 120.0) / (2 * mean_s) if lag_s < 0 else 0.0
    return 0.85 * math.exp(-max(0.0, lag_s - _EARLY_S) / mean_s) / mean_s + 0.15 / LONGEST_S


def _efficacy(known: float, seen: int, followed: int, otherwise: float) -> float:
    """The chance that one change sets such a movement off: what is known beforehand, and what was seen.

    Either it does nothing, and hits come by accident; or it has an effect, of which all sizes are as likely.
    """
    may = min(0.9, 3 * known)
    if not seen:
        return may * 0.5
    hit = otherwise + (1 - otherwise) * _EFFICACY
    likelihood = followed * np.log(hit / otherwise) + (seen - followed) * np.log((1 - hit) / (1 - otherwise))
    weights = np.exp(np.clip(likelihood, -500, 500))
    odds = may * float(weights.mean())
    return odds / (odds + 1 - may) * float((weights * _EFFICACY).sum() / weights.sum())


def _by_accident(seen: int, followed: int, chance: float) -> float:
    """At least so many hits of so many, each by this chance."""
    if not followed:
        return 1.0
    logs = [
        math.lgamma(seen + 1) - math.lgamma(hits + 1) - math.lgamma(seen - hits + 1)
        + hits * math.log(chance) + (seen - hits) * math.log(1 - chance)
        for hits in range(followed, seen + 1)
    ]  # fmt: skip
    return min(1.0, sum(math.exp(one) for one in logs))
