"""Collects messages in tests, and waits for them instead of sleeping."""

import asyncio
from collections.abc import Callable

from edge.mqtt.subscriptions import Received


class Inbox:
    """A handler that remembers."""

    def __init__(self) -> None:
        self.messages: list[Received] = []
        self._arrived = asyncio.Event()

    def __call__(self, message: Received) -> None:
        self.messages.append(message)
        self._arrived.set()

    async def wait_for(self, count: int) -> list[Received]:
        """The messages, once there are so many."""
        return await self.until(lambda messages: len(messages) >= count)

    async def until(self, enough: Callable[[list[Received]], bool]) -> list[Received]:
        """The messages, once they are enough."""
        async with asyncio.timeout(20):
            while not enough(self.messages):
                self._arrived.clear()
                await self._arrived.wait()
        return self.messages
