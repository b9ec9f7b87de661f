"""Views of the present against the past of a series: each gives a size of 0 or more, large for unusual."""

import math
from collections import deque
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

_SLOW = 4000
_WILD = 4.0
_LENGTH = 12
_FEWEST = 20


@dataclass(slots=True)
class Scale:
    """A mean distance that wild ones hardly move."""

    value: float = 0.0
    count: int = 0

    def in_units(self, size: float) -> float:
        """`size` by the mean of those before; then learn from it."""
        unit = self.value
        self.count += 1
        bounded = min(size, _WILD * unit) if self.count > 20 and unit > 0.0 else size
        self.value += (bounded - unit) / min(self.count, _SLOW)
        return size / unit if unit > 0.0 else 0.0


@dataclass(slots=True)
class Level:
    """The mean of the last few of a stream, in usual sizes of such means: something small that lasts shows too."""

    length: int
    recent: deque[float] = field(init=False)
    scale: Scale = field(default_factory=Scale)

    def __post_init__(self) -> None:
        self.recent = deque(maxlen=self.length)

    def size(self, value: float) -> float:
        """0 until there are `length` values."""
        self.recent.append(value)
        if len(self.recent) < self.length:
            return 0.0
        return self.scale.in_units(abs(sum(self.recent) / self.length))


@dataclass(slots=True)
class Range:
    """How far outside everything ever seen, by the width of that."""

    low: float = math.inf
    high: float = -math.inf

    def size(self, value: float) -> float:
        """0 inside."""
        beyond = max(value - self.high, self.low - value, 0.0)
        width = self.high - self.low
        self.low, self.high = min(self.low, value), max(self.high, value)
        if beyond == 0.0 or not math.isfinite(width):
            return 0.0
        return beyond / width if width > 0.0 else 1.0


@dataclass(slots=True)
class Liveliness:
    """How much it moves from value to value lately against how much it usually does: more, and less as well."""

    length: int
    last: float | None = None
    steps: deque[float] = field(init=False)
    usual: float = 0.0
    middle: float = 0.0
    count: int = 0
    scale: Scale = field(default_factory=Scale)

    def __post_init__(self) -> None:
        self.steps = deque(maxlen=self.length)

    def size(self, value: float) -> float:
        """The distance of the logarithm of the mean step from its usual place."""
        last, self.last = self.last, value
        if last is None:
            return 0.0
        step = abs(value - last)
        self.steps.append(step)
        if len(self.steps) < self.length:
            return 0.0
        self.count += 1
        mean = sum(self.steps) / self.length
        self.usual += (mean - self.usual) / min(self.count, _SLOW)
        if self.usual <= 0.0:
            return 0.0
        now = math.log(mean + 0.01 * self.usual)
        if self.count == 1:
            self.middle = now
        off = abs(now - self.middle)
        self.middle += (now - self.middle) / min(self.count, _SLOW // 2)
        return self.scale.in_units(off)


@dataclass(slots=True)
class Shape:
    """The last 12 values, or 12 means of `each`, against the nearest three of `bank` such windows before.

    A way to go that it never went. Every `every`th window is kept, once it is wholly past.
    """

    each: int = 1
    bank: int = 1500
    every: int = 1
    recent: deque[float] = field(init=False)
    waiting: deque[NDArray[np.float64]] = field(default_factory=deque)
    windows: NDArray[np.float64] = field(init=False)
    lengths: NDArray[np.float64] = field(init=False)
    first: float = 0.0
    stored: int = 0
    count: int = 0
    scale: Scale = field(default_factory=Scale)

    def __post_init__(self) -> None:
        self.recent = deque(maxlen=_LENGTH * self.each)
        self.windows = np.zeros((self.bank, _LENGTH))
        self.lengths = np.zeros(self.bank)

    def size(self, value: float) -> float:
        """The distance, in usual ones; 0 until there are 20 windows to compare with."""
        self.count += 1
        if self.count == 1:
            self.first = value
        self.recent.append(value - self.first)
        if len(self.recent) < _LENGTH * self.each:
            return 0.0
        window = np.array(self.recent)
        if self.each > 1:
            window = window.reshape(_LENGTH, self.each).mean(axis=1)
        if self.count % self.every == 0:
            self.waiting.append(window)
            if len(self.waiting) > _LENGTH * self.each // self.every:
                oldest, place = self.waiting.popleft(), self.stored % self.bank
                self.windows[place], self.lengths[place] = oldest, oldest @ oldest
                self.stored += 1
        known = min(self.stored, self.bank)
        if known < _FEWEST:
            return 0.0
        squares = self.lengths[:known] - 2.0 * (self.windows[:known] @ window)
        squares.partition(2)
        nearest = float(squares[0] + squares[1] + squares[2]) / 3.0 + float(window @ window)
        return self.scale.in_units(math.sqrt(max(0.0, nearest)))
