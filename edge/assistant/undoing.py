"""Takes back what was done to devices; what would let somebody in stays as it is."""

from collections.abc import Sequence

from edge.assistant import wording
from edge.assistant.hands import Hands
from edge.assistant.later import Later
from edge.assistant.model import Performed
from edge.assistant.naming import names
from edge.assistant.phrases import sentence
from edge.assistant.told import Undo
from edge.devices.critical import is_critical
from edge.devices.model import ServiceCall
from edge.devices.registry import Registry
from edge.devices.undo import restore


class Undoing:
    """Makes ways back out of what was performed."""

    def __init__(self, registry: Registry, hands: Hands, later: Later) -> None:
        self._registry = registry
        self._hands = hands
        self._later = later

    def of(self, done: Sequence[Performed]) -> Undo:
        """What puts the devices back to how they were, as far as that is still to be done then."""

        async def undo() -> str:
            backwards: list[ServiceCall] = []
            kept: list[ServiceCall] = []
            for one in reversed(done):
                device = self._registry.devices.get(one.call.device)
                calls = restore(device, one.before, self._registry.state(device.id)) if device is not None else ()
                for call in calls:
                    (kept if device is not None and is_critical(device, call) else backwards).append(call)
            performed = await self._hands.perform(backwards)
            await self._later.release(one.call.device for one in done)
            devices = [self._registry.devices[call.device] for call in kept]
            left = f"I left {names(devices, self._registry)} as it is: ask me for that yourself"
            return wording.report(performed, self._registry, [sentence(left)] if kept else [])

        return undo
