"""One at a time, the most urgent first: the queue in front of the model."""

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import IntEnum

from edge.llm.errors import LlmBusy


class Priority(IntEnum):
    """Who goes first: somebody who stands in the room and waits, before anybody else who asks."""

    UPKEEP = -1
    """Not somebody who asks: the model is to be changed, and there is always room for that in the queue."""
    VOICE = 0
    NORMAL = 1
    BACKGROUND = 2


class Gate:
    """Lets one holder in at a time; within a priority, in order of arrival."""

    def __init__(self, most_waiting: int) -> None:
        self._most = most_waiting
        self._busy = False
        self._order = itertools.count()
        self._queue: list[tuple[Priority, int, asyncio.Future[None]]] = []

    @property
    def waiting(self) -> int:
        """How many stand in the queue."""
        return sum(not future.done() for _, _, future in self._queue)

    @asynccontextmanager
    async def turn(self, priority: Priority) -> AsyncIterator[None]:
        """Wait for one's turn and hold it for the block; raises `LlmBusy` when too many wait already."""
        if self._busy:
            await self._wait(priority)
        self._busy = True
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, priority: Priority) -> None:
        if self.waiting >= self._most and priority is not Priority.UPKEEP:
            raise LlmBusy(f"the language model is busy and {self._most} questions wait already: ask again in a moment")
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(self._queue, (priority, next(self._order), future))
        try:
            await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled():
                self._pass_on()
            future.cancel()
            raise

    def _pass_on(self) -> None:
        while self._queue:
            _, _, future = heapq.heappop(self._queue)
            if not future.done():
                future.set_result(None)
                return
        self._busy = False
