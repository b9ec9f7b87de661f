"""The time of what is on the schedule, in an order: "at the same time", "until then", "when the alarm goes off"."""

import re
from collections.abc import Sequence
from typing import Final

from edge.assistant.following.past import Deed
from edge.assistant.following.picking import Picking
from edge.schedule.clock import Clock
from edge.schedule.model import Entry, Kind, Status

_THAT_TIME: Final = re.compile(
    r"\b(?:(?P<lead>at|by|until|till|before|after) (?:the same time|that time|then)|"
    r"(?P<when>when|as soon as|once|until|till) (?:it|(?:the|my|that) (?:[a-z]+ )?(?P<kind>alarm|timer))"
    r"(?: (?:goes(?: off)?|rings|finishes|ends)|(?: is|['’]s) (?:up|done|over|finished|ready)))\b",
    re.IGNORECASE,
)
_DAY_S: Final = 86_400.0


def at_that_time(text: str, picking: Picking, deeds: Sequence[Deed], clock: Clock) -> str | None:
    """The sentence with the time in full; None where it points to none, or nothing there has one."""
    found = _THAT_TIME.search(text)
    if found is None:
        return None
    entry = _meant(found["kind"], picking, deeds)
    if entry is None:
        return None
    lead = (found["lead"] or found["when"]).lower()
    until = lead in ("until", "till")
    if entry.counts:
        left_s = round((entry.due_boot_s or 0.0) - clock.boot_s())
        if left_s <= 0 or lead not in ("when", "as soon as", "once", "at", "until", "till"):
            return None
        said = f"{'for' if until else 'in'} {left_s} seconds"
    elif entry.due_wall_s is not None:
        due = clock.local(entry.due_wall_s)
        day = f" on {due:%A}" if entry.due_wall_s - clock.now().timestamp() > _DAY_S else ""
        said = f"{lead if lead in ('by', 'before', 'after') else 'until' if until else 'at'} {due:%H:%M}{day}"
    else:
        return None
    return f"{text[: found.start()]}{said}{text[found.end() :]}"


def _meant(kind: str | None, picking: Picking, deeds: Sequence[Deed]) -> Entry | None:
    """What was spoken of last, or the only one of the kind that is named."""
    named = Kind(kind.lower()) if kind else None
    for deed in deeds:
        entries = [one for one in picking.of(deed) if named in (None, one.kind) and one.status is Status.RUNNING]
        if entries:
            return entries[-1]
    alone = picking.alone(named) if named is not None else []
    return alone[0] if len(alone) == 1 and alone[0].status is Status.RUNNING else None
