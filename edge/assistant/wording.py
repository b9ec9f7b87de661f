"""What is said about actions: what happened, what was so already, what did not answer; by the states that came back."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from edge.assistant.model import Performed
from edge.assistant.naming import common_place, names, noun, plural
from edge.assistant.phrases import count, finite, joined, measured, number, sentence
from edge.devices.model import Device, DeviceState, Outcome, ServiceCall
from edge.devices.registry import Registry
from edge.router.model import Call

_BY_NAME: Final = 3
"""More devices than this are counted instead of named."""

_SENT: Final = {"scene": "{is} set", "script": "{has} been started", "button": "{has} been pressed"}
"""Things with no state that could come back: sending is all there is to do."""


def report(performed: Sequence[Performed], registry: Registry, notes: Sequence[str] = ()) -> str:
    """The whole reply about the calls of one utterance; devices that ended alike share a clause, and of several
    things that went well with one device the last is told.

    `notes` are sentences about what was not tried at all. Failures come last, so that they stay in the ear.
    """
    groups: dict[tuple[Outcome, str], dict[str, Device]] = {}
    last = {one.call.device: one for one in performed if one.went_well}
    for one in performed:
        device = registry.devices.get(one.call.device)
        if device is None or (one.went_well and one is not last[device.id]):
            continue
        groups.setdefault((one.outcome, _predicate(one, device)), {})[device.id] = device
    good: list[str] = []
    bad: list[str] = []
    for (outcome, predicate), devices in groups.items():
        clause = _clause(outcome, predicate, list(devices.values()), registry)
        (good if outcome in (Outcome.DONE, Outcome.ALREADY, Outcome.SENT) else bad).append(clause)
    first = [sentence(joined(good))] if len(good) <= _BY_NAME else [sentence(clause) for clause in good]
    return " ".join([text for text in first if text] + [sentence(clause) for clause in bad] + list(notes))


def _clause(outcome: Outcome, predicate: str, devices: list[Device], registry: Registry) -> str:
    many = len(devices) > 1 or plural(devices[0].name)
    if len(devices) > _BY_NAME:
        who = f"{count(len(devices))} {noun(devices, many=True)}{common_place(devices, registry)}"
    else:
        who = names(devices, registry)
    match outcome:
        case Outcome.DONE:
            return _conjugated(f"{who} {predicate}", many)
        case Outcome.ALREADY:
            return _conjugated(f"{who} {predicate}".replace("{is}", "{was} already"), many)
        case Outcome.SENT if said := _SENT.get(devices[0].domain):
            return _conjugated(f"{who} {said}", many)
        case Outcome.SENT:
            return f"I've told {who} to {predicate}"
        case Outcome.UNANSWERED:
            return f"{who} did not answer"
        case Outcome.UNAVAILABLE:
            return _conjugated(f"{who} {{is}} off line", many)
        case Outcome.UNSUPPORTED:
            return f"{who} can't {predicate}"
        case Outcome.REFUSED:
            return f"I left {who} as {'they are' if many else 'it is'}"


def _conjugated(text: str, many: bool) -> str:
    for one, several in (("{is}", "are"), ("{was}", "were"), ("{has}", "have")):
        text = text.replace(one, several if many else one[1:-1])
    return text


def _predicate(performed: Performed, device: Device) -> str:
    """What groups devices that ended alike: a statement for what is done, else what it was told or can't do."""
    call = performed.call
    match performed.outcome:
        case Outcome.DONE | Outcome.ALREADY:
            return statement(device, call, performed.after)
        case Outcome.SENT:
            return order(device, call)
        case Outcome.UNSUPPORTED:
            return order(device, call)
        case _:
            return ""


def order(device: Device, call: ServiceCall) -> str:
    """A service call as an order: "turn on", "close", "go to 20 percent"."""
    data = call.data
    for key, words in _ORDERS_BY_DATA.items():
        if key in data:
            return words.format(_shown(key, data[key], device))
    return _ORDERS.get(call.service) or call.service.replace("_", " ")


def ordered(device: Device, call: ServiceCall, who: str) -> str:
    """The order with whom it is for, as one says that: "turn off the lamp", "have the heating go to 20 degrees"."""
    said = order(device, call)
    return f"have {who} {said}" if any(key in call.data for key in _ORDERS_BY_DATA) else f"{said} {who}"


def _shown(key: str, value: object, device: Device) -> str:
    if not isinstance(value, int | float):
        return str(value).replace("_", " ")
    if key == "volume_level":
        value = value * 100
    if key in ("temperature", "target_temp_low", "target_temp_high"):
        return measured(value, device.unit or "°C")
    return number(value)


