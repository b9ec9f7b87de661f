import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.sensors.alarms import AlarmRule, Condition, Relation
from edge.sensors.alarms.rules import RuleWatch
from edge.sensors.model import Change, Kind

T = 1_757_289_600.0
GREENHOUSE = AlarmRule("r", ("sensor.greenhouse",), Relation.ABOVE, 30.0, hold_s=600.0)


class Desk:
    """A watch of one rule, with the minute of the day in a test's hand."""

    def __init__(self, *rules: AlarmRule, active: float | None = None, last: float | str | None = None) -> None:
        self.minute: int | None = 720
        self.watch = RuleWatch(lambda _at_s: self.minute)
        self.watch.set_rules(rules, T, active=lambda *_: active, last=lambda _: None if last is None else (last, "°C"))

    def says(
        self, value: float | str, at_s: float, sensor: str = "sensor.greenhouse", unit: str = "°C"
    ) -> list[Change]:
        return [one.change for _, _, one in self.watch.update(sensor, unit, T + at_s, value)]

    def tick(self, at_s: float) -> list[Change]:
        return [one.change for _, _, one in self.watch.tick(T + at_s)]


def test_above_for_ten_minutes_counts_although_nothing_new_is_said() -> None:
    desk = Desk(GREENHOUSE)
    assert desk.says(31.0, 0) == []
    assert desk.tick(599) == []
    assert desk.tick(600) == [Change.BEGAN]
    assert desk.tick(700) == []
    assert desk.says(29.9, 800) == []  # not back by enough
    assert desk.says(29.5, 900) == [Change.ENDED]


def test_a_dip_begins_the_time_anew() -> None:
    desk = Desk(GREENHOUSE)
    desk.says(31.0, 0)
    desk.says(29.0, 300)
    desk.says(31.0, 400)
    assert desk.tick(700) == []
    assert desk.tick(1000) == [Change.BEGAN]


def test_what_already_is_so_when_the_rule_is_made_counts() -> None:
    desk = Desk(AlarmRule("r", ("sensor.greenhouse",), Relation.ABOVE, 30.0), last=35.0)
    assert desk.tick(1) == [Change.BEGAN]


@pytest.mark.parametrize(
    ("relation", "threshold", "quiet", "loud"),
    [
        (Relation.BELOW, 5.0, 5.0, 4.9),
        (Relation.IS, "open", "closed", "Open"),
        (Relation.IS, 3.0, 4.0, 3.0),
        (Relation.IS_NOT, "closed", "closed", "open"),
        (Relation.ABOVE, 5.0, "unknown", 6.0),
    ],
)
def test_relations(relation: Relation, threshold: float | str, quiet: float | str, loud: float | str) -> None:
    desk = Desk(AlarmRule("r", ("sensor.greenhouse",), relation, threshold))
    assert desk.says(quiet, 0) == []
    assert desk.says(loud, 1) == [Change.BEGAN]
    assert desk.says(quiet, 2) in ([Change.ENDED], [])


def test_a_rise_counts_within_its_span_only() -> None:
    desk = Desk(AlarmRule("r", ("sensor.greenhouse",), Relation.RISES_BY, 5.0, over_s=600.0))
    assert desk.says(20.0, 0) == []
    assert desk.says(24.0, 300) == []
    assert desk.says(26.0, 700) == []
    found = desk.watch.update("sensor.greenhouse", "°C", T + 750, 31.0)
    assert [(one.change, one.kind, one.value) for _, _, one in found] == [(Change.BEGAN, Kind.RATE, 7.0)]
    assert desk.tick(2000) == [Change.ENDED]


def test_silence_is_found_by_the_time_alone_and_not_while_nothing_could_be_heard() -> None:
    desk = Desk(AlarmRule("r", ("sensor.greenhouse",), Relation.SILENT, 3600.0))
    assert desk.tick(3000) == []
    desk.watch.listening_again(T + 3500)
    assert desk.tick(4000) == []
    assert desk.tick(7200) == [Change.BEGAN]
    assert desk.says(20.0, 7300) == [Change.ENDED]


def test_hours_of_the_day_may_pass_midnight_and_a_wrong_clock_has_none() -> None:
    desk = Desk(AlarmRule("r", ("sensor.greenhouse",), Relation.ABOVE, 30.0, from_minute=1320, to_minute=420))
    assert desk.says(31.0, 0) == []
    desk.minute = 1380
    assert desk.tick(1) == [Change.BEGAN]
    desk.minute = 430
    assert desk.tick(2) == [Change.ENDED]
    desk.minute = None
    assert desk.tick(3) == [Change.BEGAN]


def test_what_must_hold_besides_is_looked_at_when_it_changes() -> None:
    rule = AlarmRule(
        "r", ("sensor.greenhouse",), Relation.BELOW, 10.0, also=(Condition(("window",), Relation.IS, "on"),)
    )
    desk = Desk(rule)
    assert desk.says(5.0, 0) == []
    assert desk.says("on", 1, "window", "") == [Change.BEGAN]
    assert desk.says("off", 2, "window", "") == [Change.ENDED]


def test_each_sensor_of_a_rule_has_an_alarm_of_its_own() -> None:
    desk = Desk(AlarmRule("r", ("a", "b"), Relation.IS, "on"))
    assert desk.says("on", 0, "a", "") == [Change.BEGAN]
    assert desk.says("on", 1, "b", "") == [Change.BEGAN]
    assert desk.says("off", 2, "a", "") == [Change.ENDED]


def test_after_a_start_an_alarm_waits_for_its_sensor_before_it_is_over() -> None:
    desk = Desk(AlarmRule("r", ("sensor.greenhouse",), Relation.ABOVE, 30.0), active=T - 1000)
    assert desk.tick(10) == []
    assert desk.says(31.0, 20) == []
    assert desk.says(20.0, 30) == [Change.ENDED]


relations = st.sampled_from(list(Relation))
values = st.one_of(st.floats(-1e30, 1e30), st.text(max_size=5))
rules = st.builds(
    AlarmRule,
    st.just("r"),
    st.just(("a", "b")),
    relations,
    values,
    hold_s=st.floats(0, 1e4),
    over_s=st.floats(1, 1e5),
    also=st.lists(st.builds(Condition, st.just(("c",)), relations, values), max_size=2).map(tuple),
)


@given(rules, st.lists(st.tuples(st.sampled_from("abc"), values, st.floats(0, 1e5)), max_size=40))
def test_any_rule_bears_any_reading_and_every_end_has_a_beginning(
    rule: AlarmRule, said: list[tuple[str, float | str, float]]
) -> None:
    desk = Desk(rule)
    at_s, running = 0.0, set()
    for sensor, value, later_s in said:
        at_s += later_s
        found = desk.watch.update(sensor, "", T + at_s, value) if desk.watch.knows(sensor) else []
        for _, key, one in [*found, *desk.watch.tick(T + at_s)]:
            assert (one.change is Change.BEGAN) == (key not in running)
            running ^= {key}
