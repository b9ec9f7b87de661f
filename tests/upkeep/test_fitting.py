"""What install.sh asks of a release before it switches to it."""

import sqlite3
from pathlib import Path

from edge.upkeep.fitting import fits
from edge.upkeep.installation import Installation
from edge.upkeep.trials import Tried
from tests.upkeep.makers import installed


def works(installation: Installation, name: str, config: Path, state: Path) -> Tried:
    del installation, name, config, state
    return Tried(ok=True)


def test_a_release_that_works_here_is_taken(tmp_path: Path) -> None:
    assert fits(installed(tmp_path / "opt", "0.1.0"), "0.1.0", tmp_path / "config.toml", tmp_path, works) == ""


def test_one_that_is_older_than_what_is_kept_here_is_refused_before_it_is_tried(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "schedule.sqlite") as database:
        database.execute("PRAGMA user_version = 999")
        database.execute("CREATE TABLE x (y)")
    database.close()

    def never(*_: object) -> Tried:
        raise AssertionError("it was tried")

    why = fits(installed(tmp_path / "opt", "0.1.0"), "0.1.0", tmp_path / "config.toml", tmp_path, never)
    assert "too old for what is kept here" in why
    assert "schedule.sqlite has form 999" in why


def test_one_that_can_not_even_be_started_is_refused_with_the_reason(tmp_path: Path) -> None:
    installation = installed(tmp_path / "opt", "0.1.0")
    why = fits(installation, "0.1.0", tmp_path / "config.toml", tmp_path)
    assert "can't be started" in why
    assert [file.name for file in installation.root.iterdir() if file.name.startswith(".")] == []
