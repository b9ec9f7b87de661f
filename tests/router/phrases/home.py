"""A home with sensors, for phrases and conditions."""

from datetime import UTC, datetime

from edge.devices.home import parse_home
from edge.devices.registry import Registry
from edge.router.phrases import Where

NOW = datetime(2026, 3, 11, 15, 20, tzinfo=UTC)
AREAS = ("kitchen", "greenhouse", "bedroom", "cellar", "hall", "garden", "garage")
DEVICES = (
    ("sensor.freezer_temperature", "Freezer Temperature", "kitchen", "temperature", "°C", "-18"),
    ("sensor.greenhouse_temperature", "Greenhouse Temperature", "greenhouse", "temperature", "°C", "21"),
    ("sensor.greenhouse_humidity", "Greenhouse Humidity", "greenhouse", "humidity", "%", "60"),
    ("sensor.bedroom_co2", "Bedroom CO2", "bedroom", "carbon_dioxide", "ppm", "700"),
    ("sensor.washer_power", "Washer Power", "cellar", "power", "W", "300"),
    ("sensor.tank", "Rain Tank Level", "garden", "", "%", "50"),
    ("sensor.outdoor_temperature", "Outdoor Temperature", "garden", "temperature", "°C", "9"),
    ("sensor.hall_battery", "Hall Motion Battery", "hall", "battery", "%", "90"),
    ("sensor.lock_battery", "Front Door Lock Battery", "hall", "battery", "%", "40"),
    ("binary_sensor.front_door", "Front Door", "hall", "door", "", "off"),
    ("binary_sensor.bedroom_window", "Bedroom Window", "bedroom", "window", "", "off"),
    ("binary_sensor.kitchen_window", "Kitchen Window", "kitchen", "window", "", "off"),
    ("binary_sensor.cellar_leak", "Cellar Leak Sensor", "cellar", "moisture", "", "off"),
    ("binary_sensor.garden_motion", "Garden Motion", "garden", "motion", "", "off"),
    ("binary_sensor.smoke", "Kitchen Smoke Detector", "kitchen", "smoke", "", "off"),
    ("lock.front_door", "Front Door Lock", "hall", "", "", "locked"),
    ("cover.garage_door", "Garage Door", "garage", "garage", "", "closed"),
    ("switch.pump", "Pump", "garden", "", "", "on"),
    ("media_player.tv", "TV", "bedroom", "tv", "", "off"),
)


def home() -> Registry:
    """As a home file has it."""
    devices = []
    for id_, name, area, of, unit, state in DEVICES:
        attributes = {key: value for key, value in (("device_class", of), ("unit_of_measurement", unit)) if value}
        devices.append({"id": id_, "name": name, "area": area, "state": state, "attributes": attributes})
    areas = [{"id": area, "name": area.capitalize()} for area in AREAS]
    return parse_home({"floors": [], "areas": areas, "devices": devices}, "the test's home")


def where(area: str | None = None) -> Where:
    """Where a sentence is said."""
    return Where(home(), area, NOW)
