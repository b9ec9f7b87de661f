"""From copied spans to arguments: Home Assistant's slot names and canonical values."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from edge.devices.model import Device
from edge.devices.words import tokens
from edge.router.model import Slot, Span, Value
from edge.router.resolution.lasting import UNTIL, seconds_until
from edge.router.values import levels, states
from edge.router.values.colors import color
from edge.router.values.durations import duration
from edge.router.values.numbers import number
from edge.router.values.periods import period
from edge.router.values.times import is_now, sun_event, when
from edge.router.vocabulary import Function

Arguments = dict[str, Value]
_MINUTE_S: Final = 60
_WORDED: Final = frozenset(
    {"sensor", "binary_sensor", "select", "person", "device_tracker", "weather", "event", "text"}
)
"""Domains whose states may be any words."""
_OPTION_KEYS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "mode": ("hvac_modes", "modes", "preset_modes", "available_modes", "operation_list"),
        "effect": ("effect_list", "effects"),
        "source": ("source_list", "sources"),
        "option": ("options",),
        "fan_mode": ("fan_modes",),
    }
)
"""Where a device keeps its own words for the values of an argument."""


def values(function: Function, spans: Sequence[Span], now: datetime, device: Device | None = None) -> Arguments:
    """The arguments that the spans of a call give, targets and places left out; `device` is the one it is for.

    What has no canonical value is left out, where Home Assistant takes free text it stays as it was said.
    """
    made: Arguments = {}
    for span in spans:
        argument = function.slots.get(span.slot)
        if argument is None or span.slot in {Slot.TARGET, Slot.PLACE, Slot.EXCEPT}:
            continue
        made |= _value(function, span, argument, now, device)
    if function.verb in {"volume_up", "volume_down"} and "volume_step" not in made:
        made["volume_step"] = function.verb.removeprefix("volume_")
    return made


def _value(function: Function, span: Span, argument: str, now: datetime, device: Device | None) -> Arguments:
    text = span.text
    match span.slot:
        case Slot.LEVEL:
            return _level(argument, text, device)
        case Slot.STEP:
            return _step(function, argument, text, device)
        case Slot.COLOR:
            return _color(text)
        case Slot.MODE:
            return {argument: states.mode(text, function.domain, _options(device, argument))}
        case Slot.STATE:
            return _named(argument, states.state(text) or _own_state(text, device))
        case Slot.MEASURE:
            return {argument: states.measure(text) or text}
        case Slot.AGGREGATE:
            return _named(argument, states.aggregate(text))
        case Slot.TIME:
            return _time(function, text, now)
        case Slot.DURATION | Slot.DELAY:
            return _lasting(function, span, argument, now)
        case Slot.CONDITION if (event := sun_event(text)) is not None and Slot.TIME in function.slots:
            return dict(event.arguments())
        case Slot.LABEL if function.domain == "timer" and (length := duration(text)) is not None:
            prefix = function.slots.get(Slot.DURATION, "minutes").removesuffix("minutes")
            return {prefix + name: value for name, value in length.parts().items()}
        case _:
            return {argument: text}


def _named(argument: str, value: Value | None) -> Arguments:
    return {} if value is None else {argument: value}


def _level(argument: str, text: str, device: Device | None) -> Arguments:
    if argument == "temperature":
        said = levels.temperature(text)
        if said is None:
            return {}
        unit: Arguments = {} if said.unit is None else {"temperature_unit": said.unit.value}
        return {argument: _plain(said.value), **unit}
    if argument == "value":
        figure = number(text)
        return {argument: text if figure is None else _plain(figure)}
    if argument == "brightness" and (white := color(text)) is not None and white.kelvin is not None:
        return _color(text)
    if argument == "percentage":
        return _named(argument, levels.speed(text, speeds=_speeds(device)))
    return _named(argument, levels.percent(text, least=1 if argument == "brightness" else 0))


def _speeds(device: Device | None, unknown: int = 3) -> int:
    step = device.options.get("percentage_step") if device is not None else None
    return round(100 / step) if isinstance(step, int | float) and 1 <= step <= 100 else unknown


def _own_state(text: str, device: Device | None) -> str | None:
    """A state that is known to no house, where the device may have it; else it is told how the device is."""
    if device is None or device.domain in _WORDED:
        return text
    options = (option for told in device.options.values() if isinstance(told, list | tuple) for option in told)
    return text if tokens(text) in {tokens(option) for option in options if isinstance(option, str)} else None


def _step(function: Function, argument: str, text: str, device: Device | None) -> Arguments:
    if argument == "temperature_step":
        degrees = levels.degrees_step(text)
        return {} if degrees is None else {argument: _plain(degrees)}
    percent = levels.step(text)
    if argument == "volume_step":
        if percent is None:
            return {}
        return {argument: -percent if function.verb == "volume_down" else percent}
    if argument == "percentage_step" and percent is not None:
        # A fan of four speeds is no slower for ten percent less.
        return {argument: max(percent, round(100 / _speeds(device, 10)))}
    return _named(argument, percent)


def _color(text: str) -> Arguments:
    found = color(text)
    if found is None:
        return {}
    return {"color": found.name} | ({} if found.kelvin is None else {"color_temp": found.kelvin})


def _time(function: Function, text: str, now: datetime) -> Arguments:
    if function.kind == "query" and function.domain not in {"alarm", "reminder"}:
        asked = period(text, now)
        return {} if asked is None else dict(asked.arguments())
    found = when(text, now, morning=function.domain == "alarm")
    if found is not None:
        return dict(found.arguments())
    return {} if is_now(text) else _until_understood(function, Slot.TIME, text)


def _until_understood(function: Function, slot: Slot, text: str) -> Arguments:
    """A time that can't be read is a condition: what was meant for later is never done at once."""
    if slot is Slot.DURATION or Slot.CONDITION not in function.slots or function.kind == "query":
        return {}
    return {"condition": f"in {text}" if slot is Slot.DELAY else text}


