"""What a discovered or configured MQTT entity can do: read its topics, build its commands. No I/O here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from edge.devices.model import Device, DeviceState
from edge.errors import EdgeError


class UnsupportedServiceError(EdgeError):
    """The device has no such service, as it describes itself."""


class ServiceDataError(UnsupportedServiceError):
    """The device has the service, but not with these data: a value missing, out of range or of the wrong kind."""


@dataclass(frozen=True, slots=True)
class Publish:
    """One message to send."""

    topic: str
    payload: str | bytes
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
        """The whole state after a message, or None when it says nothing about this entity.

        A report that repeats the last one gives a state too: staleness goes by reports. Times are 0.0: the entity has
        no clock, whoever feeds it stamps them. Raises nothing for bad payloads.
        """
        ...

    def command(self, service: str, data: Mapping[str, Any], state: DeviceState) -> Command:
        """What Home Assistant would publish for this service; raises `UnsupportedServiceError`."""
        ...

    def assume(self, values: Mapping[str, Any]) -> DeviceState:
        """The whole state once a command with `assumed` values was sent."""
        ...

    @property
    def is_introduced(self) -> bool:
        """Whether it is known if the device is there: one that was just announced may be yet to say so."""
        ...

    @property
    def current(self) -> DeviceState:
        """The whole state as known now; before any message, what the configuration implies."""
        ...
