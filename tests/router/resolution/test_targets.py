"""Which devices a phrase stands for."""

import pytest

from edge.devices.model import Area, Device
from edge.devices.registry import Registry
from edge.router.model import Decision
from tests.router.resolution.house import ask, call, targets

KITCHEN = ["light.kitchen_ceiling", "light.kitchen_counter"]
OFFICE = ["light.lamp_office", "light.desk"]


@pytest.mark.parametrize(
    ("said", "place", "found"),
    [
        ("vesuvius", None, ["light.vesuvius"]),
        ("Desk Lamp", None, ["light.desk"]),
        ("worktop lights", None, ["light.kitchen_counter"]),
        ("lamp two", None, ["light.lamp_2"]),
        ("spot 1", None, ["light.spot_1"]),
        ("light", "bathroom", ["light.bathroom"]),
        ("lamp", "office", ["light.lamp_office"]),
        ("bedroom lamp", None, ["light.lamp_bedroom"]),
        ("kitchen lights", None, KITCHEN),
        ("lights", "kitchen", KITCHEN),
        ("light in the office", None, OFFICE),
        ("both lamps", "office", OFFICE),
        ("upstairs lights", None, ["light.bathroom", "light.lamp_bedroom", "light.kids_star"]),
        ("outside lights", None, ["light.patio_string"]),
        ("kid's star", None, ["light.kids_star"]),
        ("kids room star", None, ["light.kids_star"]),
        ("ceiling", None, ["light.kitchen_ceiling"]),
        ("lamp on the desk", None, ["light.desk"]),
        ("vesuvius lamp", None, ["light.vesuvius"]),
        ("spots", None, ["light.spot_1", "light.spot_2"]),
        ("shelf lamps", None, ["light.lamp_2", "light.lamp_3"]),
        ("kitchen sealing", None, ["light.kitchen_ceiling"]),
        ("besuvius", None, ["light.vesuvius"]),
        ("bathrum light", None, ["light.bathroom"]),
        ("kitchen", None, KITCHEN),
        ("bridge led", None, ["light.bridge_led"]),
    ],
)
def test_lights_are_found_however_they_are_called(said: str, place: str | None, found: list[str]) -> None:
    spans = {"target": said} | ({"place": place} if place else {})
    assert targets("light.turn_on", **spans) == found


@pytest.mark.parametrize(
    ("function", "said", "found"),
    [
        ("switch.turn_on", "coffee", ["switch.coffee"]),
        ("fan.turn_on", "heater", ["switch.heater"]),
        ("fan.turn_on", "fans", ["fan.bathroom", "fan.bedroom", "fan.living"]),
        ("cover.close", "curtains", ["cover.living_curtains"]),
        ("cover.close", "office blinds", ["cover.office_left", "cover.office_right"]),
        ("cover.close", "all the windows", ["cover.bedroom_window", "cover.kitchen_window"]),
        ("cover.open", "garage", ["cover.garage_door"]),
        ("lock.lock", "doors", ["lock.front_door", "lock.back_door"]),
        ("media_player.turn_on", "telly", ["media_player.tv"]),
        ("media_player.pause", "kitchen radio", ["media_player.kitchen_radio"]),
        ("vacuum.start", "hoover", ["vacuum.rosie"]),
        ("lawn_mower.start_mowing", "lawn mower", ["lawn_mower.shaun"]),
        ("climate.set_mode", "thermostat", ["climate.ecobee"]),
        ("climate.turn_on", "heating", ["climate.ecobee", "climate.bedroom_radiator"]),
        ("scene.turn_on", "movie night scene", ["scene.movie_night"]),
        ("script.turn_on", "good night routine", ["script.good_night"]),
        ("valve.close", "main valve", ["valve.main"]),
        ("alarm_control_panel.arm", "alarm", ["alarm_control_panel.home"]),
        ("button.press", "doorbell", ["button.doorbell"]),
        ("water_heater.turn_on", "hot water", ["water_heater.boiler"]),
        ("siren.turn_on", "siren", ["siren.attic"]),
    ],
)
def test_devices_of_every_domain_are_found(function: str, said: str, found: list[str]) -> None:
    assert targets(function, target=said) == found


def test_a_device_without_an_area_is_not_ruled_out_by_a_room() -> None:
    assert targets("media_player.turn_on", target="tv", place="kitchen") == ["media_player.tv"]
    assert targets("light.turn_on", target="bed light", place="bedroom") == ["light.bed_light"]


def test_a_device_in_another_area_is_ruled_out_by_a_room() -> None:
    resolution = ask(call("light.turn_on", target="vesuvius", place="kitchen"))
    assert resolution.calls[0].targets == ()
    assert resolution.unresolved == ("vesuvius",)


def test_lights_of_a_room_that_has_none_are_not_somebody_elses() -> None:
    resolution = ask(call("light.turn_on", target="garden lights"))
    assert resolution.unresolved == ("garden lights",)
    assert resolution.calls[0].targets == ()


