"""What people know of houses before anything is measured: what can move which sensors, how soon, how likely."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from edge.sensors.explaining.model import Places, Relation
from edge.sensors.history.model import Sensor, Sort

OUTAGE: Final = "outage"
"""The key of many things that fell silent at once."""


class What(StrEnum):
    """What is measured, as far as it matters to what may move it."""

    COLD = "cold"
    """A freezer's or a fridge's temperature."""
    WARMTH = "warmth"
    AIR = "air"
    HUMIDITY = "humidity"
    POWER = "power"
    LIGHT = "light"
    SOIL = "soil"
    OTHER = "other"


class Kind(StrEnum):
    """What changes."""

    OPENING = "opening"
    HEATING = "heating"
    COOLING = "cooling"
    SHADE = "shade"
    MACHINE = "machine"
    WATER = "water"
    PEOPLE = "people"
    LAMP = "lamp"
    MEDIA = "media"
    SUN = "sun"
    WEATHER = "weather"
    MAINS = "mains"
    MEASURED = "measured"
    OTHER = "other"


_COLD: Final = re.compile(r"freez|fridge|refrigerat|cold ?room|chiller|wine cooler", re.IGNORECASE)
_OUTDOORS: Final = re.compile(r"outside|outdoor|external|garden|weather|balcony|terrace|patio|ambient", re.IGNORECASE)
_HEATING: Final = re.compile(r"heat(?!pump power)|boiler|radiator|furnace|stove|fireplace|underfloor", re.IGNORECASE)
_COOLING: Final = re.compile(r"air ?con|\bac\b|cooling|ventilat|extractor|\bfan\b", re.IGNORECASE)
_OPENING: Final = re.compile(r"window|door|hatch|vent\b|skylight|lid", re.IGNORECASE)
_WATER: Final = re.compile(r"shower|bath(?!room)|tap|irrigat|sprinkl|watering|valve", re.IGNORECASE)
_PEOPLE: Final = re.compile(r"guest|visitor|phones|people|occup|person|presence|party", re.IGNORECASE)
_OPENINGS: Final = frozenset({"door", "window", "opening", "garage_door", "garage", "gate"})
_PRESENCE: Final = frozenset({"motion", "occupancy", "presence", "moving"})
_SHADES: Final = frozenset({"blind", "curtain", "shade", "shutter", "awning"})
_AIR: Final = frozenset(
    {"carbon_dioxide", "volatile_organic_compounds", "volatile_organic_compounds_parts", "pm25", "pm10", "pm1", "aqi"}
)
_POWERS: Final = frozenset({"power", "apparent_power", "current", "energy", "water", "gas", "volume_flow_rate"})
_WEATHERS: Final = frozenset({"wind_speed", "precipitation", "precipitation_intensity", "atmospheric_pressure"})

_LAG_S: Final[Mapping[What, float]] = {
    What.COLD: 900.0,
    What.WARMTH: 1200.0,
    What.AIR: 900.0,
    What.HUMIDITY: 600.0,
    What.POWER: 120.0,
    What.LIGHT: 120.0,
    What.SOIL: 3600.0,
    What.OTHER: 900.0,
}
"""How soon what moves a sensor is seen in it, on average."""
_WITHOUT_MAINS_S: Final = 3600.0
"""What is no longer cooled or heated goes on being as it was for a while."""
LONGEST_S: Final = 3 * 3600.0

_EFFECTS: Final[Mapping[What, Mapping[Kind, float]]] = {
    What.COLD: {Kind.OPENING: 0.08, Kind.MAINS: 0.5, Kind.MACHINE: 0.1, Kind.COOLING: 0.1},
    What.WARMTH: {
        Kind.OPENING: 0.2, Kind.HEATING: 0.4, Kind.COOLING: 0.3, Kind.SHADE: 0.1, Kind.MACHINE: 0.1,
        Kind.SUN: 0.2, Kind.WEATHER: 0.15, Kind.MAINS: 0.1, Kind.PEOPLE: 0.03,
    },
    What.AIR: {Kind.OPENING: 0.2, Kind.PEOPLE: 0.2, Kind.COOLING: 0.3, Kind.HEATING: 0.02, Kind.MACHINE: 0.03},
    What.HUMIDITY: {
        Kind.OPENING: 0.15, Kind.WATER: 0.4, Kind.COOLING: 0.2, Kind.MACHINE: 0.15, Kind.PEOPLE: 0.03,
        Kind.WEATHER: 0.15, Kind.HEATING: 0.1,
    },
    What.POWER: {
        Kind.MACHINE: 0.3, Kind.HEATING: 0.3, Kind.LAMP: 0.1, Kind.MEDIA: 0.1, Kind.COOLING: 0.2,
        Kind.MAINS: 0.5,
    },
    What.LIGHT: {Kind.SUN: 0.4, Kind.SHADE: 0.4, Kind.LAMP: 0.4, Kind.WEATHER: 0.1},
    What.SOIL: {Kind.WATER: 0.5, Kind.WEATHER: 0.3},
    What.OTHER: {Kind.MAINS: 0.2, Kind.MACHINE: 0.05, Kind.OPENING: 0.05},
}  # fmt: skip
"""How likely one change moves a sensor of the same place, before it was ever seen to."""
_LEAST: Final = 0.001
_NEARNESS: Final[Mapping[Relation, float]] = {
    Relation.OWN: 2.5,
    Relation.AREA: 1.0,
    Relation.HOUSE: 0.6,
    Relation.FLOOR: 0.06,
    Relation.ELSEWHERE: 0.02,
}


def what_of(sensor: Sensor, places: Places) -> What:
    """What a sensor measures."""
    kind, said = sensor.device_class, f"{sensor.name} {sensor.key}"
    if kind == "temperature" or sensor.unit in ("°C", "°F"):
        return What.COLD if _COLD.search(said) and not is_outdoors(sensor, places) else What.WARMTH
    if kind in _AIR or sensor.unit == "ppm":
        return What.AIR
    if kind == "humidity":
        return What.HUMIDITY
    if kind == "moisture":
        return What.SOIL
    if kind == "illuminance":
        return What.LIGHT
    return What.POWER if kind in _POWERS else What.OTHER


def kind_of(sensor: Sensor, places: Places) -> Kind:
    """What a candidate is."""
    domain, kind, said = sensor.key.partition(".")[0], sensor.device_class, f"{sensor.name} {sensor.key}"
    if sensor.key == OUTAGE:
        return Kind.MAINS
    by_domain = {
        "climate": Kind.HEATING,
        "water_heater": Kind.HEATING,
        "fan": Kind.COOLING,
        "humidifier": Kind.WATER,
        "light": Kind.LAMP,
        "media_player": Kind.MEDIA,
        "valve": Kind.WATER,
        "weather": Kind.WEATHER,
        "person": Kind.PEOPLE,
        "device_tracker": Kind.PEOPLE,
        "sun": Kind.SUN,
    }
    if domain == "climate" and sensor.key.endswith((":current_temperature", ":current_humidity")):
        return Kind.MEASURED
    if domain in by_domain:
        return by_domain[domain]
    if domain == "cover":
        return Kind.SHADE if kind in _SHADES else Kind.OPENING
    if sensor.sort is Sort.STATE:
        return _of_state(domain, kind, said)
    return _of_number(sensor, said, places)


def _of_state(domain: str, kind: str, said: str) -> Kind:
    if kind in _OPENINGS or (domain == "binary_sensor" and not kind and _OPENING.search(said)):
        return Kind.OPENING
    if kind in _PRESENCE or _PEOPLE.search(said):
        return Kind.PEOPLE
    if kind in ("power", "plug"):
        return Kind.MAINS if "mains" in said.lower() else Kind.MACHINE
    if _HEATING.search(said) or kind == "heat":
        return Kind.HEATING
    if _COOLING.search(said) or kind == "cold":
        return Kind.COOLING
    if _WATER.search(said):
        return Kind.WATER
    return Kind.MACHINE if domain in ("switch", "input_boolean") or kind == "running" else Kind.OTHER


def _of_number(sensor: Sensor, said: str, places: Places) -> Kind:
    kind = sensor.device_class
    if kind == "voltage" and ("mains" in said.lower() or sensor.unit == "V"):
        return Kind.MAINS
    if kind == "illuminance" or kind == "irradiance":
        return Kind.SUN
    if kind in _WEATHERS or is_outdoors(sensor, places):
        return Kind.WEATHER
    if _PEOPLE.search(said):
        return Kind.PEOPLE
    if kind in ("power", "current", "apparent_power"):
        return Kind.HEATING if _HEATING.search(said) else Kind.MACHINE
    if kind in ("water", "volume_flow_rate"):
        return Kind.WATER
    if kind == "battery":
        return Kind.OTHER
    return Kind.MEASURED


def lag_of(what: What, kind: Kind) -> float:
    """How soon, on average in seconds, such a change is seen in such a sensor."""
    return _WITHOUT_MAINS_S if kind is Kind.MAINS and what in (What.COLD, What.WARMTH) else _LAG_S[what]


def is_outdoors(sensor: Sensor, places: Places) -> bool:
    """Whether it is outside the house, by its area or its name."""
    if sensor.area:
        return sensor.area in places.outdoors
    return bool(_OUTDOORS.search(f"{sensor.name} {sensor.key}"))


def relation_of(subject: Sensor, other: Sensor, places: Places) -> Relation:
    """Where the other one is."""
    if _shared(subject, other):
        return Relation.OWN
    if subject.area and subject.area == other.area:
        return Relation.AREA
    if not other.area or is_outdoors(other, places):
        return Relation.HOUSE
    floor = places.floors.get(subject.area)
    return Relation.FLOOR if floor and places.floors.get(other.area) == floor else Relation.ELSEWHERE


def _shared(subject: Sensor, other: Sensor) -> bool:
    """Whether both are named after one thing ("Freezer Temperature", "Freezer Door")."""
    if subject.device == other.device and subject.key != other.key:
        return True
    if subject.area != other.area:
        return False
    ours, theirs = _COLD.search(subject.name), _COLD.search(other.name)
    return bool(ours and theirs and ours.group().lower() == theirs.group().lower())


def effect(what: What, kind: Kind, relation: Relation) -> float:
    """How likely such a change moves such a sensor, before anything was seen of it."""
    known = _EFFECTS[what].get(kind, 0.0)
    near = _NEARNESS[relation]
    if what is What.COLD and relation not in (Relation.OWN, Relation.HOUSE):
        near *= 0.3  # it has walls of its own
    if kind is Kind.HEATING and relation in (Relation.FLOOR, Relation.ELSEWHERE):
        near = 0.4  # one thermostat heats many rooms
    if kind in (Kind.SUN, Kind.WEATHER, Kind.MAINS):
        near = max(near, 0.8)
    return min(0.9, max(_LEAST, known * near))
