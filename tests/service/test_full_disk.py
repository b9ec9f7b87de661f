"""A start on a disk that is full or can't be written: the house is obeyed all the same, and told what is wrong."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest

from edge.mqtt.broker import SupervisedBroker
from edge.schedule import Kind, Schedule
from edge.service import room
from edge.service.room import RESERVE, keep_reserve, make_room
from tests.schedule.fakes import FakeClock


class Usage(NamedTuple):
    """As of shutil."""

    total: int
    used: int
    free: int


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """What the disk has free, to be set."""
    left = [1 << 30]
    monkeypatch.setattr(room.shutil, "disk_usage", lambda _: Usage(1 << 40, 0, left[0]))
    yield left
    monkeypatch.undo()


def test_a_full_disk_gives_up_caches_and_the_reserve(tmp_path: Path, free: list[int]) -> None:
    keep_reserve(tmp_path)
    assert (tmp_path / RESERVE).stat().st_size == room.RESERVE_BYTES
    (tmp_path / "llm/prefixes").mkdir(parents=True)
    (tmp_path / "llm/prefixes/a").write_bytes(b"x")
    assert make_room(tmp_path) is None
    free[0] = 1000
    problem = make_room(tmp_path)
    assert problem is not None
    assert "full" in problem
    assert not (tmp_path / RESERVE).exists()
    assert not (tmp_path / "llm/prefixes/a").exists()
    keep_reserve(tmp_path)
    assert not (tmp_path / RESERVE).exists()
    free[0] = 1 << 30
    keep_reserve(tmp_path)
    assert (tmp_path / RESERVE).exists()


@pytest.fixture
def nowhere(tmp_path: Path) -> Path:
    """A directory that can't be made, whoever one is."""
    (tmp_path / "file").write_text("in its way")
    return tmp_path / "file" / "state"


async def test_timers_ring_though_they_can_be_kept_nowhere(nowhere: Path) -> None:
    clock = FakeClock()
    async with Schedule(nowhere / "schedule.sqlite", clock, boot_id="this") as schedule:
        assert "in memory" in schedule.trouble
        entry = schedule.at(Kind.ALARM, clock.now().timestamp() + 300, "tea")
        await schedule.add(entry)
        assert entry.id in schedule.agenda.entries


async def test_what_was_kept_is_there_though_the_disk_is_read_only_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = FakeClock()
    file = tmp_path / "schedule.sqlite"
    async with Schedule(file, clock, boot_id="this") as schedule:
        entry = schedule.at(Kind.ALARM, clock.now().timestamp() + 300, "tea")
        await schedule.add(entry)
        assert schedule.trouble == ""
    real = sqlite3.connect

    def refused(where: object, **options: object) -> sqlite3.Connection:
        if where == file:
            raise sqlite3.OperationalError("attempt to write a readonly database")
        return real(where, **options)  # type: ignore[no-any-return, call-overload]

    monkeypatch.setattr("edge.schedule.store.sqlite3.connect", refused)
    async with Schedule(file, clock, boot_id="this") as schedule:
        assert schedule.trouble
        assert entry.id in schedule.agenda.entries
    monkeypatch.undo()
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("SELECT count(*) FROM entries").fetchone() == (1,)


async def test_the_broker_runs_though_its_directory_can_not_be_made(nowhere: Path, tmp_path: Path) -> None:
    async with SupervisedBroker(state=nowhere, spare=tmp_path / "run") as broker:
        assert broker.pid is not None
    assert (tmp_path / "run/mosquitto/mosquitto.conf").is_file()
