"""How the state of several devices is asked for."""

import pytest

from edge.router.model import Call
from edge.router.resolution.manner import mannered

LIGHTS = ("light.sink", "light.table")


def lights_on(**more: str) -> Call:
    return Call("state.get", {"state": "on", **more}, LIGHTS)


@pytest.mark.parametrize(
    ("text", "manner"),
    [
        ("Which lights are on?", "which"),
        ("tell me what's on in the kitchen", "which"),
        ("did I leave the lights on", "any"),
        ("is there a light on", "any"),
        ("are all the lights on", "all"),
        ("is everything on", "all"),
    ],
)
def test_the_manner_is_read_from_the_words(text: str, manner: str) -> None:
    assert mannered([lights_on()], text) == (lights_on(aggregate=manner),)


@pytest.mark.parametrize(
    "call",
    [
        lights_on(aggregate="count"),
        lights_on(start="2026-01-01T00:00:00"),
        Call("state.get", {"state": "on"}, LIGHTS[:1]),
        Call("state.get", {}, LIGHTS),
        Call("light.turn_on", {"state": "on"}, LIGHTS),
    ],
)
def test_what_says_it_already_or_needs_none_stays(call: Call) -> None:
    assert mannered([call], "which lights are on") == (call,)


def test_two_questions_in_two_manners_stay() -> None:
    doors = Call("state.get", {"state": "open"}, ("binary_sensor.front", "binary_sensor.back"))
    assert mannered([lights_on(), doors], "which lights are on and is any door open") == (lights_on(), doors)
    assert mannered([lights_on(), doors], "are the lights on and the doors open") == (lights_on(), doors)


def test_heating_that_is_on_anywhere_is_on() -> None:
    heating = Call("state.get", {"state": "on"}, ("climate.loft", "climate.den"))
    (one,) = mannered([heating], "is the heating on")
    assert one.arguments["aggregate"] == "any"
    off = Call("state.get", {"state": "off"}, ("climate.loft", "climate.den"))
    assert mannered([off], "is the heating off") == (off,)
