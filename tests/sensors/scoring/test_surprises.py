import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.sensors.scoring.blend import Blend
from edge.sensors.scoring.ranks import Ranks, Sum
from edge.sensors.scoring.scorer import Scorer
from edge.sensors.scoring.surprises import BLOCKS, Surprises
from edge.sensors.scoring.views import Shape
from edge.sensors.scoring.weighing import Circumstances, network

VALUES = st.floats(-1e30, 1e30)


def test_a_blend_learns_what_repeats_after_some_values() -> None:
    blend = Blend()
    errors = [abs(blend.error(60.0 * step, math.sin(step * 2.1))) for step in range(1500)]
    assert np.mean(errors[-300:]) * blend.usual < 0.02


@settings(max_examples=40)
@given(st.lists(VALUES, min_size=1, max_size=150))
def test_a_blend_says_something_finite_of_anything(values: list[float]) -> None:
    blend = Blend()
    assert all(-100.0 <= blend.error(60.0 * step, value) <= 100.0 for step, value in enumerate(values))


def test_a_rank_is_of_any_distribution() -> None:
    rng = random.Random(1)  # noqa: S311
    ranks = Ranks()
    for _ in range(3000):
        ranks.place(rng.paretovariate(1.2))
    ordered = sorted(ranks.kept)
    assert abs(ranks.place(ordered[500])) < 0.5
    assert 4 < ranks.place(ordered[-1]) < 8.5
    assert ranks.place(ordered[-1] * 1e6) == pytest.approx(math.log((1000.5) / 0.5) + 8, abs=0.1)


def test_a_sum_grows_while_values_lie_to_one_side() -> None:
    one = Sum()
    assert [round(one.size(1.7), 2) for _ in range(3)] == [1.0, 1.99, 2.97]
    assert one.size(-1.7) == 1.0


def test_a_shape_never_seen_lies_farther_than_one_seen() -> None:
    shape = Shape()
    for step in range(600):
        shape.size(1e6 + float(step % 10))
    assert shape.size(1e6 + 0.0) < 0.01
    assert shape.size(1e6 + 7.0) > 5.0


@settings(max_examples=20)
@given(st.lists(st.tuples(st.floats(0, 4e9), VALUES), min_size=1, max_size=60))
def test_there_is_one_surprise_for_each_view(series: list[tuple[float, float]]) -> None:
    views = Surprises()
    for at_s, value in series:
        found = views.of(at_s, value)
        assert len(found) == len(BLOCKS)
        assert all(0.0 <= one <= 8.0 + math.log10(18) for one in found)


def test_the_network_has_an_input_for_each_view_and_circumstance() -> None:
    inputs = Circumstances().inputs([0.0] * len(BLOCKS))
    assert network().middle.shape == network().spread.shape == (len(inputs),)
    assert network().hidden.shape == (len(inputs), len(network().out))
    assert math.isfinite(network().log_odds(inputs))


@given(st.lists(st.floats(0, 8), min_size=len(BLOCKS), max_size=len(BLOCKS)), st.integers(0, len(BLOCKS) - 1))
def test_more_surprise_never_speaks_against_a_fault(surprises: list[float], place: int) -> None:
    more = [min(8.0, one + 1.0) if number == place else one for number, one in enumerate(surprises)]
    circumstances = Circumstances(count=3000)
    before, after = (network().log_odds(circumstances.inputs(one)) for one in (surprises, more))
    assert after >= before - 1e-9


def test_having_spoken_it_is_silent_of_the_like_for_a_while() -> None:
    scorer = Scorer()
    for _ in range(1000):
        scorer.weigh([0.0] * len(BLOCKS))
    said = [scorer.weigh([6.0 if step in (0, 40, 200) else 0.0] * len(BLOCKS)) for step in range(201)]
    assert [step for step, score in enumerate(said) if score] == [0, 200]
