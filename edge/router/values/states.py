"""States, modes, measures and aggregates: from words said to the words Home Assistant has for them."""

from collections.abc import Mapping, Sequence
from typing import Final

from edge.devices.words import distance, fold, tokens


def _spread(table: dict[str, str]) -> dict[str, str]:
    return {said: canonical for canonical, words in table.items() for said in words.split(", ")}


_STATES: Final = _spread(
    {
        "off": "off, turned off, switched off, out, unlit, not on, powered off, shut off, dark",
        "on": "on, running, turned on, switched on, active, lit, working, plugged in, powered on, left on, burning",
        "open": "open, opened, up, ajar, wide open, raised, left open",
        "closed": "closed, shut, down, lowered, close, not open",
        "unlocked": "unlocked, not locked, unbolted, left unlocked, unlock, unbolt",
        "locked": "locked, secure, secured, bolted, locked up, closed and locked, shut and locked, lock, bolt, lock up",
        "home": "home, at home, in the house, in, back, here, on board, inside",
        "not_home": "away, not home, out of the house, gone, at work, at school, not at home, left",
        "armed": "armed, set",
        "disarmed": "disarmed, unarmed",
        "triggered": "triggered, going off",
        "playing": "playing",
        "paused": "paused",
        "idle": "idle, standby",
        "charging": "charging",
        "docked": "docked, at its base, at the base",
        "cleaning": "cleaning, vacuuming",
        "mowing": "mowing",
        "heating": "heating",
        "cooling": "cooling",
        "jammed": "jammed, stuck",
        "detected": "detected, occupied, moving, motion detected",
        "clear": "clear, empty, unoccupied, free",
        "wet": "wet, leaking",
        "dry": "dry",
        "low": "low",
        "muted": "muted, silent",
        "unavailable": "offline, unavailable, disconnected, dead, unreachable",
        "available": "online, available, connected, reachable",
    }
)
_EITHER: Final = frozenset(["or", "not"])
_FILLERS: Final = frozenset(["still", "now", "currently", "right", "all", "already", "really", "left"])

_MODES: Final = {
    "climate": _spread(
        {
            "heat": "heat, heating, warm, warm up",
            "cool": "cool, cooling, cold, ac, cool down",
            "auto": "auto, automatic",
            "heat_cool": "heat cool, heat and cool, heating and cooling, heat or cool",
            "fan_only": "fan only, fan, fan mode, ventilation",
            "dry": "dry, drying, dehumidify",
            "off": "off",
            "eco": "eco, economy, energy saving, energy saver, saving, save energy",
            "away": "away, holiday, vacation, frost protection",
            "sleep": "sleep, night, sleeping",
            "comfort": "comfort, comfortable",
            "boost": "boost, turbo",
            "home": "home",
        }
    ),
    "alarm_control_panel": _spread(
        {
            "away": "away, not home, leaving, full, out, fully",
            "home": "home, stay, at home, perimeter, partial, staying",
            "night": "night, sleep, nighttime, bedtime",
            "vacation": "vacation, holiday",
            "custom_bypass": "custom, custom bypass",
        }
    ),
    "humidifier": _spread({"auto": "auto, automatic", "sleep": "sleep, night", "quiet": "quiet, silent"}),
    "fan": _spread({"auto": "auto, automatic", "quiet": "quiet, silent", "natural": "natural, nature, breeze"}),
}
_MEASURES: Final = _spread(
    {
        "temperature": "temperature, warm, hot, cold, cool, degrees, temp, heat, warmth, warmer, colder, hotter",
        "humidity": "humidity, humid, damp, air moisture, relative humidity",
        "moisture": "moisture, moist, soil moisture, wet, dry, soil humidity",
        "battery": "battery, battery level, charge, batteries, charged, battery charge",
        "power": "power, power consumption, power usage, wattage, watts, load, consumption, draw",
        "energy": "energy, electricity, energy consumption, energy usage, kilowatt hours, energy use",
        "voltage": "voltage, volts",
        "current": "current, amps, amperage",
        "frequency": "frequency, hertz",
        "carbon_dioxide": "co2, carbon dioxide, co two, stuffy",
        "carbon_monoxide": "carbon monoxide, co",
        "aqi": "air quality, aqi, air",
        "pm25": "particulate matter, pm25, pm 2.5, fine dust, dust, particles",
        "volatile_organic_compounds": "voc, volatile organic compounds",
        "pressure": "pressure, pressurised",
        "atmospheric_pressure": "air pressure, atmospheric pressure, barometric pressure, barometer",
        "illuminance": "brightness, light level, bright, illuminance, lux, light, dark",
        "wind_speed": "wind speed, wind, windy",
        "wind_direction": "wind direction",
        "precipitation": "rainfall, rain, precipitation, rainy",
        "precipitation_intensity": "rain intensity, rain rate",
        "signal_strength": "signal strength, signal, reception",
        "sound_pressure": "noise level, noise, loud, sound level, noisy",
        "speed": "speed, fast",
        "distance": "distance, far, water level, level, depth, deep, full, tank level",
        "water": "water, water consumption, water usage",
        "gas": "gas, gas consumption, gas usage",
        "volume_flow_rate": "flow, flow rate",
        "weight": "weight, heavy, mass",
        "ph": "ph, acidity",
        "conductivity": "conductivity, salinity, salty",
        "dew_point": "dew point",
        "uv_index": "uv index, uv, ultraviolet",
        "irradiance": "irradiance, solar radiation, sunshine",
        "monetary": "cost, price, power price",
        "duration": "run time, runtime, uptime",
        "motion": "motion, movement",
    }
)
_AGGREGATES: Final = _spread(
    {
        "average": "average, mean, normal, typical, overall, averaged, usual, median",
        "maximum": "maximum, max, highest, hottest, warmest, peak, top, most, wettest, brightest, biggest, largest, "
        "loudest, high",
        "minimum": "minimum, min, lowest, coldest, coolest, least, driest, darkest, smallest, low",
        "sum": "sum, total, in total, altogether, all together, how much",
        "count": "how many, number of, number, count",
        "count_changes": "how often, how many times, number of times, times",
        "total_time": "how long, for how long, how many hours, how many minutes, total time",
        "last_changed": "when, what time, how long ago, last, since when, when last, last time, first",
        "which": "which, what, which ones, who, where",
        "any": "any, anything, is any, are any",
        "all": "all, every, everything",
        "trend": "trend, rising, falling, going up, going down",
    }
)  # fmt: skip


