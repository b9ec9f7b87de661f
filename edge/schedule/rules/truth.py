"""Whether what a rule asks for is so: states and readings of devices, the hour, the sun."""

import math
from datetime import datetime
from typing import Final

from edge.devices.model import DeviceState
from edge.devices.registry import Registry
from edge.schedule.errors import ScheduleError
from edge.schedule.recurrence import DAYS, Calendar
from edge.schedule.rules.model import Condition, ConditionKind, Trigger, TriggerKind

_EVENING: Final = 17 * 60
_MORNING: Final = 6 * 60
_DAY: Final = 24 * 60


def so(one: Trigger | Condition, state: DeviceState) -> bool | None:
    """Whether a device in this state is what a STATE or NUMERIC one is about; None where it says nothing."""
    if one.kind in (TriggerKind.STATE, ConditionKind.STATE):
        if state.state is None or not state.available:
            return None
        return (state.state in one.states) != one.other
    value = _number(state.attributes.get(one.attribute) if one.attribute else state.state)
    if value is None or not state.available:
        return None
    return value > one.above if one.above is not None else one.below is not None and value < one.below


def holds(condition: Condition, registry: Registry, calendar: Calendar, now: datetime) -> bool:
    """Whether a condition is passed; not where nobody knows."""
    match condition.kind:
        case ConditionKind.STATE | ConditionKind.NUMERIC:
            return so(condition, registry.state(condition.device)) is True
        case ConditionKind.TIME:
            return _within(condition, now)
        case ConditionKind.SUN:
            try:
                return calendar.dark(now.timestamp()) is not condition.up
            except ScheduleError:
                return False


def minutes(clock: str) -> int:
    """`HH:MM` in minutes after midnight."""
    return int(clock[:2]) * 60 + int(clock[3:])


def span(condition: Condition) -> tuple[int, int]:
    """From and to of a TIME condition, in minutes after midnight; the end may be the earlier one."""
    begin = minutes(condition.after) if condition.after else 0
    if condition.before:
        return begin, minutes(condition.before)
    return begin, _MORNING if begin >= _EVENING else _DAY


def _within(condition: Condition, now: datetime) -> bool:
    minute = now.hour * 60 + now.minute
    day = now.weekday()
    inside = True
    if condition.after or condition.before:
        begin, end = span(condition)
        inside = begin <= minute < end if begin <= end else minute >= begin or minute < end
        if begin > end and minute < end:
            day = (day - 1) % 7  # the night belongs to the day it began on
    return inside and (not condition.days or DAYS[day] in condition.days)


def _number(value: object) -> float | None:
    try:
        number = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else None
    except ValueError:
        return None
    return number if number is not None and math.isfinite(number) else None
