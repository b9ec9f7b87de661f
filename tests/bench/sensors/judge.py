"""Judges scores as the Numenta benchmark's rules say (standard profile): written from their description alone.

A window is a tenth of a series shared among its faults; the first row at or above one threshold in a window earns
between 1 (early) and 0 (at its end), a window without one costs 1, each row outside costs 0.11 (less just after a
window), the first 15 % (750 rows at most) count for nothing. One threshold for all series, the best. 0 is what silence
gets, 100 what perfection does.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tests.bench.sensors.series import Series

FALSE_ALARM = 0.11


@dataclass(frozen=True)
class Judgement:
    """`score` of 100 at `threshold`; how many windows were hit, of how many; rows outside at or above it."""

    score: float
    threshold: float
    hit: int
    windows: int
    false_alarms: int


def reward(position: float) -> float:
    """-1 is a window's first row, 0 its last, above 0 behind it."""
    return 2 / (1 + np.exp(5 * position)) - 1 if position <= 3 else -1.0


def judge(series: list[Series], scores: list[NDArray[np.float64]]) -> Judgement:
    """The best threshold of all, and what it earns."""
    events: list[tuple[float, float, int]] = []
    windows = 0
    perfect = 0.0
    for one, score in zip(series, scores, strict=True):
        windows += len(one.windows())
        perfect += len(one.windows()) * reward(-1.0)
        events += _events(one, score, windows)
    return _best(events, windows, perfect)


def by_series(series: list[Series], scores: list[NDArray[np.float64]], threshold: float) -> dict[str, Judgement]:
    """What each kind of series gets at that threshold."""
    result = {}
    for name in dict.fromkeys(one.name for one in series):
        chosen = [(one, score) for one, score in zip(series, scores, strict=True) if one.name == name]
        at_it = [np.where(score >= threshold, 1.0, 0.0) for _, score in chosen]
        one = judge([one for one, _ in chosen], at_it)
        result[name] = one
    return result


def _events(series: Series, score: NDArray[np.float64], base: int) -> list[tuple[float, float, int]]:
    """(score, worth, window): in a window only what is higher than everything before in it can become the first hit."""
    count = len(score)
    probation = int(min(0.15 * count, 750))
    windows = series.windows()
    inside = np.zeros(count, bool)
    found = []
    for number, (first, last) in enumerate(windows):
        inside[first : last + 1] = True
        highest = 0.0
        begin = max(first, probation)
        for place in (begin + np.flatnonzero(score[begin : last + 1] > 0)).tolist():
            if score[place] > highest:
                highest = score[place]
                found.append((highest, reward(-(last - place + 1) / (last - first + 1)), base * 1000 + number))
    ends = np.array([last for _, last in windows])
    for place in np.flatnonzero(~inside & (score > 0)):
        if place < probation:
            continue
        before = ends[ends < place]
        if len(before):
            width = windows[int(np.argmax(ends == before[-1]))]
            worth = reward((place - before[-1]) / max(1, width[1] - width[0]))
        else:
            worth = -1.0
        found.append((float(score[place]), FALSE_ALARM * worth, -1))
    return found


def _best(events: list[tuple[float, float, int]], windows: int, perfect: float) -> Judgement:
    events = sorted(events, key=lambda one: -one[0])
    won: dict[int, float] = {}
    raw = float(-windows)
    false = 0
    best = Judgement(0.0, 1.01, 0, windows, 0)
    for place, (score, worth, window) in enumerate(events):
        if window < 0:
            raw += worth
            false += 1
        else:
            raw += worth - won.get(window, -1.0) if worth > won.get(window, -1.0) else 0.0
            won[window] = max(worth, won.get(window, -1.0))
        if place + 1 == len(events) or events[place + 1][0] < score:
            mark = 100 * (raw + windows) / (perfect + windows) if windows else raw
            if mark > best.score or not windows:
                best = Judgement(mark, score, len(won), windows, false)
    return best
