"""The server: everything this machine can do for others, at one or more doors."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any, Final, Literal, Self

from edge.api.wyoming.connection import Connection, Services
from edge.api.wyoming.conversing import Conversations
from edge.api.wyoming.listening import Door, Listener
from edge.api.wyoming.ports import Mind, Speech
from edge.wyoming import EventStream

_MOST_CLIENTS: Final = 32


class WyomingServer:
    """Async context manager: while it is entered, it serves at its doors, or tries to open them. Never fails."""

    def __init__(
        self,
        doors: Sequence[Door],
        speech: Speech,
        mind: Mind,
        *,
        conversation: Literal["handle", "intent"] = "handle",
        language: str = "en",
        most: int = _MOST_CLIENTS,
    ) -> None:
        """`conversation`: whether sentences are carried out here, or handed over to the client as intents."""
        conversations = Conversations(mind, hands_over=conversation == "intent")
        self._services = Services(speech, conversations, conversation, language)
        self.listeners = tuple(Listener(door, self._serve, most=most) for door in doors)

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as opening:
            for listener in self.listeners:
                await opening.enter_async_context(listener)
            self._stack = opening.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def facts(self) -> dict[str, Any]:
        """For `edge status`."""
        troubles = [listener.trouble for listener in self.listeners if listener.trouble]
        return {
            "listening": [str(listener.door) for listener in self.listeners if listener.opened.is_set()],
            "trouble": " ".join(troubles) or None,
            "clients": sum(listener.guests for listener in self.listeners),
        }

    async def _serve(self, stream: EventStream) -> None:
        await Connection(stream, self._services).run()
