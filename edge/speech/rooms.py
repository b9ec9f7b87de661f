"""The rooms that hear and speak now: what is said in which, what rings where, and whose loudspeaker is meant."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from edge.assistant.assistant import Assistant
from edge.assistant.model import Announcement, OnText, Reply, Utterance
from edge.devices.registry import Registry
from edge.errors import EdgeError

if TYPE_CHECKING:
    from edge.speech.mouth import Mouth
    from edge.speech.players import Players
    from edge.speech.room import Room

log = logging.getLogger(__name__)

_SAID: Final = "said"
_UNHEARD_S: Final = 600.0
_MOST_UNHEARD: Final = 64
_asking: ContextVar[str | None] = ContextVar("asking", default=None)
"""The name of the room that asks now."""

OnEvent = Callable[..., None]
"""Takes an event's kind, then facts."""


class VoiceError(EdgeError):
    """Nothing can be said; the message says why."""


@dataclass(frozen=True, slots=True, eq=False)
class OpenRoom:
    """A room that hears and speaks now."""

    name: str
    """What tells it from the others: the origin of what is said there."""
    area: str | None
    """Its area's id or name; areas may become known after it was opened."""
    mouth: "Mouth"
    room: "Room"
    on_announcement: Callable[[Announcement], None] = lambda announcement: None  # noqa: ARG005 (nobody listens)