_ORDERS_BY_DATA: Final = {
    "brightness_pct": "go to {} percent",
    "color_name": "turn {}",
    "color_temp_kelvin": "go to {} kelvin",
    "effect": "show the effect {}",
    "percentage": "go to {} percent",
    "preset_mode": "go into the mode {}",
    "hvac_mode": "go into the mode {}",
    "fan_mode": "set its fan to {}",
    "mode": "go into the mode {}",
    "position": "go to {} percent",
    "tilt_position": "tilt to {} percent",
    "temperature": "go to {}",
    "target_temp_low": "go to {}",
    "humidity": "go to {} percent humidity",
    "volume_level": "go to volume {} percent",
    "source": "switch to {}",
    "media_content_id": "play {}",
    "option": "go to {}",
    "value": "go to {}",
    "area": "clean {}",
}
_ORDERS: Final = {
    "turn_on": "turn on",
    "turn_off": "turn off",
    "open_cover": "open",
    "close_cover": "close",
    "stop_cover": "stop",
    "open_valve": "open",
    "close_valve": "close",
    "stop_valve": "stop",
    "lock": "lock",
    "unlock": "unlock",
    "oscillate": "swing",
    "increase_speed": "go faster",
    "decrease_speed": "go slower",
    "media_play": "play",
    "media_pause": "pause",
    "media_stop": "stop",
    "media_next_track": "go to the next track",
    "media_previous_track": "go to the previous track",
    "volume_up": "go louder",
    "volume_down": "go quieter",
    "volume_mute": "mute",
    "start": "start",
    "stop": "stop",
    "pause": "pause",
    "return_to_base": "go back to its base",
    "locate": "make itself heard",
    "start_mowing": "start mowing",
    "dock": "go back to its dock",
    "alarm_arm_home": "arm at home",
    "alarm_arm_away": "arm away",
    "alarm_arm_night": "arm for the night",
    "alarm_arm_vacation": "arm for the holidays",
    "alarm_disarm": "disarm",
    "press": "do its work",
    "send_message": "pass the message on",
}


def instruction(call: Call, registry: Registry) -> str:
    """A call as somebody would say it: "unlock the front door", "set the bedroom lamp to 20 percent"."""
    if call.arguments.get("order"):
        return str(call.arguments["order"])
    devices = [registry.devices[target] for target in call.targets if target in registry.devices]
    if len(devices) > _BY_NAME:
        who = f"{count(len(devices))} {noun(devices, many=True)}{common_place(devices, registry)}"
    else:
        who = names(devices, registry) or str(call.arguments.get("name") or "it")
    verb = call.function.partition(".")[2]
    value = next((_told(key, call.arguments[key]) for key in _TOLD if call.arguments.get(key) is not None), "")
    if verb in ("set", "arm") or verb.startswith(("set_", "select_", "volume_set")):
        start = "arm" if verb == "arm" else "set"
        return f"{start} {who}{f' to {value}' if value else ''}"
    return f"{_INSTRUCTIONS.get(verb) or verb.replace('_', ' ')} {who}"


def _told(key: str, value: object) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{number(value)}{_TOLD[key]}"
    return str(value)


_TOLD: Final = {
    "brightness": " percent",
    "percentage": " percent",
    "position": " percent",
    "tilt_position": " percent",
    "humidity": " percent",
    "volume_level": " percent",
    "temperature": " degrees",
    "color": "",
    "color_temp": " kelvin",
    "effect": "",
    "mode": "",
    "fan_mode": "",
    "source": "",
    "option": "",
    "value": "",
}
_INSTRUCTIONS: Final = {
    "play_media": "play that on",
    "next": "skip the track on",
    "previous": "go back a track on",
    "increase_speed": "speed up",
    "decrease_speed": "slow down",
    "increase_temperature": "turn up",
    "decrease_temperature": "turn down",
    "volume_up": "turn up",
    "volume_down": "turn down",
    "return_to_base": "send back",
    "send_message": "send the message to",
    "start_mowing": "start",
}


# What a state says ------------------------------------------------------------------------------------------------


def statement(device: Device, call: ServiceCall, state: DeviceState) -> str:
    """What the device is now, in view of what was asked, with `{is}` for the verb; from `state`, not from the call."""
    if device.domain in _ONE_SHOT:
        return _ONE_SHOT[device.domain]
    if call.service in _DONE_ONCE:
        return _DONE_ONCE[call.service]
    if device.domain == "light" and state.state == "on":
        return _light(device, call.data, state.attributes)
    said = _by_attribute(device, call, state)
    return said or condition(device, state)


def _light(device: Device, data: Mapping[str, Any], attributes: Mapping[str, Any]) -> str:
    parts = []
    modes = set(device.options.get("supported_color_modes") or ())
    lacks = ""
    if "brightness_pct" in data or "brightness" in data:
        brightness = attributes.get("brightness")
        if isinstance(brightness, int | float):
            parts.append(f"at {max(1, round(brightness / 255 * 100))} percent")
        elif modes and modes <= {"onoff"}:
            lacks = ", but can't be dimmed"
    if "color_name" in data:
        if modes and not modes & _COLORED:
            lacks = ", but can't change colour"
        else:
            parts.append(str(data["color_name"]))
    if "color_temp_kelvin" in data:
        kelvin = attributes.get("color_temp_kelvin")
        parts.append(f"at {round(kelvin)} kelvin" if isinstance(kelvin, int | float) else "white")
    if "effect" in data:
        parts.append(f"showing {attributes.get('effect') or data['effect']}")
    return f"{{is}} {joined(parts) or 'on'}{lacks}"