_MOST_EDITS: Final = 4
_UNLIKE: Final = 0.35
_APART: Final = 0.15
"""How much of a word may be spelt otherwise, and by how much more any other option must differ."""


def _folded(table: dict[str, str]) -> dict[tuple[str, ...], str]:
    return {tokens(said): canonical for said, canonical in table.items()}


_STATES_FOLDED: Final = _folded(_STATES)
_MODES_FOLDED: Final = {domain: _folded(table) for domain, table in _MODES.items()}
_MEASURES_FOLDED: Final = _folded(_MEASURES)
_AGGREGATES_FOLDED: Final = _folded(_AGGREGATES)


def state(text: str) -> str | None:
    """Home Assistant's word for a state; None for one it has no word for. "On or off" is "on"."""
    said = tokens(text)
    for stop in _EITHER & set(said[1:]):
        said = said[: said.index(stop, 1)]
    return _longest(_STATES_FOLDED, tuple(word for word in said if word not in _FILLERS) or said)


def measure(text: str) -> str | None:
    """The device class of what is measured; None where there is none of that name."""
    return _longest(_MEASURES_FOLDED, tokens(text))


def measures_of(words: Sequence[str]) -> str | None:
    """The device class of what exactly these folded words measure; None where they name no measure."""
    return _MEASURES_FOLDED.get(tuple(words))


def measure_at_end(said: Sequence[str]) -> tuple[str, int] | None:
    """The measure that a noun phrase ends in and how many words it takes: "bathroom humidity"."""
    for size in range(min(3, len(said)), 0, -1):
        found = _MEASURES_FOLDED.get(tuple(said[len(said) - size :]))
        if found is not None:
            return found, size
    return None


def aggregate(text: str) -> str | None:
    """How values are to be put together; None where the words say nothing of the kind."""
    return _longest(_AGGREGATES_FOLDED, tokens(text))


def mode(text: str, domain: str, options: Sequence[str] = ()) -> str:
    """The device's own word for a mode where `options` has one, else Home Assistant's, else what was said."""
    said = tokens(text)
    bare = tuple(word for word in said if word not in {"mode", "setting", "preset", "program"}) or said
    canonical = _MODES_FOLDED.get(domain, {}).get(bare)
    by_words = {"".join(tokens(option.replace("_", " "))): option for option in options}
    for wanted in (bare, said, tokens(canonical.replace("_", " ")) if canonical else ()):
        if wanted and "".join(wanted) in by_words:
            return by_words["".join(wanted)]
    within = [option for option in options if set(bare) <= set(tokens(option.replace("_", " ")))]
    if len(within) == 1:
        return within[0]
    return canonical or _likest(bare, by_words) or text.strip()


def _likest(said: Sequence[str], options: Mapping[str, str]) -> str | None:
    """The one option that is spelt like what was said; None where there is none, or more than one."""
    joined = "".join("2" if word in {"to", "too"} else word for word in said)
    near = sorted((distance(joined, words, _MOST_EDITS) / max(len(joined), len(words), 1), words) for words in options)
    if not near or near[0][0] > _UNLIKE or (len(near) > 1 and near[1][0] - near[0][0] < _APART):
        return None
    return options[near[0][1]]


def _longest(table: dict[tuple[str, ...], str], said: tuple[str, ...]) -> str | None:
    """What the whole phrase stands for, or else its longest part, later parts first."""
    for size in range(min(4, len(said)), 0, -1):
        for at in range(len(said) - size, -1, -1):
            found = table.get(said[at : at + size])
            if found is not None:
                return found
    return None


def is_plural(word: str) -> bool:
    """Whether a word, as it was written, says more than one."""
    return fold(word) != word
