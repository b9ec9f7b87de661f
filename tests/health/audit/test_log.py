"""Who did what survives a killed service, a full disk and a damaged file, and never gets in the way."""

import asyncio
import itertools
import json
import os
import resource
import signal
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.assistant.model import Performed
from edge.assistant.record import Record
from edge.devices.model import Agent, Cause, DeviceState, Outcome, ServiceCall
from edge.errors import EdgeError
from edge.health.audit import AuditLog, Wanted, read
from edge.health.audit import log as log_module
from edge.health.audit.rows import entry, row
from edge.router.model import Call

_numbers = itertools.count(1)


def performed(device: str = "lock.front", by: Agent = Agent.PERSON) -> Performed:
    call = ServiceCall(device, "unlock", {"code": "4711", "speed": 3}, cause=Cause("voice", request="a", by=by))
    return Performed(call, Outcome.DONE, DeviceState("locked"), DeviceState("unlocked"))


def record(number: int | None = None, **more: Any) -> Record:
    plain: dict[str, Any] = {
        "time_s": 1_800_000_000.0,
        "clock_trusted": True,
        "id": "a1",
        "source": "voice",
        "origin": "kitchen satellite",
        "area": "kitchen",
        "text": "unlock the front door",
        "decision": "act",
        "answered_by": "router",
        "reply": "Unlocked.",
        "calls": (Call("lock.unlock", {"name": "Front Door", "message": "psst"}, ("lock.front",)),),
        "deeds": (performed(),),
        "ms": 12.34,
    }
    return Record(number or next(_numbers), **plain | more)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_module, "WINDOW_S", 0.01)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "requests.sqlite"


def mode(file: Path) -> int:
    return file.stat().st_mode & 0o777


def damage(file: Path) -> None:
    file.write_bytes(b"SQLite format 3\0" + os.urandom(8000))


async def kept(file: Path, *records: Record, **more: Any) -> AuditLog:
    async with AuditLog(file, **more) as log:
        for one in records:
            log.record(one)
    return log


async def test_what_was_asked_and_done_is_read_back(file: Path) -> None:
    await kept(file, record(confirmed="pin", follows="a0"))
    (found,) = await asyncio.to_thread(read, file, Wanted())
    assert (found.source, found.origin, found.area, found.decision) == ("voice", "kitchen satellite", "kitchen", "act")
    assert (found.text, found.reply, found.confirmed, found.follows) == (
        "unlock the front door",
        "Unlocked.",
        "pin",
        "a0",
    )
    assert found.deeds[0].device == "lock.front"
    assert found.deeds[0].outcome == "done"
    assert json.loads(json.dumps(found.to_json()))["calls"][0]["function"] == "lock.unlock"
    assert mode(file) == 0o600


async def test_a_code_is_never_kept(file: Path) -> None:
    await kept(file, record())
    assert b"4711" not in b"".join(one.read_bytes() for one in file.parent.iterdir())


async def test_words_are_left_out_where_that_is_wanted(file: Path) -> None:
    await kept(file, record(), with_text=False)
    (found,) = await asyncio.to_thread(read, file, Wanted())
    assert (found.text, found.reply, found.calls[0]["arguments"]) == ("", "", {})
    assert found.deeds[0].device == "lock.front"


async def test_a_request_is_one_row_from_when_it_comes_until_it_is_answered(file: Path) -> None:
    number = next(_numbers)
    async with AuditLog(file) as log:
        log.record(record(number, decision=None, ms=0.0, deeds=(), calls=()))
        await until(lambda: log.written == 1)
        (begun,) = await asyncio.to_thread(read, file, Wanted())
        assert begun.decision is None
        log.record(record(number))
        log.record(record())
    entries = await asyncio.to_thread(read, file, Wanted())
    assert [one.decision for one in entries] == ["act", "act"]


