"""What the next value should be, blended from the last few, the mean of late, the hour of the day and of the week."""

import math
from collections import deque
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from edge.sensors.scoring.expected import DAY_S, Cycle

_LAGS = 6
_INPUTS = _LAGS + 4
_KEEPS = 0.9995
_WILD = 5.0
_FARTHEST = 50.0
_LOST = 1e6


def _fresh() -> NDArray[np.float64]:
    return np.eye(_INPUTS) * 10.0


def _as_before() -> NDArray[np.float64]:
    weights = np.zeros(_INPUTS)
    weights[0] = 1.0
    return weights


@dataclass(slots=True)
class Blend:
    """Weights by recursive least squares that forget over about 2,000 values; wild values hardly move them."""

    day: Cycle = field(default_factory=lambda: Cycle(96, DAY_S))
    week: Cycle = field(default_factory=lambda: Cycle(168, 7 * DAY_S))
    weights: NDArray[np.float64] = field(default_factory=_as_before)
    doubt: NDArray[np.float64] = field(default_factory=_fresh)
    last: deque[float] = field(default_factory=lambda: deque(maxlen=_LAGS))
    near: float = 0.0
    far: float = 0.0
    usual: float = 0.0
    count: int = 0

    def error(self, at_s: float, value: float) -> float:
        """The value less the guess, in usual errors, within ±100; then learn from it."""
        self.count += 1
        if self.count == 1:
            self.near = self.far = value
            self.last.extend([value] * _LAGS)
        unit = self.usual
        inputs = self._inputs(at_s, unit)
        off = value - self.far - float(self.weights @ inputs) * (unit or 1.0)
        bounded = max(-_WILD * unit, min(_WILD * unit, off)) if self.count > 50 else off
        self._learn(inputs, bounded / (unit or 1.0))
        self.usual += (abs(bounded) - unit) / min(self.count, 1000)
        self.last.appendleft(value)
        self.near += (value - self.near) / 12.0
        self.far += (value - self.far) / min(self.count, 400)
        self.day.note(at_s, value)
        self.week.note(at_s, value)
        if unit <= 0.0:
            return math.copysign(100.0, off) if off else 0.0
        return max(-100.0, min(100.0, off / unit))

    def _inputs(self, at_s: float, unit: float) -> NDArray[np.float64]:
        day = self.day.expected(at_s)
        week = self.week.expected(at_s)
        day = self.far if day is None else day
        week = day if week is None else week
        inputs = np.array([*self.last, self.near, day, week, self.far + unit]) - self.far
        return np.clip(inputs / (unit or 1.0), -_FARTHEST, _FARTHEST)

    def _learn(self, inputs: NDArray[np.float64], off: float) -> None:
        spread = self.doubt @ inputs
        gain = spread / (_KEEPS + float(spread @ inputs))
        self.weights = self.weights + gain * max(-_FARTHEST, min(_FARTHEST, off))
        self.doubt = (self.doubt - np.outer(gain, spread)) / _KEEPS
        if self.count % 100 == 0:
            self.doubt = (self.doubt + self.doubt.T) / 2.0
            if not float(np.trace(self.doubt)) < _LOST:
                self.doubt = _fresh()
            if not np.isfinite(self.weights).all():
                self.weights = _as_before()
