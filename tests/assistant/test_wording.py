"""Replies are short, natural and true: read off the states that came back."""

from dataclasses import replace
from typing import Any

import pytest

from edge.assistant.model import Performed
from edge.assistant.naming import device_name, in_area, with_article
from edge.assistant.phrases import counted, joined, measured, moment, number, sentence
from edge.assistant.wording import instruction, report
from edge.devices import Area, Device, DeviceState, Outcome, ServiceCall
from edge.router.model import Call
from edge.schedule.words import adjective, span
from tests.assistant.fakes import house
from tests.schedule.fakes import START


def done(
    device: str, service: str, state: str | None = None, outcome: Outcome = Outcome.DONE, /, **more: Any
) -> Performed:
    """One performed call; `data` is what was asked, the rest are attributes of the state that came back."""
    data = more.pop("data", {})
    return Performed(ServiceCall(device, service, data), outcome, DeviceState(), DeviceState(state, more))


@pytest.mark.parametrize(
    ("performed", "expected"),
    [
        ([done("light.bedroom_lamp", "turn_on", "on", data={"brightness_pct": 20}, brightness=51)],
         "The bedroom lamp is at 20 percent."),
        ([done("light.bedroom_lamp", "turn_on", "on", data={"brightness_pct": 20}, brightness=77)],
         "The bedroom lamp is at 30 percent."),
        ([done("light.hall", "turn_on", "on", data={"color_name": "blue"})], "The hall light is blue."),
        ([done("light.hall", "turn_on", "on", data={"color_temp_kelvin": 2700}, color_temp_kelvin=2702)],
         "The hall light is at 2702 kelvin."),
        ([done("lock.front", "lock", "locked", Outcome.ALREADY)], "The front door was already locked."),
        ([done("light.sink", "turn_off", "off", Outcome.UNANSWERED)], "The sink light did not answer."),
        ([done("fan.office", "turn_on", None, Outcome.SENT)], "I've told the office fan to turn on."),
        ([done("fan.office", "set_percentage", None, Outcome.UNSUPPORTED, data={"percentage": 30})],
         "The office fan can't go to 30 percent."),
        ([done("cover.blinds", "set_cover_position", "closing", data={"position": 30}, current_position=90)],
         "The bedroom blinds are moving to 30 percent."),
        ([done("cover.garage", "open_cover", "opening")], "The garage door is opening."),
        ([done("climate.office", "set_temperature", "heat", data={"temperature": 21.5}, temperature=21.5)],
         "The office thermostat is set to 21.5 degrees."),
        ([done("climate.office", "set_temperature", "off", data={"temperature": 21}, temperature=21)],
         "The office thermostat is set to 21 degrees, but off."),
        ([done("light.counter", "turn_off", "off"), done("light.sink", "turn_off", "off")],
         "The counter light and the sink light are off."),
        ([done(f"light.{one}", "turn_off", "off") for one in ("counter", "sink", "table", "kitchen_main")],
         "Four lights in the kitchen are off."),
        ([done("light.counter", "turn_on", "on"), done("light.sink", "turn_on", "on", Outcome.ALREADY),
          done("lock.front", "lock", None, Outcome.UNANSWERED)],
         "The counter light is on and the sink light was already on. The front door did not answer."),
    ],
)  # fmt: skip
def test_what_happened_is_told(performed: list[Performed], expected: str) -> None:
    assert report(performed, house()) == expected


def test_a_light_that_can_only_be_switched_says_so() -> None:
    registry = house()
    plain = replace(registry.devices["light.hall"], options={"supported_color_modes": ("onoff",)})
    registry.put_device(plain)
    asked = done("light.hall", "turn_on", "on", data={"brightness_pct": 20})
    assert report([asked], registry) == "The hall light is on, but can't be dimmed."
    asked = done("light.hall", "turn_on", "on", data={"color_name": "red"})
    assert report([asked], registry) == "The hall light is on, but can't change colour."


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Bedroom Lamp", "the bedroom lamp"),
        ("TV", "the TV"),
        ("Vesuvius", "Vesuvius"),
        ("Alice's Lamp", "Alice's lamp"),
        ("My Desk Lamp", "my desk lamp"),
        ("Hue Go", "the Hue Go"),
        ("kitchen light", "the kitchen light"),
    ],
)
def test_names_fit_a_sentence(name: str, expected: str) -> None:
    assert with_article(name) == expected


def test_a_name_that_two_devices_have_is_told_with_its_place() -> None:
    registry = house()
    assert device_name(registry.devices["light.office_lamp"], registry) == "the lamp in the office"
    assert device_name(registry.devices["light.bedroom_lamp"], registry) == "the bedroom lamp"


def test_places_have_their_prepositions() -> None:
    names = ("Kitchen", "Porch", "Upstairs", "Ground Floor", "Home")
    assert [in_area(Area(name, name)) for name in names] == [
        "in the kitchen",
        "on the porch",
        "upstairs",
        "on the ground floor",
        "at home",
    ]


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (Call("lock.unlock", {}, ("lock.front",)), "unlock the front door"),
        (Call("light.set", {"brightness": 20}, ("light.hall",)), "set the hall light to 20 percent"),
        (Call("light.turn_off", {}, ("light.hall", "light.sink")), "turn off the hall light and the sink light"),
        (Call("climate.set_temperature", {"temperature": 21.5}, ("climate.office",)),
         "set the office thermostat to 21.5 degrees"),
        (Call("alarm_control_panel.arm", {"mode": "night", "name": "the alarm"}), "arm the alarm to night"),
    ],
)  # fmt: skip
def test_calls_are_said_as_orders(call: Call, expected: str) -> None:
    assert instruction(call, house()) == expected


def test_numbers_units_and_times_are_said_as_people_say_them() -> None:
    assert [number(value) for value in (21.0, 21.44, -3.25, 0.04, -0.01)] == ["21", "21.4", "minus 3.2", "0", "0"]
    assert measured(21.44, "°C") == "21.4 degrees"
    assert measured(1, "°C") == "1 degree"
    assert measured(0.123, "kWh") == "0.12 kilowatt hours"
    assert measured(5, "sheep") == "5 sheep"
    assert [counted(n, "window", "windows") for n in (0, 1, 2, 30)] == [
        "no windows", "one window", "two windows", "30 windows",
    ]  # fmt: skip
    assert joined(["a", "b", "c"], "or") == "a, b or c"
    assert sentence(" what is it? ") == "What is it?"
    assert [span(seconds) for seconds in (0, 1, 90, 3900, 90061)] == [
        "0 seconds", "1 second", "1 minute and 30 seconds", "1 hour and 5 minutes", "1 day and 1 hour",
    ]  # fmt: skip
    assert adjective(5400) == "1 hour 30 minute"
    assert moment(START.replace(day=15), START) == "tomorrow at 18:30"
    assert moment(START.replace(month=12), START) == "on Sunday the 14th of December at 18:30"


def test_a_device_that_is_gone_is_not_told_of() -> None:
    assert report([done("light.gone", "turn_on", "on")], house()) == ""


def test_a_plural_name_has_a_plural_verb() -> None:
    registry = house()
    registry.put_device(Device("light.spots", "Kitchen Spots", "kitchen"))
    assert report([done("light.spots", "turn_on", "on")], registry) == "The kitchen spots are on."
