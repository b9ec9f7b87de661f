"""Which rules are set off: by edges, holds, the hour and the sun, never by what is so already."""

from datetime import timedelta

import pytest

from edge.devices.model import DeviceState
from edge.devices.registry import Registry
from edge.schedule.model import Instant
from edge.schedule.recurrence import Calendar, Place
from edge.schedule.rules import Condition, ConditionKind, Rule, Trigger, TriggerKind
from edge.schedule.rules.engine import MOST_A_MINUTE, Engine, Firing
from tests.schedule.fakes import START, FakeClock
from tests.schedule.rules.made import DOOR, HEAT, LAMP, ROOM, becomes, house, is_, rule


class Tried:
    """An engine on a house of its own."""

    def __init__(self, *rules: Rule, place: Place | None = None) -> None:
        self.registry: Registry = house()
        self.clock = FakeClock()
        self.engine = Engine(self.registry, self.clock, Calendar(self.clock, place))
        self.heard: list[Firing] = []
        self.registry.listen(lambda change: self.heard.extend(self.engine.changed(change, self.now())))
        self.engine.put(rules, self.now())

    def now(self) -> Instant:
        return Instant(self.clock.boot_s(), self.clock.now().timestamp(), trusted=True, boot_id="a")

    def say(self, device: str, state: str | None, available: bool = True) -> list[str]:
        self.heard.clear()
        self.registry.set_state(device, DeviceState(state, available=available))
        return [one.rule.id for one in self.heard]

    def wait(self, seconds: float) -> list[Firing]:
        self.clock.advance(seconds)
        return self.engine.due(self.now())


def test_getting_into_a_state_sets_it_off_and_being_there_does_not() -> None:
    tried = Tried(rule(becomes(DOOR, "on")))
    assert tried.say(DOOR, "on") == ["one"]
    assert tried.say(DOOR, "on") == []
    assert tried.say(DOOR, "off") == []
    assert tried.say(DOOR, "on") == ["one"]


def test_what_was_so_when_the_rule_came_sets_nothing_off() -> None:
    tried = Tried()
    tried.say(DOOR, "on")
    tried.engine.put([rule(becomes(DOOR, "on"))], tried.now())
    assert tried.say(DOOR, "on") == []
    tried.say(DOOR, "off")
    assert tried.say(DOOR, "on") == ["one"]


def test_silence_in_between_is_neither_a_beginning_nor_an_end() -> None:
    tried = Tried(rule(becomes(DOOR, "on")))
    tried.say(DOOR, "on")
    assert tried.say(DOOR, None) == []
    assert tried.say(DOOR, "on", available=False) == []
    assert tried.say(DOOR, "on") == []


def test_a_bound_is_passed_once_until_it_is_left() -> None:
    tried = Tried(rule(Trigger(TriggerKind.NUMERIC, ROOM, above=25.0)))
    assert [tried.say(ROOM, value) for value in ("24", "25", "25.1", "30", "nan", "31")] == [
        [],
        [],
        ["one"],
        [],
        [],
        [],
    ]
    tried.say(ROOM, "20")
    assert tried.say(ROOM, "26") == ["one"]


def test_an_attribute_can_be_bounded() -> None:
    tried = Tried(rule(Trigger(TriggerKind.NUMERIC, HEAT, below=18.0, attribute="current_temperature")))
    tried.registry.set_state(HEAT, DeviceState("heat", {"current_temperature": 17.5}))
    assert [one.rule.id for one in tried.heard] == ["one"]


def test_what_must_last_is_waited_for_and_forgotten_when_it_ends() -> None:
    tried = Tried(rule(becomes(DOOR, "on", for_s=300.0)))
    assert tried.say(DOOR, "on") == []
    assert tried.wait(299) == []
    tried.say(DOOR, "off")
    assert tried.wait(10) == []
    tried.say(DOOR, "on")
    assert [one.rule.id for one in tried.wait(300)] == ["one"]
    assert tried.wait(300) == []


def test_conditions_are_looked_at_when_it_is_set_off() -> None:
    tried = Tried(rule(becomes(DOOR, "on"), conditions=(is_(HEAT, "off", other=True), is_(LAMP, "off"))))
    assert tried.say(DOOR, "on") == ["one"]
    tried.say(HEAT, "off")
    tried.say(DOOR, "off")
    assert tried.say(DOOR, "on") == []