class Rooms:
    """All of them. The first that is open speaks where none is named: open the machine's own before the others."""

    def __init__(self, assistant: Assistant, registry: Registry) -> None:
        self._assistant = assistant
        self._registry = registry
        self._open: dict[str, OpenRoom] = {}
        self._ringing: dict[str, Announcement] = {}
        self._unheard: dict[str, tuple[str, float]] = {}
        """What was to ring while there was no room: what for, and until when, on the monotonic clock."""
        self._tasks: set[asyncio.Task[Any]] = set()
        self._voiceless: Callable[[], None] | None = None
        self.local: str | None = None
        """The name of this machine's own room, which comes first."""
        self.trouble: Callable[[], str | None] = lambda: None
        """Why there is none."""
        self.quiet: Callable[[datetime], bool] | None = None
        """Whether a moment is a quiet one; None: the settings alone say so."""
        self.players: Players | None = None
        """What makes way while somebody speaks."""

    def open(self, room: OpenRoom) -> Callable[[], None]:
        """From now on it hears and speaks, and rings for what rings already; returns what ends that."""
        self._open[room.name] = room
        if self.quiet is not None:
            room.mouth.manners = replace(room.mouth.manners, asked=self.quiet)
        loud = room.mouth.duck(self.players.of(room.area)) if self.players and room.area else None
        if self._voiceless is None:
            self._voiceless = self._assistant.speak_through(_Nearest(self))
        for key, announcement in self._ringing.items():
            if room in self.of(announcement.area):
                room.mouth.ring(key, announcement.text, announcement.area)
        for key, (text, until_s) in self._unheard.items():
            if until_s > time.monotonic():
                room.mouth.ring(key, text, lasts_s=until_s - time.monotonic())
        self._unheard.clear()

        def close() -> None:
            if loud is not None:
                loud()
            if self._open.get(room.name) is room:
                del self._open[room.name]
            if not self._open and self._voiceless is not None:
                self._voiceless()
                self._voiceless = None

        return close

    @property
    def open_now(self) -> tuple[OpenRoom, ...]:
        """All that are open."""
        return tuple(self._open.values())

    async def close(self) -> None:
        """Wait for nothing more that is being said."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def of(self, area: str | None) -> list[OpenRoom]:
        """Those of an area; all where that is None or has none."""
        return self._in(area) or list(self._open.values())

    def _in(self, where: str | None) -> list[OpenRoom]:
        """Those of an area, or the one of that name."""
        meant, id_of = self._registry.area_id(where), self._registry.area_id
        return [room for room in self._open.values() if meant is not None and meant in (id_of(room.area), room.name)]

    def listen(self, word: str, where: str) -> bool:
        """`start`, `stop`, `mute` or `unmute` the rooms of an area, or the one of that name; whether there is any."""
        rooms = self._in(where)
        for room in rooms:
            self.heed(room.room, word)
        return bool(rooms)

    def heed(self, room: "Room", word: str) -> None:
        """The same for one of them."""
        match word:
            case "start":
                room.listen()
            case "stop":
                room.cancel()
            case _:
                self.soon(room.mute(word == "mute"))

    @property
    def nearest(self) -> OpenRoom | None:
        """The room that asks now, or else the one that comes first."""
        asking = self._open.get(_asking.get() or "")
        return asking or self._open.get(self.local or "") or next(iter(self._open.values()), None)

    async def ask(self, room: str, utterance: Utterance, on_text: OnText) -> Reply:
        """Ask for that room: "louder" means its loudspeaker."""
        before = _asking.set(room)
        try:
            if self.players is not None:
                await self.players.let_go(utterance.reading)
            area = self._registry.area_id(utterance.area)
            return await self._assistant.ask(replace(utterance, area=area), on_text)
        finally:
            _asking.reset(before)

    async def say(self, text: str, voice: str | None = None, area: str | None = None, *, severe: bool = False) -> str:
        """Have it said as an announcement in an area, or the room of that name; returns its ending. Raises `EdgeError`.

        None: in this machine's own room. What is for an area without a loudspeaker is said there too. A severe alarm
        that is for no area is said in every room.
        """
        rooms = list(self._open.values()) if severe and area is None else self._in(area)
        if not rooms and area is not None and self._registry.area_id(area) not in self._registry.areas:
            raise VoiceError(f"there is no area {area!r}")
        rooms = rooms or [room for room in (self.nearest,) if room is not None]
        if not rooms:
            raise VoiceError(self.trouble() or "no loudspeaker is set up")
        endings = await asyncio.gather(
            *(room.mouth.announce(text, voice=voice, severe=severe) for room in rooms), return_exceptions=True
        )
        for ending in endings:
            if isinstance(ending, BaseException) and not isinstance(ending, EdgeError):
                raise ending
        told = [ending for ending in endings if isinstance(ending, str)]
        if not told:
            raise next(ending for ending in endings if isinstance(ending, EdgeError))
        return _SAID if _SAID in told else told[0]

    def ring(self, key: str, text: str, where: str | None) -> None:
        """Ring in the room of that name, or else in all; in the first that opens within ten minutes if none is open."""
        if not self._open:
            if len(self._unheard) < _MOST_UNHEARD:
                self._unheard[key] = (text, time.monotonic() + _UNHEARD_S)
            return
        for room in self.of(where):
            room.mouth.ring(key, text)

    async def silence(self, key: str) -> None:
        """End that ring, wherever it rings."""
        self._unheard.pop(key, None)
        for room in self.open_now:
            await room.mouth.silence(key)

    def area_id(self, given: str | None) -> str | None:
        """The id of an area by its id or name; what is given where there is none."""
        return self._registry.area_id(given)

    async def announce(self, announcement: Announcement) -> None:
        """What the assistant says unasked, in the room that it is for, or in all; it is not waited for."""
        key = str(announcement.event.get("id", announcement.text))
        if announcement.rings:
            self._ringing[key] = announcement
        elif not announcement.text:
            self._ringing.pop(key, None)
        for room in self.of(None if announcement.severe else announcement.area):
            room.on_announcement(announcement)
            if announcement.rings:
                room.mouth.ring(key, announcement.text, announcement.area)
            elif announcement.text:
                self.soon(_said(room, announcement))
        if not announcement.rings and not announcement.text:
            for room in self._open.values():
                self.soon(room.mouth.silence(key))

    def soon(self, work: Coroutine[Any, Any, None]) -> None:
        """Have it done, and don't wait."""
        task = asyncio.create_task(work, name="voice-work")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class _Nearest:
    """The `Voice` of `edge.assistant.ports`: the loudspeaker of whoever asks. There is one while it is used."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    @property
    def _mouth(self) -> "Mouth":
        room = self._rooms.nearest
        if room is None:
            raise VoiceError("no loudspeaker is set up")
        return room.mouth

    @property
    def volume(self) -> float:
        return self._mouth.volume

    async def set_volume(self, volume: float) -> None:
        await self._mouth.set_volume(volume)

    async def mute(self, muted: bool, /) -> None:
        await self._mouth.mute(muted)

    async def stop(self) -> None:
        await self._mouth.stop()


async def _said(room: OpenRoom, announcement: Announcement) -> None:
    with contextlib.suppress(EdgeError):
        await room.mouth.announce(announcement.text, severe=announcement.severe)
