"""Names and nouns that were misheard, misspelt or said with a word too many."""

import pytest

from edge.devices.model import Area, Device
from edge.devices.registry import Registry
from edge.router.model import Decision
from tests.router.resolution.house import ask, call, targets

KITCHEN = ["light.kitchen_ceiling", "light.kitchen_counter"]


def _home() -> Registry:
    home = Registry()
    for area in ("Study", "Lounge", "Attic"):
        home.put_area(Area(area.lower(), area))
    for one, name, area in (
        ("switch.brewer", "Slowcooker", "study"),
        ("switch.tree", "Canvas Arch", "lounge"),
        ("switch.router", "Office Router", "study"),
        ("light.elsa", "Elsa's Lamp", "attic"),
        ("light.hue", "Sine Wave", "lounge"),
        ("light.rain", "Ghost Ship", "lounge"),
        ("light.night", "Nightstand Left", "attic"),
        ("light.study", "Lamp", "study"),
        ("scene.leaving", "Going Out", ""),
        ("valve.water", "Gas Shutoff", "study"),
        ("lock.out", "Side Gate", "attic"),
        ("cover.out", "Skylight Sun Blind", "attic"),
    ):
        home.put_device(Device(one, name, area or None))
    return home


def _found(function: str, said: str, area: str | None = None) -> list[str]:
    return [target for one in ask(call(function, target=said), home=_home(), area=area).calls for target in one.targets]


@pytest.mark.parametrize(
    "said", ["kitchen lyte", "kitchen lytes", "kitchen lihgts", "kichen lights", "the kitchin lights"]
)
def test_a_misheard_noun_or_room_is_still_the_rooms_lights(said: str) -> None:
    assert targets("light.turn_on", target=said) == KITCHEN


@pytest.mark.parametrize(
    ("function", "said", "found"),
    [
        ("switch.turn_on", "slo cooker", "switch.brewer"),
        ("switch.turn_on", "slow coocker", "switch.brewer"),
        ("light.turn_on", "els as lamp", "light.elsa"),
        ("switch.turn_on", "cavnas arch", "switch.tree"),
        ("switch.turn_on", "canvas artch", "switch.tree"),
        ("light.turn_on", "sign wave", "light.hue"),
        ("light.turn_on", "goast ship", "light.rain"),
        ("light.turn_on", "nightsand lamp", "light.night"),
        ("light.turn_on", "arch lights", "switch.tree"),
        ("switch.turn_on", "going out thingy", "scene.leaving"),
        ("valve.close", "gas intake", "valve.water"),
        ("switch.turn_on", "slowcooker contraption", "switch.brewer"),
    ],
)
def test_a_name_is_found_though_it_was_said_wrong(function: str, said: str, found: str) -> None:
    assert _found(function, said) == [found]


@pytest.mark.parametrize(
    ("function", "said"),
    [
        ("light.turn_on", "study volcano"),
        ("light.turn_on", "office lights"),
        ("light.turn_on", "terrarium"),
        ("light.turn_on", "winter moon"),
        ("light.turn_on", "side moon"),
        ("switch.turn_on", "attic lava"),
    ],
)
def test_a_word_too_many_does_not_make_any_name_fit(function: str, said: str) -> None:
    assert _found(function, said) == []


def test_the_only_lamp_of_a_room_is_asked_about_under_a_strange_name() -> None:
    resolution = ask(call("light.turn_on", target="couch lamp"), home=_home(), area="study")
    assert (resolution.decision, resolution.candidates) == (Decision.CLARIFY, ("light.study",))
    assert _found("light.turn_on", "couch lamp", "study") == []


def test_what_is_as_like_as_another_is_asked_about() -> None:
    home = Registry()
    home.put_device(Device("light.one", "Marta Lamp"))
    home.put_device(Device("light.two", "Marla Lamp"))
    resolution = ask(call("light.turn_on", target="marna lamp"), home=home)
    assert resolution.decision is Decision.CLARIFY
    assert set(resolution.candidates) == {"light.one", "light.two"}
