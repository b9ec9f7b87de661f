"""Numbers: a value between limits."""

from collections.abc import Mapping
from typing import Any

from edge.devices.model import DeviceState
from edge.mqtt.components import keys
from edge.mqtt.components.base import READ_WRITE, Data, MqttEntity, Reading, amount, service_table
from edge.mqtt.entity import Command
from edge.mqtt.payloads import number


def _value(entity: "Number", text: str) -> bool:
    if text == entity.option("payload_reset"):
        return entity.set_state(None)
    value = number(text)
    if value is None or not entity.option("min") <= value <= entity.option("max"):
        return False
    return entity.set_state(str(int(text)) if text.isdecimal() else str(value))


def _set(entity: "Number", data: Data, _state: DeviceState) -> Command:
    value = amount(data, "value", entity.option("min"), entity.option("max"))
    sent = int(value) if value.is_integer() else value

    def confirms(seen: DeviceState) -> bool:
        found = number(seen.state)
        return found is not None and abs(found - value) <= entity.option("step") / 2 + 1e-6

    return entity.command_of(
        entity.publish(sent, by="command_template"),
        assumed={"state": str(sent)},
        confirms=confirms,
        reported=not entity.optimistic(),
    )


class Number(MqttEntity):
    """A setting with `min`, `max` and `step`."""

    __slots__ = ()
    domain = "number"
    accepts = keys.table(
        READ_WRITE,
        command_template=keys.template(),
        max=keys.decimal(100.0),
        min=keys.decimal(1.0),
        mode=keys.anything(),
        payload_reset=keys.text("None"),
        step=keys.decimal(1.0),
        unit_of_measurement=keys.text(),
    )
    readings = (Reading("state_topic", "value_template", _value),)
    services = service_table(set_value=_set)
    blocked = frozenset({"max", "min", "step"})

    @classmethod
    def check(cls, given: Mapping[str, Any]) -> None:
        """The limits are in order and the step is not nothing."""
        if given.get("min", 1.0) > given.get("max", 100.0):
            raise keys.KeyValueError("max must be at least min")
        if given.get("step", 1.0) < 0.001:
            raise keys.KeyValueError("step must be at least 0.001")

    def options(self) -> dict[str, Any]:
        """`min`, `max`, `step`."""
        return {name: self.option(name) for name in ("min", "max", "step")}
