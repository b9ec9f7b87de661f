"""Whether an order opens a cover that lets somebody in; pure."""

from collections.abc import Mapping, Sequence
from typing import Final

from edge.devices.critical import is_critical
from edge.devices.model import ServiceCall
from edge.devices.registry import Registry
from edge.router.model import Value

_SERVICES: Final = {
    "cover.open": "open_cover",
    "cover.toggle": "toggle",
    "cover.set_position": "set_cover_position",
}


def opens_up(function: str, arguments: Mapping[str, Value], targets: Sequence[str], registry: Registry) -> bool:
    """Whether one of the devices is a door, a gate or a garage that the call opens."""
    service = _SERVICES.get(function)
    if service is None:
        return False
    data = {"position": arguments["position"]} if "position" in arguments else {}
    return any(is_critical(registry.devices[one], ServiceCall(one, service, data)) for one in targets)
