from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.router.values.periods import period
from edge.router.values.times import sun_event, when

NOW = datetime(2026, 3, 11, 15, 20)  # noqa: DTZ001, a Wednesday, local time


def at(said: str, *, morning: bool = False) -> str | None:
    found = when(said, NOW, morning=morning)
    return found.at.strftime("%m-%d %H:%M") if found and found.at else None


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("half past nine", "03-11 21:30"),
        ("quarter to seven", "03-11 18:45"),
        ("five too eleven", "03-11 22:55"),
        ("nine thirty", "03-11 21:30"),
        ("nine thirty a.m.", "03-12 09:30"),
        ("seven oh five", "03-11 19:05"),
        ("8 o'clock", "03-11 20:00"),
        ("07:30", "03-12 07:30"),
        ("22:00", "03-11 22:00"),
        ("eighteen hundred", "03-11 18:00"),
        ("0700", "03-12 07:00"),
        ("7 p.m.", "03-11 19:00"),
        ("noon", "03-12 12:00"),
        ("midnight", "03-12 00:00"),
        ("quarter past midnight", "03-12 00:15"),
        ("in the evening", "03-11 19:00"),
        ("tonight at eleven", "03-11 23:00"),
        ("2 at night", "03-12 02:00"),
        ("tomorrow at 7", "03-12 07:00"),
        ("tomorrow at 5", "03-12 17:00"),
        ("two thirty tomorrow morning", "03-12 02:30"),
        ("the day after tomorrow", "03-13 08:00"),
        ("friday", "03-13 08:00"),
        ("next monday at 8", "03-16 08:00"),
        ("saturday morning", "03-14 08:00"),
        ("june 12th", "06-12 08:00"),
        ("the 5th of may at noon", "05-05 12:00"),
        ("the twentieth", "03-20 08:00"),
        ("christmas day", "12-25 08:00"),
        ("in four days", "03-15 15:20"),
        ("a month from now", "04-11 15:20"),
        ("saturday week at nine", "03-21 09:00"),
        ("a week on friday at noon", "03-20 12:00"),
        ("a fortnight tomorrow at six in the evening", "03-26 18:00"),
        ("this time on friday", "03-13 15:20"),
        ("the last day of april at eight", "04-30 08:00"),
        ("the second tuesday of next month at ten", "04-14 10:00"),
        ("two hours before midnight", "03-11 22:00"),
        ("an hour before noon on friday", "03-13 11:00"),
        ("at ten past", "03-11 16:10"),
        ("on the hour", "03-11 16:00"),
        ("by nine", "03-11 21:00"),
        ("first thing on monday", "03-16 08:00"),
        ("oh seven fifteen", "03-12 07:15"),
    ],
)
def test_a_time_is_the_next_that_can_be_meant(said: str, meant: str) -> None:
    assert at(said) == meant


@pytest.mark.parametrize(
    ("said", "meant"), [("seven", "03-12 07:00"), ("tomorrow at 5", "03-12 05:00"), ("half past six", "03-12 06:30")]
)
def test_an_alarm_clock_means_the_morning(said: str, meant: str) -> None:
    assert at(said, morning=True) == meant


@pytest.mark.parametrize(
    ("said", "repeat", "first"),
    [
        ("every weekday at six thirty", "weekdays", "03-11 18:30"),
        ("every day at seven in the morning", "daily", "03-12 07:00"),
        ("mondays and thursdays at eight", "monday,thursday", "03-12 08:00"),
        ("every saturday at noon", "saturday", "03-14 12:00"),
        ("monday to friday", "weekdays", "03-12 08:00"),
        ("every morning", "daily", "03-12 08:00"),
        ("every hour", "hourly", "03-11 16:00"),
        ("every two hours", "2 hours", "03-11 17:20"),
        ("every other day", "2 days", "03-12 08:00"),
        ("every other friday at ten", "2 weeks", "03-13 10:00"),
        ("every three weeks on monday at nine", "3 weeks", "03-16 09:00"),
        ("nightly at half past ten", "daily", "03-11 22:30"),
        ("every half hour", "30 minutes", "03-11 15:50"),
        ("on the fifteenth of every month at seven", "monthly", "03-15 07:00"),
        ("on the second wednesday of each month at four", "FREQ=MONTHLY;BYDAY=2WE", "03-11 16:00"),
        ("the last day of every month at noon", "FREQ=MONTHLY;BYMONTHDAY=-1", "03-31 12:00"),
        ("every year on the first of may", "yearly", "05-01 08:00"),
        (
            "three times a day at eight in the morning and two in the afternoon and ten at night",
            "FREQ=DAILY;BYHOUR=8,14,22;BYMINUTE=0;BYSECOND=0",
            "03-11 22:00",
        ),
    ],
)
def test_what_comes_back_says_how_and_when_first(said: str, repeat: str, first: str) -> None:
    found = when(said, NOW)
    assert found is not None
    assert found.repeat == repeat
    assert at(said) == first


