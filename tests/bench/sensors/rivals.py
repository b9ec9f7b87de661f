"""Simple detectors to compare with, each written from its published description.

Figures that were published for them on the Numenta benchmark (standard profile): 39.6 for the Gaussian, 54.6 for the
relative entropy, 58.0 for the nearest neighbours. Series on which they get about as much are about as hard.
"""

import math
from collections import deque

import numpy as np
from numpy.typing import NDArray

from tests.bench.sensors.series import Series

Scores = NDArray[np.float64]


def windowed_gaussian(series: Series, window: int = 6400, step: int = 100) -> Scores:
    """The chance of the value under a normal distribution of those before."""
    recent: deque[float] = deque(maxlen=window)
    mean, deviation = 0.0, 1.0
    scores = np.zeros(len(series.values))
    for place, value in enumerate(series.values.tolist()):
        if len(recent) >= 2:
            if place < window or place % step == 0:
                mean = float(np.mean(recent)) if place % 10 == 0 or place < 100 else mean
                deviation = max(float(np.std(recent)), 1e-6) if place % 10 == 0 or place < 100 else deviation
            scores[place] = 1 - 0.5 * math.erfc(abs(value - mean) / deviation / math.sqrt(2))
        recent.append(value)
    return scores


def relative_entropy(series: Series, window: int = 52, bins: int = 5, critical: float = 13.28) -> Scores:
    """Histograms of windows that agree with none seen before, or with one seldom seen (Wang et al., 2011).

    It is told the range of the whole series beforehand, as in the benchmark.
    """
    low, high = float(series.values.min()), float(series.values.max())
    scores = np.zeros(len(series.values))
    if high <= low:
        return scores
    places = np.minimum(((series.values - low) / (high - low) * bins).astype(int), bins - 1)
    known: list[NDArray[np.float64]] = []
    times: list[int] = []
    for place in range(window, len(places) + 1):
        share = np.bincount(places[place - window : place], minlength=bins) / window
        if known:
            others = np.array(known)
            with np.errstate(divide="ignore", invalid="ignore"):
                parts = np.where(share > 0, share * np.log(share / others), 0.0)
            apart = 2 * window * parts.sum(axis=1)
            nearest = int(np.argmin(apart))
            if apart[nearest] < critical:
                times[nearest] += 1
                scores[place - 1] = 1.0 if times[nearest] <= 1 else 0.0
                continue
        known.append(share)
        times.append(1)
        scores[place - 1] = 1.0
    return scores


def nearest_neighbours(series: Series, length: int = 19, nearest: int = 27) -> Scores:
    """How far the last 19 values lie from the nearest before, ranked among such distances (Burnaev, Ishimtsev)."""
    values = series.values
    scores = np.zeros(len(values))
    train = int(min(0.15 * len(values), 750))
    windows = np.lib.stride_tricks.sliding_window_view(values, length)
    half = max(nearest + 1, (train - length) // 2)
    reference = windows[:half].copy()
    inverse = np.linalg.pinv(np.cov(reference.T) + 1e-9 * np.eye(length))
    distances: deque[float] = deque(maxlen=half)
    quiet = 0
    for place in range(half, len(windows)):
        apart = reference - windows[place]
        squares = np.einsum("ij,jk,ik->i", apart, inverse, apart)
        distance = float(np.sort(squares)[:nearest].sum())
        if len(distances) == half:
            share = sum(distance > one for one in distances) / half
            scores[place + length - 1] = 0.5 if quiet else share
            if share >= 0.9965 and not quiet:
                quiet = train // 5
            quiet = max(0, quiet - 1)
            reference = np.vstack([reference[1:], windows[place - half]])
        distances.append(distance)
    return scores
