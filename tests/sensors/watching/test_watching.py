import math
from dataclasses import replace

import pytest

from edge.sensors.alarms import AlarmRule, Relation
from edge.sensors.history.model import Sensor, Sort
from edge.sensors.model import Reading
from edge.settings.watch import WatchedSettings
from tests.sensors.watching.makers import DOOR, FREEZER, MONDAY_S, SMOKE, House

HOUR_S = 3600.0
DAY_S = 86_400.0


def warm(house: House) -> None:
    """A freezer that has been too warm for an hour."""
    for _ in range(7):
        house.says(FREEZER, -9.0, 600)


def test_a_freezer_that_stays_warm_is_an_alarm_until_it_is_cold() -> None:
    house = House()
    warm(house)
    assert house.begun() == ["limits"]
    assert house.book.active()[0].text == "Freezer is at -9 °C, above -12 °C since 00:10."
    house.says(FREEZER, -18.0)
    assert house.active() == []


def test_smoke_is_an_alarm_at_once_and_a_door_after_a_while() -> None:
    house = House()
    house.says(SMOKE, "off")
    house.says(SMOKE, "on")
    assert house.begun() == ["state"]
    house.says(DOOR, "on")
    house.passes(25 * 60)
    assert house.begun() == ["state"]
    house.says(DOOR, "off")
    assert house.active() == [(SMOKE.key, "state")]


@pytest.mark.parametrize("keep", [True, False])
def test_an_alarm_goes_on_over_a_restart_and_is_told_once(*, keep: bool) -> None:
    house = House()
    warm(house)
    house.begun()
    house.restart(keep=keep)
    warm(house)
    assert house.begun() == []
    assert house.active() == [(FREEZER.key, "limits")]
    house.says(FREEZER, -18.0)
    assert house.active() == []


def test_what_was_over_while_nobody_was_there_ends_with_the_first_word() -> None:
    house = House()
    warm(house)
    house.restart(HOUR_S, keep=False)
    house.says(FREEZER, -18.0)
    assert house.active() == []


def test_an_alarm_that_the_book_lost_is_begun_again() -> None:
    house = House()
    warm(house)
    house.begun()
    house.restart(lose_book=True)
    warm(house)
    assert house.begun() == ["limits"]


def test_what_is_no_longer_looked_for_is_over() -> None:
    house = House()
    warm(house)
    house.entries = (WatchedSettings.model_validate({"sensor": "sensor.freezer", "limits": False}),)
    house.restart()
    house.says(FREEZER, -9.0)
    assert house.active() == []


def often(house: House, sensor: Sensor, days: float) -> None:
    for step in range(int(days * 144)):
        house.says(sensor, -18.0 + 0.5 * math.sin(step / 3), 600)


def test_silence_counts_only_while_something_could_be_heard() -> None:
    house = House()
    often(house, FREEZER, 4)
    house.gone = {FREEZER.device}
    house.passes(DAY_S)
    assert house.begun() == []
    house.gone = set()
    house.passes(2 * HOUR_S)
    assert house.begun() == []
    house.passes(2 * HOUR_S)
    assert house.begun() == ["stale"]


def test_neither_a_restart_nor_sleep_is_anybodys_silence() -> None:
    house = House()
    often(house, FREEZER, 4)
    house.restart(2 * DAY_S)
    house.says(FREEZER, -18.0, 600)
    house.now_s += 2 * DAY_S  # the machine slept: nobody told the time
    house.second()
    house.passes(1800)
    assert house.begun() == []


@pytest.mark.parametrize("by_s", [3 * DAY_S, -3 * DAY_S, 30 * 365 * DAY_S])
def test_a_clock_that_is_set_makes_no_alarm_and_loses_nothing_learnt(by_s: float) -> None:
    house = House(now_s=MONDAY_S if by_s < 1e8 else 1e6)
    often(house, FREEZER, 4)
    house.now_s += by_s
    house.watching.clock_set(by_s, wrong=True)
    often(house, FREEZER, 0.2)
    assert house.begun() == []
    house.passes(4 * HOUR_S)
    assert house.begun() == ["stale"]


