"""What waits for the broker: in order, bounded, sent again after a lost connection, withdrawn when it is too late."""

import asyncio
from dataclasses import dataclass

from edge.mqtt.errors import NotDeliveredError, OutboxFullError


@dataclass(eq=False, slots=True)
class Outgoing:
    """One message; `done` is set when the broker has it, and cancelled when nobody wants it sent any more."""

    topic: str
    payload: bytes
    qos: int
    retain: bool
    correlation: bytes | None
    done: asyncio.Future[None]
    tries: int = 0
    expiry_s: int | None = None
    """How long the broker may keep it for those who are away, from when it is sent."""


class Outbox:
    """Messages in the order they were handed in. One connection at a time takes from it."""

    def __init__(self, most: int = 1000, most_bytes: int = 16 * 1024 * 1024) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._bytes = 0
        self._messages: dict[Outgoing, None] = {}
        self._unsent: list[Outgoing] = []
        self._filled = asyncio.Event()

    def __len__(self) -> int:
        return len(self._messages)

    def put(self, message: Outgoing) -> None:
        """Keep it until it is done; raises `OutboxFullError`."""
        if len(self._messages) >= self._most or self._bytes + len(message.payload) > self._most_bytes:
            raise OutboxFullError(
                f"{len(self._messages)} messages wait for the broker already; {message.topic} is not sent"
            )
        self._messages[message] = None
        self._bytes += len(message.payload)
        self._unsent.append(message)
        self._filled.set()
        message.done.add_done_callback(lambda _: self._forget(message))

    def begin_again(self) -> None:
        """A fresh connection: whatever is not done is to be sent, from the oldest."""
        self._unsent = list(self._messages)
        if self._unsent:
            self._filled.set()

    async def take(self, most_tries: int) -> list[Outgoing]:
        """Wait for messages, then hand out those that somebody still wants sent and that have not failed too often."""
        await self._filled.wait()
        self._filled.clear()
        batch, self._unsent = self._unsent, []
        wanted = [message for message in batch if not message.done.done()]
        for message in wanted:
            message.tries += 1
            if message.tries > most_tries:
                text = f"the connection was lost {most_tries} times over a message for {message.topic}"
                message.done.set_exception(NotDeliveredError(text))
        return [message for message in wanted if not message.done.done()]

    def _forget(self, message: Outgoing) -> None:
        if message in self._messages:
            del self._messages[message]
            self._bytes -= len(message.payload)
