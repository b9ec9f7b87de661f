"""Converts what sensors measure from one unit to another: temperature, pressure, energy, power, speed, volume, …"""

from collections.abc import Mapping
from typing import Final

from edge.sensors.errors import SensorError

_LINEAR: Final[Mapping[str, Mapping[str, float]]] = {
    "pressure": {
        "Pa": 1.0, "hPa": 100.0, "mbar": 100.0, "kPa": 1e3, "bar": 1e5, "cbar": 1e3, "MPa": 1e6,
        "psi": 6894.757293168, "inHg": 3386.389, "mmHg": 133.322387415, "inH₂O": 249.08891,
    },
    "energy": {
        "J": 1.0, "kJ": 1e3, "MJ": 1e6, "GJ": 1e9, "mWh": 3.6, "Wh": 3600.0, "kWh": 3.6e6, "MWh": 3.6e9, "GWh": 3.6e12,
        "cal": 4.184, "kcal": 4184.0, "BTU": 1055.05585262,
    },
    "power": {"mW": 1e-3, "W": 1.0, "kW": 1e3, "MW": 1e6, "GW": 1e9, "BTU/h": 0.29307107017222},
    "speed": {
        "mm/s": 1e-3, "m/s": 1.0, "km/h": 1 / 3.6, "mph": 0.44704, "kn": 1852 / 3600, "ft/s": 0.3048, "in/s": 0.0254,
    },
    "volume": {
        "mL": 1e-6, "L": 1e-3, "m³": 1.0, "ft³": 0.028316846592, "CCF": 2.8316846592, "gal": 0.003785411784,
        "fl. oz.": 2.95735295625e-5,
    },
    "flow": {
        "m³/s": 1.0, "m³/min": 1 / 60, "m³/h": 1 / 3600, "L/s": 1e-3, "L/min": 1e-3 / 60, "L/h": 1e-3 / 3600,
        "gal/min": 0.003785411784 / 60, "ft³/min": 0.028316846592 / 60,
    },
    "distance": {
        "mm": 1e-3, "cm": 1e-2, "m": 1.0, "km": 1e3, "in": 0.0254, "ft": 0.3048, "yd": 0.9144, "mi": 1609.344,
        "nmi": 1852.0,
    },
    "precipitation_intensity": {"mm/h": 1.0, "mm/d": 1 / 24, "in/h": 25.4, "in/d": 25.4 / 24},
    "weight": {"µg": 1e-9, "mg": 1e-6, "g": 1e-3, "kg": 1.0, "oz": 0.028349523125, "lb": 0.45359237, "st": 6.35029318},
    "duration": {"ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0},
    "current": {"mA": 1e-3, "A": 1.0},
    "voltage": {"µV": 1e-6, "mV": 1e-3, "V": 1.0, "kV": 1e3},
    "frequency": {"Hz": 1.0, "kHz": 1e3, "MHz": 1e6, "GHz": 1e9},
    "data_size": {
        "bit": 0.125, "B": 1.0, "kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "KiB": 1024.0, "MiB": 1024.0**2,
        "GiB": 1024.0**3, "TiB": 1024.0**4,
    },
    "concentration": {"ppb": 1e-3, "ppm": 1.0},
    "density": {"µg/m³": 1.0, "mg/m³": 1e3, "g/m³": 1e6},
}  # fmt: skip
"""What one of each is in the first that is 1.0, by quantity; the names are Home Assistant's."""

_TEMPERATURES: Final[Mapping[str, tuple[float, float]]] = {
    "°C": (1.0, 0.0),
    "°F": (5 / 9, -160 / 9),
    "K": (1.0, -273.15),
}
"""What to multiply by and to add for degrees Celsius."""

_SPELT: Final[Mapping[str, str]] = {
    "C": "°C", "F": "°F", "ºC": "°C", "ºF": "°F", "degC": "°C", "degF": "°F", "°K": "K", "kwh": "kWh", "KWh": "kWh",
    "l": "L", "ml": "mL", "m3": "m³", "m^3": "m³", "ft3": "ft³", "l/min": "L/min", "l/h": "L/h", "m3/h": "m³/h",
    "kmh": "km/h", "kph": "km/h", "ug/m³": "µg/m³", "μg/m³": "µg/m³", "ug/m3": "µg/m³", "µg/m3": "µg/m³", "hpa": "hPa",
    "lbs": "lb", "sec": "s", "hr": "h", "kts": "kn", "knots": "kn", "μV": "µV", "μg": "µg",
}  # fmt: skip
_QUANTITY: Final = {unit: quantity for quantity, units in _LINEAR.items() for unit in units}


def normal(unit: str) -> str:
    """The unit as Home Assistant spells it ("degC" is "°C"); one that is not known as it stands."""
    plain = unit.strip()
    return _SPELT.get(plain, plain)


def quantity_of(unit: str) -> str | None:
    """What a unit measures ("temperature", "energy"); None where it is not known."""
    plain = normal(unit)
    return "temperature" if plain in _TEMPERATURES else _QUANTITY.get(plain)


def convertible(unit: str, to: str) -> bool:
    """Whether both measure the same."""
    return normal(unit) == normal(to) or (quantity_of(unit) is not None and quantity_of(unit) == quantity_of(to))


def convert(value: float, unit: str, to: str, *, difference: bool = False) -> float:
    """The value in another unit; `difference`: of two values, for which 1 °C is 1.8 °F.

    Raises `SensorError` where they measure different things, or nobody knows what.
    """
    here, there = normal(unit), normal(to)
    if here == there:
        return value
    if not convertible(here, there):
        raise SensorError(f"{unit or 'no unit'} can't be told in {to or 'none'}: they measure different things")
    if here in _TEMPERATURES:
        (factor, offset), (divisor, taken) = _TEMPERATURES[here], _TEMPERATURES[there]
        celsius = value * factor + (0.0 if difference else offset)
        return _tidy((celsius - (0.0 if difference else taken)) / divisor)
    table = _LINEAR[_QUANTITY[here]]
    return _tidy(value * table[here] / table[there])


def _tidy(value: float) -> float:
    """Without the dust that binary fractions leave."""
    return float(f"{value:.12g}")
