"""What comes back until some day: "every morning until Friday"; pure."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from edge.router.model import Call, Routing
from edge.router.values.ends import end_of
from edge.schedule.errors import ScheduleError
from edge.schedule.recurrence import rule_of

_UNTIL: Final = re.compile(
    r",? (?:until|till|up to|through(?: to)?)(?: and including)? (?P<day>(?:(?:this|next|the) )?"
    r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|weekend|end of (?:the|this|next) (?:week|month)|christmas|new year|"
    r"(?:the )?\d{1,2}(?:st|nd|rd|th)?(?: of)? [a-z]+|[a-z]+(?: the)? \d{1,2}(?:st|nd|rd|th)?|tomorrow|next week))"
    r"(?=$|[ ,.!?])",
    re.IGNORECASE,
)
_OFTEN: Final = re.compile(r"\b(?:every|each|daily|nightly|weekdays|weekends|always)\b", re.IGNORECASE)


def until_day(text: str, now: datetime) -> tuple[str, str] | None:
    """What comes back without its last day, and that as an RRULE's `UNTIL`; None where no such day is said."""
    found = _UNTIL.search(text) if _OFTEN.search(text) else None
    end = end_of(re.sub(r"^(?:the )?end of ", "", found["day"].lower()), now) if found is not None else None
    if found is None or end is None:
        return None
    last = (end - timedelta(seconds=1)).replace(tzinfo=None)
    return f"{text[: found.start()]}{text[found.end() :]}", f"UNTIL={last:%Y%m%dT%H%M%S}"


def bounded(routing: Routing, now: datetime, route: Callable[[str], Routing]) -> Routing:
    """The routing of a sentence that says until which day something comes back; others as they are."""
    if not any(call.arguments.get("repeat") for call in routing.calls):
        return routing
    parted = until_day(routing.text, now)
    if parted is None:
        return routing
    again = route(parted[0])
    if not again.calls or not all(call.arguments.get("repeat") for call in again.calls):
        return routing
    try:
        calls = tuple(_until(call, parted[1]) for call in again.calls)
    except ScheduleError:
        return routing
    return replace(again, text=routing.text, calls=calls)


def _until(call: Call, until: str) -> Call:
    return replace(call, arguments={**call.arguments, "repeat": f"{rule_of(str(call.arguments['repeat']))};{until}"})
