"""What climate devices and water heaters share: temperatures, modes and presets, each with topics of its own."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from edge.mqtt.components import keys
from edge.mqtt.components.base import NONE, Data, MqttEntity, Reading, all_of, amount, has_attribute, is_state
from edge.mqtt.entity import Command, Publish
from edge.mqtt.payloads import number
from edge.mqtt.templates import Template

Taker = Callable[[Any, str], bool]


def properties(*names: str) -> dict[str, keys.Key]:
    """The four keys of each property."""
    found: dict[str, keys.Key] = {}
    for name in names:
        found |= {
            f"{name}_command_template": keys.template(),
            f"{name}_command_topic": keys.topic(),
            f"{name}_state_template": keys.template(),
            f"{name}_state_topic": keys.source(),
        }
    return found


def takes_number(attribute: str) -> Taker:
    """Takes a number, or `None` for none."""

    def take(entity: MqttEntity, text: str) -> bool:
        if text == NONE:
            return entity.set_attribute(attribute, None)
        value = number(text)
        return value is not None and entity.set_attribute(attribute, value)

    return take


def takes_mode(attribute: str, choices: str) -> Taker:
    """Takes one of the modes of a key, `None` for none."""

    def take(entity: MqttEntity, text: str) -> bool:
        if text == NONE:
            return entity.set_attribute(attribute, None)
        return text in (entity.option(choices) or ()) and entity.set_attribute(attribute, text)

    return take


def takes_state(choices: str) -> Taker:
    """Takes the state itself as one of the modes of a key."""

    def take(entity: MqttEntity, text: str) -> bool:
        if text == NONE:
            return entity.set_state(None)
        return text in (entity.option(choices) or ()) and entity.set_state(text)

    return take


class TemperatureControl(MqttEntity):
    """A property is a name with `_command_topic`, `_command_template`, `_state_topic`, `_state_template`."""

    __slots__ = ()
    usual_celsius: ClassVar[tuple[float, float]] = (7.0, 35.0)
    """Limits of a device that gives none."""

    def template_of(self, reading: Reading) -> Template | None:
        """The template of a reading: its own, else the one for all."""
        own = super().template_of(reading)
        return own if own is not None else self.template("value_template")

    def property_command(self, name: str, value: Any, attribute: str, tolerance: float = 0.0) -> Command:
        """Sets one property; nothing is published for one that has no topic."""
        publishes: tuple[Publish, ...] = ()
        if self.has(f"{name}_command_topic"):
            publishes = (self.publish(value, to=f"{name}_command_topic", by=f"{name}_command_template"),)
        confirms = is_state(value) if attribute == "state" else has_attribute(attribute, value, tolerance)
        return self.command_of(
            *publishes,
            assumed={attribute: value},
            confirms=confirms,
            reported=not self.optimistic(f"{name}_state_topic"),
        )

    def temperature_commands(self, data: Data, targets: Mapping[str, str]) -> list[Command]:
        """A command for each temperature among the data; `targets` names the property by the key of the data."""
        tolerance = (self.option("temp_step") if "temp_step" in self.accepts else None) or 1.0
        low, high = self.temperatures
        return [
            self.property_command(name, amount(data, key, low, high), key, tolerance / 2)
            for key, name in targets.items()
            if data.get(key) is not None
        ]

    def limits(self) -> dict[str, Any]:
        """`min_temp`, `max_temp`, `min`, `max`, and `temperature_unit` where given."""
        low, high = self.temperatures
        found: dict[str, Any] = {"min_temp": low, "max_temp": high, "min": low, "max": high}
        return found | ({"temperature_unit": self.option("temperature_unit")} if self.has("temperature_unit") else {})

    @property
    def temperatures(self) -> tuple[float, float]:
        """The least and the most it can be set to, in its own unit."""
        low, high = self.usual_celsius
        if self.fahrenheit:
            low, high = low * 1.8 + 32, high * 1.8 + 32
        given_low, given_high = self.option("min_temp"), self.option("max_temp")
        return low if given_low is None else given_low, high if given_high is None else given_high

    @property
    def fahrenheit(self) -> bool:
        """Whether it counts in Fahrenheit."""
        return str(self.option("temperature_unit") or "C").lstrip("°").upper().startswith("F")


def together(commands: list[Command]) -> Command:
    """Several commands as one."""
    publishes = tuple(publish for command in commands for publish in command.publishes)
    conditions = [command.confirms for command in commands if command.confirms is not None]
    assumed: dict[str, Any] = {}
    for command in commands:
        assumed |= command.assumed or {}
    return Command(publishes, all_of(*conditions) if conditions else None, assumed or None)
