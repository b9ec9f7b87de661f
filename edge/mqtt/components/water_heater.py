"""Water heaters: operation mode, temperature, power."""

from typing import Any

from edge.devices.model import DeviceState
from edge.mqtt.components import keys
from edge.mqtt.components.base import COMMON, Data, Reading, Service, service_table, word
from edge.mqtt.components.temperature import TemperatureControl, properties, takes_number, takes_state, together
from edge.mqtt.entity import Command


def _set_temperature(entity: "WaterHeater", data: Data, state: DeviceState) -> Command:
    commands = [_set_mode(entity, data, state)] if data.get("operation_mode") is not None else []
    commands += entity.temperature_commands(data, {"temperature": "temperature"})
    if not commands:
        raise ValueError("it takes a temperature")
    return together(commands)


def _set_mode(entity: "WaterHeater", data: Data, _state: DeviceState) -> Command:
    return entity.property_command("mode", word(data, "operation_mode", entity.option("modes")), "state")


def _turn(power: str) -> Service:
    def build(entity: "WaterHeater", _data: Data, state: DeviceState) -> Command:
        payload = entity.option(f"payload_{power}")
        publish = entity.publish(payload, to="power_command_topic", by="power_command_template")
        before = state.state
        if entity.optimistic("mode_state_topic"):
            return Command((publish,))
        if power == "off":
            return Command((publish,), lambda seen: seen.state == "off")
        return Command((publish,), lambda seen: seen.state not in (None, "off") if before == "off" else True)

    return build


class WaterHeater(TemperatureControl):
    """Its state is the operation mode; `temperature` is the target, `current_temperature` what it measures."""

    __slots__ = ()
    domain = "water_heater"
    usual_celsius = (43.3, 60.0)
    accepts = keys.table(
        COMMON,
        properties("mode", "temperature"),
        current_temperature_template=keys.template(),
        current_temperature_topic=keys.source(),
        initial=keys.decimal(),
        max_temp=keys.decimal(),
        min_temp=keys.decimal(),
        modes=keys.names(("eco", "electric", "gas", "heat_pump", "high_demand", "performance", "off")),
        optimistic=keys.flag(False),
        payload_off=keys.text("OFF"),
        payload_on=keys.text("ON"),
        power_command_template=keys.template(),
        power_command_topic=keys.topic(),
        precision=keys.decimal(),
        retain=keys.flag(False),
        temperature_unit=keys.one_of(("C", "F", "°C", "°F")),
        value_template=keys.template(),
    )
    readings = (
        Reading("mode_state_topic", "mode_state_template", takes_state("modes")),
        Reading("current_temperature_topic", "current_temperature_template", takes_number("current_temperature")),
        Reading("temperature_state_topic", "temperature_state_template", takes_number("temperature")),
    )
    services = service_table(
        set_temperature=_set_temperature, set_operation_mode=_set_mode, turn_on=_turn("on"), turn_off=_turn("off")
    )
    blocked = frozenset(
        ("current_temperature", "max_temp", "min_temp", "operation_list", "operation_mode", "temperature")
    )

    def start(self) -> None:
        """What has no topic of its own starts as Home Assistant starts it."""
        if self.optimistic("temperature_state_topic"):
            first = self.option("initial")
            self.attributes["temperature"] = first if first is not None else (110.0 if self.fahrenheit else 43.3)
        if self.optimistic("mode_state_topic"):
            self.state = "off"

    def exposed(self) -> dict[str, Any]:
        """The mode is an attribute too."""
        return {**super().exposed(), "operation_mode": self.state}

    def features(self) -> frozenset[str]:
        """By the command topics it has."""
        found = {"set_temperature"} if self.has("temperature_command_topic") else set()
        found |= {"set_operation_mode"} if self.has("mode_command_topic") else set()
        return frozenset(found | ({"turn_on", "turn_off"} if self.has("power_command_topic") else set()))

    def options(self) -> dict[str, Any]:
        """`modes`, and the limits of the temperature."""
        return {**self.limits(), "modes": self.option("modes")}
