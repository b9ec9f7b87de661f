"""Power goes in the middle of an update: there is always a whole release, and afterwards nothing is half done.

`python -m tests.bench.updates` cuts at every single change of the disk; here some of them are tried.
"""

from pathlib import Path

import pytest

from tests.upkeep.cuts import fresh, run, wrong_in_the_end, wrong_now
from tests.upkeep.makers import Board, board, bundle

CUTS = 6


@pytest.fixture
def template(tmp_path: Path) -> Board:
    return board(tmp_path / "template", "0.1.0")


@pytest.mark.parametrize("healthy", [True, False], ids=["healthy", "unhealthy"])
def test_a_cut_at_any_step_leaves_a_whole_release(template: Board, tmp_path: Path, *, healthy: bool) -> None:
    file = bundle(tmp_path, "0.2.0", more=0)
    _, changes = run(fresh(template.root, tmp_path / "counted"), file, healthy=healthy)
    ended = set()
    # The end of it is where the switch is: more of the cuts go there.
    steps = sorted({*range(1, changes + 1, max(1, changes // CUTS)), *range(changes - CUTS, changes + 1)})
    for at in steps:
        root = fresh(template.root, tmp_path / "board")
        killed, _ = run(root, file, at, healthy=healthy)
        assert killed
        assert wrong_now(root) == []
        run(root, None, healthy=healthy)
        assert wrong_in_the_end(root) == []
        ended.add((root / "opt/current").readlink().name)
    assert ended == ({"0.1.0", "0.2.0"} if healthy else {"0.1.0"})


def test_a_cut_while_it_recovers_is_recovered_from_as_well(template: Board, tmp_path: Path) -> None:
    file = bundle(tmp_path, "0.2.0", more=0)
    _, changes = run(fresh(template.root, tmp_path / "counted"), file)
    for first in range(changes - 8, changes, 3):
        second = 1
        while True:
            root = fresh(template.root, tmp_path / "board")
            run(root, file, first)
            killed, _ = run(root, None, second)
            assert wrong_now(root) == []
            run(root, None)
            assert wrong_in_the_end(root) == []
            if not killed or second > 20:
                break
            second += 4
