"""Views of the present value of a series against its past: each gives a size of 0 or more, large for unusual."""

import math
from collections import deque
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

_DAY_S = 86400.0


@dataclass(slots=True)
class Scale:
    """A robust mean distance, slow and fast: what a usual step is."""

    slowness: float
    value: float = 0.0
    count: int = 0

    def note(self, size: float) -> None:
        self.count += 1
        bound = 4.0 * self.value if self.count > 20 and self.value > 0.0 else size
        self.value += (min(size, bound) - self.value) / min(self.count, self.slowness)


@dataclass(slots=True)
class Profile:
    """A typical value for each part of a cycle, learnt in a few rounds."""

    parts: int
    period_s: float
    offset_s: float = 0.0
    values: list[float] = field(default_factory=list)
    rounds: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.values = [0.0] * self.parts
        self.rounds = [0] * self.parts

    def expected(self, at_s: float) -> float | None:
        """Between the two nearest parts; None where one of them is new."""
        place = ((at_s + self.offset_s) % self.period_s) / self.period_s * self.parts - 0.5
        first = math.floor(place) % self.parts
        second = (first + 1) % self.parts
        if not self.rounds[first] or not self.rounds[second]:
            return None
        share = place - math.floor(place)
        return self.values[first] * (1 - share) + self.values[second] * share

    def note(self, at_s: float, value: float) -> None:
        part = int(((at_s + self.offset_s) % self.period_s) / self.period_s * self.parts)
        self.rounds[part] += 1
        self.values[part] += (value - self.values[part]) / min(self.rounds[part], 12)


@dataclass(slots=True)
class Surroundings:
    """The value against the middle of those just before it, in usual distances."""

    length: int
    recent: deque[float] = field(default_factory=deque)
    scale: Scale = field(default_factory=lambda: Scale(2000.0))

    def size(self, value: float) -> float:
        if len(self.recent) < 5:
            self.recent.append(value)
            return 0.0
        middle = sorted(self.recent)[len(self.recent) // 2]
        off = abs(value - middle)
        unit = self.scale.value
        self.scale.note(off)
        self.recent.append(value)
        if len(self.recent) > self.length:
            self.recent.popleft()
        return off / unit if unit > 0.0 else (0.0 if off == 0.0 else 100.0)


@dataclass(slots=True)
class Level:
    """The mean of the last few of a stream of errors, in usual sizes of such means: a small thing that lasts."""

    length: int
    recent: deque[float] = field(default_factory=deque)
    total: float = 0.0
    scale: Scale = field(default_factory=lambda: Scale(4000.0))

    def size(self, error: float) -> float:
        self.recent.append(error)
        self.total += error
        if len(self.recent) > self.length:
            self.total -= self.recent.popleft()
        elif len(self.recent) < self.length:
            return 0.0
        off = abs(self.total / self.length)
        unit = self.scale.value
        self.scale.note(off)
        return off / unit if unit > 0.0 else 0.0


@dataclass(slots=True)
class Range:
    """How far outside everything ever seen, by the width of that."""

    low: float = math.inf
    high: float = -math.inf

    def size(self, value: float) -> float:
        width = self.high - self.low
        beyond = max(value - self.high, self.low - value, 0.0)
        self.low, self.high = min(self.low, value), max(self.high, value)
        return beyond / width if width > 0.0 else (1.0 if beyond > 0.0 and math.isfinite(width) else 0.0)


@dataclass(slots=True)
class Liveliness:
    """How much it moves from value to value lately, against how much it usually does: both more and less."""

    length: int
    last: float | None = None
    recent: deque[float] = field(default_factory=deque)
    total: float = 0.0
    middle: float = 0.0
    deviation: Scale = field(default_factory=lambda: Scale(4000.0))
    count: int = 0

    def size(self, value: float) -> float:
        if self.last is None:
            self.last = value
            return 0.0
        step = abs(value - self.last)
        self.last = value
        self.recent.append(step)
        self.total += step
        if len(self.recent) > self.length:
            self.total -= self.recent.popleft()
        elif len(self.recent) < self.length:
            return 0.0
        now = math.log(max(self.total, 0.0) / self.length + 1e-9 + 0.01 * self.deviation_floor())
        self.count += 1
        if self.count == 1:
            self.middle = now
        off = abs(now - self.middle)
        unit = self.deviation.value
        self.deviation.note(off)
        self.middle += (now - self.middle) / min(self.count, 2000)
        return off / unit if unit > 1e-6 else 0.0

    def deviation_floor(self) -> float:
        return math.exp(self.middle) if self.count else 0.0


@dataclass(slots=True)
class Shape:
    """The past `length` values as a vector of 16 means, against the nearest of the vectors before it."""

    length: int
    bank: int = 1500
    parts: int = 12
    buffer: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    vectors: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    count: int = 0
    stored: int = 0
    stride: int = 1
    pending: deque[NDArray[np.float32]] = field(default_factory=deque)
    scale: Scale = field(default_factory=lambda: Scale(4000.0))
    kept: float = 0.0

    def __post_init__(self) -> None:
        self.buffer = np.zeros(self.length)
        self.vectors = np.zeros((self.bank, self.parts), np.float32)
        self.stride = max(1, self.length // 24)

    def size(self, value: float) -> float:
        self.buffer[self.count % self.length] = value
        self.count += 1
        if self.count % self.stride:
            return self.kept
        if self.count < self.length:
            return 0.0
        start = self.count % self.length
        window = np.concatenate((self.buffer[start:], self.buffer[:start]))
        vector = window.reshape(self.parts, -1).mean(axis=1).astype(np.float32)
        self.kept = self._distance(vector)
        self.pending.append(vector)
        if len(self.pending) * self.stride > self.length:
            self.vectors[self.stored % self.bank] = self.pending.popleft()
            self.stored += 1
        return self.kept

    def _distance(self, vector: NDArray[np.float32]) -> float:
        known = min(self.stored, self.bank)
        if known < 20:
            return 0.0
        apart = self.vectors[:known] - vector
        squares = np.einsum("ij,ij->i", apart, apart)
        nearest = float(np.sqrt(np.partition(squares, 2)[:3].mean()))
        unit = self.scale.value
        self.scale.note(nearest)
        return nearest / unit if unit > 0.0 else (0.0 if nearest == 0.0 else 100.0)
