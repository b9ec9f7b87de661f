"""The view *House*: floors, areas and devices with their states."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aiohttp import web

from edge.api.answers import device_facts
from edge.api.http.errors import Style
from edge.api.http.page.hub import Hub, Publish
from edge.api.http.routes import Call, Route, given
from edge.devices.registry import Change, ChangeKind

if TYPE_CHECKING:
    from edge.service.service import Service


class House:
    """Answers for the view."""

    def __init__(self, service: "Service") -> None:
        self._registry = service.registry

    def routes(self) -> tuple[Route, ...]:
        """All there are."""
        return (Route("GET", "/page/house", Style.EDGE, "Floors, areas and devices", self._house),)

    def begin(self, publish: Publish) -> Callable[[], None]:
        """Tell of changes while somebody watches."""

        def changed(change: Change) -> None:
            if change.kind is ChangeKind.STATE and change.state == change.before:
                return
            publish({"kind": change.kind.value, "device": device_facts(change.device, change.state)})

        return self._registry.listen(changed)

    async def _house(self, call: Call) -> web.StreamResponse:
        registry = self._registry
        document: dict[str, Any] = {
            "floors": [{"id": one.id, "name": one.name} for one in registry.floors.values()],
            "areas": [{"id": one.id, "name": one.name, "floor": one.floor} for one in registry.areas.values()],
            "devices": [device_facts(device, registry.state(device.id)) for device in registry.devices.values()],
        }
        return given(call, document)


def routes(service: "Service", hub: Hub) -> tuple[Route, ...]:
    """The view's routes."""
    house = House(service)
    hub.offer("house", house.begin)
    return house.routes()
