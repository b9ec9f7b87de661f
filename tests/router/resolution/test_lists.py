"""Which list is meant, however it is called."""

import pytest

from edge.devices.model import Device
from edge.devices.registry import Registry
from tests.router.resolution.house import ask, call


def _home() -> Registry:
    home = Registry()
    names = ["Shopping List", "Packing", "Bea's List", "House Chores", "To Do", "Garden Chores", "Films to watch"]
    for name in names:
        home.put_device(Device(f"todo.{name.split()[0].lower().strip(chr(39))}", name))
    return home


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("pack", "Packing"),
        ("packing list", "Packing"),
        ("the paking list", "Packing"),
        ("Bea's", "Bea's List"),
        ("Bea's list", "Bea's List"),
        ("my todo list", "To Do"),
        ("house chore", "House Chores"),
        ("films", "Films to watch"),
        ("film watch list", "Films to watch"),
        ("shoping", "Shopping List"),
        ("my list", "Shopping List"),
        ("garden chors", "Garden Chores"),
    ],
)
def test_a_list_is_found_however_it_is_said(said: str, name: str) -> None:
    (one,) = ask(call("todo.add_item", item="rope", list=said), home=_home()).calls
    assert one.arguments["name"] == name
    assert one.targets


@pytest.mark.parametrize("said", ["hardware store", "Ben's list", "birthday"])
def test_a_list_that_nobody_has_yet_keeps_its_name(said: str) -> None:
    (one,) = ask(call("todo.add_item", item="rope", list=said), home=_home()).calls
    assert (one.arguments["name"], one.targets) == (said, ())


def test_two_lists_of_one_name_are_asked_about() -> None:
    resolution = ask(call("todo.add_item", item="rope", list="chores"), home=_home())
    assert resolution.question == "Which one: House Chores or Garden Chores?"
    assert not resolution.calls[0].targets
