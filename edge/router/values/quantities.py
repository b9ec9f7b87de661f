"""Units of measured values as they are said: "degrees", "kilometres an hour", "ppm"; and what each measures."""

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

DEGREES: Final = "°"
"""Degrees of the home's own scale."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """What a unit measures: Home Assistant's device classes for it, the likeliest first, and every unit of it."""

    measures: tuple[str, ...]
    units: frozenset[str]


def _quantity(measures: str, units: str) -> Quantity:
    return Quantity(tuple(measures.split()), frozenset(units.split()))


_TEMPERATURE: Final = _quantity("temperature", "°C °F K ° C F")
_RATIO: Final = _quantity("humidity moisture battery", "%")
_PARTS: Final = _quantity("carbon_dioxide volatile_organic_compounds_parts carbon_monoxide", "ppm ppb")
_POWER: Final = _quantity("power", "W kW MW mW BTU/h")
_ENERGY: Final = _quantity("energy", "Wh kWh MWh J kJ MJ")
_PRESSURE: Final = _quantity("pressure atmospheric_pressure", "bar mbar hPa kPa Pa psi inHg mmHg cbar MPa")
_SPEED: Final = _quantity("wind_speed speed", "km/h m/s mph kn ft/s mm/s")
_SOUND: Final = _quantity("sound_pressure signal_strength", "dB dBA dBm")
_LIGHT: Final = _quantity("illuminance", "lx")
_DENSITY: Final = _quantity("pm25 pm10 pm1 volatile_organic_compounds", "µg/m³ μg/m³ mg/m³")
_VOLUME: Final = _quantity("water volume volume_storage gas", "L mL m³ ft³ gal")
_FLOW: Final = _quantity("volume_flow_rate", "L/min L/h m³/h m³/s L/s gal/min")
_LENGTH: Final = _quantity("distance precipitation", "mm cm m km in ft")
_VOLTAGE: Final = _quantity("voltage", "V mV kV µV")
_CURRENT: Final = _quantity("current", "A mA")
_FREQUENCY: Final = _quantity("frequency", "Hz kHz MHz")
_WEIGHT: Final = _quantity("weight", "kg g mg lb oz st")

_SAID: Final = (
    (DEGREES, _TEMPERATURE, "degrees, degree, °, degs, deg"),
    ("°C", _TEMPERATURE, "celsius, centigrade, celcius, ° c, c, degree c, degrees c"),
    ("°F", _TEMPERATURE, "fahrenheit, farenheit, fahrenheits, ° f, f, degrees f, degree f"),
    ("%", _RATIO, "percent, %, per cent, percents, percentage points, points"),
    ("ppm", _PARTS, "ppm, parts per million, p p m, parts"),
    ("ppb", _PARTS, "ppb, parts per billion"),
    ("W", _POWER, "watts, watt, w"),
    ("kW", _POWER, "kilowatts, kilowatt, kw, kws"),
    ("Wh", _ENERGY, "watt hours, watt hour, wh"),
    ("kWh", _ENERGY, "kilowatt hours, kilowatt hour, kwh, kilowatthours"),
    ("bar", _PRESSURE, "bar, bars"),
    ("mbar", _PRESSURE, "millibar, millibars, mbar, hectopascal, hectopascals, hpa"),
    ("kPa", _PRESSURE, "kilopascal, kilopascals, kpa"),
    ("psi", _PRESSURE, "psi, pounds per square inch"),
    ("km/h", _SPEED, "kilometres an hour, kilometers an hour, kilometres per hour, kilometers per hour, km / h, kmh"),
    ("km/h", _SPEED, "kph, kilometre an hour, k p h, km an hour, km per hour, kilometres, kilometers"),
    ("m/s", _SPEED, "metres a second, meters a second, metres per second, meters per second, m / s, metre a second"),
    ("mph", _SPEED, "miles an hour, miles per hour, mph, mile an hour, m p h"),
    ("kn", _SPEED, "knots, knot, kn"),
    ("dB", _SOUND, "decibels, decibel, db"),
    ("lx", _LIGHT, "lux, lx"),
    ("µg/m³", _DENSITY, "micrograms per cubic metre, micrograms per cubic meter, micrograms, microgram, ug, µg"),
    ("L", _VOLUME, "litres, liters, litre, liter, l"),
    ("m³", _VOLUME, "cubic metres, cubic meters, cubic metre, cubic meter"),
    ("gal", _VOLUME, "gallons, gallon"),
    ("L/min", _FLOW, "litres a minute, liters a minute, litres per minute, liters per minute, l / min"),
    ("L/h", _FLOW, "litres an hour, liters an hour, litres per hour, liters per hour"),
    ("mm", _LENGTH, "millimetres, millimeters, millimetre, millimeter, mm"),
    ("cm", _LENGTH, "centimetres, centimeters, centimetre, centimeter, cm"),
    ("m", _LENGTH, "metres, meters, metre, meter, m"),
    ("V", _VOLTAGE, "volts, volt, v"),
    ("mV", _VOLTAGE, "millivolts, millivolt, mv"),
    ("A", _CURRENT, "amps, amp, amperes, ampere, a"),
    ("mA", _CURRENT, "milliamps, milliamp, ma"),
    ("Hz", _FREQUENCY, "hertz, hz"),
    ("kg", _WEIGHT, "kilograms, kilogram, kilos, kilo, kg"),
    ("g", _WEIGHT, "grams, gram, g"),
)
_UNITS: Final = MappingProxyType({tuple(said.split()): unit for unit, _, all_ in _SAID for said in all_.split(", ")})
_QUANTITIES: Final = MappingProxyType({unit: quantity for unit, quantity, _ in _SAID})
_LONGEST: Final = max(map(len, _UNITS))


def read_unit(tokens: Sequence[str], at: int) -> tuple[str, int] | None:
    """The unit that is said from a token on, as Home Assistant writes it, and where it ends."""
    for size in range(min(_LONGEST, len(tokens) - at), 0, -1):
        unit = _UNITS.get(tuple(tokens[at : at + size]))
        if unit == DEGREES and (scale := _UNITS.get(tuple(tokens[at + size : at + size + 1]), "")) in {"°C", "°F"}:
            return scale, at + size + 1
        if unit is not None:
            return unit, at + size
    return None


def quantity(unit: str) -> Quantity | None:
    """What a spoken unit measures."""
    return _QUANTITIES.get(unit)
