"""`[summary]`: what is summed up by itself, and when."""

from typing import Annotated

from pydantic import Field

from edge.settings.base import Table, like

_CLOCK = like(r"([01]?\d|2[0-3])[:.][0-5]\d", "a time of day such as 07:30")


class SummarySettings(Table):
    """The daily and the weekly summary."""

    enabled: bool = True
    at: Annotated[str, _CLOCK] = "07:30"
    """When yesterday's is made; what was missed is made at the next start."""
    week_day: Annotated[int, Field(ge=1, le=7)] = 1
    """The day on which the past week's is made too: 1 is Monday."""
    aloud: bool = False
    """Whether the daily one is said in every room; quiet hours hold it back."""
    most_words: Annotated[int, Field(ge=15, le=300)] = 60
    """The length of its text."""
    reword: bool = True
    """Whether a language model may say the text in better words; what it changes in the figures is not taken."""

    @property
    def minute(self) -> int:
        """Of the day."""
        hour, minute = self.at.replace(".", ":").split(":")
        return int(hour) * 60 + int(minute)
