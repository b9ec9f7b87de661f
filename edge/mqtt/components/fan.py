"""Fans: on and off, speed in percent, preset modes, oscillation, direction."""

import math
from collections.abc import Mapping
from typing import Any

from edge.devices.model import DeviceState
from edge.mqtt.components import keys
from edge.mqtt.components.base import (
    NONE,
    READ_WRITE,
    Data,
    MqttEntity,
    Reading,
    Service,
    all_of,
    amount,
    has_attribute,
    is_state,
    service_table,
    word,
)
from edge.mqtt.components.scaling import Range, from_percent, to_percent
from edge.mqtt.entity import Command, Publish
from edge.mqtt.payloads import number


def _state(entity: "Fan", text: str) -> bool:
    states = {entity.option("payload_on"): "on", entity.option("payload_off"): "off", NONE: None}
    return text in states and entity.set_state(states[text])


def _percentage(entity: "Fan", text: str) -> bool:
    if text == entity.option("payload_reset_percentage"):
        return entity.set_attribute("percentage", None)
    raw = number(text)
    if raw is None:
        return False
    percent = to_percent(entity.speeds, raw)
    return 0 <= percent <= 100 and entity.set_attribute("percentage", percent)


def _preset(entity: "Fan", text: str) -> bool:
    if text == entity.option("payload_reset_preset_mode"):
        return entity.set_attribute("preset_mode", None)
    return text in (entity.option("preset_modes") or ()) and entity.set_attribute("preset_mode", text)


def _oscillation(entity: "Fan", text: str) -> bool:
    for key, value in (("payload_oscillation_on", True), ("payload_oscillation_off", False)):
        if text == entity.option(key):
            return entity.set_attribute("oscillating", value)
    return False


def _direction(entity: "Fan", text: str) -> bool:
    return bool(text) and entity.set_attribute("direction", text)


def _turn_on(entity: "Fan", data: Data, _state: DeviceState) -> Command:
    publishes = [entity.publish(entity.option("payload_on"), by="command_template")]
    assumed: dict[str, Any] = {"state": "on"} if entity.optimistic() else {}
    conditions = [] if entity.optimistic() else [is_state("on")]
    for name, write in (("percentage", entity.to_percentage), ("preset_mode", entity.to_preset)):
        if data.get(name):
            command = write(data)
            publishes += command.publishes
            assumed |= command.assumed or {}
            conditions += [command.confirms] if command.confirms else []
    return Command(tuple(publishes), all_of(*conditions) if conditions else None, assumed or None)


def _turn_off(entity: "Fan", _data: Data, _state: DeviceState) -> Command:
    return entity.command_of(
        entity.publish(entity.option("payload_off"), by="command_template"),
        assumed={"state": "off"},
        confirms=is_state("off"),
        reported=not entity.optimistic(),
    )


def _toggle(entity: "Fan", data: Data, state: DeviceState) -> Command:
    return (_turn_off if state.state == "on" else _turn_on)(entity, data, state)


def _set_percentage(entity: "Fan", data: Data, _state: DeviceState) -> Command:
    return entity.to_percentage(data)


def _step(sign: int) -> Service:
    """Home Assistant's step: one speed of those the fan has, or as given in percent."""

    def build(entity: "Fan", data: Data, state: DeviceState) -> Command:
        now = int(number(state.attributes.get("percentage")) or 0)
        if data.get("percentage_step") is not None:
            percent = now + sign * int(amount(data, "percentage_step", 0, 100))
        else:
            steps = (1, entity.speed_count)
            percent = to_percent(steps, math.ceil(from_percent(steps, now)) + sign)
        return entity.to_percentage({"percentage": max(0, min(100, percent))})

    return build


def _set_preset(entity: "Fan", data: Data, _state: DeviceState) -> Command:
    return entity.to_preset(data)


def _oscillate(entity: "Fan", data: Data, _state: DeviceState) -> Command:
    value = data.get("oscillating")
    if not isinstance(value, bool):
        raise TypeError("oscillating must be true or false")
    return entity.property_command(
        "oscillation", entity.option(f"payload_oscillation_{'on' if value else 'off'}"), value
    )


def _set_direction(entity: "Fan", data: Data, _state: DeviceState) -> Command:
    value = word(data, "direction", ("forward", "reverse"))
    return entity.property_command("direction", value, value)


def _properties() -> dict[str, keys.Key]:
    found: dict[str, keys.Key] = {}
    for name in ("direction", "oscillation", "percentage", "preset_mode"):
        found |= {
            f"{name}_command_template": keys.template(),
            f"{name}_command_topic": keys.topic(),
            f"{name}_state_topic": keys.source(),
            f"{name}_value_template": keys.template(),
        }
    return found


