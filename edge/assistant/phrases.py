"""Numbers, units, lengths of time, clock times and enumerations as people say and read them."""

import math
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

_WORDS: Final = (
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)

UNITS: Final = {
    "°C": ("degree", "degrees"),
    "°F": ("degree", "degrees"),
    "K": ("kelvin", "kelvin"),
    "%": ("percent", "percent"),
    "W": ("watt", "watts"),
    "kW": ("kilowatt", "kilowatts"),
    "Wh": ("watt hour", "watt hours"),
    "kWh": ("kilowatt hour", "kilowatt hours"),
    "V": ("volt", "volts"),
    "mV": ("millivolt", "millivolts"),
    "A": ("amp", "amps"),
    "mA": ("milliamp", "milliamps"),
    "Hz": ("hertz", "hertz"),
    "lx": ("lux", "lux"),
    "hPa": ("hectopascal", "hectopascals"),
    "mbar": ("millibar", "millibars"),
    "bar": ("bar", "bar"),
    "kPa": ("kilopascal", "kilopascals"),
    "psi": ("psi", "psi"),
    "ppm": ("part per million", "parts per million"),
    "ppb": ("part per billion", "parts per billion"),
    "µg/m³": ("microgram per cubic metre", "micrograms per cubic metre"),
    "μg/m³": ("microgram per cubic metre", "micrograms per cubic metre"),
    "mg/m³": ("milligram per cubic metre", "milligrams per cubic metre"),
    "m/s": ("metre per second", "metres per second"),
    "km/h": ("kilometre an hour", "kilometres an hour"),
    "mph": ("mile an hour", "miles an hour"),
    "mm": ("millimetre", "millimetres"),
    "cm": ("centimetre", "centimetres"),
    "m": ("metre", "metres"),
    "km": ("kilometre", "kilometres"),
    "mm/h": ("millimetre an hour", "millimetres an hour"),
    "L": ("litre", "litres"),
    "m³": ("cubic metre", "cubic metres"),
    "L/min": ("litre a minute", "litres a minute"),
    "kg": ("kilogram", "kilograms"),
    "g": ("gram", "grams"),
    "dB": ("decibel", "decibels"),
    "dBm": ("dBm", "dBm"),
    "s": ("second", "seconds"),
    "min": ("minute", "minutes"),
    "h": ("hour", "hours"),
    "d": ("day", "days"),
}


def sentence(text: str) -> str:
    """The text with a capital letter first and a full stop last."""
    text = text.strip()
    if not text:
        return ""
    text = text[0].upper() + text[1:]
    return text if text.endswith((".", "?", "!", "…")) else f"{text}."


def joined(parts: Sequence[str], last: str = "and") -> str:
    """ "a", "a and b", "a, b and c"."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def count(number: int) -> str:
    """A count in words up to twelve, in digits from there."""
    return _WORDS[number] if 0 <= number < len(_WORDS) else str(number)


def counted(number: int, one: str, many: str) -> str:
    """ "one window", "three windows", "no windows"."""
    return f"{count(number)} {one if number == 1 else many}"


def number(value: float, places: int = 1) -> str:
    """A number with at most `places` decimals; a minus is said, not shown."""
    rounded = round(value, places)
    shown = str(int(rounded)) if rounded == int(rounded) else f"{rounded:.{places}f}".rstrip("0")
    return f"minus {shown[1:]}" if shown.startswith("-") else shown


def finite(value: object) -> float | None:
    """A reported value as a number, None where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        read = float(value)
    except (ValueError, OverflowError):
        return None
    return read if math.isfinite(read) else None


def measured(value: float, unit: str | None) -> str:
    """A measured value with its unit in words: "21.4 degrees", "55 percent"."""
    places = 1 if abs(value) >= 1 or unit in ("°C", "°F", "%") else 2
    said = number(value, places)
    if not unit:
        return said
    one, many = UNITS.get(unit, (unit, unit))
    return f"{said} {one if said == '1' else many}"


def clock(moment: datetime) -> str:
    """A time of day on the 24-hour clock: "7:05", "19:30"."""
    return f"{moment.hour}:{moment.minute:02d}"


def ordinal(day: int) -> str:
    """ "1st", "22nd", "13th"."""
    suffix = "th" if 10 <= day % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{suffix}"


def calendar(day: date) -> str:
    """ "Friday the 3rd of January 2025"."""
    return f"{day:%A} the {ordinal(day.day)} of {day:%B} {day.year}"


def moment(when: datetime, now: datetime) -> str:
    """When something is, as said at `now`: "at 19:30", "tomorrow at 7:00", "on Friday at 7:00"."""
    days = (when.date() - now.date()).days
    at = f"at {clock(when)}"
    if days == 0:
        return at
    if days == 1:
        return f"tomorrow {at}"
    if 1 < days < 7:
        return f"on {when:%A} {at}"
    year = "" if when.year == now.year else f" {when.year}"
    return f"on {when:%A} the {ordinal(when.day)} of {when:%B}{year} {at}"
