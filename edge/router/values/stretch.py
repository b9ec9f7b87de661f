"""A stretch of the past, and how one says it: "last night", "at 12:00 on Monday"."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

PARTS: Final = {"morning": (5, 12), "afternoon": (12, 18), "evening": (18, 24)}
NIGHT: Final = (20, 32)
"""Hours from the midnight before: 20:00 to 8:00."""


@dataclass(frozen=True, slots=True)
class Past:
    """From `start` to `end`, both the same for a moment; `said` is how one says it: "last night", "at 12:00 today".

    The words are those from `first` to before `last`. `back_s`: it counts back from now by so many seconds, to now or,
    for a moment, at that moment; `start` and `end` are then right as long as no clock is set in between.
    """

    start: datetime
    end: datetime
    said: str
    first: int = 0
    last: int = 0
    back_s: int | None = None

    @property
    def moment(self) -> bool:
        """Whether it is a point in time."""
        return self.start == self.end


def hm(point: datetime) -> str:
    """ "3:05"."""
    return f"{point.hour}:{point.minute:02d}"


def bare(said: str) -> str:
    """After another preposition."""
    for lead in ("on ", "at ", "in the "):
        said = said.removeprefix(lead)
    return said


def day_said(day: date, now: datetime) -> str:
    """ "today", "yesterday", "on Monday", "on the 3rd of May"."""
    days = (now.date() - day).days
    if days in (0, 1, -1):
        return {0: "today", 1: "yesterday", -1: "tomorrow"}[days]
    if 1 < days < 7:
        return f"on {day:%A}"
    suffix = "th" if 10 <= day.day % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10, "th")
    year = "" if day.year == now.year else f" {day.year}"
    return f"on the {day.day}{suffix} of {day:%B}{year}"


def part_said(day: date, part: str, now: datetime) -> str:
    """ "this morning", "last night", "on Monday evening"."""
    days = (now.date() - day).days
    if part == "night":
        if days == 0:
            return "tonight"
        return "last night" if days == 1 else f"{day_said(day, now)} night" if days < 7 else (
            f"in the night of {bare(day_said(day, now))}"
        )  # fmt: skip
    if days == 0:
        return f"this {part}"
    return f"{day_said(day, now)} {part}" if days < 7 else f"in the {part} of {bare(day_said(day, now))}"
