"""Texts: a line that can be set."""

import re
from collections.abc import Mapping
from typing import Any

from edge.devices.model import DeviceState
from edge.mqtt.components import keys
from edge.mqtt.components.base import READ_WRITE, Data, MqttEntity, Reading, is_state, service_table
from edge.mqtt.entity import Command
from edge.mqtt.jinja_limits import LimitError, check_pattern


def _value(entity: "Text", text: str) -> bool:
    return len(text) <= 255 and entity.set_state(text)


def _set(entity: "Text", data: Data, _state: DeviceState) -> Command:
    value = data.get("value")
    value = "" if value is None else str(value)
    if not entity.option("min") <= len(value) <= entity.option("max"):
        raise ValueError(f"value must have {entity.option('min')} to {entity.option('max')} characters")
    pattern = entity.option("pattern")
    if pattern and not re.match(pattern, value):
        raise ValueError(f"value must match {pattern}")
    return entity.command_of(
        entity.publish(value, by="command_template"),
        assumed={"state": value},
        confirms=is_state(value),
        reported=not entity.optimistic(),
    )


class Text(MqttEntity):
    """A text of `min` to `max` characters."""

    __slots__ = ()
    domain = "text"
    accepts = keys.table(
        READ_WRITE,
        command_template=keys.template(),
        max=keys.whole(255, least=0),
        min=keys.whole(0, least=0),
        mode=keys.anything(),
        pattern=keys.text(),
    )
    readings = (Reading("state_topic", "value_template", _value),)
    services = service_table(set_value=_set)
    blocked = frozenset({"max", "min", "mode", "pattern"})

    @classmethod
    def check(cls, given: Mapping[str, Any]) -> None:
        """The limits are in order, the pattern is a regular expression that ends."""
        if given.get("min", 0) > given.get("max", 255) or given.get("max", 255) > 255:
            raise keys.KeyValueError("min must be at most max, max at most 255")
        try:
            check_pattern(given.get("pattern", ""), "x" * 255)
            re.compile(given.get("pattern", ""))
        except (re.error, LimitError) as error:
            raise keys.KeyValueError(f"pattern: {error}") from None

    def options(self) -> dict[str, Any]:
        """`min`, `max` in characters, `pattern` where given."""
        found = {name: self.option(name) for name in ("min", "max", "pattern")}
        return {name: value for name, value in found.items() if value is not None}
