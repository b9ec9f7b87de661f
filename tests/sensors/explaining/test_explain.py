"""Explanations from histories that are written down: what moved, what is named for it, and when nothing is."""

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest

from edge.sensors.errors import SensorError
from edge.sensors.explaining import Direction, Explanation, Inquiry, Places
from edge.sensors.explaining.explain import explain, explain_most_moved
from edge.sensors.explaining.model import Relation, Sort
from edge.sensors.history.model import Counter
from tests.sensors.past import DAY_MIN, START_S, Past, spells

ROOM = "sensor.pump_room"
DAYS = 14
NOW_MIN = 15 * 60
AT = DAYS * DAY_MIN + 14 * 60
"""When it happens: an hour before the question."""
Value = Callable[[int], float]


@pytest.fixture
def past(tmp_path: Path) -> Iterator[Past]:
    written = Past(tmp_path / "history.sqlite", DAYS, NOW_MIN)
    yield written
    written.close()


def wobble(minute: int) -> float:
    """What a thermometer is off by."""
    return Random(minute).uniform(-0.1, 0.1)  # noqa: S311


def warmed(times: list[tuple[int, int]], by: float = 5.0, base: float = 15.0) -> Value:
    """A room that gets warmer during each of these, and cools down after."""

    def value(minute: int) -> float:
        extra = 0.0
        for on, off in times:
            if minute >= on:
                warm = by * (1 - math.exp(-(min(minute, off) - on) / 40))
                extra += warm * math.exp(-max(0, minute - off) / 60)
        return base + extra + wobble(minute)

    return value


def runs(hour: int, length: int = 60) -> list[tuple[int, int]]:
    """Every other day, at an hour of its own each."""
    return [
        (day * DAY_MIN + (hour + 2 * day) % 20 * 60, day * DAY_MIN + (hour + 2 * day) % 20 * 60 + length)
        for day in range(0, DAYS, 2)
    ]


def asked(past: Past, direction: Direction | None = None, key: str = ROOM) -> Explanation:
    past.settle()
    with past.reader() as reader:
        return explain(
            reader, Places({"pump_room": "ground", "hall": "ground"}), Inquiry(key, past.now_s, direction=direction)
        )


def test_what_was_followed_by_the_same_up_to_now_is_named_with_how_often(past: Past) -> None:
    times = [*runs(3), (AT - 4, AT + 200)]
    past.numbers(ROOM, warmed(times))
    past.states("switch.pump", spells(times))
    found = asked(past, Direction.UP)
    assert found.movement is not None
    assert found.movement.after - found.movement.before == pytest.approx(4, abs=0.7)
    assert found.movement.since_s == pytest.approx(START_S + 60 * AT, abs=600)
    (cause,) = found.likely
    assert (cause.key, cause.before, cause.after) == ("switch.pump", "off", "on")
    assert (cause.seen, cause.followed) == (7, 7)
    assert cause.chance < 1e-3
    assert cause.relation is Relation.AREA
    assert cause.until_s is None


def test_what_merely_coincides_is_not(past: Past) -> None:
    past.numbers(ROOM, warmed([(AT, AT + 200)]))
    lamp = [*runs(5, 40), *runs(9, 40), (AT - 5, AT + 200)]
    past.states("light.pump_room", spells(sorted(lamp)), name="Pump Room Light")
    past.states("binary_sensor.hall", spells([*runs(7, 5), (AT - 2, AT + 3)]), kind="motion", area="hall")
    found = asked(past)
    assert found.movement is not None
    assert found.movement.times is None or found.movement.times > 3
    assert not found.likely
    assert {"light.pump_room", "binary_sensor.hall"} <= {one.key for one in (*found.causes, *found.around)}


def test_a_lamp_that_is_switched_on_with_the_pump_is_told_apart_by_the_times_without_it(past: Past) -> None:
    times = [*runs(3), (AT - 4, AT + 200)]
    past.numbers(ROOM, warmed(times))
    past.states("switch.pump", spells(times))
    lamp = sorted([*[(on + 1, off) for on, off in times], *runs(8, 30), *runs(15, 30)])
    past.states("light.pump_room", spells(lamp))
    found = asked(past, Direction.UP)
    assert [one.key for one in found.likely] == ["switch.pump"]


