import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.sensors.alarms import AlarmRule, AlarmState, News, Relation, Subject
from edge.sensors.alarms.errors import AlarmError
from edge.sensors.model import Kind, Severity
from tests.sensors.alarms.makers import FREEZER, NOON_S, SMOKE, WINDOW, Desk

HOUR_S = 3600.0
DAY_S = 86_400.0


def test_one_that_ends_and_was_seen_leaves_after_a_while() -> None:
    desk = Desk()
    desk.begins()
    assert desk.said() == [News.BEGAN]
    (alarm,) = desk.book.acknowledge("sensor.freezer")
    assert (alarm.state, alarm.acknowledged) == (AlarmState.ACTIVE, True)
    desk.pass_s(600)
    desk.ends(value=-20.0)
    assert desk.book.listed()[0].text == "Freezer is back to normal, at -20 °C, after 55 minutes."
    assert desk.said() == [News.ACKNOWLEDGED, News.CLEARED]
    desk.pass_s(2 * HOUR_S)
    assert desk.said() == [News.GONE]
    assert desk.book.all() == ()
    assert [one.sensor for one in desk.book.past] == ["sensor.freezer"]


def test_one_that_ends_unseen_stays_until_somebody_sees_it() -> None:
    desk = Desk()
    desk.begins()
    desk.book.note_told(desk.book.all()[0].id)
    desk.ends()
    desk.pass_s(3 * DAY_S)
    (alarm,) = desk.book.listed()
    assert (alarm.state, alarm.acknowledged) == (AlarmState.CLEARED, False)
    desk.book.acknowledge("all")
    assert desk.book.listed() == ()


def test_one_that_nobody_ever_sees_leaves_after_a_week() -> None:
    desk = Desk()
    desk.begins()
    desk.book.note_told(desk.book.all()[0].id)
    desk.ends()
    desk.pass_s(8 * DAY_S)
    assert desk.book.listed() == ()


def test_one_that_flaps_is_one_alarm_with_a_count_and_told_once() -> None:
    desk = Desk()
    for _ in range(20):
        desk.begins()
        desk.pass_s(300)
        desk.ends()
        desk.pass_s(300)
    assert desk.said().count(News.BEGAN) == 1
    (alarm,) = desk.book.listed()
    assert alarm.count == 20


def test_one_that_comes_back_late_is_told_again_and_says_when_it_was_there_before() -> None:
    desk = Desk()
    desk.begins()
    desk.ends()
    desk.book.acknowledge("all")
    desk.pass_s(12 * DAY_S)
    desk.said()
    desk.begins()
    assert desk.said() == [News.BEGAN]
    assert desk.book.active()[0].text.endswith("It is the first time in 12 days.")


def test_what_was_seen_stays_seen_while_it_flaps() -> None:
    desk = Desk()
    desk.begins()
    desk.book.acknowledge("all")
    desk.ends()
    desk.pass_s(60)
    desk.begins()
    assert desk.book.active()[0].acknowledged


def test_what_is_told_later_has_the_latest_value_and_its_day() -> None:
    desk = Desk()
    desk.begins()
    desk.book.dirty.clear()
    desk.said()
    desk.book.heard("sensor.freezer", -3.0)
    assert desk.book.active()[0].text == "Freezer is at -3 °C, above -12 °C since 11:15."
    desk.now_s += DAY_S
    assert desk.book.active()[0].text == "Freezer is at -3 °C, above -12 °C since yesterday at 11:15."
    assert (desk.book.dirty, desk.said()) == ({}, [])


def test_the_same_beginning_twice_is_one() -> None:
    desk = Desk()
    desk.begins()
    desk.begins()
    assert desk.said() == [News.BEGAN]
    assert desk.book.active()[0].count == 1


def test_sensors_that_fall_silent_together_are_one_alarm() -> None:
    desk = Desk()
    gateway_died_s = NOON_S - 3 * HOUR_S
    for number in range(12):
        desk.now_s = NOON_S + 600 * number
        desk.falls_silent(number, gateway_died_s - 40 * number)
    assert desk.said() == [News.BEGAN] + [News.CHANGED] * 11
    (alarm,) = desk.book.active()
    since = "08:52"
    assert alarm.text == f"12 sensors have fallen silent since {since}: Probe 0, Probe 1, Probe 2 and 9 more."
    assert len(desk.book.members(alarm.id)) == 12
    assert len(desk.book.all()) == 12