def test_an_alarm_keeps_its_age_when_a_wrong_clock_is_set() -> None:
    house = House()
    warm(house)
    age_s = house.now_s - house.book.all()[0].since_s
    house.now_s += 5 * DAY_S
    house.watching.clock_set(5 * DAY_S, wrong=True)
    assert house.now_s - house.book.all()[0].since_s == age_s
    house.says(FREEZER, -18.0)
    assert house.active() == []


def test_a_flood_is_told_once_however_it_comes_and_goes() -> None:
    house = House()
    house.says(FREEZER, -18.0)
    for _ in range(20):
        house.floods = {FREEZER.key}
        house.passes(60)
        house.floods = set()
        house.passes(120)
    assert house.begun() == ["flood"]
    house.passes(1200)
    assert house.active() == []


def test_a_device_that_leaves_the_house_has_no_alarms_and_comes_back_with_what_it_learnt() -> None:
    house = House()
    often(house, FREEZER, 4)
    for _ in range(7):
        house.says(FREEZER, -9.0, 600)
    assert house.watching.forget(FREEZER.device)
    assert house.active() == []
    house.says(FREEZER, -18.0)
    house.passes(4 * HOUR_S)
    assert house.begun()[-1] == "stale"


def test_after_an_hour_alarms_of_what_never_came_back_are_over() -> None:
    house = House()
    warm(house)
    house.restart()
    house.watching.forget_strangers(lambda device: device == FREEZER.device)
    assert house.active()
    house.watching.forget_strangers(lambda _device: False)
    assert house.active() == []


def test_another_unit_is_learnt_anew() -> None:
    house = House()
    often(house, FREEZER, 1)
    fahrenheit = replace(FREEZER, unit="°F")
    house.says(fahrenheit, -0.4)
    assert house.begun() == []
    house.restart()
    house.says(FREEZER, -18.0)
    assert house.watching.facts()["sensors"] == 1


def test_damaged_memory_costs_what_was_learnt_alone() -> None:
    house = House()
    often(house, FREEZER, 1)
    for blob in (b"", b"no zip", b"x" * 10_000):
        house.restart()
        house.learnt[FREEZER.key] = blob
        house.begin(house.book)
        warm(house)
        assert house.active() == [(FREEZER.key, "limits")]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e308, "x" * 100_000, "❄️", ""])
def test_odd_readings_are_nobodys_alarm(value: float | str) -> None:
    house = House()
    house.watching.heard(FREEZER, Reading(house.now_s, value))
    house.watching.heard(replace(DOOR, key="binary_sensor.🚪"), Reading(house.now_s, value))
    house.passes(HOUR_S)
    assert house.begun() == []


def test_a_rule_rings_beside_what_is_watched_and_its_single_use_is_over_after_it() -> None:
    house = House()
    house.says(FREEZER, -18.0)
    house.book.add_rule(AlarmRule("r", (FREEZER.key,), Relation.ABOVE, -17.0, repeat=False))
    house.says(FREEZER, -16.0)
    assert house.begun() == ["rule/r"]
    house.says(FREEZER, -18.0)
    assert house.book.rules() == ()
    assert house.active() == []


def test_a_rule_goes_on_over_a_restart() -> None:
    house = House()
    house.says(FREEZER, -18.0)
    house.book.add_rule(AlarmRule("r", (FREEZER.key,), Relation.ABOVE, -17.0))
    house.says(FREEZER, -16.0)
    house.begun()
    house.restart()
    house.passes(120)
    house.says(FREEZER, -16.0)
    assert house.begun() == []
    assert house.active() == [(FREEZER.key, "rule/r")]
    house.says(FREEZER, -18.0)
    assert house.active() == []


def test_rooms_are_neighbours_of_one_another() -> None:
    house = House()
    rooms = [
        Sensor(f"sensor.room_{number}", Sort.NUMBER, f"Room {number}", "°C", "temperature", f"room_{number}")
        for number in range(4)
    ]
    for hour in range(24 * 16):
        for number, room in enumerate(rooms):
            off = 4.0 if number == 3 and hour > 24 * 12 else 0.0
            house.says(room, 20.0 + number + off + 0.3 * math.sin(hour), 600)
        house.passes(1200)
    assert "neighbours" in {one.key for one in (*house.book.all(), *house.book.past) if one.sensor == rooms[3].key}
    assert not [one for one in house.book.all() if one.sensor != rooms[3].key]
