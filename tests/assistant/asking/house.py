"""A house with three weeks of history, in which every answer can be worked out by hand."""

import math
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from edge.devices.home import parse_home
from edge.devices.registry import Registry

ZONE: Final = ZoneInfo("Europe/London")
NOW: Final = datetime(2026, 11, 19, 15, 20, tzinfo=ZONE)
"""A Thursday afternoon."""
_AREAS: Final = {
    "kitchen": "Kitchen", "living_room": "Living Room", "bedroom": "Bedroom", "bathroom": "Bathroom", "hall": "Hall",
    "office": "Office", "greenhouse": "Greenhouse", "cellar": "Cellar", "garden": "Garden", "garage": "Garage",
}  # fmt: skip
_NUMBERS: Final = (
    ("sensor.freezer", "Freezer", "kitchen", "temperature", "°C", "-18.5", ""),
    ("sensor.fridge", "Fridge Temperature", "kitchen", "temperature", "°C", "4.5", ""),
    ("sensor.kitchen", "Kitchen Temperature", "kitchen", "temperature", "°C", "21.5", ""),
    ("sensor.living", "Living Room Temperature", "living_room", "temperature", "°C", "20.5", ""),
    ("sensor.bedroom", "Bedroom Temperature", "bedroom", "temperature", "°C", "19.5", ""),
    ("sensor.office", "Office Temperature", "office", "temperature", "°C", "22.5", ""),
    ("sensor.greenhouse", "Greenhouse Temperature", "greenhouse", "temperature", "°C", "31.5", ""),
    ("sensor.outside", "Outside Temperature", "garden", "temperature", "°C", "9.5", ""),
    ("sensor.bathroom_humidity", "Bathroom Humidity", "bathroom", "humidity", "%", "55", ""),
    ("sensor.cellar_humidity", "Cellar Humidity", "cellar", "humidity", "%", "70", ""),
    ("sensor.bedroom_co2", "Bedroom CO2", "bedroom", "carbon_dioxide", "ppm", "600", ""),
    ("sensor.pressure", "Air Pressure", "garden", "atmospheric_pressure", "hPa", "1009.5", ""),
    ("sensor.house_energy", "House Energy", "hall", "energy", "kWh", "480", "total_increasing"),
    ("sensor.house_power", "House Power", "hall", "power", "W", "600", ""),
    ("sensor.water", "Water Meter", "cellar", "water", "L", "5040", "total_increasing"),
    ("sensor.rain", "Rain Gauge", "garden", "precipitation", "mm", "7.2", "total_increasing"),
    ("sensor.washer", "Washing Machine Power", "cellar", "power", "W", "2", ""),
    ("sensor.attic", "Attic Temperature", "", "temperature", "°C", "15", ""),
)
_STATES: Final = (
    ("binary_sensor.front_door", "Front Door", "hall", "door", "off"),
    ("binary_sensor.back_door", "Back Door", "kitchen", "door", "off"),
    ("binary_sensor.bedroom_window", "Bedroom Window", "bedroom", "window", "on"),
    ("binary_sensor.hall_motion", "Hall Motion", "hall", "motion", "off"),
    ("cover.garage_door", "Garage Door", "garage", "garage", "closed"),
    ("switch.pump", "Borehole Pump", "garden", "", "off"),
    ("climate.heating", "Heating", "living_room", "", "off"),
    ("light.kitchen", "Kitchen Light", "kitchen", "", "off"),
    ("lock.front", "Front Door Lock", "hall", "", "locked"),
    ("person.anna", "Anna", "", "", "not_home"),
)


def home() -> Registry:
    """The devices, with the states they are in now."""
    devices = [
        {"id": one, "name": name, "area": area or None, "state": state,
         "attributes": {"device_class": of, "unit_of_measurement": unit} | ({"state_class": counts} if counts else {})}
        for one, name, area, of, unit, state, counts in _NUMBERS
    ]  # fmt: skip
    devices += [
        {
            "id": one,
            "name": name,
            "area": area or None,
            "state": state,
            "attributes": {"device_class": of} if of else {},
        }
        for one, name, area, of, state in _STATES
    ]
    areas = [{"id": one, "name": name, "aliases": ["outside"] if one == "garden" else []}
             for one, name in _AREAS.items()]  # fmt: skip
    return parse_home({"floors": [], "areas": areas, "devices": devices}, "the test's house")


def day(number: int, hour: int, minute: int = 0) -> datetime:
    """A moment of November 2026."""
    return datetime(2026, 11, number, hour, minute, tzinfo=ZONE)


def every(minutes: int) -> Iterator[datetime]:
    """Moments of the three weeks."""
    start = (NOW - timedelta(days=21)).astimezone(UTC)
    for step in range(int(21 * 1440 / minutes)):
        yield (start + timedelta(minutes=step * minutes)).astimezone(ZONE)


