"""Summaries of histories that are written down."""

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from edge.sensors.explaining import Places
from edge.sensors.history.model import Counter
from edge.sensors.summary import Summary, Width
from edge.sensors.summary.summarise import summarise
from tests.sensors.past import DAY_MIN, START_S, Past, spells

DAYS = 20
PLACES = Places({"kitchen": "ground"}, frozenset({"garden"}))
DAY_S = 86_400.0


@pytest.fixture
def past(tmp_path: Path) -> Iterator[Past]:
    """Twenty days, and the morning after."""
    written = Past(tmp_path / "history.sqlite", DAYS, 8 * 60)
    yield written
    written.close()


def wave(minute: int, low: float = 18.0, high: float = 22.0) -> float:
    """A room's day."""
    share = abs((minute % DAY_MIN) / DAY_MIN - 0.5) * 2
    return high - (high - low) * share + Random(minute).uniform(-0.05, 0.05)  # noqa: S311


def yesterday(past: Past, *, up_s: float = 0.0, settled: bool = True) -> Summary:
    if settled:
        past.settle()
    until_s = START_S + DAYS * DAY_S
    with past.reader() as reader:
        return summarise(reader, PLACES, Width.DAY, until_s - DAY_S, until_s, past.now_s, up_s)


def test_a_day_as_others_is_told_with_its_rooms_and_nothing_else(past: Past) -> None:
    past.numbers("sensor.kitchen", wave, area="kitchen")
    past.numbers("sensor.garden", lambda minute: wave(minute, 2, 9), area="garden")
    found = yesterday(past)
    assert not found.unusual
    inside, outside = sorted(found.rooms, key=lambda room: room.outdoors)
    assert (inside.key, inside.low, inside.high) == (
        "sensor.kitchen",
        pytest.approx(18, abs=0.1),
        pytest.approx(22, abs=0.1),
    )
    assert inside.usual_low == pytest.approx(18, abs=0.1)
    assert outside.outdoors
    assert not (found.totals or found.openings or found.batteries or found.silent or found.odd or found.drifts)


def test_freezers_and_setpoints_are_no_rooms(past: Past) -> None:
    past.numbers("sensor.freezer", lambda minute: wave(minute, -20, -18), name="Freezer", area="kitchen")
    past.numbers("climate.kitchen:temperature", lambda _: 21.0, area="kitchen")
    past.numbers("climate.kitchen:current_temperature", wave, area="kitchen")
    assert [room.key for room in yesterday(past).rooms] == ["climate.kitchen:current_temperature"]


def test_what_was_on_no_day_before_is_odd_and_how_far(past: Past) -> None:
    last = (DAYS - 1) * DAY_MIN + 600
    past.numbers(
        "sensor.cellar", lambda minute: wave(minute, 10, 12) + (6 if last < minute < last + 60 else 0), area="cellar"
    )
    (odd,) = yesterday(past).odd
    assert odd.value == pytest.approx(17.5, abs=0.6)
    assert odd.high == pytest.approx(12, abs=0.2)
    assert odd.times > 2
    assert yesterday(past).unusual


def test_a_meter_that_counted_twice_as_much_is_odd_and_its_total_is_told(past: Past) -> None:
    total, meter = 0.0, {}
    for minute in range(past.minutes):
        total += 0.01 * (2.2 if (DAYS - 1) * DAY_MIN <= minute < DAYS * DAY_MIN else 1)
        meter[minute] = total
    about = {"unit": "kWh", "kind": "energy", "area": "", "counter": Counter.INCREASING}
    past.numbers("sensor.house", meter.__getitem__, **about)  # type: ignore[arg-type]
    past.numbers("sensor.drier", lambda minute: meter[minute] / 10, **about)  # type: ignore[arg-type]
    found = yesterday(past)
    (one,) = found.totals
    assert one.key == "sensor.house"
    assert one.amount == pytest.approx(31.7, abs=0.3)
    assert one.usual == pytest.approx(14.4, abs=0.2)
    assert {odd.key for odd in found.odd} == {"sensor.house", "sensor.drier"}
    assert all(odd.counted for odd in found.odd)


