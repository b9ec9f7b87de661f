"""Home Assistant's number helpers for templates: conversions, rounding, statistics, bits."""

import math
import operator
import statistics
from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from typing import Any, Final

from jinja2 import filters as builtin

from edge.mqtt.jinja_limits import LimitError

NONE: Final = object()


def or_default(name: str, value: Any, default: Any) -> Any:
    """Home Assistant's rule: a conversion that fails gives the default, or ends the template."""
    if default is NONE:
        raise ValueError(f"{name} got invalid input {str(value)[:60]!r} and no default")
    return default


def _float(value: Any, default: Any = NONE) -> Any:
    try:
        return float(value)
    except (ValueError, TypeError):
        return or_default("float", value, default)


def _int(value: Any, default: Any = NONE, base: int = 10) -> Any:
    result = builtin.do_int(value, default=NONE, base=base)  # type: ignore[arg-type]
    return or_default("int", value, default) if result is NONE else result


_TRUE: Final = frozenset({"1", "true", "yes", "on", "enable"})
_FALSE: Final = frozenset({"0", "false", "no", "off", "disable"})


def _bool(value: Any, default: Any = NONE) -> Any:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in _TRUE | _FALSE:
        return value.strip().lower() in _TRUE
    if isinstance(value, int | float):
        return value != 0
    return or_default("bool", value, default)


def _round(value: Any, precision: int = 0, method: str = "common", default: Any = NONE) -> Any:
    if abs(precision) > 30:
        raise LimitError("round takes at most 30 digits")
    try:
        number, multiplier = float(value), float(10**precision)
        if method == "ceil":
            number = math.ceil(number * multiplier) / multiplier
        elif method == "floor":
            number = math.floor(number * multiplier) / multiplier
        elif method == "half":
            number = round(number * 2) / 2
        else:
            number = round(number, precision)
        return int(number) if precision == 0 else number
    except (ValueError, TypeError):
        return or_default("round", value, default)


def _arithmetic(name: str, compute: Callable[..., Any]) -> Callable[..., Any]:
    """A filter `value|name(more, default)` on numbers."""

    def apply(value: Any, *more: Any, default: Any = NONE) -> Any:
        try:
            return compute(float(value), *(float(item) for item in more))
        except (ValueError, TypeError, ZeroDivisionError):
            return or_default(name, value, default)

    return apply


def _scaled(name: str, compute: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """`multiply` and `add`: the amount keeps its kind."""

    def apply(value: Any, amount: Any, default: Any = NONE) -> Any:
        try:
            return compute(float(value), amount)
        except (ValueError, TypeError):
            return or_default(name, value, default)

    return apply


def is_number(value: Any) -> bool:
    """Whether it is, or spells, a finite number."""
    try:
        return math.isfinite(float(value))
    except (ValueError, TypeError):
        return False


def _items(args: tuple[Any, ...]) -> list[Any]:
    if len(args) == 1 and not isinstance(args[0], int | float | str):
        return list(args[0])
    return list(args)


def _over(name: str, compute: Callable[[Iterable[Any]], Any]) -> Callable[..., Any]:
    """`average(1, 2, 3)`, `[1, 2, 3]|average(default)`."""

    def apply(*args: Any, default: Any = NONE) -> Any:
        if len(args) == 2 and isinstance(args[0], list | tuple):
            default = args[1]
            args = args[:1]
        try:
            return compute(_items(args))
        except (ValueError, TypeError, statistics.StatisticsError):
            return or_default(name, args, default)

    return apply


def _bitwise(compute: Callable[[int, int], int]) -> Callable[..., int]:
    return lambda *values: reduce(compute, (int(value) for value in values))


def _clamp(value: Any, least: Any, most: Any) -> Any:
    return max(float(least), min(float(most), float(value)))


def _remap(value: Any, low: Any, high: Any, new_low: Any, new_high: Any) -> float:
    share = (float(value) - float(low)) / (float(high) - float(low))
    return float(new_low) + share * (float(new_high) - float(new_low))


def _sum(items: Iterable[Any], attribute: Any = None, start: Any = 0) -> Any:
    if not isinstance(start, int | float):
        raise LimitError("sum takes numbers only")
    values = ([item[attribute] for item in items]) if attribute is not None else list(items)
    return sum(values, start)


FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    "bool": _bool,
    "float": _float,
    "int": _int,
    "is_number": is_number,
    "sin": _arithmetic("sin", math.sin),
    "cos": _arithmetic("cos", math.cos),
    "tan": _arithmetic("tan", math.tan),
    "asin": _arithmetic("asin", math.asin),
    "acos": _arithmetic("acos", math.acos),
    "atan": _arithmetic("atan", math.atan),
    "atan2": _arithmetic("atan2", math.atan2),
    "log": _arithmetic("log", math.log),
    "sqrt": _arithmetic("sqrt", math.sqrt),
    "average": _over("average", statistics.fmean),
    "median": _over("median", statistics.median),
    "statistical_mode": _over("statistical_mode", statistics.mode),
    "bitwise_and": _bitwise(operator.and_),
    "bitwise_or": _bitwise(operator.or_),
    "bitwise_xor": _bitwise(operator.xor),
    "clamp": _clamp,
    "remap": _remap,
}
"""Functions that are filters as well."""

GLOBALS: Final[Mapping[str, Any]] = {
    "e": math.e,
    "max": lambda *args: max(_items(args)),
    "min": lambda *args: min(_items(args)),
    "pi": math.pi,
    "tau": math.tau,
}

FILTERS: Final[Mapping[str, Callable[..., Any]]] = {
    "add": _scaled("add", operator.add),
    "multiply": _scaled("multiply", operator.mul),
    "round": _round,
    "sum": _sum,
}
