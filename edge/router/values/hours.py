"""Hours of the day and days of the week in which something counts: "at night", "between ten and six", "on weekdays"."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from edge.devices.words import listed
from edge.router.values.clock import DAYS, WEEKDAYS, Clock, read_clock
from edge.router.values.numbers import ONES, TENS

NIGHT: Final = (22 * 60, 6 * 60)
_DAY: Final = (7 * 60, 22 * 60)
_PARTS: Final = {
    "night": NIGHT,
    "nighttime": NIGHT,
    "nights": NIGHT,
    "overnight": NIGHT,
    "tonight": NIGHT,
    "day": _DAY,
    "daytime": _DAY,
    "morning": (6 * 60, 12 * 60),
    "mornings": (6 * 60, 12 * 60),
    "afternoon": (12 * 60, 18 * 60),
    "afternoons": (12 * 60, 18 * 60),
    "evening": (18 * 60, 22 * 60),
    "evenings": (18 * 60, 22 * 60),
}
_BEFORE_PARTS: Final = frozenset(
    {
        ("at",),
        ("in", "the"),
        ("during", "the"),
        ("by",),
        ("during",),
        ("over",),
        ("through", "the"),
        ("in", "the", "late"),
    }
)
_DARK: Final = listed(
    "after dark, when it is dark, while it is dark, after sunset, after sundown, after nightfall, in the dark, "
    "once it is dark, between sunset and sunrise, from dusk until dawn, from sunset to sunrise, from dusk to dawn"
)
_DAYS: Final = {
    **dict.fromkeys(["weekdays", "weekday", "workdays", "working days"], frozenset(range(5))),
    **dict.fromkeys(["weekends", "weekend", "the weekend", "the weekends"], frozenset({5, 6})),
}
_CLOCK_WORDS: Final = listed(
    "oclock, o, clock, am, pm, in, the, at, half, quarter, past, to, morning, evening, night, afternoon, noon, midday, "
    "midnight, a, hundred, tonight"
) | frozenset({*ONES, *TENS})
_LATEST_DAY_START: Final = 9
"""O'clock: what goes from a later hour to an early one is the night."""
_EARLY: Final = 8


@dataclass(frozen=True, slots=True)
class Hours:
    """From and to, in minutes after midnight (to may be the earlier), on which days of the week (0 is Monday)."""

    begin: int | None = None
    end: int | None = None
    days: frozenset[int] = frozenset()
    """None of them: every day."""
    dark: bool = False
    """From sunset to sunrise, whenever that is."""


def read_hours(tokens: Sequence[str]) -> Hours | None:
    """The hours that all of the tokens say; None where they say anything else."""
    said = " ".join(tokens)
    if not tokens:
        return None
    if said in _DARK:
        return Hours(dark=True)
    if (days := _days(tokens)) is not None:
        return Hours(days=days)
    for at in range(1, len(tokens)):
        first, rest = read_hours_plain(tokens[:at]), read_hours_plain(tokens[at:])
        if first is not None and rest is not None and bool(first.days) is not bool(rest.days):
            hours = rest if first.days else first
            return Hours(hours.begin, hours.end, first.days or rest.days, hours.dark)
    return read_hours_plain(tokens)


def read_hours_plain(tokens: Sequence[str]) -> Hours | None:
    """Days or hours, not both."""
    if " ".join(tokens) in _DARK:
        return Hours(dark=True)
    if (days := _days(tokens)) is not None:
        return Hours(days=days)
    if (
        tokens
        and tokens[-1] in _PARTS
        and (tuple(tokens[:-1]) in _BEFORE_PARTS or (tokens[-1] in {"overnight", "tonight"} and len(tokens) == 1))
    ):
        return Hours(*_PARTS[tokens[-1]])
    if len(tokens) < 2:
        return None
    if tokens[0] in {"between", "from"}:
        return _between(tokens)
    clock = _clock(tokens[1:])
    known = {"after", "before", "past", "until", "from", "by"} | ({"at"} if clock is not None and clock.sure else set())
    if clock is None or tokens[0] not in known:
        return None
    minute = _minute(clock)
    if tokens[0] in {"before", "until"}:
        return Hours(0, minute)
    late = not clock.sure and clock.hour >= 6
    if late:
        minute = clock.hour % 12 * 60 + 720 + clock.minute
    return Hours(minute, NIGHT[1] if minute >= 18 * 60 or minute < NIGHT[1] else 0)


def _between(tokens: Sequence[str]) -> Hours | None:
    for at in range(2, len(tokens) - 1):
        if tokens[at] in {"and", "to", "until", "through"}:
            start, end = _clock(tokens[1:at]), _clock(tokens[at + 1 :])
            if start is not None and end is not None:
                return _from_to(start, end)
    return None


def _from_to(start: Clock, end: Clock) -> Hours:
    """Where both may be morning or evening: from ten on it is the night that ends early, else the day."""
    if start.sure and end.sure:
        return Hours(_minute(start), _minute(end))
    if start.sure or end.sure:
        known, other = (start, end) if start.sure else (end, start)
        options = [other.hour % 12 * 60 + half + other.minute for half in (0, 720)]
        spans = [((option - _minute(known)) * (1 if start.sure else -1)) % 1440 or 1440 for option in options]
        nearest = options[spans.index(min(spans))]
        return Hours(_minute(start), nearest) if start.sure else Hours(nearest, _minute(end))
    first, last = start.hour % 12 or 12, end.hour % 12 or 12
    if first > _LATEST_DAY_START and last <= _EARLY:
        return Hours((first % 12) * 60 + (720 if first != 12 else 0) + start.minute, last % 12 * 60 + end.minute)
    begins = first % 12 * 60 + start.minute + (0 if first >= 5 and first != 12 else 720)
    ends = last % 12 * 60 + end.minute
    while ends <= begins:
        ends += 720
    return Hours(begins, ends % 1440)


def _clock(tokens: Sequence[str]) -> Clock | None:
    """A time of day that all of the tokens say."""
    if not tokens or not all(word in _CLOCK_WORDS or word[0].isdecimal() for word in tokens):
        return None
    return read_clock(list(tokens))


def _minute(clock: Clock) -> int:
    return clock.hour24 * 60 + clock.minute


def _days(tokens: Sequence[str]) -> frozenset[int] | None:
    words = [word for word in tokens if word not in {"on", "at", "and", "during", "every", "only"}]
    if not words or len(words) == len(tokens):
        return None
    said = " ".join(words)
    if said in _DAYS:
        return _DAYS[said]
    plural = [word for word in words if word in WEEKDAYS and word.removesuffix("s") in DAYS]
    return frozenset(WEEKDAYS[word] for word in plural) if len(plural) == len(words) else None