def test_a_group_is_over_when_all_of_it_is() -> None:
    desk = Desk()
    for number in range(3):
        desk.falls_silent(number, NOON_S - 3 * HOUR_S)
    desk.said()
    silent = {"key": "stale", "kind": Kind.STALE}
    for number in range(3):
        desk.ends(Subject(f"sensor.probe_{number}", f"Probe {number}"), **silent)
    assert desk.said() == [News.CHANGED, News.CHANGED, News.CLEARED]
    assert desk.book.active() == ()


def test_two_that_fell_silent_hours_apart_are_two_alarms() -> None:
    desk = Desk()
    desk.falls_silent(0, NOON_S - 10 * HOUR_S)
    desk.falls_silent(1, NOON_S - 3 * HOUR_S)
    assert len(desk.book.active()) == 2


def test_what_happens_in_one_room_within_minutes_is_told_once_but_what_is_critical_by_itself() -> None:
    desk = Desk()
    desk.begins(WINDOW, key="state", kind=Kind.STATE)
    desk.pass_s(60)
    desk.begins(FREEZER, severity=Severity.INFO, key="unusual", kind=Kind.UNUSUAL)
    desk.begins(SMOKE, key="state", kind=Kind.STATE, severity=Severity.CRITICAL)
    assert desk.said() == [News.BEGAN, News.CHANGED, News.BEGAN]
    assert [one.name for one in desk.book.active()] == ["Smoke", "Kitchen Window"]


def test_what_is_muted_is_kept_and_told_when_that_ends() -> None:
    desk = Desk()
    desk.book.mute("sensor.freezer", 2 * HOUR_S)
    desk.begins()
    assert desk.said() == [News.CHANGED]
    assert desk.book.untold() == ()
    desk.pass_s(HOUR_S)
    assert desk.said() == []
    desk.pass_s(HOUR_S)
    assert desk.said() == [News.BEGAN]
    assert len(desk.book.untold()) == 1


def test_what_was_over_before_the_mute_ended_is_told_nobody() -> None:
    desk = Desk()
    desk.book.mute(None, 2 * HOUR_S)
    desk.begins()
    desk.ends()
    desk.pass_s(3 * HOUR_S)
    assert News.BEGAN not in desk.said()
    assert desk.book.listed() == ()


def test_smoke_is_told_whatever_is_muted_but_its_own_sensor() -> None:
    desk = Desk()
    desk.book.mute(None, HOUR_S)
    desk.book.mute(None, HOUR_S, area="kitchen")
    smoke = {"key": "state", "kind": Kind.STATE, "severity": Severity.CRITICAL}
    desk.begins(SMOKE, **smoke)
    assert desk.said() == [News.BEGAN]
    desk.ends(SMOKE, **smoke)
    desk.pass_s(2 * HOUR_S)
    desk.said()
    desk.book.mute("binary_sensor.smoke", HOUR_S)
    desk.begins(SMOKE, **smoke)
    assert News.BEGAN not in desk.said()


@pytest.mark.parametrize("for_s", [0.0, -1.0, float("nan"), float("inf"), 31 * DAY_S])
def test_nothing_is_muted_for_ever(for_s: float) -> None:
    with pytest.raises(AlarmError, match="30 days"):
        Desk().book.mute(None, for_s)


def test_a_mute_lasts_as_long_as_was_said_when_the_clock_is_set() -> None:
    desk = Desk()
    desk.book.mute(None, HOUR_S)
    desk.now_s += 400 * DAY_S
    desk.book.clock_set(400 * DAY_S, wrong=True)
    desk.begins()
    assert desk.said() == [News.CHANGED]


