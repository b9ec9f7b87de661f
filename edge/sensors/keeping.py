"""Writes a detector's memory as JSON values and reads it back, taking nothing that does not fit."""

import base64
import binascii
import dataclasses
import math
import types
import typing
from array import array
from collections.abc import Hashable
from functools import cache
from typing import Any

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
_SETTINGS = "settings"


def written(memory: Any) -> dict[str, Json]:
    """The fields of a dataclass, but its settings, as JSON values; arrays as base64 of their bytes."""
    return {name: _written(getattr(memory, name)) for name in _types(memory.__class__)}


def read_back(memory: Any, data: Json) -> bool:
    """Set the fields of `memory` from what `written` gave; False, and nothing is changed, where anything is amiss."""
    if not isinstance(data, dict):
        return False
    try:
        fields = {
            name: _read(getattr(memory, name), data[name], expected)
            for name, expected in _types(memory.__class__).items()
        }
    except (KeyError, TypeError, ValueError, OverflowError):
        return False
    for name, value in fields.items():
        setattr(memory, name, value)
    return True


@cache
def _types(kind: Hashable) -> dict[str, Any]:
    return {field.name: field.type for field in dataclasses.fields(typing.cast("Any", kind)) if field.name != _SETTINGS}


def _written(value: Any) -> Json:
    if isinstance(value, array):
        return base64.b64encode(value.tobytes()).decode("ascii")
    if dataclasses.is_dataclass(value):
        return written(value)
    if isinstance(value, (list, tuple)):
        return [_written(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return typing.cast("Json", value)


def _read(now: Any, data: Json, expected: Any) -> Any:
    if isinstance(now, array):
        return _array(now, data)
    if dataclasses.is_dataclass(now) and not isinstance(now, type):
        fresh = dataclasses.replace(now)
        if not read_back(fresh, data):
            raise ValueError
        return fresh
    return _plain(data, expected)


def _array(now: "array[Any]", data: Json) -> "array[Any]":
    try:
        raw = base64.b64decode(data if isinstance(data, str) else "", validate=True)
    except binascii.Error as error:
        raise ValueError from error
    if len(raw) != len(now) * now.itemsize:
        raise ValueError
    fresh = array(now.typecode)
    fresh.frombytes(raw)
    if now.typecode in "fd" and any(math.isinf(one) for one in fresh):
        raise ValueError
    return fresh


def _plain(data: Json, expected: Any) -> Any:
    origin = typing.get_origin(expected)
    if origin is list:
        (inner,) = typing.get_args(expected)
        if not isinstance(data, list):
            raise TypeError
        return [_plain(one, inner) for one in data]
    if origin is tuple:
        inner_types = typing.get_args(expected)
        if not isinstance(data, list) or len(data) != len(inner_types):
            raise TypeError
        return tuple(_plain(one, inner) for one, inner in zip(data, inner_types, strict=True))
    allowed = typing.get_args(expected) if origin in (typing.Union, types.UnionType) else (expected,)
    return _scalar(data, allowed)


def _scalar(data: Json, allowed: tuple[Any, ...]) -> Any:
    if data is None and type(None) in allowed:
        return None
    if isinstance(data, bool):
        if bool in allowed:
            return data
    elif isinstance(data, (int, float)):
        if isinstance(data, int) and int in allowed:
            return data
        if float in allowed and math.isfinite(data):
            return float(data)
    elif isinstance(data, str) and str in allowed:
        return data
    raise TypeError


def moved_in_time(memory: Any, by_s: float) -> None:
    """A clock was set: move every moment that is remembered (fields called `*_s` and arrays called `times`)."""
    for name in _types(memory.__class__):
        value = getattr(memory, name)
        if dataclasses.is_dataclass(value):
            moved_in_time(value, by_s)
        elif isinstance(value, float) and name.endswith("_s"):
            setattr(memory, name, value + by_s)
        elif isinstance(value, array) and name == "times":
            setattr(memory, name, array(value.typecode, [one + by_s for one in value]))
