"""What has been normal lately: small memories of constant size that detectors measure the present by."""

import time
from array import array
from dataclasses import dataclass, field
from functools import lru_cache

DAY_S = 86400.0
HOUR_S = 3600.0
NEVER = float("nan")
ENOUGH = 0.75
"""How much of its bound a detector remembers of what it told: once must not hide the next, often becomes normal."""
_DAYS = 14
_QUARTERS = 900


def day_of(at_s: float) -> int:
    """The number of the UTC day."""
    return int(at_s // DAY_S)


def hour_of_week(at_s: float) -> int:
    """0 (Monday, midnight) to 167 in local time."""
    return _hour_of_week(int(at_s // _QUARTERS))


@lru_cache(maxsize=4096)
def _hour_of_week(quarter: int) -> int:
    local = time.localtime(quarter * _QUARTERS)
    return local.tm_wday * 24 + local.tm_hour


@dataclass(slots=True)
class WorstOfDays:
    """The largest of something on each of the past 14 days that had any: what is clearly more than all is unusual."""

    days: "array[float]" = field(default_factory=lambda: array("f", [NEVER] * _DAYS))
    count: int = 0
    day: int = -1
    today: float = 0.0
    worst: float = 0.0
    """The largest of the days that are over."""

    def note(self, at_s: float, size: float) -> None:
        """Remember `size` (0 or more) for the day of `at_s`; a clock that went back starts another day."""
        day = int(at_s // DAY_S)
        if day != self.day:
            self._turn(day)
        if size > self.today:
            self.today = size

    def most(self) -> float:
        """The largest of the past days and of today."""
        return max(self.today, self.worst)

    def earlier(self) -> float:
        """The largest of the days before yesterday: what creeps up over a day must not grow its own measure."""
        past = self.days[: min(self.count, _DAYS)]
        if len(past) > 1:
            del past[(self.count - 1) % _DAYS]
        return max(past, default=0.0)

    def _turn(self, day: int) -> None:
        if self.day >= 0:
            self.days[self.count % _DAYS] = self.today
            self.count += 1
            self.worst = max(one for one in self.days if one == one)
        self.day = day
        self.today = 0.0


@dataclass(slots=True)
class Middle:
    """A middle that follows, moved by three deviations at most, so that one wild value is worth no more than one."""

    value: float = 0.0
    spread: float = 0.0
    count: int = 0

    def note(self, value: float, slowness: float) -> None:
        """Take in one more; `slowness` is how many it remembers, about."""
        self.count += 1
        if self.count == 1:
            self.value = value
            return
        memory = slowness if self.count > slowness else float(self.count)
        off = value - self.value
        size = off if off >= 0 else -off
        bound = 3.0 * self.spread
        if self.count < 4 or bound <= 0.0 or size <= bound:
            self.value += off / memory
            self.spread += (size - self.spread) / memory
        else:
            self.value += (bound if off > 0 else -bound) / memory
            self.spread += (2.0 * self.spread) / memory


@dataclass(slots=True)
class Condition:
    """Whether something holds for long enough to say so, and whether it has been said."""

    since_s: float | None = None
    active: bool = False

    def begins(self, at_s: float, hold_s: float) -> bool:
        """It holds: True once, when it has done so for `hold_s` seconds."""
        if self.since_s is None:
            self.since_s = at_s
        if self.active or at_s - self.since_s < hold_s:
            return False
        self.active = True
        return True

    def ends(self) -> bool:
        """It no longer holds: True once, when it had been said."""
        was = self.active
        self.active = False
        if not was:
            self.since_s = None
        return was

    def over(self) -> float:
        """Forget when it began, and say it."""
        since, self.since_s = self.since_s or 0.0, None
        return since


def line_through(levels: list[float]) -> tuple[float, float, float]:
    """Theil and Sen's slope a day, the share of pairs that go its way, and the median distance from the line."""
    slopes = sorted(
        (levels[later] - levels[earlier]) / (later - earlier)
        for earlier in range(len(levels))
        for later in range(earlier + 1, len(levels))
    )
    slope = slopes[len(slopes) // 2]
    agreement = sum(1 for one in slopes if one * slope > 0) / len(slopes)
    rest = sorted(level - slope * place for place, level in enumerate(levels))
    middle = rest[len(rest) // 2]
    noise = sorted(abs(one - middle) for one in rest)[len(rest) // 2]
    return slope, agreement, noise
