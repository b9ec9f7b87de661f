"""Loops and contradictions between rules, found before they run."""

from dataclasses import replace

from edge.schedule.rules import Condition, ConditionKind, Trigger, TriggerKind
from edge.schedule.rules.conflicts import Trouble, conflicts
from tests.schedule.rules.made import DOOR, HEAT, LAMP, ROOM, becomes, call, is_, rule


def hours(after: str, before: str) -> Condition:
    return Condition(ConditionKind.TIME, after=after, before=before)


def test_a_rule_that_sets_itself_off_is_a_loop() -> None:
    (found,) = conflicts(rule(becomes(LAMP, "off"), replace(call("light.turn_on", LAMP), for_s=60.0)), ())
    assert found.trouble is Trouble.LOOP


def test_a_loop_through_others_is_found() -> None:
    on = rule(becomes(LAMP, "on"), call("switch.turn_on", "switch.a"), key="a")
    off = rule(becomes("switch.a", "on"), call("light.toggle", LAMP), key="b")
    (found,) = conflicts(off, [on])
    assert [one.id for one in found.rules] == ["b", "a"]


def test_a_condition_that_forbids_it_breaks_the_loop() -> None:
    on = rule(becomes(LAMP, "on"), call("light.turn_on", LAMP), conditions=(is_(LAMP, "off"),))
    assert conflicts(on, ()) == ()


def test_opposite_orders_at_one_moment_fight() -> None:
    opened = rule(becomes(DOOR, "on"), call("light.turn_on", LAMP), key="a")
    off = rule(becomes(DOOR, "on"), call("light.turn_off", LAMP), key="b")
    (found,) = conflicts(off, [opened])
    assert found.trouble is Trouble.CONTRADICTION
    assert conflicts(off, [replace(opened, enabled=False)]) == ()
    later = rule(becomes(DOOR, "on"), replace(call("light.turn_off", LAMP), delay_s=60.0), key="b")
    assert conflicts(later, [opened]) == ()


def test_conditions_that_never_hold_together_keep_rules_apart() -> None:
    for one, other in (
        (is_(HEAT, "off"), is_(HEAT, "off", other=True)),
        (Condition(ConditionKind.NUMERIC, ROOM, above=20.0), Condition(ConditionKind.NUMERIC, ROOM, below=18.0)),
        (hours("06:00", "12:00"), hours("12:00", "18:00")),
        (Condition(ConditionKind.SUN), Condition(ConditionKind.SUN, up=True)),
    ):
        on = rule(becomes(DOOR, "on"), call("light.turn_on", LAMP), conditions=(one,), key="a")
        off = rule(becomes(DOOR, "on"), call("light.turn_off", LAMP), conditions=(other,), key="b")
        assert conflicts(off, [on]) == ()
    weekdays = rule(Trigger(TriggerKind.TIME, at="07:00", days=("monday",)), call("light.turn_on", LAMP), key="a")
    sundays = rule(Trigger(TriggerKind.TIME, at="07:00", days=("sunday",)), call("light.turn_off", LAMP), key="b")
    assert conflicts(sundays, [weekdays]) == ()
