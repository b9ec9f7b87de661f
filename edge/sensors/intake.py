"""Keeps apart what can't be a reading, and counts it: text for numbers, times that go back or lie ahead, duplicates."""

import math
from dataclasses import dataclass, field
from enum import IntEnum

from edge.sensors.model import Reading

_FUTURE_S = 60.0
_LATEST_S = 4_102_444_800.0  # the year 2100
_LONG_AWAY_S = 30 * 86400.0
_RUN_THAT_CONVINCES = 5


class Rejected(IntEnum):
    """Why a reading was kept apart; the place of its count in `Intake.rejected`."""

    NOT_FINITE = 0
    NOT_A_NUMBER = 1
    NOT_A_STATE = 2
    BAD_TIME = 3
    FUTURE = 4
    DUPLICATE = 5
    OUT_OF_ORDER = 6


@dataclass(slots=True)
class Intake:
    """Lets readings pass whose times go forward; `numeric` is decided by the first one where it is None."""

    numeric: bool | None = None
    last_s: float | None = None
    last_rejected_s: float | None = None
    rejected: list[int] = field(default_factory=lambda: [0] * len(Rejected))
    early_s: float = 0.0
    """The latest of a run of readings that are earlier than `last_s`."""
    early_count: int = 0

    def judge(self, reading: Reading, now_s: float | None = None) -> tuple[float | str | None, float]:
        """The value to use, None if it is kept apart; and by how many seconds the sensor's clock was set.

        A run of five early readings in order, or none for 30 days, is a clock that was set.
        """
        why = self._why_not(reading, now_s)
        if why is not None:
            self.rejected[why] += 1
            self.last_rejected_s = now_s if now_s is not None else self.last_s
            return None, 0.0
        last_s, self.last_s, self.early_count = self.last_s, reading.at_s, 0
        value = reading.value
        if self.numeric is None:
            self.numeric = not isinstance(value, str)
        passed_s = 0.0 if last_s is None else reading.at_s - last_s
        return value if isinstance(value, str) else float(value), passed_s if not 0 <= passed_s < _LONG_AWAY_S else 0.0

    def _why_not(self, reading: Reading, now_s: float | None) -> Rejected | None:
        value = reading.value
        if isinstance(value, str):
            if self.numeric:
                return Rejected.NOT_A_NUMBER
        elif self.numeric is False:
            return Rejected.NOT_A_STATE
        elif not -1e30 < value < 1e30:
            return Rejected.NOT_FINITE
        return self._why_not_then(reading.at_s, now_s)

    def _why_not_then(self, at_s: float, now_s: float | None) -> Rejected | None:
        if not 0.0 <= at_s < _LATEST_S or not math.isfinite(at_s):
            return Rejected.BAD_TIME
        if now_s is not None and at_s > now_s + _FUTURE_S:
            return Rejected.FUTURE
        if self.last_s is None or at_s > self.last_s:
            return None
        if at_s == self.last_s:
            return Rejected.DUPLICATE
        self.early_count = self.early_count + 1 if self.early_count == 0 or at_s > self.early_s else 1
        self.early_s = at_s
        return None if self.early_count >= _RUN_THAT_CONVINCES else Rejected.OUT_OF_ORDER
