"""The queue in front of the model: one at a time, clients in turn, and no more waiting than will be served."""

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from edge.api.http.errors import HttpError

FIRST_GUESS_S: Final = 5.0
LONGEST_WAIT_S: Final = 120.0
OWN_SHARE: Final = 0.75
"""How much of the queue one client may fill: another one finds room."""


class FairQueue:
    """Whoever asks often waits for those who ask seldom: after each turn the next client's first request goes on."""

    def __init__(self, most_waiting: int) -> None:
        self._most = most_waiting
        self._busy = False
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()
        self._took_s = FIRST_GUESS_S

    @property
    def waiting(self) -> int:
        """How many wait."""
        return sum(len(line) for line in self._waiting.values())

    @asynccontextmanager
    async def turn(self, client: str) -> AsyncIterator[None]:
        """Wait for a turn and hold it for the block. Raises `HttpError` (429, 503) where too many wait already."""
        if self._busy:
            await self._wait(client)
        self._busy = True
        began = time.monotonic()
        try:
            yield
        finally:
            self._took_s += (time.monotonic() - began - self._took_s) / 4
            self._pass_on()

    async def _wait(self, client: str) -> None:
        self._check(client)
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(client, deque()).append(future)
        try:
            await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled():
                self._pass_on()
            else:
                self._leave(client, future)
            raise

    def _check(self, client: str) -> None:
        waiting, own = self.waiting, len(self._waiting.get(client, ()))
        retry_s = min(LONGEST_WAIT_S, self._took_s * (waiting + 1))
        if waiting >= self._most:
            raise HttpError(503, f"{waiting} requests wait already: ask again later", code="busy", retry_s=retry_s)
        if own >= max(1, round(self._most * OWN_SHARE)):
            raise HttpError(429, f"{own} of your requests wait already: ask again later", code="busy", retry_s=retry_s)

    def _leave(self, client: str, future: asyncio.Future[None]) -> None:
        line = self._waiting.get(client)
        if line is None:
            return
        if future in line:
            line.remove(future)
        if not line:
            del self._waiting[client]

    def _pass_on(self) -> None:
        while self._waiting:
            client, line = self._waiting.popitem(last=False)
            future = line.popleft()
            if line:
                self._waiting[client] = line
            if not future.done():
                future.set_result(None)
                return
        self._busy = False
