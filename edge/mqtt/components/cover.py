"""Covers: blinds, shutters, gates, garage doors, by commands, positions and tilt."""

from collections.abc import Mapping
from typing import Any, Final

from edge.devices.model import DeviceState
from edge.mqtt.components import keys
from edge.mqtt.components.base import (
    COMMON,
    NONE,
    Data,
    MqttEntity,
    Reading,
    Service,
    has_attribute,
    service_table,
)
from edge.mqtt.components.scaling import Range, from_percent, to_percent
from edge.mqtt.entity import Command, Confirms
from edge.mqtt.payloads import loads, number

_POSITION: Final = "current_position"
_TILT: Final = "current_tilt_position"


def _state(entity: "Cover", text: str) -> bool:
    if not text:
        return False
    if text == NONE:
        return entity.set_state(None)
    if text == entity.option("state_stopped"):
        return entity.set_state("closed" if entity.rests_closed() else "open")
    for state in ("opening", "closing", "open", "closed"):
        if text == entity.option(f"state_{state}"):
            return entity.set_state(state)
    return False


def _position(entity: "Cover", text: str) -> bool:
    value: Any = text
    parsed = loads(text)
    if isinstance(parsed, dict):
        if "position" not in parsed:
            return False
        if "tilt_position" in parsed:
            entity.take_tilt(parsed["tilt_position"])
        value = parsed["position"]
    raw = number(value)
    if raw is None:
        return False
    percent = min(100, max(0, to_percent(entity.position_range, raw)))
    if not entity.has("state_topic"):
        entity.set_state("closed" if percent == 0 else "open")
    return entity.set_attribute(_POSITION, percent)


def _tilt(entity: "Cover", text: str) -> bool:
    return bool(text) and entity.take_tilt(text)


def _move(direction: str) -> Service:
    """`open` or `close`."""
    moving, done, end = ("opening", "open", 100) if direction == "open" else ("closing", "closed", 0)

    def build(entity: "Cover", _data: Data, state: DeviceState) -> Command:
        assumed: dict[str, Any] = {"state": done}
        if entity.has("position_topic"):
            assumed[_POSITION] = end
        return entity.command_of(
            entity.publish(entity.option(f"payload_{direction}")),
            assumed=assumed,
            confirms=moved(state, end, moving, done),
            reported=not entity.is_optimistic,
        )

    return build


def _stop(entity: "Cover", _data: Data, state: DeviceState) -> Command:
    return Command((entity.publish(entity.option("payload_stop")),), stopped(state))


def _set_position(entity: "Cover", data: Data, state: DeviceState) -> Command:
    percent = percent_of(data, "position")
    value = round(from_percent(entity.position_range, percent))
    return entity.command_of(
        entity.publish(
            value, {"position": percent, **entity.limits}, to="set_position_topic", by="set_position_template"
        ),
        assumed={"state": "closed" if percent <= entity.option("position_closed") else "open", _POSITION: percent},
        confirms=moved(state, percent, "opening", "closing"),
        reported=not entity.is_optimistic,
    )


def _set_tilt(entity: "Cover", data: Data, _state: DeviceState) -> Command:
    percent = percent_of(data, "tilt_position")
    return _tilted(entity, round(from_percent(entity.tilt_range, percent)), percent, percent)


def _tilt_to(end: str) -> Service:
    """`opened` or `closed`."""

    def build(entity: "Cover", _data: Data, _state: DeviceState) -> Command:
        value = entity.option(f"tilt_{end}_value")
        return _tilted(entity, value, value, to_percent(entity.tilt_range, value))

    return build


def _tilted(entity: "Cover", value: int, shown: int, percent: int) -> Command:
    return entity.command_of(
        entity.publish(
            value, {"tilt_position": shown, **entity.limits}, to="tilt_command_topic", by="tilt_command_template"
        ),
        assumed={_TILT: percent},
        confirms=has_attribute(_TILT, percent, 2),
        reported=entity.has("tilt_status_topic") and not entity.option("tilt_optimistic"),
    )


def _stop_tilt(entity: "Cover", _data: Data, _state: DeviceState) -> Command:
    return Command((entity.publish(entity.option("payload_stop_tilt"), to="tilt_command_topic"),))


def _toggle(entity: "Cover", data: Data, state: DeviceState) -> Command:
    if state.state in ("opening", "closing") and "stop_cover" in entity.device.features:
        return entity.command("stop_cover", data, state)
    return entity.command("open_cover" if state.state == "closed" else "close_cover", data, state)


def _toggle_tilt(entity: "Cover", data: Data, state: DeviceState) -> Command:
    tilt = number(state.attributes.get(_TILT))
    closed = to_percent(entity.tilt_range, entity.option("tilt_closed_value"))
    service = "open_cover_tilt" if tilt is not None and tilt <= closed else "close_cover_tilt"
    return entity.command(service, data, state)


def percent_of(data: Data, key: str) -> int:
    """A percentage among the data of a call. Raises `ValueError`."""
    value = number(data.get(key))
    if value is None or not 0 <= value <= 100:
        raise ValueError(f"{key} must be 0 to 100")
    return round(value)


def moved(before: DeviceState, end: int, *words: str) -> Confirms:
    """Confirmed once it is at the end position, on its way there, or, without positions, in one of the states."""
    start = number(before.attributes.get(_POSITION))

    def confirms(seen: DeviceState) -> bool:
        now = number(seen.attributes.get(_POSITION))
        if now is None:
            return seen.state in words
        if abs(now - end) <= 2:
            return True
        way = "opening" if end > now else "closing"
        return seen.state == way or (start is not None and abs(now - end) < abs(start - end))

    return confirms


