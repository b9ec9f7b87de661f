"""Those who hear what the assistant says unasked, and those who watch what it is asked."""

import logging
from collections.abc import Awaitable, Callable

from edge.assistant.model import Announcement, Reply, Utterance
from edge.assistant.phrases import sentence
from edge.assistant.told import Told
from edge.router.model import Call

log = logging.getLogger(__name__)

Announce = Callable[[Announcement], Awaitable[None]]
Watch = Callable[[Utterance, Reply], None]
"""Gets the request as it may be shown: without a PIN."""


class Audience:
    """Whoever has asked to be told."""

    def __init__(self) -> None:
        self._listeners: list[Announce] = []
        self._watchers: list[Watch] = []

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

    async def broadcast(self, call: Call) -> Told:
        """Have every room told what somebody wants said there."""
        message = str(call.arguments.get("message") or "").strip()
        if not message:
            return Told("What shall I say?")
        if not self._listeners:
            return Told("I have no voice to say that with.")
        text = sentence(message)
        await self.announce(Announcement(text, None, {"event": "broadcast", "text": text}))
        return Told("I have said so in every room.")

    def tell(self, utterance: Utterance, reply: Reply) -> None:
        """Tell all watchers; a fault of theirs is logged and costs nothing else."""
        for watcher in tuple(self._watchers):
            try:
                watcher(utterance, reply)
            except Exception:
                log.exception("assistant.watcher")
