"""Read bandwidth: that it is measured, and of a buffer that no cache holds."""

from dataclasses import replace

from edge.tuning import Bandwidth, Hardware, measure_bandwidth

MIB = 1 << 20
BOARD = Hardware("aarch64", "a board", frozenset(), 4, 2, None, 1024 * MIB, 800 * MIB, 0, cache_bytes=2 * MIB)


def test_every_number_of_threads_is_measured_beyond_the_cache() -> None:
    found = measure_bandwidth(BOARD, budget_s=0.2)
    assert [threads for threads, _ in found.by_threads] == [1, 2]
    assert found.beyond_cache
    assert found.buffer_bytes >= 48 * MIB
    # Any memory is faster than a card, and none delivers a terabyte.
    assert all(1e8 < speed < 1e12 for _, speed in found.by_threads)


def test_a_buffer_smaller_than_the_cache_is_admitted() -> None:
    found = measure_bandwidth(replace(BOARD, cache_bytes=4096 * MIB), threads=[1], budget_s=0.1)
    assert not found.beyond_cache
    assert found.buffer_bytes <= BOARD.memory_available_bytes // 8


def test_where_memory_is_short_nothing_is_borrowed() -> None:
    found = measure_bandwidth(replace(BOARD, memory_available_bytes=10 * MIB))
    assert (found.by_threads, found.best, found.threads, found.at(2)) == ((), 0.0, 1, 0.0)


def test_the_fewest_threads_that_fill_memory_are_enough() -> None:
    # As measured on a Raspberry Pi 5 by others: two threads read faster than four.
    pi_5 = Bandwidth(((1, 9.3e9), (2, 13.2e9), (3, 13.1e9), (4, 11.6e9)), 64 * MIB, True, 1.5)
    assert pi_5.threads == 2
    assert pi_5.best == pi_5.at(2) == 13.2e9
    assert (pi_5.at(4), pi_5.at(9), pi_5.at(0)) == (11.6e9, 11.6e9, 9.3e9)
