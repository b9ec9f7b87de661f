"""The filters, tests and functions Home Assistant adds to Jinja, as far as an MQTT template has use for them."""

import base64
import hashlib
import json
import re
import struct
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

import jinja2
from jinja2 import filters as builtin
from jinja2.utils import htmlsafe_json_dumps

from edge.mqtt import jinja_numbers as numbers
from edge.mqtt import jinja_times as times
from edge.mqtt.jinja_limits import (
    RANGE_LIMIT,
    LimitError,
    check_format,
    check_pattern,
    check_size,
    size_of,
)
from edge.mqtt.jinja_numbers import NONE, or_default
from edge.mqtt.payloads import MISSING, loads
from edge.mqtt.slugs import slugify

# Texts and patterns ------------------------------------------------------------------------------------------------


@lru_cache(maxsize=128)
def _compiled(pattern: str, ignore_case: bool) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE if ignore_case else 0)


def _pattern(find: str, subject: str, ignore_case: bool) -> re.Pattern[str]:
    check_pattern(find, subject)
    return _compiled(find, bool(ignore_case))


def _regex_match(value: Any, find: str = "", ignorecase: bool = False) -> bool:
    text = str(value)
    return _pattern(find, text, ignorecase).match(text) is not None


def _regex_search(value: Any, find: str = "", ignorecase: bool = False) -> bool:
    text = str(value)
    return _pattern(find, text, ignorecase).search(text) is not None


def _regex_replace(value: Any = "", find: str = "", replace: str = "", ignorecase: bool = False) -> str:
    text = str(value)
    check_size((len(text) + 1) * max(1, len(replace)))
    return _pattern(find, text, ignorecase).sub(replace, text)


def _regex_findall(value: Any, find: str = "", ignorecase: bool = False) -> list[Any]:
    text = str(value)
    return _pattern(find, text, ignorecase).findall(text)


def _regex_findall_index(value: Any, find: str = "", index: int = 0, ignorecase: bool = False) -> Any:
    return _regex_findall(value, find, ignorecase)[index]


def _replace(value: Any, old: Any, new: Any, count: int = -1) -> str:
    text, old, new = str(value), str(old), str(new)
    check_size(len(text) + (text.count(old) if old else len(text) + 1) * len(new))
    return text.replace(old, new, -1 if count is None else count)


def _join(items: Iterable[Any], separator: Any = "", attribute: Any = None) -> str:
    values = [item[attribute] for item in items] if attribute is not None else list(items)
    texts = [str(value) for value in values]
    check_size(sum(map(len, texts)) + len(texts) * len(str(separator)))
    return str(separator).join(texts)


def _format(value: Any, *args: Any, **kwargs: Any) -> str:
    check_format(str(value), [*args, *kwargs.values()])
    return str(value) % (kwargs or args)


def _bounded(function: Callable[..., Any]) -> Callable[..., Any]:
    """A filter of Jinja's whose result may be its input times its arguments."""

    def apply(value: Any, *args: Any, **kwargs: Any) -> Any:
        sizes = [item if isinstance(item, int) else size_of(item) for item in (*args, *kwargs.values())]
        check_size(size_of(value) + max(sizes, default=80) * max(1, str(value)[:65_536].count("\n")))
        return function(value, *args, **kwargs)

    return apply


def _batch(items: Iterable[Any], count: int) -> list[list[Any]]:
    values = list(items)
    return [values[start : start + count] for start in range(0, len(values), max(1, int(count)))]


def _ordinal(value: Any) -> str:
    number = int(str(value)[-2:])
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{value}{ending}"


# JSON, bytes, choices ----------------------------------------------------------------------------------------------


def _from_json(value: Any, default: Any = NONE) -> Any:
    result = loads(value) if isinstance(value, str | bytes) else MISSING
    return or_default("from_json", value, default) if result is MISSING else result


def _to_json(value: Any, ensure_ascii: bool = False, pretty_print: bool = False, sort_keys: bool = False) -> str:
    separators = None if ensure_ascii or pretty_print else (",", ":")
    return json.dumps(
        value,
        ensure_ascii=ensure_ascii,
        indent=2 if pretty_print else None,
        sort_keys=sort_keys,
        separators=separators,
        allow_nan=False,
    )


def _tojson(value: Any, indent: int | None = None) -> Any:
    if indent is not None and not 0 <= indent <= 8:
        raise LimitError("tojson indents by at most 8")
    return htmlsafe_json_dumps(value) if indent is None else htmlsafe_json_dumps(value, indent=indent)


