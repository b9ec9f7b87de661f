"""Questions about what plays, rooms that measure nothing, power that is used or made; sources that few have."""

import pytest

from edge.devices.model import Area, Device, DeviceState
from edge.devices.registry import Registry
from edge.router.model import Decision
from tests.router.resolution.house import ask, call, said


def _home() -> Registry:
    home = Registry()
    for area in ("Den", "Loft", "Cellar", "Mia's Room"):
        home.put_area(Area(area.lower().replace("'", "").replace(" ", "_"), area))
    players = {
        "media_player.den": ("Hi-Fi", "den", ["Radio", "Phono"]),
        "media_player.loft": ("Screen", "loft", ["Disney", "HDMI 1"]),
        "media_player.cellar": ("Projector", "cellar", ["HDMI 1"]),
    }
    for one, (name, area, sources) in players.items():
        home.put_device(Device(one, name, area, options={"source_list": sources}))
        home.set_state(one, DeviceState("playing"))
    for one in ("north", "south", "east"):
        home.put_device(Device(f"climate.{one}", f"{one.title()} Zone"))
    home.put_device(Device("sensor.mia", "Thermometer", "mias_room", device_class="temperature"))
    for one, name in (("roof", "Solar Power"), ("house", "House Power"), ("washer", "Washer Power")):
        home.put_device(Device(f"sensor.{one}", name, device_class="power"))
    home.put_device(Device("sensor.loft_humidity", "Loft Humidity", "loft", device_class="humidity"))
    home.put_device(Device("sensor.den_humidity", "Den Humidity", "den", device_class="humidity"))
    return home


def _targets(function: str, area: str | None = None, text: str = "said", **spans: str | list[str]) -> list[str]:
    made = call(function, **spans) if text == "said" else said(text, function, **spans)
    return [target for one in ask(made, home=_home(), area=area, text=text).calls for target in one.targets]


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("which tune is that", {}),
        ("which tune is that", {"target": "tune"}),
        ("what's playing", {"state": "playing"}),
        ("what's playing", {"state": "playing", "aggregate": "what"}),
    ],
)
def test_what_plays_is_asked_of_the_speakers_room(text: str, spans: dict[str, str]) -> None:
    assert _targets("state.get", "loft", text, **spans) == ["media_player.loft"]
    assert len(_targets("state.get", None, text, **spans)) == 3


def test_a_question_about_nothing_looks_at_no_player() -> None:
    assert _targets("state.get", "loft", "how are things") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("how much power do we use", ["sensor.house"]),
        ("how much power does the solar make", ["sensor.roof"]),
        ("how much power are we generating", ["sensor.roof"]),
    ],
)
def test_power_that_is_made_is_not_power_that_is_used(text: str, found: list[str]) -> None:
    assert _targets("sensor.query", None, text, measure="power") == found


def test_a_measure_said_once_is_of_everything_named() -> None:
    both = ["sensor.loft_humidity", "sensor.den_humidity"]
    assert _targets("sensor.query", target=["loft", "den humidity"]) == both
    assert _targets("sensor.query", target="loft and the den", measure="humid") == both
    assert _targets("sensor.query", target=["loft", "den"], measure="humidity") == both


def test_a_room_that_has_no_heating_of_its_own_is_not_all_the_heating() -> None:
    assert _targets("climate.get_temperature", target="mia's room") == ["sensor.mia"]
    assert _targets("climate.get_temperature", place="mia's room") == ["sensor.mia"]
    for spans in ({"target": "cellar"}, {"place": "cellar"}):
        assert _targets("climate.get_temperature", **spans) == []
    assert _targets("climate.get_temperature", target="east zone") == ["climate.east"]


def test_a_source_is_chosen_on_the_player_that_has_it() -> None:
    for area in (None, "den", "loft"):
        assert _targets("media_player.select_source", area, mode="disney") == ["media_player.loft"]
    assert _targets("media_player.select_source", "cellar", mode="hdmi 1") == ["media_player.cellar"]
    resolution = ask(call("media_player.select_source", mode="hdmi 1"), home=_home(), area="den")
    assert resolution.decision is Decision.CLARIFY
    assert resolution.candidates == ("media_player.loft", "media_player.cellar")


def test_a_mode_is_set_on_the_devices_that_have_it() -> None:
    home = Registry()
    home.put_area(Area("den", "Den"))
    home.put_device(Device("fan.tower", "Tower Fan", "den", options={"preset_modes": ["breeze", "sleep"]}))
    home.put_device(Device("fan.ceiling", "Ceiling Fan", "den", options={"preset_modes": ["sleep"]}))
    (one,) = ask(call("fan.set_mode", target="fan", mode="breeze"), home=home, area="den").calls
    assert one.targets == ("fan.tower",)


def test_what_is_to_be_played_is_played_where_it_is_a_source() -> None:
    assert _targets("media_player.play_media", "cellar", media="disney") == ["media_player.loft"]
    assert _targets("media_player.play_media", "cellar", media="some disney songs") == ["media_player.cellar"]


def test_a_thing_is_known_by_what_it_is_set_to() -> None:
    home = Registry()
    home.put_device(Device("select.one", "Drying Program", options={"options": ["Gentle", "Quick"]}))
    home.put_device(Device("select.two", "Car Charging", options={"options": ["Quick", "Eco"]}))
    for said_, mode, found in (("drying machine", "gentle", ("select.one",)), ("heater", "eco", ())):
        (one,) = ask(call("select.select_option", target=said_, mode=mode), home=home).calls
        assert one.targets == found
