"""Databases: older ones are brought up step by step, newer ones are refused, a step that fails changes nothing."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from edge.errors import EdgeError
from edge.schema import Schema

FIRST = "CREATE TABLE item (name TEXT);"
SECOND = "ALTER TABLE item ADD COLUMN done INTEGER NOT NULL DEFAULT 0;"
BROKEN = "ALTER TABLE item ADD COLUMN more; INSERT INTO nowhere VALUES (1);"


def opened(file: Path, *steps: str) -> int:
    with closing(sqlite3.connect(file)) as database:
        return Schema("items.sqlite", steps).bring_up(database, file, EdgeError)


def test_an_empty_file_takes_all_steps(tmp_path: Path) -> None:
    assert opened(tmp_path / "a", FIRST, SECOND) == 0
    assert opened(tmp_path / "a", FIRST, SECOND) == 2


def test_an_older_file_takes_the_steps_it_lacks_and_keeps_its_rows(tmp_path: Path) -> None:
    opened(tmp_path / "a", FIRST)
    with closing(sqlite3.connect(tmp_path / "a")) as database, database:
        database.execute("INSERT INTO item VALUES ('milk')")
    assert opened(tmp_path / "a", FIRST, SECOND) == 1
    with closing(sqlite3.connect(tmp_path / "a")) as database:
        assert database.execute("SELECT name, done FROM item").fetchall() == [("milk", 0)]


def test_a_newer_file_is_refused_with_what_to_do(tmp_path: Path) -> None:
    opened(tmp_path / "a", FIRST, SECOND)
    with pytest.raises(EdgeError, match="version 2 was written by a newer edge, this one reads 1: update edge"):
        opened(tmp_path / "a", FIRST)


def test_a_step_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    opened(tmp_path / "a", FIRST)
    with pytest.raises(sqlite3.OperationalError):
        opened(tmp_path / "a", FIRST, BROKEN)
    assert opened(tmp_path / "a", FIRST, SECOND) == 1