def test_a_bare_noun_means_the_speakers_room() -> None:
    assert targets("light.turn_on", area="office", target="lights") == OFFICE
    assert targets("light.turn_on", area="office", target="light") == OFFICE
    assert targets("light.turn_on", area="bedroom", target="lamp") == ["light.lamp_bedroom"]
    assert targets("fan.turn_on", area="bedroom", target="fan") == ["fan.bedroom"]
    assert targets("light.turn_on", area="kitchen") == KITCHEN
    assert targets("light.turn_on", area="office", place="here", target="lights") == OFFICE


def test_all_of_them_means_the_whole_home() -> None:
    found = targets("light.turn_off", area="office", target="all the lights")
    assert {"light.desk", "light.vesuvius", "light.kitchen_ceiling", "switch.hall_light"} <= set(found)
    assert "light.bridge_led" not in found


def test_everything_in_a_place_is_what_can_be_switched_there() -> None:
    assert set(targets("switch.turn_off", target="everything", place="kitchen")) == {
        *KITCHEN,
        "switch.coffee",
        "media_player.kitchen_radio",
    }


@pytest.mark.parametrize(
    ("said", "left_out"),
    [
        ("the coffee maker", {"switch.coffee"}),
        ("the lights", set(KITCHEN)),
        ("the radio", {"media_player.kitchen_radio"}),
    ],
)
def test_except_leaves_out_what_it_names(said: str, left_out: set[str]) -> None:
    everything = set(targets("switch.turn_off", target="everything", place="kitchen"))
    assert set(targets("switch.turn_off", target="everything", place="kitchen", except_=said)) == everything - left_out


def test_except_may_name_a_room() -> None:
    found = targets("light.turn_off", target="all the lights", except_="kitchen")
    assert not set(KITCHEN) & set(found)
    assert "light.desk" in found


def test_targets_said_together_are_a_call_each() -> None:
    calls = ask(call("light.turn_on", target=["tv", "desk lamp"])).calls
    assert [(one.function, one.targets) for one in calls] == [
        ("media_player.turn_on", ("media_player.tv",)),
        ("light.turn_on", ("light.desk",)),
    ]
    assert targets("light.turn_on", target="tv and the desk lamp") == ["media_player.tv", "light.desk"]
    assert targets("light.turn_on", target=["kitchen", "bedroom lights"]) == [*KITCHEN, "light.lamp_bedroom"]
    assert targets("light.turn_on", target="lights", place=["kitchen", "office"]) == [*KITCHEN, *OFFICE]


def test_the_verb_chooses_between_devices_of_one_name() -> None:
    assert targets("lock.lock", target="front door") == ["lock.front_door"]
    assert targets("state.get", target="front door", state="open") == ["binary_sensor.front_door"]
    assert targets("state.get", target="front door", state="locked") == ["lock.front_door"]


def test_of_several_players_the_one_that_plays_is_meant() -> None:
    assert targets("media_player.volume_up") == ["media_player.kitchen_radio"]
    assert targets("media_player.volume_down", target="music") == ["media_player.kitchen_radio"]
    assert targets("media_player.volume_up", area="living_room") == ["media_player.living_speaker"]


def test_a_vacuum_cleans_a_room_it_does_not_stand_in() -> None:
    for spans in ({"place": "living room"}, {"target": "living room"}, {"target": "rosie", "place": "living room"}):
        (one,) = ask(call("vacuum.clean_area", **spans)).calls
        assert (one.targets, one.arguments["area"]) == (("vacuum.rosie",), "Living Room")
    (one,) = ask(call("vacuum.clean_area", place="whole house")).calls
    assert (one.function, one.targets) == ("vacuum.start", ("vacuum.rosie",))


def test_what_names_nothing_is_reported_and_moves_nothing() -> None:
    for said in ("disco ball", "flux capacitor", "xyzzy", "garage lights"):
        resolution = ask(call("light.turn_on", target=said))
        assert resolution.unresolved == (said,)
        assert resolution.calls[0].targets == ()
        assert resolution.explained[-1].how == "nothing"
    resolution = ask(call("light.turn_on", target="light", place="pantry"))
    assert resolution.unresolved == ("pantry",)


@pytest.mark.parametrize(
    ("spans", "area", "question", "candidates"),
    [
        (
            {"target": "lamp"},
            None,
            "The lamp in the office or in the bedroom?",
            ["light.lamp_office", "light.lamp_bedroom"],
        ),
        ({"target": "main light", "place": "kitchen"}, None, "Which one: Kitchen Ceiling or Counter Lights?", KITCHEN),
    ],
)
def test_a_tie_is_answered_with_a_question(
    spans: dict[str, str], area: str | None, question: str, candidates: list[str]
) -> None:
    resolution = ask(call("light.turn_on", **spans), area=area)
    assert resolution.decision is Decision.CLARIFY
    assert resolution.question == question
    assert list(resolution.candidates) == candidates
    assert [one.targets for one in resolution.calls] == [()]


