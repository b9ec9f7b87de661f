"""Which rooms the house has, and what stands where."""

import json
import random
from typing import Final

from edge.demo.house.native import AlarmPanel, GarageDoor, Valve, WallLight
from edge.demo.house.native_air import AirConditioner, Boiler, CeilingFan, Humidifier
from edge.demo.house.native_panels import Display, Doorbell, Player, SceneSwitch
from edge.demo.house.native_robots import CatFeeder, Mower, RobotVacuum, WashingMachine
from edge.demo.house.tasmota import Outlet, PowerMeter, Strip
from edge.demo.house.thing import Surroundings
from edge.demo.house.world import Room, World
from edge.demo.house.zigbee import BASE, Lamp, Lock, Plug, bridge
from edge.demo.house.zigbee_motors import Blinds, RadiatorValve, Remote, Siren
from edge.demo.house.zigbee_sensors import AirSensor, Alert, Contact, MotionSensor

FLOORS: Final = {
    "Ground Floor": ("Kitchen", "Living Room", "Hall", "Garage"),
    "First Floor": ("Bedroom", "Bathroom", "Office", "Nursery"),
}
"""Rooms by floor; discovery knows areas but no floors, so whoever wants them is told."""
OUTDOORS: Final = "Garden"


def world(chance: random.Random, time_s: float) -> World:
    """The rooms as they are at first; a bathroom is small, a garage cold."""
    rooms = {name: Room(name) for names in FLOORS.values() for name in names} | {OUTDOORS: Room(OUTDOORS)}
    for name, volume_m3, insulation_h, sunny, temperature_c in (
        ("Kitchen", 45.0, 24.0, 0.4, 21.0),
        ("Living Room", 75.0, 30.0, 0.8, 21.4),
        ("Hall", 30.0, 20.0, 0.1, 19.2),
        ("Garage", 60.0, 9.0, 0.1, 13.5),
        ("Bedroom", 42.0, 26.0, 0.5, 19.1),
        ("Bathroom", 18.0, 26.0, 0.2, 21.8),
        ("Office", 36.0, 26.0, 0.7, 20.6),
        ("Nursery", 36.0, 26.0, 0.6, 20.3),
    ):
        room = rooms[name]
        room.volume_m3, room.insulation_h, room.sunny, room.temperature_c = (
            volume_m3,
            insulation_h,
            sunny,
            temperature_c,
        )
        room.temperature_c += chance.uniform(-0.3, 0.3)
    return World(rooms, OUTDOORS, chance, time_s)


def furnish(around: Surroundings) -> None:
    """Put everything in its place."""
    _zigbee(around)
    _wifi(around)


def _zigbee(around: Surroundings) -> None:
    radio = bridge()
    Lamp(around, radio, "Kitchen Light", "Kitchen", watts=24)
    Lamp(around, radio, "Living Room Light", "Living Room", watts=30)
    Lamp(around, radio, "Living Room Lamp", "Living Room", color=True)
    Lamp(around, radio, "Hall Light", "Hall", watts=12)
    Lamp(around, radio, "Bedroom Light", "Bedroom", watts=20)
    Lamp(around, radio, "Bedroom Lamp", "Bedroom", color=True)
    Lamp(around, radio, "Bathroom Light", "Bathroom", watts=15)
    Lamp(around, radio, "Office Lamp", "Office")
    Lamp(around, radio, "Nursery Night Light", "Nursery", white=False, watts=3)
    Blinds(around, radio, "Living Room Blinds", "Living Room", position=0)
    Blinds(around, radio, "Bedroom Blinds", "Bedroom")
    Blinds(around, radio, "Office Blinds", "Office")
    Lock(around, radio, "Front Door", "Hall")
    Lock(around, radio, "Back Door", "Kitchen")
    RadiatorValve(around, radio, "Living Room Thermostat", "Living Room", target=21.5)
    RadiatorValve(around, radio, "Bedroom Thermostat", "Bedroom", target=18.5)
    RadiatorValve(around, radio, "Bathroom Thermostat", "Bathroom", target=22.0)
    Plug(around, radio, "Electric Blanket", "Bedroom", watts=60, on=True)
    Siren(around, radio, "Siren", "Hall")
    Remote(around, radio, "Bedside Button", "Bedroom")
    for room in ("Kitchen", "Bathroom", "Nursery", OUTDOORS):
        AirSensor(around, radio, f"{room} Air", room)
    for room in ("Living Room", "Bedroom", "Office"):
        AirSensor(around, radio, f"{room} Air", room, co2=True)
    for room in ("Hall", "Living Room", "Bathroom"):
        MotionSensor(around, radio, f"{room} Motion", room)
    Contact(around, radio, "Kitchen Window", "Kitchen", kind="window")
    Contact(around, radio, "Bedroom Window", "Bedroom", kind="window")
    Contact(around, radio, "Garage Side Door", "Garage", kind="door")
    Alert(around, radio, "Kitchen Smoke Detector", "Kitchen", key="smoke", kind="smoke")
    Alert(around, radio, "Bathroom Leak Sensor", "Bathroom", key="water_leak", kind="moisture")


def _wifi(around: Surroundings) -> None:
    Outlet(around, "Coffee Machine", "Kitchen", watts=1250)
    Outlet(around, "Workbench", "Garage", watts=90)
    Strip(around, "Garden Lights", OUTDOORS)
    PowerMeter(around, "House Meter", "Hall")
    WallLight(around, "Garage Light", "Garage")
    GarageDoor(around, "Garage Door", "Garage")
    Valve(around, "Sprinkler", OUTDOORS)
    AlarmPanel(around, "House Alarm", "Hall")
    AirConditioner(around, "Air Conditioner", "Office")
    CeilingFan(around, "Bedroom Fan", "Bedroom")
    CeilingFan(around, "Bathroom Fan", "Bathroom", extracts=6.0)
    Humidifier(around, "Humidifier", "Nursery")
    Boiler(around, "Boiler", "Garage")
    RobotVacuum(around, "Vacuum", "Living Room")
    Mower(around, "Lawn Mower", OUTDOORS)
    WashingMachine(around, "Washing Machine", "Bathroom")
    Doorbell(around, "Doorbell", "Hall")
    CatFeeder(around, "Cat Feeder", "Kitchen")
    Display(around, "Kitchen Display", "Kitchen")
    Player(around, "TV", "Living Room", sources=("Antenna", "HDMI 1", "Streaming"), titles=("News", "Film", "Nature"))
    titles = ("Morning Mood", "Für Elise", "The Blue Danube")
    Player(around, "Kitchen Speaker", "Kitchen", sources=("Radio", "Bluetooth"), titles=titles)
    SceneSwitch(around, "Scenes", "Living Room", _SCENES)


def _set(name: str, **properties: object) -> tuple[str, str]:
    return f"{BASE}/{name}/set", json.dumps(properties)


_SCENES: Final = {
    "Movie Night": (
        _set("Living Room Light", state="OFF"),
        _set("Living Room Lamp", state="ON", brightness=40, color_temp=400),
        _set("Living Room Blinds", state="CLOSE"),
    ),
    "Good Night": (
        _set("Living Room Light", state="OFF"),
        _set("Living Room Lamp", state="OFF"),
        _set("Kitchen Light", state="OFF"),
        _set("Hall Light", state="OFF"),
        _set("Bedroom Blinds", state="CLOSE"),
    ),
}
