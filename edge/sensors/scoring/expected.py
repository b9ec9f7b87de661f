"""What the next value of a series should be, by whichever simple manner of guessing did best lately."""

import math
from dataclasses import dataclass, field

DAY_S = 86400.0
_WEEK_S = 7 * DAY_S
_MEANS = (4.0, 30.0)
_LATELY = 400
_ROUNDS = 12


@dataclass(slots=True)
class Cycle:
    """A typical value for each part of a day or week."""

    parts: int
    period_s: float
    values: list[float] = field(init=False)
    rounds: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.values = [0.0] * self.parts
        self.rounds = [0] * self.parts

    def expected(self, at_s: float) -> float | None:
        """Between the two nearest parts; None where one of them is new."""
        place = (at_s % self.period_s) / self.period_s * self.parts - 0.5
        whole = math.floor(place)
        first, second = whole % self.parts, (whole + 1) % self.parts
        if not self.rounds[first] or not self.rounds[second]:
            return None
        return self.values[first] + (self.values[second] - self.values[first]) * (place - whole)

    def note(self, at_s: float, value: float) -> None:
        """Take it in."""
        part = int((at_s % self.period_s) / self.period_s * self.parts) % self.parts
        self.rounds[part] += 1
        self.values[part] += (value - self.values[part]) / min(self.rounds[part], _ROUNDS)


@dataclass(slots=True)
class Error:
    """A mean absolute error that wild ones hardly move."""

    value: float = 0.0

    def note(self, size: float, count: int, slowness: int = _LATELY) -> None:
        """`count` is how many there have been."""
        bounded = min(size, 5.0 * self.value + 1e-12) if count > 50 else size
        self.value += (bounded - self.value) / min(count, slowness)


@dataclass(slots=True)
class Expected:
    """Guesses: two running means, the hour of the day, that with the level of late, the hour of the week."""

    day: Cycle = field(default_factory=lambda: Cycle(96, DAY_S))
    week: Cycle = field(default_factory=lambda: Cycle(168, _WEEK_S))
    means: list[float] = field(default_factory=lambda: [0.0] * len(_MEANS))
    errors: list[Error] = field(default_factory=lambda: [Error() for _ in range(5)])
    by_hour: list[float] = field(default_factory=lambda: [0.0] * 24)
    any_hour: float = 0.0
    level: float = 0.0
    far: float = 0.0
    of_far: Error = field(default_factory=Error)
    count: int = 0

    def error(self, at_s: float, value: float) -> float:
        """The value less the guess, in usual errors at this hour; then learn from it."""
        self.count += 1
        if self.count == 1:
            self.means = [value] * len(_MEANS)
            self.far = value
        guesses = self._guesses(at_s)
        best = min(range(len(guesses)), key=lambda one: self.errors[one].value)
        off = value - guesses[best]
        for error, guess in zip(self.errors, guesses, strict=True):
            error.note(abs(value - guess), self.count)
        self._learn(at_s, value)
        return off / unit if (unit := self._unit(at_s, abs(off))) > 0.0 else math.copysign(100.0 if off else 0.0, off)

    def credible(self) -> float:
        """Whether the day or the week explain anything: 0 where a slow mean guesses as well, 1 where they are exact."""
        if self.of_far.value <= 0.0:
            return 0.0
        cyclic = min(error.value for error in self.errors[2:])
        return min(1.0, max(0.0, 1.0 - cyclic / self.of_far.value))

    def _guesses(self, at_s: float) -> tuple[float, ...]:
        day, week = self.day.expected(at_s), self.week.expected(at_s)
        slow = self.means[1]
        return (
            *self.means,
            slow if day is None else day,
            slow if day is None else day + self.level,
            slow if week is None else week,
        )

    def _unit(self, at_s: float, size: float) -> float:
        """Half of all hours' mean error and half of this hour's, before `size` is taken in."""
        hour = int(at_s % DAY_S // 3600.0) % 24
        unit = 0.5 * self.by_hour[hour] + 0.5 * self.any_hour
        self.any_hour += (size - self.any_hour) / min(self.count, 2000)
        self.by_hour[hour] += (size - self.by_hour[hour]) / min(self.count / 24 + 1, 100.0)
        return unit

    def _learn(self, at_s: float, value: float) -> None:
        for place, slowness in enumerate(_MEANS):
            self.means[place] += (value - self.means[place]) / slowness
        self.of_far.note(abs(value - self.far), self.count)
        self.far += (value - self.far) / min(self.count, 600)
        day = self.day.expected(at_s)
        if day is not None:
            self.level += (value - day - self.level) / 60.0
        self.day.note(at_s, value)
        self.week.note(at_s, value)
