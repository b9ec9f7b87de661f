"""This machine's own room as a satellite of Home Assistant, which answers there for as long as it wants to."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import AbstractContextManager, AsyncExitStack, aclosing
from typing import TYPE_CHECKING, Any, Final

from edge.api.wyoming.listening import Door
from edge.api.wyoming.ports import Model, Speech, Spoken
from edge.api.wyoming.satellite import SatelliteError, SatelliteServer
from edge.speech.exchange import Witness
from edge.speech.rooms import OpenRoom
from edge.speech.sound import Samples, Sound
from edge.speech.turns import Priority

if TYPE_CHECKING:
    from edge.service.service import Service
    from edge.speech.tts.voices import Voices

_ANNOUNCED: Final = "An announcement from elsewhere."


async def open_satellite(service: "Service", speech: Speech, stack: AsyncExitStack) -> Door:
    """Listen where the settings say; the room hands over what it hears while Home Assistant is there."""
    settings = service.loaded.settings
    door = Door(settings.wyoming.host, settings.wyoming.satellite_port, setting="wyoming.satellite_port")
    room = _Room(service, speech)
    server = SatelliteServer(door, room, name=f"edge {settings.node}", area=room.area)
    voices = await service.parts.voices()
    service.parts.elsewhere = _Elsewhere(server, voices)
    await stack.enter_async_context(server)
    service.facts["satellite_of"] = server.facts
    return door


class _Elsewhere(Witness):
    """Home Assistant, as our room knows it."""

    def __init__(self, server: SatelliteServer, voices: "Voices") -> None:
        self._server = server
        self._voices = voices
        self._word: str | None = None

    @property
    def witness(self) -> Witness:
        return self

    @property
    def there(self) -> bool:
        return self._server.there

    def woken(self, word: str) -> None:
        self._word = word

    async def converse(
        self, frames: AsyncIterator[Samples], on_heard: Callable[[], None]
    ) -> AsyncGenerator[Sound, None]:
        word, self._word = self._word, None
        async with aclosing(self._server.converse(word, frames, on_heard)) as pieces:
            async for piece in pieces:
                yield Sound(piece.samples, piece.rate_hz)

    def aloud(self, sounds: AsyncIterator[Sound]) -> AbstractContextManager[str]:
        return self._voices.lent(sounds)

    async def played(self) -> None:
        await self._server.played()


class _Room:
    """Our room, as Home Assistant knows it."""

    def __init__(self, service: "Service", speech: Speech) -> None:
        self._service = service
        self._speech = speech

    def area(self) -> str | None:
        rooms, registry = self._service.voice.rooms, self._service.registry
        given = self._service.loaded.settings.speech.area
        area = registry.areas.get(rooms.area_id(given) or "")
        return area.name if area is not None else given

    async def wake_words(self) -> tuple[Model, ...]:
        usual = self._service.loaded.settings.speech.wake_words
        return tuple(model for model in (await self._speech.offer()).wake_words if model.name in usual)

    async def announce(self, sounds: AsyncIterator[Spoken]) -> None:
        async def as_sound() -> AsyncIterator[Sound]:
            async for piece in sounds:
                yield Sound(piece.samples, piece.rate_hz)

        mouth = self._own().mouth
        with (await self._service.parts.voices()).lent(as_sound()) as voice:
            await mouth.say(_ANNOUNCED, Priority.ANNOUNCEMENT, voice=voice)

    async def timer(self, kind: str, key: str, facts: Mapping[str, Any]) -> None:
        rooms = self._service.voice.rooms
        if kind == "finished":
            name = facts.get("name")
            rooms.ring(f"ha {key}", f"Your {name} timer is over." if name else "Your timer is over.", rooms.local)
        elif kind == "cancelled":
            await rooms.silence(f"ha {key}")

    def _own(self) -> OpenRoom:
        rooms = self._service.voice.rooms
        own = next((room for room in rooms.open_now if room.name == rooms.local), None)
        if own is None:
            raise SatelliteError(rooms.trouble() or "this machine's own room neither hears nor speaks now")
        return own
