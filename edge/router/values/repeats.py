"""What comes back: "every weekday", "mondays and thursdays", "every other sunday", "the last friday of each month"."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from edge.router.values.clock import DAYS, MONTHS, ORDINALS, WEEKDAYS, ordinal_at
from edge.router.values.numbers import read_number

_PLAIN: Final = (
    (("weekday", "weekdays", "workday", "workdays", "weeknight", "weeknights"), "weekdays"),
    (("weekends",), "weekends"),
    (("hourly",), "hourly"),
    (("daily", "nightly"), "daily"),
    (("weekly",), "weekly"),
    (("monthly",), "monthly"),
    (("yearly", "annually"), "yearly"),
)
_EACH: Final = frozenset({"every", "each"})
_UNITS: Final = frozenset({"minute", "hour", "day", "week", "month", "year"})
_PARTS: Final = frozenset({"morning", "evening", "night", "afternoon", "lunchtime", "bedtime"})
_OF_A_UNIT: Final = {(0.25, "hour"): "15 minutes", (0.5, "hour"): "30 minutes", (0.5, "minute"): ""}


@dataclass(frozen=True, slots=True)
class Repeat:
    """`daily`, `weekdays`, `weekends`, `weekly`, `monthly`, `yearly`, `hourly`, days as `monday,thursday`, `2 hours`,
    `3 weeks`, or a rule of RFC 5545; and the tokens that said so."""

    named: str
    used: frozenset[int]
    weekday: int | None = None
    """The day it falls on, where the name does not tell."""

    @property
    def by_the_clock(self) -> bool:
        """Whether it goes by hours and minutes, and not by days."""
        return self.named == "hourly" or self.named.endswith(("minutes", "hours"))


def read_repeat(tokens: Sequence[str]) -> Repeat | None:
    """What comes back in a phrase, None where nothing does."""
    text = " ".join(tokens)
    marked = frozenset(at for at, word in enumerate(tokens) if word in _EACH)
    found = _in_month(tokens) or _times_a_day(tokens)
    if found is not None:
        return found
    for words, name in _PLAIN:
        said = frozenset(at for at, word in enumerate(tokens) if word in words)
        if said:
            return Repeat(name, marked | said)
    if "monday to friday" in text or "monday through friday" in text:
        between = frozenset(at for at, word in enumerate(tokens) if word in WEEKDAYS or word in {"to", "through"})
        return Repeat("weekdays", marked | between)
    return _of_days(tokens, marked) or _each(tokens, marked)


def _of_days(tokens: Sequence[str], marked: frozenset[int]) -> Repeat | None:
    """ "mondays and thursdays", "every other sunday", "every third tuesday"."""
    plural = {at for at, word in enumerate(tokens) if word in WEEKDAYS and word.endswith("s") and len(word) > 5}
    days = [at for at, word in enumerate(tokens) if word in WEEKDAYS and word != "sun"]
    if not days or not (marked or plural):
        return None
    interval = _interval_before(tokens, days[0]) if marked else None
    if interval is None and marked and not plural and (weeks := _weeks(tokens, min(marked) + 1)) is not None:
        interval = weeks
    if interval is not None:
        return Repeat(f"{interval[0]} weeks", marked | interval[1] | set(days[:1]), WEEKDAYS[tokens[days[0]]])
    if marked and not plural and min(marked) > min(days):
        return None
    return Repeat(",".join(DAYS[day] for day in sorted({WEEKDAYS[tokens[at]] for at in days})), marked | set(days))


def _interval_before(tokens: Sequence[str], day_at: int) -> tuple[int, frozenset[int]] | None:
    before = tokens[day_at - 1] if day_at else ""
    if day_at > 1 and tokens[day_at - 2] in _EACH:
        if before in {"other", "second"}:
            return 2, frozenset({day_at - 1})
        if ORDINALS.get(before, 0) in (3, 4):
            return ORDINALS[before], frozenset({day_at - 1})
    return None


def _weeks(tokens: Sequence[str], at: int) -> tuple[int, frozenset[int]] | None:
    found = _interval(tokens, at)
    if found is None or not found[0].endswith(" weeks"):
        return None
    return int(found[0].split()[0]), frozenset(range(at, found[1]))


def _each(tokens: Sequence[str], marked: frozenset[int]) -> Repeat | None:
    for at in sorted(marked):
        after = tokens[at + 1] if at + 1 < len(tokens) else ""
        if after in _PARTS or (after == "single" and tokens[at + 2 : at + 3] == ["day"]):
            return Repeat("daily", marked | ({at + 1, at + 2} if after == "single" else set()))
        if (interval := _interval(tokens, at + 1)) is not None:
            return Repeat(interval[0], marked | set(range(at + 1, interval[1])))
        plain = {"day": "daily", "weekend": "weekends", "week": "weekly", "hour": "hourly", "month": "monthly"}
        if after in plain or after in {"year", "minute", "fortnight"}:
            named = plain.get(after) or {"year": "yearly", "minute": "1 minutes", "fortnight": "2 weeks"}[after]
            return Repeat(named, marked | {at + 1})
        if _is_date(tokens, at + 1):
            return Repeat("yearly", marked)
    return None


def _is_date(tokens: Sequence[str], at: int) -> bool:
    """ "every third of june", "every christmas"."""
    if tokens[at : at + 1] in (["christmas"], ["halloween"]):
        return True
    ordinal = ordinal_at(tokens, at)
    rest = list(tokens[ordinal[1] : ordinal[1] + 2]) if ordinal else []
    return any(word in MONTHS for word in rest)


def _in_month(tokens: Sequence[str]) -> Repeat | None:
    """ "on the first of every month", "the last friday of each month", "every fifth of the month"."""
    for at, word in enumerate(tokens):
        if word != "month" or not at:
            continue
        each = tokens[at - 1] in _EACH
        said = at - 1
        while said > 0 and tokens[said - 1] in {"of", "in"}:
            said -= 1
        if not each and not (_EACH & set(tokens[:at])):
            continue
        if tokens[max(0, said - 2) : said] == ["last", "day"]:
            return Repeat("FREQ=MONTHLY;BYMONTHDAY=-1", frozenset(range(said - 2, at + 1)))
        if said and tokens[said - 1] in WEEKDAYS:
            which = (
                -1
                if tokens[said - 2 : said - 1] == ["last"]
                else ORDINALS.get(" ".join(tokens[said - 2 : said - 1]), 0)
            )
            if which and which <= 5:
                day = DAYS[WEEKDAYS[tokens[said - 1]]][:2].upper()
                return Repeat(f"FREQ=MONTHLY;BYDAY={which}{day}", frozenset(range(said - 2, at + 1)))
        if any(ordinal_at(tokens, one) is not None for one in range(max(0, said - 4), said)) or each:
            return Repeat("monthly", frozenset({at - 1, at} if each else {at}))
    return None


def _times_a_day(tokens: Sequence[str]) -> Repeat | None:
    """ "twice a day", "three times a day": at which hours is said beside it."""
    for at, word in enumerate(tokens):
        if word == "day" and at and tokens[at - 1] in {"a", "each", "every", "per"}:
            first = at - 2
            if first >= 0 and tokens[first] in {"twice", "thrice"}:
                return Repeat("daily", frozenset(range(first, at + 1)))
            if first >= 1 and tokens[first] == "times":
                return Repeat("daily", frozenset(range(first - 1, at + 1)))
    return None


def _interval(tokens: Sequence[str], at: int) -> tuple[str, int] | None:
    """ "two hours", "other day", "30 minutes", "quarter of an hour", "second week" after "every"."""
    if tokens[at : at + 1] in (["other"], ["second"]):
        count: tuple[float, int] | None = (2.0, at + 1)
    elif tokens[at : at + 1] == ["few"]:
        return None
    else:
        count = read_number(tokens, at)
    if count is None:
        return None
    unit_at = count[1]
    while unit_at < len(tokens) and tokens[unit_at] in {"of", "an", "a"}:
        unit_at += 1
    unit = tokens[unit_at].removesuffix("s") if unit_at < len(tokens) else ""
    if (part := _OF_A_UNIT.get((count[0], unit))) is not None:
        return (part, unit_at + 1) if part else None
    if count[0] < 2 or count[0] != int(count[0]) or unit not in _UNITS:
        return None
    return f"{int(count[0])} {unit}s", unit_at + 1
