"""When a call is for: after a while, at a time, by the sun, or again and again; and how that is said."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from edge.assistant.phrases import clock, joined, moment, ordinal
from edge.router.model import Call
from edge.schedule.clock import Clock
from edge.schedule.errors import ScheduleError
from edge.schedule.recurrence import ONCE, Calendar, Recurrence, rule_of
from edge.schedule.words import span

LONGEST_S: Final = 366 * 86400
"""A length of time over a year was not meant."""
FURTHEST_S: Final = 5 * LONGEST_S
"""Neither was a day in more than five years."""
DOUBT: Final = "I'm not sure my clock is right: nothing has set it since I started."
TIMES: Final = ("after", "at", "repeat", "sun", "sun_offset")
"""The arguments that say when."""
_TOO_FAR: Final = "That is further away than I can keep in mind: a year at most."
_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_CODES: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_EVERY: Final = {
    "DAILY": "day",
    "WEEKLY": "week",
    "MONTHLY": "month",
    "YEARLY": "year",
    "HOURLY": "hour",
    "MINUTELY": "minute",
}


@dataclass(frozen=True, slots=True)
class Timing:
    """A moment of the home's, the first of several where it comes `again`."""

    due: datetime
    again: Recurrence = ONCE
    counts: bool = False
    """Whether it was said as a length of time, which runs whatever becomes of the wall clock."""


def timed(call: Call) -> bool:
    """Whether the call names a time to come."""
    return any(call.arguments.get(name) is not None for name in ("after", "at", "repeat", "sun"))


def timing_of(call: Call, calendar: Calendar, clock_: Clock) -> Timing | str:
    """When the call is for; a sentence where that makes no sense."""
    try:
        return _timing(call, calendar, clock_)
    except ScheduleError as error:
        return str(error)


def _timing(call: Call, calendar: Calendar, clock_: Clock) -> Timing | str:
    now = clock_.now()
    after, repeat, sun = (call.arguments.get(name) for name in ("after", "repeat", "sun"))
    if isinstance(after, int | float) and not isinstance(after, bool) and not repeat:
        if not 0 <= after <= LONGEST_S:
            return _TOO_FAR
        return Timing(clock_.local(now.timestamp() + after), counts=True)
    at = local_time(call.arguments.get("at"))
    if sun and at is not None and not repeat:
        return _sun_on(str(sun), call, at, calendar, clock_)
    if sun or repeat:
        rule = rule_of(str(repeat)) if repeat else ""
        offset = call.arguments.get("sun_offset")
        again = Recurrence(
            rule,
            (at or now.replace(tzinfo=None, second=0, microsecond=0)).isoformat(timespec="seconds"),
            str(sun or ""),
            float(offset) if isinstance(offset, int | float) else 0.0,
        )
        due_s = calendar.next_s(again, now.timestamp())
        if due_s is None:
            return f"There is no {sun} here in the months to come." if sun else "That never comes."
        return Timing(clock_.local(due_s), again)
    if at is None:
        return "For when?"
    wall_s = clock_.epoch_s(at)
    if wall_s <= now.timestamp():
        # What the clocks show twice in a night is the one to come.
        wall_s = clock_.epoch_s(at.replace(fold=1))
    if wall_s <= now.timestamp():
        return (
            f"{clock(clock_.local(wall_s))} has passed already: when shall it be?"
            if clock_.trusted
            else f"That has passed. {DOUBT}"
        )
    if wall_s - now.timestamp() > FURTHEST_S:
        return "That is further away than I can keep in mind: five years at most."
    return Timing(clock_.local(wall_s))


def _sun_on(sun: str, call: Call, at: datetime, calendar: Calendar, clock_: Clock) -> Timing | str:
    """The sun's moment of a day that was named."""
    at_s = calendar.sun_s(sun, at.date())
    if at_s is None:
        return f"There is no {sun} here that day."
    offset = call.arguments.get("sun_offset")
    at_s += float(offset) if isinstance(offset, int | float) else 0.0
    return Timing(clock_.local(at_s)) if at_s > clock_.now().timestamp() else "That has passed already."


