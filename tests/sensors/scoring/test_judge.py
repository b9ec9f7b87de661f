import numpy as np
import pytest

from tests.bench.sensors.judge import FALSE_ALARM, judge, reward
from tests.bench.sensors.series import Series, times

COUNT = 4000


def flat(*marks: int) -> Series:
    return Series("flat", times(COUNT), np.zeros(COUNT), list(marks))


def marked(**scores: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    found = np.zeros(COUNT)
    for place, score in scores.items():
        found[int(place[1:])] = score
    return found


def worth(series: Series, **scores: float) -> float:
    return float(judge([series], [marked(**scores)]).score)


def test_the_first_row_of_a_window_is_perfect_and_silence_is_nothing() -> None:
    series = flat(2000)
    first = series.windows()[0][0]
    assert worth(series, **{f"p{first}": 1.0}) == pytest.approx(100.0)
    assert worth(series) == 0.0


def test_of_two_detections_in_one_window_the_first_counts_and_the_second_costs_nothing() -> None:
    series = flat(2000)
    assert worth(series, p1900=1.0, p2100=1.0) == worth(series, p1900=1.0) > worth(series, p2100=1.0)


def test_what_is_said_in_the_first_part_neither_costs_nor_earns() -> None:
    series = flat(2000)
    assert worth(series, p100=1.0, p599=1.0, p2000=1.0) == worth(series, p2000=1.0)
    assert worth(series, p600=1.0, p2000=1.0) < worth(series, p2000=1.0)


def test_each_row_outside_costs_and_less_just_behind_a_window() -> None:
    series = flat(2000)
    last = series.windows()[0][1]
    costs = 100 * FALSE_ALARM / (1 + reward(-1.0))
    assert worth(series, p2000=1.0) - worth(series, p2000=1.0, p1000=1.0) == pytest.approx(costs)
    assert 0 < worth(series, p2000=1.0) - worth(series, **{"p2000": 1.0, f"p{last + 20}": 1.0}) < costs


def test_one_threshold_is_chosen_for_all_series() -> None:
    both = [flat(2000), flat(2000)]
    assert judge(both, [marked(p2000=0.9, p1000=0.5), marked(p2000=0.6, p1000=0.5)]).threshold == 0.6


def test_series_without_faults_only_cost() -> None:
    assert judge([flat(), flat(2000)], [marked(p1000=1.0), marked(p2000=1.0)]).false_alarms == 1