@pytest.mark.parametrize(
    ("after", "before", "hour", "passes"),
    [
        ("22:00", "06:00", 23, True),
        ("22:00", "06:00", 5, True),
        ("22:00", "06:00", 6, False),
        ("22:00", "", 1, True),
        ("22:00", "", 7, False),
        ("09:00", "", 23, True),
        ("", "08:00", 3, True),
        ("", "08:00", 8, False),
        ("09:00", "17:00", 12, True),
    ],
)
def test_hours_go_through_the_night(after: str, before: str, hour: int, passes: bool) -> None:
    tried = Tried(rule(becomes(DOOR, "on"), conditions=(Condition(ConditionKind.TIME, after=after, before=before),)))
    tried.clock.set_wall((START.replace(hour=hour, minute=0) - START).total_seconds())
    assert tried.say(DOOR, "on") == (["one"] if passes else [])


def test_a_night_belongs_to_the_day_it_began_on() -> None:
    friday_night = Condition(ConditionKind.TIME, after="22:00", before="06:00", days=("friday",))
    tried = Tried(rule(becomes(DOOR, "on"), conditions=(friday_night,)))
    tried.clock.advance(8.5 * 3600)  # Saturday, three in the morning
    assert tried.say(DOOR, "on") == ["one"]
    tried.say(DOOR, "off")
    tried.clock.advance(86_400)
    assert tried.say(DOOR, "on") == []


def test_the_sun_decides_where_the_house_is_known_and_nothing_where_not() -> None:
    dark = rule(becomes(DOOR, "on"), conditions=(Condition(ConditionKind.SUN),))
    at_night, nowhere = Tried(dark, place=Place(51.5, 0.0)), Tried(dark)
    assert at_night.say(DOOR, "on") == ["one"]  # half past six on the 14th of March
    assert nowhere.say(DOOR, "on") == []


def test_the_clock_sets_off_on_its_days() -> None:
    tried = Tried(rule(Trigger(TriggerKind.TIME, at="19:00", days=("friday",))))
    assert [one.late_s for one in tried.wait(1800)] == [0.0]
    assert tried.wait(86_400) == []
    assert tried.engine.next_due()[1] == (START + timedelta(days=7, minutes=30)).timestamp()


def test_a_rule_that_was_slept_through_is_told_and_not_done() -> None:
    tried = Tried(rule(Trigger(TriggerKind.TIME, at="19:00")))
    (missed,) = tried.wait(1800 + 901)
    assert missed.missed
    tried = Tried(rule(Trigger(TriggerKind.TIME, at="19:00")))
    (late,) = tried.wait(1800 + 899)
    assert (late.missed, late.late_s) == (False, 899.0)


def test_a_clock_that_is_set_moves_what_is_due() -> None:
    tried = Tried(rule(Trigger(TriggerKind.TIME, at="19:00")))
    tried.clock.set_wall(-86_400.0 * 300)
    tried.engine.clock_was_set(tried.now(), -86_400.0 * 300)
    assert tried.engine.next_due()[1] == (START - timedelta(days=300) + timedelta(minutes=30)).timestamp()


def test_one_that_sets_itself_off_is_stopped() -> None:
    tried = Tried(rule(becomes(DOOR, "on")))
    for _ in range(MOST_A_MINUTE):
        assert tried.say(DOOR, "on") == ["one"]
        tried.say(DOOR, "off")
    tried.say(DOOR, "on")
    assert [one.stopped for one in tried.heard] == [True]
    tried.say(DOOR, "off")
    assert tried.say(DOOR, "on") == []


def test_a_change_of_another_rule_leaves_a_wait_alone() -> None:
    held = rule(becomes(DOOR, "on", for_s=60.0))
    tried = Tried(held)
    tried.say(DOOR, "on")
    tried.clock.advance(30)
    tried.engine.put([held, rule(becomes(LAMP, "on"), key="two")], tried.now())
    assert [one.rule.id for one in tried.wait(30)] == ["one"]
