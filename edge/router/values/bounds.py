"""Bounds that a sentence names: "above thirty degrees", "below minus fifteen", "more than one kilowatt"; and units."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from edge.router.values.durations import read_duration
from edge.router.values.numbers import read_number

_ABOVE: Final = (
    ("above",), ("over",), ("exceed",), ("exceeds",), ("exceeded",), ("exceeding",), ("beyond",), ("more", "than"),
    ("higher", "than"), ("greater", "than"), ("warmer", "than"), ("hotter", "than"), ("brighter", "than"), ("past",),
    ("upwards", "of"), ("at", "least"), ("top",), ("topped",), ("tops",), ("pass",),
    ("passed",), ("cross",), ("crossed",), ("broke",), ("break",), ("as", "high", "as"), ("as", "hot", "as"),
    ("as", "warm", "as"), ("reach",), ("reached",), ("reaches",), ("hit",), ("hits",), ("up", "to"),
)  # fmt: skip
_BELOW: Final = (
    ("below",), ("under",), ("underneath",), ("beneath",), ("less", "than"), ("lower", "than"), ("colder", "than"),
    ("cooler", "than"), ("fewer", "than"), ("darker", "than"), ("at", "most"), ("down", "to"),
    ("as", "low", "as"), ("as", "cold", "as"),
)  # fmt: skip
_INCLUSIVE: Final = frozenset({"reach", "reached", "reaches", "hit", "hits", "least", "most", "to", "as"})
_BETWEEN: Final = frozenset({"about", "around", "a", "roughly", "the"})
_NAMED: Final = {"zero": 0.0, "freezing": 0.0, "nought": 0.0}
_UNITS: Final = {
    "degrees": "", "degree": "", "°": "", "celsius": "°C", "centigrade": "°C", "c": "°C", "fahrenheit": "°F",
    "f": "°F", "percent": "%", "%": "%", "ppm": "ppm", "watts": "W", "watt": "W", "w": "W", "kilowatts": "kW",
    "kilowatt": "kW", "kw": "kW", "kwh": "kWh", "kilowatthours": "kWh", "litres": "L", "litre": "L", "liters": "L",
    "liter": "L", "lux": "lx", "hectopascals": "hPa", "hectopascal": "hPa", "hpa": "hPa", "millibars": "hPa",
    "millibar": "hPa", "volts": "V", "volt": "V", "amps": "A", "amp": "A", "bar": "bar", "millimetres": "mm",
    "millimeters": "mm", "mm": "mm", "centimetres": "cm", "centimeters": "cm", "cm": "cm", "metres": "m", "meters": "m",
    "mph": "mph", "knots": "kn", "kmh": "km/h", "decibels": "dB", "kelvin": "K", "gallons": "gal", "inches": "in",
}  # fmt: skip
_LONGER: Final = (
    (("parts", "per", "million"), "ppm"), (("kilowatt", "hours"), "kWh"), (("kilowatt", "hour"), "kWh"),
    (("watt", "hours"), "Wh"), (("cubic", "metres"), "m³"), (("cubic", "meters"), "m³"),
    (("kilometres", "an", "hour"), "km/h"), (("kilometres", "per", "hour"), "km/h"), (("km", "/", "h"), "km/h"),
    (("kilometers", "per", "hour"), "km/h"), (("miles", "an", "hour"), "mph"), (("miles", "per", "hour"), "mph"),
    (("metres", "per", "second"), "m/s"), (("meters", "per", "second"), "m/s"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bound:
    """Above or below a value; the words are those from `first` to before `last`. `unit`: "" where none was said."""

    above: bool
    value: float
    unit: str
    first: int
    last: int
    inclusive: bool = False
    """"Reach", "at least": the value itself counts."""


def bounds(tokens: Sequence[str]) -> list[Bound]:
    """All that a sentence names, in order; a length of time after "more than" is none."""
    found = []
    at = 0
    while at < len(tokens):
        one = _bound_at(tokens, at)
        if one is None:
            at += 1
        else:
            found.append(one)
            at = one.last
    return found


def holding_s(tokens: Sequence[str]) -> tuple[int, int, int] | None:
    """ "For more than ten minutes": seconds, first word and the one after the last."""
    for at, word in enumerate(tokens[:-2]):
        if (word, tokens[at + 1]) in {("more", "than"), ("longer", "than"), ("at", "least")}:
            found = read_duration(tokens, at + 2)
            if found is not None:
                return found[0].total_s, at - (at > 0 and tokens[at - 1] == "for"), found[1]
    return None


def unit_at(tokens: Sequence[str], at: int) -> tuple[str, int] | None:
    """The unit that is named at a token and the token after it; "" for degrees of whatever kind."""
    for words, unit in _LONGER:
        if tuple(tokens[at : at + len(words)]) == words:
            return unit, at + len(words)
    known = _UNITS.get(tokens[at]) if at < len(tokens) else None
    if known is None:
        return None
    if known == "" and at + 1 < len(tokens) and _UNITS.get(tokens[at + 1], "").startswith("°"):
        return _UNITS[tokens[at + 1]], at + 2
    return known, at + 1


def unit_wanted(tokens: Sequence[str]) -> str:
    """The unit after "in", where one is named: "in fahrenheit", "in kilowatt hours"."""
    for at, word in enumerate(tokens[:-1]):
        if word == "in":
            found = unit_at(tokens, at + 2 if tokens[at + 1] == "degrees" and at + 2 < len(tokens) else at + 1)
            if found is not None and found[0]:
                return found[0]
    return ""


def _bound_at(tokens: Sequence[str], at: int) -> Bound | None:
    for above, phrases in ((True, _ABOVE), (False, _BELOW)):
        for phrase in phrases:
            if tuple(tokens[at : at + len(phrase)]) == phrase:
                return _after(tokens, at, at + len(phrase), phrase, above=above)
    return None


def _after(tokens: Sequence[str], first: int, at: int, phrase: tuple[str, ...], *, above: bool) -> Bound | None:
    while at < len(tokens) and tokens[at] in _BETWEEN and read_number(tokens, at) is None:
        at += 1
    if at >= len(tokens):
        return None
    if tokens[at] in _NAMED:
        value, last = _NAMED[tokens[at]], at + 1
    elif (found := read_number(tokens, at)) is not None and not (phrase == ("past",) and found[0] < 0):
        value, last = found
    else:
        return None
    if read_duration(tokens, at) is not None or tokens[last : last + 1] in (["oclock"], ["am"], ["pm"], ["times"]):
        return None
    unit = unit_at(tokens, last)
    said = "°C" if tokens[at] == "freezing" else ""
    inclusive = not _INCLUSIVE.isdisjoint(phrase)
    if unit is None:
        return Bound(above, value, said, first, last, inclusive)
    if tokens[unit[1] - 1] in {"c", "f"} and tokens[last] in {"c", "f"} and unit[1] < len(tokens) - 1:
        return Bound(above, value, said, first, last, inclusive)
    return Bound(above, value, unit[0] or said, first, unit[1], inclusive)
