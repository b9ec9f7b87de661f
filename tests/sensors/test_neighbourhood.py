from edge.sensors.neighbourhood import Neighbourhood


def test_two_others_that_reported_lately_are_compared_with() -> None:
    beside = Neighbourhood()
    assert beside.note("a", 0.0, 20.0) is None
    assert beside.note("b", 1.0, 21.0) is None
    assert beside.note("c", 2.0, 30.0) == 20.5
    assert beside.note("a", 4000.0, 22.0) is None
    beside.leave("c")
    assert beside.note("b", 4001.0, 23.0) is None