def test_times_of_a_wrong_clock_are_set_right_those_of_an_earlier_run_are_left() -> None:
    desk = Desk()
    desk.begins()
    desk.pass_s(60)
    desk.now_s += DAY_S
    desk.book.clock_set(DAY_S, wrong=True)
    assert desk.book.all()[0].at_s == NOON_S + DAY_S
    other = Desk()
    other.book.load(desk.book.all(), (), (), ())
    other.book.clock_set(DAY_S, wrong=True)
    assert other.book.all()[0].at_s == NOON_S + DAY_S


@pytest.mark.parametrize("back_s", [6 * HOUR_S, 50 * 365 * DAY_S])
def test_a_clock_that_starts_in_the_past_silences_nothing(back_s: float) -> None:
    before = Desk()
    before.begins()
    before.ends()
    before.book.mute("sensor.other", HOUR_S)
    after = Desk(NOON_S - back_s)
    after.book.load(before.book.all(), (), before.book.mutes(), ())
    after.begins()
    assert after.said() == [News.BEGAN]
    if back_s > DAY_S:
        after.begins(Subject("sensor.other", "Other"))
        assert after.said() == [News.BEGAN]


def test_a_sensor_that_leaves_the_house_takes_its_alarms_with_it() -> None:
    desk = Desk()
    desk.begins()
    desk.book.forget("sensor.freezer")
    assert desk.book.active() == ()
    desk.pass_s(HOUR_S)
    assert desk.book.listed() == ()


def test_a_rule_that_is_removed_has_no_alarms() -> None:
    desk = Desk()
    rule = AlarmRule("r1", ("sensor.freezer",), Relation.ABOVE, -15.0, said="warn me when the freezer is above -15")
    desk.book.add_rule(rule)
    desk.book.found(FREEZER, desk.finding(key="rule/r1", kind=Kind.RULE), rule)
    assert desk.book.active()[0].advice == "You asked for this: warn me when the freezer is above -15"
    assert desk.book.remove_rule("r1") == rule
    assert desk.book.active() == ()
    assert desk.book.remove_rule("r1") is None


def test_a_rule_without_sensors_is_refused() -> None:
    with pytest.raises(AlarmError, match="sensor"):
        Desk().book.add_rule(AlarmRule("r1", (), Relation.ABOVE, 1.0))


def test_a_listener_that_fails_costs_the_others_nothing() -> None:
    desk = Desk()
    desk.book.listen(lambda _change: 1 / 0)  # type: ignore[arg-type,return-value]
    heard = []
    desk.book.listen(heard.append)
    desk.begins()
    assert len(heard) == 1


acts = st.lists(
    st.tuples(
        st.sampled_from(["begin", "end", "ack", "mute", "unmute", "told", "pass", "silent", "forget", "clock"]),
        st.integers(0, 5),
        st.floats(0, 5 * DAY_S),
    ),
    max_size=60,
)


@given(acts)
def test_whatever_happens_each_cause_is_listed_once_and_what_left_is_over(
    steps: list[tuple[str, int, float]],
) -> None:
    desk = Desk()
    book = desk.book
    for act, which, size in steps:
        subject = Subject(f"sensor.probe_{which}", f"Probe {which}", area="hall" if which % 2 else "")
        match act:
            case "begin":
                desk.begins(subject, severity=list(Severity)[which % 3])
            case "end":
                desk.ends(subject)
            case "ack":
                book.acknowledge(subject.key)
            case "mute":
                book.mute(subject.key if which else None, size + 1)
            case "unmute":
                book.unmute(None)
            case "told":
                for one in book.untold():
                    book.note_told(one.id)
            case "silent":
                desk.falls_silent(which, desk.now_s - size)
            case "forget":
                book.forget(subject.key)
            case "clock":
                desk.now_s += size
                book.clock_set(size, wrong=which % 2 == 0)
            case _:
                desk.pass_s(size)
        told = [member.id for head in book.listed() for member in book.members(head.id)]
        assert sorted(told) == sorted(one.id for one in book.all())
        assert all(not one.is_active for one in book.past)
        assert all(book.get(one.id) is not None for one in book.all())
    fresh = Desk(desk.now_s)
    fresh.book.load(book.all(), book.rules(), book.mutes(), ())
    assert [one.id for one in fresh.book.listed()] == [one.id for one in book.listed()]
    assert fresh.book.all() == book.all()
