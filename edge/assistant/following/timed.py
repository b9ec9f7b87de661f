"""A phrase with a time at its end, and that time put into an order that had another; pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from edge.assistant.following.scheduling import TIME
from edge.router.model import Value
from edge.router.values.durations import duration
from edge.router.values.moments import moment

TIMES: Final = ("after", "at", "repeat", "sun", "sun_offset")
_SHIFT: Final = re.compile(r"(?P<length>.+?) (?P<way>later|earlier|sooner|after that|before that|after|before)")
_IN: Final = re.compile(r"in (?:\d+|[a-z]+(?:[ -](?:one|two|three|four|five|six|seven|eight|nine))?)")
_START: Final = re.compile(
    r"\s(?=(?:at|in|on|by|for|until|till|from|every|tomorrow|tonight|this|next|an?|half|one|two|three|four|five|ten|"
    r"fifteen|twenty|thirty|\d+)\b)"
)


@dataclass(frozen=True, slots=True)
class Times:
    """What an order's time becomes: another one, or the same moved by some seconds."""

    arguments: Mapping[str, Value] = field(default_factory=dict)
    shift_s: float = 0.0

    def put(self, before: Mapping[str, Value]) -> dict[str, Value]:
        """The arguments of an order with this time."""
        if not self.shift_s:
            rest = {key: value for key, value in before.items() if key not in TIMES}
            return {**rest, **self.arguments}
        moved = dict(before)
        if before.get("sun"):
            moved["sun_offset"] = _number(before.get("sun_offset")) + self.shift_s
        elif isinstance(at := before.get("at"), str):
            moved["at"] = (datetime.fromisoformat(at) + timedelta(seconds=self.shift_s)).isoformat()
        else:
            moved["after"] = max(0.0, _number(before.get("after")) + self.shift_s)
        return moved


def split_time(phrase: str, now: datetime) -> tuple[str, Times | None]:
    """What stands before a time, and the time; the phrase as it is where it ends in none."""
    for start in (match.start() for match in _START.finditer(phrase)):
        times = time_of(phrase[start:].strip(), now)
        if times is not None:
            return phrase[:start].strip(), times
    return phrase, None


def time_of(text: str, now: datetime) -> Times | None:
    """The time that all of a text says."""
    shifted = _SHIFT.fullmatch(text)
    if shifted and (length := duration(shifted["length"])) is not None:
        sign = -1 if shifted["way"] in ("earlier", "sooner", "before that", "before") else 1
        return Times(shift_s=sign * float(length.total_s))
    if not re.match(r"(?:at|in|on|by|every|tomorrow|tonight|this|next)\b", text) or not TIME.fullmatch(text):
        return None
    # "In ten minutes" was said before: "in twenty" is no hour.
    minutes = duration(text[3:], bare_unit_s=60) if _IN.fullmatch(text) else None
    if minutes is not None:
        return Times({"after": minutes.total_s})
    found = moment(text, now)
    return Times(dict(found.arguments())) if found is not None else None


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0
