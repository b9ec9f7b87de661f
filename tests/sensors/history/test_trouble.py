"""Full disks, damaged files and power cuts: the service goes on, and what was written stays."""

import asyncio
import os
import random
import signal
import sqlite3
import sys
from pathlib import Path

import pytest

from edge.sensors.history import intake as intake_module
from edge.sensors.history import writer
from edge.sensors.history.csv_files import export
from edge.sensors.history.reader import Reader
from edge.sensors.history.retention import Keep, forget_old, make_room
from edge.sensors.history.schema import open_to_write, size_bytes
from tests.sensors.history.house import DOOR, START_S, TEMPERATURE, UTC_DAYS, House, asked, remembering

ROOT = Path(__file__).parents[3]
DAY_S = 86400.0
KILLS = int(os.environ.get("EDGE_TEST_KILLS", "5"))


async def test_a_full_disk_loses_nothing_that_fits_in_memory_and_is_reported_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def limited(file: Path, pages: int) -> sqlite3.Connection:
        database = open_to_write(file)
        database.execute(f"PRAGMA max_page_count={pages}")
        return database

    house, file = House(TEMPERATURE), tmp_path / "history.sqlite"
    async with remembering(house, file) as history:
        house.say(TEMPERATURE.id, 1, after_s=60)
        await history.flush()
        most = [60]
        monkeypatch.setattr(writer, "open_to_write", lambda file: limited(file, most[0]))
        history._writer.close()
        for value in range(9000):
            house.say(TEMPERATURE.id, value, after_s=1)
            if value % 500 == 0:
                await history.flush()
        await history.flush()
        assert history.facts()["trouble"]
        most[0] = 1_000_000
        await history.flush()
        assert not history.facts()["trouble"]
        stats = await history.ask(lambda reader: reader.stats(TEMPERATURE.id, START_S, START_S + DAY_S))
    assert stats.count == 9001
    assert [one.message for one in caplog.records if one.message.startswith("history.")] == [
        "history.not_written",
        "history.written_again",
    ]


async def test_what_can_not_be_held_any_more_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake_module, "MOST_WAITING", 100)
    house, file = House(TEMPERATURE), tmp_path / "history.sqlite"
    async with remembering(house, file) as history:
        history.intake.enough_at = 50
        history.intake.enough = lambda: None
        for value in range(300):
            house.say(TEMPERATURE.id, value, after_s=1)
        lost = history.facts()["lost"]
        stats = await history.ask(lambda reader: reader.stats(TEMPERATURE.id, START_S, START_S + DAY_S))
    assert stats.count == 300 - lost
    assert stats.high == 299


