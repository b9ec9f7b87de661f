"""Figures from a history: of gaps, resets, states that last, roll-ups, and what is usual."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from edge.devices.model import Device, DeviceState
from edge.devices.registry import Registry
from edge.sensors.history.choosing import Choosing
from edge.sensors.history.intake import Intake
from edge.sensors.history.model import Counter, Sensor, Sort
from edge.sensors.history.reader import Reader
from edge.sensors.history.retention import Keep
from edge.sensors.history.rollup import Zone
from edge.sensors.history.writer import Names, Writer
from edge.sensors.questions import Answer, Form, Question, Span, What
from edge.sensors.questions import Test as Check
from edge.sensors.questions.answering import answered

DAY_S = 86400.0
END_S = datetime(2026, 6, 15, 12, tzinfo=UTC).timestamp()
PROBE = Sensor("sensor.probe", Sort.NUMBER, "Probe", "°C", "temperature")
METER = Sensor("sensor.meter", Sort.NUMBER, "Meter", "kWh", "energy", counter=Counter.INCREASING)
POWER = Sensor("sensor.power", Sort.NUMBER, "Power", "W", "power")
DOOR = Sensor("binary_sensor.door", Sort.STATE, "Door", device_class="door")
OPEN = Check(frozenset({"on"}), said="open")
Say = Callable[..., None]


def history(directory: Path, script: dict[str, list[tuple[float, Any]]]) -> Path:
    """A file with what each device said so many seconds before the end (None: off line), tidied every hour."""
    file = directory / "history.sqlite"
    registry = Registry()
    registry.put_device(Device("sensor.probe", "Probe", device_class="temperature", unit="°C"))
    counts = {"state_class": "total_increasing"}
    registry.put_device(Device("sensor.meter", "Meter", device_class="energy", unit="kWh", options=counts))
    registry.put_device(Device("sensor.power", "Power", device_class="power", unit="W"))
    registry.put_device(Device("binary_sensor.door", "Door", device_class="door"))
    now = [0.0]
    intake, writer = Intake(choosing=Choosing(), wall_s=lambda: now[0]), Writer(file, Keep(), Zone(UTC))
    rows = sorted((END_S - before, device, value) for device, some in script.items() for before, value in some)
    now[0] = rows[0][0] - 1
    intake.begin(registry)
    hour = 0

    def write() -> None:
        writer.write(
            intake.take_waiting(), Names(tuple(intake.sensors), intake.changed, tuple(intake.states)), {},
            int(now[0] * 1000),
        )  # fmt: skip
        intake.changed = {}
        writer.tidy_where_due(int(now[0] * 1000))

    for count, (at_s, device, value) in enumerate(rows):
        if at_s // 3600 != hour:
            hour = at_s // 3600
            write()
        now[0] = at_s
        said = None if value is None else str(value)
        registry.set_state(device, DeviceState(said, {}, value is not None, reported_s=count + 1.0))
    now[0] = END_S
    write()
    writer.close()
    return file


def ask(file: Path, question: Question, unit: str = "°C") -> Answer:
    with Reader(file, Zone(UTC), wall_s=lambda: END_S) as reader:
        return answered(question, reader, END_S, unit)


def of(what: What, sensor: Sensor, hours: float, **more: Any) -> Question:
    """A question about the last hours."""
    return Question(what, (sensor,), (Span(END_S - hours * 3600, END_S, "lately"),), **more)


def test_an_average_is_weighted_by_time(tmp_path: Path) -> None:
    file = history(tmp_path, {"sensor.probe": [(7200, 10.0), (3600, 20.0), (1800, 20.0), (600, 20.0)]})
    (figure,) = ask(file, of(What.AVERAGE, PROBE, 2)).figures
    assert figure.mean == pytest.approx(15.0)


def test_a_reading_holds_for_a_while_and_not_for_ever(tmp_path: Path) -> None:
    readings = [(12 * 3600 - step * 600, 20.0) for step in range(12)]
    file = history(tmp_path, {"sensor.probe": [*readings, (600, 20.0)]})
    (figure,) = ask(file, of(What.AVERAGE, PROBE, 12)).figures
    (gap,) = figure.gaps
    assert gap.since_s == END_S - 12 * 3600 + 110 * 60 + 3600
    assert gap.until_s == END_S - 600


def test_what_is_off_line_is_a_gap(tmp_path: Path) -> None:
    file = history(tmp_path, {"sensor.probe": [(7200 * 2, 20.0), (7200, None), (600, 21.0)]})
    (figure,) = ask(file, of(What.AVERAGE, PROBE, 4)).figures
    assert figure.gaps[0].until_s - figure.gaps[0].since_s > 6000


def test_a_counter_that_begins_anew_loses_nothing(tmp_path: Path) -> None:
    file = history(tmp_path, {"sensor.meter": [(7200, 100.0), (5400, 101.5), (3600, 0.5), (1800, 1.25)]})
    (figure,) = ask(file, of(What.TOTAL, METER, 2)).figures
    assert figure.value == pytest.approx(1.5 + 0.5 + 0.75)


def test_power_comes_to_energy(tmp_path: Path) -> None:
    file = history(tmp_path, {"sensor.power": [(3600 - minute * 60, 1000.0) for minute in range(60)]})
    (figure,) = ask(file, of(What.TOTAL, POWER, 1)).figures
    assert (figure.value, figure.unit) == (pytest.approx(1.0), "kWh")


def test_time_in_a_state_is_cut_at_the_ends(tmp_path: Path) -> None:
    file = history(tmp_path, {"binary_sensor.door": [(7200, "off"), (4000, "on"), (3000, "off"), (600, "on")]})
    (figure,) = ask(file, of(What.DURATION, DOOR, 1, test=OPEN)).figures
    assert figure.seconds == pytest.approx(600 + 600)


def test_what_was_open_before_was_not_opened(tmp_path: Path) -> None:
    file = history(tmp_path, {"binary_sensor.door": [(7200, "off"), (4000, "on"), (3000, "off"), (600, "on")]})
    (figure,) = ask(file, of(What.COUNT, DOOR, 1, test=OPEN)).figures
    assert figure.times == 1


def test_what_was_not_known_in_between_is_no_opening(tmp_path: Path) -> None:
    file = history(
        tmp_path, {"binary_sensor.door": [(7200, "off"), (3600, "on"), (1800, None), (1700, "on"), (900, "off")]}
    )
    (figure,) = ask(file, of(What.COUNT, DOOR, 3, test=OPEN)).figures
    assert figure.times == 1


def test_a_spell_that_lasts_is_told_since_when(tmp_path: Path) -> None:
    file = history(tmp_path, {"binary_sensor.door": [(7200, "off"), (600, "on")]})
    now = Span(END_S, END_S, "now", given=False)
    (figure,) = ask(file, Question(What.LASTING, (DOOR,), (now,), test=OPEN)).figures
    assert figure.holds
    assert figure.seconds == pytest.approx(600)


def test_crossings_are_found_in_readings_and_in_what_is_left_of_old_ones(tmp_path: Path) -> None:
    script = [(20 * DAY_S - step * 600, 30.0 if step == 500 else 20.0) for step in range(20 * 144)]
    file = history(tmp_path, {"sensor.probe": script})
    hot = Check(above=25.0, said="above 25 degrees")
    (figure,) = ask(file, of(What.COUNT, PROBE, 20 * 24, test=hot)).figures
    assert figure.times == 1
    never = Span(END_S, END_S, "now", given=False)
    (when,) = ask(file, Question(What.WHEN, (PROBE,), (never,), test=hot)).figures
    assert when.about
    assert when.at_s == pytest.approx(END_S - 20 * DAY_S + 500 * 600, abs=300)


def test_a_temperature_is_told_in_the_homes_unit(tmp_path: Path) -> None:
    file = history(tmp_path, {"sensor.probe": [(3600, 10.0), (1800, 20.0)]})
    (figure,) = ask(file, of(What.HIGHEST, PROBE, 2), "°F").figures
    assert (figure.value, figure.unit) == (68.0, "°F")


def test_before_the_record_began_nothing_is_known(tmp_path: Path) -> None:
    file = history(tmp_path, {"sensor.probe": [(3600, 10.0), (1800, 20.0)]})
    early = Span(END_S - 10 * DAY_S, END_S - 9 * DAY_S, "ten days ago")
    (figure,) = ask(file, Question(What.LOWEST, (PROBE,), (early,))).figures
    assert figure.empty
    assert figure.begins_s == pytest.approx(END_S - 3600, abs=3600)


def test_what_nobody_has_heard_of_is_an_empty_figure(tmp_path: Path) -> None:
    file = history(tmp_path, {"sensor.probe": [(3600, 10.0)]})
    unknown = Sensor("sensor.nowhere", Sort.NUMBER, unit="°C")
    (figure,) = ask(file, of(What.LOWEST, unknown, 2)).figures
    assert figure.empty


def test_the_usual_is_that_of_this_hour(tmp_path: Path) -> None:
    script = [
        (14 * DAY_S - step * 1800, 30.0 if 10 <= (step * 0.5 + 12) % 24 < 14 else 15.0) for step in range(14 * 48)
    ]
    file = history(tmp_path, {"sensor.probe": script})
    now = Span(END_S, END_S, "now", given=False)
    (figure,) = ask(file, Question(What.NORMAL, (PROBE,), (now,))).figures
    assert figure.holds
    assert figure.normal is not None
    assert figure.normal[0] > 20


def test_the_unusual_is_told(tmp_path: Path) -> None:
    script = [(14 * DAY_S - step * 1800, 20.0 + step % 3 / 10) for step in range(14 * 48)]
    file = history(tmp_path, {"sensor.probe": [*script, (60, 29.0)]})
    now = Span(END_S, END_S, "now", given=False)
    (figure,) = ask(file, Question(What.NORMAL, (PROBE,), (now,))).figures
    assert figure.holds is False


def test_too_little_is_no_measure_of_what_is_usual(tmp_path: Path) -> None:
    file = history(tmp_path, {"sensor.probe": [(3600, 20.0), (60, 21.0)]})
    now = Span(END_S, END_S, "now", given=False)
    (figure,) = ask(file, Question(What.NORMAL, (PROBE,), (now,))).figures
    assert figure.holds is None


@pytest.mark.parametrize(("step", "rises"), [(0.02, True), (0.0, False)])
def test_a_trend_is_more_than_noise(tmp_path: Path, step: float, rises: bool) -> None:
    script = [(3 * 3600 - minute * 60, round(20 + minute * step + minute % 2 / 10, 2)) for minute in range(180)]
    file = history(tmp_path, {"sensor.probe": script})
    (figure,) = ask(file, of(What.TREND, PROBE, 3)).figures
    assert figure.holds is rises


def test_the_day_with_the_most_is_chosen(tmp_path: Path) -> None:
    script = [(5 * DAY_S - step * 3600, 30.0 if 50 <= step < 52 else 20.0) for step in range(5 * 24)]
    file = history(tmp_path, {"sensor.probe": script})
    answer = ask(file, of(What.HIGHEST, PROBE, 5 * 24, form=Form.WHICH_DAY, direction="high"))
    assert answer.best is not None
    chosen = answer.figures[answer.best].span
    assert chosen.start_s <= END_S - 5 * DAY_S + 50 * 3600 < chosen.end_s


def test_two_sensors_are_compared_in_one_unit(tmp_path: Path) -> None:
    script = {"sensor.probe": [(3600.0 - minute * 60, 20.0) for minute in range(60)]}
    file = history(tmp_path, script)
    answer = ask(file, Question(What.AVERAGE, (PROBE, PROBE), (Span(END_S - 3600, END_S, "x"),), Form.COMPARE), "°F")
    assert {one.unit for one in answer.figures} == {"°F"}
