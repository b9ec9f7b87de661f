"""Alarms, rules and mutes as JSON values and back, taking nothing that makes no sense."""

import math
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any, Final, TypeVar

from edge.sensors.alarms.model import Alarm, AlarmRule, AlarmState, Condition, Mute, Relation
from edge.sensors.model import Kind, Severity

_Made = TypeVar("_Made", Alarm, AlarmRule, Mute, Condition)
_ENUMS: Final[Mapping[str, Any]] = {
    "kind": Kind,
    "severity": Severity,
    "state": AlarmState,
    "relation": Relation,
}
_TEXTS: Final = frozenset(
    {"id", "sensor", "key", "name", "unit", "group", "text", "advice", "area", "device_class", "said", "by", "scope"}
)
_FLAGS: Final = frozenset({"acknowledged", "told", "repeat"})
_NUMBERS: Final = frozenset({"since_s", "at_s", "times", "hold_s", "made_s", "over_s", "until_s"})
_NUMBERS_OR_NONE: Final = frozenset({"low", "high", "ended_s"})
_MINUTES: Final = frozenset({"from_minute", "to_minute"})


def to_json(one: Alarm | AlarmRule | Mute) -> dict[str, Any]:
    """Plain values, all fields by name."""
    return asdict(one)


def alarm_from(data: Any) -> Alarm:
    """Raises ValueError, naming the field."""
    return _made(Alarm, data)


def rule_from(data: Any) -> AlarmRule:
    """Raises ValueError, naming the field."""
    return _made(AlarmRule, data)


def mute_from(data: Any) -> Mute:
    """Raises ValueError, naming the field."""
    return _made(Mute, data)


def _made(kind: type[_Made], data: Any) -> _Made:
    if not isinstance(data, dict):
        raise ValueError("expected an object")  # noqa: TRY004 (as everything that is amiss)
    known = {one.name for one in fields(kind)}
    values = {name: _value(name, value) for name, value in data.items() if name in known}
    try:
        return kind(**values)
    except TypeError as error:
        raise ValueError(str(error)) from None


def _value(name: str, value: Any) -> Any:
    try:
        return _read(name, value)
    except (TypeError, KeyError, ValueError, OverflowError):
        raise ValueError(f"{name} can't be {str(value)[:60]!r}") from None


def _read(name: str, value: Any) -> Any:
    if name in _ENUMS:
        return _ENUMS[name](value)
    if name in _TEXTS:
        return _text(value)
    if name in _FLAGS:
        return _flag(value)
    if name in _NUMBERS:
        return _number(value)
    if name in _NUMBERS_OR_NONE:
        return None if value is None else _number(value)
    if name in ("value", "threshold"):
        return value if isinstance(value, str) else _number(value)
    if name == "rule":
        return None if value is None else _text(value)
    if name == "sensors":
        return tuple(_text(one) for one in _list(value))
    if name == "also":
        return tuple(_made(Condition, one) for one in _list(value))
    if name == "count" or (name in _MINUTES and value is not None):
        return int(_number(value))
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError
    return float(value)


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise TypeError
    return list(value)
