"""The clocks everything timed goes by: one that only counts, one that tells the time and may be wrong."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The boot clock for durations, the wall clock for times of day; tests have their own."""

    def boot_s(self) -> float:
        """Seconds since the machine started, sleep included; never jumps, never runs backwards."""
        ...

    def now(self) -> datetime:
        """The wall clock in the home's time zone, with its zone; whether it can be believed is another matter."""
        ...

    def local(self, wall_s: float) -> datetime:
        """Seconds since the epoch as a time in the home's zone."""
        ...

    def epoch_s(self, local: datetime) -> float:
        """A time without a zone, as people in the home say it, in seconds since the epoch."""
        ...

    @property
    def trusted(self) -> bool:
        """Whether the wall clock was set by something that knows the time."""
        ...

    async def wait(self, boot_s: float | None, wall_s: float | None) -> None:
        """Return at `boot_s`, at `wall_s` (seconds since the epoch), or when somebody sets the wall clock."""
        ...
