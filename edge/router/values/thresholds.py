"""Numbers with their units in a spoken condition: "minus ten degrees", "a quarter", "two and a half bar"."""

from collections.abc import Sequence

from edge.router.values.condition_words import ABOUT
from edge.router.values.numbers import read_number
from edge.router.values.quantities import read_unit

Read = tuple[float, float | None, str, list[str]]
"""A number, the upper one of a range, the unit, and the words that follow."""


def threshold(tokens: Sequence[str]) -> Read | None:
    """A number with its unit, and what follows."""
    at = 0
    while at < len(tokens) and tokens[at] in ABOUT:
        at += 1
    if tuple(tokens[at : at + 1]) in {("freezing",), ("zero",), ("frost",)}:
        unit = read_unit(tokens, at + 1)
        frost = tokens[at] != "zero"
        return 0.0, None, unit[0] if unit else "°C" if frost else "", list(tokens[unit[1] if unit else at + 1 :])
    found = _number(tokens, at)
    if found is None:
        return None
    value, end = found
    unit = read_unit(tokens, end)
    if unit is None and 0 < value < 1 and _is_share(tokens, at):
        while tokens[end : end + 1] and tokens[end] in {"full", "way", "of", "capacity", "charged"}:
            end += 1
        return round(value * 100, 6), None, "%", list(tokens[end:])
    end = end if unit is None else unit[1]
    name = unit[0] if unit else ""
    if tokens[end : end + 1] and tokens[end] in {"minus", "negative"} and not name:
        return None
    if tuple(tokens[end : end + 2]) == ("below", "zero"):
        return -value, None, name or "°C", list(tokens[end + 2 :])
    return value, None, name, list(tokens[end:])


def _number(tokens: Sequence[str], at: int) -> tuple[float, int] | None:
    if tokens[at : at + 1] and tokens[at] in {"a", "an", "one"} and tokens[at + 1 : at + 2] == ["couple"]:
        return None
    found = read_number(tokens, at)
    if found is None or (tokens[at] in {"a", "an"} and found[1] == at + 1):
        return None
    return round(found[0], 6), found[1]


def _is_share(tokens: Sequence[str], at: int) -> bool:
    return not tokens[at][0].isdecimal() and tokens[at] != "zero"


def range_of(tokens: Sequence[str]) -> Read | None:
    """Two numbers, the unit once or twice: "eighteen and twenty two degrees"."""
    low = threshold(tokens)
    if low is None or not low[3] or low[3][0] not in {"and", "to", "-", "until", "or"}:
        return None
    high = threshold(low[3][1:])
    if high is None or high[0] <= low[0]:
        return None
    return low[0], high[0], high[2] or low[2], high[3]
