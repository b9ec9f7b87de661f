"""The short form of `python -m tests.bench.timers`: processes that are killed lose, double and delay nothing."""

from pathlib import Path

from tests.schedule.killing import torment


def test_timers_live_through_kills_power_cuts_and_a_clock_that_jumps(tmp_path: Path) -> None:
    figures = torment(tmp_path, kills=12, seed=7, running=20)
    assert (figures.lost, figures.doubled, figures.early, figures.late) == ([], [], [], [])
    assert figures.told >= 20
