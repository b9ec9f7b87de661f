"""Lights that read and write one JSON object, as most bridges have them."""

import json
from typing import Any, Final

from edge.devices.model import DeviceState
from edge.mqtt.components import keys
from edge.mqtt.components.base import READ_WRITE, Reading, is_state
from edge.mqtt.components.light.base import LIGHT_KEYS, SERVICES, Light, Params
from edge.mqtt.components.scaling import from_brightness, to_brightness
from edge.mqtt.entity import Command
from edge.mqtt.payloads import loads, number

_CHANNELS: Final = {"hs": "hs", "rgb": "rgb", "rgbw": "rgbw", "rgbww": "rgbcw", "xy": "xy"}
"""The letters of a colour in the object, by colour mode."""
_MODES: Final = frozenset({"onoff", "brightness", "color_temp", "hs", "xy", "rgb", "rgbw", "rgbww", "white"})


def _state(entity: "JsonLight", text: str) -> bool:
    values = loads(text)
    if not isinstance(values, dict):
        return False
    understood = "state" in values and _take_state(entity, values["state"])
    if "color_mode" in values:
        understood |= _take_color(entity, values)
    level = number(values.get("brightness"))
    if level and level > 0 and not entity.modes() <= {"onoff"}:
        understood |= entity.set_attribute("brightness", to_brightness(entity.option("brightness_scale"), level))
    if entity.has_effects() and "effect" in values:
        understood |= entity.set_attribute("effect", values["effect"])
    return understood


def _take_state(entity: "JsonLight", value: Any) -> bool:
    states = {"ON": "on", "OFF": "off"}
    if value is None:
        return entity.set_state(None)
    return isinstance(value, str) and value in states and entity.set_state(states[value])


def _take_color(entity: "JsonLight", values: dict[str, Any]) -> bool:
    mode = values["color_mode"]
    if not isinstance(mode, str) or mode not in entity.modes():
        return False
    if mode == "color_temp":
        value = number(values.get("color_temp"))
        if not value or value < 0:
            return False
        entity.set_color("color_temp_kelvin", entity.from_device_temperature(value))  # type: ignore[arg-type]
    elif mode in _CHANNELS:
        color = values.get("color")
        channels = [number(color.get(letter)) if isinstance(color, dict) else None for letter in _CHANNELS[mode]]
        if any(channel is None for channel in channels):
            return False
        whole = mode.startswith("rgb")
        entity.set_color(f"{mode}_color", tuple(int(c) if whole else c for c in channels if c is not None))
    return entity.set_attribute("color_mode", mode)


class JsonLight(Light):
    """`{"state": "ON", "brightness": 127, "color": {"x": …, "y": …}, "color_mode": "xy", "color_temp": 333, …}`."""

    __slots__ = ()
    has_transition = True
    accepts = keys.table(
        READ_WRITE,
        LIGHT_KEYS,
        brightness=keys.flag(False),
        brightness_scale=keys.whole(255, least=1),
        color_mode=keys.anything(),
        color_temp=keys.anything(),
        effect=keys.flag(False),
        flash=keys.flag(True),
        flash_time_long=keys.whole(10, least=0),
        flash_time_short=keys.whole(2, least=0),
        hs=keys.anything(),
        rgb=keys.anything(),
        supported_color_modes=keys.names(),
        transition=keys.flag(True),
        white_scale=keys.whole(255, least=1),
        xy=keys.anything(),
    )
    readings = (Reading("state_topic", None, _state),)
    services = SERVICES

    @classmethod
    def check(cls, given: Any) -> None:
        """Only Home Assistant's colour modes; brightness or on/off stand alone."""
        modes = set(given.get("supported_color_modes", ()))
        if modes - _MODES:
            raise keys.KeyValueError(f"supported_color_modes: {', '.join(sorted(modes - _MODES))} is none")
        if len(modes) > 1 and modes & {"onoff", "brightness"}:
            raise keys.KeyValueError("supported_color_modes: onoff and brightness stand alone")
        if "white" in modes and not modes & _CHANNELS.keys():
            raise keys.KeyValueError("supported_color_modes: white needs a colour beside it")

    def modes(self) -> frozenset[str]:
        """As given, else by whether it has brightness."""
        given = self.option("supported_color_modes")
        return frozenset(given) if given else frozenset({"brightness" if self.option("brightness") else "onoff"})

    def has_effects(self) -> bool:
        """By the key `effect`."""
        return bool(self.option("effect"))

    def turn_on(self, params: Params, _state: DeviceState) -> Command:
        """One object with everything."""
        message: dict[str, Any] = {"state": "ON"}
        assumed: dict[str, Any] = {"state": "on"}
        left = dict(params)
        self._write_color(message, assumed, left)
        self._write_transition(message, left)
        if "brightness" in left:
            level = from_brightness(self.option("brightness_scale"), left["brightness"])
            message["brightness"] = max(round(level), 1)
            assumed["brightness"] = left["brightness"]
        if "color_temp_kelvin" in left:
            message["color_temp"] = self.to_device_temperature(left["color_temp_kelvin"])
            assumed |= {"color_mode": "color_temp", "color_temp_kelvin": left["color_temp_kelvin"]}
        if "effect" in left:
            message["effect"] = assumed["effect"] = left["effect"]
        if "white" in left:
            scale = self.option("white_scale")
            message["white"] = max(min(round(left["white"] / 255 * scale), scale), 1)
            assumed |= {"color_mode": "white", "brightness": left["white"]}
        return self._command(message, assumed, params)

    def turn_off(self, params: Params) -> Command:
        """With a transition where asked."""
        message: dict[str, Any] = {"state": "OFF"}
        self._write_transition(message, params)
        return self.command_of(
            self.publish(_written(message)),
            assumed={"state": "off"},
            confirms=is_state("off"),
            reported=not self.optimistic(),
        )

    def _command(self, message: dict[str, Any], assumed: dict[str, Any], params: Params) -> Command:
        return self.command_of(
            self.publish(_written(message)),
            assumed=assumed,
            confirms=self.confirmation(params),
            reported=not self.optimistic(),
        )

    def _write_color(self, message: dict[str, Any], assumed: dict[str, Any], left: Params) -> None:
        for mode, letters in _CHANNELS.items():
            value = left.get(f"{mode}_color")
            if value is None:
                continue
            if mode.startswith("rgb"):
                top = 255 if self.option("brightness") else left.pop("brightness", 255)
                value = tuple(round(channel / 255 * top) for channel in value)
            message["color"] = dict(zip(letters, value, strict=True))
            assumed |= {"color_mode": mode, f"{mode}_color": value}

    def _write_transition(self, message: dict[str, Any], params: Params) -> None:
        if "transition" in params and self.option("transition"):
            message["transition"] = params["transition"]
        if params.get("flash") in ("long", "short") and self.option("flash"):
            message["flash"] = self.option(f"flash_time_{params['flash']}")


def _written(message: dict[str, Any]) -> str:
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"))
