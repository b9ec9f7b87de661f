"""From a function with canonical arguments to the services that carry it out, device by device; pure."""

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Protocol

from edge.devices.model import Device, DeviceState, ServiceCall
from edge.errors import EdgeError

Arguments = Mapping[str, Any]
_Built = tuple[str, dict[str, Any]] | None
_Builder = Callable[[Arguments, Device, DeviceState], _Built]


class CommandError(EdgeError):
    """A function can't be carried out on a device; the message says why, in words for the person who asked."""


class Home(Protocol):
    """What is known of the home: the registry has this shape."""

    @property
    def devices(self) -> Mapping[str, Device]:
        """Every device by id."""
        ...

    def state(self, device: str, /) -> DeviceState:
        """What a device last said of itself; an empty state for one that said nothing."""
        ...


def services(function: str, arguments: Arguments, targets: Iterable[str], home: Home) -> tuple[ServiceCall, ...]:
    """The service calls, in the order of `targets`.

    A target that needs none (dimming a light that is off) gets none. Relative functions go by the states known now.
    Raises `CommandError` for a function that moves no device, a target that is gone, or a step from an unknown value.
    """
    calls: list[ServiceCall] = []
    for target in targets:
        device = home.devices.get(target)
        if device is None:
            raise CommandError(f"There is no device {target} any more.")
        built = _builder(function, device)(arguments, device, home.state(target))
        if built is not None:
            calls.append(ServiceCall(target, *built))
    return tuple(calls)


def moves_devices(function: str) -> bool:
    """Whether `services` knows the function."""
    return function in _BUILDERS


def _builder(function: str, device: Device) -> _Builder:
    domain, _, verb = function.partition(".")
    if domain != device.domain and verb in _EVERYWHERE:
        function = f"{device.domain}.{_OWN_WORDS.get((device.domain, verb), verb)}"
    builder = _BUILDERS.get(function)
    if builder is None and verb in _EVERYWHERE:
        builder = _switched(verb)
    if builder is None:
        raise CommandError(f"I can't do that with the {device.name}.")
    return builder


# Arguments ---------------------------------------------------------------------------------------------------------


def _number(arguments: Arguments, *names: str) -> float | None:
    for name in names:
        value = arguments.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            continue
        try:
            number = float(value)
        except (ValueError, OverflowError):
            continue
        if math.isfinite(number):
            return number
    return None


def _required(arguments: Arguments, device: Device, *names: str) -> float:
    value = _number(arguments, *names)
    if value is None:
        raise CommandError(f"I didn't get the value for the {device.name}.")
    return value


def _word(arguments: Arguments, device: Device, *names: str) -> str:
    for name in names:
        value = arguments.get(name)
        if value is not None and str(value).strip():
            return str(value).strip()
    raise CommandError(f"I didn't get what the {device.name} is to be set to.")


def _percent(value: float, least: int = 0) -> int:
    return max(least, min(100, round(value)))


def _plain(value: float) -> int | float:
    return int(value) if value == int(value) else round(value, 2)


def _within(value: float, device: Device, least: str = "min", most: str = "max") -> float:
    low = _number(device.options, least, f"{least}_temp")
    high = _number(device.options, most, f"{most}_temp")
    value = value if low is None else max(low, value)
    return value if high is None else min(high, value)


# Domains -----------------------------------------------------------------------------------------------------------


def _service(name: str, **data: Any) -> _Builder:
    return lambda _arguments, _device, _state: (name, dict(data))


def _with_number(name: str, key: str, *sources: str) -> _Builder:
    def build(arguments: Arguments, device: Device, _state: DeviceState) -> _Built:
        return name, {key: _plain(_required(arguments, device, *sources))}

    return build


def _with_percent(name: str, key: str, *sources: str) -> _Builder:
    def build(arguments: Arguments, device: Device, _state: DeviceState) -> _Built:
        return name, {key: _percent(_required(arguments, device, *sources))}

    return build


def _with_word(name: str, key: str, *sources: str) -> _Builder:
    def build(arguments: Arguments, device: Device, _state: DeviceState) -> _Built:
        return name, {key: _word(arguments, device, *sources)}

    return build


