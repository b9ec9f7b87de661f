"""Until when something is to last: "the lamp on until ten" is for now, and not for ten; pure."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from edge.router.model import Slot, Span
from edge.router.values.ends import end_of
from edge.router.vocabulary import Function

UNTIL: Final = "until "
_BEFORE: Final = re.compile(r"\b(?:until|till|til|'til)\s+(?:the\s+|about\s+|around\s+)?$", re.IGNORECASE)
_LEADS: Final = re.compile(r"^(?:until|till|til)\s+", re.IGNORECASE)
_ON_TILL: Final = re.compile(r"\b(?:on|running|open|going|burning|playing)\s+(?:un)?till?\b", re.IGNORECASE)
_AT_ITS_END: Final = frozenset({"turn_off", "close", "stop", "lock"})
"""What ends something: "keep it on till ten" ends it then."""


def until(function: Function, spans: Sequence[Span], text: str) -> tuple[Span, ...]:
    """The spans, with a time that something is to last until as its duration."""
    if function.kind == "query" or Slot.DURATION not in function.slots or any(s.slot is Slot.DURATION for s in spans):
        return tuple(spans)
    return tuple(_lasting(function, span, text) for span in spans)


def seconds_until(text: str, now: datetime) -> int | None:
    """How long it is until the moment that `until …` names; None where it names none."""
    end = end_of(text.removeprefix(UNTIL), now)
    left_s = 0.0 if end is None else end.timestamp() - now.timestamp()
    return round(left_s) if left_s > 0 else None


def _lasting(function: Function, span: Span, text: str) -> Span:
    copied = text[span.start : span.end] == span.text
    led = _LEADS.match(span.text) is not None or (copied and _BEFORE.search(text[: span.start]) is not None)
    ends_then = function.verb in _AT_ITS_END and _ON_TILL.search(text) is not None
    if span.slot is not Slot.TIME or not led or ends_then:
        return span
    return replace(span, slot=Slot.DURATION, text=f"{UNTIL}{_LEADS.sub('', span.text)}")
