"""Updates: applied beside the running release, tried, switched to, kept, or taken back."""

import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from edge.upkeep.errors import AlreadyError, BundleError, UpdateError
from edge.upkeep.journal import End, Journal, Step
from edge.upkeep.trials import Tried
from edge.upkeep.updater import MOST_STARTS
from tests.upkeep.makers import KEY, OTHER_KEY, Board, PowerCutError, board, bundle, quiet, whole


@pytest.fixture
def here(tmp_path: Path) -> Board:
    return board(tmp_path, "0.1.0")


def test_a_bundle_becomes_the_release_that_runs(here: Board, tmp_path: Path) -> None:
    outcome = here.updater.apply(bundle(tmp_path, "0.2.0"), quiet)
    assert outcome.end is End.KEPT
    assert here.installation.current() == "0.2.0"
    assert here.installation.complete() == ["0.1.0", "0.2.0"]
    assert whole(here.installation)
    assert here.service.done == ["restart 0.2.0"]
    assert here.updater.records.read() is None
    assert here.installation.fallback() is None


def test_the_release_and_the_one_before_stay(here: Board, tmp_path: Path) -> None:
    for version in ("0.2.0", "0.3.0", "0.4.0"):
        here.updater.apply(bundle(tmp_path, version), quiet)
    assert here.installation.complete() == ["0.3.0", "0.4.0"]


def test_a_release_whose_trial_fails_is_never_switched_to(here: Board, tmp_path: Path) -> None:
    file = bundle(tmp_path, "0.2.0", problems=("the schedule can't be read",))
    with pytest.raises(UpdateError, match="the schedule can't be read"):
        here.updater.apply(file, quiet)
    assert here.installation.complete() == ["0.1.0"]
    assert here.service.done == []
    with pytest.raises(BundleError, match="was tried here and refused"):
        here.updater.apply(file, quiet)


def test_a_release_that_does_not_become_healthy_is_taken_back(here: Board, tmp_path: Path) -> None:
    here.service.healthy = False
    with pytest.raises(UpdateError, match=r"taken back, 0\.1\.0 runs again"):
        here.updater.apply(bundle(tmp_path, "0.2.0"), quiet)
    assert here.installation.current() == "0.1.0"
    assert here.installation.complete() == ["0.1.0"]
    assert here.service.done == ["restart 0.2.0", "restart 0.1.0"]
    assert here.updater.records.outcomes()[-1].end is End.TAKEN_BACK


def test_a_release_that_is_started_too_often_is_taken_back_before_it_starts_again(here: Board, tmp_path: Path) -> None:
    journal = interrupted_after_the_switch(here, tmp_path)
    for _ in range(MOST_STARTS):
        assert here.updater.recover(starting=True) is None
        assert here.installation.current() == journal.target
    outcome = here.updater.recover(starting=True)
    assert outcome is not None
    assert outcome.end is End.TAKEN_BACK
    assert here.installation.current() == "0.1.0"


def test_a_release_on_trial_is_kept_once_its_service_is_steady(here: Board, tmp_path: Path) -> None:
    interrupted_after_the_switch(here, tmp_path)
    with pytest.raises(UpdateError, match="still on trial"):
        here.updater.apply(bundle(tmp_path, "0.3.0"), quiet)
    outcome = here.updater.watch()
    assert outcome is not None
    assert outcome.end is End.KEPT


def interrupted_after_the_switch(here: Board, tmp_path: Path) -> Journal:
    here.service.power_goes = True
    with pytest.raises(PowerCutError):
        here.updater.apply(bundle(tmp_path, "0.2.0"), quiet)
    here.service.power_goes = False
    journal = here.updater.records.read()
    assert journal is not None
    assert journal.step is Step.STARTING
    assert here.installation.fallback() == "0.1.0"
    return journal


def works(*_: object) -> Tried:
    return Tried(ok=True)


