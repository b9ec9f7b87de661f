"""Thermostats and air conditioners: mode, temperatures, fan, swing, presets, humidity."""

from collections.abc import Mapping
from typing import Any, Final

from edge.devices.model import DeviceState
from edge.mqtt.components import keys
from edge.mqtt.components.base import COMMON, NONE, Data, Reading, Service, amount, service_table, word
from edge.mqtt.components.temperature import (
    TemperatureControl,
    properties,
    takes_mode,
    takes_number,
    takes_state,
    together,
)
from edge.mqtt.entity import Command

_ACTIONS: Final = ("cooling", "defrosting", "drying", "fan", "heating", "idle", "off", "preheating")
_TEMPERATURES: Final = {
    "temperature": "temperature",
    "target_temp_low": "temperature_low",
    "target_temp_high": "temperature_high",
}
"""The property by the key of the data."""


def _action(entity: "Climate", text: str) -> bool:
    if text == NONE:
        return entity.set_attribute("hvac_action", None)
    return text in _ACTIONS and entity.set_attribute("hvac_action", text)


def _preset(entity: "Climate", text: str) -> bool:
    if text in ("none", NONE):
        return entity.set_attribute("preset_mode", "none")
    return text in (entity.option("preset_modes") or ()) and entity.set_attribute("preset_mode", text)


def _set_temperature(entity: "Climate", data: Data, _state: DeviceState) -> Command:
    commands = [entity.to_mode(data)] if data.get("hvac_mode") is not None else []
    low, high = data.get("target_temp_low"), data.get("target_temp_high")
    if low is not None and high is not None and amount(data, "target_temp_low") > amount(data, "target_temp_high"):
        raise ValueError("target_temp_low must be at most target_temp_high")
    commands += entity.temperature_commands(data, entity.settable())
    if not commands:
        raise ValueError("it takes " + ", ".join(entity.settable()))
    return together(commands)


def _set_hvac_mode(entity: "Climate", data: Data, _state: DeviceState) -> Command:
    return entity.to_mode(data)


def _set_listed(name: str) -> Service:
    """A mode among those of the key `<name>s`."""

    def build(entity: "Climate", data: Data, _state: DeviceState) -> Command:
        choices = entity.option(f"{name}s") or ()
        value = word(data, name, (*(("none",) if name == "preset_mode" else ()), *choices))
        return entity.property_command(name, value, name)

    return build


def _set_humidity(entity: "Climate", data: Data, _state: DeviceState) -> Command:
    value = int(amount(data, "humidity", entity.option("min_humidity"), entity.option("max_humidity")))
    return entity.property_command("target_humidity", value, "humidity", 1)


def _turn_on(entity: "Climate", _data: Data, state: DeviceState) -> Command:
    if entity.has("power_command_topic"):
        publish = entity.publish(entity.option("payload_on"), to="power_command_topic", by="power_command_template")
        return Command((publish,), lambda seen: seen.state not in (None, "off") if state.state == "off" else True)
    return entity.to_mode({"hvac_mode": entity.mode_for_on()})


def _turn_off(entity: "Climate", _data: Data, _state: DeviceState) -> Command:
    if not entity.has("power_command_topic"):
        return entity.to_mode({"hvac_mode": "off"})
    publish = entity.publish(entity.option("payload_off"), to="power_command_topic", by="power_command_template")
    return entity.command_of(
        publish, assumed={"state": "off"}, confirms=lambda seen: seen.state == "off", reported=not entity.is_optimistic
    )


def _toggle(entity: "Climate", data: Data, state: DeviceState) -> Command:
    return (_turn_on if state.state == "off" else _turn_off)(entity, data, state)


