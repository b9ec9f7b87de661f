"""Valves: open, close, stop, and positions where they report them."""

from collections.abc import Mapping
from typing import Any, Final

from edge.devices.model import DeviceState
from edge.mqtt.components import keys
from edge.mqtt.components.base import COMMON, NONE, Data, MqttEntity, Reading, Service, service_table
from edge.mqtt.components.cover import moved, percent_of, stopped
from edge.mqtt.components.scaling import Range, from_percent, to_percent
from edge.mqtt.entity import Command
from edge.mqtt.payloads import loads, number

_POSITION: Final = "current_position"


def _state(entity: "Valve", text: str) -> bool:
    if not text:
        return False
    position: Any = text
    state: Any = text
    values = loads(text)
    if isinstance(values, dict):
        if ("position" if entity.reports_position else "state") not in values:
            return False
        position, state = values.get("position"), values.get("state")
    return entity.take_position(position, state) if entity.reports_position else entity.take_state(state)


def _move(direction: str) -> Service:
    """`open` or `close`."""
    moving, done, end = ("opening", "open", 100) if direction == "open" else ("closing", "closed", 0)

    def build(entity: "Valve", data: Data, state: DeviceState) -> Command:
        if entity.reports_position:
            return _set_position(entity, {**data, "position": end}, state)
        return entity.command_of(
            entity.publish(entity.option(f"payload_{direction}"), by="command_template"),
            assumed={"state": done},
            confirms=moved(state, end, moving, done),
            reported=not entity.optimistic(),
        )

    return build


def _stop(entity: "Valve", _data: Data, state: DeviceState) -> Command:
    return Command((entity.publish(entity.option("payload_stop"), by="command_template"),), stopped(state))


def _set_position(entity: "Valve", data: Data, state: DeviceState) -> Command:
    percent = percent_of(data, "position")
    value = round(from_percent(entity.range, percent))
    closed, opened = entity.option("position_closed"), entity.option("position_open")
    variables = {"position": percent, "position_open": opened, "position_closed": closed}
    return entity.command_of(
        entity.publish(value, variables, by="command_template"),
        assumed={"state": "closed" if percent == closed else "open", _POSITION: percent},
        confirms=moved(state, percent, "opening", "closing"),
        reported=not entity.optimistic(),
    )


def _toggle(entity: "Valve", data: Data, state: DeviceState) -> Command:
    if state.state in ("opening", "closing") and "stop_valve" in entity.device.features:
        return _stop(entity, data, state)
    return entity.command("open_valve" if state.state == "closed" else "close_valve", data, state)


class Valve(MqttEntity):
    """A valve; `current_position` is percent open."""

    __slots__ = ()
    domain = "valve"
    accepts = keys.table(
        COMMON,
        command_template=keys.template(),
        command_topic=keys.topic(),
        optimistic=keys.flag(False),
        payload_close=keys.any_text("CLOSE"),
        payload_open=keys.any_text("OPEN"),
        payload_stop=keys.text(),
        position_closed=keys.whole(0),
        position_open=keys.whole(100),
        reports_position=keys.flag(False),
        retain=keys.flag(False),
        state_closed=keys.text("closed"),
        state_closing=keys.text("closing"),
        state_open=keys.text("open"),
        state_opening=keys.text("opening"),
        state_topic=keys.source(),
        value_template=keys.template(),
    )
    readings = (Reading("state_topic", "value_template", _state),)
    services = service_table(
        open_valve=_move("open"),
        close_valve=_move("close"),
        stop_valve=_stop,
        set_valve_position=_set_position,
        toggle=_toggle,
    )
    blocked = frozenset({_POSITION})

    @classmethod
    def check(cls, given: Mapping[str, Any]) -> None:
        """A valve that reports its position has no words for open and closed."""
        if given.get("position_closed", 0) == given.get("position_open", 100):
            raise keys.KeyValueError("position_closed and position_open are the same")
        words = {"payload_open", "payload_close", "state_open", "state_closed"} & given.keys()
        if given.get("reports_position") and words:
            raise keys.KeyValueError(f"{', '.join(sorted(words))}: not with reports_position")

    def features(self) -> frozenset[str]:
        """By its topic and payloads."""
        if not self.has("command_topic"):
            return frozenset()
        found = {f"{verb}_valve" for verb in ("open", "close", "stop") if self.option(f"payload_{verb}") is not None}
        found |= {"toggle"} if {"open_valve", "close_valve"} <= found else set()
        return frozenset(found | ({"set_valve_position"} if self.reports_position else set()))

    def names(self) -> Mapping[str, Any]:
        """The positions too."""
        return {**super().names(), **{name: self.option(name) for name in ("position_open", "position_closed")}}

    @property
    def reports_position(self) -> bool:
        """Whether it is commanded and reports by position."""
        return bool(self.option("reports_position"))

    @property
    def range(self) -> Range:
        """The device's own closed and open positions, in the form scaling takes."""
        return self.option("position_closed") + 1, self.option("position_open")

    def take_state(self, word: Any) -> bool:
        """Takes a state word of the device."""
        for state in ("opening", "closing", "open", "closed"):
            if word == self.option(f"state_{state}"):
                return self.set_state(state)
        return word == NONE and self.set_state(None)

    def take_position(self, position: Any, word: Any) -> bool:
        """Takes a position, a word for moving, or both."""
        moving = next((state for state in ("opening", "closing") if word == self.option(f"state_{state}")), None)
        if word == NONE:
            self.attributes[_POSITION] = None
            return self.set_state(None)
        raw = number(position) if moving is None or position != word else None
        if raw is None and moving is None:
            return False
        if raw is not None:
            self.attributes[_POSITION] = min(100, max(0, to_percent(self.range, raw)))
        return self.set_state(moving or ("closed" if self.attributes.get(_POSITION) == 0 else "open"))
