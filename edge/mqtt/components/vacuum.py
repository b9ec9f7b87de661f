"""Vacuum cleaners: start, pause, stop, return, locate, clean a spot, fan speed, commands of their own."""

import json
from typing import Any, Final

from edge.devices.model import DeviceState
from edge.mqtt.components import keys
from edge.mqtt.components.base import (
    COMMON,
    Data,
    MqttEntity,
    Reading,
    Service,
    has_attribute,
    is_state,
    service_table,
    word,
)
from edge.mqtt.entity import Command, Confirms
from edge.mqtt.payloads import loads

_STATES: Final = ("cleaning", "docked", "error", "idle", "paused", "returning")
_FEATURES: Final = {
    "start": "start",
    "pause": "pause",
    "stop": "stop",
    "return_to_base": "return_home",
    "locate": "locate",
    "clean_spot": "clean_spot",
    "set_fan_speed": "fan_speed",
    "send_command": "send_command",
}
"""Home Assistant's word among `supported_features`, by service."""


def _state(entity: "Vacuum", text: str) -> bool:
    values = loads(text)
    if not isinstance(values, dict):
        return False
    rest = dict(values)
    if "state" in rest and (rest["state"] is None or rest["state"] in _STATES):
        entity.set_state(rest.pop("state"))
    for name, value in rest.items():
        if name != "state":
            entity.set_attribute(str(name), value)
    return True


def _send(action: str, *confirming: str) -> Service:
    def build(entity: "Vacuum", _data: Data, _state: DeviceState) -> Command:
        confirms: Confirms | None = is_state(*confirming) if confirming and entity.has("state_topic") else None
        return Command((entity.publish(entity.option(f"payload_{action}")),), confirms)

    return build


def _set_fan_speed(entity: "Vacuum", data: Data, _state: DeviceState) -> Command:
    speed = word(data, "fan_speed", entity.option("fan_speed_list") or ())
    confirms = has_attribute("fan_speed", speed) if entity.has("state_topic") else None
    return Command((entity.publish(speed, to="set_fan_speed_topic"),), confirms)


def _send_command(entity: "Vacuum", data: Data, _state: DeviceState) -> Command:
    payload = word(data, "command")
    if isinstance(data.get("params"), dict):
        message = {"command": payload, **data["params"]}
        payload = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
    return Command((entity.publish(payload, to="send_command_topic"),))


class Vacuum(MqttEntity):
    """A robot cleaner; its state is a JSON object with `state` and `fan_speed`."""

    __slots__ = ()
    domain = "vacuum"
    accepts = keys.table(
        COMMON,
        command_topic=keys.topic(),
        fan_speed_list=keys.names(),
        payload_clean_spot=keys.text("clean_spot"),
        payload_locate=keys.text("locate"),
        payload_pause=keys.text("pause"),
        payload_return_to_base=keys.text("return_to_base"),
        payload_start=keys.text("start"),
        payload_stop=keys.text("stop"),
        retain=keys.flag(False),
        schema=keys.anything(),
        send_command_topic=keys.topic(),
        set_fan_speed_topic=keys.topic(),
        state_topic=keys.source(),
        supported_features=keys.names(("start", "stop", "return_home", "clean_spot")),
    )
    readings = (Reading("state_topic", None, _state),)
    services = service_table(
        start=_send("start", "cleaning"),
        pause=_send("pause", "paused", "idle"),
        stop=_send("stop", "idle", "paused", "docked"),
        return_to_base=_send("return_to_base", "returning", "docked"),
        locate=_send("locate"),
        clean_spot=_send("clean_spot", "cleaning"),
        set_fan_speed=_set_fan_speed,
        send_command=_send_command,
    )

    def features(self) -> frozenset[str]:
        """Those named among its features that have a topic."""
        named = self.option("supported_features")
        topics = {"set_fan_speed": "set_fan_speed_topic", "send_command": "send_command_topic"}
        return frozenset(
            service
            for service, feature in _FEATURES.items()
            if feature in named and self.has(topics.get(service, "command_topic"))
        )

    def options(self) -> dict[str, Any]:
        """`fan_speed_list` where it has speeds."""
        return {"fan_speed_list": self.option("fan_speed_list")} if self.has("fan_speed_list") else {}
