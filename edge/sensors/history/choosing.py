"""Which series a device has: its state as a number or a word, and the attributes that measure something."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from edge.devices.model import Device
from edge.sensors.history.model import Counter, Sensor, Sort
from edge.sensors.history.units import normal

_TEXTS: Final = frozenset({"enum", "date", "timestamp"})
_STATES: Final = frozenset(
    {
        *("alarm_control_panel", "binary_sensor", "climate", "cover", "device_tracker", "fan", "humidifier"),
        *("input_boolean", "lawn_mower", "light", "lock", "media_player", "person", "siren", "switch", "vacuum"),
        *("valve", "water_heater", "weather"),
    }
)
_NUMBERS: Final = frozenset({"number", "input_number"})
_TEMPERATURE: Final = ("temperature", "")
_HUMIDITY: Final = ("humidity", "%")
_ATTRIBUTES: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {
    "climate": {
        "current_temperature": _TEMPERATURE,
        "temperature": _TEMPERATURE,
        "current_humidity": _HUMIDITY,
        "hvac_action": ("", "state"),
    },
    "water_heater": {"current_temperature": _TEMPERATURE, "temperature": _TEMPERATURE},
    "humidifier": {"current_humidity": _HUMIDITY, "humidity": _HUMIDITY},
    "weather": {"temperature": _TEMPERATURE, "humidity": _HUMIDITY, "pressure": ("pressure", "hPa")},
    "cover": {"current_position": ("", "%")},
    "vacuum": {"battery_level": ("battery", "%")},
}
"""By domain and attribute: the device class and the unit; `state` for what is no number."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What of a device is kept: the attribute it stands in (none: the state)."""

    sensor: Sensor
    attribute: str | None = None


class Choosing:
    """Says what of a device is kept; `temperature_unit` is the home's, which attributes are in."""

    def __init__(self, *, leave_out: tuple[str, ...] = (), temperature_unit: str = "°C") -> None:
        self._leave_out = leave_out
        self._temperature_unit = temperature_unit

    def of(self, device: Device, state: str | None) -> Iterator[Choice]:
        """The series of a device whose state is this; none yet where that does not show whether it is a number."""
        if device.category == "config" or any(fnmatchcase(device.id, pattern) for pattern in self._leave_out):
            return
        sort = _sort(device, state)
        if sort is not None:
            unit = normal(device.unit or "") if sort is Sort.NUMBER else ""
            counter = _counter(device) if sort is Sort.NUMBER else Counter.NO
            area, kind = device.area or "", device.device_class or ""
            yield Choice(Sensor(device.id, sort, device.name, unit, kind, area, counter))
        for attribute, (kind, unit) in _ATTRIBUTES.get(device.domain, {}).items():
            sort = Sort.STATE if unit == "state" else Sort.NUMBER
            unit = "" if unit == "state" else unit or self._temperature_unit
            name = f"{device.name} {attribute.replace('_', ' ')}"
            yield Choice(Sensor(f"{device.id}:{attribute}", sort, name, unit, kind, device.area or ""), attribute)


def _sort(device: Device, state: str | None) -> Sort | None:
    domain = device.domain
    if domain in _STATES:
        return Sort.STATE
    if domain in _NUMBERS:
        return Sort.NUMBER
    if domain != "sensor" or device.device_class in ("date", "timestamp"):
        return None
    if device.device_class in _TEXTS or "options" in device.options:
        return Sort.STATE
    if device.unit or device.device_class or "state_class" in device.options:
        return Sort.NUMBER
    if state is None:
        return None
    try:
        float(state)
    except ValueError:
        return Sort.STATE
    return Sort.NUMBER


def _counter(device: Device) -> Counter:
    given = device.options.get("state_class")
    return Counter(given) if given in (Counter.INCREASING, Counter.TOTAL) else Counter.NO
