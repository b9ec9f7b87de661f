"""Switches: on and off."""

from edge.devices.model import DeviceState
from edge.mqtt.components import keys
from edge.mqtt.components.base import NONE, READ_WRITE, Data, MqttEntity, Reading, Service, is_state, service_table
from edge.mqtt.entity import Command


def _state(entity: "Switch", text: str) -> bool:
    states = {
        entity.option("state_on") or entity.option("payload_on"): "on",
        entity.option("state_off") or entity.option("payload_off"): "off",
        NONE: None,
    }
    return text in states and entity.set_state(states[text])


def _turn(state: str) -> Service:
    def build(entity: "Switch", _data: Data, _state: DeviceState) -> Command:
        return entity.command_of(
            entity.publish(entity.option(f"payload_{state}"), by="command_template"),
            assumed={"state": state},
            confirms=is_state(state),
            reported=not entity.optimistic(),
        )

    return build


def _toggle(entity: "Switch", data: Data, state: DeviceState) -> Command:
    return entity.command("turn_off" if state.state == "on" else "turn_on", data, state)


class Switch(MqttEntity):
    """A switch or plug."""

    __slots__ = ()
    domain = "switch"
    accepts = keys.table(
        READ_WRITE,
        command_template=keys.template(),
        payload_off=keys.text("OFF"),
        payload_on=keys.text("ON"),
        state_off=keys.text(),
        state_on=keys.text(),
    )
    readings = (Reading("state_topic", "value_template", _state),)
    services = service_table(turn_on=_turn("on"), turn_off=_turn("off"), toggle=_toggle)
