"""What is watched where nobody has set anything: detectors by the sort of thing a sensor measures."""

from collections.abc import Mapping
from dataclasses import fields, replace
from itertools import pairwise
from typing import Any, Final

from edge.sensors.detectors import SETTINGS, AnySettings
from edge.sensors.detectors.counter import CounterSettings
from edge.sensors.detectors.drift import DriftSettings
from edge.sensors.detectors.limits import LimitsSettings
from edge.sensors.detectors.neighbours import NeighboursSettings
from edge.sensors.detectors.rate import RateSettings
from edge.sensors.detectors.shift import ShiftSettings
from edge.sensors.detectors.spike import SpikeSettings
from edge.sensors.detectors.stale import StaleSettings
from edge.sensors.detectors.state import StateSettings
from edge.sensors.detectors.stuck import StuckSettings
from edge.sensors.detectors.unusual import UnusualSettings
from edge.sensors.errors import SensorError
from edge.sensors.model import Severity

_MINUTE_S: Final = 60.0
_HOUR_S: Final = 3600.0
_DAY_S: Final = 86400.0
_CRITICAL: Final = Severity.CRITICAL
_INFO: Final = Severity.INFO
_OFTEN: Final = StaleSettings(unlearnt_s=_DAY_S)
"""What reports by itself, again and again."""
_SELDOM: Final = StaleSettings(times=3.0, least_s=2 * _DAY_S, unlearnt_s=7 * _DAY_S)
"""What reports when something happens."""


def _measured(step: float, *more: AnySettings, shift: float | None = None) -> tuple[AnySettings, ...]:
    """What suits a measured quantity; `step` is what a person would call a clear difference, in its unit."""
    return (
        _OFTEN,
        StuckSettings(),
        SpikeSettings(least=step),
        ShiftSettings(least=step if shift is None else shift),
        UnusualSettings(least=step),
        NeighboursSettings(least=step),
        *more,
    )


def _alert(*states: str, severity: Severity = _CRITICAL) -> tuple[AnySettings, ...]:
    return (_SELDOM, StateSettings(frozenset(states), severity=severity))


def _open(hold_s: float, times: float = 2.0, *, severity: Severity = Severity.WARNING) -> tuple[AnySettings, ...]:
    states = frozenset({"on", "open", "unlocked"})
    return (_SELDOM, StateSettings(hold_s=hold_s, times=times, states=states, severity=severity))


