import math
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.sensors.scoring import Scorer
from edge.sensors.scoring.rows import Unread, number_in, scored, seconds


def daily(days: int) -> list[tuple[float, float]]:
    rng = random.Random(3)  # noqa: S311
    return [
        (300.0 * step, 50 + 20 * math.sin(2 * math.pi * step / 288) + rng.gauss(0, 2)) for step in range(days * 288)
    ]


def scores(series: list[tuple[float, float]]) -> list[float]:
    scorer = Scorer()
    return [scorer.score(at_s, value) for at_s, value in series]


def test_what_was_never_seen_scores_highest() -> None:
    series = daily(10)
    for step in range(2000, 2010):
        series[step] = (series[step][0], 160.0)
    found = scores(series)
    assert max(range(300, len(found)), key=found.__getitem__) in range(2000, 2012)


def test_few_values_score_at_all() -> None:
    assert sum(one >= 0.5 for one in scores(daily(12))[600:]) < 6


def test_a_score_knows_nothing_of_what_comes_later() -> None:
    series = daily(5)
    assert scores(series)[:1000] == scores(series[:1000])


@settings(max_examples=30)
@given(st.lists(st.tuples(st.floats(0, 4e9), st.floats(-1e299, 1e299)), max_size=120))
def test_any_series_is_scored_between_0_and_1(series: list[tuple[float, float]]) -> None:
    assert all(0.0 <= one <= 1.0 for one in scores(series))


def test_a_flat_line_scores_nothing() -> None:
    assert set(scores([(300.0 * step, 45.0) for step in range(2000)])) == {0.0}


def test_rows_keep_their_place_and_their_spelling() -> None:
    unread = Unread()
    rows = list(
        scored(["timestamp,value", "2014-02-14 14:30:00,1.50", "yesterday,2", "2014-02-14 14:35:00,NaN"], unread)
    )
    assert rows == [("2014-02-14 14:30:00", "1.50", 0.0), ("yesterday", "2", 0.0), ("2014-02-14 14:35:00", "NaN", 0.0)]
    assert (unread.count, unread.first_line) == (2, 3)


@given(st.text())
def test_any_text_is_a_time_a_number_or_neither(text: str) -> None:
    seconds(text)
    number_in(text)


def test_times_without_a_zone_are_utc() -> None:
    assert seconds("1970-01-01 00:01:00") == seconds("1970-01-01T01:01:00+01:00") == seconds("60") == 60.0
