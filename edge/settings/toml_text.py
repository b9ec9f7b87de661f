"""Writes a document as TOML: what the standard library only reads."""

import math
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Any, Final

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r", "\b": "\\b", "\f": "\\f"}


def written(document: Mapping[str, Any]) -> str:
    """TOML that reads as this document; raises TypeError for what TOML has no word for."""
    return "\n".join(_table(document, ())).lstrip("\n") + "\n" if document else ""


def _table(table: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    later = []
    for key, value in table.items():
        if isinstance(value, Mapping) or _is_array_of_tables(value):
            later.append((key, value))
        else:
            yield f"{key_text(key)} = {value_text(value)}"
    for key, value in later:
        here = (*path, key)
        name = ".".join(key_text(part) for part in here)
        if isinstance(value, Mapping):
            yield f"\n[{name}]"
            yield from _table(value, here)
        else:
            for one in value:
                yield f"\n[[{name}]]"
                yield from _table(one, here)


def _is_array_of_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, Mapping) for one in value)


def key_text(key: str) -> str:
    """A key, in quotes where it needs them."""
    return key if _BARE.fullmatch(key) else _text(key)


def value_text(value: object) -> str:
    """A value on one line; raises TypeError for what TOML has no word for."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float):
        return "nan" if math.isnan(value) else ("-inf" if value < 0 else "inf") if math.isinf(value) else repr(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, list):
        return "[" + ", ".join(value_text(one) for one in value) + "]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key_text(key)} = {value_text(one)}" for key, one in value.items()) + "}"
    raise TypeError(f"TOML has no word for {type(value).__name__}")


def _text(text: str) -> str:
    return '"' + "".join(_ESCAPES.get(char) or (char if char.isprintable() else _code(char)) for char in text) + '"'


def _code(char: str) -> str:
    return f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}"