def _switched(verb: str) -> _Builder:
    if verb != "toggle":
        return _service(verb)

    def toggle(_arguments: Arguments, _device: Device, state: DeviceState) -> _Built:
        if state.state is None:
            return "toggle", {}
        return ("turn_off" if _is_on(state) else "turn_on"), {}

    return toggle


def _is_on(state: DeviceState) -> bool:
    return state.state not in (None, "off", "unknown", "unavailable", "standby")


def _light_set(arguments: Arguments, device: Device, _state: DeviceState) -> _Built:
    data: dict[str, Any] = {}
    brightness = _number(arguments, "brightness")
    if brightness is not None:
        data["brightness_pct"] = _percent(brightness)
    color = str(arguments.get("color") or "").casefold().replace("-", " ").strip()
    kelvin = _number(arguments, "color_temp", "color_temp_kelvin", "temperature") or _WHITES.get(color)
    if kelvin is not None:
        data["color_temp_kelvin"] = round(kelvin)
    elif color:
        data["color_name"] = color.replace(" ", "")
    effect = arguments.get("effect")
    if effect:
        known = device.options.get("effect_list") or device.options.get("effects")
        if isinstance(known, list | tuple) and effect not in known:
            raise CommandError(f"The {device.name} has no effect called {effect}.")
        data["effect"] = str(effect)
    if not data:
        raise CommandError(f"I didn't get what the {device.name} is to be set to.")
    if data.get("brightness_pct") == 0:
        return "turn_off", {}
    return "turn_on", data


_WHITES: Final = {
    "candlelight": 2000,
    "warm": 2700,
    "warm white": 2700,
    "soft white": 3000,
    "neutral white": 4000,
    "cool": 5000,
    "cool white": 5000,
    "cold white": 6000,
    "daylight": 6500,
}
"""Whites by name, in kelvin; the other names are colours."""


def _light_step(sign: int) -> _Builder:
    def build(arguments: Arguments, _device: Device, state: DeviceState) -> _Built:
        step = _number(arguments, "brightness_step")
        if not _is_on(state):
            return None if sign < 0 else ("turn_on", {"brightness_pct": _percent(step or 25, 1)})
        raw = _number(state.attributes, "brightness")
        if raw is None:
            return "turn_on", {"brightness_pct": 100 if sign > 0 else 50}
        now = raw / 255 * 100
        change = step if step is not None else max(10.0, min(25.0, now / 4))
        return "turn_on", {"brightness_pct": _percent(now + sign * abs(change), 1)}

    return build


def _fan_step(sign: int) -> _Builder:
    def build(arguments: Arguments, device: Device, state: DeviceState) -> _Built:
        step = abs(_number(arguments, "percentage_step") or _number(device.options, "percentage_step") or 25.0)
        if not _is_on(state):
            return None if sign < 0 else ("turn_on", {"percentage": _percent(step, 1)})
        now = _number(state.attributes, "percentage")
        if now is None:
            return ("increase_speed" if sign > 0 else "decrease_speed"), {"percentage_step": _percent(step, 1)}
        changed = now + sign * step
        return "set_percentage", {"percentage": _percent(changed if changed > 0 else min(now, step), 1)}

    return build


def _opened(kind: str, verb: str) -> _Builder:
    def toggle(_arguments: Arguments, _device: Device, state: DeviceState) -> _Built:
        return (f"close_{kind}" if state.state in ("open", "opening") else f"open_{kind}"), {}

    return toggle if verb == "toggle" else _service(f"{verb}_{kind}")


def _position(kind: str) -> _Builder:
    def build(arguments: Arguments, device: Device, _state: DeviceState) -> _Built:
        position = _percent(_required(arguments, device, "position"))
        settable = not device.features or device.features & {f"set_{kind}_position", "set_position"}
        if not settable and position in (0, 100):
            return (f"open_{kind}" if position else f"close_{kind}"), {}
        return f"set_{kind}_position", {"position": position}

    return build


def _fahrenheit(unit: object) -> bool:
    return isinstance(unit, str) and unit.strip("° ").casefold() in ("f", "fahrenheit")


def _unit(device: Device) -> object:
    return device.unit or device.options.get("temperature_unit")