def test_where_nothing_changed_it_says_so(past: Past) -> None:
    past.numbers(ROOM, warmed([(AT, AT + 200)]))
    past.states("switch.pump", spells(runs(3)))
    found = asked(past)
    assert found.movement is not None
    assert found.movement.direction is Direction.UP
    assert not found.causes


def test_a_steady_sensor_has_not_moved_and_its_usual_range_is_told(past: Past) -> None:
    past.numbers(ROOM, lambda minute: 15 + wobble(minute))
    found = asked(past)
    assert found.movement is None
    assert found.now == pytest.approx(15, abs=0.2)
    assert found.low is not None
    assert found.high is not None
    assert 14.5 < found.low <= found.high < 15.5


def test_the_other_direction_is_another_question(past: Past) -> None:
    past.numbers(ROOM, warmed([(AT - 600, AT - 30)], by=6))
    assert asked(past, Direction.DOWN).movement is not None
    down = asked(past, Direction.DOWN).movement
    assert down is not None
    assert down.after < down.before
    assert down.since_s == pytest.approx(START_S + 60 * (AT - 30), abs=900)


def test_a_number_that_jumped_before_is_a_cause_as_a_state_is(past: Past) -> None:
    times = [*runs(3), (AT - 4, AT + 200)]
    past.numbers(ROOM, warmed(times))
    on = {minute for begin, end in times for minute in range(begin, end)}
    past.numbers("sensor.pump_power", lambda minute: 700.0 if minute in on else 2.0, unit="W", kind="power")
    (cause,) = asked(past, Direction.UP).likely
    assert cause.key == "sensor.pump_power"
    assert cause.sort is Sort.NUMBER
    assert (cause.before, cause.after) == (2.0, 700.0)
    assert cause.followed >= 6


def test_many_things_that_fell_silent_at_once_are_a_power_cut(past: Past) -> None:
    past.numbers("sensor.freezer", warmed([(AT, AT + 200)], by=8, base=-20), name="Freezer", area="kitchen")
    for plug in range(4):
        past.states(f"switch.plug_{plug}", [(0, "on"), (AT - 3 + plug * 0.1, None)], area="hall")
    found = asked(past, key="sensor.freezer")
    (cause,) = found.likely
    assert cause.sort is Sort.OUTAGE
    assert cause.count == 4


def test_a_door_that_was_never_open_for_so_long_counts_by_what_people_know(past: Past) -> None:
    past.numbers("sensor.freezer", warmed([(AT, AT + 200)], by=8, base=-20), name="Freezer", area="kitchen")
    short = [(on, on + 0.5) for on, _ in [*runs(3), *runs(9)]]
    door = sorted([*short, (AT - 2, AT + 300)])
    past.states("binary_sensor.freezer_door", spells(door), name="Freezer Door", kind="door", area="kitchen")
    (cause,) = asked(past, key="sensor.freezer").likely
    assert cause.relation is Relation.OWN
    assert cause.seen == 0
    assert cause.earlier == len(short)


def test_other_sensors_of_its_kind_that_moved_too_are_told(past: Past) -> None:
    past.numbers(ROOM, warmed([(AT, AT + 200)]))
    past.numbers("sensor.hall", warmed([(AT + 2, AT + 200)]), area="hall")
    past.numbers("sensor.attic", lambda minute: 12 + wobble(minute), area="attic")
    found = asked(past)
    assert [key for key, _, _ in found.with_it] == ["sensor.hall"]


def test_a_meter_is_explained_by_the_hour(past: Past) -> None:
    times = [*runs(3), (AT, AT + 200)]
    total, meter = 0.0, {}
    for minute in range(past.minutes):
        total += 0.05 if any(on <= minute < off for on, off in times) else 0.002
        meter[minute] = total
    past.numbers("sensor.meter", meter.__getitem__, unit="kWh", kind="energy", counter=Counter.INCREASING)
    past.states("switch.pump", spells(times))
    found = asked(past, Direction.UP, "sensor.meter")
    assert found.movement is not None
    assert found.movement.after == pytest.approx(3.0, abs=0.3)
    assert [one.key for one in found.likely] == ["switch.pump"]