DEFAULTS: Final[Mapping[str, tuple[AnySettings, ...]]] = {
    "freezer": (
        _OFTEN,
        StuckSettings(),
        LimitsSettings(high=-12.0, low=-40.0, hysteresis=1.0, hold_s=45 * _MINUTE_S, severity=_CRITICAL),
        SpikeSettings(least=5.0),
        DriftSettings(least=1.5),
        ShiftSettings(least=2.0),
    ),
    "fridge": (
        _OFTEN,
        StuckSettings(),
        LimitsSettings(high=9.0, low=-1.5, hysteresis=0.5, hold_s=45 * _MINUTE_S),
        SpikeSettings(least=5.0),
        DriftSettings(least=1.5),
        ShiftSettings(least=1.5),
    ),
    "temperature": _measured(3.0, RateSettings(rise=12.0, over_s=10 * _MINUTE_S)),
    "machine_temperature": (_OFTEN, StuckSettings()),
    "indoor_temperature": _measured(
        2.0,
        LimitsSettings(high=40.0, low=4.0, hysteresis=1.0, hold_s=15 * _MINUTE_S),
        RateSettings(rise=12.0, over_s=10 * _MINUTE_S, severity=_CRITICAL),
    ),
    "outdoor_temperature": (_OFTEN, StuckSettings(), SpikeSettings(least=6.0), NeighboursSettings(least=3.0)),
    "humidity": _measured(12.0, LimitsSettings(high=85.0, low=15.0, hysteresis=3.0, hold_s=_DAY_S)),
    "outdoor_humidity": (_OFTEN,),
    "carbon_dioxide": _measured(
        300.0,
        LimitsSettings(high=2500.0, hysteresis=200.0, hold_s=15 * _MINUTE_S),
        DriftSettings(least=150.0, share=0.1),
    ),
    "pressure": (_OFTEN, StuckSettings(), SpikeSettings(least=10.0), NeighboursSettings(least=3.0)),
    "pm25": _measured(30.0, LimitsSettings(high=100.0, hysteresis=20.0, hold_s=30 * _MINUTE_S)),
    "power": (_OFTEN, ShiftSettings(least=50.0), UnusualSettings(least=100.0, times=2.5)),
    "energy": (_OFTEN, CounterSettings(run_least_s=None, still_least_s=2 * _DAY_S)),
    "water": (_SELDOM, CounterSettings(severity=_CRITICAL, still_least_s=None)),
    "gas": (_SELDOM, CounterSettings(run_least_s=24 * _HOUR_S, still_least_s=None)),
    "battery": (
        StaleSettings(times=3.0, least_s=2 * _DAY_S, unlearnt_s=7 * _DAY_S),
        LimitsSettings(low=15.0, hysteresis=5.0, hold_s=_HOUR_S),
        RateSettings(fall=15.0, over_s=_DAY_S),
    ),
    "soil_moisture": (_OFTEN, StuckSettings(times=4.0), LimitsSettings(low=12.0, hysteresis=4.0, hold_s=_HOUR_S)),
    "illuminance": (_OFTEN,),
    "seldom": (_SELDOM,),
    "voltage": (_OFTEN, SpikeSettings(), ShiftSettings(), DriftSettings(least=0.3, agree=0.9)),
    "number": (_SELDOM, StuckSettings(), SpikeSettings(), ShiftSettings(times=3.0), UnusualSettings(times=2.5)),
    "smoke": _alert("on"),
    "carbon_monoxide": _alert("on"),
    "gas_alarm": _alert("on"),
    "leak": _alert("on", "wet"),
    "intruder": _alert("triggered"),
    "tamper": _alert("on", severity=Severity.WARNING),
    "problem": _alert("on", severity=Severity.WARNING),
    "battery_low": _alert("on", severity=Severity.WARNING),
    "fridge_door": _open(4 * _MINUTE_S, times=0.0),
    "door": _open(20 * _MINUTE_S),
    "garage_door": _open(30 * _MINUTE_S),
    "window": _open(2 * _HOUR_S, severity=_INFO),
    "lock": _open(30 * _MINUTE_S),
    "state": (StaleSettings(times=3.0, least_s=7 * _DAY_S, unlearnt_s=14 * _DAY_S, severity=_INFO),),
}
"""By the name `sort_of` gives."""

_NUMBERS: Final = {
    "moisture": "soil_moisture",
    "humidity": "humidity",
    "atmospheric_pressure": "pressure",
    "pm10": "pm25",
    "apparent_power": "power",
    **dict.fromkeys(("irradiance", "precipitation_intensity", "wind_speed", "wind_direction"), "illuminance"),
    **dict.fromkeys(("signal_strength", "data_rate", "sound_pressure", "speed"), "illuminance"),
    **dict.fromkeys(("precipitation", "data_size", "duration", "distance", "monetary", "weight"), "seldom"),
}
_STATES: Final = {
    "moisture": "leak",
    "gas": "gas_alarm",
    "battery": "battery_low",
    "opening": "door",
    "power": "state",
}
_COLD: Final = {
    "freezer": "freezer",
    "deep freeze": "freezer",
    "fridge": "fridge",
    "refrigerator": "fridge",
    "icebox": "fridge",
}
_OUTSIDE: Final = frozenset(
    {
        *("outdoor", "outdoors", "outside", "garden", "balcony", "terrace", "patio", "porch", "yard", "weather"),
        *("greenhouse", "polytunnel", "shed", "carport", "pool", "pond", "roof", "exterior"),
    }
)
"""Words of names and areas where frost, sun and damp are no news."""
_MACHINES: Final = frozenset(
    {
        *("boiler", "flow", "return", "water", "buffer", "tank", "cylinder", "pipe", "radiator", "heater", "heating"),
        *("solar", "collector", "chimney", "flue", "exhaust", "stove", "fireplace", "oven", "hob", "grill", "sauna"),
        *("cpu", "gpu", "processor", "chip", "board", "disk", "ssd", "inverter", "charger", "motor", "engine"),
        *("printer", "nozzle", "extruder", "kettle", "dishwasher", "dryer", "washing", "compressor", "pump"),
    }
)
"""Words of names whose temperature goes up and down as they work."""
_ROOMS: Final = frozenset({"room", "house", "cupboard", "closet", "hall"})


