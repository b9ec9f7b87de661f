"""Sensors that measure the same beside one another: what the others say, for each."""

from bisect import bisect_left, insort
from dataclasses import dataclass, field

_OLD_S = 3600.0


@dataclass(slots=True)
class Neighbourhood:
    """The latest value of every member; three make a neighbourhood, fewer judge no one."""

    _latest: dict[str, tuple[float, float]] = field(default_factory=dict)
    """By member, the one that was heard of longest ago first."""
    _sorted: list[float] = field(default_factory=list)

    def note(self, sensor: str, at_s: float, value: float) -> float | None:
        """Remember `sensor`'s value; the median of the others that reported within an hour, None if under two did."""
        self.leave(sensor)
        self._forget_old(at_s)
        count = len(self._sorted)
        middle = count // 2
        median = None
        if count >= 2:
            known = self._sorted
            median = known[middle] if count % 2 else (known[middle - 1] + known[middle]) / 2
        self._latest[sensor] = (at_s, value)
        insort(self._sorted, value)
        return median

    def leave(self, sensor: str) -> None:
        """It is gone from the house, or no longer beside the others."""
        before = self._latest.pop(sensor, None)
        if before is not None:
            del self._sorted[bisect_left(self._sorted, before[1])]

    def _forget_old(self, now_s: float) -> None:
        while self._latest:
            sensor, (at_s, _) = next(iter(self._latest.items()))
            if abs(now_s - at_s) <= _OLD_S:
                return
            self.leave(sensor)
