"""How much, how far, how loud: levels as whole percent, steps, temperatures."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from edge.router.values.numbers import mended, number, read_number, split

_FULL: Final = frozenset(
    [
        "max",
        "maximum",
        "full",
        "fully",
        "highest",
        "top",
        "loudest",
        "brightest",
        "fastest",
        "most",
        "completely",
        "blast",
        "completely",
        "entirely",
        "wide",
    ]
)
_LEAST: Final = frozenset(["min", "minimum", "lowest", "least", "dimmest", "quietest", "slowest", "bottom", "darkest"])
_WORDS: Final = {
    "low": 25,
    "dim": 20,
    "quiet": 20,
    "silent": 10,
    "slow": 25,
    "lower": 25,
    "medium": 50,
    "middle": 50,
    "mid": 50,
    "halfway": 50,
    "partly": 50,
    "partially": 50,
    "high": 80,
    "higher": 80,
    "bright": 80,
    "loud": 80,
    "fast": 80,
    "crack": 10,
    "ajar": 10,
    "little": 20,
    "bit": 20,
    "slightly": 20,
    "off": 0,
    "zero": 0,
    "nothing": 0,
    "closed": 0,
    "open": 100,
}
_SPEEDS: Final = {"low": 33, "slow": 33, "quiet": 33, "medium": 67, "middle": 67, "high": 100, "fast": 100}
_STEPS: Final = {"notch": 10, "notches": 10, "step": 10, "steps": 10, "level": 10, "levels": 10}
_MUCH: Final = frozenset(["lot", "lots", "much", "way", "loads", "far", "considerably", "significantly"])
_LITTLE: Final = frozenset(
    ["bit", "little", "slightly", "touch", "tad", "smidge", "some", "notch", "hair", "more", "less"]
)
_SHUT: Final = frozenset({"closed", "shut", "down", "lowered"})
"""Words after a share that make it the share that is not open."""
_UP: Final = ("all the way", "all the way up", "right up", "a hundred")
_DOWN: Final = ("all the way down", "right down")
A_LITTLE: Final = 10
A_LOT: Final = 30
"""Percent that "a bit" and "a lot" stand for."""


class Unit(StrEnum):
    """Units a temperature may be said in."""

    CELSIUS = "celsius"
    FAHRENHEIT = "fahrenheit"


@dataclass(frozen=True, slots=True)
class Temperature:
    """Degrees, and the unit where one was spoken; without it the home's unit is meant."""

    value: float
    unit: Unit | None = None


def percent(text: str, *, least: int = 0) -> int | None:
    """0..100 for a level in words or figures: "20", "half", "max", "seven out of ten", "level 4"; None for no level.

    A bare number is percent, 1 to 10 too, as it is in Home Assistant: too little is mended by asking again, too loud
    wakes the house. "Level", "out of" and "notch" make it tenths. `least` is what "minimum" stands for.
    """
    tokens = mended(split(text))
    value = _figure(tokens)
    if value is not None:
        value = min(100.0, max(0.0, value))
        return round(100 - value if tokens[-1] in _SHUT else value)
    if not _FULL.isdisjoint(tokens) or " ".join(tokens).endswith(_UP):
        return 100
    if not _LEAST.isdisjoint(tokens) or " ".join(tokens).endswith(_DOWN):
        return least
    return next((_WORDS[token] for token in tokens if token in _WORDS), None)


def _figure(tokens: list[str]) -> float | None:
    for at in range(len(tokens)):
        found = read_number(tokens, at)
        if found is None or (tokens[at] in {"a", "an"} and found[1] == at + 1):
            continue
        value, end = found
        rest = tokens[end:]
        if "out" in rest and "of" in rest:
            whole = read_number(rest, rest.index("of") + 1)
            return 100 * value / whole[0] if whole and whole[0] > 0 else None
        if 0 < value < 1 and "percent" not in rest and "%" not in rest:
            return 100 * value
        if at and tokens[at - 1] in {"level", "volume"} and value <= 10 and "%" not in rest and "percent" not in rest:
            return 10 * value if tokens[at - 1] == "level" else value
        return value
    return None


def speed(text: str, *, speeds: int = 3) -> int | None:
    """A fan's speed in percent; "two", "speed 2" and "level two" are the second of `speeds`."""
    tokens = mended(split(text))
    value = _figure([token for token in tokens if token not in {"level", "speed", "number"}])
    told = "%" in tokens or "percent" in tokens or "out" in tokens
    if value is not None and not told and 1 <= value <= max(speeds, 5) and value == int(value):
        return min(100, round(100 * value / max(speeds, int(value))))
    word = next((_SPEEDS[token] for token in tokens if token in _SPEEDS), None)
    return word if word is not None else percent(text, least=round(100 / speeds))


def step(text: str) -> int | None:
    """A change in percent: "ten percent", "a bit" (10), "a lot" (30), "two notches" (20); None where it says none."""
    tokens = mended(split(text))
    for at in range(len(tokens)):
        found = read_number(tokens, at)
        if found is None or (tokens[at] in {"a", "an"} and found[1] == at + 1):
            continue
        times = next((_STEPS[token] for token in tokens[found[1] :] if token in _STEPS), None)
        value = found[0] * (times or (100 if 0 < found[0] < 1 else 1))
        return round(min(100.0, max(1.0, value))) if value > 0 else None
    if not _MUCH.isdisjoint(tokens):
        return A_LOT
    if not _LITTLE.isdisjoint(tokens) or not _STEPS.keys().isdisjoint(tokens):
        return A_LITTLE
    return None


def degrees_step(text: str) -> float | None:
    """A change of temperature: "two degrees", "half a degree"; "a bit" is 1, "a lot" 3."""
    value = number(text)
    tokens = mended(split(text))
    if value is not None:
        return round(value, 1) if 0 < value <= 60 else None
    if not _MUCH.isdisjoint(tokens):
        return 3.0
    if {"degree", "degrees"} & set(tokens) or not _LITTLE.isdisjoint(tokens) or not _STEPS.keys().isdisjoint(tokens):
        return 1.0
    return None


def temperature(text: str) -> Temperature | None:
    """ "21", "twenty one and a half degrees", "70 fahrenheit", "minus five"; None where no number is said."""
    value = number(text)
    if value is None or not -273 <= value <= 1000:
        return None
    tokens = set(split(text))
    if tokens & {"f", "fahrenheit", "farenheit", "fahrenheits"}:
        return Temperature(round(value, 1), Unit.FAHRENHEIT)
    if tokens & {"c", "celsius", "centigrade", "celcius"}:
        return Temperature(round(value, 1), Unit.CELSIUS)
    return Temperature(round(value, 1))
