"""Templates of discovery payloads: compiled once a text, rendered as Home Assistant renders them, never trusted."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from edge.errors import EdgeError
from edge.mqtt.payloads import MISSING, Message

if TYPE_CHECKING:
    from jinja2 import Template as JinjaTemplate

LENGTH_LIMIT: Final = 16_384
"""Longer templates are refused, in characters."""


class TemplateError(EdgeError):
    """A template that can't be compiled or rendered; `undefined` when it reached for something that is not there."""

    def __init__(self, message: str, *, undefined: bool = False) -> None:
        super().__init__(message)
        self.undefined = undefined


Names = Callable[[], Mapping[str, Any]]
"""Gives the other names a template may use (entity_id, name, this), asked only when it may."""


def no_names() -> Mapping[str, Any]:
    """No other names."""
    return {}


@lru_cache(maxsize=4096)
def template(source: str) -> "Template":
    """The compiled template; the same text gives the same object. Raises `TemplateError` for bad syntax."""
    if len(source) > LENGTH_LIMIT:
        raise TemplateError(f"template of {len(source)} characters, at most {LENGTH_LIMIT} are taken")
    text = source.strip()
    if not any(mark in text for mark in ("{{", "{%", "{#")):
        return Template(source, text, None, None)
    path = _simple_path(text)
    if path is not None:
        return Template(source, None, path, None)
    from edge.mqtt.jinja import compile_template  # most homes never need Jinja: it costs 5 MB

    return Template(source, None, None, compile_template(text))


class Template:
    """One template. Most are a path into the payload (`{{ value_json.state }}`) and are followed without Jinja."""

    __slots__ = ("_jinja", "_path", "_static", "source")

    def __init__(self, source: str, static: str | None, path: "_Path | None", jinja: "JinjaTemplate | None") -> None:
        self.source = source
        self._static = static
        self._path = path
        self._jinja = jinja

    def read(self, message: Message, names: Names = no_names, *, or_payload: bool = True) -> str | None:
        """The value taken from a payload, stripped.

        Where the payload lacks what the template reaches for, the payload itself (Home Assistant does so), or None
        with `or_payload=False`. None too when the template fails otherwise: the message is to be ignored.
        """
        try:
            return self._render({"value": message.value}, message, names)
        except TemplateError as error:
            return message.value if error.undefined and or_payload and isinstance(message.value, str) else None

    def write(self, value: Any, variables: Mapping[str, Any] | None = None, names: Names = no_names) -> str:
        """The payload for a command. Raises `TemplateError`."""
        given = {"value": value}
        if variables:
            given.update(variables)
        return self._render(given, None, names)

    def _render(self, given: dict[str, Any], message: Message | None, names: Names) -> str:
        if self._static is not None:
            return self._static
        if self._path is not None:
            return _follow(self._path, given, message)
        from edge.mqtt.jinja import render

        if message is not None and message.json is not MISSING:
            given["value_json"] = message.json
        assert self._jinja is not None  # noqa: S101 # one of the three is always set
        return render(self._jinja, {**names(), **given})

    def __repr__(self) -> str:
        return f"Template({self.source!r})"


# The fast path -----------------------------------------------------------------------------------------------------

_Path = tuple[bool, tuple[str | int, ...]]
"""Whether it starts at `value_json` (else at `value`), and the keys to follow."""

_STEP = r"""\.[A-Za-z][A-Za-z0-9_]*|\[\s*'[^'"\\{}%\#\n\r]*'\s*\]|\[\s*"[^'"\\{}%\#\n\r]*"\s*\]|\[\s*[0-9]{1,6}\s*\]"""
_SIMPLE: Final = re.compile(rf"\{{\{{-?\s*(?:value|(value_json)((?:{_STEP})*))\s*-?\}}\}}", re.ASCII)
_STEPS: Final = re.compile(_STEP, re.ASCII)
_JSON_TYPES: Final = (dict, list, str, int, float, bool, type(None))


def _simple_path(text: str) -> _Path | None:
    match = _SIMPLE.fullmatch(text)
    if match is None:
        return None
    if match[1] is None:
        return False, ()
    keys = tuple(_key(step) for step in _STEPS.findall(match[2]))
    if any(isinstance(key, str) and _is_attribute(key) for key in keys):
        return None
    return True, keys


def _key(step: str) -> str | int:
    if step.startswith("."):
        return step[1:]
    inner = step[1:-1].strip()
    return inner[1:-1] if inner[0] in "'\"" else int(inner)


def _is_attribute(key: str) -> bool:
    """Whether Jinja may find it on the value itself (`value_json.items`), which is not what a path means."""
    return key.startswith("_") or any(hasattr(kind, key) for kind in _JSON_TYPES)


def _follow(path: _Path, given: Mapping[str, Any], message: Message | None) -> str:
    from_json, keys = path
    if not from_json:
        return str(given["value"]).strip()
    here = message.json if message is not None else given.get("value_json", MISSING)
    for key in keys:
        if here is MISSING:
            raise TemplateError(f"nothing there to take {key!r} from", undefined=True)
        try:
            here = here[key]
        except (TypeError, LookupError):
            here = MISSING
    return "" if here is MISSING else str(here).strip()