class Climate(TemperatureControl):
    """Its state is the mode (`heat`, `off`, …); `temperature` is the target, `current_temperature` what it measures."""

    __slots__ = ()
    domain = "climate"
    accepts = keys.table(
        COMMON,
        properties("fan_mode", "mode", "swing_horizontal_mode", "swing_mode", "target_humidity"),
        properties("temperature", "temperature_high", "temperature_low"),
        action_template=keys.template(),
        action_topic=keys.source(),
        current_humidity_template=keys.template(),
        current_humidity_topic=keys.source(),
        current_temperature_template=keys.template(),
        current_temperature_topic=keys.source(),
        fan_modes=keys.names(("auto", "low", "medium", "high")),
        initial=keys.decimal(),
        max_humidity=keys.decimal(99.0),
        max_temp=keys.decimal(),
        min_humidity=keys.decimal(30.0),
        min_temp=keys.decimal(),
        modes=keys.names(("auto", "off", "cool", "heat", "dry", "fan_only")),
        optimistic=keys.flag(False),
        payload_off=keys.text("OFF"),
        payload_on=keys.text("ON"),
        power_command_template=keys.template(),
        power_command_topic=keys.topic(),
        precision=keys.decimal(),
        preset_mode_command_template=keys.template(),
        preset_mode_command_topic=keys.topic(),
        preset_mode_state_topic=keys.source(),
        preset_mode_value_template=keys.template(),
        preset_modes=keys.names(),
        retain=keys.flag(False),
        swing_horizontal_modes=keys.names(("on", "off")),
        swing_modes=keys.names(("on", "off")),
        temp_step=keys.decimal(1.0),
        temperature_unit=keys.one_of(("C", "F", "°C", "°F")),
        value_template=keys.template(),
    )
    readings = (
        Reading("action_topic", "action_template", _action),
        Reading("current_humidity_topic", "current_humidity_template", takes_number("current_humidity")),
        Reading("current_temperature_topic", "current_temperature_template", takes_number("current_temperature")),
        Reading("target_humidity_state_topic", "target_humidity_state_template", takes_number("humidity")),
        Reading("temperature_state_topic", "temperature_state_template", takes_number("temperature")),
        Reading("temperature_low_state_topic", "temperature_low_state_template", takes_number("target_temp_low")),
        Reading("temperature_high_state_topic", "temperature_high_state_template", takes_number("target_temp_high")),
        Reading("mode_state_topic", "mode_state_template", takes_state("modes")),
        Reading("fan_mode_state_topic", "fan_mode_state_template", takes_mode("fan_mode", "fan_modes")),
        Reading("swing_mode_state_topic", "swing_mode_state_template", takes_mode("swing_mode", "swing_modes")),
        Reading(
            "swing_horizontal_mode_state_topic",
            "swing_horizontal_mode_state_template",
            takes_mode("swing_horizontal_mode", "swing_horizontal_modes"),
        ),
        Reading("preset_mode_state_topic", "preset_mode_value_template", _preset),
    )
    services = service_table(
        turn_on=_turn_on,
        turn_off=_turn_off,
        toggle=_toggle,
        set_temperature=_set_temperature,
        set_hvac_mode=_set_hvac_mode,
        set_preset_mode=_set_listed("preset_mode"),
        set_fan_mode=_set_listed("fan_mode"),
        set_swing_mode=_set_listed("swing_mode"),
        set_swing_horizontal_mode=_set_listed("swing_horizontal_mode"),
        set_humidity=_set_humidity,
    )
    blocked = frozenset(
        (
            *("current_humidity", "current_temperature", "fan_mode", "fan_modes", "humidity", "hvac_action"),
            *("hvac_modes", "max_humidity", "max_temp", "min_humidity", "min_temp", "preset_mode", "preset_modes"),
            *("swing_horizontal_mode", "swing_horizontal_modes", "swing_mode", "swing_modes"),
            *("target_temp_high", "target_temp_low", "target_temp_step", "temperature"),
        )
    )

    @classmethod
    def check(cls, given: Mapping[str, Any]) -> None:
        """Limits in order; presets with their topic, and without `none`, which clears them."""
        low, high = given.get("min_humidity", 30.0), given.get("max_humidity", 99.0)
        if low >= high or high > 100:
            raise keys.KeyValueError("min_humidity must be less than max_humidity, and that at most 100")
        if ("preset_modes" in given) != ("preset_mode_command_topic" in given):
            raise keys.KeyValueError("preset_modes and preset_mode_command_topic go together")
        if "none" in given.get("preset_modes", ()):
            raise keys.KeyValueError("preset_modes must not contain none")
        if "target_humidity_state_topic" in given and "target_humidity_command_topic" not in given:
            raise keys.KeyValueError("target_humidity_state_topic needs target_humidity_command_topic")

    def start(self) -> None:
        """What has no topic of its own starts as Home Assistant starts it."""
        first = self.option("initial")
        first = first if first is not None else (69.8 if self.fahrenheit else 21.0)
        for attribute, name in _TEMPERATURES.items():
            if name in self.settable().values() and self.optimistic(f"{name}_state_topic"):
                self.attributes[attribute] = first
        if self.optimistic("mode_state_topic"):
            self.state = "off"
        if self.has("preset_modes"):
            self.attributes["preset_mode"] = "none"

    def features(self) -> frozenset[str]:
        """By the command topics it has."""
        modes = {name: f"set_{name}" for name in ("preset_mode", "fan_mode", "swing_mode", "swing_horizontal_mode")}
        found = {service for name, service in modes.items() if self.has(f"{name}_command_topic")}
        found |= {"set_hvac_mode"} if self.has("mode_command_topic") else set()
        found |= {"set_temperature"} if self.settable() else set()
        found |= {"set_humidity"} if self.has("target_humidity_command_topic") else set()
        powered = self.has("power_command_topic")
        moded = self.has("mode_command_topic")
        can_off = powered or (moded and "off" in self.option("modes"))
        can_on = powered or (moded and self.mode_for_on() is not None)
        found |= ({"turn_on"} if can_on else set()) | ({"turn_off"} if can_off else set())
        return frozenset(found | ({"toggle"} if can_on and can_off else set()))

    def options(self) -> dict[str, Any]:
        """`modes`, `preset_modes`, `fan_modes`, `swing_modes`, the limits and the step of temperatures."""
        found: dict[str, Any] = {**self.limits(), "step": self.option("temp_step"), "modes": self.option("modes")}
        for name in ("preset_mode", "fan_mode", "swing_mode", "swing_horizontal_mode"):
            if self.has(f"{name}_command_topic"):
                found[f"{name}s"] = self.option(f"{name}s")
        if self.has("target_humidity_command_topic"):
            found |= {name: self.option(name) for name in ("min_humidity", "max_humidity")}
        return found

    def settable(self) -> dict[str, str]:
        """The temperatures that can be set, by the key of the data."""
        return {key: name for key, name in _TEMPERATURES.items() if self.has(f"{name}_command_topic")}

    @property
    def is_optimistic(self) -> bool:
        """Whether nothing reports the mode."""
        return self.optimistic("mode_state_topic")

    def mode_for_on(self) -> str | None:
        """The mode that turning on means: the only one besides off, else heat_cool, heat or cool."""
        modes = self.option("modes")
        if len(modes) == 2 and "off" in modes:
            return next((mode for mode in modes if mode != "off"), None)
        return next((mode for mode in ("heat_cool", "heat", "cool") if mode in modes), None)

    def to_mode(self, data: Data) -> Command:
        """The command for a mode."""
        return self.property_command("mode", word(data, "hvac_mode", self.option("modes")), "state")
