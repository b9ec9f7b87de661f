"""What the three kinds of light share: resolving what is asked for into what the lamp can do, and checking it came."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final

from edge.devices.model import DeviceState
from edge.mqtt.components import colors, keys
from edge.mqtt.components.base import Data, MqttEntity, is_state
from edge.mqtt.components.color_names import color_named
from edge.mqtt.entity import Command, Confirms
from edge.mqtt.payloads import number

Params = dict[str, Any]
"""What a lamp is told: brightness 0..255, one colour it can show, effect, transition in seconds, flash, white."""

COLORS: Final = ("hs_color", "rgb_color", "xy_color", "rgbw_color", "rgbww_color")
"""The colour attributes; each belongs to the colour mode before the underscore."""
_LENGTHS: Final = {"hs_color": 2, "xy_color": 2, "rgb_color": 3, "rgbw_color": 4, "rgbww_color": 5}
_WHILE_ON: Final = (*COLORS, "brightness", "color_mode", "color_temp_kelvin", "effect")
"""Attributes that mean something only while the lamp is on."""

LIGHT_KEYS: Final[keys.Keys] = {
    "color_temp_kelvin": keys.flag(False),
    "effect_list": keys.names(),
    "max_kelvin": keys.whole(6535, least=1),
    "max_mireds": keys.whole(least=1),
    "min_kelvin": keys.whole(2000, least=1),
    "min_mireds": keys.whole(least=1),
    "schema": keys.anything(),
}


class Light(MqttEntity, ABC):
    """A light; subclasses say which colour modes it has and how a command is written."""

    __slots__ = ()
    domain = "light"
    has_transition: ClassVar[bool] = False
    blocked = frozenset(
        (
            *_WHILE_ON,
            *("color_temp", "effect_list", "max_color_temp_kelvin", "max_mireds", "min_color_temp_kelvin"),
            *("min_mireds", "supported_color_modes"),
        )
    )

    @abstractmethod
    def modes(self) -> frozenset[str]:
        """Home Assistant's colour modes it supports; never empty."""

    def has_effects(self) -> bool:
        """Whether it takes an effect."""
        return self.has("effect_list")

    @abstractmethod
    def turn_on(self, params: Params, _state: DeviceState, /) -> Command:
        """The command for what was resolved."""

    @abstractmethod
    def turn_off(self, params: Params, /) -> Command:
        """The command."""

    def options(self) -> dict[str, Any]:
        """`supported_color_modes`, `effects`, `min_color_temp_kelvin`, `max_color_temp_kelvin`."""
        modes = self.modes()
        found: dict[str, Any] = {"supported_color_modes": tuple(sorted(modes))}
        if self.has_effects() and self.option("effect_list"):
            found["effects"] = self.option("effect_list")
        if modes & {"color_temp", "rgbww"}:
            found["min_color_temp_kelvin"], found["max_color_temp_kelvin"] = self.kelvins
        return found

    @property
    def kelvins(self) -> tuple[int, int]:
        """The warmest and the coldest white."""
        warmest, coldest = self.option("max_mireds"), self.option("min_mireds")
        return (
            colors.mired_to_kelvin(warmest) if warmest else self.option("min_kelvin"),
            colors.mired_to_kelvin(coldest) if coldest else self.option("max_kelvin"),
        )

    def to_device_temperature(self, kelvin: float) -> float:
        """In the unit the lamp takes."""
        return kelvin if self.option("color_temp_kelvin") else colors.kelvin_to_mired(kelvin)

    def from_device_temperature(self, value: float) -> int:
        """In kelvin."""
        return int(value) if self.option("color_temp_kelvin") else colors.mired_to_kelvin(value)

    def color_mode(self) -> str:
        """How it shines now: one of its modes, or `unknown`."""
        modes = self.modes()
        return self.attributes.get("color_mode") or (next(iter(modes)) if len(modes) == 1 else "unknown")

    def exposed(self) -> dict[str, Any]:
        """Brightness and colour are attributes of a lamp that is on, the colour in the mode it shines in."""
        found = super().exposed()
        if self.state != "on":
            return {name: value for name, value in found.items() if name not in _WHILE_ON}
        mode = found["color_mode"] = self.color_mode()
        if mode != "unknown":
            for name in (*COLORS, "color_temp_kelvin"):
                if name not in (f"{mode}_color", f"{mode}_kelvin"):
                    found.pop(name, None)
        return found

    def brightness_of(self, state: DeviceState) -> int | None:
        """How bright it is, or was when it was last on."""
        value = number(state.attributes.get("brightness") or self.attributes.get("brightness"))
        return None if value is None else round(value)

    def set_color(self, name: str, value: tuple[float, ...]) -> None:
        """Takes a colour: the other colours no longer hold."""
        for other in (*COLORS, "color_temp_kelvin"):
            if other != name:
                self.attributes.pop(other, None)
        self.attributes[name] = value

    # Resolving -----------------------------------------------------------------------------------------------------

    def resolve(self, data: Data, state: DeviceState) -> Params:
        """What is asked for, as the lamp can do it. Raises `ValueError` for values out of range."""
        params = _understood(data)
        self._step(params, data, state)
        self._temperature(params, state)
        self._color(params)
        if params.get("white") is True:
            params["white"] = self.brightness_of(state) or 255
        modes = self.modes()
        if "white" in params and "white" in modes:
            params["white"] = params.pop("brightness", params["white"])
        return self._possible(params, modes)

    def _step(self, params: Params, data: Data, state: DeviceState) -> None:
        step, step_percent = number(data.get("brightness_step")), number(data.get("brightness_step_pct"))
        if step is None and step_percent is None:
            return
        now = (self.brightness_of(state) or 0) if state.state == "on" else 0
        wanted = now + step if step is not None else (round(now / 255 * 100) + (step_percent or 0)) / 100 * 255
        params["brightness"] = max(0, min(255, round(wanted)))

    def _temperature(self, params: Params, state: DeviceState) -> None:
        modes = self.modes()
        if "color_temp_kelvin" not in params or "color_temp" in modes:
            return
        kelvin = params.pop("color_temp_kelvin")
        if "rgbww" in modes:
            brightness = params.get("brightness", self.brightness_of(state) or 255)
            params["rgbww_color"] = colors.kelvin_to_rgbww(kelvin, brightness, *self.kelvins)
        elif modes & {"hs", "rgb", "rgbw", "xy"}:
            params["hs_color"] = colors.kelvin_to_hs(kelvin)

    def _color(self, params: Params) -> None:
        modes = self.modes()
        name = next((name for name in COLORS if name in params), None)
        if name is None or _mode(name) in modes:
            return
        value = params.pop(name)
        for target in _PREFERENCES[name]:
            if target in modes:
                params[f"{target}_color" if target != "color_temp" else "color_temp_kelvin"] = self._converted(
                    name, value, target
                )
                return

    def _converted(self, name: str, value: tuple[Any, ...], target: str) -> Any:
        if target == "hs" and name == "xy_color":
            return colors.xy_to_hs(*value)
        if target in ("xy", "color_temp"):
            xy = value if name == "xy_color" else colors.rgb_to_xy(*self._rgb(name, value))
            return xy if target == "xy" else colors.xy_to_kelvin(*xy)
        rgb = self._rgb(name, value)
        if target == "hs":
            return colors.rgb_to_hs(*rgb)
        if target == "rgbw":
            return colors.rgb_to_rgbw(*rgb)
        return colors.rgb_to_rgbww(rgb, self.kelvins) if target == "rgbww" else rgb

    def _rgb(self, name: str, value: tuple[Any, ...]) -> tuple[Any, ...]:
        to_rgb: Mapping[str, Callable[..., tuple[Any, ...]]] = {
            "hs_color": colors.hs_to_rgb,
            "xy_color": colors.xy_to_rgb,
            "rgbw_color": colors.rgbw_to_rgb,
            "rgbww_color": lambda *channels: colors.rgbww_to_rgb(channels, self.kelvins),
            "rgb_color": lambda *channels: channels,
        }
        return to_rgb[name](*value)

    def _possible(self, params: Params, modes: frozenset[str]) -> Params:
        """Without what the lamp lacks."""
        lacking = {f"{mode}_color" for mode in ("hs", "rgb", "rgbw", "rgbww", "xy") if mode not in modes}
        lacking |= {
            name for name, mode in (("color_temp_kelvin", "color_temp"), ("white", "white")) if mode not in modes
        }
        if modes <= {"onoff"}:
            lacking.add("brightness")
        if not self.has_effects():
            lacking.add("effect")
        if not self.has_transition:
            lacking |= {"transition", "flash"}
        return {name: value for name, value in params.items() if name not in lacking}

    # Confirming ----------------------------------------------------------------------------------------------------

    def confirmation(self, params: Params) -> Confirms:
        """Confirmed once it is on and as bright and coloured as was asked, as exactly as lamps report it."""
        conditions: list[Confirms] = [is_state("on")]
        if "brightness" in params:
            scale = int(self.option("brightness_scale") or 255) if "brightness_scale" in self.accepts else 255
            conditions.append(_is_bright(params["brightness"], max(4.0, 255 / scale)))
        if "color_temp_kelvin" in params:
            conditions.append(_is_white(params["color_temp_kelvin"], self.kelvins))
        if "effect" in params:
            conditions.append(lambda seen: seen.attributes.get("effect") == params["effect"])
        conditions += [_is_colored(self._rgb(name, params[name]), self) for name in COLORS if name in params]
        return lambda seen: all(condition(seen) for condition in conditions)

    def hs_seen(self, seen: DeviceState) -> colors.Pair | None:
        """The colour a state shows, whatever space it is given in."""
        for name in COLORS:
            value = seen.attributes.get(name)
            if isinstance(value, tuple | list) and len(value) == _LENGTHS[name]:
                return (value[0], value[1]) if name == "hs_color" else colors.rgb_to_hs(*self._rgb(name, tuple(value)))
        return None


