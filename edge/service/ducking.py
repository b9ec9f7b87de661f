"""Media players make way in the rooms where somebody speaks."""

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Final

from edge.assistant.ports import Actuator
from edge.speech.players import Players

if TYPE_CHECKING:
    from edge.service.service import Service

_FILE: Final = "ducked-players.json"


async def open_ducking(service: "Service", actuator: Actuator, stack: AsyncExitStack) -> None:
    """Before the rooms open, so that each finds them."""
    loaded = service.loaded
    ducking = loaded.settings.speech.ducking
    if ducking.players:
        players = Players(service.registry, actuator, loaded.places.state / _FILE, share=ducking.volume)
        service.voice.rooms.players = await stack.enter_async_context(players)
