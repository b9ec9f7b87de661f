"""Lights whose commands are written and states read by templates."""

from collections.abc import Callable
from typing import Any, Final

from edge.devices.model import DeviceState
from edge.mqtt.components import colors, keys
from edge.mqtt.components.base import NONE, READ_WRITE, Reading, is_state
from edge.mqtt.components.light.base import LIGHT_KEYS, SERVICES, Light, Params
from edge.mqtt.entity import Command
from edge.mqtt.payloads import number

_RGB: Final = ("red", "green", "blue")


def _state(entity: "TemplateLight", text: str) -> bool:
    states = {"on": "on", "off": "off", NONE: None}
    return text in states and entity.has("state_template") and entity.set_state(states[text])


def _brightness(entity: "TemplateLight", text: str) -> bool:
    level = number(text)
    return bool(level) and entity.has("brightness_template") and entity.set_attribute("brightness", int(level or 0))


def _color_temp(entity: "TemplateLight", text: str) -> bool:
    if not entity.has("color_temp_template"):
        return False
    if text == NONE:
        return entity.set_attribute("color_temp_kelvin", None)
    value = number(text)
    if not value or value < 0:
        return False
    return entity.set_attribute("color_temp_kelvin", entity.from_device_temperature(value))


def _channel(name: str) -> Callable[["TemplateLight", str], bool]:
    """Blue comes last and completes the colour."""

    def take(entity: "TemplateLight", text: str) -> bool:
        if not entity.has_color:
            return False
        entity.seen[name] = text
        return entity.take_color() if name == _RGB[-1] else bool(text)

    return take


def _effect(entity: "TemplateLight", text: str) -> bool:
    known = entity.has("effect_template") and text in (entity.option("effect_list") or ())
    return known and entity.set_attribute("effect", text)


class TemplateLight(Light):
    """Its templates get state, brightness, color_temp, red, green, blue, hue, sat, effect, transition, flash."""

    __slots__ = ("seen",)
    has_transition = True
    accepts = keys.table(
        READ_WRITE,
        LIGHT_KEYS,
        blue_template=keys.template(),
        brightness_template=keys.template(),
        color_temp_template=keys.template(),
        command_off_template=keys.template(required=True),
        command_on_template=keys.template(required=True),
        effect_template=keys.template(),
        green_template=keys.template(),
        red_template=keys.template(),
        state_template=keys.template(),
    )
    readings = (
        Reading("state_topic", "state_template", _state),
        Reading("state_topic", "brightness_template", _brightness),
        Reading("state_topic", "color_temp_template", _color_temp),
        *(Reading("state_topic", f"{name}_template", _channel(name)) for name in _RGB),
        Reading("state_topic", "effect_template", _effect),
    )
    services = SERVICES

    def start(self) -> None:
        """No channel was seen yet."""
        self.seen: dict[str, str] = {}

    @property
    def has_color(self) -> bool:
        """Whether all three channels are read."""
        return all(self.has(f"{name}_template") for name in _RGB)

    def modes(self) -> frozenset[str]:
        """By the templates it has."""
        found = {"color_temp"} if self.has("color_temp_template") else set()
        found |= {"hs"} if self.has_color else set()
        return frozenset(found or {"brightness" if self.has("brightness_template") else "onoff"})

    def color_mode(self) -> str:
        """Coloured where it has a colour, white by temperature else."""
        modes = self.modes()
        return next(iter(modes)) if len(modes) == 1 else "hs" if self.attributes.get("hs_color") else "color_temp"

    def take_color(self) -> bool:
        """Takes the three channels last seen; `None` in all of them means no colour."""
        texts = [self.seen.get(name, "") for name in _RGB]
        if all(text == NONE for text in texts):
            self.attributes.pop("hs_color", None)
            return True
        channels = [number(text) for text in texts]
        if any(channel is None for channel in channels):
            return False
        return self.set_attribute("hs_color", colors.rgb_to_hs(*(int(c) for c in channels if c is not None)))

    def turn_on(self, params: Params, state: DeviceState) -> Command:
        """What the template makes of it."""
        values: dict[str, Any] = {"state": True}
        if "brightness" in params:
            values["brightness"] = int(params["brightness"])
        if "color_temp_kelvin" in params:
            values["color_temp"] = self.to_device_temperature(params["color_temp_kelvin"])
        if "hs_color" in params:
            hue, saturation = params["hs_color"]
            own = self.has("brightness_template")
            level = 255 if own else params.get("brightness") or self.brightness_of(state) or 255
            values |= dict(zip(_RGB, colors.hs_to_rgb(hue, saturation, level / 255 * 100), strict=True))
            values |= {"hue": hue, "sat": saturation}
        values |= {name: params[name] for name in ("effect", "flash", "transition") if name in params}
        assumed = {"state": "on"} | {
            name: params[name] for name in ("brightness", "color_temp_kelvin", "hs_color", "effect") if name in params
        }
        return self.command_of(
            self.publish(None, values, by="command_on_template"),
            assumed=assumed,
            confirms=self.confirmation(self._reported(params)),
            reported=not self._is_optimistic,
        )

    def turn_off(self, params: Params) -> Command:
        """What the template makes of it."""
        values = {"state": False} | {name: params[name] for name in ("transition",) if name in params}
        return self.command_of(
            self.publish(None, values, by="command_off_template"),
            assumed={"state": "off"},
            confirms=is_state("off"),
            reported=not self._is_optimistic,
        )

    @property
    def _is_optimistic(self) -> bool:
        return self.optimistic() or not self.has("state_template")

    def _reported(self, params: Params) -> Params:
        """What a template reads back."""
        read = {
            "brightness": self.has("brightness_template"),
            "color_temp_kelvin": self.has("color_temp_template"),
            "hs_color": self.has_color,
            "effect": self.has("effect_template"),
        }
        return {name: value for name, value in params.items() if read.get(name)}
