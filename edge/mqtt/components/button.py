"""Buttons, scenes, notifications: sent, never reported."""

from edge.devices.model import DeviceState
from edge.mqtt.components import keys
from edge.mqtt.components.base import COMMANDS, COMMON, Data, MqttEntity, service_table, word
from edge.mqtt.entity import Command


def _press(entity: "Button", _data: Data, _state: DeviceState) -> Command:
    return Command((entity.publish(entity.option("payload_press"), by="command_template"),))


class Button(MqttEntity):
    """A button to press."""

    __slots__ = ()
    domain = "button"
    accepts = keys.table(COMMON, COMMANDS, command_template=keys.template(), payload_press=keys.text("PRESS"))
    services = service_table(press=_press)


def _activate(entity: "Scene", _data: Data, _state: DeviceState) -> Command:
    return Command((entity.publish(entity.option("payload_on")),))


class Scene(MqttEntity):
    """A scene to turn on."""

    __slots__ = ()
    domain = "scene"
    accepts = keys.table(COMMON, COMMANDS, payload_on=keys.text())
    services = service_table(turn_on=_activate)


def _send(entity: "Notify", data: Data, _state: DeviceState) -> Command:
    return Command((entity.publish(word(data, "message"), by="command_template"),))


class Notify(MqttEntity):
    """Something that shows or says a message."""

    __slots__ = ()
    domain = "notify"
    accepts = keys.table(COMMON, COMMANDS, command_template=keys.template())
    services = service_table(send_message=_send)
