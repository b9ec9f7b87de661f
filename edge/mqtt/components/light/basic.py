"""Lights with a topic for each property."""

from collections.abc import Callable
from typing import Any, Final

from edge.devices.model import DeviceState
from edge.mqtt.components import keys
from edge.mqtt.components.base import NONE, READ_WRITE, Reading, is_state
from edge.mqtt.components.light.base import COLORS, LIGHT_KEYS, SERVICES, Light, Params
from edge.mqtt.entity import Command, Publish
from edge.mqtt.payloads import number

_MODES: Final = ("color_temp", "hs", "rgb", "rgbw", "rgbww", "white", "xy")
_VARIABLES: Final = {
    "rgb": ("red", "green", "blue"),
    "rgbw": ("red", "green", "blue", "white"),
    "rgbww": ("red", "green", "blue", "cold_white", "warm_white"),
}
"""What a colour's command template may refer to."""


def _state(entity: "BasicLight", text: str) -> bool:
    states = {entity.option("payload_on"): "on", entity.option("payload_off"): "off", NONE: None}
    return text in states and entity.set_state(states[text])


def _brightness(entity: "BasicLight", text: str) -> bool:
    level = number(text)
    if not level or level < 0:
        return False
    return entity.set_attribute("brightness", min(round(level / entity.option("brightness_scale") * 255), 255))


def _color(mode: str) -> Callable[["BasicLight", str], bool]:
    count = 2 if mode in ("hs", "xy") else len(_VARIABLES[mode])

    def take(entity: "BasicLight", text: str) -> bool:
        values = [number(part) for part in text.split(",")]
        if len(values) != count or any(value is None for value in values):
            return False
        channels: tuple[float, ...] = tuple(value for value in values if value is not None)
        if mode in _VARIABLES:
            whole = tuple(int(channel) for channel in channels)
            scaled = entity.normalised(mode, whole)
            if scaled is None:
                return False
            channels = scaled
        entity.set_color(f"{mode}_color", channels)
        return entity.assume_mode(mode)

    return take


def _color_temp(entity: "BasicLight", text: str) -> bool:
    value = number(text)
    if not value or value < 0:
        return False
    entity.set_color("color_temp_kelvin", entity.from_device_temperature(value))  # type: ignore[arg-type]
    return entity.assume_mode("color_temp")


def _color_mode(entity: "BasicLight", text: str) -> bool:
    return text in (*_MODES, "onoff", "brightness", "unknown") and entity.set_attribute("color_mode", text)


def _effect(entity: "BasicLight", text: str) -> bool:
    return bool(text) and entity.set_attribute("effect", text)


def _topics() -> dict[str, keys.Key]:
    found: dict[str, keys.Key] = {}
    for name in ("brightness", "color_temp", "effect", "hs", "rgb", "rgbw", "rgbww", "xy"):
        found |= {
            f"{name}_command_template": keys.template(),
            f"{name}_command_topic": keys.topic(),
            f"{name}_state_topic": keys.source(),
            f"{name}_value_template": keys.template(),
        }
    return found


