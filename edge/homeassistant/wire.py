"""Home Assistant's WebSocket messages: read at the border, whatever comes; no I/O here.

The protocol: https://developers.home-assistant.io/docs/api/websocket
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

MOST_BYTES: Final = 16 * 1024 * 1024
"""The longest message that is taken: the states of about 40,000 entities."""
_VERSION: Final = re.compile(r"(\d{1,4})\.(\d{1,3})", re.ASCII)
_MOST_IN_ONE: Final = 10_000
"""Messages that may come in one frame."""


class MessageError(ValueError):
    """What came is no message of the protocol."""


@dataclass(frozen=True, slots=True)
class Greeting:
    """Before the session: `auth_required`, `auth_ok` or `auth_invalid`."""

    kind: Literal["auth_required", "auth_ok", "auth_invalid"]
    version: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """The answer to the command of this number; `value` where it went well."""

    number: int
    value: Any = None
    code: str | None = None
    """Home Assistant's word for what went wrong; None where nothing did."""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, for the subscription of this number."""

    number: int
    content: Any


@dataclass(frozen=True, slots=True)
class Pong:
    """The answer to a ping."""

    number: int


Message = Greeting | Result | Event | Pong


def read(text: str) -> list[Message]:
    """The messages of one frame, those of kinds unknown here left out; raises `MessageError`."""
    try:
        content = json.loads(text, parse_constant=_nothing)
    except (ValueError, RecursionError) as error:
        raise MessageError(f"not JSON: {error}") from None
    parts = content if isinstance(content, list) else [content]
    if len(parts) > _MOST_IN_ONE:
        raise MessageError(f"{len(parts)} messages in one, at most {_MOST_IN_ONE} are taken")
    return [message for part in parts if (message := _message(part)) is not None]


def version_of(text: str) -> tuple[int, int]:
    """Year and month of a release, (0, …) for those before 2021, (0, 0) for what says none."""
    match = _VERSION.match(text)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def mapping(value: object) -> Mapping[str, Any]:
    """The value where it is an object, an empty one otherwise."""
    return value if isinstance(value, Mapping) else {}


def sequence(value: object) -> Sequence[Any]:
    """The value where it is a list, an empty one otherwise."""
    return value if isinstance(value, list | tuple) else ()


def line(value: object, most: int = 255) -> str | None:
    """One line of text that can be said; None for none."""
    if not isinstance(value, str):
        return None
    return " ".join(value[: most * 4].split())[:most] or None


def _nothing(_word: str) -> None:
    """NaN and infinities, which are no JSON: not known."""


def _message(part: object) -> Message | None:
    if not isinstance(part, dict):
        raise MessageError(f"expected an object, got {type(part).__name__}")
    kind = part.get("type")
    if kind in ("auth_required", "auth_ok", "auth_invalid"):
        return Greeting(kind, line(part.get("ha_version"), 40) or "", line(part.get("message")) or "")
    number = part.get("id")
    if kind not in ("result", "event", "pong"):
        return None
    if isinstance(number, bool) or not isinstance(number, int):
        raise MessageError(f"a {kind} without a number")
    if kind == "event":
        return Event(number, part.get("event"))
    if kind == "pong":
        return Pong(number)
    if part.get("success") is True:
        return Result(number, part.get("result"))
    error = mapping(part.get("error"))
    return Result(number, None, line(error.get("code"), 80) or "unknown_error", line(error.get("message"), 500) or "")
