"""The home: floors, areas, devices, their states and their names. May import `edge.errors` and `edge.settings` only."""

from edge.devices.home import HomeError, load_home, parse_home
from edge.devices.model import Area, Device, DeviceState, Floor, Outcome, ServiceCall
from edge.devices.registry import Change, ChangeKind, Registry

__all__ = [
    "Area",
    "Change",
    "ChangeKind",
    "Device",
    "DeviceState",
    "Floor",
    "HomeError",
    "Outcome",
    "Registry",
    "ServiceCall",
    "load_home",
    "parse_home",
]