def test_what_is_not_yet_sorted_into_figures_counts_too(tmp_path: Path) -> None:
    past = Past(tmp_path / "history.sqlite", DAYS, NOW_MIN)
    times = [*runs(3), (AT - 4, AT + 200)]
    past.numbers(ROOM, warmed(times))
    past.states("switch.pump", spells(times))
    with past.reader() as reader:
        found = explain(reader, Places(), Inquiry(ROOM, past.now_s, direction=Direction.UP))
    past.close()
    assert [one.key for one in found.likely] == ["switch.pump"]
    assert found.likely[0].followed == 7


def test_a_silence_is_told(past: Past) -> None:
    past.numbers(ROOM, lambda minute: None if minute > AT - 400 else warmed([(AT - 500, AT)])(minute))
    found = asked(past)
    assert found.silent_s == pytest.approx(START_S + 60 * (AT - 400), abs=600)


def test_a_level_that_it_moved_to_days_ago_is_explained_by_then(past: Past) -> None:
    since = AT - 2 * DAY_MIN
    times = [(on, off) for on, off in runs(3) if off < since - 300]
    past.numbers(ROOM, warmed([*times, (since, AT + 200)]))
    past.states("switch.pump", spells([*times, (since - 4, AT + 200)]))
    found = asked(past, Direction.UP)
    assert found.movement is not None
    assert found.movement.since_s == pytest.approx(START_S + 60 * since, abs=900)
    assert found.movement.until_s - found.movement.since_s < 3 * 3600
    assert [one.key for one in found.likely] == ["switch.pump"]


def test_a_time_that_a_person_says_bounds_the_search(past: Past) -> None:
    past.numbers(ROOM, warmed([(AT - 900, AT - 800), (AT, AT + 200)]))
    past.settle()
    around = START_S + 60 * (AT - 850)
    with past.reader() as reader:
        found = explain(reader, Places(), Inquiry(ROOM, around + 3600, around - 3600))
    assert found.movement is not None
    assert found.movement.since_s == pytest.approx(START_S + 60 * (AT - 900), abs=900)


def test_a_state_and_a_stranger_are_refused(past: Past) -> None:
    past.states("switch.pump", spells(runs(3)))
    past.settle()
    with past.reader() as reader:
        with pytest.raises(SensorError, match="no numbers"):
            explain(reader, Places(), Inquiry("switch.pump", past.now_s))
        with pytest.raises(SensorError, match="nothing is remembered"):
            explain(reader, Places(), Inquiry("sensor.stranger", past.now_s))


def test_the_evidence_is_json(past: Past) -> None:
    import json

    times = [*runs(3), (AT - 4, AT + 200)]
    past.numbers(ROOM, warmed(times))
    past.states("switch.pump", spells(times))
    facts = json.loads(json.dumps(asked(past).to_json()))
    assert facts["explained"]
    assert facts["causes"][0]["followed"] == 7
    assert facts["sensor"]["id"] == ROOM
    assert facts["movement"]["direction"] == "up"


def test_with_an_hour_of_history_nothing_is_made_up(tmp_path: Path) -> None:
    past = Past(tmp_path / "history.sqlite", 0, 60)
    past.numbers(ROOM, lambda minute: 15 + minute / 10)
    past.states("light.pump_room", [(0, "off"), (5, "on")])
    past.settle()
    with past.reader() as reader:
        found = explain(reader, Places(), Inquiry(ROOM, past.now_s))
    past.close()
    assert not found.likely
    assert found.movement is None or found.movement.times is None


def test_of_several_the_one_that_moved_most_by_its_own_measure_is_explained(past: Past) -> None:
    past.numbers("sensor.steady", lambda minute: 15 + wobble(minute))
    past.numbers("sensor.daily", lambda minute: 15 + 10 * math.sin(minute / DAY_MIN * math.tau))
    past.numbers(ROOM, warmed([(AT, AT + 200)]))
    past.states("switch.pump", spells(runs(3)))
    past.settle()
    with past.reader() as reader:
        keys = ("sensor.steady", "sensor.daily", ROOM, "switch.pump", "sensor.stranger")
        found = explain_most_moved(reader, Places(), [Inquiry(key, past.now_s) for key in keys])
        assert explain_most_moved(reader, Places(), [Inquiry("sensor.stranger", past.now_s)]) is None
    assert found is not None
    assert found.sensor.key == ROOM
