"""Binary sensors: on or off, by a payload each."""

from typing import Any

from edge.mqtt.components import keys
from edge.mqtt.components.base import NONE, READ_ONLY, MqttEntity, Reading


def _value(entity: "BinarySensor", text: str) -> bool:
    if text == entity.option("payload_on"):
        return entity.set_state("on")
    if text == entity.option("payload_off"):
        return entity.set_state("off")
    return text == NONE and entity.set_state(None)


class BinarySensor(MqttEntity):
    """Motion, contact, leak, …; `off_delay` is left to whoever keeps the time."""

    __slots__ = ()
    domain = "binary_sensor"
    accepts = keys.table(
        READ_ONLY,
        expire_after=keys.whole(least=0),
        force_update=keys.flag(False),
        off_delay=keys.whole(least=0),
        payload_off=keys.text("OFF"),
        payload_on=keys.text("ON"),
    )
    readings = (Reading("state_topic", "value_template", _value),)

    def options(self) -> dict[str, Any]:
        """`off_delay` and `expire_after` in seconds, where given."""
        found = {name: self.option(name) for name in ("off_delay", "expire_after")}
        return {name: value for name, value in found.items() if value}
