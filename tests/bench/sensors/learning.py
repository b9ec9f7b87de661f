"""Teaches the network of `edge.sensors.scoring.weighing` on made-up series: rows inside the windows against others.

Candidates are the rows worth weighing; of a crowd of neighbours each counts less, as they are one event.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.sensors.scoring.surprises import Surprises
from edge.sensors.scoring.weighing import CIRCUMSTANCES, WORTH_WEIGHING, Circumstances, Network
from tests.bench.sensors.series import Series

Array = NDArray[np.float64]
_CROWD = 50


@dataclass(frozen=True)
class Rows:
    """What the network is shown of one series: `places` of its rows, their inputs, whether inside a window, weights."""

    places: NDArray[np.int64]
    inputs: Array
    inside: Array
    weights: Array


def surprises(series: Series) -> Array:
    """Of each row, one for each view."""
    views = Surprises()
    pairs = zip(series.at_s.tolist(), series.values.tolist(), strict=True)
    return np.array([views.of(at_s, value) for at_s, value in pairs])


def rows(series: Series, surprised: Array) -> Rows:
    """Those worth weighing, after the first 15 % (750 at most)."""
    count = len(series.values)
    first = int(min(0.15 * count, 750))
    circumstances, inputs, places = Circumstances(), [], []
    for place, one in enumerate(surprised.tolist()):
        if place >= first and max(one) > WORTH_WEIGHING:
            inputs.append(circumstances.inputs(one))
            places.append(place)
        circumstances.note(one)
    inside = np.zeros(count)
    for begin, end in series.windows():
        inside[begin : end + 1] = 1.0
    where = np.array(places, np.int64)
    crowd = np.searchsorted(where, where + _CROWD) - np.searchsorted(where, where - _CROWD)
    return Rows(where, np.array(inputs, np.float32), inside[where], 1.0 / np.maximum(crowd, 1))


def learn(taught: list[Rows], width: int = 16, rounds: int = 15, seeds: int = 3) -> Network:
    """Several small networks side by side, which is one: each begins elsewhere, and they vote."""
    inputs = np.vstack([one.inputs for one in taught if len(one.places)])
    inside = np.concatenate([one.inside for one in taught if len(one.places)])
    weights = np.concatenate([one.weights for one in taught if len(one.places)])
    middle, spread = inputs.mean(axis=0), inputs.std(axis=0) + 1e-6
    scaled = (inputs - middle) / spread
    parts = [_one(scaled, inside, weights / weights.mean(), width, rounds, seed) for seed in range(seeds)]
    return Network(
        np.asarray(middle, float),
        np.asarray(spread, float),
        np.hstack([part[0] for part in parts]),
        np.concatenate([part[1] for part in parts]),
        np.concatenate([part[2] for part in parts]) / seeds,
        float(np.mean([part[3] for part in parts])),
    )


def _one(scaled: Array, inside: Array, weights: Array, width: int, rounds: int, seed: int) -> list[Array]:
    rng = np.random.default_rng(seed)
    size = scaled.shape[1]
    parts = [rng.normal(0, 1 / np.sqrt(size), (size, width)), rng.normal(0, 1, width), np.full(width, 0.2), np.zeros(1)]
    _rising(parts)
    means, squares = [np.zeros_like(part) for part in parts], [np.zeros_like(part) for part in parts]
    step = 0
    for turn in range(rounds):
        rate = 3e-3 * (1 - turn / rounds) + 3e-4
        for batch in np.array_split(rng.permutation(len(scaled)), max(1, len(scaled) // 512)):
            step += 1
            gradients = _gradients(parts, scaled[batch], inside[batch], weights[batch])
            for place, gradient in enumerate(gradients):
                means[place] = 0.9 * means[place] + 0.1 * gradient
                squares[place] = 0.999 * squares[place] + 0.001 * gradient**2
                size_of = np.sqrt(squares[place] / (1 - 0.999**step)) + 1e-8
                parts[place] = parts[place] - rate * means[place] / (1 - 0.9**step) / size_of
            _rising(parts)
    return parts


def _rising(parts: list[Array]) -> None:
    """More surprise never speaks against a fault, whatever the series showed."""
    parts[0][:-CIRCUMSTANCES] = np.maximum(parts[0][:-CIRCUMSTANCES], 0.0)
    parts[2] = np.maximum(parts[2], 0.0)


def _gradients(parts: list[Array], scaled: Array, inside: Array, weights: Array) -> list[Array]:
    hidden = np.tanh(scaled @ parts[0] + parts[1])
    chance = 1 / (1 + np.exp(-(hidden @ parts[2] + parts[3])))
    off = (chance - inside) * weights / len(scaled)
    back = np.outer(off, parts[2]) * (1 - hidden * hidden)
    return [scaled.T @ back + 1e-3 * parts[0], back.sum(axis=0), hidden.T @ off, np.array([off.sum()])]