def test_going_back_and_forth(here: Board, tmp_path: Path) -> None:
    here.updater.apply(bundle(tmp_path, "0.2.0"), quiet)
    here.updater.trial = works
    assert here.updater.roll_back().version == "0.1.0"
    assert here.installation.current() == "0.1.0"
    assert here.updater.roll_back().version == "0.2.0"
    assert here.installation.current() == "0.2.0"


def test_what_runs_already_and_what_is_older_is_refused(here: Board, tmp_path: Path) -> None:
    here.updater.apply(bundle(tmp_path, "0.2.0"), quiet)
    with pytest.raises(AlreadyError):
        here.updater.apply(bundle(tmp_path, "0.2.0"), quiet)
    with pytest.raises(BundleError, match=r"older than 0\.2\.0"):
        here.updater.apply(bundle(tmp_path, "0.1.5"), quiet)


def test_the_same_version_can_be_installed_anew_where_it_is_asked_for(here: Board, tmp_path: Path) -> None:
    here.updater.apply(bundle(tmp_path, "0.2.0"), quiet)
    here.updater.apply(bundle(tmp_path, "0.2.0"), quiet, again=True)
    assert here.installation.current() is not None
    assert here.installation.current().startswith("0.2.0+")  # type: ignore[union-attr]
    assert whole(here.installation)


def test_a_bundle_from_a_stranger_is_refused(here: Board, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="is signed with the key FFEEDDCCBBAA9988"):
        here.updater.apply(bundle(tmp_path, "0.2.0", signers=(OTHER_KEY,)), quiet)
    assert not list(here.installation.releases.glob(".*"))


def test_a_new_key_that_the_old_one_vouches_for_is_believed_from_then_on(here: Board, tmp_path: Path) -> None:
    after = bundle(tmp_path, "0.3.0", signers=(OTHER_KEY,))
    with pytest.raises(BundleError, match="is signed with the key"):
        here.updater.apply(after, quiet)
    here.updater.apply(bundle(tmp_path, "0.2.0", keys=(OTHER_KEY.public,), revoked=(KEY.id,)), quiet)
    with pytest.raises(BundleError, match=f"known are {OTHER_KEY.id}"):
        here.updater.apply(bundle(tmp_path, "0.4.0"), quiet)
    here.updater.apply(after, quiet)
    assert here.installation.current() == "0.3.0"


def test_a_release_that_was_taken_back_brings_no_keys(here: Board, tmp_path: Path) -> None:
    here.service.healthy = False
    with pytest.raises(UpdateError):
        here.updater.apply(bundle(tmp_path, "0.2.0", keys=(OTHER_KEY.public,)), quiet)
    here.service.healthy = True
    with pytest.raises(BundleError, match="is signed with the key"):
        here.updater.apply(bundle(tmp_path, "0.3.0", signers=(OTHER_KEY,)), quiet)


def test_what_is_for_another_machine_or_too_new_a_step_is_refused(here: Board, tmp_path: Path) -> None:
    for changes, said in (
        ({"architecture": "riscv64"}, "it is for riscv64 processors"),
        ({"python": "3.99"}, "it is for Python 3.99"),
        ({"least": "0.1.5"}, "apply 0.1.5 first"),
    ):
        with pytest.raises(BundleError, match=said):
            here.updater.apply(bundle(tmp_path, "0.2.0", **changes), quiet)
    assert here.installation.complete() == ["0.1.0"]


