"""Finds, before a rule runs, that it would set itself or others off for ever, or that it fights another."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from edge.schedule.rules.model import Action, Condition, ConditionKind, Rule, Trigger, TriggerKind
from edge.schedule.rules.truth import span

_LEADS_TO: Final[Mapping[str, str]] = {
    "turn_on": "on",
    "set": "on",
    "brighten": "on",
    "dim": "on",
    "set_speed": "on",
    "turn_off": "off",
    "open": "open",
    "close": "closed",
    "lock": "locked",
    "unlock": "unlocked",
    "play": "playing",
    "pause": "paused",
    "start": "cleaning",
    "return_to_base": "docked",
    "disarm": "disarmed",
}
_OPPOSITE: Final[Mapping[str, str]] = {
    "on": "off",
    "off": "on",
    "open": "closed",
    "closed": "open",
    "locked": "unlocked",
    "unlocked": "locked",
}
_ANY: Final = "*"
"""Leads to this state or that, as a toggle does."""


class Trouble(StrEnum):
    """What is wrong between rules."""

    LOOP = "loop"
    CONTRADICTION = "contradiction"


@dataclass(frozen=True, slots=True)
class Conflict:
    """The new rule is the first in `rules`; a loop goes through all of them in this order."""

    trouble: Trouble
    rules: tuple[Rule, ...]


def conflicts(new: Rule, others: Iterable[Rule]) -> tuple[Conflict, ...]:
    """What the new rule would start together with those that are switched on."""
    known = [rule for rule in others if rule.enabled and rule.id != new.id]
    found = []
    loop = _loop(new, (new,), known)
    if loop is not None:
        found.append(Conflict(Trouble.LOOP, loop))
    found += [Conflict(Trouble.CONTRADICTION, (new, rule)) for rule in known if _fight(new, rule)]
    return tuple(found)


def _loop(new: Rule, path: tuple[Rule, ...], known: list[Rule]) -> tuple[Rule, ...] | None:
    """The shortest way, depth first, from the new rule back to itself."""
    last = path[-1]
    if _sets_off(last, new):
        return path
    for rule in known:
        if rule not in path and _sets_off(last, rule) and (found := _loop(new, (*path, rule), known)) is not None:
            return found
    return None


def _sets_off(one: Rule, other: Rule) -> bool:
    """Whether what a rule does begins what another waits for, where its conditions may hold then."""
    for action in one.actions:
        for device, state in effects(action):
            forbidden = any(_forbids(condition, device, state) for condition in other.conditions)
            if _begins(other.trigger, device, state) and not forbidden:
                return True
    return False


def effects(action: Action) -> tuple[tuple[str, str], ...]:
    """What state each device is in after an action, and after its end: as states of Home Assistant, `*` for any."""
    verb = str(action.call.get("function", "")).rpartition(".")[2]
    targets = [str(one) for one in action.call.get("targets", ())]
    state = _LEADS_TO.get(verb, _ANY if verb == "toggle" else "")
    if not state:
        return ()
    made = [(device, state) for device in targets]
    if action.for_s or action.until:
        made += [(device, _OPPOSITE.get(state, _ANY)) for device in targets]
    return tuple(made)


def _begins(when: Trigger, device: str, state: str) -> bool:
    if when.kind is not TriggerKind.STATE or when.device != device:
        return False
    return state == _ANY or (state in when.states) != when.other


def _forbids(condition: Condition, device: str, state: str) -> bool:
    """Whether a condition fails for certain while the device is in that state."""
    if condition.kind is not ConditionKind.STATE or condition.device != device or state == _ANY:
        return False
    return (state in condition.states) == condition.other


def _fight(one: Rule, other: Rule) -> bool:
    """Whether both are set off by the same, under conditions that can hold together, and want opposite things."""
    if not _same(one.trigger, other.trigger) or _exclusive(one.conditions, other.conditions):
        return False
    theirs = _at_once(other)
    return any((device, _OPPOSITE.get(state, "")) in theirs for device, state in _at_once(one))


def _at_once(rule: Rule) -> set[tuple[str, str]]:
    """What it leads to when it is set off, and not at an action's end."""
    now = [action for action in rule.actions if not action.delay_s]
    return {one for action in now for one in effects(action)[: len(action.call.get("targets", ()))]}


def _same(one: Trigger, other: Trigger) -> bool:
    if one.kind is not other.kind or one.device != other.device:
        return False
    match one.kind:
        case TriggerKind.STATE:
            return one.other == other.other and bool(set(one.states) & set(other.states))
        case TriggerKind.NUMERIC:
            return (one.above is None) == (other.above is None)
        case TriggerKind.TIME:
            return one.at == other.at and _days_meet(one.days, other.days)
        case TriggerKind.SUN:
            return one.sun == other.sun and one.offset_s == other.offset_s and _days_meet(one.days, other.days)


def _days_meet(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return not one or not other or bool(set(one) & set(other))


def _exclusive(one: tuple[Condition, ...], other: tuple[Condition, ...]) -> bool:
    return any(_excludes(mine, theirs) for mine in one for theirs in other)


def _excludes(one: Condition, other: Condition) -> bool:
    """Whether two tests never pass together."""
    if one.kind is not other.kind:
        return False
    match one.kind:
        case ConditionKind.STATE:
            if one.device != other.device:
                return False
            if one.other != other.other:
                inner, outer = (other, one) if one.other else (one, other)
                return set(inner.states) <= set(outer.states)
            return not one.other and not set(one.states) & set(other.states)
        case ConditionKind.NUMERIC:
            return one.device == other.device and _bounds_apart(one, other)
        case ConditionKind.SUN:
            return one.up is not other.up
        case ConditionKind.TIME:
            return not _days_meet(one.days, other.days) or not _hours_meet(one, other)


def _bounds_apart(one: Condition, other: Condition) -> bool:
    above, below = (one, other) if one.above is not None else (other, one)
    return above.above is not None and below.below is not None and below.below <= above.above


def _hours_meet(one: Condition, other: Condition) -> bool:
    return any(_inside(minute, span(one)) and _inside(minute, span(other)) for minute in range(0, 24 * 60, 5))


def _inside(minute: int, hours: tuple[int, int]) -> bool:
    begin, end = hours
    return begin <= minute < end if begin <= end else minute >= begin or minute < end
