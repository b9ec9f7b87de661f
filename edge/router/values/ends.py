"""Until when something holds that was said to hold until, or for, some time; pure."""

from datetime import datetime, time, timedelta
from typing import Final

from edge.devices.words import words
from edge.router.values.durations import read_duration
from edge.router.values.times import when

MORNING: Final = time(7)
"""When a night is over."""
_EVENING: Final = frozenset({"evening", "today", "day", "afternoon"})
_NIGHT: Final = frozenset({"tonight", "night"})
_OPEN: Final = frozenset({"notice", "say", "otherwise", "good", "further"})
_FILLERS: Final = frozenset(
    {"the", "this", "for", "until", "till", "rest", "of", "on", "all", "over", "long", "next", "a"}
)
_HOURS: Final = frozenset(
    {
        *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
        *("noon", "midnight", "midday", "half", "quarter", "am", "pm", "oclock", "morning", "breakfast", "lunch"),
        *("dinner", "lunchtime", "dinnertime", "sunrise", "sunset", "dawn", "dusk", "bedtime"),
    }
)


def end_of(text: str, now: datetime, day_over: time | None = None) -> datetime | None:
    """The moment a text means, from `now` on; None where it means none that can be told.

    `day_over`: the hour at which a whole day that is named begins to count as come ("quiet until tomorrow": in the
    morning); None: when it is over ("visitors until Sunday").
    """
    said = [word for word in words(text) if word not in _FILLERS]
    lasts = read_duration(_counted(text), 0)
    if lasts is not None:
        return now + timedelta(seconds=lasts[0].total_s)
    if not said or not _OPEN.isdisjoint(said):
        return None
    if set(said) <= _NIGHT:
        return _next(now, MORNING)
    if set(said) <= _EVENING:
        return _midnight(now)
    if "weekend" in said:
        return _midnight(now + timedelta(days=6 - now.weekday()))
    found = when(text, now)
    if found is None or found.at is None or found.repeat is not None:
        return None
    at = found.at if found.at.tzinfo else found.at.replace(tzinfo=now.tzinfo)
    if any(word in _HOURS or (word[:1].isdigit() and ":" in word) or word.isdecimal() for word in said):
        return at
    if day_over is None:
        return _midnight(at)
    return at.replace(hour=day_over.hour, minute=day_over.minute, second=0, microsecond=0)


def _counted(text: str) -> list[str]:
    spoken = [word for word in words(text) if word not in ("the", "for", "next", "another", "about")]
    return ["a", *spoken] if spoken[:1] and spoken[0] in ("hour", "minute", "day", "week") else spoken


def _midnight(of: datetime) -> datetime:
    return (of + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)


def _next(now: datetime, at: time) -> datetime:
    found = now.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
    return found if found > now else found + timedelta(days=1)
