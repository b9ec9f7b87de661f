"""Lengths of time: "five and a half minutes", "an hour and a quarter", "90 secs", "1h30"."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from edge.router.values.numbers import mended, read_number, split

_UNITS: Final = {
    **dict.fromkeys(["s", "sec", "secs", "second", "seconds"], 1),
    **dict.fromkeys(["m", "min", "mins", "minute", "minutes", "minuets"], 60),
    **dict.fromkeys(["h", "hr", "hrs", "hour", "hours"], 3600),
    **dict.fromkeys(["d", "day", "days"], 86400),
    **dict.fromkeys(["week", "weeks"], 604800),
    **dict.fromkeys(["fortnight", "fortnights"], 1209600),
}
_SMALLER: Final = {3600: 60, 60: 1, 86400: 3600, 604800: 86400, 1209600: 86400}
_LONGEST_S: Final = 10 * 365 * 86400


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time in the units it was said in ("90 minutes" are 90 minutes), fractions carried down."""

    hours: int = 0
    minutes: int = 0
    seconds: int = 0

    @property
    def total_s(self) -> int:
        """All of it, in seconds."""
        return self.hours * 3600 + self.minutes * 60 + self.seconds

    def parts(self) -> dict[str, int]:
        """Home Assistant's slots: `hours`, `minutes`, `seconds`, without those that are 0."""
        named = {"hours": self.hours, "minutes": self.minutes, "seconds": self.seconds}
        return {name: value for name, value in named.items() if value}


def duration(text: str, *, bare_unit_s: int | None = None) -> Duration | None:
    """The length of time a text says, None for none; `bare_unit_s` is the unit of a number that stands alone."""
    tokens = mended(split(text))
    found = read_duration(tokens, 0)
    for at in range(1, len(tokens)):
        if found is not None:
            return found[0]
        found = read_duration(tokens, at)
    if found is not None:
        return found[0]
    bare = tokens[:1] not in (["a"], ["an"])
    if bare and bare_unit_s is not None and (number := read_number(tokens)) is not None:
        return _duration([(number[0], bare_unit_s)])
    return None


def read_duration(tokens: Sequence[str], at: int) -> tuple[Duration, int] | None:
    """The length of time that starts at a token and where it ends, or None."""
    parts: list[tuple[float, int]] = []
    end = at
    while end < len(tokens):
        start = end + 1 if parts and tokens[end] == "and" else end
        read = _read_part(tokens, start, parts[-1][1] if parts else None)
        if read is None:
            break
        parts.append(read[0])
        end = read[1]
    made = _duration(parts)
    return None if made is None else (made, end)


def _read_part(tokens: Sequence[str], at: int, before: int | None) -> tuple[tuple[float, int], int] | None:
    """One number with its unit; after a unit also "a half" of that unit, or a number of the next smaller one."""
    number = read_number(tokens, at)
    if number is None:
        return None
    value, end = number
    if end < len(tokens) and tokens[end] == "of":
        end += 1
    if end < len(tokens) and tokens[end] in {"a", "an"}:
        end += 1
    if end < len(tokens) and tokens[end] in _UNITS:
        return (value, _UNITS[tokens[end]]), end + 1
    if before is None:
        return None
    if 0 < value < 1:
        return (value, before), number[1]
    if value == 1 and tokens[at] in {"a", "an"}:
        return None
    return ((value, _SMALLER[before]), number[1]) if before in _SMALLER else None


def _duration(parts: Sequence[tuple[float, int]]) -> Duration | None:
    hours = minutes = seconds = 0
    for value, unit in parts:
        total = round(value * unit)
        if not 0 <= total <= _LONGEST_S:
            return None
        if unit >= 3600:
            hours, total = hours + total // 3600, total % 3600
        if unit >= 60:
            minutes, total = minutes + total // 60, total % 60
        seconds += total
    made = Duration(hours, minutes, seconds)
    return made if made.total_s else None
