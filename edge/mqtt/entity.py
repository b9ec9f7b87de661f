"""What a discovered or configured MQTT entity can do: read its topics, build its commands. No I/O here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from edge.devices.model import Device, DeviceState


@dataclass(frozen=True, slots=True)
class Publish:
    """One message to send."""

    topic: str
    payload: str
    qos: int = 0
    retain: bool = False


Confirms = Callable[[DeviceState], bool]
"""Whether a state that came back shows that a command was carried out."""


@dataclass(frozen=True, slots=True)
class Command:
    """What one service call becomes on the wire."""

    publishes: tuple[Publish, ...]
    confirms: Confirms | None = None
    """None: the entity reports no state (no state topic, or optimistic), nothing can come back."""
    assumed: Mapping[str, Any] | None = None
    """For entities without a state topic: the `state` and attributes to assume once it is sent."""


class Entity(Protocol):
    """One entity behind MQTT, made from a discovery payload or a `[[devices]]` entry."""

    device: Device

    @property
    def topics(self) -> frozenset[str]:
        """Every topic to subscribe to: states, attributes, availability."""
        ...

    def receive(self, topic: str, payload: bytes) -> DeviceState | None:
        """The whole new state after a message, or None when it says nothing new; raises nothing for bad payloads."""
        ...

    def command(self, service: str, data: Mapping[str, Any], state: DeviceState) -> Command:
        """What Home Assistant would publish for this service; raises `UnsupportedServiceError`."""
        ...
