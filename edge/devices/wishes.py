"""What a person has written down of a device that is found: it goes over what the device says of itself; pure."""

from dataclasses import dataclass, replace

from edge.devices.model import Device
from edge.devices.registry import Registry


@dataclass(frozen=True, slots=True)
class Wish:
    """A name, a place, other names, and whether the assistant is to know it."""

    name: str | None = None
    area: str | None = None
    """An area's id or name."""
    aliases: tuple[str, ...] = ()
    exposed: bool = True
    """Whether the assistant is to know it."""


def granted(device: Device, wish: Wish | None, registry: Registry) -> Device:
    """The device as wished, its area an id of the registry: an area that is only named is looked up, or made."""
    area = device.area
    if wish is not None:
        area = wish.area or area
        device = replace(
            device,
            name=wish.name or device.name,
            aliases=tuple(dict.fromkeys((*wish.aliases, *device.aliases))),
            exposed=wish.exposed,
        )
    if area is not None and area not in registry.areas:
        area = registry.area_named(area).id
    return device if area == device.area else replace(device, area=area)
