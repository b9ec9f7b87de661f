"""Clocks that move only when they are told to."""

import asyncio
from datetime import UTC, datetime

START = datetime(2025, 3, 14, 18, 30, tzinfo=UTC)
"""A Friday evening."""


class FakeClock:
    """A boot clock and a wall clock; the wall clock can be set, and be wrong."""

    def __init__(self, *, trusted: bool = True, boot_s: float = 1000.0, wall: datetime = START) -> None:
        self.trusted = trusted
        self._boot_s = boot_s
        self._wall_s = wall.timestamp()
        self._moved = asyncio.Event()

    def boot_s(self) -> float:
        return self._boot_s

    def now(self) -> datetime:
        return self.local(self._wall_s)

    def local(self, wall_s: float) -> datetime:
        return datetime.fromtimestamp(wall_s, UTC)

    def epoch_s(self, local: datetime) -> float:
        return local.replace(tzinfo=UTC).timestamp()

    async def wait(self, boot_s: float | None, wall_s: float | None) -> None:
        if (boot_s is None or self._boot_s < boot_s) and (wall_s is None or self._wall_s < wall_s):
            await self._moved.wait()

    def advance(self, seconds: float) -> None:
        """Time passes."""
        self._boot_s += seconds
        self.set_wall(seconds)

    def set_wall(self, by_s: float, *, trusted: bool | None = None) -> None:
        """Somebody sets the wall clock."""
        self._wall_s += by_s
        self.trusted = self.trusted if trusted is None else trusted
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()
