"""A backup put in place at the next start: staged while the service runs, all of it or nothing, wherever it is cut."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.files import held
from edge.settings import Places, load
from edge.upkeep.backup import make_backup
from edge.upkeep.errors import BackupError
from edge.upkeep.facts import is_to_restore, restore_facts
from edge.upkeep.restoring import check, restore
from edge.upkeep.swapping import call_off
from edge.upkeep.waiting import ask, put_in_place
from tests.upkeep.cuts import run
from tests.upkeep.makers import quiet
from tests.upkeep.test_backup import CONFIG, PASSPHRASE, Control, add, board, everything, items

CUTS = 14
NOBODY = 65534

pytestmark = pytest.mark.timeout(300)


def state(places: Places) -> dict[str, bytes]:
    """Without what tells of it, and without backups."""
    found = everything(places)
    return {name: data for name, data in found.items() if "/backups/" not in name and "last-restore" not in name}


def staged(places: Places) -> list[Path]:
    return [*places.state.glob(".restore-*"), *places.config.parent.glob(".restore-*")]


@pytest.fixture
def here(tmp_path: Path) -> Places:
    """A board with bread and milk on its list."""
    here = board(tmp_path / "here", "cellar")
    add(here, "bread")
    return here


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Of another board, where there is milk alone."""
    make_backup(board(tmp_path / "old"), "attic", tmp_path / "a.backup", PASSPHRASE, quiet)
    return tmp_path / "a.backup"


def test_nothing_changes_before_the_next_start_and_then_all_of_it(here: Places, file: Path) -> None:
    before = state(here)
    contents, kept = ask(here, file, PASSPHRASE, "cellar", quiet, quiet)
    assert contents.node == "attic"
    assert {name: data for name, data in state(here).items() if "/.restore-" not in name} == before
    assert is_to_restore(here)
    outcome = put_in_place(here)
    assert outcome is not None
    assert (outcome.ok, outcome.node, outcome.kept, outcome.files) == (True, "attic", kept.name, len(contents.files))
    assert items(here) == ["milk"]
    assert load(here, {}).settings.node == "attic"
    assert restore_facts(here)["last"]["id"] == outcome.id
    assert not restore_facts(here)["waiting"]
    assert staged(here) == []
    assert put_in_place(here) is None


def test_what_was_here_is_kept_with_the_same_passphrase_and_can_be_had_back(here: Places, file: Path) -> None:
    before = state(here)
    _, kept = ask(here, file, PASSPHRASE, "cellar", quiet, quiet)
    put_in_place(here)
    assert check(here, kept, PASSPHRASE, quiet).encrypted
    ask(here, kept, PASSPHRASE, "attic", quiet, quiet)
    put_in_place(here)
    assert items(here) == ["bread", "milk"]
    assert set(state(here)) == set(before)
    assert state(here)["etc/config.toml"] == before["etc/config.toml"]


def test_a_wrong_passphrase_leaves_nothing_waiting(here: Places, file: Path) -> None:
    before = everything(here)
    with pytest.raises(BackupError, match="passphrase"):
        ask(here, file, "wrong horse", "cellar", quiet, quiet)
    assert everything(here) == before
    assert not is_to_restore(here)
    assert put_in_place(here) is None


def test_the_last_one_asked_for_counts_and_any_can_be_called_off(here: Places, file: Path, tmp_path: Path) -> None:
    make_backup(board(tmp_path / "third", "loft"), "loft", tmp_path / "b.backup", None, quiet)
    ask(here, tmp_path / "b.backup", None, "cellar", quiet, quiet)
    ask(here, file, PASSPHRASE, "cellar", quiet, quiet)
    assert len(staged(here)) == 1
    check(here, tmp_path / "b.backup", None, quiet)
    assert is_to_restore(here)
    assert call_off(here)
    assert not is_to_restore(here)
    assert staged(here) == []
    ask(here, file, PASSPHRASE, "cellar", quiet, quiet)
    restore(here, tmp_path / "b.backup", None, quiet, Control())
    assert not is_to_restore(here)
    assert load(here, {}).settings.node == "loft"


def test_a_running_service_is_not_touched(here: Places, file: Path) -> None:
    ask(here, file, PASSPHRASE, "cellar", quiet, quiet)
    with held(here.state, BackupError("held twice")), pytest.raises(BackupError, match="in use"):
        put_in_place(here)
    assert is_to_restore(here)
    assert items(here) == ["bread", "milk"]


def test_a_start_that_can_not_write_the_settings_leaves_all_as_it_was_and_says_why(here: Places, file: Path) -> None:
    ask(here, file, PASSPHRASE, "cellar", quiet, quiet)
    before = {name: data for name, data in state(here).items() if "/.restore-" not in name}
    # A directory in the place of a file to be written: for root as well.
    (here.config.parent / "restore.json.new").mkdir()
    outcome = put_in_place(here)
    assert outcome is not None
    assert not outcome.ok
    assert "restore.json" in outcome.error
    assert restore_facts(here)["last"]["error"] == outcome.error
    assert state(here) == before
    assert not is_to_restore(here)


def test_keys_and_what_roots_commands_go_by_are_not_brought_in(here: Places, tmp_path: Path) -> None:
    old = board(tmp_path / "old")
    (old.config.parent / "keys").mkdir()
    (old.config.parent / "keys/mine.pub").write_text("a key\n")
    make_backup(old, "attic", tmp_path / "keys.backup", None, quiet)
    ask(here, tmp_path / "keys.backup", None, "cellar", quiet, quiet)
    put_in_place(here)
    assert not (here.config.parent / "keys").exists()
    old.config.write_text(CONFIG + "\n[backup]\nkeep = 3\n")
    make_backup(old, "attic", tmp_path / "tables.backup", None, quiet)
    with pytest.raises(BackupError, match=r"\[backup\] of config.toml .* only root"):
        ask(here, tmp_path / "tables.backup", None, "cellar", quiet, quiet)
    assert staged(here) == []
    (here.config).write_text(here.config.read_text() + "\n[backup]\nkeep = 3\n")
    ask(here, tmp_path / "tables.backup", None, "cellar", quiet, quiet)


