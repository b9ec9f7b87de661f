"""Sensors: one value on a topic."""

from typing import Any

from edge.mqtt.components import keys
from edge.mqtt.components.base import NONE, READ_ONLY, MqttEntity, Reading
from edge.mqtt.payloads import number


def _value(entity: "Sensor", text: str) -> bool:
    if text == NONE:
        return entity.set_state(None)
    if entity.is_numeric:
        return number(text) is not None and entity.set_state(text)
    choices = entity.option("options")
    if choices and text not in choices:
        return False
    return entity.set_state(text)


class Sensor(MqttEntity):
    """A reading; `options` name the values an `enum` sensor may take."""

    __slots__ = ()
    domain = "sensor"
    accepts = keys.table(
        READ_ONLY,
        expire_after=keys.whole(least=0),
        force_update=keys.flag(False),
        last_reset_value_template=keys.template(),
        options=keys.names(),
        state_class=keys.text(),
        suggested_display_precision=keys.whole(least=0),
        unit_of_measurement=keys.text(),
    )
    readings = (Reading("state_topic", "value_template", _value, or_payload=False),)
    blocked = frozenset({"last_reset", "state_class"})

    @property
    def is_numeric(self) -> bool:
        """Whether its values are numbers, as Home Assistant decides it."""
        device_class = self.option("device_class")
        if device_class in ("date", "enum", "timestamp"):
            return False
        return bool(device_class or self.has("state_class") or self.has("unit_of_measurement"))

    def options(self) -> dict[str, Any]:
        """`options` of an enum, `state_class`, `expire_after` in seconds, `precision` in digits."""
        found = {
            "options": self.option("options"),
            "state_class": self.option("state_class"),
            "expire_after": self.option("expire_after") or None,
            "precision": self.option("suggested_display_precision"),
        }
        return {name: value for name, value in found.items() if value is not None}
