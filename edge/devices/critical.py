"""Which service calls let somebody or something in or out, and so wait for a confirmation; pure."""

from typing import Final

from edge.devices.model import Device, ServiceCall
from edge.devices.nouns import class_of

_GATES: Final = frozenset({"garage", "garage_door", "gate", "door"})
"""Device classes of covers that a person can walk through."""

_ALWAYS: Final = frozenset(
    {
        ("lock", "unlock"),
        ("lock", "open"),
        ("valve", "open_valve"),
        ("valve", "toggle"),
        ("alarm_control_panel", "alarm_disarm"),
    }
)


def is_critical(device: Device, call: ServiceCall) -> bool:
    """Whether the call unlocks, disarms, or opens a gate or a valve.

    It goes by the service that would be sent, not by the words that led to it, and so holds for every source.
    """
    if (device.domain, call.service) in _ALWAYS:
        return True
    opening = call.service in ("open_cover", "toggle") or (
        call.service in ("set_cover_position", "set_valve_position") and call.data.get("position") != 0
    )
    return opening and (device.domain == "valve" or (device.domain == "cover" and _class(device) in _GATES))


def _class(device: Device) -> str | None:
    return class_of(device.domain, device.device_class, device.name)
