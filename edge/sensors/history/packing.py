"""Numbers as they lie in the database: whole thousandths as integers, which take half the room."""

from typing import Final

_LARGEST: Final = 1e12


def packed(value: float) -> float | int:
    """21.53 as 21530; what thousandths can't say as it is."""
    if -_LARGEST < value < _LARGEST:
        thousandths = round(value * 1000)
        if thousandths / 1000 == value:
            return thousandths
    return value


def unpacked(value: float | None) -> float | None:
    """What `packed` was given."""
    return value / 1000 if isinstance(value, int) else value


def real(column: str) -> str:
    """SQL for the number that a column holds."""
    return f"(CASE typeof({column}) WHEN 'integer' THEN {column} / 1000.0 ELSE {column} END)"


def least(function: str, column: str) -> str:
    """SQL for min, max or sum over packed numbers, packed where all of them are integers."""
    return (
        f"CASE WHEN total(typeof({column}) = 'real') = 0 THEN {function}({column}) ELSE {function}({real(column)}) END"
    )


def both(function: str, one: str, other: str) -> str:
    """SQL for min, max or + of two packed numbers, either of which may be NULL."""
    pair = "{0} + {1}" if function == "+" else function + "({0}, {1})"
    return (
        f"CASE WHEN {one} IS NULL THEN {other} WHEN {other} IS NULL THEN {one} "
        f"WHEN typeof({one}) = 'integer' AND typeof({other}) = 'integer' THEN {pair.format(one, other)} "
        f"ELSE {pair.format(real(one), real(other))} END"
    )