def _temperature(arguments: Arguments, device: Device, _state: DeviceState) -> _Built:
    wanted = _required(arguments, device, "temperature")
    spoken = arguments.get("temperature_unit")
    if spoken and _fahrenheit(spoken) != _fahrenheit(_unit(device)):
        wanted = (wanted - 32) / 1.8 if _fahrenheit(spoken) else wanted * 1.8 + 32
        wanted = round(wanted * 2) / 2
    return "set_temperature", {"temperature": _plain(wanted)}


def _temperature_step(sign: int) -> _Builder:
    def build(arguments: Arguments, device: Device, state: DeviceState) -> _Built:
        step = sign * abs(_number(arguments, "temperature_step") or (2.0 if _fahrenheit(_unit(device)) else 1.0))
        low = _number(state.attributes, "target_temp_low")
        high = _number(state.attributes, "target_temp_high")
        now = _number(state.attributes, "temperature")
        if now is None and low is not None and high is not None:
            return "set_temperature", {
                "target_temp_low": _plain(_within(low + step, device)),
                "target_temp_high": _plain(_within(high + step, device)),
            }
        if now is None:
            measured = _number(state.attributes, "current_temperature")
            if measured is None:
                raise CommandError(f"I don't know what the {device.name} is set to, so I can't change it by a step.")
            now = round(measured * 2) / 2
        return "set_temperature", {"temperature": _plain(_within(now + step, device))}

    return build


def _climate_mode(arguments: Arguments, device: Device, _state: DeviceState) -> _Built:
    mode = _word(arguments, device, "mode", "hvac_mode", "preset_mode").casefold()
    mode = _HVAC_WORDS.get(mode, mode)
    presets = device.options.get("preset_modes") or ()
    modes = device.options.get("modes") or device.options.get("hvac_modes") or _HVAC_MODES
    if mode in (str(known).casefold() for known in modes):
        return "set_hvac_mode", {"hvac_mode": mode}
    for preset in presets:
        if str(preset).casefold() == mode:
            return "set_preset_mode", {"preset_mode": preset}
    return ("set_hvac_mode", {"hvac_mode": mode}) if mode in _HVAC_MODES else ("set_preset_mode", {"preset_mode": mode})


_HVAC_MODES: Final = ("off", "heat", "cool", "heat_cool", "auto", "dry", "fan_only")
_HVAC_WORDS: Final = {
    "heating": "heat",
    "cooling": "cool",
    "heat cool": "heat_cool",
    "automatic": "auto",
    "fan": "fan_only",
    "fan only": "fan_only",
    "drying": "dry",
}


def _volume_set(arguments: Arguments, device: Device, _state: DeviceState) -> _Built:
    return "volume_set", {"volume_level": _percent(_required(arguments, device, "volume_level")) / 100}


def _volume_step(sign: int) -> _Builder:
    def build(arguments: Arguments, _device: Device, state: DeviceState) -> _Built:
        now = _number(state.attributes, "volume_level")
        if now is None:
            return ("volume_up" if sign > 0 else "volume_down"), {}
        step = abs(_number(arguments, "volume_step") or 10.0)
        return "volume_set", {"volume_level": _percent(now * 100 + sign * step) / 100}

    return build


def _play_media(arguments: Arguments, device: Device, _state: DeviceState) -> _Built:
    wanted = _word(arguments, device, "search_query", "media")
    return "play_media", {"media_content_id": wanted, "media_content_type": "music"}


def _arm(arguments: Arguments, device: Device, _state: DeviceState) -> _Built:
    mode = str(arguments.get("mode") or "away").casefold().removeprefix("armed").strip(" _")
    mode = {"stay": "home", "holiday": "vacation", "sleep": "night", "custom": "custom_bypass"}.get(mode, mode)
    if mode not in ("home", "away", "night", "vacation", "custom_bypass"):
        raise CommandError(f"The {device.name} has no mode called {mode}.")
    return f"alarm_arm_{mode}", {"code": str(arguments["code"])} if arguments.get("code") else {}


def _applied(arguments: Arguments, device: Device, _state: DeviceState) -> _Built:
    """A service as a scene has it, whatever the device."""
    return _word(arguments, device, "service"), {key: one for key, one in arguments.items() if key not in _NOT_DATA}


_NOT_DATA: Final = frozenset({"service", "name", "area", "duration"})

_EVERYWHERE: Final = frozenset({"turn_on", "turn_off", "toggle"})
"""Verbs that any device takes in its own way, so that one call may move several kinds."""

