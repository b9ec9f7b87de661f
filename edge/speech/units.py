"""Units of measurement in words; pure."""

import unicodedata
from typing import Final

from edge.assistant.phrases import UNITS

_MORE: Final = {
    "°": ("degree", "degrees"),
    "C": ("degree", "degrees"),
    "F": ("degree", "degrees"),
    "MW": ("megawatt", "megawatts"),
    "mW": ("milliwatt", "milliwatts"),
    "MWh": ("megawatt hour", "megawatt hours"),
    "kV": ("kilovolt", "kilovolts"),
    "VA": ("volt-ampere", "volt-amperes"),
    "kVA": ("kilovolt-ampere", "kilovolt-amperes"),
    "Ah": ("amp hour", "amp hours"),
    "mAh": ("milliamp hour", "milliamp hours"),
    "Ω": ("ohm", "ohms"),
    "kΩ": ("kilo-ohm", "kilo-ohms"),
    "kHz": ("kilohertz", "kilohertz"),
    "MHz": ("megahertz", "megahertz"),
    "GHz": ("gigahertz", "gigahertz"),
    "lm": ("lumen", "lumens"),
    "Pa": ("pascal", "pascals"),
    "MPa": ("megapascal", "megapascals"),
    "J": ("joule", "joules"),
    "kJ": ("kilojoule", "kilojoules"),
    "MJ": ("megajoule", "megajoules"),
    "kcal": ("kilocalorie", "kilocalories"),
    "nm": ("nanometre", "nanometres"),
    "µm": ("micrometre", "micrometres"),
    "ft": ("foot", "feet"),
    "mi": ("mile", "miles"),
    "yd": ("yard", "yards"),
    "m²": ("square metre", "square metres"),
    "cm²": ("square centimetre", "square centimetres"),
    "km²": ("square kilometre", "square kilometres"),
    "ft²": ("square foot", "square feet"),
    "ft³": ("cubic foot", "cubic feet"),
    "l": ("litre", "litres"),
    "mL": ("millilitre", "millilitres"),
    "ml": ("millilitre", "millilitres"),
    "cl": ("centilitre", "centilitres"),
    "gal": ("gallon", "gallons"),
    "mg": ("milligram", "milligrams"),
    "µg": ("microgram", "micrograms"),
    "t": ("tonne", "tonnes"),
    "lb": ("pound", "pounds"),
    "lbs": ("pound", "pounds"),
    "oz": ("ounce", "ounces"),
    "kn": ("knot", "knots"),
    "kph": ("kilometre an hour", "kilometres an hour"),
    "rpm": ("revolution per minute", "revolutions per minute"),
    "bpm": ("beat per minute", "beats per minute"),
    "dBm": ("decibel-milliwatt", "decibel-milliwatts"),
    "psi": ("P S I", "P S I"),
    "dBA": ("decibel", "decibels"),
    "ms": ("millisecond", "milliseconds"),
    "sec": ("second", "seconds"),
    "secs": ("second", "seconds"),
    "mins": ("minute", "minutes"),
    "hr": ("hour", "hours"),
    "hrs": ("hour", "hours"),
    "wk": ("week", "weeks"),
    "yr": ("year", "years"),
    "yrs": ("year", "years"),
    "B": ("byte", "bytes"),
    "kB": ("kilobyte", "kilobytes"),
    "KB": ("kilobyte", "kilobytes"),
    "MB": ("megabyte", "megabytes"),
    "GB": ("gigabyte", "gigabytes"),
    "TB": ("terabyte", "terabytes"),
    "KiB": ("kibibyte", "kibibytes"),
    "MiB": ("mebibyte", "mebibytes"),
    "GiB": ("gibibyte", "gibibytes"),
    "kbit": ("kilobit", "kilobits"),
    "Mbit": ("megabit", "megabits"),
    "Gbit": ("gigabit", "gigabits"),
    "kbps": ("kilobit per second", "kilobits per second"),
    "Mbps": ("megabit per second", "megabits per second"),
    "Gbps": ("gigabit per second", "gigabits per second"),
    "px": ("pixel", "pixels"),
    "k": ("thousand", "thousand"),
}
_PLAIN: Final = {unicodedata.normalize("NFKC", unit): words for unit, words in (UNITS | _MORE).items()}
SYMBOLS: Final = tuple(sorted(_PLAIN, key=len, reverse=True))
"""As they are written after normalisation to NFKC, the longest first."""
ALONE: Final = tuple(
    unit for unit in SYMBOLS if len(unit) > 1 and any(char.isupper() or not char.isalpha() for char in unit)
)
"""Those that are no words and need no number before them to be known as units."""


def unit_in_words(unit: str, *, one: bool = False) -> str:
    """ "kilowatt hours"; of a unit by another, "euros per kilowatt hour". `unit` is normalised to NFKC."""
    if unit in _PLAIN:
        return _PLAIN[unit][0 if one else 1]
    above, _, below = unit.partition("/")
    return f"{unit_in_words(above, one=one)} per {unit_in_words(below, one=True)}" if below else unit
