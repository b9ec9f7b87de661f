"""What hangs on this machine beside the house elsewhere: its pins made safe first and last, its calls its own."""

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, Protocol

from edge.devices.model import Outcome, ServiceCall

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from edge.devices.registry import Registry
    from edge.devices.wishes import Wish
    from edge.hardware.attached import Attached
    from edge.mqtt.house import House
    from edge.settings import Loaded


class Moving(Protocol):
    """Carries calls out."""

    async def perform(self, call: ServiceCall) -> Outcome:
        """Raises nothing."""
        ...


class Owners:
    """Gives calls to what hangs on this machine to it, all others to the house elsewhere."""

    def __init__(self, attached: "Attached", elsewhere: Moving) -> None:
        self._attached = attached
        self._elsewhere = elsewhere

    async def perform(self, call: ServiceCall) -> Outcome:
        """Raises nothing."""
        owner: Moving = self._attached if self._attached.owns(call.device) else self._elsewhere
        return await owner.perform(call)


async def open_hardware(loaded: "Loaded", stack: AsyncExitStack) -> "Attached | None":
    """Outputs in their safe states, as early as that can be; None where nothing is attached."""
    entries = loaded.settings.hardware
    if not entries:
        from edge.hardware.safekeeping import note

        await asyncio.to_thread(note, loaded.places.runtime, ())
        return None
    from edge.hardware.attached import Attached

    speech = loaded.settings.speech
    pins = {
        "speech.button.pin": speech.button.pin,
        "speech.button.mute_pin": speech.button.mute_pin,
        "speech.light.pin": speech.light.pin,
        "speech.light.muted_pin": speech.light.muted_pin,
    }
    reserved = {pin: key for key, pin in pins.items() if pin is not None}
    return await stack.enter_async_context(Attached(entries, runtime=loaded.places.runtime, reserved=reserved))


async def furnish_hardware(
    attached: "Attached | None",
    loaded: "Loaded",
    registry: "Registry",
    house: "House | None",
    wished: "Mapping[str, Wish]",
    problems: list[str],
) -> None:
    """Devices in the registry, whose ids nothing else gets. To be done before the house is entered."""
    if attached is None:
        return
    settings = loaded.settings
    elsewhere = {one.id for one in settings.sensors} | {one.id for one in settings.devices if one.mqtt}
    for device in attached.ids:
        if house is not None:
            house.keep_id(device)
        if device in elsewhere:
            problems.append(f"hardware: {device} is in [[devices]] or [[sensors]] too: give it another id")
    await attached.begin(registry, wished, house.keep_id if house is not None else None)
    problems += attached.problems


def with_hardware(attached: "Attached | None", elsewhere: Moving) -> Moving:
    """Who carries calls out."""
    return elsewhere if attached is None else Owners(attached, elsewhere)


def hardware_facts(attached: "Attached | None") -> "dict[str, Callable[[], Mapping[str, Any]]]":
    """What `edge status` shows of it."""
    return {} if attached is None else {"hardware": attached.facts}
