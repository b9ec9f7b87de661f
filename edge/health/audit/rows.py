"""Records as rows of a table, and rows as what is shown; pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from edge.assistant.model import Performed
from edge.assistant.record import Record
from edge.devices.model import Agent
from edge.router.model import Call
from edge.schema import Schema

COLUMNS: Final = (
    "time",
    "clock_trusted",
    "id",
    "source",
    "origin",
    "area",
    "authenticated",
    "text",
    "decision",
    "answered_by",
    "reply",
    "calls",
    "deeds",
    "devices",
    "ms",
    "confirmed",
    "follows",
)
SCHEMA: Final = Schema(
    "requests.sqlite",
    (
        f"""
CREATE TABLE requests (number INTEGER PRIMARY KEY AUTOINCREMENT, {", ".join(COLUMNS)});
CREATE INDEX requests_time ON requests (time);
""",
    ),
)
_MOST_TEXT: Final = 1000
_MOST_JSON: Final = 64 * 1024
_WORDS: Final = frozenset({"item", "message", "name", "label", "title", "text", "query", "search_query"})
"""Arguments that are somebody's words."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What was tried on one device."""

    device: str
    service: str
    data: Mapping[str, Any]
    outcome: str
    by: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One request as it was kept."""

    number: int
    time_s: float
    clock_trusted: bool
    id: str
    source: str
    origin: str
    area: str | None
    authenticated: bool
    text: str
    decision: str | None
    """None: it was not answered, or not yet."""
    answered_by: str
    reply: str
    calls: tuple[Mapping[str, Any], ...]
    deeds: tuple[Deed, ...]
    ms: float
    confirmed: str
    follows: str

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self)


def row(record: Record, *, with_text: bool) -> tuple[Any, ...]:
    """The values of `COLUMNS`; what is longer than anything sensible is cut."""
    deeds = [_deed(one, with_text=with_text) for one in record.deeds]
    devices = dict.fromkeys([one["device"] for one in deeds] + [each for call in record.calls for each in call.targets])
    values = (
        record.time_s,
        int(record.clock_trusted),
        record.id[:_MOST_TEXT],
        record.source,
        record.origin[:_MOST_TEXT],
        record.area,
        int(record.authenticated),
        record.text[:_MOST_TEXT] if with_text else "",
        record.decision,
        record.answered_by,
        record.reply[:_MOST_TEXT] if with_text else "",
        _json([_call(one, with_text=with_text) for one in record.calls]),
        _json(deeds),
        f" {' '.join(devices)} "[:_MOST_JSON],
        round(record.ms, 1),
        record.confirmed,
        record.follows[:_MOST_TEXT],
    )
    return tuple(_whole(one) if isinstance(one, str) else one for one in values)


def entry(values: Sequence[Any]) -> Entry:
    """From the number and the values of `COLUMNS`. Raises ValueError for a row that makes no sense."""
    try:
        plain = dict(zip(("number", *COLUMNS), values, strict=True))
        return Entry(
            number=int(plain["number"]),
            time_s=float(plain["time"]),
            clock_trusted=bool(plain["clock_trusted"]),
            id=str(plain["id"]),
            source=str(plain["source"]),
            origin=str(plain["origin"] or ""),
            area=None if plain["area"] is None else str(plain["area"]),
            authenticated=bool(plain["authenticated"]),
            text=str(plain["text"] or ""),
            decision=None if plain["decision"] is None else str(plain["decision"]),
            answered_by=str(plain["answered_by"] or ""),
            reply=str(plain["reply"] or ""),
            calls=tuple(dict(one) for one in json.loads(plain["calls"])),
            deeds=tuple(Deed(**one) for one in json.loads(plain["deeds"])),
            ms=float(plain["ms"]),
            confirmed=str(plain["confirmed"] or ""),
            follows=str(plain["follows"] or ""),
        )
    except (TypeError, KeyError, OverflowError, RecursionError) as error:
        raise ValueError(f"a row that makes no sense: {error}") from None


def _deed(one: Performed, *, with_text: bool) -> dict[str, Any]:
    return {
        "device": one.call.device,
        "service": one.call.service,
        "data": _plain(one.call.data, with_text=with_text),
        "outcome": one.outcome.value,
        "by": (one.call.cause.by if one.call.cause else Agent.PERSON).value,
    }


def _call(call: Call, *, with_text: bool) -> dict[str, Any]:
    return {
        "function": call.function,
        "arguments": _plain(call.arguments, with_text=with_text),
        "targets": list(call.targets),
        "confirm": call.confirm,
    }


def _plain(values: Mapping[str, Any], *, with_text: bool) -> dict[str, Any]:
    """What JSON can say, and no codes; without what somebody said where that is not to be kept."""
    kept = {}
    for key, value in values.items():
        if key == "code" or (not with_text and key in _WORDS):
            continue
        kept[key] = value[:_MOST_TEXT] if isinstance(value, str) else value
    return kept


def _whole(text: str) -> str:
    """Without halves of characters, which no file takes."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _json(rows: list[dict[str, Any]]) -> str:
    """As many as there is room for."""
    text = json.dumps(rows, ensure_ascii=False, default=str)
    while len(text) > _MOST_JSON and rows:
        rows = rows[: len(rows) * 3 // 4]
        text = json.dumps(rows, ensure_ascii=False, default=str)
    return text