async def until(true: Any) -> None:
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110 (a thread of the log's own)
            await asyncio.sleep(0.005)


async def test_it_can_be_asked_by_time_source_area_and_device(file: Path) -> None:
    await kept(
        file,
        record(id="1", time_s=100.0),
        record(id="2", source="mqtt", area=None, time_s=200.0),
        record(id="3", deeds=(performed("lock.front_gate"),), calls=(), time_s=300.0),
        record(id="4", deeds=(), calls=(Call("lock.lock", {}, ("lock.front",)),), time_s=400.0),
    )

    async def ids(**wanted: Any) -> list[str]:
        return [one.id for one in await asyncio.to_thread(read, file, Wanted(**wanted))]

    assert await ids() == ["1", "2", "3", "4"]
    assert await ids(limit=2) == ["3", "4"]
    assert await ids(since_s=200.0) == ["2", "3", "4"]
    assert await ids(source="mqtt") == ["2"]
    assert await ids(area="kitchen") == ["1", "3", "4"]
    assert await ids(device="lock.front") == ["1", "2", "4"]
    assert await ids(after=3) == ["4"]


async def test_the_oldest_go_first_and_the_file_stays_within_its_bounds(file: Path) -> None:
    most = 256 * 1024
    async with AuditLog(file, most_bytes=most) as log:
        for _ in range(6):
            for _ in range(150):
                log.record(record(text="x" * 900, reply="y" * 900))
            before = log.written
            await until(lambda before=before: log.written > before)
        log.record(record(id="last"))
    size = sum(one.stat().st_size for one in file.parent.iterdir())
    assert size < most * 1.5
    entries = await asyncio.to_thread(read, file, Wanted())
    assert 10 < len(entries) < 900
    assert entries[-1].id == "last"
    assert entries[0].number > 1


async def test_a_damaged_file_is_set_aside_and_another_begun(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    await kept(file, record(id="before"))
    damage(file)
    with pytest.raises(EdgeError, match="damaged"):
        await asyncio.to_thread(read, file, Wanted())
    await kept(file, record(id="after"))
    assert [one.id for one in await asyncio.to_thread(read, file, Wanted())] == ["after"]
    assert [one.message for one in caplog.records] == ["audit.damaged"]
    assert len(list(file.parent.glob("*.damaged-*"))) == 1


@contextmanager
def full_disk(bytes_left: int) -> Iterator[None]:
    """Files can't grow past this: what a write then fails with is what a full disk gives."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_left, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


async def test_a_full_disk_costs_records_and_one_line(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with AuditLog(file) as log:
        log.record(record(id="before"))
        await until(lambda: log.written == 1)
        with full_disk(4096):
            for number in range(1, 4):
                log.record(record(text="x" * 900))
                await until(lambda number=number: log.lost == number)
        log.record(record(id="after"))
        await until(lambda: log.written == 2)
    assert [one.id for one in await asyncio.to_thread(read, file, Wanted())] == ["before", "after"]
    assert [one.message for one in caplog.records] == ["audit.not_written", "audit.written_again"]


async def test_more_than_can_be_written_is_dropped_and_said(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with AuditLog(file) as log:
        for _ in range(3000):
            log.record(record())
        assert log.lost == 1000
    assert len(await asyncio.to_thread(read, file, Wanted())) == 2000
    assert caplog.records[0].message == "audit.not_written"


async def test_a_directory_that_can_not_be_written_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    log = await kept(tmp_path / "file" / "requests.sqlite", record())
    assert log.lost == 1


_KILLED = """
import asyncio, sys
from pathlib import Path
from edge.health.audit import AuditLog
from tests.health.audit.test_log import record, until

async def main():
    async with AuditLog(Path(sys.argv[1])) as log:
        for number in range(20):
            log.record(record(id=str(number)))
        await until(lambda: log.written == 20)
        print("written", flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_what_was_written_survives_a_kill(file: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _KILLED, str(file), stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[3]
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"written\n"
    process.kill()
    await process.wait()
    assert len(await asyncio.to_thread(read, file, Wanted())) == 20
    await kept(file, record(id="next"))
    assert len(await asyncio.to_thread(read, file, Wanted())) == 21


async def test_a_file_of_another_version_is_left_alone_by_the_reader(file: Path) -> None:
    await kept(file, record())

    def newer() -> None:
        with closing(sqlite3.connect(file)) as database:
            database.execute("PRAGMA user_version=99")

    await asyncio.to_thread(newer)
    with pytest.raises(EdgeError, match="version 99"):
        await asyncio.to_thread(read, file, Wanted())


def test_nothing_was_kept_yet(tmp_path: Path) -> None:
    assert read(tmp_path / "none.sqlite", Wanted()) == []


_text = st.text(max_size=3000)


@given(_text, _text, _text, st.integers(0, 400))
def test_every_record_makes_a_row_and_every_row_an_entry(text: str, reply: str, origin: str, devices: int) -> None:
    deeds = tuple(performed(f"light.lamp_{number}_{'x' * 200}") for number in range(devices))
    values = row(record(text=text, reply=reply, origin=origin, deeds=deeds), with_text=True)
    assert sum(len(one) for one in values if isinstance(one, str)) < 200_000
    assert entry((1, *values)).text == text[:1000]


@given(st.lists(st.none() | st.integers() | st.floats() | _text | st.binary(), min_size=18, max_size=18))
def test_a_row_of_rubbish_is_an_entry_or_a_value_error(values: list[Any]) -> None:
    with suppress(ValueError):
        entry(values)


async def test_half_a_character_costs_neither_its_request_nor_the_next(file: Path) -> None:
    call = Call("lists.add", {"item": "\ud800"}, ())
    await kept(file, record(text="hi \ud800", origin="\udfff", calls=(call,)), record(text="after"))
    first, second = await asyncio.to_thread(read, file, Wanted())
    assert first.text == "hi ?"
    assert first.calls[0]["arguments"] == {"item": "?"}
    assert second.text == "after"


async def test_a_request_that_was_trimmed_before_its_answer_came_is_kept_with_it(file: Path) -> None:
    async with AuditLog(file, most_bytes=1) as log:
        asked = record(decision=None, ms=0.0)
        log.record(asked)
        await until_written(log, 1)
        log.record(record())
        await until_written(log, 2)
        log.record(replace(asked, decision="act", ms=5.0))
        await until_written(log, 3)
        (left,) = await asyncio.to_thread(read, file, Wanted())
    assert left.id == asked.id
    assert left.ms == 5.0


async def test_a_disk_too_full_for_making_room_costs_nothing_that_was_written(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(log: AuditLog, database: sqlite3.Connection) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(AuditLog, "_trim", full)
    log = await kept(file, record(), record())
    assert (log.written, log.lost) == (2, 0)
    assert len(await asyncio.to_thread(read, file, Wanted())) == 2


async def until_written(log: AuditLog, count: int) -> None:
    while log.written < count:  # noqa: ASYNC110 (it tells nobody)
        await asyncio.sleep(0.005)