async def test_a_damaged_file_is_set_aside_and_what_can_be_read_of_it_saved(tmp_path: Path) -> None:
    house, file = House(TEMPERATURE, DOOR), tmp_path / "history.sqlite"
    async with remembering(house, file) as history:
        for value in range(3000):
            house.say(TEMPERATURE.id, value / 7, after_s=60)
            if value % 10 == 0:
                house.say(DOOR.id, "on" if value % 20 else "off")
        await history.flush()
        house.wait(3600)

    def break_it() -> None:
        whole = bytearray(file.read_bytes())
        whole[len(whole) * 2 // 3 : len(whole) * 2 // 3 + 8192] = b"\xff" * 8192
        whole[18:40] = b"\xee" * 22
        file.write_bytes(whole)

    await asyncio.to_thread(break_it)
    async with remembering(house, file) as history:
        house.say(TEMPERATURE.id, 5, after_s=60)
        await history.flush()
        assert history.facts()["set_aside"]
        stats = await history.ask(lambda reader: reader.stats(TEMPERATURE.id, START_S, START_S + 9 * DAY_S))
    assert stats.count >= 1


async def test_of_a_file_damaged_in_places_the_rest_is_written_out(tmp_path: Path) -> None:
    house, file = House(TEMPERATURE, DOOR), tmp_path / "history.sqlite"
    async with remembering(house, file) as history:
        for value in range(20_000):
            house.say(TEMPERATURE.id, value / 7, after_s=10)
        house.say(DOOR.id, "on")
        await history.flush()
        house.wait(3600)

    def saved() -> tuple[int, list[str]]:
        with sqlite3.connect(file) as database:
            (page,) = database.execute("SELECT rootpage FROM sqlite_master WHERE name = 'raw'").fetchone()
        whole = bytearray(file.read_bytes())
        whole[(page - 1) * 4096 + 100 : (page - 1) * 4096 + 2000] = b"\xff" * 1900
        file.write_bytes(whole)
        damaged: list[str] = []
        with Reader(file, UTC_DAYS) as reader:
            keys = [one.key for one in reader.sensors()]
            return len(list(export(reader, keys, 0, START_S + DAY_S * 9, None, damaged.append))), damaged

    count, damaged = await asyncio.to_thread(saved)
    assert damaged
    assert count < 20_001


async def test_old_readings_go_and_their_figures_stay(tmp_path: Path) -> None:
    house, file = House(TEMPERATURE, DOOR), tmp_path / "history.sqlite"
    async with remembering(house, file) as history:
        house.say(DOOR.id, "off")
        for number in range(24 * 40):
            house.say(TEMPERATURE.id, number % 24, after_s=3600)
            if number == 100:
                house.say(DOOR.id, "on")
            await history.flush()

    def forget() -> tuple[int, int, int]:
        database = open_to_write(file)
        forget_old(database, Keep(7, 30), round(house.clock.now_s * 1000), all_at_once=True)
        query = "SELECT (SELECT count(*) FROM raw), (SELECT count(*) FROM five), (SELECT count(*) FROM hour)"
        raw, five, hours = database.execute(query).fetchone()
        database.close()
        return raw, five, hours

    raw, five, hours = await asyncio.to_thread(forget)
    assert (raw, five, hours) == (7 * 24 + 2, 30 * 24 + 1, 40 * 24)
    stats = await asked(house, file, lambda reader: reader.stats(TEMPERATURE.id, START_S, START_S + 41 * DAY_S))
    assert (stats.count, stats.low, stats.high) == (960, 0, 23)
    spent = await asked(house, file, lambda reader: reader.time_in_state(DOOR.id, START_S, START_S + 40 * DAY_S))
    assert spent == {"off": pytest.approx(101 * 3600, abs=3600), "on": pytest.approx((960 - 101) * 3600, abs=3600)}


async def test_too_large_a_file_forgets_its_oldest_readings(tmp_path: Path) -> None:
    house, file = House(TEMPERATURE), tmp_path / "history.sqlite"
    async with remembering(house, file) as history:
        for number in range(6 * 24 * 60):
            house.say(TEMPERATURE.id, number / 7, after_s=60)
            if number % 600 == 0:
                await history.flush()

    def shrink() -> int:
        database = open_to_write(file)
        make_room(database, Keep(7, 30, size_bytes(database) * 2 // 3), round(house.clock.now_s * 1000))
        (first,) = database.execute("SELECT min(at) FROM raw").fetchone()
        database.close()
        return int(first)

    first_ms = await asyncio.to_thread(shrink)
    assert first_ms / 1000 > START_S + DAY_S
    stats = await asked(house, file, lambda reader: reader.stats(TEMPERATURE.id, START_S, START_S + 9 * DAY_S))
    assert stats.count == 6 * 24 * 60


async def test_a_wrong_clock_that_is_set_puts_what_was_read_right(tmp_path: Path) -> None:
    house, file = House(TEMPERATURE), tmp_path / "history.sqlite"
    house.clock.trusted = False
    async with remembering(house, file) as history:
        house.wait(3600)
        await history.flush()
        house.say(TEMPERATURE.id, 20, after_s=60)
        await history.flush()
        house.say(TEMPERATURE.id, 21, after_s=60)
        house.clock.trusted = True
        house.clock.now_s += 10 * DAY_S
        house.say(TEMPERATURE.id, 22, after_s=60)
        await history.flush()
        points = await history.ask(lambda reader: list(reader.readings(TEMPERATURE.id, 0, START_S + 20 * DAY_S)))
    assert [point.value for point in points] == [20, 21, 22]
    assert points[0].at_s == START_S + 10 * DAY_S + 3660


async def test_sigkill_at_any_moment_costs_the_window_at_most_and_damages_nothing(tmp_path: Path) -> None:
    chosen = random.Random(KILLS)  # noqa: S311
    for number in range(KILLS):
        file = tmp_path / f"{number}.sqlite"
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.sensors.history.until_killed", str(file), "0.5"),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        await process.stdout.readline()
        try:
            async with asyncio.timeout(0.8 + chosen.random() * 2):
                await process.wait()
        except TimeoutError:
            process.send_signal(signal.SIGKILL)
        said, _ = await process.communicate()
        told = [line.split() for line in said.decode().splitlines() if line.count(" ") == 1]
        found = await asyncio.to_thread(_found, file)
        last_s = float(told[-1][0])
        due = max((int(count) for at_s, count in told if float(at_s) < last_s - 0.5 - 1.0), default=0)
        assert found >= due
        assert found > 0


def _found(file: Path) -> int:
    with sqlite3.connect(file) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        query = "SELECT max(value) FROM (SELECT value FROM raw UNION ALL SELECT value FROM fresh)"
        (highest,) = database.execute(query).fetchone()
        (count,) = database.execute("SELECT count(*) FROM (SELECT 1 FROM raw UNION ALL SELECT 1 FROM fresh)").fetchone()
    assert count == highest // 1000 + 1
    return int(count)
