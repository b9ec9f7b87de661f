"""Events and device triggers: something happened, such as a button pressed."""

from typing import Any

from edge.mqtt.components import keys
from edge.mqtt.components.base import COMMON, NONE, READ_ONLY, MqttEntity, Reading
from edge.mqtt.payloads import loads


def _event(entity: "Event", text: str) -> bool:
    if text in ("", "{}", NONE):
        return False
    values = loads(text)
    if not isinstance(values, dict) or "event_type" not in values:
        return False
    kind = str(values["event_type"])
    if kind not in entity.option("event_types"):
        return False
    entity.attributes = {**values, "event_type": kind}
    return entity.set_state(kind)


class Event(MqttEntity):
    """The state is the kind of the last event (Home Assistant's is its time, which a clock must be trusted for)."""

    __slots__ = ()
    domain = "event"
    accepts = keys.table(READ_ONLY, event_types=keys.names(required=True))
    readings = (Reading("state_topic", "value_template", _event, or_payload=False),)
    blocked = frozenset({"event_type", "event_types"})

    def options(self) -> dict[str, Any]:
        """`event_types`."""
        return {"event_types": self.option("event_types")}


def _trigger(entity: "DeviceAutomation", text: str) -> bool:
    wanted = entity.option("payload")
    if wanted and text != wanted:
        return False
    entity.attributes = {"event_type": entity.option("subtype"), "payload": text}
    return entity.set_state(entity.option("subtype"))


class DeviceAutomation(MqttEntity):
    """A trigger of a device: `type` and `subtype` name it, it fires when its payload comes."""

    __slots__ = ()
    domain = "device_automation"
    accepts = keys.table(
        COMMON,
        automation_type=keys.one_of(("trigger",)),
        payload=keys.text(),
        subtype=keys.text(required=True),
        topic=keys.source(required=True),
        type=keys.text(required=True),
        value_template=keys.template(),
    )
    readings = (Reading("topic", "value_template", _trigger),)

    def options(self) -> dict[str, Any]:
        """`type` and `subtype`."""
        return {"type": self.option("type"), "subtype": self.option("subtype")}
