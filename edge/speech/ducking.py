"""Other sound in the room, which makes way while the assistant speaks."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

log = logging.getLogger(__name__)

_LONGEST_S: Final = 3.0


class Ducking(Protocol):
    """Something that makes sound."""

    async def duck(self) -> None:
        """Speech begins."""
        ...

    async def restore(self) -> None:
        """It is over."""
        ...


class Others:
    """All of them. Speech never waits for one; each is restored once for each time it was ducked, in that order."""

    def __init__(self) -> None:
        self._others: list[Ducking] = []
        self._ducked: list[Ducking] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._order = asyncio.Lock()

    def add(self, other: Ducking) -> Callable[[], None]:
        """From now on; returns what ends that."""
        self._others.append(other)

        def forget() -> None:
            self._others.remove(other)
            if other in self._ducked:
                self._ducked.remove(other)
                self._soon(other.restore)

        return forget

    def duck(self) -> None:
        """Speech begins."""
        for other in self._others:
            if other not in self._ducked:
                self._ducked.append(other)
                self._soon(other.duck)

    def restore(self) -> None:
        """There is nothing more to be said."""
        ducked, self._ducked = self._ducked, []
        for other in ducked:
            self._soon(other.restore)

    async def close(self) -> None:
        """Restore all, and wait for it."""
        self.restore()
        await asyncio.gather(*self._tasks)

    def _soon(self, hook: Callable[[], Awaitable[None]]) -> None:
        task = asyncio.create_task(self._call(hook))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _call(self, hook: Callable[[], Awaitable[None]]) -> None:
        async with self._order:
            try:
                async with asyncio.timeout(_LONGEST_S):
                    await hook()
            except TimeoutError:
                log.warning("ducking.slow", extra={"longest_s": _LONGEST_S})
            except Exception:
                log.exception("ducking.failed")