def test_a_room_without_the_thing_asks_rather_than_acts_elsewhere() -> None:
    for area in (None, "garage"):
        assert ask(call("light.turn_on"), area=area).decision is Decision.CLARIFY
    assert ask(call("cover.open", target="blinds"), area="garage").question == "In the kitchen or in the office?"
    assert targets("cover.close", area="garage", target="blinds") != []


@pytest.mark.parametrize("said", ["volume", "the music", "it"])
def test_what_comes_out_of_a_player_is_said_for_the_player(said: str) -> None:
    assert targets("media_player.pause", target=said) == ["media_player.kitchen_radio"]


@pytest.mark.parametrize(
    ("function", "said", "level", "found"),
    [
        ("light.set", "desk lamp's brightness", "50", ["light.desk"]),
        ("light.set", "brightness of the desk lamp", "50", ["light.desk"]),
        ("media_player.volume_set", "tv volume", "50", ["media_player.tv"]),
        ("climate.set_temperature", "bedroom temperature", "20", ["climate.bedroom_radiator"]),
    ],
)
def test_what_is_set_may_be_said_with_the_device(function: str, said: str, level: str, found: list[str]) -> None:
    assert targets(function, target=said, level=level) == found


def test_a_portion_or_a_brand_singles_nothing_out() -> None:
    assert targets("switch.turn_on", target="cup of coffee") == ["switch.coffee"]
    assert targets("light.turn_on", area="office", target="philips hue lights") == OFFICE


def test_rooms_and_the_house_can_be_said_before_the_noun() -> None:
    assert targets("light.turn_on", area="office", target="room lights") == OFFICE
    everywhere = targets("light.turn_off", target="all the lights")
    assert targets("light.turn_off", area="office", target="house lights") == everywhere
    assert targets("light.turn_off", area="office", target="lights", place="all rooms") == everywhere


def test_an_exception_that_fits_several_leaves_all_of_them_out() -> None:
    found = targets("light.turn_off", target="all the lights", except_="lamp")
    assert {"light.lamp_office", "light.lamp_bedroom"}.isdisjoint(found)
    assert "light.vesuvius" in found


def _climate() -> Registry:
    registry = Registry()
    registry.put_area(Area("den", "Den"))
    registry.put_device(Device("climate.den", "Den Thermostat", "den", options={"hvac_modes": ["off", "heat"]}))
    registry.put_device(Device("climate.loft", "Loft Thermostat", options={"hvac_modes": ["off", "heat", "cool"]}))
    registry.put_device(
        Device("climate.box", "Window Air Conditioner", options={"hvac_modes": ["off", "cool", "heat"]})
    )
    registry.put_device(Device("cover.den", "Den Blinds", "den", device_class="blind"))
    registry.put_device(Device("cover.gate", "Garage Door", device_class="garage"))
    return registry


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("heating", ["climate.den", "climate.loft"]),
        ("air con", ["climate.box"]),
        ("aircon", ["climate.box"]),
        ("air conditioning", ["climate.box"]),
        ("thermostats", ["climate.den", "climate.loft"]),
    ],
)
def test_heating_is_no_air_conditioner_and_the_other_way_round(said: str, found: list[str]) -> None:
    (one,) = ask(call("climate.turn_on", target=said), home=_climate()).calls
    assert list(one.targets) == found


def test_what_cools_is_the_air_conditioner_where_none_is_called_so() -> None:
    home = _climate()
    home.remove_device("climate.box")
    (one,) = ask(call("climate.turn_on", target="air con"), home=home).calls
    assert one.targets == ("climate.loft",)


@pytest.mark.parametrize("said", ["curtains", "the shutters", "den curtains", "drapes"])
def test_what_hangs_before_a_window_is_meant_by_any_word_for_it(said: str) -> None:
    (one,) = ask(call("cover.close", target=said), home=_climate()).calls
    assert one.targets == ("cover.den",)


def test_a_house_with_curtains_has_them_moved_alone() -> None:
    assert targets("cover.close", target="curtains") == ["cover.living_curtains"]
    assert targets("cover.close", target="gate") == []


def test_a_number_before_a_plural_counts() -> None:
    assert targets("light.turn_on", target="the two lamps", place="office") == OFFICE
    assert targets("light.turn_on", target="three spots") == ["light.spot_1", "light.spot_2"]


@pytest.mark.parametrize(
    ("modes", "function"),
    [
        ({"hvac_modes": ["off", "heat", "cool"]}, "climate.set_mode"),
        ({"modes": ["off", "cool", "dry"]}, "climate.set_mode"),
        ({"hvac_modes": ["off", "heat_cool", "cool"]}, "climate.turn_on"),
        ({}, "climate.turn_on"),
    ],
)
def test_an_air_conditioner_that_is_turned_on_cools(modes: dict[str, list[str]], function: str) -> None:
    home = Registry()
    home.put_device(Device("climate.box", "Loft AC", options=modes))
    (one,) = ask(call("climate.turn_on", target="loft ac"), home=home).calls
    assert (one.function, one.targets, one.ha_intent) == (function, ("climate.box",), "HassTurnOn")
    assert one.arguments.get("mode") == ("cool" if function == "climate.set_mode" else None)