@pytest.mark.parametrize(
    ("said", "sun", "offset"),
    [
        ("sunset", "sunset", 0),
        ("half an hour before sunset", "sunset", -1800),
        ("an hour after sunrise", "sunrise", 3600),
    ],
)
def test_the_sun_is_left_to_whoever_knows_where_the_house_stands(said: str, sun: str, offset: int) -> None:
    found = when(said, NOW)
    assert found is not None
    assert (found.sun, found.sun_offset, found.at) == (sun, offset, None)


@pytest.mark.parametrize(
    ("said", "start", "end"),
    [
        ("last night", "03-10 20:00", "03-11 08:00"),
        ("yesterday", "03-10 00:00", "03-11 00:00"),
        ("today", "03-11 00:00", "03-11 15:20"),
        ("since tuesday", "03-10 00:00", "03-11 15:20"),
        ("since midnight", "03-11 00:00", "03-11 15:20"),
        ("in the past two hours", "03-11 13:20", "03-11 15:20"),
        ("over the last day", "03-10 15:20", "03-11 15:20"),
        ("last week", "03-02 00:00", "03-09 00:00"),
        ("this month", "03-01 00:00", "03-11 15:20"),
        ("between noon and four", "03-11 12:00", "03-11 16:00"),
        ("yesterday evening", "03-10 18:00", "03-10 23:00"),
        ("on monday", "03-09 00:00", "03-10 00:00"),
        ("an hour ago", "03-11 14:20", "03-11 14:20"),
        ("tomorrow", "03-12 00:00", "03-13 00:00"),
        ("last night's", "03-10 20:00", "03-11 08:00"),
        ("all night", "03-10 20:00", "03-11 08:00"),
        ("yesterday's", "03-10 00:00", "03-11 00:00"),
        ("tomorrow’s", "03-12 00:00", "03-13 00:00"),
        ("last week's", "03-02 00:00", "03-09 00:00"),
    ],
)
def test_a_question_names_a_stretch_of_time(said: str, start: str, end: str) -> None:
    found = period(said, NOW)
    assert found is not None
    assert (found.start.strftime("%m-%d %H:%M"), found.end.strftime("%m-%d %H:%M")) == (start, end)


@pytest.mark.parametrize(
    "said", ["now", "right now", "currently", "at the moment", "the other day", "since i left", ""]
)
def test_now_and_nothing_in_particular_are_no_stretch_of_time(said: str) -> None:
    assert period(said, NOW) is None


_WORDS = st.lists(
    st.sampled_from(
        [
            "every",
            "half",
            "past",
            "to",
            "quarter",
            "seven",
            "7:30",
            "99:99",
            "31",
            "february",
            "tomorrow",
            "next",
            "last",
        ]
    )
    | st.sampled_from(
        ["since", "between", "and", "noon", "am", "pm", "hour", "ago", "monday", "sun", "night", "the", "30"]
    )
    | st.sampled_from(["th", "sunset", "before", "2", "weeks", "0", "24", "twenty", "five", "other", "minutes"]),
    max_size=9,
)


@given(st.one_of(st.text(max_size=200), _WORDS.map(" ".join)), st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1)))  # noqa: DTZ001
def test_any_text_is_a_time_to_come_or_none(text: str, now: datetime) -> None:
    found = when(text, now)
    if found is not None:
        assert found.at or found.repeat or found.sun
        assert found.at is None or found.at >= now.replace(hour=0, minute=0, second=0, microsecond=0)
        assert all(value is not None for value in found.arguments().values())
    asked = period(text, now)
    if asked is not None:
        assert asked.arguments()


def test_a_now_with_a_zone_gives_local_times_all_the_same() -> None:
    zoned = NOW.replace(tzinfo=UTC)
    for said in ("half past nine", "tomorrow at 7", "every weekday at six", "friday"):
        found, same = when(said, zoned), when(said, NOW)
        assert found is not None
        assert same is not None
        assert found.arguments() == same.arguments()
    for said in ("last night", "between noon and four", "since tuesday", "an hour ago"):
        asked, likewise = period(said, zoned), period(said, NOW)
        assert asked is not None
        assert likewise is not None
        assert asked.arguments() == likewise.arguments()


@pytest.mark.parametrize("said", ["huff past three", "past ten", "after the match"])
def test_half_a_phrase_is_no_time_at_all(said: str) -> None:
    assert when(said, NOW) is None


@pytest.mark.parametrize(
    ("said", "sun"),
    [
        ("when the sun sets", "sunset"),
        ("as soon as the sun has come up", "sunrise"),
        ("once it gets dark outside", "sunset"),
        ("if it gets dark and nobody is home", None),
        ("when the sun is out of the way of my plants in the back garden", None),
        ("when anna comes home", None),
    ],
)
def test_a_clause_that_only_names_the_suns_way_is_a_time(said: str, sun: str | None) -> None:
    found = sun_event(said)
    assert (found.sun if found else None) == sun
