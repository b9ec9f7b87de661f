"""The kinds of entity Home Assistant's MQTT integration knows, one file each.

May import `edge.devices`, `edge.errors` and the templates and payloads of `edge.mqtt`. A new kind is a file with a
subclass of `MqttEntity` and a line in `COMPONENTS`.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from edge.mqtt.components.base import MqttEntity
from edge.mqtt.components.binary_sensor import BinarySensor
from edge.mqtt.components.cover import Cover
from edge.mqtt.components.keys import KeyValueError
from edge.mqtt.components.light import light_of
from edge.mqtt.components.sensor import Sensor
from edge.mqtt.components.switch import Switch

__all__ = ["COMPONENTS", "IGNORED", "KeyValueError", "MqttEntity", "kind_of"]

Kind = type[MqttEntity] | Callable[[Mapping[str, Any]], type[MqttEntity]]

COMPONENTS: Final[Mapping[str, Kind]] = {
    "binary_sensor": BinarySensor,
    "cover": Cover,
    "light": light_of,
    "sensor": Sensor,
    "switch": Switch,
}
"""By domain: the class, or what chooses one by the configuration."""

IGNORED: Final[Mapping[str, str]] = {
    "camera": "pictures mean nothing to a voice assistant",
    "image": "pictures mean nothing to a voice assistant",
    "tag": "tags are scanned for automations of others",
}
"""Components of Home Assistant that are left alone, and why."""


def kind_of(component: str, payload: Mapping[str, Any]) -> type[MqttEntity]:
    """The class for a configuration. Raises `KeyError` for an unknown component, `KeyValueError` for a bad payload."""
    kind = COMPONENTS[component]
    return kind if isinstance(kind, type) else kind(payload)
