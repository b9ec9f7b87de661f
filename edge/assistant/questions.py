"""Answers questions about devices, measured values, the weather and the time from what the registry knows now; pure."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from statistics import fmean
from typing import Final

from edge.assistant.naming import common_place, device_name, in_area, names, noun, plural
from edge.assistant.phrases import calendar, clock, count, counted, finite, joined, measured, sentence
from edge.assistant.wording import condition
from edge.devices.model import Area, Device, DeviceState
from edge.devices.registry import Registry
from edge.devices.words import tokens
from edge.router.model import Call
from edge.schedule.clock import Clock

ANSWERED: Final = frozenset(
    {"state.get", "sensor.query", "climate.get_temperature", "weather.get", "time.get", "date.get"}
)
"""The functions `answer` takes."""

MEASURED: Final = frozenset({"sensor.query", "climate.get_temperature", "weather.get"})
"""Those of them that are about measured values."""

_LISTED: Final = 8
"""More devices than this are counted, not read out."""


def answer(call: Call, registry: Registry, clock_: Clock) -> str:
    """The answer to one question, a sentence or two; says so where nothing is known."""
    match call.function:
        case "time.get":
            return _time(clock_)
        case "date.get":
            return _date(call, clock_)
        case "weather.get":
            return _weather(call, registry)
        case "climate.get_temperature":
            return _temperature(call, registry)
        case "sensor.query":
            return _measure(call, registry)
        case _:
            return _state(call, registry)


# States ------------------------------------------------------------------------------------------------------------


def _state(call: Call, registry: Registry) -> str:
    devices = _targets(call, registry)
    wanted = call.arguments.get("state")
    aggregate = str(call.arguments.get("aggregate") or "")
    if aggregate in _PAST or call.arguments.get("start"):
        return _NO_HISTORY
    if not devices:
        return "I found nothing of that kind here."
    if not isinstance(wanted, str) or not wanted:
        return _what_is(devices, registry)
    wanted = wanted.casefold().replace(" ", "_")
    known = [device for device in devices if registry.state(device.id).state is not None]
    fits = [device for device in known if _is(device, registry.state(device.id), wanted)]
    said = _state_word(wanted)
    if not known:
        return f"I don't know: {names(devices[:_LISTED], registry)} {_has(devices)} not reported yet."
    if len(devices) == 1:
        yes, predicate = "Yes" if fits else "No", _condition(devices[0], registry)
        if fits and said == "on" and said not in predicate.split():
            predicate = f"{{is}} on: {predicate.removeprefix('{is} ')}"
        return f"{yes}, {device_name(devices[0], registry)} {_agreed(predicate, devices)}."
    if aggregate == "count":
        return sentence(f"{_quantity(fits, devices)}{common_place(devices, registry)} {_be(len(fits))} {said}")
    if aggregate == "which":
        return sentence(_which(fits, devices, said, registry))
    return _yes_no(fits, devices, said, aggregate, registry)


def _yes_no(fits: Sequence[Device], devices: Sequence[Device], said: str, aggregate: str, registry: Registry) -> str:
    place = common_place(devices, registry)
    if aggregate == "any":
        if not fits:
            return f"No, no {noun(devices, many=False)}{place} is {said}."
        return f"Yes, {_which(fits, devices, said, registry)}."
    others = [device for device in devices if device not in fits]
    if not others:
        every = "both" if len(devices) == 2 else f"all {count(len(devices))}"
        return f"Yes, {every} {noun(devices, many=True)}{place} are {said}."
    if not fits:
        return f"No, no {noun(devices, many=False)}{place} is {said}."
    if len({_condition(device, registry) for device in others}) == 1:
        opposite = _agreed(_condition(others[0], registry), others)
        who = counted(len(others), noun(others, many=False), noun(others, many=True))
        return f"No, {who} {opposite}: {_listing(others, registry)}."
    return f"No, {_be(len(others))} not {said}: {_listing(others, registry)}."


def _which(fits: Sequence[Device], devices: Sequence[Device], said: str, registry: Registry) -> str:
    if not fits:
        return f"no {noun(devices, many=False)}{common_place(devices, registry)} is {said}"
    if len(fits) > _LISTED:
        return f"{_quantity(fits, devices)}{common_place(devices, registry)} are {said}"
    return f"{names(fits, registry)} {_be(len(fits) + plural(fits[0].name))} {said}"


def _what_is(devices: Sequence[Device], registry: Registry) -> str:
    groups: dict[str, list[Device]] = {}
    for device in devices:
        groups.setdefault(_condition(device, registry), []).append(device)
    clauses = []
    for predicate, some in groups.items():
        who = names(some, registry) if len(some) <= _LISTED else f"{count(len(some))} {noun(some, many=True)}"
        clauses.append(f"{who} {_agreed(predicate, some)}")
    if len(clauses) > _LISTED:
        return f"I know {count(len(devices))} of them; ask me about one."
    return sentence(joined(clauses) + _details(devices, registry))


def _details(devices: Sequence[Device], registry: Registry) -> str:
    """What else is worth saying of a single device: how bright, how loud, what plays, how far open."""
    if len(devices) != 1:
        return ""
    state = registry.state(devices[0].id)
    attributes = state.attributes
    brightness = attributes.get("brightness")
    if devices[0].domain == "light" and state.state == "on" and isinstance(brightness, int | float):
        return f", at {max(1, round(brightness / 255 * 100))} percent"
    position = attributes.get("current_position")
    if devices[0].domain in ("cover", "valve") and isinstance(position, int | float) and 0 < position < 100:
        return f", at {round(position)} percent"
    title = attributes.get("media_title")
    if devices[0].domain == "media_player" and title and state.state in ("playing", "paused"):
        artist = attributes.get("media_artist")
        return f": {title}" + (f" by {artist}" if artist else "")
    temperature = attributes.get("temperature")
    if devices[0].domain in ("climate", "water_heater") and isinstance(temperature, int | float):
        return f" and set to {measured(temperature, devices[0].unit or '°C')}"
    return ""


def _is(device: Device, state: DeviceState, wanted: str) -> bool:
    actual = str(state.state).casefold()
    if not state.available:
        return wanted == "unavailable"
    if device.domain == "binary_sensor":
        return (actual == "on") == (wanted in _BINARY_ON)
    if wanted == "on":
        return actual not in _OFF
    if wanted == "armed":
        return actual.startswith("armed")
    if wanted in ("open", "closed") and device.domain == "lock":
        return actual == ("unlocked" if wanted == "open" else "locked")
    if wanted == "off" and device.domain == "media_player":
        return actual in ("off", "standby")
    return actual == wanted


_BINARY_ON: Final = frozenset(
    {
        "on",
        "open",
        "unlocked",
        "detected",
        "wet",
        "home",
        "occupied",
        "low",
        "charging",
        "connected",
        "moving",
        "unsafe",
    }
)
_OFF: Final = frozenset({"off", "closed", "standby", "idle", "docked", "disarmed", "unavailable", "unknown", "none"})
_PAST: Final = frozenset({"count_changes", "total_time", "last_changed", "trend"})
_NO_HISTORY: Final = "I don't keep a history yet, so I only know how things are now."


def _state_word(wanted: str) -> str:
    return {"home": "at home", "not_home": "away"}.get(wanted, wanted.replace("_", " "))


def _condition(device: Device, registry: Registry) -> str:
    state = registry.state(device.id)
    return condition(device, state) if state.available else "{is} off line"


def _agreed(predicate: str, devices: Sequence[Device]) -> str:
    many = len(devices) > 1 or plural(devices[0].name)
    for one, several in (("{is}", "are"), ("{was}", "were"), ("{has}", "have")):
        predicate = predicate.replace(one, several if many else one[1:-1])
    return predicate


def _has(devices: Sequence[Device]) -> str:
    return _agreed("{has}", devices)


def _be(number: int) -> str:
    return "is" if number == 1 else "are"


def _quantity(fits: Sequence[Device], devices: Sequence[Device]) -> str:
    return f"{count(len(fits))} {noun(fits or devices, many=len(fits) != 1)}"


def _listing(devices: Sequence[Device], registry: Registry) -> str:
    rest = len(devices) - _LISTED
    if rest <= 0:
        return names(devices, registry)
    return joined([*(device_name(device, registry) for device in devices[:_LISTED]), f"{rest} more"])


def _targets(call: Call, registry: Registry) -> list[Device]:
    return [registry.devices[target] for target in call.targets if target in registry.devices]


# Measured values ---------------------------------------------------------------------------------------------------


def _reading(device: Device, registry: Registry, measure: str) -> tuple[float, str | None] | None:
    """A device's value of a measure with its unit: a sensor's state, or the attribute of another device."""
    state = registry.state(device.id)
    if not state.available:
        return None
    if device.domain in ("sensor", "number"):
        value: object = state.state
    else:
        value = next(
            (state.attributes[name] for name in _ATTRIBUTES.get(measure, ()) if name in state.attributes), None
        )
    read = finite(value)
    return None if read is None else (read, device.unit or _DEFAULT_UNITS.get(measure))


_ATTRIBUTES: Final[Mapping[str, tuple[str, ...]]] = {
    "temperature": ("current_temperature", "temperature"),
    "humidity": ("current_humidity", "humidity"),
    "battery": ("battery_level", "battery"),
    "pressure": ("pressure",),
    "wind_speed": ("wind_speed",),
}
_DEFAULT_UNITS: Final = {"temperature": "°C", "humidity": "%", "battery": "%", "moisture": "%"}
_LOW_PERCENT: Final = 20.0
"""A battery with no more than this is to be changed soon."""
_COMBINED: Final[Mapping[str, tuple[str, Callable[[Sequence[float]], float]]]] = {
    "average": ("on average", fmean),
    "minimum": ("at the least", min),
    "maximum": ("at the most", max),
    "sum": ("altogether", sum),
}


def _measure(call: Call, registry: Registry) -> str:
    aggregate = str(call.arguments.get("aggregate") or "")
    if call.arguments.get("start") or call.arguments.get("end") or aggregate in _PAST:
        return _NO_HISTORY
    devices = _targets(call, registry)
    measure = str(call.arguments.get("measure") or call.arguments.get("device_class") or "")
    if not devices:
        return f"I found no sensor for the {measure.replace('_', ' ')} here." if measure else "I found no such sensor."
    if not measure and len({device.device_class for device in devices}) == 1:
        measure = devices[0].device_class or ""
    readings = [(device, reading) for device in devices if (reading := _reading(device, registry, measure)) is not None]
    if not readings:
        return _what_is(devices, registry)
    if len(readings) > 1 and measure == "battery" and aggregate == "minimum":
        return _batteries(readings, registry)
    if len(readings) > 1 and aggregate in _COMBINED:
        return _combined(aggregate, readings, registry)
    if len(readings) == 1:
        return _one_reading(*readings[0], measure, registry)
    shown = readings[:_LISTED]
    said = [f"{measured(*reading)} {_where(device, registry)}" for device, reading in shown]
    return sentence(joined(said))


def _batteries(readings: Sequence[tuple[Device, tuple[float, str | None]]], registry: Registry) -> str:
    """Those that are low, the emptiest first; where none is, the emptiest."""
    by_level = sorted(readings, key=lambda one: one[1][0])
    low = [one for one in by_level if one[1][0] <= _LOW_PERCENT][:_LISTED]
    said = [f"{device_name(device, registry)} is at {measured(*reading)}" for device, reading in low or by_level[:1]]
    return sentence(joined(said) if low else f"none is low: {said[0]}, and the others are above that")


def _combined(aggregate: str, readings: Sequence[tuple[Device, tuple[float, str | None]]], registry: Registry) -> str:
    how, combine = _COMBINED[aggregate]
    values = [value for _, (value, _) in readings]
    result = combine(values)
    unit = readings[0][1][1]
    if aggregate in ("minimum", "maximum"):
        device = readings[values.index(result)][0]
        return sentence(f"{measured(result, unit)} {_where(device, registry)}")
    return sentence(f"{measured(result, unit)} {how}{common_place([device for device, _ in readings], registry)}")


def _one_reading(device: Device, reading: tuple[float, str | None], measure: str, registry: Registry) -> str:
    said = measured(*reading)
    area = registry.areas.get(device.area or "")
    if measure == "temperature" and area is not None and _of_the_air(device, area):
        return f"It is {said} {in_area(area)}."
    if measure in ("temperature", "humidity") and area is not None and _of_the_air(device, area):
        return f"The {measure} {in_area(area)} is {said}."
    what = device_name(device, registry)
    if not measure or set(tokens(measure.replace("_", " "))) <= set(tokens(device.name)) or device.domain == "sensor":
        return sentence(f"{what} {'are' if plural(device.name) else 'is'} at {said}")
    return sentence(f"{what}: {measure.replace('_', ' ')} {said}")


def _of_the_air(device: Device, area: Area) -> bool:
    """Whether a sensor measures its room: what heats or cools does; others by their names, which say no more than the
    room, the measure and "sensor"."""
    if device.domain == "climate":
        return True
    room = {word for name in (area.name, *area.aliases) for word in tokens(name)}
    plain = {
        "temperature",
        "humidity",
        "sensor",
        "thermometer",
        "room",
        "thermostat",
        "indoor",
        "inside",
        "air",
        "heating",
    }
    return set(tokens(device.name)) <= room | plain | {"outdoor", "outside", "hygrometer", "radiator", "climate"}


def _where(device: Device, registry: Registry) -> str:
    area = registry.areas.get(device.area or "")
    if area is not None and _of_the_air(device, area):
        return in_area(area)
    return f"at {device_name(device, registry)}"


def _temperature(call: Call, registry: Registry) -> str:
    devices = _targets(call, registry)
    arguments = {**call.arguments, "measure": "temperature"}
    by_domain = sorted(devices, key=lambda device: device.domain != "sensor")
    for device in by_domain:
        reading = _reading(device, registry, "temperature")
        if reading is not None and len({one.area for one in devices}) == 1:
            return _one_reading(device, reading, "temperature", registry)
    return _measure(Call("sensor.query", arguments, tuple(device.id for device in by_domain)), registry)


# Weather and time --------------------------------------------------------------------------------------------------


def _weather(call: Call, registry: Registry) -> str:
    devices = _targets(call, registry) or [registry.devices[one] for one in registry.of_kind("weather")]
    if not devices:
        return "I know no weather: no weather device has been found, and I look nothing up."
    if call.arguments.get("at") or call.arguments.get("start"):
        return "I have no forecast, only the weather as it is now."
    device = devices[0]
    state = registry.state(device.id)
    if state.state is None or not state.available:
        return sentence(f"{device_name(device, registry)} has not reported yet")
    said = _SKIES.get(state.state, state.state.replace("-", " "))
    details = []
    temperature = state.attributes.get("temperature")
    if isinstance(temperature, int | float):
        details.append(measured(temperature, str(state.attributes.get("temperature_unit") or "°C")))
    wind = state.attributes.get("wind_speed")
    if isinstance(wind, int | float):
        details.append(f"a wind of {measured(wind, str(state.attributes.get('wind_speed_unit') or 'km/h'))}")
    return sentence(f"it is {said}" + (f", with {joined(details)}" if details else ""))


_SKIES: Final = {
    "clear-night": "clear",
    "partlycloudy": "partly cloudy",
    "lightning-rainy": "raining with thunder",
    "lightning": "thundering",
    "pouring": "pouring",
    "rainy": "raining",
    "snowy": "snowing",
    "snowy-rainy": "raining and snowing",
    "hail": "hailing",
    "exceptional": "exceptional weather",
}


def _doubt(clock_: Clock) -> str:
    return "" if clock_.trusted else ", if my clock is right: nothing has set it since I started"


def _time(clock_: Clock) -> str:
    return f"It is {clock(clock_.now())}{_doubt(clock_)}."


def _date(call: Call, clock_: Clock) -> str:
    today = clock_.now().date()
    day = _day(call.arguments.get("at") or call.arguments.get("start")) or today
    if day == today:
        return f"Today is {calendar(day)}{_doubt(clock_)}."
    if day == today + timedelta(days=1):
        return f"Tomorrow is {calendar(day)}{_doubt(clock_)}."
    if day == today - timedelta(days=1):
        return f"Yesterday was {calendar(day)}{_doubt(clock_)}."
    return f"That {'is' if day > today else 'was'} {calendar(day)}{_doubt(clock_)}."


def _day(text: object) -> date | None:
    try:
        return datetime.fromisoformat(str(text)).date() if text else None
    except ValueError:
        return None
