"""Rules in words: "when the hall motion is detected, after dark, I turn on the hall light for 5 minutes"."""

from collections.abc import Sequence
from typing import Final

from edge.assistant.alarmkeeping.wording import unit_of
from edge.assistant.naming import device_name
from edge.assistant.phrases import joined, measured
from edge.assistant.wording import condition, instruction
from edge.devices.model import DeviceState
from edge.devices.registry import Registry
from edge.router.model import Call
from edge.schedule.rules.model import Act, Rule, Test, TestKind, Trigger, TriggerKind
from edge.schedule.words import span

_WEEK: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def rule_said(rule: Rule, registry: Registry) -> str:
    """A whole rule, for a list or to read it back: "when …, if …, I turn on …"."""
    return f"{when_said(rule, registry)}, I {orders_said(rule, registry)}"


def when_said(rule: Rule, registry: Registry) -> str:
    """When a rule does something, and what must be so besides."""
    trigger = rule.when
    if trigger.kind in (TriggerKind.TIME, TriggerKind.SUN):
        said = trigger_said(trigger, registry)
    else:
        said = f"when {trigger_said(trigger, registry)}"
    tests = [test_said(test, registry) for test in rule.tests]
    times = [said for said, test in zip(tests, rule.tests, strict=True) if test.kind in (TestKind.TIME, TestKind.SUN)]
    states = [said for said in tests if said not in times]
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


def test_said(test: Test, registry: Registry) -> str:
    """ "the heating is on", "after dark", "between 22:00 and 6:00 on weekdays"."""
    match test.kind:
        case TestKind.SUN:
            return "by day" if test.up else "after dark"
        case TestKind.TIME:
            hours = ""
            if test.after and test.before:
                hours = f"between {_clock(test.after)} and {_clock(test.before)}"
            elif test.after or test.before:
                hours = f"after {_clock(test.after)}" if test.after else f"before {_clock(test.before)}"
            days = f"on {_named_days(test.days)}" if test.days else ""
            return " ".join(part for part in (hours, days) if part)
        case _:
            return _so(test, registry)


def _so(one: Trigger | Test, registry: Registry) -> str:
    device = registry.devices.get(one.device)
    if device is None:
        return f"{one.device} is {joined(one.states, 'or') or 'there'}"
    name = device_name(device, registry)
    if one.kind in (TriggerKind.NUMERIC, TestKind.NUMERIC):
        unit = unit_of(device, f"{device.id}:temperature" if one.attribute else device.id)
        if one.above is not None:
            return f"{name} is above {measured(one.above, unit)}"
        return f"{name} is below {measured(one.below or 0.0, unit)}"
    if one.other and one.states == ("off",):
        return f"{name} is on"
    said = joined([condition(device, DeviceState(state)) for state in one.states], "or")
    if one.other:
        said = said.replace("{is}", "{is} not").replace("{has}", "{has} not")
    return f"{name} {said.replace('{is}', 'is').replace('{has}', 'has').replace('{s}', 's')}"


def orders_said(rule: Rule, registry: Registry) -> str:
    """What a rule does: "turn on the hall light for 5 minutes and say “…”"."""
    return joined([_act_said(act, registry) for act in rule.acts])


def _act_said(act: Act, registry: Registry) -> str:
    said = f"say “{act.say}”" if act.say else instruction(Call.from_json(dict(act.call)), registry)
    if act.for_s:
        said += f" for {span(act.for_s)}"
    if act.until:
        said += f" until {_clock(act.until)}"
    return f"{said} after {span(act.delay_s)}" if act.delay_s else said


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
