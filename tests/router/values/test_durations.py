import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.router.values.durations import duration


@pytest.mark.parametrize(
    ("said", "parts"),
    [
        ("5 and a half minutes", {"minutes": 5, "seconds": 30}),
        ("4 and a half hours", {"hours": 4, "minutes": 30}),
        ("two and three quarter hours", {"hours": 2, "minutes": 45}),
        ("an hour and a quarter", {"hours": 1, "minutes": 15}),
        ("an hour and a half", {"hours": 1, "minutes": 30}),
        ("half an hour", {"minutes": 30}),
        ("three quarters of an hour", {"minutes": 45}),
        ("half a minute", {"seconds": 30}),
        ("90 secs", {"seconds": 90}),
        ("ninety minutes", {"minutes": 90}),
        ("a couple of minutes", {"minutes": 2}),
        ("ate minutes", {"minutes": 8}),
        ("won hour", {"hours": 1}),
        ("1h30", {"hours": 1, "minutes": 30}),
        ("one minute thirty", {"minutes": 1, "seconds": 30}),
        ("1 hour and 15 minutes and 10 seconds", {"hours": 1, "minutes": 15, "seconds": 10}),
        ("another ten minutes", {"minutes": 10}),
        ("a day", {"hours": 24}),
    ],
)
def test_lengths_of_time_keep_the_units_they_were_said_in(said: str, parts: dict[str, int]) -> None:
    length = duration(said)
    assert length is not None
    assert length.parts() == parts


@pytest.mark.parametrize("said", ["", "a while", "minutes", "zero minutes", "5", "99999999999 hours"])
def test_what_is_no_length_of_time_is_none(said: str) -> None:
    assert duration(said) is None


def test_a_bare_number_has_the_unit_that_was_agreed_on() -> None:
    length = duration("five", bare_unit_s=60)
    assert length is not None
    assert length.total_s == 300


@given(st.integers(0, 48), st.integers(0, 59), st.integers(0, 59))
def test_hours_minutes_and_seconds_add_up(hours: int, minutes: int, seconds: int) -> None:
    length = duration(f"{hours} hours {minutes} minutes and {seconds} seconds")
    total = hours * 3600 + minutes * 60 + seconds
    assert (length.total_s if length else 0) == total
