"""What comes back, on the home's clock and by the sun."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.schedule import ScheduleError, SystemClock
from edge.schedule.recurrence import Calendar, Place, Recurrence, rule_of

LONDON = SystemClock(ZoneInfo("Europe/London"))
AT_HOME = Place(51.5, -0.12)
TROMSO = Place(69.65, 18.96)


def local(calendar_s: float | None, clock: SystemClock = LONDON) -> str:
    assert calendar_s is not None
    return clock.local(calendar_s).isoformat()


def several(repeat: str, first: str, after: str, count: int = 3) -> list[str]:
    calendar, found = Calendar(LONDON), []
    what = Recurrence(rule_of(repeat), first)
    after_s = LONDON.epoch_s(datetime.fromisoformat(after))
    for _ in range(count):
        next_s = calendar.next_s(what, after_s)
        assert next_s is not None
        after_s = next_s
        found.append(local(next_s))
    return found


def test_an_alarm_stays_at_its_hour_when_the_clocks_change() -> None:
    found = several("daily", "2026-03-01T07:00:00", "2026-03-28T06:00:00")
    assert found == ["2026-03-28T07:00:00+00:00", "2026-03-29T07:00:00+01:00", "2026-03-30T07:00:00+01:00"]


def test_an_hour_that_is_left_out_in_spring_comes_an_hour_later_and_one_that_comes_twice_counts_once() -> None:
    spring = several("daily", "2026-03-01T01:30:00", "2026-03-28T12:00:00", 2)
    assert spring == ["2026-03-29T02:30:00+01:00", "2026-03-30T01:30:00+01:00"]
    autumn = several("daily", "2026-10-01T01:30:00", "2026-10-24T12:00:00", 2)
    assert autumn == ["2026-10-25T01:30:00+01:00", "2026-10-26T01:30:00+00:00"]


def test_intervals_of_hours_take_no_notice_of_that() -> None:
    found = several("2 hours", "2026-03-28T23:00:00", "2026-03-28T23:00:00")
    assert found == ["2026-03-29T02:00:00+01:00", "2026-03-29T04:00:00+01:00", "2026-03-29T06:00:00+01:00"]


@pytest.mark.parametrize(
    ("repeat", "days"),
    [
        ("weekdays", ["2026-11-23", "2026-11-24", "2026-11-25"]),
        ("weekends", ["2026-11-22", "2026-11-28", "2026-11-29"]),
        ("monday,thursday", ["2026-11-23", "2026-11-26", "2026-11-30"]),
        ("weekly", ["2026-11-28", "2026-12-05", "2026-12-12"]),
        ("2 weeks", ["2026-12-05", "2026-12-19", "2027-01-02"]),
        ("monthly", ["2026-12-21", "2027-01-21", "2027-02-21"]),
        ("3 days", ["2026-11-24", "2026-11-27", "2026-11-30"]),
    ],
)
def test_days_and_weeks(repeat: str, days: list[str]) -> None:
    found = several(repeat, "2026-11-21T09:00:00", "2026-11-21T09:00:00")
    assert [one[:10] for one in found] == days


def test_the_sun_rises_and_sets_where_the_house_is() -> None:
    calendar = Calendar(LONDON, AT_HOME)
    noon_s = LONDON.epoch_s(datetime.fromisoformat("2026-06-21T12:00"))
    # The Royal Observatory's table for Greenwich: 4:43 and 21:21.
    assert local(calendar.next_s(Recurrence(sun="sunset"), noon_s))[:16] in ("2026-06-21T21:21", "2026-06-21T21:22")
    assert local(calendar.next_s(Recurrence(sun="sunrise"), noon_s))[:15] == "2026-06-22T04:4"
    early = calendar.next_s(Recurrence(sun="sunset", sun_offset_s=-1200.0), noon_s)
    late = calendar.next_s(Recurrence(sun="sunset"), noon_s)
    assert early is not None and late is not None and late - early == pytest.approx(1200)
    assert calendar.dark(noon_s) is False
    assert calendar.dark(noon_s + 11 * 3600) is True


def test_the_sun_keeps_to_the_days_of_the_rule() -> None:
    calendar = Calendar(LONDON, AT_HOME)
    what = Recurrence(rule_of("weekdays"), "2026-11-21T08:00:00", "sunrise")
    assert local(calendar.next_s(what, LONDON.epoch_s(datetime.fromisoformat("2026-11-21T01:00"))))[:10] == "2026-11-23"


def test_where_the_sun_does_not_set_the_next_time_it_does_is_found() -> None:
    oslo = SystemClock(ZoneInfo("Europe/Oslo"))
    calendar = Calendar(oslo, TROMSO)
    midsummer_s = oslo.epoch_s(datetime.fromisoformat("2026-06-21T12:00"))
    assert local(calendar.next_s(Recurrence(sun="sunset"), midsummer_s), oslo)[:7] == "2026-07"
    assert calendar.dark(midsummer_s + 12 * 3600) is False
    assert calendar.dark(oslo.epoch_s(datetime.fromisoformat("2026-12-21T12:00"))) is True


def test_without_a_place_the_sun_is_declined_and_nonsense_too() -> None:
    with pytest.raises(ScheduleError, match="latitude"):
        Calendar(LONDON).next_s(Recurrence(sun="sunset"), 0.0)
    for nonsense in ("", "fortnightly-ish", "0 days", "² hours", "99999 hours", "monday,someday"):
        with pytest.raises(ScheduleError):
            rule_of(nonsense)
    with pytest.raises(ScheduleError):
        Calendar(LONDON).next_s(Recurrence("FREQ=SOMETIMES", "2026-01-01T00:00:00"), 0.0)


@given(
    repeat=st.sampled_from(["daily", "weekdays", "weekends", "weekly", "hourly", "5 minutes", "tuesday", "monthly"]),
    first=st.datetimes(datetime.fromisoformat("2025-01-01"), datetime.fromisoformat("2027-12-31")),
    later=st.timedeltas(timedelta(0), timedelta(days=900)),
)
def test_what_is_next_is_always_later(repeat: str, first: datetime, later: timedelta) -> None:
    after_s = first.replace(tzinfo=UTC).timestamp() + later.total_seconds()
    next_s = Calendar(LONDON).next_s(Recurrence(rule_of(repeat), first.isoformat()), after_s)
    assert next_s is not None and next_s > after_s
