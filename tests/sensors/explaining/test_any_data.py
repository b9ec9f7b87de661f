"""Whatever a sensor said, an explanation comes out of it, and its figures are within their bounds."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from edge.sensors.explaining.association import Candidate, Change, Past, shared_out
from edge.sensors.explaining.model import Direction
from edge.sensors.explaining.movement import DAY, find, ordinary, smoothed, usual_level, usual_size
from edge.sensors.history.grids import STEP_S, held

LENGTH = 3 * DAY + 1
NUMBERS = st.one_of(st.just(math.nan), st.floats(-1e9, 1e9), st.sampled_from([0.0, 20.0, 20.1]))
SERIES = arrays(np.float64, LENGTH, elements=NUMBERS, fill=st.sampled_from([20.0, math.nan]))


@settings(max_examples=60, deadline=None)
@given(
    SERIES,
    st.sampled_from([None, *Direction]),
    st.one_of(st.none(), st.integers(0, LENGTH - 1)),
    st.lists(st.tuples(st.integers(0, LENGTH - 1), st.floats(0, 1e6)), max_size=30),
)
def test_no_series_is_too_strange(
    said: "np.ndarray[tuple[int], np.dtype[np.float64]]",
    direction: Direction | None,
    since: int | None,
    changes: list[tuple[int, float]],
) -> None:
    values = held(said)
    smooth = smoothed(values)
    usual = ordinary(values, smooth, LENGTH - 1)
    moved = find(smooth, LENGTH - 1, usual, direction, since)
    usual_level(smooth, LENGTH - 1)
    if moved is None:
        return
    assert 0 <= moved.start <= moved.peak < LENGTH
    assert moved.start <= moved.reached <= moved.peak
    assert direction is None or moved.direction is direction
    assert (moved.after - moved.before) * moved.direction.sign >= 0 or moved.size < 1e-6
    size = usual_size(smooth, LENGTH - 1, moved.reached - moved.start, moved.direction)
    assert size is None or size >= 0
    at = np.array(sorted(at for at, _ in changes), np.int64)
    lasted = np.array([for_s for _, for_s in changes])
    present = Change(float(moved.start * STEP_S), 600.0, over=False)
    candidates = [Candidate(f"c{known}", present, known, 900.0, at, lasted) for known in (0.001, 0.2, 0.9)]
    weighed = shared_out(Past(smooth, moved), candidates)
    assert len(weighed) == 3
    for one in weighed:
        assert 0 <= one.share <= 1
        assert 0 <= one.followed <= one.seen
        assert 0 <= one.otherwise <= 1
        assert 0 <= one.chance <= 1
