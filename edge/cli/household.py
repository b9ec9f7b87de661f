"""The home as the running service knows it, or as the configuration has it, for commands that read files themselves."""

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from edge.settings import control_sockets, load, places

if TYPE_CHECKING:
    from edge.devices.registry import Registry


def household() -> "Registry":
    """Floors, areas and devices with their names."""
    from edge.api.wire import ControlClient, ControlError
    from edge.devices.registry import Registry

    registry = Registry()
    with suppress(ControlError), ControlClient(*control_sockets(places()), timeout_s=10.0) as client:
        _put(registry, client.call("devices"))
        return registry
    from edge.mqtt.household import furnish

    furnish(registry, load().settings)
    return registry


def _put(registry: "Registry", facts: dict[str, Any]) -> None:
    from edge.devices.model import Area, Device, Floor

    for floor in facts["floors"]:
        registry.put_floor(Floor(floor["id"], floor["name"]))
    for area in facts["areas"]:
        registry.put_area(Area(area["id"], area["name"], area["floor"]))
    for one in facts["devices"]:
        device = Device(one["id"], one["name"], one["area"], tuple(one["aliases"]), device_class=one["device_class"])
        registry.put_device(device)
