"""What common nouns stand for: "blinds" are covers of the class blind, "hoover" is a vacuum."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from edge.devices.words import fold_all, tokens


@dataclass(frozen=True, slots=True)
class Kind:
    """Devices of a domain, all of them or those of one device class."""

    domain: str
    device_class: str | None = None


def _kinds(text: str) -> tuple[Kind, ...]:
    return tuple(Kind(domain, of or None) for domain, _, of in (part.partition(".") for part in text.split()))


_TABLE: Final = {
    "light": "light switch.light",
    "lamp, bulb, lighting, spotlight, spot, downlight, chandelier, lightbulb, light bulb, led, led strip, light strip, "
    "lantern, sconce, nightlight, night light, fairy light": "light switch.light",
    "fan, ceiling fan, ventilator, ventilation": "fan switch.fan",
    "switch": "switch",
    "plug, socket, outlet, smart plug, power outlet, power point, smart socket, power strip": "switch",
    "blind, roller blind, venetian blind, roller": "cover.blind cover.shade cover.shutter",
    "shade, sunshade": "cover.shade cover.blind",
    "curtain, drape": "cover.curtain",
    "shutter, roller shutter": "cover.shutter cover.blind",
    "awning, canopy, marquee": "cover.awning",
    "gate, driveway gate": "cover.gate",
    "garage, garage door": "cover.garage binary_sensor.garage_door",
    "damper": "cover.damper",
    "window, skylight, roof window": "cover.window binary_sensor.window",
    "door": "cover.door cover.garage cover.gate lock binary_sensor.door binary_sensor.garage_door",
    "cover, covering": "cover",
    "lock, deadbolt, door lock, smart lock, padlock": "lock",
    "thermostat": "climate",
    "heating, heat, central heating, underfloor heating": "climate water_heater.heater",
    "heater, radiator, radiator valve": "climate switch.heater water_heater.heater",
    "ac, a c, air con, aircon, air conditioner, air conditioning, air condition, hvac, heat pump, cooling": "climate",
    "climate": "climate",
    "boiler, hot water, water heater, geyser, immersion, immersion heater": "water_heater switch.boiler",
    "humidifier, dehumidifier": "humidifier",
    "tv, television, telly, smart tv, screen, tele": "media_player.tv",
    "speaker, stereo, loudspeaker, sound system, hi fi, hifi, soundbar, sound bar, music, audio, sound":
        "media_player.speaker media_player.receiver",
    "receiver, amplifier, amp": "media_player.receiver",
    "radio": "media_player.speaker media_player.receiver",
    "media player, player, media": "media_player",
    "vacuum, hoover, cleaning, hoovering, vacuuming, "
    "robot, robot vacuum, vacuum cleaner, robot cleaner, roomba, vacuum robot, cleaning robot, "
    "cleaner, robot vacuum cleaner, robovac": "vacuum",
    "mower, lawn mower, lawnmower, mowing robot, robot mower, robot lawn mower": "lawn_mower",
    "valve, water valve, sprinkler, irrigation": "valve switch.valve",
    "siren": "siren",
    "alarm, alarm system, burglar alarm, security system, alarm panel, security": "alarm_control_panel",
    "scene": "scene",
    "script, routine": "script",
    "automation": "automation",
    "button": "button",
    "camera": "camera",
    "person, people, anyone, anybody, everyone, everybody, someone, somebody, family": "person",
    "sensor": "sensor binary_sensor",
    "motion sensor, motion detector": "binary_sensor.motion binary_sensor.occupancy",
    "motion, movement": "binary_sensor.motion binary_sensor.occupancy binary_sensor.moving",
    "presence sensor, occupancy sensor, presence, occupancy": "binary_sensor.occupancy binary_sensor.presence "
        "binary_sensor.motion",
    "door sensor, contact sensor": "binary_sensor.door binary_sensor.opening binary_sensor.garage_door",
    "window sensor": "binary_sensor.window binary_sensor.opening",
    "leak sensor, water sensor, flood sensor, leak, moisture sensor, water leak": "binary_sensor.moisture "
        "sensor.moisture",
    "smoke detector, smoke alarm, smoke sensor, smoke": "binary_sensor.smoke",
    "gas detector, gas sensor": "binary_sensor.gas sensor.gas",
    "carbon monoxide detector, co detector, carbon monoxide": "binary_sensor.carbon_monoxide sensor.carbon_monoxide",
    "temperature sensor, thermometer": "sensor.temperature",
    "humidity sensor, hygrometer": "sensor.humidity",
    "battery": "sensor.battery binary_sensor.battery",
    "doorbell": "binary_sensor.doorbell event.doorbell button.doorbell camera.doorbell",
    "weather": "weather",
    "list": "todo",
}  # fmt: skip

NOUNS: Final[Mapping[tuple[str, ...], tuple[Kind, ...]]] = {
    fold_all(tuple(noun.split())): _kinds(kinds) for nouns, kinds in _TABLE.items() for noun in nouns.split(", ")
}
"""Folded words of a noun to the kinds of device it stands for, the likeliest first."""

NOUN_WORDS: Final = max(len(noun) for noun in NOUNS)

_INFERRED: Final = frozenset({"cover", "media_player", "switch", "binary_sensor", "sensor", "button", "event"})
_UNTOLD: Final = frozenset({None, "outlet", "switch"})


def class_of(domain: str, device_class: str | None, name: str) -> str | None:
    """The device class a device says it has, or else the one its name ends in ("Kitchen Blinds")."""
    if domain not in _INFERRED or device_class not in _UNTOLD:
        return device_class
    return _class_by_name(domain, name) or device_class


@lru_cache(maxsize=4096)
def _class_by_name(domain: str, name: str) -> str | None:
    said = tokens(name)
    while said and said[-1].isdecimal():
        said = said[:-1]
    for size in range(min(NOUN_WORDS, len(said)), 0, -1):
        for kind in NOUNS.get(said[-size:], ()):
            if kind.domain == domain and kind.device_class:
                return kind.device_class
    if domain == "switch" and said:
        return _SWITCHED.get(said[-1])
    return None


_SWITCHED: Final = {"tv": "tv", "television": "tv", "speaker": "speaker", "radio": "speaker", "stereo": "speaker"}