_OWN_WORDS: Final = {
    ("cover", "turn_on"): "open",
    ("cover", "turn_off"): "close",
    ("valve", "turn_on"): "open",
    ("valve", "turn_off"): "close",
    ("lock", "turn_on"): "lock",
    ("lock", "turn_off"): "unlock",
    ("vacuum", "turn_on"): "start",
    ("vacuum", "turn_off"): "return_to_base",
    ("lawn_mower", "turn_on"): "start_mowing",
    ("lawn_mower", "turn_off"): "dock",
    ("button", "turn_on"): "press",
    ("alarm_control_panel", "turn_on"): "arm",
    ("alarm_control_panel", "turn_off"): "disarm",
}

_BUILDERS: Final[Mapping[str, _Builder]] = {
    **{
        f"{domain}.{verb}": _switched(verb)
        for domain in (
            *("light", "switch", "fan", "media_player", "humidifier", "climate", "water_heater", "siren"),
            *("automation", "group", "input_boolean", "remote"),
        )
        for verb in ("turn_on", "turn_off", "toggle")
    },
    "light.set": _light_set,
    "light.brighten": _light_step(+1),
    "light.dim": _light_step(-1),
    "fan.set_speed": _with_percent("set_percentage", "percentage", "percentage"),
    "fan.increase_speed": _fan_step(+1),
    "fan.decrease_speed": _fan_step(-1),
    "fan.set_mode": _with_word("set_preset_mode", "preset_mode", "mode", "preset_mode"),
    "fan.oscillate": _service("oscillate", oscillating=True),
    **{f"cover.{verb}": _opened("cover", verb) for verb in ("open", "close", "stop", "toggle")},
    "cover.set_position": _position("cover"),
    "cover.set_tilt": _with_percent("set_cover_tilt_position", "tilt_position", "tilt_position", "position"),
    **{f"valve.{verb}": _opened("valve", verb) for verb in ("open", "close", "stop", "toggle")},
    "valve.set_position": _position("valve"),
    "lock.lock": _service("lock"),
    "lock.unlock": _service("unlock"),
    "climate.set_temperature": _temperature,
    "climate.increase_temperature": _temperature_step(+1),
    "climate.decrease_temperature": _temperature_step(-1),
    "climate.set_mode": _climate_mode,
    "climate.set_fan_mode": _with_word("set_fan_mode", "fan_mode", "fan_mode", "mode"),
    "humidifier.set_humidity": _with_percent("set_humidity", "humidity", "humidity"),
    "humidifier.set_mode": _with_word("set_mode", "mode", "mode"),
    "water_heater.set_temperature": _temperature,
    "media_player.play": _service("media_play"),
    "media_player.pause": _service("media_pause"),
    "media_player.stop": _service("media_stop"),
    "media_player.next": _service("media_next_track"),
    "media_player.previous": _service("media_previous_track"),
    "media_player.volume_set": _volume_set,
    "media_player.volume_up": _volume_step(+1),
    "media_player.volume_down": _volume_step(-1),
    "media_player.mute": _service("volume_mute", is_volume_muted=True),
    "media_player.unmute": _service("volume_mute", is_volume_muted=False),
    "media_player.play_media": _play_media,
    "media_player.select_source": _with_word("select_source", "source", "source", "mode"),
    **{f"vacuum.{verb}": _service(verb) for verb in ("start", "stop", "pause", "return_to_base", "locate")},
    "vacuum.clean_area": _with_word("clean_area", "area", "area", "cleaning_area"),
    **{f"lawn_mower.{verb}": _service(verb) for verb in ("start_mowing", "pause", "dock")},
    "alarm_control_panel.arm": _arm,
    "alarm_control_panel.disarm": lambda arguments, _device, _state: (
        "alarm_disarm",
        {"code": str(arguments["code"])} if arguments.get("code") else {},
    ),
    "scene.turn_on": _service("turn_on"),
    "scene.apply": _applied,
    "script.turn_on": _service("turn_on"),
    "button.press": _service("press"),
    "number.set_value": _with_number("set_value", "value", "value"),
    "select.select_option": _with_word("select_option", "option", "option", "mode"),
    "text.set_value": _with_word("set_value", "value", "value", "message"),
    "notify.send_message": _with_word("send_message", "message", "message"),
}
