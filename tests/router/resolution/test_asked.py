"""What questions are after that no slot holds: who is there, what is set, what plays, how long it still takes."""

from collections.abc import Mapping

import pytest

from edge.devices.model import Area, Device, DeviceState
from edge.devices.registry import Registry
from edge.router.model import Call
from tests.router.resolution.house import ask, said


def _home() -> Registry:
    home = Registry()
    for area in ("Porch", "Attic", "Scullery"):
        home.put_area(Area(area.lower(), area))
    home.put_device(Device("binary_sensor.porch", "Porch Eye", "porch", device_class="motion"))
    home.put_device(Device("binary_sensor.porch_leak", "Porch Leak", "porch", device_class="moisture"))
    home.put_device(Device("climate.attic", "Attic Thermostat", "attic"))
    home.put_device(Device("sensor.attic", "Attic Temperature", "attic", device_class="temperature"))
    home.put_device(Device("media_player.attic", "Gramophone", "attic"))
    home.set_state("media_player.attic", DeviceState("playing"))
    home.put_device(Device("sensor.drum", "Tumble Dryer Time Remaining", "scullery", device_class="duration"))
    home.put_device(Device("switch.feeder", "Fish Feeder", "scullery"))
    for name, area in (("Porch Eye", "porch"), ("Attic Thermostat", "attic")):
        one = f"sensor.{area}_battery"
        home.put_device(Device(one, f"{name} Battery", area, device_class="battery", category="diagnostic"))
    return home


def _asked(text: str, function: str, **spans: str | list[str]) -> Call:
    (one,) = ask(said(text, function, **spans), home=_home(), text=text).calls
    return one


@pytest.mark.parametrize("text", ["is anybody on the porch", "was there someone on the porch"])
def test_who_is_there_is_asked_of_what_sees_them(text: str) -> None:
    one = _asked(text, "state.get", place="porch")
    assert (one.targets, one.arguments["state"]) == (("binary_sensor.porch",), "detected")


def test_where_nothing_sees_anybody_nothing_is_made_up() -> None:
    one = _asked("is anybody in the attic", "state.get", place="attic")
    assert (one.targets, one.arguments) == ((), {"area": "Attic"})


@pytest.mark.parametrize(
    ("text", "function", "targets"),
    [
        ("what is the attic thermostat set to", "state.get", ("climate.attic",)),
        ("what is the attic thermostat at", "climate.get_temperature", ("climate.attic",)),
    ],
)
def test_what_is_set_is_not_what_is_measured(text: str, function: str, targets: tuple[str, ...]) -> None:
    one = _asked(text, "climate.get_temperature", target="attic thermostat")
    assert (one.function, one.targets, one.ha_intent) == (function, targets, "HassClimateGetTemperature")


def test_what_is_set_in_a_place_is_the_thermostats() -> None:
    one = _asked("what is the heating set to in the attic", "climate.get_temperature", place="attic")
    assert (one.function, one.targets) == ("state.get", ("climate.attic",))


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("what's playing in the attic", {"area": "Attic", "domain": "media_player"}),
        ("is anything playing in the attic", {"area": "Attic", "domain": "media_player", "state": "playing"}),
    ],
)
def test_what_plays_is_no_question_of_yes_or_no(text: str, arguments: Mapping[str, str]) -> None:
    one = _asked(text, "state.get", state="playing", place="attic")
    assert one.targets == ("media_player.attic",)
    assert {key: one.arguments.get(key) for key in ("area", "state")} == {
        key: arguments.get(key) for key in ("area", "state")
    }


@pytest.mark.parametrize(
    ("text", "label", "function"),
    [
        ("how long is left on the dryer", "dryer", "sensor.query"),
        ("how long is left on the drying", "drying", "timer.status"),
        ("how long is left on the dryer timer", "dryer", "timer.status"),
        ("how long is left on the pizza", "pizza", "timer.status"),
    ],
)
def test_how_long_a_machine_takes_its_sensor_tells(text: str, label: str, function: str) -> None:
    one = _asked(text, "timer.status", label=label)
    assert one.function == function
    assert one.targets == (("sensor.drum",) if function == "sensor.query" else ())


def test_how_full_batteries_are_is_told_by_what_no_other_question_is_about() -> None:
    one = _asked("which batteries are low", "sensor.query", measure="batteries", aggregate="low")
    assert one.targets == ("sensor.porch_battery", "sensor.attic_battery")
    one = _asked("the battery of the porch eye", "sensor.query", measure="battery", target="porch eye")
    assert one.targets == ("sensor.porch_battery",)


def test_a_state_that_nothing_has_is_not_asked_for() -> None:
    one = _asked("are the fish fed by the fish feeder", "state.get", target="fish feeder", state="fed")
    assert (one.targets, one.arguments) == (("switch.feeder",), {"name": "Fish Feeder"})


@pytest.mark.parametrize(
    ("text", "state"), [("did I lock the feeder", "locked"), ("did I unbolt the feeder", "unlocked")]
)
def test_what_somebody_did_is_the_state_that_it_leaves(text: str, state: str) -> None:
    verb = text.split()[2]
    one = _asked(text, "state.get", state=verb, target="feeder")
    assert one.arguments["state"] == state


def test_of_two_states_the_one_that_is_none_falls_away() -> None:
    text = "did I switch the feeder off"
    one = _asked(text, "state.get", state=["switch", "off"], target="feeder")
    assert one.arguments["state"] == "off"
