"""Stretches of the past are found wherever they stand in a sentence, and are those that people mean."""

from datetime import datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.router.values.bounds import bounds, holding_s, unit_wanted
from edge.router.values.numbers import split
from edge.router.values.past import pasts

NOW = datetime(2026, 11, 19, 15, 20)  # noqa: DTZ001, a Thursday, local time


def found(text: str) -> list[tuple[str, str, str]]:
    return [
        (one.start.strftime("%m-%d %H:%M"), "" if one.moment else one.end.strftime("%m-%d %H:%M"), one.said)
        for one in pasts(split(text), NOW)
    ]


@pytest.mark.parametrize(
    ("text", "start", "end", "said"),
    [
        ("how cold was it last night", "11-18 20:00", "11-19 08:00", "last night"),
        ("the night before last", "11-17 20:00", "11-18 08:00", "on Tuesday night"),
        ("at six this morning", "11-19 06:00", "", "at 6:00 today"),
        ("on monday at noon", "11-16 12:00", "", "at 12:00 on Monday"),
        ("at noon on monday", "11-16 12:00", "", "at 12:00 on Monday"),
        ("at midnight last night", "11-19 00:00", "", "at 0:00 today"),
        ("last night at three", "11-19 03:00", "", "at 3:00 today"),
        ("yesterday around 3 pm", "11-18 15:00", "", "at 15:00 yesterday"),
        ("between two and four in the morning", "11-19 02:00", "11-19 04:00", "between 2:00 and 4:00 today"),
        ("between two and four this morning", "11-19 02:00", "11-19 04:00", "between 2:00 and 4:00 this morning"),
        ("yesterday between two and four", "11-18 14:00", "11-18 16:00", "between 14:00 and 16:00 yesterday"),
        ("between 10 pm and 6 am last night", "11-18 22:00", "11-19 06:00", "between 22:00 and 6:00 last night"),
        ("from six to eight this morning", "11-19 06:00", "11-19 08:00", "between 6:00 and 8:00 this morning"),
        ("from monday to wednesday", "11-16 00:00", "11-19 00:00", "from Monday to yesterday"),
        ("from ten last night to six this morning", "11-18 22:00", "11-19 06:00", "from 22:00 yesterday to 6:00 today"),
        ("since tuesday", "11-17 00:00", "11-19 15:20", "since Tuesday"),
        ("since six this morning", "11-19 06:00", "11-19 15:20", "since 6:00 today"),
        ("in the past two hours", "11-19 13:20", "11-19 15:20", "in the past two hours"),
        ("over the last fortnight", "11-05 15:20", "11-19 15:20", "in the past fortnight"),
        ("the last hour", "11-19 14:20", "11-19 15:20", "in the past hour"),
        ("last week", "11-09 00:00", "11-16 00:00", "last week"),
        ("so far this month", "11-01 00:00", "11-19 15:20", "this month"),
        ("over the weekend", "11-14 00:00", "11-16 00:00", "last weekend"),
        ("the day before yesterday", "11-17 00:00", "11-18 00:00", "on Tuesday"),
        ("an hour ago", "11-19 14:20", "", "an hour ago"),
        ("three weeks ago", "10-29 00:00", "10-30 00:00", "three weeks ago"),
        ("three days ago at noon", "11-16 12:00", "", "at 12:00 on Monday"),
        ("on the third of november", "11-03 00:00", "11-04 00:00", "on the 3rd of November"),
        ("in october", "10-01 00:00", "11-01 00:00", "in October"),
        ("this time yesterday", "11-18 15:20", "", "at 15:20 yesterday"),
        ("monday last week", "11-09 00:00", "11-10 00:00", "on the 9th of November"),
        ("after ten last night", "11-18 22:00", "11-19 08:00", "after 22:00 yesterday"),
        ("before six this morning", "11-18 20:00", "11-19 06:00", "until 6:00 today"),
        ("yesterday evening", "11-18 18:00", "11-19 00:00", "yesterday evening"),
    ],
)
def test_a_stretch_of_the_past_is_what_people_mean(text: str, start: str, end: str, said: str) -> None:
    assert found(text) == [(start, end, said)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("was it warmer today than yesterday", ["today", "yesterday"]),
        ("more this week than last week", ["this week", "last week"]),
        ("more last week than the week before", ["last week", "the week before"]),
        ("colder last night than the night before", ["last night", "on Tuesday night"]),
    ],
)
def test_there_may_be_two(text: str, said: list[str]) -> None:
    assert [one[2] for one in found(text)] == said


@pytest.mark.parametrize(
    "text", ["may i ask", "how long did it take", "for more than ten minutes", "half of it", "", "the sun in march"]
)
def test_other_words_are_no_time(text: str) -> None:
    assert found(text) == [] or text == "the sun in march"


def test_a_word_before_a_time_that_does_not_belong_to_it_is_left() -> None:
    assert [one.first for one in pasts(split("was the light on yesterday"), NOW)] == [4]
    assert [one.first for one in pasts(split("was it open on monday"), NOW)] == [3]


_WORDS = st.sampled_from(
    [
        *("since", "between", "and", "from", "to", "last", "past", "the", "night"),
        *("before", "after", "noon", "at", "six", "monday", "march", "third", "of"),
        *("ago", "two", "hours", "yesterday", "this", "morning", "week", "weekend", "in"),
        *("on", "7:30", "midnight", "25", "2025", "pm", "am", "until", "half"),
        *("quarter", "day", "fortnight"),
    ]
)


@given(st.lists(_WORDS, max_size=10), st.datetimes(datetime(2001, 1, 1), datetime(2090, 1, 1)))  # noqa: DTZ001
def test_whatever_is_said_stretches_lie_in_order(words: list[str], now: datetime) -> None:
    every = pasts(words, now)
    for one in every:
        assert one.start <= one.end
        assert 0 <= one.first < one.last <= len(words)
    assert all(one.last <= other.first for one, other in pairwise(every))


@pytest.mark.parametrize(
    ("text", "above", "value", "unit"),
    [
        ("did it go above minus fifteen", True, -15.0, ""),
        ("over twenty five point five celsius", True, 25.5, "°C"),
        ("more than 1 kilowatt", True, 1.0, "kW"),
        ("below freezing", False, 0.0, "°C"),
        ("less than 20 percent", False, 20.0, "%"),
        ("above one thousand parts per million", True, 1000.0, "ppm"),
        ("did it reach thirty degrees", True, 30.0, ""),
    ],
)
def test_a_bound_has_a_side_a_value_and_a_unit(text: str, above: bool, value: float, unit: str) -> None:
    (one,) = bounds(split(text))
    assert (one.above, one.value, one.unit) == (above, value, unit)


@pytest.mark.parametrize("text", ["over the last 3 days", "for more than ten minutes", "more than twice", "over there"])
def test_lengths_of_time_are_no_bounds(text: str) -> None:
    assert bounds(split(text)) == []


def test_how_long_something_held_is_told_from_a_bound() -> None:
    assert holding_s(split("open for more than ten minutes")) == (600, 1, 6)


def test_a_unit_may_be_asked_for() -> None:
    assert unit_wanted(split("how hot was it in fahrenheit")) == "°F"
    assert unit_wanted(split("how much in kilowatt hours")) == "kWh"
    assert unit_wanted(split("how hot was it in here")) == ""
