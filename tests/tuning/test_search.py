"""The race between settings: the fast win, noise does not decide, the slow are not measured for long."""

import random
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from edge.tuning import Hardware, LoadMode
from edge.tuning.search import ENOUGH, FINALISTS, TOLERANCE, Halving, attentions, batches, layouts, thread_counts

GIB = 1 << 30
BOARD = Hardware("aarch64", "a board", frozenset({"asimd"}), 4, 4, None, 4 * GIB, 3 * GIB, 0)
DOTPROD = replace(BOARD, cpu_features=frozenset({"asimd", "asimddp"}))


def run(race: Halving[int], speeds: dict[int, float], noise: float = 0.0, slow: float = 0.0, passes: int = 2) -> int:
    """Race to the end and count the measurements; `noise` is in each, `slow` is what a whole pass may lose."""
    dice, made = random.Random(1), 0  # noqa: S311
    while not race.settled:
        for _ in range(passes):
            drag = 1 - dice.random() * slow
            for arm in race.order():
                race.note(arm, speeds[arm] * drag * (1 + dice.uniform(-noise, noise)))
                made += 1
        race.cut()
    return made


def test_the_fastest_wins_with_fewer_measurements_than_measuring_all() -> None:
    race = Halving(range(16))
    made = run(race, {arm: 10.0 + arm for arm in range(16)})
    assert race.best == 15
    assert made < 16 * ENOUGH


def test_of_equals_the_first_is_taken() -> None:
    race = Halving([1, 2])
    run(race, {1: 100.0, 2: 101.0})
    assert race.best == 1
    other = Halving([1, 2])
    run(other, {1: 100.0, 2: 110.0})
    assert other.best == 2


def test_a_machine_that_slows_down_and_recovers_decides_nothing() -> None:
    race = Halving(range(6))
    run(race, dict(enumerate([50.0, 60.0, 70.0, 80.0, 90.0, 100.0])), noise=0.05, slow=0.8)
    assert race.best == 5


def test_every_other_pass_goes_backwards() -> None:
    race = Halving("abc")
    assert race.order() == ["a", "b", "c"]
    assert race.order() == ["c", "b", "a"]


def test_who_can_not_run_is_out_and_who_only_failed_has_not_won() -> None:
    race = Halving([1, 2, 3])
    race.drop(3)
    assert race.alive == (1, 2)
    assert race.best is None
    race.note(1, 0.0)
    race.note(2, 0.0)
    assert race.best is None
    race.note(1, 0.0)
    race.note(2, 1.0)
    assert race.best == 2


def test_one_candidate_needs_no_race() -> None:
    race = Halving([4, 4])
    assert race.settled
    assert race.best is None
    empty: Halving[int] = Halving([])
    assert empty.settled
    empty.cut()
    assert empty.best is None


@given(st.lists(st.floats(0.1, 1000.0), min_size=1, max_size=24), st.integers(1, 3))
def test_without_noise_the_winner_is_as_fast_as_the_fastest(speeds: list[float], passes: int) -> None:
    race = Halving(range(len(speeds)))
    run(race, dict(enumerate(speeds)), passes=passes)
    assert len(race.alive) <= FINALISTS
    if len(speeds) > 1:
        assert race.best is not None
        assert speeds[race.best] >= max(speeds) * (1 - TOLERANCE) * 0.999


@given(st.integers(2, 40))
def test_the_rounds_that_are_foretold_are_enough(count: int) -> None:
    race = Halving(range(count))
    rounds = race.rounds_left
    for _ in range(rounds):
        for arm in race.order():
            race.note(arm, float(arm))
        race.cut()
    assert len(race.alive) == FINALISTS


def test_threads_are_tried_up_to_the_cores_and_no_further_than_a_quota() -> None:
    assert thread_counts(BOARD) == [1, 2, 3, 4]
    assert thread_counts(replace(BOARD, physical_cores=2)) == [1, 2, 4]
    assert thread_counts(replace(BOARD, cpu_quota=1.5)) == [1, 2]
    assert thread_counts(replace(BOARD, cpu_quota=0.5)) == [1]
    assert thread_counts(replace(BOARD, physical_cores=1, logical_cpus=1)) == [1]
    many = thread_counts(replace(BOARD, physical_cores=32, logical_cpus=64))
    assert many[0] == 1
    assert {16, 32} <= set(many)
    assert len(many) <= 9


def test_weights_are_never_both_mapped_and_laid_out_anew() -> None:
    assert layouts(DOTPROD, repack=True)[0] == (LoadMode.NONE, True)
    assert (LoadMode.MMAP, True) not in layouts(DOTPROD, repack=True)
    assert all(not repack for _, repack in layouts(DOTPROD, repack=False))
    assert layouts(BOARD, repack=True) == [(LoadMode.MMAP, True), (LoadMode.NONE, True)]


def test_a_cache_in_fewer_bits_goes_with_flash_attention() -> None:
    assert all(flash for flash, kv in attentions() if kv != "f16")
    assert all(logical >= physical for logical, physical in batches())
