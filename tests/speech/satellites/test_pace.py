"""Sound that waited for long is told from sound that comes as it is made."""

from hypothesis import given
from hypothesis import strategies as st

from edge.speech.satellites.pace import Pace

PIECE_S = 0.064


class Network:
    """Pieces that come at certain times."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.pace = Pace(lambda: self.now_s)

    def comes(self, pieces: int, speed: float = 1.0) -> list[bool]:
        """So many pieces, at so many times the speed of sound; whether each is stale."""
        told = []
        for _ in range(pieces):
            self.now_s += PIECE_S / speed
            told.append(self.pace.stale(PIECE_S))
        return told


def test_sound_that_comes_in_time_is_never_stale() -> None:
    assert not any(Network().comes(2000))


def test_what_waited_for_seconds_is_left_out_until_it_is_in_time_again() -> None:
    network = Network()
    network.comes(100)
    network.now_s += 10
    burst = network.comes(156, speed=200)
    assert sum(burst[5:]) > 120
    assert not any(network.comes(100)[5:])


def test_a_short_stall_costs_nothing() -> None:
    network = Network()
    network.comes(100)
    network.now_s += 1.2
    assert not any(network.comes(18, speed=200))


def test_a_pause_in_which_nothing_was_sent_costs_nothing() -> None:
    network = Network()
    network.comes(100)
    network.now_s += 30
    assert not any(network.comes(500))


def test_a_network_that_is_too_slow_is_heard_late_rather_than_never() -> None:
    assert sum(Network().comes(2000, speed=0.9)) == 0


def test_a_new_stream_may_begin_with_what_was_kept() -> None:
    network = Network()
    network.comes(100)
    network.now_s += 30
    network.pace.begin()
    assert not any(network.comes(31, speed=200))
    assert not any(network.comes(500))


@given(st.lists(st.tuples(st.floats(0, 20), st.integers(1, 60), st.floats(0.5, 100)), max_size=20))
def test_whatever_came_before_sound_in_time_is_heard_soon(history: list[tuple[float, int, float]]) -> None:
    network = Network()
    for gap_s, pieces, speed in history:
        network.now_s += gap_s
        network.comes(pieces, speed)
    assert not any(network.comes(200)[40:])
