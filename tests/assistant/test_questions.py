"""Questions are answered from what is known now, and not beyond it."""

from typing import Any

import pytest

from edge.assistant.questions import ANSWERED, answer
from edge.devices import Device, DeviceState, Registry
from edge.router.model import Call
from edge.router.vocabulary import load_vocabulary
from tests.assistant.fakes import house
from tests.schedule.fakes import FakeClock

WINDOWS = ("binary_sensor.win_a", "binary_sensor.win_b", "binary_sensor.win_c")


def ask(function: str, targets: tuple[str, ...] = (), registry: Registry | None = None, **arguments: Any) -> str:
    return answer(Call(function, arguments, targets), registry or house(), FakeClock())


def test_every_question_of_the_vocabulary_is_answered_by_somebody() -> None:
    kept = {"timer.status", "alarm.status", "reminder.status", "todo.get_items"}
    assert {one.name for one in load_vocabulary().functions.values() if one.kind == "query"} == ANSWERED | kept


@pytest.mark.parametrize(
    ("targets", "arguments", "expected"),
    [
        (("lock.front",), {"state": "locked"}, "Yes, the front door is locked."),
        (("lock.front",), {"state": "unlocked"}, "No, the front door is locked."),
        (("lock.front",), {"state": "open"}, "No, the front door is locked."),
        (("light.hall",), {}, "The hall light is on, at 50 percent."),
        (("climate.office",), {}, "The office thermostat is heating and set to 20 degrees."),
        (("cover.blinds",), {"state": "open"}, "Yes, the bedroom blinds are open."),
        (WINDOWS, {"state": "closed", "aggregate": "all"},
         "No, two windows are open: the office window and the bedroom window."),
        (WINDOWS, {"state": "closed"}, "No, two windows are open: the office window and the bedroom window."),
        (WINDOWS, {"state": "open", "aggregate": "any"}, "Yes, the office window and the bedroom window are open."),
        (WINDOWS, {"state": "open", "aggregate": "which"}, "The office window and the bedroom window are open."),
        (WINDOWS, {"state": "open", "aggregate": "count"}, "Two windows are open."),
        (("light.sink", "light.table"), {"state": "on", "aggregate": "any"}, "No, no light in the kitchen is on."),
        (("light.sink", "light.table"), {"state": "off"}, "Yes, both lights in the kitchen are off."),
        (("light.sink",), {"start": "2025-03-13T00:00:00"},
         "I don't keep a history yet, so I only know how things are now."),
        ((), {"state": "on"}, "I found nothing of that kind here."),
    ],
)  # fmt: skip
def test_states_are_told(targets: tuple[str, ...], arguments: dict[str, str], expected: str) -> None:
    assert ask("state.get", targets, **arguments) == expected


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ((47, 9, 80, 18), "The B battery is at 9 percent and the D battery is at 18 percent."),
        ((47, 39, 80), "None is low: the B battery is at 39 percent, and the others are above that."),
    ],
)
def test_batteries_that_are_low_are_told_apart_from_the_others(levels: tuple[int, ...], expected: str) -> None:
    registry = Registry()
    for name, level in zip("abcd", levels, strict=False):
        device = Device(f"sensor.{name}", f"{name.upper()} battery", device_class="battery", unit="%")
        registry.put_device(device)
        registry.set_state(device.id, DeviceState(str(level)))
    targets = tuple(registry.devices)
    assert ask("sensor.query", targets, registry, measure="battery", aggregate="minimum") == expected


def test_what_has_not_reported_is_not_guessed_at() -> None:
    registry = house()
    registry.set_state("lock.front", DeviceState())
    assert ask("state.get", ("lock.front",), registry, state="locked") == (
        "I don't know: the front door has not reported yet."
    )
    registry.set_state("lock.front", DeviceState("locked", available=False))
    assert ask("state.get", ("lock.front",), registry) == "The front door is off line."


@pytest.mark.parametrize(
    ("function", "targets", "arguments", "expected"),
    [
        ("climate.get_temperature", ("sensor.bedroom_temp",), {}, "It is 21.4 degrees in the bedroom."),
        ("sensor.query", ("sensor.bedroom_temp",), {"measure": "temperature"}, "It is 21.4 degrees in the bedroom."),
        ("sensor.query", ("sensor.freezer",), {"measure": "temperature"},
         "The freezer probe is at minus 18.3 degrees."),
        ("sensor.query", ("sensor.bedroom_temp", "sensor.freezer"), {"aggregate": "average"},
         "1.6 degrees on average."),
        ("sensor.query", ("sensor.bedroom_temp", "sensor.freezer"), {"aggregate": "minimum"},
         "Minus 18.3 degrees at the freezer probe."),
        ("sensor.query", ("sensor.broken",), {}, "The attic sensor has not reported yet."),
        ("sensor.query", (), {"measure": "humidity"}, "I found no sensor for the humidity here."),
        ("weather.get", (), {}, "I know no weather: no weather device has been found, and I look nothing up."),
        ("time.get", (), {}, "It is 18:30."),
        ("date.get", (), {}, "Today is Friday the 14th of March 2025."),
        ("date.get", (), {"start": "2025-03-15T00:00:00"}, "Tomorrow is Saturday the 15th of March 2025."),
    ],
)  # fmt: skip
def test_measured_values_and_times_are_told(
    function: str, targets: tuple[str, ...], arguments: dict[str, str], expected: str
) -> None:
    registry = house()
    registry.put_device(Device("sensor.freezer", "Freezer Probe", "kitchen", device_class="temperature", unit="°C"))
    registry.set_state("sensor.freezer", DeviceState("-18.3"))
    registry.put_device(Device("sensor.broken", "Attic Sensor", None, device_class="temperature", unit="°C"))
    assert ask(function, targets, registry, **arguments) == expected


def test_a_clock_that_nobody_set_is_told_with_doubt() -> None:
    said = answer(Call("time.get"), house(), FakeClock(trusted=False))
    assert said == "It is 18:30, if my clock is right: nothing has set it since I started."


def test_the_weather_is_that_of_the_home_s_device() -> None:
    registry = house()
    registry.put_device(Device("weather.home", "Home"))
    registry.set_state("weather.home", DeviceState("partlycloudy", {"temperature": 8.5, "wind_speed": 12}))
    assert ask("weather.get", (), registry) == (
        "It is partly cloudy, with 8.5 degrees and a wind of 12 kilometres an hour."
    )


@pytest.mark.parametrize("rubbish", ["nan", "inf", "soon", "", "unavailable"])
def test_rubbish_from_a_sensor_is_not_read_out_as_a_number(rubbish: str) -> None:
    registry = house()
    registry.set_state("sensor.bedroom_temp", DeviceState(rubbish))
    said = ask("sensor.query", ("sensor.bedroom_temp",), registry, measure="temperature")
    assert "degrees" not in said
