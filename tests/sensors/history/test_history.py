"""What goes in comes out: figures, states, counters; what is no reading is kept apart."""

import math
from pathlib import Path

import pytest

from edge.devices.model import Device
from edge.sensors.history.model import Point
from tests.sensors.history.house import DOOR, ENERGY, START_S, TEMPERATURE, House, asked, remembering

HOUR_S = 3600.0
DAY_S = 86400.0


async def test_figures_of_readings_are_the_same_before_and_after_they_are_rolled_up(tmp_path: Path) -> None:
    house, file = House(TEMPERATURE), tmp_path / "history.sqlite"
    values = [20 + math.sin(number / 30) * 3 for number in range(600)]
    async with remembering(house, file) as history:
        for value in values:
            house.say(TEMPERATURE.id, round(value, 2), after_s=60)
        before = await history.ask(lambda reader: reader.stats(TEMPERATURE.id, START_S, START_S + DAY_S))
        house.wait(HOUR_S)
        await history.flush()
        after = await history.ask(lambda reader: reader.stats(TEMPERATURE.id, START_S, START_S + DAY_S))
    rounded = [round(value, 2) for value in values]
    for stats in (before, after):
        assert stats.count == 600
        assert stats.low == min(rounded)
        assert stats.high == max(rounded)
        assert stats.mean == pytest.approx(sum(rounded) / 600)
    assert await asked(house, file, lambda reader: reader.last(TEMPERATURE.id)) == Point(START_S + 36000, rounded[-1])


async def test_a_span_is_exact_to_the_reading_at_both_ends(tmp_path: Path) -> None:
    house, file = House(TEMPERATURE), tmp_path / "history.sqlite"
    async with remembering(house, file) as history:
        for number in range(3 * 1440):
            house.say(TEMPERATURE.id, number, after_s=60)
            if number % 500 == 0:
                await history.flush()
        for first, last in ((7, 4000), (0, 4320), (61, 62), (1439, 1441), (100, 100)):
            since_s, until_s = START_S + 60 * (first + 1), START_S + 60 * (last + 1)
            stats = await history.ask(lambda reader, a=since_s, b=until_s: reader.stats(TEMPERATURE.id, a, b))
            assert stats.count == last - first
            if last > first:
                assert (stats.low, stats.high) == (first, last - 1)
                assert stats.sum == pytest.approx(sum(range(first, last)))


async def test_when_it_was_coldest_is_found_to_the_reading(tmp_path: Path) -> None:
    house, file = House(TEMPERATURE), tmp_path / "history.sqlite"
    async with remembering(house, file) as history:
        for number in range(2 * 1440):
            house.say(TEMPERATURE.id, -5.5 if number == 1777 else 10, after_s=60)
            if number % 700 == 0:
                await history.flush()
        found = await history.ask(lambda reader: reader.extreme(TEMPERATURE.id, START_S, START_S + 9 * DAY_S, "low"))
        assert found == Point(START_S + 60 * 1778, -5.5)


async def test_a_counter_that_begins_anew_loses_nothing_it_counted(tmp_path: Path) -> None:
    house, file = House(ENERGY), tmp_path / "history.sqlite"
    async with remembering(house, file) as history:
        for value in (100.0, 100.5, 101.25, 0.25, 1.0, "unavailable", 1.5):
            house.say(ENERGY.id, value, after_s=1300)
            await history.flush()
        stats = await history.ask(lambda reader: reader.stats(ENERGY.id, START_S, START_S + DAY_S))
    assert stats.gain == pytest.approx(0.5 + 0.75 + 0.25 + 0.75 + 0.5)
    assert stats.count == 6


async def test_time_in_state_is_counted_by_hour_and_by_change(tmp_path: Path) -> None:
    house, file = House(DOOR), tmp_path / "history.sqlite"
    async with remembering(house, file) as history:
        for state, after_s in (("off", 600), ("on", 5000), ("on", 100), ("off", 900), ("on", 20_000)):
            house.say(DOOR.id, state, after_s=after_s)
            await history.flush()
        house.wait(10_000)
        end_s = house.clock.now_s
        await history.flush()
        spent = await history.ask(lambda reader: reader.time_in_state(DOOR.id, START_S, end_s))
        times = await history.ask(lambda reader: reader.times(DOOR.id, START_S, end_s))
        last = await history.ask(lambda reader: reader.last_in(DOOR.id, "off"))
    assert spent == {"off": 5000 + 20_000, "on": 1000 + 10_000}
    assert times == {"on": 2, "off": 1}
    assert last == (START_S + 6600, START_S + 26_600)


