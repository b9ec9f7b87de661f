"""Reads what comes in on the `ask` topic: plain text, or JSON with a text and what belongs to it."""

import json
from dataclasses import dataclass, field
from typing import Any, Final

from edge.assistant.model import new_id
from edge.errors import EdgeError

MOST_BYTES: Final = 16 * 1024
_LONGEST_ID: Final = 200


class AskError(EdgeError):
    """A question that can't be read; the message is meant for whoever sent it, under the id they gave."""

    def __init__(self, message: str, id_: str | None = None) -> None:
        super().__init__(message)
        self.id = id_ or new_id()


@dataclass(frozen=True, slots=True)
class Ask:
    """One question."""

    text: str
    id: str = field(default_factory=new_id)
    area: str | None = None
    """An area's id or name, as it was given."""
    speak: bool = False


def parse_ask(payload: bytes) -> Ask:
    """Text, or an object with `text` and, where wanted, `id`, `area` and `speak`. Raises `AskError`."""
    if len(payload) > MOST_BYTES:
        raise AskError(f"expected at most {MOST_BYTES} bytes, got {len(payload)}")
    try:
        text = payload.decode("utf-8")
    except UnicodeDecodeError as error:
        raise AskError(f"expected UTF-8 text: byte {error.start} is not") from None
    if not text.lstrip().startswith("{"):
        return Ask(_clean(text))
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise AskError(f'expected text, or JSON such as {{"text": "lights on"}}: {error}') from None
    return _from_fields(fields)


def _from_fields(fields: dict[str, Any]) -> Ask:
    given = fields.get("id")
    if isinstance(given, int) and not isinstance(given, bool):
        given = str(given)[: _LONGEST_ID + 1]
    if given is not None and (not isinstance(given, str) or not 0 < len(given) <= _LONGEST_ID):
        raise AskError(f"`id`: expected text of 1 to {_LONGEST_ID} characters")
    id_ = given or new_id()
    text, area, speak = fields.get("text"), fields.get("area"), fields.get("speak", False)
    if not isinstance(text, str):
        raise AskError("`text`: expected the words of the request as a text", id_)
    if area is not None and not isinstance(area, str):
        raise AskError("`area`: expected an area's id or name as a text", id_)
    if not isinstance(speak, bool):
        raise AskError("`speak`: expected true or false", id_)
    return Ask(_clean(text), _clean(id_), area or None, speak)


def _clean(text: str) -> str:
    """Without what no keyboard or recogniser writes: control characters and halves of characters."""
    return "".join(" " if ord(c) < 32 or ord(c) == 127 or 0xD800 <= ord(c) < 0xE000 else c for c in text)
