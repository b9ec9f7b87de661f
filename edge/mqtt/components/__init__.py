"""The kinds of entity Home Assistant's MQTT integration knows, one file each.

May import `edge.devices`, `edge.errors` and the templates and payloads of `edge.mqtt`. A new kind is a file with a
subclass of `MqttEntity` and a line in `COMPONENTS`.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from edge.mqtt.components.alarm_control_panel import AlarmControlPanel
from edge.mqtt.components.base import MqttEntity
from edge.mqtt.components.binary_sensor import BinarySensor
from edge.mqtt.components.button import Button, Notify, Scene
from edge.mqtt.components.climate import Climate
from edge.mqtt.components.cover import Cover
from edge.mqtt.components.event import DeviceAutomation, Event
from edge.mqtt.components.fan import Fan
from edge.mqtt.components.humidifier import Humidifier
from edge.mqtt.components.keys import KeyValueError
from edge.mqtt.components.lawn_mower import LawnMower
from edge.mqtt.components.light import light_of
from edge.mqtt.components.lock import Lock
from edge.mqtt.components.media_player import MediaPlayer
from edge.mqtt.components.number import Number
from edge.mqtt.components.select import Select
from edge.mqtt.components.sensor import Sensor
from edge.mqtt.components.siren import Siren
from edge.mqtt.components.switch import Switch
from edge.mqtt.components.text import Text
from edge.mqtt.components.update import DeviceTracker, Update
from edge.mqtt.components.vacuum import Vacuum
from edge.mqtt.components.valve import Valve
from edge.mqtt.components.water_heater import WaterHeater

__all__ = ["COMPONENTS", "IGNORED", "KeyValueError", "MqttEntity", "kind_of"]

Kind = type[MqttEntity] | Callable[[Mapping[str, Any]], type[MqttEntity]]

COMPONENTS: Final[Mapping[str, Kind]] = {
    "alarm_control_panel": AlarmControlPanel,
    "binary_sensor": BinarySensor,
    "button": Button,
    "climate": Climate,
    "cover": Cover,
    "device_automation": DeviceAutomation,
    "device_tracker": DeviceTracker,
    "event": Event,
    "fan": Fan,
    "humidifier": Humidifier,
    "lawn_mower": LawnMower,
    "light": light_of,
    "lock": Lock,
    "media_player": MediaPlayer,
    "notify": Notify,
    "number": Number,
    "scene": Scene,
    "select": Select,
    "sensor": Sensor,
    "siren": Siren,
    "switch": Switch,
    "text": Text,
    "update": Update,
    "vacuum": Vacuum,
    "valve": Valve,
    "water_heater": WaterHeater,
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
