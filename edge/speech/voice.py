"""The voice of the house: this machine's own room and its satellites, as MQTT and the control socket see them."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any, Self

from edge.assistant.assistant import Assistant
from edge.assistant.model import Reply, Utterance
from edge.devices.registry import Registry
from edge.schedule.clock import Clock
from edge.settings import Loaded
from edge.speech.local import Hearing, LocalVoice
from edge.speech.parts import SpeechParts
from edge.speech.rooms import Rooms

__all__ = ["Hearing", "HouseVoice"]

OnReply = Callable[[Utterance, Reply], None]


class HouseVoice:
    """Async context manager: while it is entered, the rooms hear and speak as the settings want it."""

    def __init__(
        self,
        loaded: Loaded,
        parts: SpeechParts,
        assistant: Assistant,
        registry: Registry,
        clock: Clock,
        hearing: Hearing,
    ) -> None:
        self._loaded = loaded
        self._parts = parts
        self._assistant = assistant
        self._clock = clock
        self.rooms = Rooms(assistant, registry)
        """Those that are open."""
        self.local = LocalVoice(loaded, parts, self.rooms, clock, hearing, self._replied)
        """The one of this machine."""
        self.rooms.trouble = lambda: self.local.trouble
        self._stack = AsyncExitStack()
        self.on_reply: OnReply = lambda utterance, reply: None  # noqa: ARG005 (nobody listens)
        self.on_event: Callable[..., None] = lambda kind, **facts: None  # noqa: ARG005 (nobody listens)
        """Takes the kind of what happened in a satellite's room, and facts."""

    async def __aenter__(self) -> Self:
        self._stack.callback(self._assistant.announce_to(self.rooms.announce))
        self._stack.push_async_callback(self.rooms.close)
        await self._stack.enter_async_context(self.local)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    @property
    def state(self) -> str | None:
        """What this machine's own room does now; None where nothing hears."""
        return self.local.state

    @property
    def trouble(self) -> str | None:
        """Why nothing is heard and said here; None while it is."""
        return self.local.trouble

    def facts(self) -> dict[str, Any]:
        """For `edge status`."""
        return self.local.facts()

    async def say(self, text: str, voice: str | None = None, area: str | None = None) -> str:
        """Have it said as an announcement, in an area or here; returns its ending. Raises `EdgeError`."""
        return await self.rooms.say(text, voice, area)

    def listen(self, word: str) -> bool:
        """`start`, `stop`, `mute` or `unmute` this machine's own room; whether there is something to do so."""
        return self.local.listen(word)

    def observe(self, observer: Callable[[], None]) -> Callable[[], None]:
        """Have it called whenever `state` has changed; returns what ends that."""
        return self.local.observe(observer)

    def _replied(self, utterance: Utterance, reply: Reply) -> None:
        self.on_reply(utterance, reply)
