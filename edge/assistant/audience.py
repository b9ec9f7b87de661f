"""Those who hear what the assistant says unasked, and those who watch what it is asked."""

import logging
from collections.abc import Awaitable, Callable

from edge.assistant.model import Announcement, Reply, Utterance

log = logging.getLogger(__name__)

Announce = Callable[[Announcement], Awaitable[None]]
Watch = Callable[[Utterance, Reply], None]
"""Gets the request as it may be shown: without a PIN."""


class Audience:
    """Whoever has asked to be told."""

    def __init__(self) -> None:
        self._listeners: list[Announce] = []
        self._watchers: list[Watch] = []

    def __bool__(self) -> bool:
        """Whether somebody would hear an announcement."""
        return bool(self._listeners)

    def listen(self, listener: Announce) -> Callable[[], None]:
        """Have it awaited for every announcement; returns what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def watch(self, watcher: Watch) -> Callable[[], None]:
        """Have it called with every request and its reply; returns what ends that."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    async def announce(self, announcement: Announcement) -> None:
        """Tell all listeners, one after the other."""
        for listener in tuple(self._listeners):
            await listener(announcement)

    def tell(self, utterance: Utterance, reply: Reply) -> None:
        """Tell all watchers; a fault of theirs is logged and costs nothing else."""
        for watcher in tuple(self._watchers):
            try:
                watcher(utterance, reply)
            except Exception:
                log.exception("assistant.watcher")
