"""Words of questions about measured things: superlatives, comparatives, adjectives, and what they measure."""

from collections.abc import Mapping
from typing import Final

HIGH: Final = "high"
LOW: Final = "low"


def _table(text: str) -> dict[str, tuple[str, str]]:
    """ "temperature high: hottest warmest" by word."""
    table: dict[str, tuple[str, str]] = {}
    for line in text.strip().splitlines():
        head, _, words = line.partition(":")
        measure, _, direction = head.strip().partition(" ")
        table |= {word.replace("_", " "): ("" if measure == "-" else measure, direction) for word in words.split()}
    return table


def _spread(table: Mapping[str, str]) -> dict[str, str]:
    return {said: meant for meant, words in table.items() for said in words.split(", ")}


SUPERLATIVES: Final[Mapping[str, tuple[str, str]]] = _table(
    """
    temperature high: hottest warmest mildest
    temperature low: coldest coolest chilliest iciest
    humidity high: dampest muggiest most_humid most_damp moistest
    humidity low: least_humid
    dampness high: wettest
    dampness low: driest dryest
    illuminance high: brightest sunniest lightest
    illuminance low: darkest dimmest
    wind_speed high: windiest
    wind_speed low: calmest
    sound_pressure high: loudest noisiest
    sound_pressure low: quietest
    carbon_dioxide high: stuffiest
    carbon_dioxide low: freshest
    - high: highest maximum max peak peaked top biggest largest greatest strongest fullest heaviest fastest deepest
    - high: most worst
    - low: lowest minimum min smallest least weakest emptiest lightest_weight slowest shallowest fewest best cleanest
    """
)
COMPARATIVES: Final[Mapping[str, tuple[str, str]]] = _table(
    """
    temperature high: warmer hotter milder
    temperature low: colder cooler chillier
    humidity high: damper more_humid more_damp muggier moister
    humidity low: less_humid
    dampness high: wetter
    dampness low: drier dryer
    illuminance high: brighter lighter sunnier
    illuminance low: darker dimmer
    wind_speed high: windier
    wind_speed low: calmer
    sound_pressure high: louder noisier
    sound_pressure low: quieter
    carbon_dioxide high: stuffier
    carbon_dioxide low: fresher
    - high: higher more greater bigger larger stronger fuller longer heavier
    - low: lower less smaller weaker emptier shorter fewer
    """
)
ADJECTIVES: Final[Mapping[str, tuple[str, str]]] = _table(
    """
    temperature high: hot warm
    temperature low: cold cool chilly
    humidity high: humid damp moist muggy
    dampness high: wet
    dampness low: dry
    illuminance high: bright sunny
    illuminance low: dark dim
    wind_speed high: windy
    sound_pressure high: loud noisy
    sound_pressure low: quiet
    carbon_dioxide high: stuffy
    - high: high strong full deep
    - low: low weak empty
    """
)
MEASURES: Final[Mapping[str, str]] = _spread(
    {
        "temperature": "temperature, temperatures, temp, temps, degrees, warmth, heat, thermometer, freeze, froze, "
        "frozen, freezing, frost, frosty",
        "humidity": "humidity, relative humidity, air moisture, dampness, hygrometer",
        "moisture": "moisture, soil moisture, soil",
        "carbon_dioxide": "carbon dioxide, co2, co 2, co two",
        "carbon_monoxide": "carbon monoxide",
        "pressure": "air pressure, barometer, barometric pressure, atmospheric pressure, pressure",
        "precipitation": "millimetres, millimeters, rain, rained, raining, rainfall, precipitation",
        "wind_speed": "wind, wind speed, gust, gusts",
        "illuminance": "light level, brightness, illuminance, lux, light intensity",
        "battery": "battery, batteries, battery level, charge",
        "energy": "energy, electricity, electric, kilowatt hours, kwh, juice",
        "power": "power, wattage, watts, power consumption, load",
        "water": "water, litres, liters, cubic metres, water consumption, water usage",
        "gas": "gas, gas consumption, gas usage",
        "sound_pressure": "noise, noise level, sound level",
        "aqi": "air quality, aqi, air",
        "pm25": "dust, fine dust, particles, particulate matter, pm25, pm 2.5",
        "volatile_organic_compounds": "voc, vocs, volatile organic compounds",
        "voltage": "voltage, volts",
        "flow": "flow, flow rate",
        "level": "water level, tank level, level, depth",
        "weight": "weight",
        "speed": "speed",
        "signal_strength": "signal, signal strength, reception",
    }
)
"""What is measured, by the words for it; the longest that fits is meant."""

