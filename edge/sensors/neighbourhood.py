"""Sensors that measure the same beside one another: what the others say, for each."""

from dataclasses import dataclass, field

_OLD_S = 3600.0


@dataclass(slots=True)
class Neighbourhood:
    """The latest value of every member; three make a neighbourhood, fewer judge no one."""

    latest: dict[str, tuple[float, float]] = field(default_factory=dict)

    def note(self, sensor: str, at_s: float, value: float) -> float | None:
        """Remember `sensor`'s value; the median of the others that reported within an hour, None if under two did."""
        self.latest[sensor] = (at_s, value)
        others = sorted(
            value for name, (then_s, value) in self.latest.items() if name != sensor and abs(at_s - then_s) <= _OLD_S
        )
        if len(others) < 2:
            return None
        middle = len(others) // 2
        return others[middle] if len(others) % 2 else (others[middle - 1] + others[middle]) / 2

    def leave(self, sensor: str) -> None:
        """It is gone from the house, or no longer beside the others."""
        self.latest.pop(sensor, None)