class BasicLight(Light):
    """Brightness, each colour space, temperature, effect and white, each with topics of its own."""

    __slots__ = ()
    accepts = keys.table(
        READ_WRITE,
        LIGHT_KEYS,
        _topics(),
        brightness_scale=keys.whole(255, least=1),
        color_mode_state_topic=keys.source(),
        color_mode_value_template=keys.template(),
        on_command_type=keys.one_of(("first", "last", "brightness"), "last"),
        payload_off=keys.text("OFF"),
        payload_on=keys.text("ON"),
        state_value_template=keys.template(),
        value_template=keys.template(),
        white_command_topic=keys.topic(),
        white_scale=keys.whole(255, least=1),
    )
    readings = (
        Reading("state_topic", "state_value_template", _state),
        Reading("brightness_state_topic", "brightness_value_template", _brightness, or_payload=False),
        Reading("rgb_state_topic", "rgb_value_template", _color("rgb"), or_payload=False),
        Reading("rgbw_state_topic", "rgbw_value_template", _color("rgbw"), or_payload=False),
        Reading("rgbww_state_topic", "rgbww_value_template", _color("rgbww"), or_payload=False),
        Reading("color_mode_state_topic", "color_mode_value_template", _color_mode, or_payload=False),
        Reading("color_temp_state_topic", "color_temp_value_template", _color_temp, or_payload=False),
        Reading("effect_state_topic", "effect_value_template", _effect, or_payload=False),
        Reading("hs_state_topic", "hs_value_template", _color("hs"), or_payload=False),
        Reading("xy_state_topic", "xy_value_template", _color("xy"), or_payload=False),
    )
    services = SERVICES

    def modes(self) -> frozenset[str]:
        """By the command topics it has."""
        found = {mode for mode in _MODES if self.has(f"{mode}_command_topic")}
        return frozenset(found or {"brightness" if self.has("brightness_command_topic") else "onoff"})

    def has_effects(self) -> bool:
        """By its command topic."""
        return self.has("effect_command_topic")

    def assume_mode(self, mode: str) -> bool:
        """Without a topic for the colour mode, the last colour seen says it."""
        if not self.has("color_mode_state_topic"):
            self.set_attribute("color_mode", mode)
        return True

    def normalised(self, mode: str, channels: tuple[int, ...]) -> tuple[int, ...] | None:
        """Without a topic for brightness, the channels carry it: the colour at full brightness; None for black."""
        if self.has("brightness_state_topic"):
            return channels
        brightness = max(self._rgb(f"{mode}_color", channels))
        if brightness == 0:
            return None
        self.set_attribute("brightness", brightness)
        return tuple(min(round(channel / brightness * 255), 255) for channel in channels)

    # Commanding ----------------------------------------------------------------------------------------------------

    def turn_on(self, params: Params, state: DeviceState) -> Command:
        """One message a property, and the on payload first, last, or stood for by the brightness."""
        params = dict(params)
        kind = self.option("on_command_type")
        if kind == "brightness" and "brightness" not in params and "white" not in params:
            params["brightness"] = self.brightness_of(state) or 255
        on = self.publish(self.option("payload_on"))
        properties = [
            *self._colors(params, state),
            *self._brightness(params, state),
            *self._rest(params),
        ]
        publishes = [on, *properties] if kind == "first" else [*properties, *([on] if kind == "last" else [])]
        reported = not self.optimistic()
        assumed = {"state": "on"} if not reported else {}
        shown: Params = {
            name: params[name] for name in (*COLORS, "brightness", "effect", "color_temp_kelvin") if name in params
        }
        assumed |= {name: value for name, value in shown.items() if self._is_assumed(name)}
        confirmed = {name: value for name, value in shown.items() if not self._is_assumed(name)}
        confirms = self.confirmation(confirmed) if reported else None
        return Command(tuple(publishes), confirms, assumed or None)

    def turn_off(self, _params: Params) -> Command:
        """The off payload."""
        return self.command_of(
            self.publish(self.option("payload_off")),
            assumed={"state": "off"},
            confirms=is_state("off"),
            reported=not self.optimistic(),
        )

    def _is_assumed(self, name: str) -> bool:
        """Whether a property has no topic that reports it."""
        if name == "brightness":
            carried = any(self.has(f"{mode}_state_topic") for mode in _VARIABLES)
            return self.optimistic("brightness_state_topic") and not carried
        stem = {"color_temp_kelvin": "color_temp", "effect": "effect"}.get(name, name.removesuffix("_color"))
        return self.optimistic(f"{stem}_state_topic")

    def _colors(self, params: Params, state: DeviceState) -> list[Publish]:
        found: list[Publish] = []
        if "hs_color" in params:
            hue, saturation = params["hs_color"]
            found.append(self._property("hs", f"{hue},{saturation}", {"hue": hue, "sat": saturation}))
        level = self._level(params, state)
        found += [
            self._channels(mode, params[name], level) for mode in _VARIABLES if (name := f"{mode}_color") in params
        ]
        if "xy_color" in params:
            x, y = params["xy_color"]
            found.append(self._property("xy", f"{x},{y}", {"x": x, "y": y}))
        return found

    def _level(self, params: Params, state: DeviceState) -> int:
        """How far channels are dimmed: not at all where brightness has a topic of its own."""
        if self.has("brightness_command_topic"):
            return 255
        return params.get("brightness") or self.brightness_of(state) or 255

    def _channels(self, mode: str, color: tuple[int, ...], level: int) -> Publish:
        scaled = tuple(int(channel * level / 255) for channel in color)
        variables = dict(zip(_VARIABLES[mode], scaled, strict=True))
        return self._property(mode, ",".join(str(channel) for channel in scaled), variables)

    def _brightness(self, params: Params, state: DeviceState) -> list[Publish]:
        if "brightness" not in params:
            return []
        if self.has("brightness_command_topic"):
            scale = self.option("brightness_scale")
            level = max(min(round(params["brightness"] / 255 * scale), scale), 1)
            return [self._property("brightness", level)]
        for mode, names in _VARIABLES.items():
            if self.has(f"{mode}_command_topic") and f"{mode}_color" not in params:
                known = state.attributes.get(f"{mode}_color") or self.attributes.get(f"{mode}_color")
                return [self._channels(mode, tuple(known or (255,) * len(names)), params["brightness"])]
        return []

    def _rest(self, params: Params) -> list[Publish]:
        found: list[Publish] = []
        if "color_temp_kelvin" in params:
            found.append(self._property("color_temp", self.to_device_temperature(params["color_temp_kelvin"])))
        if "effect" in params and params["effect"] in (self.option("effect_list") or ()):
            found.append(self._property("effect", params["effect"]))
        if "white" in params:
            scale = self.option("white_scale")
            level = min(round(float(params["white"]) / 255 * scale), scale)
            found.append(self.publish(level, to="white_command_topic"))
        return found

    def _property(self, name: str, value: Any, variables: dict[str, Any] | None = None) -> Publish:
        return self.publish(value, variables, to=f"{name}_command_topic", by=f"{name}_command_template")
