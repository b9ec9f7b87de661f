"""What "except …" leaves alone."""

import pytest

from edge.devices.model import Area, Device
from edge.devices.registry import Registry
from tests.router.resolution.house import ask, call, targets


def _all() -> set[str]:
    return set(targets("light.turn_off", target="all the lights"))


@pytest.mark.parametrize(
    ("said", "left_out"),
    [
        ("the desk lamp and the star", {"light.desk", "light.kids_star"}),
        (
            "vesuvius, the star and the kitchen",
            {"light.vesuvius", "light.kids_star", "light.kitchen_ceiling", "light.kitchen_counter"},
        ),
        ("the spots or the string lights", {"light.spot_1", "light.spot_2", "light.patio_string"}),
        ("the ones in the kitchen", {"light.kitchen_ceiling", "light.kitchen_counter"}),
        ("bathroom and bedroom lights", {"light.bathroom", "light.lamp_bedroom"}),
    ],
)
def test_all_that_is_excepted_is_left_alone(said: str, left_out: set[str]) -> None:
    assert set(targets("light.turn_off", target="all the lights", except_=said)) == _all() - left_out


@pytest.mark.parametrize("said", ["the chandelier room", "the terrarium", "the desk lamp and the terrarium"])
def test_an_exception_that_names_nothing_moves_nothing(said: str) -> None:
    resolution = ask(call("light.turn_off", target="all the lights", except_=said))
    assert [one.targets for one in resolution.calls] == [()]
    assert resolution.unresolved
    assert resolution.unresolved[0] in said


def test_an_exception_elsewhere_changes_nothing() -> None:
    found = targets("light.turn_off", target="lights", place="kitchen", except_="the desk lamp")
    assert found == targets("light.turn_off", target="lights", place="kitchen")


def test_several_exceptions_are_all_kept() -> None:
    (one,) = [
        one
        for one in ask(call("light.turn_off", target="all the lights", except_=["vesuvius", "the star"])).calls
        if one.function == "light.turn_off"
    ]
    assert one.arguments["except"] == "vesuvius and the star"
    assert not {"light.vesuvius", "light.kids_star"} & set(one.targets)


def test_a_noun_said_once_is_of_both_owners_and_a_name_may_join_two() -> None:
    home = Registry()
    home.put_area(Area("loft", "Loft"))
    for number, name in enumerate(["Ida's Lamp", "Ole's Lamp", "Salt and Pepper", "Ceiling"]):
        home.put_device(Device(f"light.l{number}", name, "loft"))
    for said, left in (
        ("Ida and Ole's lamp", ("light.l2", "light.l3")),
        ("Salt and Pepper", ("light.l0", "light.l1", "light.l3")),
        ("Salt and Pepper and Ole's lamp", ("light.l0", "light.l3")),
    ):
        (one,) = ask(call("light.turn_off", target="all the lights", except_=said), home=home).calls
        assert one.targets == left


@pytest.mark.parametrize("said", ["the kitchen and", "kitchen,", "kitchen or ", "the kitchen one", "kitchen ones"])
def test_what_is_copied_with_an_exception_is_no_part_of_it(said: str) -> None:
    spared = {"light.kitchen_ceiling", "light.kitchen_counter"}
    assert set(targets("light.turn_off", target="all the lights", except_=said)) == _all() - spared


def test_all_but_one_of_a_sort_is_all_of_that_sort() -> None:
    blinds = {"cover.kitchen_blinds", "cover.office_left", "cover.office_right"}
    assert set(targets("cover.close", target="all", except_="the kitchen blinds")) == blinds - {"cover.kitchen_blinds"}
    everything = targets("light.turn_off", target="everything", except_="the desk lamp")
    assert "fan.bathroom" in everything
    assert "light.desk" not in everything
