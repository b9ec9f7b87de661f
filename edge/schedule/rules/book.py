"""What a rule is written as, in `rules.toml`."""

import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final, TypeVar

from edge.schedule.book import Book, checked_table
from edge.schedule.errors import ScheduleError
from edge.schedule.rules.model import Action, Condition, ConditionKind, Mode, Rule, Trigger, TriggerKind

MOST_RULES: Final = 300
_CLOCK: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_DAYS: Final = frozenset({"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"})
_SUN: Final = frozenset({"sunrise", "sunset", "dawn", "dusk"})
_LONGEST_S: Final = 7 * 86_400.0

_Part = TypeVar("_Part", Trigger, Condition, Action)


def plain(rule: Rule) -> dict[str, Any]:
    """A rule as tables and values, without what is at its default."""
    made: dict[str, Any] = {
        name: getattr(rule, name) for name in ("said", "by", "area", "made_s") if getattr(rule, name)
    }
    made |= {"once": True} if rule.once else {}
    made |= {"enabled": rule.enabled, "mode": rule.mode.value, "trigger": _bare(rule.trigger)}
    if rule.conditions:
        made["conditions"] = [_bare(one) for one in rule.conditions]
    return made | {"actions": [_bare(one) for one in rule.actions]}


def action_from(where: str, value: object) -> Action:
    """What is done, from its table; raises `ScheduleError` saying which key, and what was expected."""
    return _checked_action(where, _part(where, value, Action))


def plain_action(action: Action) -> dict[str, Any]:
    """What is done as a table, without what is at its default."""
    return _bare(action)


def _bare(part: Trigger | Condition | Action) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for one in fields(part):
        value = getattr(part, one.name)
        if value in ("", (), None, {}) or (value == 0.0 and one.name.endswith("_s")) or value is False:
            continue
        if isinstance(value, Mapping):
            value = {key: told for key, told in value.items() if told is not None}
        made[one.name] = list(value) if isinstance(value, tuple) else value
    return made


def rule_from(key: str, entry: object) -> Rule:
    """A rule from its table; raises `ScheduleError` saying which key, and what was expected."""
    table = checked_table(f"rules.{key[:70]}", key, entry)
    trigger = _part(f"rules.{key}.trigger", table.get("trigger"), Trigger)
    conditions = tuple(_part(f"rules.{key}.conditions", one, Condition) for one in _list(key, "conditions", table))
    actions = tuple(_part(f"rules.{key}.actions", one, Action) for one in _list(key, "actions", table))
    if not actions:
        raise ScheduleError(f"rules.{key}: `actions`: expected at least one thing to do")
    try:
        mode = Mode(table.get("mode", Mode.RESTART.value))
    except ValueError:
        raise ScheduleError(f"rules.{key}: `mode`: expected single or restart, found {table.get('mode')!r}") from None
    area = table.get("area")
    return Rule(
        key,
        _checked_trigger(f"rules.{key}.trigger", trigger),
        tuple(_checked_action(f"rules.{key}.actions", one) for one in actions),
        tuple(_checked_condition(f"rules.{key}.conditions", one) for one in conditions),
        mode,
        bool(table.get("enabled", True)),
        str(table.get("said", ""))[:500],
        str(table.get("by", ""))[:200],
        str(area) if area else None,
        float(table["made_s"]) if isinstance(table.get("made_s"), int | float) else 0.0,
        table.get("once") is True,
    )


def _table(where: str, value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ScheduleError(f"{where}: expected a table")
    return value


def _list(key: str, name: str, table: Mapping[str, Any]) -> list[Any]:
    found = table.get(name, [])
    if not isinstance(found, list) or len(found) > 20:
        raise ScheduleError(f"rules.{key}: `{name}`: expected a list of at most 20 tables")
    return found


def _part(where: str, value: object, of: type[_Part]) -> _Part:
    table = dict(_table(where, value))
    known = {one.name: one for one in fields(of)}
    for name in table:
        if name not in known:
            raise ScheduleError(f"{where}: unknown key {name!r}: it takes {', '.join(known)}")
    for name, found in table.items():
        table[name] = _value(f"{where}.{name}", name, found)
    if of is not Action:
        kinds: type[TriggerKind | ConditionKind] = TriggerKind if of is Trigger else ConditionKind
        try:
            table["kind"] = kinds(table.get("kind", ""))
        except ValueError:
            raise ScheduleError(f"{where}: `kind`: expected one of {', '.join(kinds)}") from None
    return of(**table)


_NUMBERS: Final = frozenset({"above", "below", "for_s", "offset_s", "delay_s"})


def _value(where: str, name: str, found: Any) -> Any:
    if name in ("states", "days"):
        if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
            raise ScheduleError(f"{where}: expected a list of texts")
        return tuple(found)
    if name in _NUMBERS:
        if isinstance(found, bool) or not isinstance(found, int | float) or not abs(found) < 1e12:
            raise ScheduleError(f"{where}: expected a number")
        return float(found)
    if name in ("other", "up"):
        return bool(found)
    if name == "call":
        return _table(where, found)
    if not isinstance(found, str):
        raise ScheduleError(f"{where}: expected a text")
    return found


def _checked_trigger(where: str, one: Trigger) -> Trigger:
    _checked_times(where, one.days, at=one.at)
    if one.kind is TriggerKind.TIME and not one.at:
        raise ScheduleError(f"{where}: `at`: expected a time such as 07:30")
    if one.kind is TriggerKind.SUN and one.sun not in _SUN:
        raise ScheduleError(f"{where}: `sun`: expected one of {', '.join(sorted(_SUN))}")
    _checked_source(where, one.kind.value, one)
    if not 0 <= one.for_s <= _LONGEST_S or abs(one.offset_s) > 86_400:
        raise ScheduleError(f"{where}: expected `for_s` of a week at most, `offset_s` of a day")
    return one


def _checked_condition(where: str, one: Condition) -> Condition:
    _checked_times(where, one.days, after=one.after, before=one.before)
    if one.kind is ConditionKind.TIME and not (one.after or one.before or one.days):
        raise ScheduleError(f"{where}: expected `after`, `before` or `days`")
    _checked_source(where, one.kind.value, one)
    return one


def _checked_source(where: str, kind: str, one: Trigger | Condition) -> None:
    if kind == "state" and not (one.device and one.states):
        raise ScheduleError(f"{where}: expected `device` and `states`")
    if kind == "numeric" and (not one.device or (one.above is None) == (one.below is None)):
        raise ScheduleError(f"{where}: expected `device` and one of `above` and `below`")


def _checked_times(where: str, days: tuple[str, ...], **times: str) -> None:
    for name, found in times.items():
        if found and not _CLOCK.fullmatch(found):
            raise ScheduleError(f"{where}: `{name}`: expected a time such as 07:30, found {found!r}")
    if not _DAYS.issuperset(days):
        raise ScheduleError(f"{where}: `days`: expected monday … sunday")


def _checked_action(where: str, one: Action) -> Action:
    _checked_times(where, (), until=one.until)
    if bool(one.say) == bool(one.call):
        raise ScheduleError(f"{where}: expected `call` or `say`")
    if one.call and not (isinstance(one.call.get("function"), str) and isinstance(one.call.get("targets", []), list)):
        raise ScheduleError(f"{where}: `call`: expected `function` and `targets`")
    if not (0 <= one.delay_s <= _LONGEST_S and 0 <= one.for_s <= _LONGEST_S):
        raise ScheduleError(f"{where}: expected `delay_s` and `for_s` of a week at most")
    return one


RULES: Final = Book("rules", rule_from, plain)
"""The file of them."""