def stopped(before: DeviceState) -> Confirms | None:
    """Confirmed once it no longer moves; None where it doesn't say that it moves."""
    if before.state not in ("opening", "closing"):
        return None
    return lambda seen: seen.state not in ("opening", "closing")


class Cover(MqttEntity):
    """A cover; `current_position` and `current_tilt_position` are percent open."""

    __slots__ = ()
    domain = "cover"
    accepts = keys.table(
        COMMON,
        command_topic=keys.topic(),
        optimistic=keys.flag(False),
        payload_close=keys.any_text("CLOSE"),
        payload_open=keys.any_text("OPEN"),
        payload_stop=keys.any_text("STOP"),
        payload_stop_tilt=keys.any_text("STOP"),
        position_closed=keys.whole(0),
        position_open=keys.whole(100),
        position_template=keys.template(),
        position_topic=keys.source(),
        retain=keys.flag(False),
        set_position_template=keys.template(),
        set_position_topic=keys.topic(),
        state_closed=keys.text("closed"),
        state_closing=keys.text("closing"),
        state_open=keys.text("open"),
        state_opening=keys.text("opening"),
        state_stopped=keys.text("stopped"),
        state_topic=keys.source(),
        tilt_closed_value=keys.whole(0),
        tilt_command_template=keys.template(),
        tilt_command_topic=keys.topic(),
        tilt_max=keys.whole(100),
        tilt_min=keys.whole(0),
        tilt_opened_value=keys.whole(100),
        tilt_optimistic=keys.flag(False),
        tilt_status_template=keys.template(),
        tilt_status_topic=keys.source(),
        value_template=keys.template(),
    )
    readings = (
        Reading("position_topic", "position_template", _position),
        Reading("state_topic", "value_template", _state),
        Reading("tilt_status_topic", "tilt_status_template", _tilt),
    )
    services = service_table(
        open_cover=_move("open"),
        close_cover=_move("close"),
        stop_cover=_stop,
        toggle=_toggle,
        set_cover_position=_set_position,
        open_cover_tilt=_tilt_to("opened"),
        close_cover_tilt=_tilt_to("closed"),
        stop_cover_tilt=_stop_tilt,
        set_cover_tilt_position=_set_tilt,
        toggle_cover_tilt=_toggle_tilt,
    )
    blocked = frozenset({_POSITION, _TILT})

    @classmethod
    def check(cls, given: Mapping[str, Any]) -> None:
        """Templates need their topics; a position that can be set must be reported."""
        for key, needed in (
            ("set_position_topic", "position_topic"),
            ("value_template", "state_topic"),
            ("position_template", "position_topic"),
            ("set_position_template", "set_position_topic"),
            ("tilt_command_template", "tilt_command_topic"),
            ("tilt_status_template", "tilt_status_topic"),
        ):
            if key in given and needed not in given:
                raise keys.KeyValueError(f"{key} needs {needed}")
        for low, high, least, most in (("position_closed", "position_open", 0, 100), ("tilt_min", "tilt_max", 0, 100)):
            if given.get(low, least) == given.get(high, most):
                raise keys.KeyValueError(f"{low} and {high} are the same")

    def features(self) -> frozenset[str]:
        """By the topics it has."""
        found: set[str] = set()
        if self.has("command_topic"):
            found |= {
                f"{verb}_cover" for verb in ("open", "close", "stop") if self.option(f"payload_{verb}") is not None
            }
            found |= {"toggle"} if {"open_cover", "close_cover"} <= found else set()
        if self.has("set_position_topic"):
            found.add("set_cover_position")
        if self.has("tilt_command_topic"):
            found |= {"open_cover_tilt", "close_cover_tilt", "set_cover_tilt_position", "toggle_cover_tilt"}
            found |= {"stop_cover_tilt"} if self.option("payload_stop_tilt") is not None else set()
        return frozenset(found)

    @property
    def position_range(self) -> Range:
        """The device's own closed and open positions, in the form scaling takes."""
        return self.option("position_closed") + 1, self.option("position_open")

    @property
    def tilt_range(self) -> Range:
        """The device's own tilt limits, in the form scaling takes."""
        return self.option("tilt_min") + 1, self.option("tilt_max")

    @property
    def limits(self) -> dict[str, int]:
        """What position and tilt templates may refer to."""
        return {name: self.option(name) for name in ("position_open", "position_closed", "tilt_min", "tilt_max")}

    @property
    def is_optimistic(self) -> bool:
        """Whether nothing reports what was commanded."""
        reported = any(self.has(topic) for topic in ("position_topic", "state_topic", "tilt_status_topic"))
        return bool(self.option("optimistic")) or not reported

    def names(self) -> Mapping[str, Any]:
        return {**super().names(), **self.limits}

    def rests_closed(self) -> bool:
        """Whether a cover that stopped is closed, by its position or where it was going."""
        if self.has("position_topic"):
            return self.attributes.get(_POSITION) == 0
        return self.state in ("closed", "closing")

    def take_tilt(self, value: Any) -> bool:
        """Takes a tilt in the device's own range; False for one that is not in it."""
        raw = number(value)
        low, high = sorted((self.option("tilt_min"), self.option("tilt_max")))
        if raw is None or not low <= round(raw) <= high:
            return False
        return self.set_attribute(_TILT, to_percent(self.tilt_range, round(raw)))