def local_time(text: object) -> datetime | None:
    """An argument `at` as a time of the home's, None for anything else."""
    try:
        return datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None


def said(timing: Timing, now: datetime) -> str:
    """When that is, as it follows what is to be done: "at 19:30", "at sunset", "every weekday at 6:30"."""
    if not timing.again:
        return moment(timing.due, now)
    return recurring(timing.again, timing.due, now)


def recurring(again: Recurrence, due: datetime, now: datetime) -> str:
    """How often, and at what time of day; `due`: the next time."""
    facts = dict(part.split("=", 1) for part in again.rule.split(";") if "=" in part)
    if facts.get("FREQ") in ("HOURLY", "MINUTELY"):
        return f"{_every(facts, due)}, next {moment(due, now)}"
    hours = [f"{hour}:{int(facts.get('BYMINUTE', 0)):02d}" for hour in facts.get("BYHOUR", "").split(",") if hour]
    time = _sun(again) if again.sun else f"at {joined(hours) or clock(due)}"
    if not again.rule:
        day = (due.date() - now.date()).days
        return f"{time} tomorrow" if day == 1 else time if day < 1 else f"{time} on {due:%A}"
    later = f", but not before {moment(due, now).removeprefix('on ')}" if _left_out(facts, due, now) else ""
    return f"{_every(facts, due)} {time}{later}{_last(facts, now)}"


def _last(facts: dict[str, str], now: datetime) -> str:
    """Until which day it comes back; empty where it does so for good."""
    until = facts.get("UNTIL")
    if until is None:
        return ""
    last = datetime.strptime(until[:8], "%Y%m%d").replace(tzinfo=now.tzinfo)
    near = (last.date() - now.date()).days < 7
    return f" until {last:%A}" if near else f" until the {ordinal(last.day)} of {last:%B}"


def _left_out(facts: dict[str, str], due: datetime, now: datetime) -> bool:
    """Whether it would have come before the next time, by the days it comes on."""
    if "INTERVAL" in facts or facts.get("FREQ") not in ("DAILY", "WEEKLY"):
        return False
    days = facts.get("BYDAY", ",".join(_CODES) if facts["FREQ"] == "DAILY" else "").split(",")
    before = (due - timedelta(days=ahead) for ahead in range(1, 15))
    return any(one > now and _CODES[one.weekday()] in days for one in before)


def _every(facts: dict[str, str], due: datetime) -> str:
    days = facts.get("BYDAY", "")
    if days == "MO,TU,WE,TH,FR":
        return "every weekday"
    named = joined([_WEEKDAYS[_CODES.index(day[-2:])] for day in days.split(",") if day])
    if facts.get("FREQ") == "MONTHLY" and (days or "BYMONTHDAY" in facts):
        which = days[:-2] if days else facts["BYMONTHDAY"]
        return f"on the {'last' if which == '-1' else ordinal(int(which))} {named or 'day'} of every month"
    if days:
        return f"every {named}"
    interval = int(facts.get("INTERVAL", "1"))
    unit = _EVERY.get(facts.get("FREQ", ""), "time")
    if facts.get("FREQ") == "WEEKLY":
        return f"every {due:%A}" if interval == 1 else f"every {interval} weeks on {due:%A}"
    if facts.get("FREQ") in ("MONTHLY", "YEARLY"):
        day = ordinal(due.day) if facts["FREQ"] == "MONTHLY" else f"{ordinal(due.day)} of {due:%B}"
        return f"on the {day} of every month" if facts["FREQ"] == "MONTHLY" else f"every year on the {day}"
    return f"every {unit}" if interval == 1 else f"every {interval} {unit}s"


def _sun(again: Recurrence) -> str:
    if not again.sun_offset_s:
        return f"at {again.sun}"
    return f"{span(abs(again.sun_offset_s))} {'before' if again.sun_offset_s < 0 else 'after'} {again.sun}"
