"""Rules and limits in words: "when the greenhouse temperature is above 30 degrees for 10 minutes"."""

from collections.abc import Sequence
from typing import Final

from edge.assistant.naming import device_name
from edge.assistant.phrases import joined, measured
from edge.assistant.wording import condition
from edge.devices.model import Device, DeviceState
from edge.devices.registry import Registry
from edge.schedule.words import span
from edge.sensors.alarms.model import AlarmRule, Condition, Relation
from edge.sensors.history.units import convert, convertible

_LISTED: Final = 4


def rule_said(rule: AlarmRule, registry: Registry) -> str:
    """ "when the greenhouse temperature is above 30 degrees for 10 minutes, between 22:00 and 6:00"."""
    said = f"{_lead(rule)} {condition_said(rule.main, registry)}"
    if rule.hold_s and rule.relation is not Relation.SILENT:
        said += f" for {span(rule.hold_s)}"
    if rule.also:
        said += f" while {joined([condition_said(one, registry) for one in rule.also])}"
    if rule.from_minute is not None and rule.to_minute is not None:
        said += f", between {_clock(rule.from_minute)} and {_clock(rule.to_minute)}"
    return said


def rules_said(rules: Sequence[AlarmRule], registry: Registry) -> str:
    """Several at once; two bounds of the same sensors as one sentence."""
    said = [rule_said(one, registry) for one in rules]
    if len(rules) == 2 and rules[0].sensors == rules[1].sensors and rules[0].relation is not rules[1].relation:
        name = f"{_names(rules[0].sensors, registry)} is "
        return f"{_lead(rules[0])} {condition_said(rules[0].main, registry)} or {said[1].partition(name)[2]}"
    return joined(said)


def _lead(rule: AlarmRule) -> str:
    return "when" if rule.repeat else "the next time"


def condition_said(one: Condition, registry: Registry) -> str:
    """ "the greenhouse temperature is above 30 degrees", "the front door is open"."""
    name, value = _names(one.sensors, registry), one.threshold
    device = registry.devices.get(one.sensors[0].partition(":")[0])
    if one.relation is Relation.SILENT and not isinstance(value, str):
        return f"nothing is heard of {name} for {span(value)}"
    if one.relation in (Relation.IS, Relation.IS_NOT):
        return _state_said(name, one, device)
    amount = measured(value, unit_of(device, one.sensors[0])) if not isinstance(value, str) else value
    if one.relation in (Relation.RISES_BY, Relation.FALLS_BY):
        verb = "rises" if one.relation is Relation.RISES_BY else "falls"
        return f"{name} {verb} by more than {amount} within {span(one.over_s)}"
    return f"{name} is {one.relation.value} {amount}"


def _state_said(name: str, one: Condition, device: Device | None) -> str:
    state = str(one.threshold)
    if device is None:
        return f"{name} is {'not ' if one.relation is Relation.IS_NOT else ''}{state}"
    if one.relation is Relation.IS_NOT and state == "off":
        return f"{name} is on"
    predicate = condition(device, DeviceState(state))
    if one.relation is Relation.IS_NOT:
        predicate = predicate.replace("{is}", "{is} not").replace("{has}", "{has} not")
    return f"{name} {predicate.replace('{is}', 'is').replace('{has}', 'has').replace('{s}', 's')}"


def unit_of(device: Device | None, key: str) -> str:
    """The unit of a series of a device."""
    if device is None:
        return ""
    if ":" in key:
        return device.unit or ("°C" if key.endswith("temperature") else "")
    return device.unit or ""


def _names(sensors: Sequence[str], registry: Registry) -> str:
    known = [registry.devices.get(one.partition(":")[0]) for one in sensors]
    called = [
        device_name(one, registry, place=False) if one is not None else key
        for one, key in zip(known, sensors, strict=True)
    ]
    if len(called) > _LISTED:
        called = [*called[:_LISTED], f"{len(called) - _LISTED} more"]
    return joined(called, "or") if len(called) > 1 else called[0]


def _clock(minute: int) -> str:
    return f"{minute // 60}:{minute % 60:02d}"


def now_said(device: Device, registry: Registry) -> str:
    """What a sensor says now, in words; empty where it has said nothing."""
    state = registry.state(device.id)
    try:
        return measured(float(state.state or ""), device.unit)
    except ValueError:
        return ""


def converted(value: float, said: str, own: str, home: str, *, difference: bool = False) -> float | None:
    """A spoken value in a sensor's own unit; None where they measure different things.

    `said`: `°` for degrees of the `home`'s scale, empty where no unit was said.
    """
    if said == "°" or (not said and own in ("°C", "°F") and own != home):
        said = home
    if not said or said == own:
        return value
    if not own or not convertible(said, own):
        return None
    return round(convert(value, said, own, difference=difference), 4)
