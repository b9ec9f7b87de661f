"""Lawn mowers: start, pause, back to the dock."""

from typing import Final

from edge.devices.model import DeviceState
from edge.mqtt.components import keys
from edge.mqtt.components.base import COMMON, Data, MqttEntity, Reading, Service, is_state, service_table
from edge.mqtt.entity import Command

_ACTIVITIES: Final = ("docked", "error", "mowing", "paused", "returning")


def _activity(entity: "LawnMower", text: str) -> bool:
    if text.lower() == "none":
        return entity.set_state(None)
    return text in _ACTIVITIES and entity.set_state(text)


def _send(action: str, after: str, *confirming: str) -> Service:
    def build(entity: "LawnMower", _data: Data, _state: DeviceState) -> Command:
        return entity.command_of(
            entity.publish(action, to=f"{action}_command_topic", by=f"{action}_command_template"),
            assumed={"state": after},
            confirms=is_state(after, *confirming),
            reported=not entity.optimistic("activity_state_topic"),
        )

    return build


class LawnMower(MqttEntity):
    """A mower; each action has a topic of its own."""

    __slots__ = ()
    domain = "lawn_mower"
    accepts = keys.table(
        COMMON,
        activity_state_topic=keys.source(),
        activity_value_template=keys.template(),
        dock_command_template=keys.template(),
        dock_command_topic=keys.topic(),
        optimistic=keys.flag(False),
        pause_command_template=keys.template(),
        pause_command_topic=keys.topic(),
        retain=keys.flag(False),
        start_mowing_command_template=keys.template(),
        start_mowing_command_topic=keys.topic(),
    )
    readings = (Reading("activity_state_topic", "activity_value_template", _activity),)
    services = service_table(
        start_mowing=_send("start_mowing", "mowing"),
        pause=_send("pause", "paused"),
        dock=_send("dock", "docked", "returning"),
    )

    def features(self) -> frozenset[str]:
        """By the topics it has."""
        return frozenset(service for service in self.services if self.has(f"{service}_command_topic"))
