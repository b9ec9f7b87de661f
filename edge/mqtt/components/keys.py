"""What a configuration key may hold: how it is read, and Home Assistant's default where it has one."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from sys import intern
from types import MappingProxyType
from typing import Any, Final

from edge.mqtt.payloads import number as _number_of
from edge.mqtt.templates import TemplateError
from edge.mqtt.templates import template as _compiled

_TEXT_LIMIT: Final = 4_096
_LIST_LIMIT: Final = 1_000


class KeyValueError(ValueError):
    """A value that a key can't hold; the message says what was expected."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key: `parse` gives the typed value or raises `KeyValueError`; None means it is left out."""

    parse: Callable[[Any], Any]
    default: Any = None
    required: bool = False


Keys = Mapping[str, Key]


def table(*parts: Keys, **more: Key) -> Keys:
    """The keys of a component: those of the parts and more."""
    return MappingProxyType({name: key for part in (*parts, more) for name, key in part.items()})


def text(default: str | None = None, *, required: bool = False) -> Key:
    """A text; numbers and truth values become one, as Home Assistant takes them."""
    return Key(_text, default, required)


def any_text(default: str | None = None) -> Key:
    """A text, or null to switch the thing off."""
    return Key(lambda value: NOTHING if value is None else _text(value), default)


class _Nothing:
    """An explicit null, where that differs from a missing key."""

    def __repr__(self) -> str:
        return "NOTHING"


NOTHING: Final = _Nothing()


def topic(*, required: bool = False) -> Key:
    """A topic to publish to."""
    return Key(_publish_topic, None, required)


def source(*, required: bool = False) -> Key:
    """A topic to subscribe to."""
    return Key(_subscribe_topic, None, required)


def template(*, required: bool = False) -> Key:
    """A template."""
    return Key(_template, None, required)


def flag(default: bool | None = None) -> Key:
    """Yes or no, in the ways Home Assistant writes them."""
    return Key(_flag, default)


def whole(default: int | None = None, least: int | None = None) -> Key:
    """A whole number."""
    return Key(lambda value: _whole(value, least), default)


def decimal(default: float | None = None) -> Key:
    """A finite number."""
    return Key(_decimal, default)


def names(default: tuple[str, ...] | None = None, *, required: bool = False) -> Key:
    """A list of texts; one text alone counts as a list of it."""
    return Key(_names, default, required)


def one_of(values: tuple[str, ...], default: str | None = None) -> Key:
    """One of some words."""
    return Key(lambda value: _one_of(value, values), default)


def anything() -> Key:
    """A key Home Assistant knows and nothing here has use for."""
    return Key(lambda _value: None)


def parse(keys: Keys, payload: Mapping[str, Any]) -> dict[str, Any]:
    """The keys that are given, typed. Raises `KeyValueError` naming the key."""
    given: dict[str, Any] = {}
    for name, key in keys.items():
        if name in payload:
            try:
                value = key.parse(payload[name])
            except KeyValueError as error:
                raise KeyValueError(f"{name}: {error}") from None
            if value is not None and (value != key.default or value is NOTHING):
                given[name] = value
        if key.required and payload.get(name) is None:
            raise KeyValueError(f"{name} is missing")
    return given


def shown(value: object) -> str:
    """A value, short enough for a message."""
    written = repr(value)
    return written if len(written) <= 60 else f"{written[:57]}..."


def _text(value: Any) -> str:
    if isinstance(value, bool | int | float):
        value = str(value)
    if not isinstance(value, str):
        raise KeyValueError(f"expected a text, got {shown(value)}")
    if len(value) > _TEXT_LIMIT:
        raise KeyValueError(f"a text of {len(value)} characters, at most {_TEXT_LIMIT} are taken")
    return intern(value)


_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f﷐-﷯￾￿]")


def _valid_topic(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise KeyValueError(f"expected a topic, got {shown(value)}")
    if len(value.encode()) > 65_535 or _CONTROL.search(value):
        raise KeyValueError(f"not a topic: {shown(value)}")
    return intern(value)


def _publish_topic(value: Any) -> str | None:
    if value is None:
        return None
    checked = _valid_topic(value)
    if "+" in checked or "#" in checked:
        raise KeyValueError(f"a topic to publish to has no wildcards: {shown(value)}")
    return checked


def _subscribe_topic(value: Any) -> str | None:
    if value is None:
        return None
    checked = _valid_topic(value)
    levels = checked.split("/")
    if any(("+" in level or "#" in level) and len(level) > 1 for level in levels) or "#" in levels[:-1]:
        raise KeyValueError(f"misplaced wildcard: {shown(value)}")
    return checked


def _template(value: Any) -> Any:
    if value is None:
        return None
    try:
        return _compiled(_text(value) if not isinstance(value, str) else value)
    except TemplateError as error:
        raise KeyValueError(str(error)) from None


_YES: Final = frozenset({"1", "true", "yes", "on", "enable"})
_NO: Final = frozenset({"0", "false", "no", "off", "disable"})


def _flag(value: Any) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in _YES | _NO:
        return value.strip().lower() in _YES
    if isinstance(value, int | float):
        return value != 0
    raise KeyValueError(f"expected true or false, got {shown(value)}")


def _decimal(value: Any) -> float | None:
    if value is None:
        return None
    result = _number_of(value)
    if result is None:
        raise KeyValueError(f"expected a number, got {shown(value)}")
    return result


def _whole(value: Any, least: int | None) -> int | None:
    result = _decimal(value)
    if result is None:
        return None
    if least is not None and result < least:
        raise KeyValueError(f"expected at least {least}, got {shown(value)}")
    return int(result)


def _names(value: Any) -> tuple[str, ...] | None:
    if value is None:
        return None
    values = value if isinstance(value, list | tuple) else [value]
    if len(values) > _LIST_LIMIT:
        raise KeyValueError(f"a list of {len(values)}, at most {_LIST_LIMIT} are taken")
    found = tuple(_text(item) for item in values)
    return _SHARED.setdefault(found, found) if len(_SHARED) < 10_000 else found


_SHARED: Final[dict[tuple[str, ...], tuple[str, ...]]] = {}
"""Lists that many devices of one kind have in common, kept once."""


def _one_of(value: Any, values: tuple[str, ...]) -> str | None:
    if value is None:
        return None
    if value not in values:
        raise KeyValueError(f"expected one of {', '.join(values)}, got {shown(value)}")
    return str(value)
