"""Rooms by other words than their names."""

import pytest

from edge.devices.model import Area, Device
from edge.devices.registry import Registry
from tests.router.resolution.house import ask, call, said, targets


def _home(*areas: str, devices: tuple[tuple[str, str], ...] = ()) -> Registry:
    registry = Registry()
    for area in areas:
        registry.put_area(Area(area.lower().replace(" ", "_"), area))
        registry.put_device(
            Device(f"light.{area.lower().replace(' ', '_')}", f"{area} Light", area.lower().replace(" ", "_"))
        )
    for one, name in devices:
        registry.put_device(Device(one, name))
    return registry


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        *(("Living Room", word) for word in ("lounge", "sitting room", "front room")),
        *(("Lounge", word) for word in ("living room", "sitting-room")),
        *(("Study", word) for word in ("office", "home office")),
        *(("Cellar", word) for word in ("basement",)),
        *(("Hall", word) for word in ("hallway", "corridor")),
    ],
)
def test_a_room_is_known_by_another_word(name: str, meant: str) -> None:
    home = _home(name, "Kitchen")
    light = f"light.{name.lower().replace(' ', '_')}"
    for raw in (call("light.turn_on", target="light", place=meant), call("light.turn_on", target=f"{meant} light")):
        assert [one.targets for one in ask(raw, home=home).calls] == [(light,)]


@pytest.mark.parametrize(
    "home",
    [
        _home("Living Room", "Family Room"),
        _home("Kitchen"),
        _home("Living Room", "Small Lounge", "Big Lounge"),
        _home("Living Room", devices=(("light.old", "Lounge Bar"), ("light.new", "Lounge Shelf"))),
    ],
)
def test_what_may_be_another_room_is_not_taken_for_this_one(home: Registry) -> None:
    resolution = ask(call("light.turn_on", target="light", place="lounge"), home=home)
    assert not any("light.living_room" in one.targets for one in resolution.calls)


def test_a_rooms_own_name_goes_first() -> None:
    home = _home("Living Room", "Lounge")
    assert ask(call("light.turn_on", target="light", place="lounge"), home=home).calls[0].targets == ("light.lounge",)


def test_a_room_shares_the_noun_of_the_next() -> None:
    text = "turn the kitchen and office blinds up"
    raw = said(text, "cover.open", place="kitchen", target="office blinds")
    found = [target for one in ask(raw, text=text).calls for target in one.targets]
    assert found == ["cover.kitchen_blinds", "cover.office_left", "cover.office_right"]
    text = "turn the bedroom and bathroom light off"
    raw = said(text, "light.turn_off", place="bedroom", target="bathroom light")
    found = [target for one in ask(raw, text=text).calls for target in one.targets]
    assert found == ["light.lamp_bedroom", "light.bathroom"]


def test_only_what_bears_the_noun_is_meant_in_either_room() -> None:
    text = "the kids room and office lamps"
    found = [
        target
        for one in ask(said(text, "light.turn_on", target=["kids room", "office lamps"]), text=text).calls
        for target in one.targets
    ]
    assert found == ["light.kids_star", "light.lamp_office", "light.desk"]
    assert targets("light.turn_on", target=["dining room", "office lamps"]) == [
        "light.lamp_2",
        "light.lamp_3",
        "light.lamp_office",
        "light.desk",
    ]


def test_rooms_said_in_a_row_are_each_meant() -> None:
    assert targets("light.turn_on", target="lights", place=["bathroom living room", "kitchen"]) == [
        "light.bathroom",
        "light.living_main",
        "light.vesuvius",
        "light.kitchen_ceiling",
        "light.kitchen_counter",
    ]
    resolution = ask(call("light.turn_on", target="lights", place="bathroom sauna"))
    assert not any(one.targets for one in resolution.calls)
