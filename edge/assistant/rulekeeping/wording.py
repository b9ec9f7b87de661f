"""Rules in words: "when the hall motion is detected, after dark, I turn on the hall light for 5 minutes"."""

from collections.abc import Sequence
from typing import Final

from edge.assistant.alarmkeeping.wording import unit_of
from edge.assistant.naming import device_name
from edge.assistant.phrases import joined, measured
from edge.assistant.wording import condition as state_said
from edge.assistant.wording import instruction
from edge.devices.model import DeviceState
from edge.devices.registry import Registry
from edge.router.model import Call
from edge.schedule.rules.model import Action, Condition, ConditionKind, Rule, Trigger, TriggerKind
from edge.schedule.words import span

_WEEK: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def rule_said(rule: Rule, registry: Registry) -> str:
    """A whole rule, for a list or to read it back: "when …, if …, I turn on …"."""
    return f"{when_said(rule, registry)}, I {orders_said(rule, registry)}"


def when_said(rule: Rule, registry: Registry) -> str:
    """When a rule does something, and what must be so besides."""
    trigger = rule.trigger
    if trigger.kind in (TriggerKind.TIME, TriggerKind.SUN):
        said = trigger_said(trigger, registry)
    else:
        said = f"{'the next time' if rule.once else 'when'} {trigger_said(trigger, registry)}"
    timed = (ConditionKind.TIME, ConditionKind.SUN)
    times = [condition_said(one, registry) for one in rule.conditions if one.kind in timed]
    states = [condition_said(one, registry) for one in rule.conditions if one.kind not in timed]
    said += "".join(f", {one}" for one in times)
    return f"{said}, if {joined(states)}" if states else said


def trigger_said(trigger: Trigger, registry: Registry) -> str:
    """ "the front door is open for 5 minutes", "every weekday at 7:00", "20 minutes before sunset"."""
    match trigger.kind:
        case TriggerKind.TIME:
            return f"{_days(trigger.days)} at {_clock(trigger.at)}"
        case TriggerKind.SUN:
            offset = span(abs(trigger.offset_s)) if trigger.offset_s else ""
            side = f"{offset} {'before' if trigger.offset_s < 0 else 'after'}" if offset else "at"
            return f"{_days(trigger.days)} {side} {trigger.sun}" if trigger.days else f"{side} {trigger.sun}"
        case _:
            said = _so(trigger, registry)
            return f"{said} for {span(trigger.for_s)}" if trigger.for_s else said


def condition_said(condition: Condition, registry: Registry) -> str:
    """ "the heating is on", "after dark", "between 22:00 and 6:00 on weekdays"."""
    match condition.kind:
        case ConditionKind.SUN:
            return "by day" if condition.up else "after dark"
        case ConditionKind.TIME:
            hours = ""
            if condition.after and condition.before:
                hours = f"between {_clock(condition.after)} and {_clock(condition.before)}"
            elif condition.after or condition.before:
                hours = f"after {_clock(condition.after)}" if condition.after else f"before {_clock(condition.before)}"
            days = f"on {_named_days(condition.days)}" if condition.days else ""
            return " ".join(part for part in (hours, days) if part)
        case _:
            return _so(condition, registry)


def _so(one: Trigger | Condition, registry: Registry) -> str:
    device = registry.devices.get(one.device)
    if device is None:
        return f"{one.device} is {joined(one.states, 'or') or 'there'}"
    name = device_name(device, registry)
    if one.kind in (TriggerKind.NUMERIC, ConditionKind.NUMERIC):
        unit = unit_of(device, f"{device.id}:temperature" if one.attribute else device.id)
        if one.above is not None:
            return f"{name} is above {measured(one.above, unit)}"
        return f"{name} is below {measured(one.below or 0.0, unit)}"
    if one.other and one.states == ("off",):
        return f"{name} is on"
    said = joined([state_said(device, DeviceState(state)) for state in one.states], "or")
    if one.other:
        said = said.replace("{is}", "{is} not").replace("{has}", "{has} not")
    return f"{name} {said.replace('{is}', 'is').replace('{has}', 'has').replace('{s}', 's')}"


def orders_said(rule: Rule, registry: Registry) -> str:
    """What a rule does: "turn on the hall light for 5 minutes and say “…”"."""
    return joined([_act_said(action, registry) for action in rule.actions])


def _act_said(action: Action, registry: Registry) -> str:
    said = f"say “{action.say}”" if action.say else instruction(Call.from_json(dict(action.call)), registry)
    if action.for_s:
        said += f" for {span(action.for_s)}"
    if action.until:
        said += f" until {_clock(action.until)}"
    return f"{said} after {span(action.delay_s)}" if action.delay_s else said


def _clock(text: str) -> str:
    return text.removeprefix("0")


def _days(days: Sequence[str]) -> str:
    return f"every {_named_days(days, one=True)}" if days else "every day"


def _named_days(days: Sequence[str], *, one: bool = False) -> str:
    if tuple(days) == _WEEK[:5]:
        return "weekday" if one else "weekdays"
    if tuple(days) == _WEEK[5:]:
        return "Saturday and Sunday" if one else "weekends"
    return joined([day.capitalize() for day in days])
