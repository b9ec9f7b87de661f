import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.router.values.durations import duration
from edge.router.values.levels import degrees_step, percent, speed, step, temperature
from edge.router.values.numbers import number


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("fifty five", 55),
        ("fifty-five percent", 55),
        ("21.5", 21.5),
        ("twenty one point five", 21.5),
        ("three and a half", 3.5),
        ("two and three quarters", 2.75),
        ("2 1/2", 2.5),
        ("½", 0.5),
        ("half", 0.5),
        ("three quarters", 0.75),
        ("a couple of", 2),
        ("a hundred", 100),
        ("one hundred and five", 105),
        ("two hundred thousand", 200_000),
        ("1,000", 1000),
        ("12,5", 12.5),
        ("minus five", -5),
        ("zero", 0),
    ],
)
def test_numbers_are_read_however_they_are_said(said: str, meant: float) -> None:
    assert number(said) == pytest.approx(meant)


@pytest.mark.parametrize("said", ["", "the", "hundred", "lamp", "a", "!!", "7:30"])
def test_words_without_a_number_are_none(said: str) -> None:
    assert number(said) is None


_ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
_SPOKEN = [*_ONES.split(), "seventeen", "eighteen", "nineteen"]
_TENS = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def spoken(value: int) -> str:
    if value < 20:
        return _SPOKEN[value]
    if value < 100:
        return _TENS[value // 10] + (f" {_SPOKEN[value % 10]}" if value % 10 else "")
    return f"{_SPOKEN[value // 100]} hundred" + (f" and {spoken(value % 100)}" if value % 100 else "")


@given(st.integers(0, 999))
def test_every_number_up_to_a_thousand_reads_the_same_in_words_and_figures(value: int) -> None:
    assert number(spoken(value)) == value == number(str(value))


@given(st.text(max_size=500))
def test_no_text_breaks_a_reader_of_numbers(text: str) -> None:
    value = number(text)
    assert value is None or math.isfinite(value)
    assert percent(text) is None or 0 <= (percent(text) or 0) <= 100
    assert speed(text) is None or 0 <= (speed(text) or 0) <= 100
    assert step(text) is None or 1 <= (step(text) or 1) <= 100
    degrees_step(text)
    temperature(text)
    length = duration(text, bare_unit_s=60)
    assert length is None or length.total_s > 0