CLASSES: Final[Mapping[str, tuple[str, ...]]] = {
    "temperature": ("temperature",),
    "humidity": ("humidity",),
    "moisture": ("moisture",),
    "dampness": ("humidity", "moisture", "precipitation"),
    "energy": ("energy", "power"),
    "power": ("power", "apparent_power", "energy"),
    "water": ("water", "volume", "volume_flow_rate", "volume_storage"),
    "gas": ("gas",),
    "pressure": ("atmospheric_pressure", "pressure"),
    "precipitation": ("precipitation", "precipitation_intensity"),
    "wind_speed": ("wind_speed", "speed"),
    "flow": ("volume_flow_rate",),
    "level": ("distance", "volume_storage", "volume", "water"),
    "aqi": ("aqi", "pm25", "volatile_organic_compounds", "volatile_organic_compounds_parts", "carbon_dioxide"),
    "peak energy": ("power", "apparent_power"),
    "wet weather": ("precipitation", "precipitation_intensity"),
    "pm25": ("pm25", "pm10", "pm1"),
    "volatile_organic_compounds": ("volatile_organic_compounds", "volatile_organic_compounds_parts"),
}
"""The device classes that measure something, the likeliest first; what is not named here is its own class."""

COUNTED: Final = frozenset({"energy", "water", "gas", "precipitation"})
"""Measures of which people ask how much there was."""

STATES: Final[Mapping[str, str]] = _spread(
    {
        "open": "open, opened, opens, opening, ajar, unshut",
        "closed": "close, closed, closes, closing, shut, shuts",
        "locked": "lock, locked, locks, bolted",
        "unlocked": "unlock, unlocked, unlocks",
        "on": "on, run, ran, running, runs, start, started, starts, starting, working, active, activated, lit, "
        "burning, pumping, kicked in, kick in, kicks in, in use, fire, fired, fires, firing, fire up, "
        "fired up, firing up, cut in, cycle, cycled, take, took, going",
        "off": "off, stop, stopped, stops, finish, finished, finishes, end, ended, done, idle",
        "detected": "motion, movement, moving, move, moves, moved, detected, detect, triggered, trigger, tripped, "
        "went off, go off, gone off, occupied, presence, rang, ring, rung, pressed, came through, "
        "come through, been through, walked through, went through, gone through, passed through, "
        "came past, walked past, been in, anybody in, anyone in, someone in, somebody in",
        "wet": "wet, leak, leaked, leaking, leaks, flooded",
        "dry": "dry",
        "home": "home, come home, came home, get home, got home, arrive, arrived, return, returned, get back, "
        "got back, come back, came back, back, been back, get in, got in, in",
        "not_home": "away, away from home, leave, left, leaves, gone, go out, went out, gone out, out, leave home, "
        "head out, headed out, set off",
        "heating": "heating, heat",
        "cooling": "cooling",
        "playing": "playing, played, play",
        "charging": "charging, charged",
        "cleaning": "cleaning, cleaned, vacuuming, vacuumed",
        "mowing": "mowing, mowed",
        "armed": "armed",
        "disarmed": "disarmed",
        "clear": "empty, clear, unoccupied",
    }
)
"""States by the words for them, and for how they come about."""

ENDS: Final = frozenset({"stop", "stopped", "stops", "finish", "finished", "finishes", "end", "ended", "done"})
"""Words for the end of being on: "when did the machine finish" asks for that, not since when it is off."""


def longest(words: tuple[str, ...], at: int, table: Mapping[str, object], most: int = 4) -> tuple[str, int] | None:
    """The longest entry of a table that begins at a word, and the word after it."""
    for size in range(min(most, len(words) - at), 0, -1):
        phrase = " ".join(words[at : at + size])
        if phrase in table:
            return phrase, at + size
    return None
