from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.sensors.alarms import Alarm, AlarmState, Subject
from edge.sensors.alarms.wording import advised, described, over, together
from edge.sensors.alarms.words import Moments, listed, measured, nth, number, span, times
from edge.sensors.model import Kind, Severity
from tests.sensors.alarms.makers import FREEZER, NOON_S, SMOKE, WINDOW

MOMENTS = Moments(lambda: NOON_S)


def alarm(subject: Subject, kind: Kind, value: float | str, **changes: object) -> Alarm:
    made = Alarm(
        "1", subject.key, kind.value, subject.name, kind, Severity.WARNING, AlarmState.ACTIVE,
        acknowledged=False, since_s=NOON_S - 7200, at_s=NOON_S, value=value, unit=subject.unit, area=subject.area,
        device_class=subject.device_class,
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


_NEIGHBOURS = (
    "Freezer has gone its own way since 10:00: it is 2.5 °C below the others of its kind, -1 to 1 °C is normal."
)
_UNUSUAL = (
    "Freezer has been at -1 °C since 10:00: at this hour at most -15 °C is normal, it is 9 times as far off as ever "
    "lately."
)


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (alarm(FREEZER, Kind.LIMITS, -9.46, high=-12.0), "Freezer is at -9.5 °C, above -12 °C since 10:00."),
        (alarm(FREEZER, Kind.LIMITS, -45.0, low=-40.0), "Freezer is at -45 °C, below -40 °C since 10:00."),
        (alarm(FREEZER, Kind.RATE, 12.34), "Freezer has risen by 12.3 °C within 2 hours."),
        (alarm(FREEZER, Kind.RATE, -5.0), "Freezer has fallen by 5 °C within 2 hours."),
        (
            alarm(FREEZER, Kind.STALE, 7200.0, times=12.0),
            "Freezer has been silent since 10:00: it usually reports every 10 minutes.",
        ),
        (
            alarm(FREEZER, Kind.STUCK, 7200.0, times=3.2),
            "Freezer has reported one and the same value since 10:00: three times as long as ever lately.",
        ),
        (
            alarm(FREEZER, Kind.SPIKE, 85.0, low=-25.0, high=-15.0, times=1.2),
            "Freezer said 85 °C for a moment at 10:00: -25 to -15 °C is normal.",
        ),
        (
            alarm(FREEZER, Kind.SHIFT, -14.0, low=-20.0, high=-16.0),
            "Freezer has been at -14 °C over the past day: -20 to -16 °C is normal.",
        ),
        (
            alarm(FREEZER, Kind.DRIFT, -14.0, low=-19.5, high=-16.5, since_s=NOON_S - 14 * 86_400),
            "Freezer has been creeping up, from -18 to -14 °C within 14 days.",
        ),
        (
            alarm(FREEZER, Kind.UNUSUAL, -1.0, high=-15.0, times=9.0),
            _UNUSUAL,
        ),
        (alarm(SMOKE, Kind.STATE, 0.0), "There is smoke: Smoke, since 10:00."),
        (
            alarm(WINDOW, Kind.STATE, 7200.0, times=2.4),
            "Kitchen Window has been open since 10:00, twice as long as usual.",
        ),
        (
            alarm(Subject("sensor.w", "Water", "L", "water"), Kind.COUNTER, 7200.0, key="counter.running"),
            "Water has been counting without a pause since 10:00.",
        ),
        (
            alarm(Subject("sensor.w", "Water", "L", "water"), Kind.COUNTER, 380.0, key="counter.fast"),
            "Water has counted 380 L in a short time.",
        ),
        (
            alarm(Subject("sensor.w", "Water", "L", "water"), Kind.COUNTER, 7200.0, key="counter.still"),
            "Water has been standing still since 10:00.",
        ),
        (
            alarm(FREEZER, Kind.NEIGHBOURS, -2.5, low=-1.0, high=1.0),
            _NEIGHBOURS,
        ),
        (alarm(WINDOW, Kind.RULE, "on"), "Kitchen Window is open since 10:00."),
        (alarm(FREEZER, Kind.RULE, -9.0, high=-10.0), "Freezer is at -9 °C, above -10 °C since 10:00."),
        (
            alarm(FREEZER, Kind.FLOOD, 10.0, high=10.0),
            "Freezer has sent more than the 10 readings a second that are kept since 10:00.",
        ),
    ],
    ids=lambda one: one.key if isinstance(one, Alarm) else "",
)
def test_an_alarm_says_what_since_when_and_how_unusual(made: Alarm, text: str) -> None:
    assert described(made, MOMENTS) == text
    assert advised(made)
    ended = replace(made, state=AlarmState.CLEARED, since_s=NOON_S - 7200, ended_s=NOON_S)
    assert over(ended, MOMENTS).endswith("after 2 hours.")