_PREFERENCES: Final = {
    "hs_color": ("rgb", "rgbw", "rgbww", "xy", "color_temp"),
    "rgb_color": ("rgbw", "rgbww", "hs", "xy", "color_temp"),
    "xy_color": ("hs", "rgb", "rgbw", "rgbww", "color_temp"),
    "rgbw_color": ("rgb", "rgbww", "hs", "xy", "color_temp"),
    "rgbww_color": ("rgb", "rgbw", "hs", "xy", "color_temp"),
}
"""The spaces a colour is turned into where a lamp lacks its own, the best first."""


def _mode(color: str) -> str:
    return color.removesuffix("_color")


def _understood(data: Data) -> Params:
    params: Params = {}
    name = data.get("color_name")
    if name is not None:
        rgb = color_named(str(name))
        if rgb is None:
            raise ValueError(f"no colour is called {name}")
        params["rgb_color"] = rgb
    for color in COLORS:
        if data.get(color) is not None:
            params[color] = _channels(color, data[color])
    params |= _levels(data)
    if data.get("transition") is not None:
        params["transition"] = min(max(float(data["transition"]), 0.0), 6553.0)
    for key in ("effect", "flash", "white"):
        if data.get(key) is not None:
            params[key] = data[key]
    return params


def _levels(data: Data) -> Params:
    found: Params = {}
    for key, most in (("brightness", 255.0), ("brightness_pct", 100.0), ("color_temp_kelvin", 100_000.0)):
        if data.get(key) is None:
            continue
        value = number(data[key])
        if value is None or not 0 <= value <= most:
            raise ValueError(f"{key} must be 0 to {most:g}")
        found[key] = value
    if "brightness" in found:
        found["brightness"] = int(found["brightness"])
    if "brightness_pct" in found:
        found["brightness"] = round(255 * found.pop("brightness_pct") / 100)
    if "color_temp_kelvin" in found:
        found["color_temp_kelvin"] = int(found["color_temp_kelvin"])
    mired = number(data.get("color_temp"))
    if mired and "color_temp_kelvin" not in found:
        found["color_temp_kelvin"] = colors.mired_to_kelvin(mired)
    return found


