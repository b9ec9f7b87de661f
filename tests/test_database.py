"""A database file: made, kept, brought up, and set aside where it is damaged."""

import sqlite3
from pathlib import Path

import pytest

from edge.database import Database
from edge.schema import Schema

SCHEMA = Schema("things.sqlite", ("CREATE TABLE thing (name TEXT PRIMARY KEY);",))


class RefusedError(Exception):
    pass


def database(path: Path, *, durable: bool = True) -> Database:
    return Database(path / "deep" / SCHEMA.file, SCHEMA, RefusedError, durable=durable)


def put(kept: Database, name: str) -> None:
    with kept.connected() as connection:
        connection.execute("INSERT OR REPLACE INTO thing VALUES (?)", (name,))


def names(kept: Database) -> list[str]:
    return [name for (name,) in kept.connected().execute("SELECT name FROM thing ORDER BY name").fetchall()]


def test_a_file_is_made_when_it_is_needed_for_its_owner_alone(tmp_path: Path) -> None:
    kept = database(tmp_path)
    assert not kept.file.exists()
    put(kept, "one")
    assert kept.file.stat().st_mode & 0o777 == 0o600
    kept.close()
    assert names(database(tmp_path)) == ["one"]


@pytest.mark.parametrize(("durable", "level"), [(True, 2), (False, 1)])
def test_how_long_a_transaction_waits_for_the_disk_is_told(tmp_path: Path, durable: bool, level: int) -> None:
    (found,) = database(tmp_path, durable=durable).connected().execute("PRAGMA synchronous").fetchone()
    assert found == level


def test_a_damaged_file_is_kept_beside_a_new_one(tmp_path: Path) -> None:
    kept = database(tmp_path)
    kept.file.parent.mkdir()
    kept.file.write_bytes(b"no database at all, but long enough to be looked at " * 40)
    assert kept.done(lambda: names(kept)) == []
    assert kept.set_aside is not None
    assert kept.set_aside.read_bytes().startswith(b"no database")


def test_what_is_not_to_be_done_again_is_told_once_the_new_file_can_be_used(tmp_path: Path) -> None:
    kept = database(tmp_path)
    kept.file.parent.mkdir()
    kept.file.write_bytes(b"x" * 5000)
    with pytest.raises(sqlite3.DatabaseError):
        kept.done(lambda: put(kept, "one"), again=False)
    kept.done(lambda: put(kept, "two"), again=False)
    assert names(kept) == ["two"]


def test_other_errors_set_nothing_aside(tmp_path: Path) -> None:
    kept = database(tmp_path)
    with pytest.raises(sqlite3.OperationalError):
        kept.done(lambda: kept.connected().execute("SELECT nothing FROM nowhere"))
    assert kept.set_aside is None


def test_a_file_of_a_newer_release_is_left_alone(tmp_path: Path) -> None:
    kept = database(tmp_path)
    kept.connected().execute("PRAGMA user_version=9")
    kept.close()
    with pytest.raises(RefusedError, match="newer"):
        kept.done(kept.connected)
    assert kept.set_aside is None


def test_three_damaged_files_are_kept_at_most(tmp_path: Path) -> None:
    kept = database(tmp_path)
    kept.file.parent.mkdir()
    for day in range(1, 6):
        (kept.file.parent / f"{SCHEMA.file}.damaged-2026010{day}T000000").write_bytes(b"old")
    kept.file.write_bytes(b"x" * 5000)
    kept.done(kept.connected)
    assert len(list(kept.file.parent.glob("*.damaged-*"))) == 3
