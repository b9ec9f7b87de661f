"""How much the surprises of many views are worth together: a small network that has seen made-up series with faults."""

import json
import math
from collections import deque
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

WORTH_WEIGHING = 1.5
"""A row none of whose views is as surprised is not weighed at all."""
_HOT = (2.5, 4.0)
_LATELY = (30, 200)
_LATELY_HOT = 3.0
_HIGHEST = 4
CIRCUMSTANCES = 1 + len(_HOT) + len(_LATELY)
"""The last so many inputs may speak for or against a fault; the others, which tell surprise, only for it."""


@dataclass(slots=True)
class Circumstances:
    """What else tells a fault from the usual unrest: how often this series surprised before, and lately."""

    count: int = 0
    hot: list[int] = field(default_factory=lambda: [0] * len(_HOT))
    lately: list[deque[bool]] = field(default_factory=lambda: [deque([False] * size, size) for size in _LATELY])
    of_late: list[int] = field(default_factory=lambda: [0] * len(_LATELY))

    def inputs(self, surprises: list[float]) -> list[float]:
        """What the network looks at: the surprises, the highest of them, their sums, and these."""
        highest = sorted(surprises, reverse=True)[:_HIGHEST]
        rows = math.log10(self.count + 100)
        return [
            *surprises,
            *highest,
            sum(surprises),
            math.sqrt(sum(one * one for one in surprises)),
            math.log10(self.count + 1),
            *(math.log10(1 + times) - rows for times in self.hot),
            *(math.log10(1 + times) for times in self.of_late),
        ]

    def note(self, surprises: list[float]) -> None:
        """Take a row in."""
        highest = max(surprises)
        self.count += 1
        for place, above in enumerate(_HOT):
            self.hot[place] += highest > above
        for place, recent in enumerate(self.lately):
            self.of_late[place] += (highest > _LATELY_HOT) - recent[0]
            recent.append(highest > _LATELY_HOT)


@dataclass(frozen=True, slots=True)
class Network:
    """One hidden layer: inputs scaled by `middle` and `spread`."""

    middle: NDArray[np.float64]
    spread: NDArray[np.float64]
    hidden: NDArray[np.float64]
    hidden_bias: NDArray[np.float64]
    out: NDArray[np.float64]
    bias: float

    def log_odds(self, inputs: list[float]) -> float:
        """That something is wrong, as it was in the made-up series."""
        scaled = (np.array(inputs) - self.middle) / self.spread
        return float(np.tanh(scaled @ self.hidden + self.hidden_bias) @ self.out + self.bias)


@cache
def network() -> Network:
    """The one that comes with the package."""
    held = json.loads(resources.files("edge.sensors.scoring").joinpath("network.json").read_text("utf-8"))
    return Network(
        middle=np.array(held["middle"]),
        spread=np.array(held["spread"]),
        hidden=np.array(held["hidden"]),
        hidden_bias=np.array(held["hidden_bias"]),
        out=np.array(held["out"]),
        bias=float(held["bias"]),
    )