_COLORED: Final = frozenset({"hs", "rgb", "rgbw", "rgbww", "xy"})


def _by_attribute(device: Device, call: ServiceCall, state: DeviceState) -> str | None:
    for key, (attribute, words) in _STATEMENTS.items():
        value = state.attributes.get(attribute)
        if key not in call.data or value is None:
            continue
        if key == "position" and state.state in ("opening", "closing"):
            return f"{{is}} moving to {number(call.data[key])} percent"
        said = words.format(_shown(attribute, value, device), is_="{is}")
        return f"{said}, but off" if state.state == "off" else said
    if call.service == "volume_mute":
        return "{is} muted" if state.attributes.get("is_volume_muted") else "{is} no longer muted"
    return None


_STATEMENTS: Final = {
    "percentage": ("percentage", "{is_} at {} percent"),
    "position": ("current_position", "{is_} at {} percent"),
    "tilt_position": ("current_tilt_position", "{is_} tilted to {} percent"),
    "temperature": ("temperature", "{is_} set to {}"),
    "target_temp_low": ("target_temp_low", "{is_} set to {} and more"),
    "humidity": ("humidity", "{is_} set to {} percent"),
    "volume_level": ("volume_level", "{is_} at volume {} percent"),
    "preset_mode": ("preset_mode", "{is_} in {} mode"),
    "fan_mode": ("fan_mode", "{is_} at fan mode {}"),
    "mode": ("mode", "{is_} in {} mode"),
    "source": ("source", "{is_} on {}"),
}
_ONE_SHOT: Final = {
    "scene": "{is} set",
    "script": "{is} running",
    "button": "{was} pressed",
    "notify": "{has} the message",
}
_DONE_ONCE: Final = {
    "oscillate": "{is} swinging",
    "locate": "{is} making itself heard",
    "stop_cover": "{is} stopped",
    "stop_valve": "{is} stopped",
    "media_next_track": "{is} on the next track",
    "media_previous_track": "{is} on the previous track",
}


def condition(device: Device, state: DeviceState) -> str:
    """A device's state as a predicate: "{is} on", "{is} locked", "{is} at 21.4 degrees"."""
    word = state.state
    if word is None:
        return "{has} not reported yet"
    named = _CONDITIONS.get(device.domain, {}).get(word)
    if named:
        return named
    if device.domain == "binary_sensor":
        on, off = _BINARY.get(device.device_class or "", ("{is} on", "{is} off"))
        return on if word == "on" else off
    if device.domain in ("sensor", "number"):
        value = finite(word)
        if value is not None:
            return f"{{is}} at {measured(value, device.unit)}"
    if device.domain in ("select", "text"):
        return f"{{is}} set to {word}"
    return f"{{is}} {word.replace('_', ' ')}"


_CONDITIONS: Final[Mapping[str, Mapping[str, str]]] = {
    "climate": {
        "heat": "{is} heating",
        "cool": "{is} cooling",
        "heat_cool": "{is} in heat and cool mode",
        "auto": "{is} in automatic mode",
        "dry": "{is} drying",
        "fan_only": "{is} in fan mode",
    },
    "vacuum": {"docked": "{is} in the dock", "returning": "{is} going back to the base"},
    "lawn_mower": {"docked": "{is} in the dock", "returning": "{is} going back to the dock"},
    "alarm_control_panel": {
        "armed_home": "{is} armed at home",
        "armed_away": "{is} armed away",
        "armed_night": "{is} armed for the night",
        "armed_vacation": "{is} armed for the holidays",
    },
    "person": {"home": "{is} at home", "not_home": "{is} away"},
    "device_tracker": {"home": "{is} at home", "not_home": "{is} away"},
}
_BINARY: Final = {
    "door": ("{is} open", "{is} closed"),
    "window": ("{is} open", "{is} closed"),
    "garage_door": ("{is} open", "{is} closed"),
    "opening": ("{is} open", "{is} closed"),
    "lock": ("{is} unlocked", "{is} locked"),
    "motion": ("{is} seeing motion", "{is} seeing no motion"),
    "occupancy": ("{is} occupied", "{is} clear"),
    "presence": ("{is} seeing somebody", "{is} seeing nobody"),
    "moisture": ("{is} wet", "{is} dry"),
    "smoke": ("{is} detecting smoke", "{is} clear"),
    "gas": ("{is} detecting gas", "{is} clear"),
    "carbon_monoxide": ("{is} detecting carbon monoxide", "{is} clear"),
    "battery": ("{is} low", "{is} normal"),
    "battery_charging": ("{is} charging", "{is} not charging"),
    "connectivity": ("{is} connected", "{is} disconnected"),
    "plug": ("{is} plugged in", "{is} unplugged"),
    "problem": ("{has} a problem", "{has} no problem"),
    "tamper": ("{is} being tampered with", "{is} untouched"),
    "vibration": ("{is} vibrating", "{is} still"),
}