def _lasting(function: Function, span: Span, argument: str, now: datetime) -> Arguments:
    if span.text.startswith(UNTIL):
        return _named(argument, seconds_until(span.text, now)) or _until_understood(function, Slot.TIME, span.text)
    lasts = _duration(argument, span.text) or _months(span, now)
    return lasts or _until_understood(function, span.slot, span.text)


def _duration(argument: str, text: str) -> Arguments:
    timed = argument in {"minutes", "start_minutes"}
    found = duration(text, bare_unit_s=_MINUTE_S)
    if found is None:
        return {}
    if not timed:
        return {argument: found.total_s}
    prefix = argument.removesuffix("minutes")
    return {prefix + name: value for name, value in found.parts().items()}


def _months(span: Span, now: datetime) -> Arguments:
    """ "in two months", which no number of seconds says."""
    found = when(f"in {span.text}", now) if span.slot is Slot.DELAY else None
    return {} if found is None or found.at is None or found.repeat else dict(found.arguments())


def _options(device: Device | None, argument: str) -> tuple[str, ...]:
    options: list[str] = []
    for key in _OPTION_KEYS.get(argument, ()):
        told: Any = device.options.get(key, ()) if device is not None else ()
        if isinstance(told, Iterable) and not isinstance(told, str | Mapping):
            options += [option for option in told if isinstance(option, str)]
    return tuple(options)


def _plain(value: float) -> int | float:
    return int(value) if value == int(value) else value


Missing = Callable[[Mapping[str, Value]], bool]


def _lacks(*names: str) -> Missing:
    return lambda made: not any(name in made for name in names)


_REQUIRED: Final[Mapping[str, tuple[tuple[Missing, str], ...]]] = MappingProxyType(
    {
        "light.set": ((_lacks("brightness", "color", "color_temp", "effect"), "How bright, or which colour?"),),
        "fan.set_speed": ((_lacks("percentage"), "To which speed?"),),
        "cover.set_position": ((_lacks("position"), "How far open?"),),
        "cover.set_tilt": ((_lacks("tilt_position"), "How far tilted?"),),
        "valve.set_position": ((_lacks("position"), "How far open?"),),
        "climate.set_temperature": ((_lacks("temperature"), "To how many degrees?"),),
        "water_heater.set_temperature": ((_lacks("temperature"), "To how many degrees?"),),
        "humidifier.set_humidity": ((_lacks("humidity"), "To what humidity?"),),
        "media_player.volume_set": ((_lacks("volume_level"), "How loud?"),),
        "climate.set_mode": ((_lacks("mode"), "Which mode?"),),
        "climate.set_fan_mode": ((_lacks("fan_mode"), "Which fan mode?"),),
        "fan.set_mode": ((_lacks("mode"), "Which mode?"),),
        "humidifier.set_mode": ((_lacks("mode"), "Which mode?"),),
        "media_player.select_source": ((_lacks("source"), "Which source?"),),
        "select.select_option": ((_lacks("option"), "Which option?"),),
        "number.set_value": ((_lacks("value"), "To what value?"),),
        "text.set_value": ((_lacks("value"), "What shall it say?"),),
        "timer.start": ((_lacks("hours", "minutes", "seconds"), "For how long?"),),
        "timer.add": ((_lacks("hours", "minutes", "seconds"), "By how much?"),),
        "timer.subtract": ((_lacks("hours", "minutes", "seconds"), "By how much?"),),
        "alarm.set": ((_lacks("at", "after", "sun"), "For what time?"),),
        "reminder.set": (
            (_lacks("message"), "What shall I remind you of?"),
            (_lacks("at", "after", "sun", "condition"), "When?"),
        ),
        "todo.add_item": ((_lacks("item"), "What shall I add?"),),
        "todo.complete_item": ((_lacks("item"), "Which item?"),),
        "todo.remove_item": ((_lacks("item"), "Which item?"),),
        "assistant.broadcast": ((_lacks("message"), "What shall I say?"),),
        "notify.send_message": ((_lacks("message"), "What shall it say?"),),
    }
)


def missing(function: Function, made: Mapping[str, Value]) -> str | None:
    """The question to ask when a call lacks what it can't be carried out without."""
    return next((question for lacks, question in _REQUIRED.get(function.name, ()) if lacks(made)), None)