_ATTRIBUTES: Mapping[str, str] = {"oscillation": "oscillating"}


class Fan(MqttEntity):
    """A fan; `percentage` 0..100, `preset_mode`, `oscillating`, `direction`."""

    __slots__ = ()
    domain = "fan"
    accepts = keys.table(
        READ_WRITE,
        _properties(),
        command_template=keys.template(),
        payload_off=keys.text("OFF"),
        payload_on=keys.text("ON"),
        payload_oscillation_off=keys.text("oscillate_off"),
        payload_oscillation_on=keys.text("oscillate_on"),
        payload_reset_percentage=keys.text("None"),
        payload_reset_preset_mode=keys.text("None"),
        preset_modes=keys.names(),
        speed_range_max=keys.whole(100, least=1),
        speed_range_min=keys.whole(1, least=1),
        state_value_template=keys.template(),
    )
    readings = (
        Reading("state_topic", "state_value_template", _state),
        Reading("percentage_state_topic", "percentage_value_template", _percentage),
        Reading("preset_mode_state_topic", "preset_mode_value_template", _preset),
        Reading("oscillation_state_topic", "oscillation_value_template", _oscillation),
        Reading("direction_state_topic", "direction_value_template", _direction),
    )
    services = service_table(
        turn_on=_turn_on,
        turn_off=_turn_off,
        toggle=_toggle,
        set_percentage=_set_percentage,
        increase_speed=_step(+1),
        decrease_speed=_step(-1),
        set_preset_mode=_set_preset,
        oscillate=_oscillate,
        set_direction=_set_direction,
    )
    blocked = frozenset({"direction", "oscillating", "percentage_step", "percentage", "preset_mode", "preset_modes"})

    @classmethod
    def check(cls, given: Mapping[str, Any]) -> None:
        """A speed range has at least two speeds, preset modes a topic."""
        if given.get("speed_range_min", 1) >= given.get("speed_range_max", 100):
            raise keys.KeyValueError("speed_range_max must be more than speed_range_min")
        if ("preset_modes" in given) != ("preset_mode_command_topic" in given):
            raise keys.KeyValueError("preset_modes and preset_mode_command_topic go together")
        if given.get("payload_reset_preset_mode", "None") in given.get("preset_modes", ()):
            raise keys.KeyValueError("preset_modes must not contain payload_reset_preset_mode")

    def start(self) -> None:
        """It doesn't oscillate until it says so."""
        if self.has("oscillation_state_topic"):
            self.attributes["oscillating"] = False

    def features(self) -> frozenset[str]:
        """By the command topics it has."""
        found = {"turn_on", "turn_off", "toggle"}
        if self.has("percentage_command_topic"):
            found |= {"set_percentage", "increase_speed", "decrease_speed"}
        for topic, service in (("preset_mode", "set_preset_mode"), ("oscillation", "oscillate")):
            found |= {service} if self.has(f"{topic}_command_topic") else set()
        return frozenset(found | ({"set_direction"} if self.has("direction_command_topic") else set()))

    def options(self) -> dict[str, Any]:
        """`preset_modes` and `percentage_step`."""
        found: dict[str, Any] = {}
        if self.has("preset_modes"):
            found["preset_modes"] = self.option("preset_modes")
        if self.has("percentage_command_topic"):
            found["percentage_step"] = 100 / self.speed_count
        return found

    @property
    def speeds(self) -> Range:
        """The fan's own lowest and highest speed."""
        return self.option("speed_range_min"), self.option("speed_range_max")

    @property
    def speed_count(self) -> int:
        """How many speeds it has, 100 at most."""
        low, high = self.speeds
        return min(int(high - low + 1), 100)

    def to_percentage(self, data: Data) -> Command:
        """The command for a speed."""
        percent = number(data.get("percentage"))
        if percent is None or not 0 <= percent <= 100:
            raise ValueError("percentage must be 0 to 100")
        value = math.ceil(from_percent(self.speeds, int(percent)))
        return self.property_command("percentage", value, int(percent), 100 / self.speed_count)

    def to_preset(self, data: Data) -> Command:
        """The command for a preset mode."""
        value = word(data, "preset_mode", self.option("preset_modes") or ())
        return self.property_command("preset_mode", value, value)

    def property_command(self, name: str, value: Any, shown: Any, tolerance: float = 0) -> Command:
        """The command for one property, `shown` being the attribute it becomes."""
        attribute = _ATTRIBUTES.get(name, name)
        publish: Publish = self.publish(value, to=f"{name}_command_topic", by=f"{name}_command_template")
        return self.command_of(
            publish,
            assumed={attribute: shown},
            confirms=has_attribute(attribute, shown, tolerance),
            reported=not self.optimistic(f"{name}_state_topic"),
        )
