"""Humidifiers and dehumidifiers: on and off, target humidity, modes."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from edge.devices.model import DeviceState
from edge.mqtt.components import keys
from edge.mqtt.components.base import (
    NONE,
    READ_WRITE,
    Data,
    MqttEntity,
    Reading,
    Service,
    amount,
    has_attribute,
    is_state,
    service_table,
    word,
)
from edge.mqtt.entity import Command
from edge.mqtt.payloads import number

_ACTIONS: Final = ("drying", "humidifying", "idle", "off")


def _state(entity: "Humidifier", text: str) -> bool:
    states = {entity.option("payload_on"): "on", entity.option("payload_off"): "off", NONE: None}
    return text in states and entity.set_state(states[text])


def _action(entity: "Humidifier", text: str) -> bool:
    return text in _ACTIONS and entity.set_attribute("action", text)


def _humidity(attribute: str) -> Callable[["Humidifier", str], bool]:
    def take(entity: "Humidifier", text: str) -> bool:
        if text == entity.option("payload_reset_humidity"):
            return entity.set_attribute(attribute, None)
        value = number(text)
        low, high = (0, 100) if attribute == "current_humidity" else entity.limits
        return value is not None and low <= round(value) <= high and entity.set_attribute(attribute, round(value))

    return take


def _mode(entity: "Humidifier", text: str) -> bool:
    if text == entity.option("payload_reset_mode"):
        return entity.set_attribute("mode", None)
    return text in (entity.option("modes") or ()) and entity.set_attribute("mode", text)


def _turn(state: str) -> Service:
    def build(entity: "Humidifier", _data: Data, _state: DeviceState) -> Command:
        return entity.command_of(
            entity.publish(entity.option(f"payload_{state}"), by="command_template"),
            assumed={"state": state},
            confirms=is_state(state),
            reported=not entity.optimistic(),
        )

    return build


def _toggle(entity: "Humidifier", data: Data, state: DeviceState) -> Command:
    return entity.command("turn_off" if state.state == "on" else "turn_on", data, state)


def _set_humidity(entity: "Humidifier", data: Data, _state: DeviceState) -> Command:
    value = int(amount(data, "humidity", *entity.limits))
    return entity.command_of(
        entity.publish(value, to="target_humidity_command_topic", by="target_humidity_command_template"),
        assumed={"humidity": value},
        confirms=has_attribute("humidity", value, 1),
        reported=not entity.optimistic("target_humidity_state_topic"),
    )


def _set_mode(entity: "Humidifier", data: Data, _state: DeviceState) -> Command:
    mode = word(data, "mode", entity.option("modes") or ())
    return entity.command_of(
        entity.publish(mode, to="mode_command_topic", by="mode_command_template"),
        assumed={"mode": mode},
        confirms=has_attribute("mode", mode),
        reported=not entity.optimistic("mode_state_topic"),
    )


class Humidifier(MqttEntity):
    """`humidity` is the target, `current_humidity` what it measures, both in percent."""

    __slots__ = ()
    domain = "humidifier"
    accepts = keys.table(
        READ_WRITE,
        action_template=keys.template(),
        action_topic=keys.source(),
        command_template=keys.template(),
        current_humidity_template=keys.template(),
        current_humidity_topic=keys.source(),
        device_class=keys.text("humidifier"),
        max_humidity=keys.decimal(100.0),
        min_humidity=keys.decimal(0.0),
        mode_command_template=keys.template(),
        mode_command_topic=keys.topic(),
        mode_state_template=keys.template(),
        mode_state_topic=keys.source(),
        modes=keys.names(),
        payload_off=keys.text("OFF"),
        payload_on=keys.text("ON"),
        payload_reset_humidity=keys.text("None"),
        payload_reset_mode=keys.text("None"),
        state_value_template=keys.template(),
        target_humidity_command_template=keys.template(),
        target_humidity_command_topic=keys.topic(required=True),
        target_humidity_state_template=keys.template(),
        target_humidity_state_topic=keys.source(),
    )
    readings = (
        Reading("state_topic", "state_value_template", _state),
        Reading("action_topic", "action_template", _action),
        Reading("current_humidity_topic", "current_humidity_template", _humidity("current_humidity")),
        Reading("target_humidity_state_topic", "target_humidity_state_template", _humidity("humidity")),
        Reading("mode_state_topic", "mode_state_template", _mode),
    )
    services = service_table(
        turn_on=_turn("on"), turn_off=_turn("off"), toggle=_toggle, set_humidity=_set_humidity, set_mode=_set_mode
    )
    blocked = frozenset({"humidity", "max_humidity", "min_humidity", "mode", "available_modes"})

    @classmethod
    def check(cls, given: Mapping[str, Any]) -> None:
        """The limits are in order, modes have a topic."""
        low, high = given.get("min_humidity", 0.0), given.get("max_humidity", 100.0)
        if low >= high or high > 100:
            raise keys.KeyValueError("min_humidity must be less than max_humidity, and that at most 100")
        if ("modes" in given) != ("mode_command_topic" in given):
            raise keys.KeyValueError("modes and mode_command_topic go together")

    def features(self) -> frozenset[str]:
        """`set_mode` where it has modes."""
        lacking = set() if self.has("modes") else {"set_mode"}
        return frozenset(self.services.keys() - lacking)

    def options(self) -> dict[str, Any]:
        """`min_humidity`, `max_humidity`, `min`, `max`, `modes`."""
        low, high = self.limits
        found: dict[str, Any] = {"min_humidity": low, "max_humidity": high, "min": low, "max": high}
        return found | ({"modes": self.option("modes")} if self.has("modes") else {})

    @property
    def limits(self) -> tuple[float, float]:
        """The least and the most it can be set to."""
        return self.option("min_humidity"), self.option("max_humidity")