def sort_of(device_class: str | None, name: str = "", area: str | None = None, *, numeric: bool = True) -> str:
    """The row of `DEFAULTS` for Home Assistant's device class; the name tells freezers, fridges and the outside."""
    words = f"{name} {area or ''}".lower().replace("_", " ")
    outside = not _OUTSIDE.isdisjoint(words.split()) or "north wall" in words
    given = device_class or ""
    if numeric and given == "temperature":
        cold = next((sort for word, sort in _COLD.items() if word in words), None)
        if cold is not None:
            return cold
        if _is_machine(name):
            return "machine_temperature"
        if outside:
            return "outdoor_temperature"
        return "indoor_temperature" if area else "temperature"
    if numeric and given == "humidity" and outside:
        return "outdoor_humidity"
    if not numeric and given in ("door", "opening") and any(word in words for word in _COLD):
        return "fridge_door"
    sort = (_NUMBERS if numeric else _STATES).get(given, given)
    known = DEFAULTS.get(sort)
    fits = known is not None and any(isinstance(one, StateSettings) for one in known) is not numeric
    return sort if fits else "number" if numeric else "state"


def _is_machine(name: str) -> bool:
    """Whether it is the pump that is measured; a pump room is a room."""
    words = name.lower().replace("_", " ").split()
    rooms = {word for word, following in pairwise(words) if following in _ROOMS}
    return not _MACHINES.isdisjoint(set(words) - rooms)


def with_changes(
    defaults: tuple[AnySettings, ...], changes: Mapping[str, Mapping[str, Any] | bool]
) -> tuple[AnySettings, ...]:
    """The defaults with a person's own: by key, `false` takes one away, a table sets its fields or adds one.

    Raise SensorError naming the key, the field and what was expected.
    """
    settings = {one.key: one for one in defaults}
    for key, change in changes.items():
        if change is False:
            settings.pop(key, None)
            continue
        settings[key] = _changed(key, settings.get(key), {} if change is True else change)
    return tuple(settings.values())


def _changed(key: str, now: AnySettings | None, change: Mapping[str, Any] | bool) -> AnySettings:
    name = key.partition("/")[0]
    kinds = {str(kind): kind for kind in SETTINGS}
    if name not in kinds:
        raise SensorError(f"{key!r} is no detector: there are {', '.join(sorted(kinds))}")
    if not isinstance(change, Mapping):
        raise SensorError(f"{key}: expected a table of settings, true or false, not {change!r}")
    base = now or SETTINGS[kinds[name]](key=key)
    known = {one.name: getattr(base, one.name) for one in fields(base)}
    values = {field: _value(f"{key}.{field}", field, known, value) for field, value in change.items()}
    return replace(base, **values)


def _value(where: str, field: str, known: Mapping[str, Any], value: Any) -> Any:
    if field not in known or field == "key":
        raise SensorError(f"{where} is unknown: there are {', '.join(sorted(set(known) - {'key'}))}")
    if field == "severity":
        if value not in set(Severity):
            raise SensorError(f"{where} = {value!r}: expected one of {', '.join(Severity)}")
        return Severity(value)
    if field == "states":
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise SensorError(f"{where} = {value!r}: expected a list of states' names")
        return frozenset(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < 1e300:
        raise SensorError(f"{where} = {value!r}: expected a number")
    return int(value) if isinstance(known[field], int) else float(value)
