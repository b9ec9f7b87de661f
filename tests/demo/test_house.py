"""The simulated house behaves as devices do: described without a flaw, obedient, alive, and the same for a seed."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from edge.demo.house import House
from tests.demo.wired import Wired

DATA: dict[tuple[str, str], dict[str, Any]] = {
    ("light", "turn_on"): {"brightness_pct": 40},
    ("cover", "set_cover_position"): {"position": 30},
    ("fan", "set_percentage"): {"percentage": 75},
    ("fan", "set_preset_mode"): {"preset_mode": "sleep"},
    ("fan", "oscillate"): {"oscillating": True},
    ("climate", "set_temperature"): {"temperature": 23},
    ("climate", "set_preset_mode"): {"preset_mode": "eco"},
    ("climate", "set_fan_mode"): {"fan_mode": "high"},
    ("climate", "set_hvac_mode"): {"hvac_mode": "heat"},
    ("humidifier", "set_humidity"): {"humidity": 55},
    ("humidifier", "set_mode"): {"mode": "boost"},
    ("water_heater", "set_temperature"): {"temperature": 60},
    ("water_heater", "set_operation_mode"): {"operation_mode": "performance"},
    ("vacuum", "set_fan_speed"): {"fan_speed": "high"},
    ("number", "set_value"): {"value": 8},
    ("text", "set_value"): {"value": "Hello"},
}


@pytest.fixture
def wired() -> Wired:
    return Wired(House(seed=3, start_hour=9.0)).start()


def test_every_announcement_is_understood(wired: Wired) -> None:
    wired.wait(5)
    assert wired.problems == []


def test_it_is_a_whole_house(wired: Wired) -> None:
    devices = [entity.device for entity in wired.entities]
    assert len(wired.house.things) >= 25
    assert len({device.area for device in devices}) >= 7
    assert {device.domain for device in devices} >= {
        *("alarm_control_panel", "binary_sensor", "button", "climate", "cover", "device_automation", "event", "fan"),
        *("humidifier", "lawn_mower", "light", "lock", "notify", "number", "scene", "select", "sensor", "siren"),
        *("switch", "text", "update", "vacuum", "valve", "water_heater"),
    }


def test_every_device_says_how_it_is(wired: Wired) -> None:
    silent = {"button", "device_automation", "event", "notify", "scene"}
    unknown = [
        entity.device.id
        for entity in wired.entities
        if entity.device.domain not in silent and (entity.current.state is None or not entity.current.available)
    ]
    assert unknown == []


def every_service() -> Iterator[tuple[str, str]]:
    for entity in Wired(House(seed=3)).start().entities:
        for service in sorted(entity.device.features):
            yield entity.device.id, service


@pytest.mark.parametrize(("device", "service"), list(every_service()))
def test_every_service_of_every_device_is_carried_out(wired: Wired, device: str, service: str) -> None:
    domain = device.partition(".")[0]
    data = DATA.get((domain, service), {})
    if service == "select_option":
        data = {"option": wired.entity(device).device.options["options"][-1]}
    if device == "number.washing_machine_spin_speed":
        data = {"value": 800}
    if domain == "notify":
        data = {"message": "Dinner"}
    if domain == "climate" and service == "set_hvac_mode":
        wired.perform(device, "turn_off")
        wired.wait(1)
    if domain in ("valve", "cover") and service.startswith(("close", "stop")):
        wired.perform(device, f"open_{domain}")
        wired.wait(0.9 if service.startswith("stop") else 5)
    command = wired.perform(device, service, data)
    if command.confirms is not None:
        assert wired.until(command, device), wired.state(device)
    wired.wait(0.2)
    assert wired.problems == []


def test_blinds_take_their_time(wired: Wired) -> None:
    wired.perform("cover.bedroom_blinds", "set_cover_position", {"position": 50})
    wired.wait(0.7)
    assert wired.state("cover.bedroom_blinds").state == "closing"
    wired.wait(4)
    assert wired.state("cover.bedroom_blinds").attributes["current_position"] == 50
    assert wired.state("cover.bedroom_blinds").state == "open"


def test_the_garage_door_opens_in_steps(wired: Wired) -> None:
    seen = []
    wired.perform("cover.garage_door", "open_cover")
    for _ in range(40):
        wired.wait(0.1)
        seen.append(wired.state("cover.garage_door").state)
    assert list(dict.fromkeys(seen)) == ["closed", "opening", "open"]


def test_a_scene_moves_what_belongs_to_it(wired: Wired) -> None:
    wired.perform("light.living_room_light", "turn_on")
    wired.perform("cover.living_room_blinds", "open_cover")
    wired.wait(5)
    wired.perform("scene.movie_night", "turn_on")
    wired.wait(5)
    assert wired.state("light.living_room_light").state == "off"
    assert wired.state("light.living_room_lamp").state == "on"
    assert wired.state("cover.living_room_blinds").attributes["current_position"] == 0


def test_an_unplugged_lamp_is_silent_and_later_missed(wired: Wired) -> None:
    wired.send("house/hand", json.dumps({"device": "Office Lamp", "do": "unplug"}))
    command = wired.perform("light.office_lamp", "turn_on")
    assert not wired.until(command, "light.office_lamp", 3)
    assert wired.state("light.office_lamp").available
    wired.wait(30)
    assert not wired.state("light.office_lamp").available
    wired.send("house/hand", json.dumps({"device": "Office Lamp", "do": "plug_in"}))
    wired.wait(0.1)
    assert wired.state("light.office_lamp").available
    assert wired.until(wired.perform("light.office_lamp", "turn_on"), "light.office_lamp")


@pytest.mark.parametrize(
    ("device", "deed", "entity", "state"),
    [
        ("Hall Light", "press", "light.hall_light", "on"),
        ("Kitchen Window", "open", "binary_sensor.kitchen_window", "on"),
        ("Kitchen Smoke Detector", "trip", "binary_sensor.kitchen_smoke_detector", "on"),
        ("Front Door", "unlock", "lock.front_door", "unlocked"),
        ("Coffee Machine", "press", "switch.coffee_machine", "on"),
        ("Garage Light", "press", "light.garage_light", "on"),
        ("Doorbell", "press", "event.doorbell_ring", "press"),
        ("Bedside Button", "press", "device_automation.bedside_button_action_single", "single"),
    ],
)
def test_people_use_their_hands(wired: Wired, device: str, deed: str, entity: str, state: str) -> None:
    wired.send("house/hand", json.dumps({"device": device, "do": deed}))
    wired.flush()
    found = [one.current.state for one in wired.entities if one.device.id.startswith(entity)]
    assert found == [state]


def test_rubbish_is_shrugged_off(wired: Wired) -> None:
    rubbish = ("", "null", "[]", "{", "[1]", '{"brightness":"x"}', '{"color":{"x":1}}', "NaN", "-1e999", '{"state":{}}')
    topics = [topic for topic in wired.house.command_filters() if "+" not in topic] + ["house/hand"]
    topics += ["sprinkler/valve/set", "bedroom-fan/speed/set", "boiler/target/set", "garden_lights/cmnd/Color2"]
    topics += ["zigbee2mqtt/Bedroom Thermostat/set/occupied_heating_setpoint", "tv/volume/set"]
    for topic in topics:
        for payload in rubbish:
            wired.send(topic, payload)
    wired.wait(5)
    assert wired.problems == []


def test_home_assistants_birth_brings_everything_again(wired: Wired) -> None:
    before = len(wired.said)
    wired.send("homeassistant/status", "online")
    wired.wait(1)
    again = {message.topic for message in wired.said[before:]}
    assert again >= {message.topic for message in wired.said[:before]}


def test_the_same_seed_gives_the_same_house() -> None:
    def life(seed: int) -> list[str]:
        wired = Wired(House(seed=seed, speed=60)).start()
        wired.perform("light.kitchen_light", "turn_on")
        wired.wait(30)
        return [f"{message.topic} {message.payload}" for message in wired.said]

    assert life(5) == life(5)
    assert life(5) != life(6)


def test_sensors_move_with_the_day() -> None:
    wired = Wired(House(seed=1, start_hour=0, speed=1800)).start()
    seen: dict[str, set[str | None]] = {}
    for _ in range(48):
        wired.wait(1)
        for entity in wired.entities:
            if entity.device.domain in ("sensor", "binary_sensor"):
                seen.setdefault(entity.device.id, set()).add(entity.current.state)
    outdoors = [float(state or "") for state in seen["sensor.garden_air_temperature"]]
    bedroom = [float(state or "") for state in seen["sensor.bedroom_air_co2"]]
    assert 3 < max(outdoors) - min(outdoors) < 20
    assert max(bedroom) > 1000 > 600 > min(bedroom)
    assert seen["binary_sensor.living_room_motion"] == {"on", "off"}
    assert len(seen["sensor.house_meter_power"]) > 5
    assert wired.problems == []


def test_heating_warms_the_room_and_an_open_window_cools_it() -> None:
    wired = Wired(House(seed=1, start_hour=22, speed=600)).start()
    wired.perform("climate.bedroom_thermostat", "set_temperature", {"temperature": 24})
    wired.wait(30)
    warm = float(wired.state("sensor.bedroom_air_temperature").state or "")
    wired.perform("climate.bedroom_thermostat", "turn_off")
    wired.send("house/hand", json.dumps({"device": "Bedroom Window", "do": "open"}))
    wired.wait(15)
    cool = float(wired.state("sensor.bedroom_air_temperature").state or "")
    assert warm > 22
    assert cool < warm - 0.5


def test_the_coffee_machine_shows_on_the_meters(wired: Wired) -> None:
    wired.wait(6)
    before = float(wired.state("sensor.house_meter_power").state or "")
    wired.perform("switch.coffee_machine", "turn_on")
    wired.wait(6)
    assert float(wired.state("sensor.coffee_machine_power").state or "") == 1250
    assert float(wired.state("sensor.house_meter_power").state or "") > before + 1000