def test_what_to_do_goes_by_what_it_is() -> None:
    assert "Close its door" in advised(alarm(FREEZER, Kind.LIMITS, 0.0))
    assert "fire brigade" in advised(alarm(SMOKE, Kind.STATE, 0.0))
    assert advised(alarm(WINDOW, Kind.STATE, 0.0)).startswith("Close it")
    water = Subject("sensor.w", "Water", "L", "water")
    assert "main tap" in advised(alarm(water, Kind.COUNTER, 0.0, key="counter.fast"))


def test_how_often_it_was_is_said() -> None:
    made = alarm(FREEZER, Kind.LIMITS, 0.0, high=-12.0)
    assert described(made, MOMENTS, [NOON_S - 12 * 86_400]).endswith("It is the first time in 12 days.")
    assert described(made, MOMENTS, [NOON_S - 9e4, NOON_S - 8e4]).endswith("It is the third time within a week.")
    assert described(replace(made, count=4), MOMENTS).endswith("It is the fourth time that it begins.")


def test_several_of_one_kind_are_said_together() -> None:
    rooms = [Subject(f"s{n}", f"Room {n}", "°C", "temperature") for n in range(3)]
    cold = [alarm(room, Kind.UNUSUAL, 12.0, low=18.0, text=f"{room.name} is cold.") for room in rooms]
    said = "3 sensors are unusual since 10:00: Room 0, Room 1 and Room 2. Room 0 is cold."
    assert together(cold, MOMENTS) == said
    both = [alarm(WINDOW, Kind.STATE, 7200.0), alarm(FREEZER, Kind.UNUSUAL, 1.0)]
    assert together(both, MOMENTS).endswith("Besides: Freezer (unusual).")


@pytest.mark.parametrize(
    ("ago_s", "since", "ago"),
    [
        (600, "since 11:50", "for 10 minutes"),
        (86_400, "since yesterday at 12:00", "for 1 day"),
        (3 * 86_400, "since Friday at 12:00", "for 3 days"),
        (30 * 86_400, "since 9 August at 12:00", "for 30 days"),
        (5, "since 11:59", "now"),
    ],
)
def test_moments_are_of_the_home_and_spans_where_the_clock_is_wrong(ago_s: float, since: str, ago: str) -> None:
    assert MOMENTS.since(NOON_S - ago_s) == since
    assert Moments(lambda: NOON_S, trusted=lambda: False).since(NOON_S - ago_s) == ago


def test_the_day_is_that_of_the_home() -> None:
    east = Moments(lambda: NOON_S, lambda at_s: datetime.fromtimestamp(at_s, UTC) + timedelta(hours=12))
    assert east.since(NOON_S - 3600) == "since yesterday at 23:00"


def test_small_words() -> None:
    assert [number(one) for one in (0.0, 21.04, -0.123, 1234.5, 0.00049)] == ["0", "21", "-0.12", "1,234", "0.0005"]
    assert [span(one) for one in (1, 90, 3600, 7200, 86_400 * 12)] == [
        "1 second", "90 seconds", "1 hour", "2 hours", "12 days",
    ]  # fmt: skip
    assert [nth(one) for one in (1, 3, 11, 12, 21, 22, 23, 112)] == [
        "first", "third", "11th", "12th", "21st", "22nd", "23rd", "112th",
    ]  # fmt: skip
    assert [times(one) for one in (1.6, 3.0, 12.4)] == ["twice", "three times", "12 times"]
    assert measured("open", "") == "open"
    assert [listed("AB"[:n] if n < 3 else "ABCDEFG") for n in (0, 1, 2, 3)] == [
        "",
        "A",
        "A and B",
        "A, B, C and 4 more",
    ]


@given(st.floats(allow_nan=True), st.floats(allow_nan=True), st.sampled_from(Kind), st.floats(0, 1e6))
def test_any_figures_make_a_sentence(value: float, bound: float, kind: Kind, times_: float) -> None:
    made = alarm(FREEZER, kind, value, low=bound, high=bound, times=times_)
    assert described(made, MOMENTS).endswith(".")