def test_what_is_open_still_and_what_was_open_long(past: Past) -> None:
    end = past.minutes
    past.states("binary_sensor.door", [(0, "off"), (end - 90, "on")], kind="door")
    past.states(
        "binary_sensor.window", spells([((DAYS - 1) * DAY_MIN + 60, (DAYS - 1) * DAY_MIN + 480)]), kind="window"
    )
    past.states("binary_sensor.short", spells([((DAYS - 1) * DAY_MIN + 60, (DAYS - 1) * DAY_MIN + 90)]), kind="window")
    past.states("cover.blind", [(0, "closed"), (100, "open")], kind="blind")
    past.states("binary_sensor.just_now", [(0, "off"), (end - 5, "on")], kind="door")
    still, long = yesterday(past).openings
    assert (still.key, still.still, still.open_s) == ("binary_sensor.door", True, 5400)
    assert (long.key, long.still, long.open_s) == ("binary_sensor.window", False, 7 * 3600)


def test_low_batteries_are_told_the_lowest_first(past: Past) -> None:
    for name, value in (("a", 12.0), ("b", 80.0), ("c", 4.0)):
        past.numbers(f"sensor.{name}", lambda _, value=value: value, unit="%", kind="battery", every_min=720)  # type: ignore[misc]
    past.states("binary_sensor.d", [(0, "off"), (100, "on")], kind="battery")
    found = yesterday(past).batteries
    assert [one.key for one in found] == ["binary_sensor.d", "sensor.c", "sensor.a"]


def test_a_sensor_that_says_nothing_any_more_is_silent(past: Past) -> None:
    past.numbers("sensor.kitchen", wave, area="kitchen")
    past.numbers("sensor.gone", lambda minute: wave(minute) if minute < past.minutes - 600 else None, area="cellar")
    (silent,) = yesterday(past).silent
    assert silent.key == "sensor.gone"
    assert silent.since_s == pytest.approx(past.now_s - 36_000, abs=301)


def test_nothing_is_silent_that_nobody_listened_to(past: Past) -> None:
    past.numbers("sensor.gone", lambda minute: wave(minute) if minute < past.minutes - 600 else None, area="cellar")
    assert not yesterday(past, up_s=past.now_s - 60).silent


def test_a_freezer_that_creeps_up_is_getting_worse(past: Past) -> None:
    creeping = 2.0 / (14 * DAY_MIN)
    past.numbers(
        "sensor.freezer", lambda minute: wave(minute, -20, -19) + creeping * minute, name="Freezer", area="kitchen"
    )
    past.numbers("sensor.fridge", lambda minute: wave(minute, 4, 5), name="Fridge", area="kitchen")
    past.numbers("sensor.room", lambda minute: wave(minute) + creeping * minute, area="kitchen")
    (drift,) = yesterday(past).drifts
    assert drift.key == "sensor.freezer"
    assert drift.by == pytest.approx(1.86, abs=0.2)


def test_readings_of_the_last_hour_count_too(past: Past) -> None:
    past.numbers("sensor.kitchen", wave, area="kitchen")
    past.settle()
    past.numbers("sensor.hall", lambda minute: 30.0 if minute > past.minutes - 60 else 20.0, area="hall")
    with past.reader() as reader:
        found = summarise(reader, PLACES, Width.SPAN, past.now_s - DAY_S, past.now_s, past.now_s)
    assert {room.key: room.high for room in found.rooms}["sensor.hall"] == 30.0


def test_an_empty_history_gives_an_empty_summary(past: Past) -> None:
    found = yesterday(past)
    assert not found.unusual
    facts = json.loads(json.dumps(found.to_json()))
    assert facts["rooms"] == []
    assert facts["until"] - facts["since"] == DAY_S
