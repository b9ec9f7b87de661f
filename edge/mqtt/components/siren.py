"""Sirens: on with a tone, a volume and a duration, and off."""

import json
from typing import Any, Final

from edge.devices.model import DeviceState
from edge.mqtt.components import keys
from edge.mqtt.components.base import NONE, READ_WRITE, Data, MqttEntity, Reading, is_state, service_table, wire, word
from edge.mqtt.entity import Command, Publish
from edge.mqtt.payloads import loads, number

_ATTRIBUTES: Final = ("duration", "tone", "volume_level")


def _state(entity: "Siren", text: str) -> bool:
    if text in ("", "{}"):
        return False
    states = {entity.state_word("on"): "on", entity.state_word("off"): "off", NONE: None}
    if text in states:
        return entity.set_state(states[text])
    values = loads(text)
    if not isinstance(values, dict):
        return False
    understood = False
    state = values.get("state")
    if isinstance(state, str) and state in states:
        understood = entity.set_state(states[state])
    for name in _ATTRIBUTES:
        if name in values and entity.takes(name):
            understood |= entity.set_attribute(name, values[name])
    return understood


def _turn_on(entity: "Siren", data: Data, _state: DeviceState) -> Command:
    wanted: dict[str, Any] = {}
    if data.get("tone") is not None and entity.takes("tone"):
        wanted["tone"] = word({"tone": str(data["tone"])}, "tone", entity.option("available_tones"))
    if data.get("duration") is not None and entity.takes("duration"):
        wanted["duration"] = int(float(data["duration"]))
    if data.get("volume_level") is not None and entity.takes("volume_level"):
        level = number(data["volume_level"])
        if level is None or not 0 <= level <= 1:
            raise ValueError("volume_level must be 0 to 1")
        wanted["volume_level"] = level
    return entity.send("on", "command_template", wanted)


def _turn_off(entity: "Siren", _data: Data, _state: DeviceState) -> Command:
    by = "command_off_template" if entity.has("command_off_template") else "command_template"
    return entity.send("off", by, {})


def _toggle(entity: "Siren", data: Data, state: DeviceState) -> Command:
    return (_turn_off if state.state == "on" else _turn_on)(entity, data, state)


class Siren(MqttEntity):
    """A siren; without a template its command is one JSON object."""

    __slots__ = ()
    domain = "siren"
    accepts = keys.table(
        READ_WRITE,
        available_tones=keys.names(),
        command_off_template=keys.template(),
        command_template=keys.template(),
        payload_off=keys.text("OFF"),
        payload_on=keys.text("ON"),
        state_off=keys.text(),
        state_on=keys.text(),
        state_value_template=keys.template(),
        support_duration=keys.flag(True),
        support_volume_set=keys.flag(True),
    )
    readings = (Reading("state_topic", "state_value_template", _state),)
    services = service_table(turn_on=_turn_on, turn_off=_turn_off, toggle=_toggle)
    blocked = frozenset({*_ATTRIBUTES, "available_tones"})

    def start(self) -> None:
        """One that reports nothing is taken to be off."""
        if self.optimistic():
            self.state = "off"

    def options(self) -> dict[str, Any]:
        """`available_tones` where it has some."""
        return {"available_tones": self.option("available_tones")} if self.has("available_tones") else {}

    def takes(self, attribute: str) -> bool:
        """Whether it has a tone, volume or duration."""
        keyed = {"duration": "support_duration", "volume_level": "support_volume_set", "tone": "available_tones"}
        return bool(self.option(keyed[attribute]))

    def state_word(self, state: str) -> str:
        """What it says when it is on, or off."""
        return str(self.option(f"state_{state}") or self.option(f"payload_{state}"))

    def send(self, state: str, by: str, wanted: dict[str, Any]) -> Command:
        """The command; a template that writes nothing sends nothing."""
        payload = self.option(f"payload_{state}")
        variables = {"state": payload, **wanted}
        template = self.template(by)
        written: Any = json.dumps(variables, ensure_ascii=False, separators=(",", ":"))
        if template is not None:
            written = template.write(payload, variables, self.names)
        sent: tuple[Publish, ...] = (self.publish(wire(written)),) if written and written != NONE else ()
        return self.command_of(
            *sent, assumed={"state": state, **wanted}, confirms=is_state(state), reported=not self.optimistic()
        )
