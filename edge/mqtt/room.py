"""The room on MQTT: what is to be said, whether it listens, and what it does now."""

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Final, Protocol, Self

from edge.errors import EdgeError
from edge.log import RateLimited
from edge.mqtt.errors import MqttLinkError
from edge.mqtt.link import Link, LinkState
from edge.mqtt.subscriptions import Received

log = logging.getLogger(__name__)

_LONGEST_SAY: Final = 2000
"""Characters that are said."""
_LONGEST_LISTEN: Final = 512
_AT_ONCE: Final = 32
"""Texts that wait to be said."""

Event = Callable[..., None]
"""Tells `<base>/event`: its kind, then facts."""


class Speaker(Protocol):
    """The room, as far as this needs it."""

    @property
    def state(self) -> str | None:
        """What it does now; None where nothing is set up to hear."""
        ...

    async def say(self, text: str, *, area: str | None = None) -> str:
        """Have it said, when its turn comes, in an area or here; returns what became of it.

        Raises `EdgeError` that says why it can't.
        """
        ...

    def listen(self, word: str, area: str | None = None) -> bool:
        """`start`, `stop`, `mute`, `unmute`, in an area or here: whether there is something that can."""
        ...

    def observe(self, observer: Callable[[], None]) -> Callable[[], None]:
        """Have it called when `state` changes; returns what ends that."""
        ...


class RoomTopics:
    """Async context manager: while it is entered, `<base>/say` and `<base>/listen` are heeded."""

    def __init__(self, link: Link, *, base: str, speaker: Speaker, event: Event) -> None:
        self._link = link
        self._base = base
        self._speaker = speaker
        self._event = event
        self._tasks: set[asyncio.Task[None]] = set()
        self._limited = RateLimited(log)
        self._waiting: asyncio.Future[None] | None = None

    async def __aenter__(self) -> Self:
        self._link.subscribe([f"{self._base}/say"], self._on_say, qos=1, others_only=True)
        self._link.subscribe([f"{self._base}/listen"], self._on_listen, qos=1, others_only=True)
        self._forget = self._speaker.observe(self._tell)
        self._link.on_connect(self._tell)
        if self._link.state is LinkState.CONNECTED:
            self._tell()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._forget()
        self._link.unsubscribe([f"{self._base}/say"], self._on_say)
        self._link.unsubscribe([f"{self._base}/listen"], self._on_listen)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def speak(self, text: str, area: str | None = None) -> None:
        """Have it said, in an area or here, and tell what became of it."""
        if not text.strip():
            return
        if len(self._tasks) >= _AT_ONCE:
            self._not_said(text, f"{_AT_ONCE} others wait to be said")
            return
        self._spawn(self._say(text[:_LONGEST_SAY], area))

    def _on_say(self, message: Received) -> None:
        if not message.retain and self._link.fresh:
            self.speak(*_with_area(message.payload[: _LONGEST_SAY * 4].decode("utf-8", errors="replace"), "text"))

    async def _say(self, text: str, area: str | None) -> None:
        try:
            ending = await self._speaker.say(text, area=area)
        except EdgeError as error:
            self._not_said(text, str(error))
            return
        self._event("say", text=text, spoken=ending == "said", ending=ending)

    def _not_said(self, text: str, reason: str) -> None:
        self._limited.warning("say.not_spoken", reason, {"reason": reason})
        self._event("say", text=text, spoken=False, reason=reason)

    def _on_listen(self, message: Received) -> None:
        if message.retain or not self._link.fresh:
            return
        word, area = _with_area(message.payload[:_LONGEST_LISTEN].decode("utf-8", errors="replace"), "listen")
        word = word.strip().casefold()[:32]
        if word not in ("start", "stop", "mute", "unmute"):
            self._limited.warning("listen.refused", word, {"expected": "start, stop, mute or unmute"})
        elif not self._speaker.listen(word, area):
            why = "nothing is set up to hear" if area is None else f"nothing hears in {area!r}"
            self._limited.warning("listen.no_microphone", word, {"why": why})
            self._event("listen", word=word, done=False, reason=f"{why}: see `edge doctor`")

    def _tell(self) -> None:
        """The state, retained; an empty message takes back what an earlier run has left there.

        While there is no connection only the last state waits.
        """
        if self._link.state is not LinkState.CONNECTED and self._waiting is not None:
            self._waiting.cancel()
        with contextlib.suppress(MqttLinkError):
            self._waiting = self._link.post(f"{self._base}/listening", self._speaker.state or "", qos=1, retain=True)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name="mqtt-say")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _with_area(payload: str, key: str) -> tuple[str, str | None]:
    """A text, or one with the area where it holds: `{key, "area"}`."""
    if payload.lstrip().startswith("{"):
        with contextlib.suppress(ValueError, RecursionError):
            fields = json.loads(payload)
            text, area = fields.get(key), fields.get("area")
            if isinstance(text, str) and isinstance(area, str | None):
                return text, area or None
    return payload, None
