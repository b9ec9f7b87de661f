from dataclasses import replace

from edge.devices.model import Area, Device, DeviceState, Floor
from edge.devices.registry import NO_AREA, Change, ChangeKind, Registry


def test_listeners_hear_of_devices_and_states_until_they_end_it() -> None:
    registry = Registry()
    heard: list[Change] = []
    end = registry.listen(heard.append)
    lamp = Device("light.lamp", "Lamp")
    registry.put_device(lamp)
    registry.put_device(lamp)
    registry.put_device(replace(lamp, name="Desk Lamp"))
    registry.set_state("light.lamp", DeviceState("on"))
    registry.remove_device("light.lamp")
    end()
    registry.put_device(lamp)
    assert [change.kind for change in heard] == [
        ChangeKind.ADDED,
        ChangeKind.CHANGED,
        ChangeKind.STATE,
        ChangeKind.REMOVED,
    ]
    assert heard[2].before.state is None
    assert heard[2].state.state == "on"


def test_the_version_grows_with_the_home_and_not_with_its_states() -> None:
    registry = Registry()
    before = registry.version
    registry.put_device(Device("light.lamp", "Lamp"))
    after = registry.version
    registry.set_state("light.lamp", DeviceState("on"))
    assert before < after == registry.version


def test_a_state_of_an_unknown_device_is_not_kept() -> None:
    registry = Registry()
    assert registry.set_state("light.ghost", DeviceState("on")) is False
    assert registry.state("light.ghost") == DeviceState()


def test_an_area_is_made_once_by_name_with_an_id_of_its_own() -> None:
    registry = Registry()
    registry.put_area(Area("living_room", "Living Room", aliases=("Lounge",)))
    assert registry.area_named("lounge").id == "living_room"
    made = registry.area_named("Kid's Room")
    assert made.id == "kids_room"
    assert registry.area_named("kids room") is made
    assert registry.area_named("客厅").id == "area"
    assert registry.area_named("кухня").id == "area_2"


def test_devices_are_found_by_kind_and_place_and_move_with_their_changes() -> None:
    registry = Registry()
    registry.put_floor(Floor("ground", "Ground Floor"))
    registry.put_area(Area("office", "Office", "ground"))
    registry.put_device(Device("cover.left", "Left Blind", "office"))
    registry.put_device(Device("cover.right", "Right", "office", device_class="blind"))
    registry.put_device(Device("switch.hall", "Hall Light", device_class="outlet"))
    registry.put_device(Device("light.led", "LED", "office", category="config"))
    assert list(registry.of_kind("cover", "blind", "office")) == ["cover.left", "cover.right"]
    assert list(registry.of_kind("switch", "light", NO_AREA)) == ["switch.hall"]
    assert list(registry.of_kind("light")) == []
    assert registry.domains("office") == ("cover",)
    assert registry.areas_of_floor("ground") == ("office",)
    registry.put_device(Device("cover.left", "Left Curtain"))
    assert list(registry.of_kind("cover", "blind")) == ["cover.right"]
    assert list(registry.of_kind("cover", "curtain", NO_AREA)) == ["cover.left"]
    registry.remove_device("cover.left")
    assert list(registry.of_kind("cover", "curtain")) == []


def test_areas_and_floors_that_go_are_not_found_any_more() -> None:
    registry = Registry()
    registry.put_floor(Floor("ground", "Ground floor"))
    registry.put_area(Area("den", "Den", "ground"))
    version = registry.version
    registry.remove_area("den")
    registry.remove_floor("ground")
    registry.remove_area("den")
    assert (dict(registry.areas), dict(registry.floors), registry.version) == ({}, {}, version + 2)
    assert not registry.area_names.exact(("den",))
    assert not registry.floor_names.exact(("ground", "floor"))


def test_nicknames_stay_with_what_they_were_given_to_until_they_are_taken_back() -> None:
    registry = Registry()
    registry.nickname("device", "switch.heater", ["Vesuvius"])
    registry.nickname("area", "lounge", ["snug"])
    registry.put_area(Area("lounge", "Lounge"))
    heater = Device("switch.heater", "Heater", aliases=("radiator",))
    registry.put_device(heater)
    assert registry.device_names.exact(("vesuvius",)) == ("switch.heater",)
    assert registry.area_names.exact(("snug",)) == ("lounge",)
    assert registry.devices["switch.heater"].aliases == ("radiator", "Vesuvius")
    registry.put_device(replace(registry.devices["switch.heater"], area="lounge"))
    registry.nickname("device", "switch.heater", ["Etna"])
    assert registry.devices["switch.heater"].aliases == ("radiator", "Etna")
    registry.nickname("device", "switch.heater", [])
    assert registry.devices["switch.heater"] == replace(heater, area="lounge")
    assert registry.device_names.exact(("etna",)) == ()
    registry.put_device(heater)
    assert registry.devices["switch.heater"] == heater


def test_a_nickname_of_a_device_that_goes_and_comes_back_is_there_again() -> None:
    registry = Registry()
    registry.put_device(Device("switch.heater", "Heater"))
    registry.nickname("device", "switch.heater", ["Vesuvius"])
    registry.remove_device("switch.heater")
    assert registry.device_names.exact(("vesuvius",)) == ()
    registry.put_device(Device("switch.heater", "Heater"))
    assert registry.device_names.exact(("vesuvius",)) == ("switch.heater",)