def test_settings_that_were_slipped_in_afterwards_are_judged_again(here: Places, file: Path) -> None:
    ask(here, file, PASSPHRASE, "cellar", quiet, quiet)
    (directory,) = here.state.glob(".restore-*/settings")
    (directory / "conf.d/50-mine.toml").write_text("[update]\nrepository = 'mine'\n")
    outcome = put_in_place(here)
    assert outcome is not None
    assert "[update]" in outcome.error
    assert load(here, {}).settings.node == "cellar"


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: another user asks, and root puts it in place")
def test_what_the_services_user_asked_for_root_puts_in_place(here: Places, file: Path, tmp_path: Path) -> None:
    ask(here, file, PASSPHRASE, "cellar", quiet, quiet)  # what is imported late may be where that user can't read
    call_off(here)
    for place in (tmp_path, file.parent):
        place.chmod(0o755)
    file.chmod(0o644)
    subprocess.run(["chown", "-R", f"{NOBODY}:{NOBODY}", here.state], check=True)
    subprocess.run(["chown", "-R", f"root:{NOBODY}", here.config.parent], check=True)
    with as_nobody():
        ask(here, file, PASSPHRASE, "cellar", quiet, quiet)
        outcome = put_in_place(here)  # which it may not
    assert outcome is not None
    assert not outcome.ok
    assert "sudo edge restore" in outcome.error
    assert items(here) == ["bread", "milk"]
    with as_nobody():
        ask(here, file, PASSPHRASE, "cellar", quiet, quiet)
        (directory,) = here.state.glob(".restore-*/settings")
        (directory / "conf.d/20-mine.toml").symlink_to("/etc/shadow")
    outcome = put_in_place(here)
    assert outcome is not None
    assert outcome.ok, outcome.error
    assert items(here) == ["milk"]
    owners = {one.stat().st_uid for one in here.state.rglob("*")}, {one.stat().st_uid for one in here.conf_d.iterdir()}
    assert owners == ({NOBODY}, {0})
    assert here.config.stat().st_mode & 0o777 == 0o640
    assert not (here.conf_d / "20-mine.toml").exists()


@contextlib.contextmanager
def as_nobody() -> Iterator[None]:
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"id": "../../x", "kept": "", "contents": {}}', '{"id": 1}'])
def test_what_can_not_be_read_is_left_out(here: Places, text: str) -> None:
    waiting = here.state / ".restore-0123456789ab/waiting.json"
    waiting.parent.mkdir()
    waiting.write_text(text)
    before = {name: data for name, data in everything(here).items() if "/.restore-" not in name}
    assert put_in_place(here) is None
    assert everything(here) == before


def test_a_name_given_counts_over_one_that_was_set_on_the_other_ones_page(tmp_path: Path) -> None:
    old, new = board(tmp_path / "old"), board(tmp_path / "new", "cellar")
    old.own.write_text('# mine\nnode = "loft"\n[log]\nlevel = "info"\n')
    make_backup(old, "loft", tmp_path / "a.backup", None, quiet)
    assert restore(new, tmp_path / "a.backup", None, quiet, Control(), name="shed").node == "shed"
    assert load(new, {}).settings.node == "shed"
    assert "# mine" in new.own.read_text()


@pytest.mark.parametrize("work", ["ask", "put-in-place"])
def test_a_cut_anywhere_leaves_all_of_the_old_or_all_of_the_new(tmp_path: Path, work: str) -> None:
    old, template = board(tmp_path / "old"), board(tmp_path / "template", "cellar")
    add(template, "bread")
    (template.state / "gone.toml").write_text("goes")
    file = tmp_path / "a.backup"
    make_backup(old, "attic", file, None, quiet)
    if work == "put-in-place":
        ask(template, file, None, "cellar", quiet, quiet)

    def again() -> Places:
        shutil.rmtree(tmp_path / "board", ignore_errors=True)
        shutil.copytree(tmp_path / "template", tmp_path / "board")
        root = tmp_path / "board"
        return Places(config=root / "etc/config.toml", state=root / "state", runtime=root / "run")

    def so_far(places: Places) -> dict[str, bytes]:
        return {
            name: data for name, data in state(places).items() if "/.restore-" not in name and "/.backup-" not in name
        }

    places = again()
    before = so_far(places)
    _, changes = run(work, tmp_path / "board", file)
    if work == "ask":
        assert so_far(places) == before
        run("put-in-place", tmp_path / "board", file)
    after = so_far(places)
    assert items(places) == ["milk"]
    ended = set()
    for at in sorted({*range(1, changes + 1, max(1, changes // CUTS)), changes}):
        places = again()
        killed, _ = run(work, tmp_path / "board", file, at)
        assert killed
        run("put-in-place", tmp_path / "board", file)
        assert so_far(places) in (before, after), at
        new = so_far(places) == after
        assert items(places) == (["milk"] if new else ["bread", "milk"])
        last = restore_facts(places)["last"]
        assert (last is not None and last["ok"]) == new
        ended.add(new)
    # The very last thing that asking does has it wait; from then on it is done, however often the start is cut off.
    assert ended == {work == "put-in-place"}
