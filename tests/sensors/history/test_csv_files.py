"""Readings go out as CSV and come in again as they were; rows that make no sense are kept apart."""

import asyncio
import io
from pathlib import Path

import pytest

from edge.sensors.errors import SensorError
from edge.sensors.history.csv_files import HEAD, Imported, export, read_csv
from edge.sensors.history.reader import Reader
from tests.sensors.history.house import DOOR, ENERGY, START_S, TEMPERATURE, UTC_DAYS, House, remembering

DAY_S = 86400.0


def out(file: Path) -> str:
    with Reader(file, UTC_DAYS) as reader:
        rows = export(reader, [one.key for one in reader.sensors()], 0, START_S + 100 * DAY_S, UTC_DAYS.zone)
        return "\n".join([",".join(HEAD), *(",".join(row) for row in rows)])


def put(text: str, file: Path, now_s: float = START_S + 100 * DAY_S) -> Imported:
    return read_csv(io.StringIO(text), file, UTC_DAYS, now_s)


async def test_what_was_exported_comes_back_the_same_with_its_figures(tmp_path: Path) -> None:
    house, file, other = House(TEMPERATURE, ENERGY, DOOR), tmp_path / "one.sqlite", tmp_path / "other.sqlite"
    async with remembering(house, file) as history:
        for number in range(2000):
            house.say(TEMPERATURE.id, 20 + number % 37 / 10, after_s=97)
            house.say(ENERGY.id, number % 700)
            house.say(DOOR.id, "on" if number % 11 == 0 else "off")
            if number % 300 == 0:
                await history.flush()
        house.wait(3600)
    text = await asyncio.to_thread(out, file)
    done = await asyncio.to_thread(put, text, other)
    assert done.apart == {}
    assert done.taken == text.count("\n")
    assert await asyncio.to_thread(out, other) == text

    def figures(of: Path) -> object:
        with Reader(of, UTC_DAYS, wall_s=house.clock) as reader:
            since_s, until_s = START_S + 1000, START_S + 190_000
            numbers = [reader.stats(one.id, since_s, until_s) for one in (TEMPERATURE, ENERGY)]
            return (
                numbers,
                reader.times(DOOR.id, since_s, until_s),
                reader.time_in_state(DOOR.id, since_s, START_S + 190_000),
            )

    assert await asyncio.to_thread(figures, other) == await asyncio.to_thread(figures, file)


async def test_a_second_import_changes_nothing(tmp_path: Path) -> None:
    text = "time,sensor,value,unit\n" + "".join(f"{START_S + 60 * n},sensor.a,{n},°C\n" for n in range(500))
    file = tmp_path / "history.sqlite"

    def twice() -> None:
        assert (put(text, file).taken, put(text, file).known) == (500, 500)
        with Reader(file, UTC_DAYS) as reader:
            assert reader.stats("sensor.a", START_S, START_S + DAY_S).count == 500

    await asyncio.to_thread(twice)


async def test_an_import_among_what_is_there_counts_a_counter_once(tmp_path: Path) -> None:
    rows = [f"{START_S + 60 * n},sensor.a,{n},kWh,total_increasing\n" for n in range(500)]
    file = tmp_path / "history.sqlite"

    def halves() -> None:
        put("time,sensor,value,unit,kind\n" + "".join(rows[::2]), file)
        put("time,sensor,value,unit,kind\n" + "".join(rows[1::2]), file)
        with Reader(file, UTC_DAYS) as reader:
            stats = reader.stats("sensor.a", START_S, START_S + DAY_S)
            assert (stats.count, stats.low, stats.high, stats.gain) == (500, 0, 499, 499)

    await asyncio.to_thread(halves)


async def test_rows_that_make_no_sense_are_kept_apart_with_their_first_line(tmp_path: Path) -> None:
    text = f"""time,sensor,value,unit
{START_S},sensor.a,20.5,°C
2026-06-01T00:01:00+00:00,sensor.a,68.9,°F
yesterday,sensor.a,20,°C
{START_S + 200},sensor.a,warm,°C
{START_S + 300},sensor.a,nan,°C
{START_S + 9 * DAY_S},sensor.a,20,°C
{START_S + 400},sensor.a,20,kWh
{START_S + 400},,20,kWh
{START_S},sensor.a,20.5,°C
"""
    file = tmp_path / "history.sqlite"
    done = await asyncio.to_thread(put, text, file, START_S + DAY_S)
    assert (done.taken, done.known) == (2, 1)
    assert done.apart == {
        "a time that can't be read": 1,
        "text where a number was": 1,
        "not a finite number": 1,
        "from the future": 1,
        "kWh where °C was": 1,
        "no sensor": 1,
    }
    assert done.examples["from the future"] == 7


async def test_a_table_without_its_columns_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SensorError, match="no column sensor"):
        await asyncio.to_thread(put, "time,value\n1,2\n", tmp_path / "history.sqlite")


async def test_what_turns_out_to_be_a_counter_is_counted_as_one_from_its_beginning(tmp_path: Path) -> None:
    file = tmp_path / "history.sqlite"
    rows = "".join(f"{START_S - 86400 + 600 * n},sensor.meter,{100 + n},kWh\n" for n in range(144))

    def without_its_kind() -> None:
        put(f"time,sensor,value,unit\n{rows}", file)

    await asyncio.to_thread(without_its_kind)
    house = House(ENERGY)
    async with remembering(house, file):
        house.say("sensor.meter", 245, after_s=60)

    def gain() -> float | None:
        with Reader(file, UTC_DAYS) as reader:
            return reader.stats("sensor.meter", START_S - 86400, START_S).gain

    assert await asyncio.to_thread(gain) == 143
