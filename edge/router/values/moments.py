"""Any time to come that stands by itself: "in ten minutes", "an hour from now", "at seven", "every other Friday"."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from edge.router.values.durations import duration
from edge.router.values.times import When, when

_DELAYED: Final = re.compile(
    r"\b(?:from now|from this moment|later|(?:'s|s'|s) time)\b|^(?:in|after|within|give (?:me|it|us)|wait|another)\b",
    re.IGNORECASE,
)
_CLOCK: Final = re.compile(r"\b(?:at|o'?clock|am|pm|noon|midnight|past|sun\w+|dusk|dawn)\b", re.IGNORECASE)

_DAYS: Final = re.compile(r"\b(?:day|week|fortnight|month|year)s?\b", re.IGNORECASE)
"""What is counted in these keeps the time of day."""


@dataclass(frozen=True, slots=True)
class Delay:
    """A length of time from now."""

    after_s: int

    def arguments(self) -> dict[str, str | int]:
        """As an argument of a call."""
        return {"after": self.after_s}


def moment(text: str, now: datetime, *, morning: bool = False) -> Delay | When | None:
    """The time to come that a text says; None where it says none. `morning`: see `when`."""
    if _DELAYED.search(text.strip()) and not _CLOCK.search(text):
        length = duration(text)
        if length is not None and (length.total_s % 86_400 or not _DAYS.search(text)):
            return Delay(length.total_s)
    found = when(text, now, morning=morning)
    if found is not None:
        return found
    length = duration(text)
    return Delay(length.total_s) if length is not None else None