async def test_a_state_is_not_known_while_the_service_was_away(tmp_path: Path) -> None:
    house, file = House(DOOR), tmp_path / "history.sqlite"
    async with remembering(house, file):
        house.say(DOOR.id, "on", after_s=100)
        house.wait(50)
    house.wait(5000)
    async with remembering(house, file) as history:
        await history.flush()
        house.wait(25)
        spent = await history.ask(lambda reader: reader.time_in_state(DOOR.id, START_S, START_S + DAY_S))
    assert spent["on"] == pytest.approx(75, abs=1)


async def test_attributes_that_measure_are_series_of_their_own(tmp_path: Path) -> None:
    house, file = House(Device("climate.hall", "Hall")), tmp_path / "history.sqlite"
    async with remembering(house, file) as history:
        house.say("climate.hall", "heat", current_temperature=19.5, temperature=21, hvac_action="heating")
        house.say("climate.hall", "heat", after_s=60, current_temperature=20, temperature=21, hvac_action="idle")
        keys = [one.key for one in await history.ask(lambda reader: reader.sensors())]
        now = await history.ask(lambda reader: reader.last("climate.hall:current_temperature"))
        doing = await history.ask(lambda reader: reader.last("climate.hall:hvac_action"))
    assert "climate.hall:temperature" in keys
    assert now == Point(START_S + 60, 20.0)
    assert doing == Point(START_S + 60, "idle")


async def test_what_is_no_number_is_kept_apart_counted_and_reported_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    house, file = House(TEMPERATURE), tmp_path / "history.sqlite"
    async with remembering(house, file) as history:
        for value in (20, "nan", "inf", "-inf", "warm", "warm", "1e400", 21):
            house.say(TEMPERATURE.id, value, after_s=10)
        stats = await history.ask(lambda reader: reader.stats(TEMPERATURE.id, START_S, START_S + DAY_S))
        apart = await history.ask(lambda reader: reader.apart())
    assert stats.count == 2
    assert {(one["reason"], one["count"]) for one in apart} == {("not_finite", 4), ("not_a_number", 2)}
    assert len([one for one in caplog.records if one.message == "history.kept_apart"]) == 2


async def test_another_unit_is_converted_and_a_different_quantity_begins_a_series(tmp_path: Path) -> None:
    house, file = House(TEMPERATURE), tmp_path / "history.sqlite"
    async with remembering(house, file) as history:
        house.say(TEMPERATURE.id, 20)
        house.registry.put_device(Device("sensor.kitchen", "Kitchen", device_class="temperature", unit="°F"))
        house.say(TEMPERATURE.id, 68, after_s=60)
        stats = await history.ask(lambda reader: reader.stats(TEMPERATURE.id, START_S, START_S + DAY_S))
        assert (stats.count, stats.low, stats.high) == (2, 20, 20)
        house.registry.put_device(Device("sensor.kitchen", "Kitchen", device_class="humidity", unit="%"))
        house.say(TEMPERATURE.id, 55, after_s=60)
        units = [one.unit for one in await history.ask(lambda reader: reader.sensors())]
        last = await history.ask(lambda reader: reader.last(TEMPERATURE.id))
    assert units == ["°C", "%"]
    assert last == Point(START_S + 120, 55)


async def test_a_flood_is_thinned_for_its_sensor_alone_and_its_last_word_is_kept(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    other = Device("sensor.hall", "Hall", unit="°C")
    house, file = House(TEMPERATURE, other), tmp_path / "history.sqlite"
    async with remembering(house, file, most_per_second=2) as history:
        for number in range(1000):
            house.say(TEMPERATURE.id, number, after_s=0.01)
            if number % 100 == 0:
                house.say(other.id, number)
        flood = await history.ask(lambda reader: reader.stats(TEMPERATURE.id, START_S, START_S + DAY_S))
        calm = await history.ask(lambda reader: reader.stats(other.id, START_S, START_S + DAY_S))
        assert history.facts()["thinned"] == 1000 - flood.count
    assert flood.count < 40
    assert flood.high == 999
    assert calm.count == 10
    assert len([one for one in caplog.records if one.message == "history.flood"]) == 1