def _channels(name: str, value: Any) -> tuple[float, ...]:
    if not isinstance(value, list | tuple) or len(value) != _LENGTHS[name]:
        raise ValueError(f"{name} must be {_LENGTHS[name]} numbers")
    found = [number(item) for item in value]
    if any(item is None or item < 0 for item in found):
        raise ValueError(f"{name} must be {_LENGTHS[name]} numbers")
    if name in ("hs_color", "xy_color"):
        return tuple(item for item in found if item is not None)
    return tuple(min(int(item), 255) for item in found if item is not None)


def _is_bright(wanted: float, tolerance: float) -> Confirms:
    def confirms(seen: DeviceState) -> bool:
        value = number(seen.attributes.get("brightness"))
        return value is not None and abs(value - wanted) <= tolerance

    return confirms


def _is_white(wanted: float, limits: tuple[int, int]) -> Confirms:
    target = min(max(wanted, limits[0]), limits[1])

    def confirms(seen: DeviceState) -> bool:
        value = number(seen.attributes.get("color_temp_kelvin"))
        return value is not None and abs(value - target) <= 0.05 * target

    return confirms


def _is_colored(rgb: tuple[Any, ...], light: Light) -> Confirms:
    """Lamps move a colour into their gamut: the hue within 20°, the saturation within a quarter."""
    hue, saturation = colors.rgb_to_hs(*rgb)

    def confirms(seen: DeviceState) -> bool:
        shown = light.hs_seen(seen)
        if shown is None:
            return False
        away = abs(shown[0] - hue) % 360
        near = min(away, 360 - away) <= 20 or min(saturation, shown[1]) < 20
        return near and abs(shown[1] - saturation) <= 25

    return confirms


def turn_on(entity: Light, data: Data, state: DeviceState) -> Command:
    """`light.turn_on`; brightness 0 turns it off, as in Home Assistant."""
    params = entity.resolve(data, state)
    if params.get("brightness") == 0 or params.get("white") == 0:
        return turn_off(entity, data, state)
    return entity.turn_on(params, state)


def turn_off(entity: Light, data: Data, _state: DeviceState) -> Command:
    """`light.turn_off`."""
    params = _understood({key: data[key] for key in ("transition", "flash") if key in data})
    return entity.turn_off(params if entity.has_transition else {})


def toggle(entity: Light, data: Data, state: DeviceState) -> Command:
    """`light.toggle`."""
    return (turn_off if state.state == "on" else turn_on)(entity, data, state)


SERVICES: Final = {"turn_on": turn_on, "turn_off": turn_off, "toggle": toggle}
