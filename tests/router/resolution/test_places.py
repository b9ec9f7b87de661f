"""Where something is to be done: several places, places of the order before, words of a device and not of a place."""

from edge.devices.model import Area, Device
from edge.devices.registry import Registry
from edge.router.model import Decision
from tests.router.resolution.house import ask, call, said, targets

KITCHEN = ["light.kitchen_ceiling", "light.kitchen_counter"]
OFFICE = ["light.lamp_office", "light.desk"]


def test_each_place_is_cleaned() -> None:
    for spans in (
        {"place": ["kitchen", "hall"]},
        {"place": "kitchen and the hall"},
        {"target": ["kitchen", "hall"]},
        {"target": "kitchen, hall"},
    ):
        calls = ask(call("vacuum.clean_area", **spans)).calls
        assert [(one.arguments["area"], one.targets) for one in calls] == [
            ("Kitchen", ("vacuum.rosie",)),
            ("Hall", ("vacuum.rosie",)),
        ]


def test_a_place_that_is_not_there_is_not_cleaned_by_cleaning_everything() -> None:
    for spans in ({"target": "conservatory"}, {"place": "conservatory"}):
        resolution = ask(call("vacuum.clean_area", **spans))
        assert resolution.unresolved == ("conservatory",)
        assert not any(one.targets for one in resolution.calls)


def test_the_floor_is_what_is_cleaned_anyway() -> None:
    (one,) = ask(call("vacuum.clean_area", target="floors", place="kitchen")).calls
    assert (one.targets, one.arguments["area"]) == (("vacuum.rosie",), "Kitchen")


def test_a_place_and_another_places_lights_are_both_meant() -> None:
    assert targets("light.turn_on", place="kitchen", target="office lights") == [*KITCHEN, *OFFICE]
    assert targets("light.turn_off", place="hall", target="desk lamp") == []
    found = targets("light.turn_on", place="kitchen", target=["lights", "bedroom lamp"])
    assert found == [*KITCHEN, "light.lamp_bedroom"]
    assert targets("light.turn_on", place="upstairs", target="bathroom light") == ["light.bathroom"]


def test_there_is_the_place_of_the_order_before() -> None:
    for first in (
        call("light.turn_on", target="lights", place="kitchen"),
        call("light.turn_on", target="kitchen lights"),
    ):
        calls = ask(first, call("cover.close", target="blinds", place="there"), area="office").calls
        assert calls[-1].targets == ("cover.kitchen_blinds",)
    calls = ask(
        call("light.turn_on", target="desk lamp"), call("cover.close", target="the blinds in there"), area="kitchen"
    ).calls
    assert set(calls[-1].targets) == {"cover.office_left", "cover.office_right"}


def test_there_without_a_place_before_is_asked_for() -> None:
    resolution = ask(call("light.turn_on", target="lights", place="there"), area="office")
    assert (resolution.decision, resolution.question) == (Decision.CLARIFY, "In which room?")
    assert not any(one.targets for one in resolution.calls)
    assert ask(call("light.turn_on", place="here")).question == "In which room?"


def _home() -> Registry:
    home = Registry()
    home.put_area(Area("lounge", "Lounge", aliases=("back room",)))
    home.put_area(Area("suite", "Main Suite"))
    home.put_area(Area("porch", "Entry"))
    home.put_device(Device("light.lounge", "Reading Light", "lounge"))
    home.put_device(Device("light.back", "Back Light", "porch"))
    home.put_device(Device("lock.back", "Back Gate", "porch"))
    home.put_device(Device("valve.mains", "Water Main", "porch"))
    home.put_device(Device("light.suite", "Bed Lamp", "suite"))
    return home


def test_part_of_a_places_name_does_not_beat_a_devices_own() -> None:
    home = _home()

    def found(function: str, **spans: str) -> list[str]:
        return [target for one in ask(call(function, **spans), home=home).calls for target in one.targets]

    assert found("light.turn_on", place="back", target="light") == ["light.back"]
    assert found("lock.lock", place="back") == ["lock.back"]
    assert found("lock.lock", place="back", target="gate") == ["lock.back"]
    assert found("valve.close", place="mains") == ["valve.mains"]
    assert found("light.turn_on", place="main", target="lights") == ["light.suite"]
    assert found("light.turn_on", place="back room") == ["light.lounge"]
    assert found("light.turn_on", place="back") == ["light.lounge"]


def test_each_thing_goes_with_its_own_place() -> None:
    text = "close the curtains in the living room and the blinds in the kitchen"
    spans = {"target": ["curtains", "blinds"], "place": ["living room", "kitchen"]}
    calls = ask(said(text, "cover.close", **spans), text=text).calls
    assert [one.targets for one in calls] == [("cover.living_curtains",), ("cover.kitchen_blinds",)]


def test_what_is_named_after_a_place_may_be_elsewhere() -> None:
    text = "turn on the lights in the kitchen and vesuvius"
    calls = ask(said(text, "light.turn_on", target=["lights", "vesuvius"], place="kitchen"), text=text).calls
    assert [one.targets for one in calls] == [tuple(KITCHEN), ("light.vesuvius",)]
    text = "turn on the lamp in the bedroom and the fan"
    calls = ask(said(text, "light.turn_on", target=["lamp", "fan"], place="bedroom"), text=text).calls
    assert [one.targets for one in calls] == [("light.lamp_bedroom",), ("fan.bedroom",)]


def test_a_message_goes_to_each_place() -> None:
    calls = ask(call("assistant.broadcast", message="tea is ready", place=["kitchen", "first floor"])).calls
    assert [dict(one.arguments) for one in calls] == [
        {"message": "tea is ready", "area": "Kitchen"},
        {"message": "tea is ready", "floor": "First Floor"},
    ]


def test_one_thing_or_another_is_not_both() -> None:
    assert targets("light.turn_on", target="the desk lamp or vesuvius") == []
    assert targets("state.get", target="the desk lamp or vesuvius", state="on") == ["light.desk", "light.vesuvius"]