def test_what_there_is_no_room_for_is_refused_before_anything_is_copied(
    here: Board, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.upkeep.installation.Installation.free_bytes", lambda _: 64 << 20)
    with pytest.raises(BundleError, match="there is no room for it"):
        here.updater.apply(bundle(tmp_path, "0.2.0"), quiet)
    assert [one.name for one in here.installation.releases.iterdir()] == ["0.1.0"]


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, for a disk that is small")
def test_a_disk_that_is_full_in_the_middle_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "small"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", place], check=False).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        here = board(place, "0.1.0")
        monkeypatch.setattr("edge.upkeep.installation.Installation.free_bytes", lambda _: 1 << 40)
        for more in (100, 3000):
            with pytest.raises(UpdateError, match="No space left on device"):
                here.updater.apply(bundle(tmp_path, "0.2.0", more=more, padding=1 << 20), quiet)
            assert sorted(one.name for one in here.installation.releases.iterdir()) == ["0.1.0"]
            assert here.installation.current() == "0.1.0"
    finally:
        subprocess.run(["umount", place], check=True)


def test_a_release_can_be_read_by_others_whatever_the_callers_mask(here: Board, tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        here.updater.apply(bundle(tmp_path, "0.2.0"), quiet)
    finally:
        os.umask(before)
    release = here.installation.path("0.2.0")
    assert all(one.stat().st_mode & 0o004 for one in release.rglob("*"))
    assert (here.installation.root / "updates.json").stat().st_mode & 0o004


def database(file: Path, version: int, row: str) -> None:
    with closing(sqlite3.connect(file)) as one, one:
        one.execute(f"PRAGMA user_version={version}")
        one.execute("CREATE TABLE IF NOT EXISTS entries (text)")
        one.execute("INSERT INTO entries VALUES (?)", (row,))


def rows(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as one:
        return [text for (text,) in one.execute("SELECT text FROM entries")]


def test_a_release_that_is_too_old_for_the_state_is_refused(here: Board, tmp_path: Path) -> None:
    database(here.state / "schedule.sqlite", 7, "milk")
    with pytest.raises(UpdateError, match=r"schedule\.sqlite has form 7, it reads 1"):
        here.updater.apply(bundle(tmp_path, "0.2.0"), quiet)


def test_going_back_is_refused_where_the_older_release_can_not_read_the_state(here: Board, tmp_path: Path) -> None:
    here.updater.apply(bundle(tmp_path, "0.2.0"), quiet)
    here.updater.apply(bundle(tmp_path, "0.3.0", schemas={"schedule.sqlite": 2}), quiet)
    database(here.state / "schedule.sqlite", 2, "milk")
    with pytest.raises(UpdateError, match=r"edge 0\.2\.0 is too old for what is kept here"):
        here.updater.roll_back()
    assert here.installation.current() == "0.3.0"


def test_a_database_whose_form_a_release_changed_is_put_back_with_it(here: Board, tmp_path: Path) -> None:
    file = here.state / "schedule.sqlite"
    database(file, 1, "milk")
    here.service.healthy = False
    here.service.on_restart = lambda: database(file, 2, "bread") if here.installation.current() == "0.2.0" else None
    with pytest.raises(UpdateError, match="taken back"):
        here.updater.apply(bundle(tmp_path, "0.2.0", schemas={"schedule.sqlite": 2}), quiet)
    assert rows(file) == ["milk"]
    (aside,) = here.state.glob("schedule.sqlite.newer-*")
    assert rows(aside) == ["milk", "bread"]
    assert here.service.done == ["stop", "restart 0.2.0", "stop", "restart 0.1.0"]


def test_a_database_whose_form_stays_keeps_what_came_after_the_switch(here: Board, tmp_path: Path) -> None:
    file = here.state / "schedule.sqlite"
    database(file, 1, "milk")
    here.service.healthy = False
    here.service.on_restart = lambda: database(file, 1, "bread") if here.installation.current() == "0.2.0" else None
    with pytest.raises(UpdateError, match="taken back"):
        here.updater.apply(bundle(tmp_path, "0.2.0"), quiet)
    assert rows(file) == ["milk", "bread"]


def test_two_updates_at_once_do_not_meet(here: Board, tmp_path: Path) -> None:
    file = bundle(tmp_path, "0.2.0")
    with here.installation.locked(), pytest.raises(UpdateError, match="another update is under way"):
        here.updater.apply(file, quiet)
    assert here.installation.current() == "0.1.0"


def test_a_service_that_nobody_started_is_left_alone(here: Board, tmp_path: Path) -> None:
    here.service.runs = False
    here.service.healthy = False
    assert here.updater.apply(bundle(tmp_path, "0.2.0"), quiet).end is End.KEPT
    assert here.service.done == []