def _pack(value: Any, format_string: str) -> bytes | None:
    _check_struct(format_string)
    try:
        return struct.pack(format_string, value)
    except struct.error:
        return None


def _unpack(value: bytes, format_string: str, offset: int = 0) -> Any:
    _check_struct(format_string)
    try:
        return struct.unpack_from(format_string, value, offset)[0]
    except struct.error:
        return None


def _check_struct(format_string: str) -> None:
    if len(format_string) > 8:
        raise LimitError("pack and unpack take short formats only")
    check_size(struct.calcsize(format_string))


def _iif(value: Any, if_true: Any = True, if_false: Any = False, if_none: Any = NONE) -> Any:
    if value is None and if_none is not NONE:
        return if_none
    return if_true if value else if_false


def _is_defined(value: Any) -> Any:
    if isinstance(value, jinja2.Undefined):
        value()
    return value


def _combine(*maps: Mapping[Any, Any], recursive: bool = False) -> dict[Any, Any]:
    result: dict[Any, Any] = {}
    for each in maps:
        for key, value in each.items():
            both = recursive and isinstance(value, Mapping) and isinstance(result.get(key), Mapping)
            result[key] = _combine(result[key], value, recursive=True) if both else value
    return result


def _contains(sequence: Any, value: Any) -> bool:
    return value in sequence


def _flatten(items: Iterable[Any], levels: int | None = None) -> list[Any]:
    flat: list[Any] = []
    for item in items:
        deeper = isinstance(item, list | tuple | set) and (levels is None or levels > 0)
        flat.extend(_flatten(item, None if levels is None else levels - 1) if deeper else [item])
    return flat


def _range(*args: int) -> range:
    result = range(*args)
    if len(result) > RANGE_LIMIT:
        raise LimitError(f"range takes at most {RANGE_LIMIT} steps")
    return result


def _digest(name: str) -> Callable[[Any], str]:
    return lambda value: hashlib.new(name, str(value).encode(), usedforsecurity=False).hexdigest()


_BOTH: Final[Mapping[str, Callable[..., Any]]] = {
    **numbers.FUNCTIONS,
    **times.FUNCTIONS,
    "combine": _combine,
    "flatten": _flatten,
    "iif": _iif,
    "pack": _pack,
    "set": set,
    "slugify": lambda value, separator="_": slugify(str(value), separator),
    "tuple": tuple,
    "typeof": lambda value: type(value).__name__,
    "unpack": _unpack,
    "md5": _digest("md5"),
    "sha1": _digest("sha1"),
    "sha256": _digest("sha256"),
    "sha512": _digest("sha512"),
}
"""Functions that are filters as well."""

GLOBALS: Final[Mapping[str, Any]] = {
    **_BOTH,
    **numbers.GLOBALS,
    **times.GLOBALS,
    "list": list,
    "range": _range,
    "zip": zip,
}

FILTERS: Final[Mapping[str, Callable[..., Any]]] = {
    **_BOTH,
    **numbers.FILTERS,
    **times.FILTERS,
    "base64_decode": lambda value, encoding="utf-8": base64.b64decode(value).decode(encoding),
    "base64_encode": lambda value, encoding="utf-8": base64.b64encode(str(value).encode(encoding)).decode(),
    "batch": _batch,
    "center": _bounded(builtin.do_center),
    "contains": _contains,
    "format": _format,
    "from_hex": bytes.fromhex,
    "from_json": _from_json,
    "indent": _bounded(builtin.do_indent),
    "is_defined": _is_defined,
    "join": _join,
    "ord": ord,
    "ordinal": _ordinal,
    "regex_findall": _regex_findall,
    "regex_findall_index": _regex_findall_index,
    "regex_match": _regex_match,
    "regex_replace": _regex_replace,
    "regex_search": _regex_search,
    "replace": _replace,
    "to_json": _to_json,
    "tojson": _tojson,
}

TESTS: Final[Mapping[str, Callable[..., Any]]] = {
    "contains": _contains,
    "datetime": times.is_datetime,
    "is_number": numbers.is_number,
    "list": lambda value: isinstance(value, list),
    "match": _regex_match,
    "search": _regex_search,
    "set": lambda value: isinstance(value, set),
    "string_like": lambda value: isinstance(value, str | bytes | bytearray),
    "tuple": lambda value: isinstance(value, tuple),
}

REMOVED_FILTERS: Final = ("attr", "filesizeformat", "forceescape", "pprint", "slice", "urlize", "wordwrap", "xmlattr")
"""Jinja's own that no payload needs and that grow or reach."""
