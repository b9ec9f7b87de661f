"""A clock that is moved by hand, and tells for which moment somebody waits next."""

import asyncio
from datetime import datetime, tzinfo


class MovingClock:
    """`edge.schedule.clock.Clock` at a moment in a zone."""

    trusted = True

    def __init__(self, now: datetime, zone: tzinfo) -> None:
        self._zone = zone
        self._wall_s = (now if now.tzinfo else now.replace(tzinfo=zone)).timestamp()
        self._boot_s = 10_000.0
        self._moved = asyncio.Event()
        self._waits: dict[object, float] = {}

    def boot_s(self) -> float:
        return self._boot_s

    def now(self) -> datetime:
        return self.local(self._wall_s)

    def local(self, wall_s: float) -> datetime:
        return datetime.fromtimestamp(wall_s, self._zone)

    def epoch_s(self, local: datetime) -> float:
        return (local if local.tzinfo else local.replace(tzinfo=self._zone)).timestamp()

    async def wait(self, boot_s: float | None, wall_s: float | None) -> None:
        """Until one of the moments is there; the others of this house know of the wait meanwhile."""
        key = object()
        left = [at - now for at, now in ((boot_s, self._boot_s), (wall_s, self._wall_s)) if at is not None]
        self._waits[key] = self._boot_s + min(left, default=float("inf"))
        try:
            while self._boot_s < self._waits[key]:
                await self._moved.wait()
        finally:
            del self._waits[key]

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waits)

    def next_in_s(self) -> float:
        """Seconds to the next moment that somebody waits for; endless where nobody does."""
        return min((at - self._boot_s for at in self._waits.values()), default=float("inf"))

    def advance(self, seconds: float) -> None:
        """Time passes."""
        self._boot_s += seconds
        self._wall_s += seconds
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()
