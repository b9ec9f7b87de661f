"""What managing alarms needs of whoever watches the sensors."""

from collections.abc import Mapping
from typing import Any, Protocol

from edge.sensors.alarms.book import AlarmBook
from edge.sensors.detectors import AnySettings


class Watchers(Protocol):
    """The alarm book, and how each sensor is watched."""

    @property
    def book(self) -> AlarmBook:
        """Every alarm and rule there is."""
        ...

    def now_s(self) -> float:
        """Seconds since 1970, as alarms are timed."""
        ...

    def settings(self, key: str) -> tuple[AnySettings, ...]:
        """How a series is watched now; nothing where it is not."""
        ...

    async def change(self, key: str, changes: Mapping[str, Mapping[str, Any] | bool]) -> None:
        """Watch a series otherwise from now on, and after every start: by detector, as `[[watch.sensors]]` has it.

        Raises `EdgeError` where it can't be kept.
        """
        ...

    async def settled(self) -> None:
        """Wait until what changed in the book is on the disk. Raises `EdgeError` where it can't be."""
        ...
