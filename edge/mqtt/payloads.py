"""Reads what arrives on a topic: bytes to text and JSON, without ever raising."""

import json
import math
from functools import lru_cache
from typing import Any, Final

STATE_LIMIT_BYTES: Final = 256 * 1024
"""Longer state payloads are not looked at."""


class Missing:
    """Stands for JSON that is not there: a payload that isn't JSON."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Missing()


class Message:
    """One payload: `value` is its text (bytes for entities without an encoding), `json` what the text means as JSON."""

    __slots__ = ("_json", "_parsed", "value")

    def __init__(self, value: str | bytes) -> None:
        self.value = value
        self._json: Any = MISSING
        self._parsed = False

    @property
    def json(self) -> Any:
        """The parsed JSON, or `MISSING`. Shared between entities: never changed in place."""
        if not self._parsed:
            self._parsed = True
            self._json = loads(self.value)
        return self._json


@lru_cache(maxsize=4)
def decode(payload: bytes, encoding: str) -> Message | None:
    """The message, or None where the bytes are not text in that encoding or too many.

    Several entities read the same message one after the other, hence the small cache.
    """
    if len(payload) > STATE_LIMIT_BYTES:
        return None
    if not encoding:
        return Message(payload)
    try:
        return Message(payload.decode(encoding))
    except (ValueError, LookupError):
        return None


def loads(text: str | bytes) -> Any:
    """Strict JSON (no NaN, no infinity, no lone surrogates), or `MISSING`."""
    try:
        value = _DECODER.decode(text if isinstance(text, str) else text.decode())
        if "\\u" in (text if isinstance(text, str) else ""):
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return MISSING
    return value


def _no_constant(word: str) -> Any:
    raise ValueError(word)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(digits)
    return number


_DECODER: Final = json.JSONDecoder(parse_constant=_no_constant, parse_float=_finite)


def number(value: object) -> float | None:
    """A finite number from text or a number, else None; truth values are no numbers."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        result = float(value)
    except (ValueError, OverflowError):
        return None
    return result if math.isfinite(result) else None


def topic_matches(pattern: str, topic: str) -> bool:
    """Whether a topic falls under a subscription, `+` and `#` included (MQTT 5, section 4.7)."""
    if pattern == topic:
        return True
    if "+" not in pattern and "#" not in pattern:
        return False
    wanted, given = pattern.split("/"), topic.split("/")
    if given[0].startswith("$") and wanted[0] in ("+", "#"):
        return False
    for place, level in enumerate(wanted):
        if level == "#":
            return True
        if place >= len(given) or level not in ("+", given[place]):
            return False
    return len(wanted) == len(given)
