"""What is told to open pages while it happens: topics that cost nothing while nobody follows them."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from typing import Any, Final

from edge.api.http.errors import HttpError
from edge.api.http.routes import dumps

log = logging.getLogger(__name__)

MOST_FOLLOWERS: Final = 12
MOST_WAITING: Final = 256
"""Messages that wait for a page that reads slowly; with more it is hung up on, and begins anew."""
MOST_WAITING_BYTES: Final = 512 * 1024
HEARTBEAT_S: Final = 15.0
RETRY_MS: Final = 3000

Publish = Callable[[Mapping[str, Any]], None]
"""Tells a topic's followers."""
Begin = Callable[[Publish], Callable[[], None]]
"""Begins to tell; returns what ends that."""


class _Follower:
    """One page."""

    def __init__(self, topics: frozenset[str]) -> None:
        self.topics = topics
        self.waiting: asyncio.Queue[bytes] = asyncio.Queue()
        self.bytes = 0
        self.over = False

    def tell(self, message: bytes) -> None:
        if self.over:
            return
        if self.waiting.qsize() >= MOST_WAITING or self.bytes + len(message) > MOST_WAITING_BYTES:
            log.info("page.slow", extra={"waiting": self.waiting.qsize()})
            self.end()
            return
        self.bytes += len(message)
        self.waiting.put_nowait(message)

    def end(self) -> None:
        self.over = True
        self.waiting.put_nowait(b"")


class Hub:
    """Tells followers of topics; a topic's source runs while somebody follows it. Belongs to the event loop."""

    def __init__(self) -> None:
        self._sources: dict[str, Begin] = {}
        self._running: dict[str, Callable[[], None]] = {}
        self._followers: set[_Follower] = set()

    def __len__(self) -> int:
        """How many follow."""
        return len(self._followers)

    def offer(self, topic: str, begin: Begin) -> None:
        """Have a topic; `begin` is called with the first follower, what it returns after the last. Both on the loop."""
        self._sources[topic] = begin

    def tell(self, topic: str, message: Mapping[str, Any]) -> None:
        """Tell those who follow now; written once for all of them."""
        following = [one for one in self._followers if topic in one.topics]
        if following:
            data = f"event: {topic}\ndata: {dumps(message)}\n\n".encode()
            for one in following:
                one.tell(data)
            if any(one.over for one in following):
                self._followers -= {one for one in following if one.over}
                self._stop()

    def close(self) -> None:
        """Hang up on all."""
        for one in self._followers:
            one.end()

    async def follow(self, topics: Collection[str], still: Callable[[], Any]) -> AsyncGenerator[bytes, None]:
        """Server-sent events. `still` is awaited with each heartbeat; what it raises ends the stream.

        Raises `HttpError`: 404 for a topic that is not there, 503 where too many follow.
        """
        unknown = sorted(set(topics) - set(self._sources))
        if unknown or not topics:
            raise HttpError(404, f"topics: expected some of {', '.join(sorted(self._sources))}", param="topics")
        if len(self._followers) >= MOST_FOLLOWERS:
            raise HttpError(503, f"{MOST_FOLLOWERS} pages are open already: close one", code="busy", retry_s=10)
        follower = _Follower(frozenset(topics))
        self._followers.add(follower)
        try:
            self._start(follower.topics)
            yield f"retry: {RETRY_MS}\n: there you are\n\n".encode()
            while not follower.over:
                try:
                    async with asyncio.timeout(HEARTBEAT_S):
                        message = await follower.waiting.get()
                except TimeoutError:
                    await still()
                    message = b": still there\n\n"
                else:
                    follower.bytes -= len(message)
                if message:
                    yield message
        finally:
            self._followers.discard(follower)
            self._stop()

    def _start(self, topics: frozenset[str]) -> None:
        for topic in topics - set(self._running):
            self._running[topic] = self._sources[topic](lambda message, topic=topic: self.tell(topic, message))  # type: ignore[misc]

    def _stop(self) -> None:
        """End the sources that nobody follows any more."""
        followed = {topic for one in self._followers for topic in one.topics}
        for topic in set(self._running) - followed:
            self._running.pop(topic)()