def _wave(middle: float, height: float, top: float, places: int = 1) -> Callable[[datetime], float]:
    """Highest at an hour of each day."""
    return lambda at: round(middle + height * math.cos((at.hour + at.minute / 60 - top) / 24 * math.tau), places)


def _series(value: Callable[[datetime], float], minutes: int = 10) -> list[tuple[datetime, Any]]:
    return [(at, value(at)) for at in every(minutes)]


def _freezer(at: datetime) -> float:
    if day(19, 3, 10) <= at < day(19, 3, 20):
        return -21.4
    if day(17, 14) <= at < day(17, 14, 40):
        return -12.0
    return round(-18.5 + 0.3 * math.cos(at.hour / 24 * math.tau), 1)


def _counter(per_step: float, minutes: int, places: int = 2) -> list[tuple[datetime, Any]]:
    return [(at, round(step * per_step, places)) for step, at in enumerate(every(minutes))]


def _rain() -> list[tuple[datetime, Any]]:
    total, found = 0.0, []
    for at in every(30):
        if at.day in (14, 16) and 9 <= at.hour < 12:
            total += 0.6
        found.append((at, round(total, 1)))
    return found


def _changes(first: str, *changes: tuple[datetime, str]) -> list[tuple[datetime, Any]]:
    return [(NOW - timedelta(days=21), first), *changes]


def readings() -> dict[str, list[tuple[datetime, Any]]]:
    """What everything said, by device."""
    began = NOW - timedelta(days=21)
    office = [row for row in _series(_wave(21.5, 2, 15)) if not day(19, 2) <= row[0] < day(19, 5)]
    return {
        "sensor.freezer": _series(_freezer),
        "sensor.fridge": _series(_wave(4.5, 0.5, 15)),
        "sensor.kitchen": _series(_wave(21.6, 1.5, 18)),
        "sensor.living": _series(_wave(21, 1, 20)),
        "sensor.bedroom": _series(_wave(19, 1, 16)),
        "sensor.office": office,
        "sensor.greenhouse": _series(_wave(22, 10, 14)),
        "sensor.outside": _series(_wave(5, 6, 15)),
        "sensor.bathroom_humidity": _series(_wave(60, 15, 8, 0)),
        "sensor.cellar_humidity": _series(_wave(70, 2, 0, 0)),
        "sensor.bedroom_co2": _series(_wave(800, 400, 4, 0)),
        "sensor.pressure": _series(lambda at: round(1020 - (at - began).total_seconds() / 86400 * 8 % 40, 1), 15),
        "sensor.house_energy": _counter(0.25, 15),
        "sensor.house_power": _series(lambda at: 3000.0 if at.day == 18 and at.hour == 19 else 600.0),
        "sensor.water": _counter(2.5, 15, 1),
        "sensor.rain": _rain(),
        "sensor.washer": _series(lambda at: 450.0 if at.day in (17, 18) and 10 <= at.hour < 12 else 2.0, 5),
        "sensor.attic": [(at, 15.0) for at in every(60) if at >= day(18, 9)],
        "binary_sensor.front_door": _changes("off", (day(18, 18, 2), "on"), (day(18, 18, 4), "off"), (day(19, 8), "on"),
                                             (day(19, 8, 1), "off"), (day(19, 12, 30), "on"), (day(19, 12, 33), "off")),
        "binary_sensor.back_door": _changes("off", (day(18, 10), "on"), (day(18, 12, 5), "off"), (day(18, 16), "on"),
                                            (day(18, 16, 30), "off")),
        "binary_sensor.bedroom_window": _changes("off", (day(19, 13, 15), "on")),
        "binary_sensor.hall_motion": _changes("off", (day(19, 12, 14), "on"), (day(19, 12, 16), "off")),
        "cover.garage_door": _changes("closed", (day(17, 8), "opening"), (day(17, 8, 1), "open"),
                                      (day(17, 8, 20), "closing"), (day(17, 8, 21), "closed"), (day(18, 22), "open"),
                                      (day(18, 22, 10), "closed")),
        "switch.pump": _changes("off", (day(19, 6), "on"), (day(19, 6, 45), "off"), (day(19, 10), "on"),
                                (day(19, 10, 15), "off")),
        "climate.heating": _changes("off", (day(18, 6), "heat"), (day(18, 9), "off"), (day(19, 6), "heat"),
                                    (day(19, 8, 30), "off")),
        "light.kitchen": _changes("off", (day(18, 20), "on"), (day(18, 23), "off")),
        "lock.front": _changes("unlocked", (day(18, 23, 30), "locked")),
        "person.anna": _changes("home", (day(19, 8, 1), "not_home")),
    }  # fmt: skip
