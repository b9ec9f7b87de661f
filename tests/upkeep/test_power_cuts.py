"""Power goes in the middle: there is always a whole release and a whole state, and afterwards nothing is half done.

`python -m tests.bench.updates` cuts at every single change of the disk; here some of them are tried.
"""

import shutil
from pathlib import Path

import pytest

from edge.upkeep.backup import make_backup
from tests.upkeep.cuts import fresh, run, wrong_in_the_end, wrong_now
from tests.upkeep.makers import Board, board, bundle, quiet
from tests.upkeep.test_backup import add, everything, items
from tests.upkeep.test_backup import board as house

CUTS = 4

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def template(tmp_path: Path) -> Board:
    return board(tmp_path / "template", "0.1.0")


@pytest.mark.parametrize("health", ["", "-unhealthy"])
def test_a_cut_at_any_step_of_an_update_leaves_a_whole_release(template: Board, tmp_path: Path, health: str) -> None:
    file = bundle(tmp_path, "0.2.0", more=0)
    _, changes = run(f"apply{health}", fresh(template.root, tmp_path / "counted"), file)
    ended = set()
    # The end of it is where the switch is: more of the cuts go there.
    for at in sorted({*range(1, changes + 1, max(1, changes // CUTS)), *range(changes - CUTS, changes + 1)}):
        root = fresh(template.root, tmp_path / "board")
        killed, _ = run(f"apply{health}", root, file, at)
        assert killed
        assert wrong_now(root) == []
        run(f"start{health}", root, file)
        assert wrong_in_the_end(root) == []
        ended.add((root / "opt/current").readlink().name)
    assert ended == ({"0.1.0"} if health else {"0.1.0", "0.2.0"})


def test_a_cut_while_it_recovers_is_recovered_from_as_well(template: Board, tmp_path: Path) -> None:
    file = bundle(tmp_path, "0.2.0", more=0)
    _, changes = run("apply", fresh(template.root, tmp_path / "counted"), file)
    for first, second in ((changes - 9, 2), (changes - 6, 1), (changes - 6, 5), (changes - 3, 3), (changes - 1, 2)):
        root = fresh(template.root, tmp_path / "board")
        run("apply", root, file, first)
        run("start", root, file, second)
        assert wrong_now(root) == []
        run("start", root, file)
        assert wrong_in_the_end(root) == []


def test_a_cut_at_any_step_of_restoring_leaves_all_of_the_old_or_all_of_the_new(tmp_path: Path) -> None:
    old, here = house(tmp_path / "old"), house(tmp_path / "template", "cellar")
    add(here, "bread")
    file = tmp_path / "a.backup"
    make_backup(old, "attic", file, None, quiet)

    def again() -> Path:
        shutil.rmtree(tmp_path / "board", ignore_errors=True)
        shutil.copytree(tmp_path / "template", tmp_path / "board")
        return tmp_path / "board"

    def state(root: Path) -> dict[str, bytes]:
        places = type(here)(config=root / "etc/config.toml", state=root / "state", runtime=root / "run")
        assert items(places) in (["milk"], ["bread", "milk"])
        return everything(places)

    root = again()
    before = state(root)
    _, changes = run("restore", root, file)
    after = state(root)
    ended = set()
    for at in sorted({*range(1, changes + 1, max(1, changes // (2 * CUTS)))}):
        root = again()
        killed, _ = run("restore", root, file, at)
        assert killed
        run("restore-start", root, file)
        found = {name: data for name, data in state(root).items() if "/.restore-" not in name}
        assert found in (before, after)
        ended.add(found == after)
    assert ended == {True, False}
