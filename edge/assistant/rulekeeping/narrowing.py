"""A rule that was just spoken of, narrowed in passing: "only after dark", "not on Sundays", "only if Sam is home"."""

import re
from dataclasses import replace
from typing import Final

from edge.assistant.rulekeeping.clauses import Parted
from edge.assistant.rulekeeping.sensing import Sensing, hours_of
from edge.router.values.clock import DAYS
from edge.router.values.hours import read_hours
from edge.router.values.numbers import split
from edge.schedule.rules.model import Condition, ConditionKind, Rule, TriggerKind

_ONLY: Final = re.compile(
    r"(?:but |and |no,? |yes,? |ok,? |well,? |make (?:it|that) )*"
    r"(?:(?P<only>only|just|but only)|(?P<not>(?:just )?not|never|except))"
    r"(?: (?:do|have) (?:it|that))? (?:(?P<lead>if|when|while|unless|as long as|provided) )?(?P<when>.+)",
    re.IGNORECASE,
)


def narrowed(rule: Rule, text: str, area: str | None, sensing: Sensing) -> Rule | None:
    """The rule with one thing more that must be so; None where the text says none, or nothing here tells it."""
    found = _ONLY.fullmatch(text.strip(" .!?"))
    if found is None:
        return None
    words = split(found["when"])
    tries = (words, ["on", *words], ["at", *words])
    hours = next((hours for one in tries if (hours := read_hours(one)) is not None), None)
    against = found["not"] is not None or (found["lead"] or "").lower() == "unless"
    if hours is not None:
        added = hours_of(hours)
        if against:
            added = tuple(turned for one in added if (turned := _outside(one)) is not None)
            if len(added) != len(hours_of(hours)):
                return None
        return _with(rule, added) if added else None
    if found["lead"] is None:
        return None
    when = sensing.when(Parted(found["when"], "", negated=against), area)
    if when is None or when.problem or not when.triggers:
        return None
    return _with(rule, sensing.as_conditions(when))


def _with(rule: Rule, added: tuple[Condition, ...]) -> Rule:
    days = next((one.days for one in added if one.days and not (one.after or one.before)), ())
    timed = rule.trigger.kind in (TriggerKind.TIME, TriggerKind.SUN)
    if days and timed:
        return replace(rule, trigger=replace(rule.trigger, days=days))
    return replace(rule, conditions=tuple(dict.fromkeys((*rule.conditions, *added))))


def _outside(one: Condition) -> Condition | None:
    """The opposite of hours or days; None where that is no single stretch."""
    if one.kind is ConditionKind.SUN:
        return replace(one, up=not one.up)
    if one.days and not (one.after or one.before):
        return replace(one, days=tuple(day for day in DAYS if day not in one.days))
    if one.days or not (one.after and one.before):
        return None
    return replace(one, after=one.before, before=one.after)
