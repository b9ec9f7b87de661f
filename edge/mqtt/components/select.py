"""Selects: one of a list of options."""

from typing import Any

from edge.devices.model import DeviceState
from edge.mqtt.components import keys
from edge.mqtt.components.base import READ_WRITE, Data, MqttEntity, Reading, Service, is_state, service_table, word
from edge.mqtt.entity import Command


def _value(entity: "Select", text: str) -> bool:
    if text.lower() == "none":
        return entity.set_state(None)
    return text in entity.option("options") and entity.set_state(text)


def _choose(entity: "Select", data: Data, _state: DeviceState) -> Command:
    option = word(data, "option", entity.option("options"))
    return entity.command_of(
        entity.publish(option, by="command_template"),
        assumed={"state": option},
        confirms=is_state(option),
        reported=not entity.optimistic(),
    )


def _step(way: int, *, ends: bool = False) -> Service:
    """The next or previous option, round the end unless `cycle` is false; or the first and last."""

    def build(entity: "Select", data: Data, state: DeviceState) -> Command:
        choices = entity.option("options")
        if ends:
            return _choose(entity, {"option": choices[way]}, state)
        place = choices.index(state.state) if state.state in choices else (-1 if way > 0 else 0)
        place = place + way if data.get("cycle", True) else max(0, min(len(choices) - 1, place + way))
        return _choose(entity, {"option": choices[place % len(choices)]}, state)

    return build


class Select(MqttEntity):
    """A choice among `options`."""

    __slots__ = ()
    domain = "select"
    accepts = keys.table(READ_WRITE, command_template=keys.template(), options=keys.names(required=True))
    readings = (Reading("state_topic", "value_template", _value),)
    services = service_table(
        select_option=_choose,
        select_next=_step(+1),
        select_previous=_step(-1),
        select_first=_step(0, ends=True),
        select_last=_step(-1, ends=True),
    )
    blocked = frozenset({"options"})

    def features(self) -> frozenset[str]:
        """All, where there is anything to choose."""
        return frozenset(self.services) if self.option("options") else frozenset()

    def options(self) -> dict[str, Any]:
        """`options`."""
        return {"options": self.option("options") or ()}
