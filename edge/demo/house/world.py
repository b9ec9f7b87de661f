"""The physics of the house: weather, people, and what they do to the air of each room. Small on purpose.

Time is seconds since midnight of the first day. Temperatures in °C, humidity in g of water a m³ of air (shown as
percent), CO₂ in ppm, power in W.
"""

import math
import random
from dataclasses import dataclass, field
from typing import Final

DAY_S: Final = 86_400.0
_HEAT_CAPACITY_J_PER_K: Final = 1.6e6
"""A furnished room's air, furniture and the skin of its walls."""
_PERSON_W: Final = 90.0
_PERSON_WATER_G_PER_S: Final = 50 / 3600
_PERSON_CO2_M3_PER_S: Final = 0.018 / 3600
_OUTDOOR_CO2_PPM: Final = 420.0
_CLOSED_CHANGES_PER_H: Final = 0.35
_OPEN_CHANGES_PER_H: Final = 5.0
_WALLS_H: Final = 8.0
"""Hours until a room has followed its neighbours by two thirds."""
_AIR_PART: Final = 0.03
"""How much of a room's heat is in its air, and goes with it."""
_STEAM_G_PER_S: Final = {"Bathroom": 0.12, "Kitchen": 0.03}
"""What a person sets free there, by showering or cooking."""
_MOVES_EVERY_S: Final = 900.0


@dataclass(slots=True)
class Room:
    """One room; devices set what they add (`heat_w`, `water_g_per_s`, `lamps_lx`, …), the world works out the air."""

    name: str
    volume_m3: float = 40.0
    insulation_h: float = 26.0
    """Hours until the difference to outdoors has fallen to a third."""
    sunny: float = 0.5
    """How much of the sun comes through its windows."""
    temperature_c: float = 20.0
    water_g_per_m3: float = 8.0
    co2_ppm: float = 600.0
    people: int = 0
    window_open: bool = False
    blinds: float = 1.0
    """How far the blinds are open, 0 to 1."""
    heat_w: float = 0.0
    water_g_per_s: float = 0.0
    lamps_lx: float = 0.0
    extracted_per_h: float = 0.0
    """Changes of air an hour by a fan."""

    @property
    def humidity_percent(self) -> float:
        """Relative humidity."""
        return min(99.0, 100.0 * self.water_g_per_m3 / saturation_g_per_m3(self.temperature_c))

    def breathe(self, dt_s: float, outdoor: "Room", inside_c: float, sun: float) -> None:
        """Exchange air and heat with outdoors, and heat with the rooms around, which are at `inside_c`."""
        changes_per_h = (_OPEN_CHANGES_PER_H if self.window_open else _CLOSED_CHANGES_PER_H) + self.extracted_per_h
        fresh = 1 - math.exp(-changes_per_h * dt_s / 3600)
        gains_w = self.heat_w + self.people * _PERSON_W + 600 * sun * self.sunny * self.blinds
        loss = 1 - math.exp(-(1 / self.insulation_h + changes_per_h * _AIR_PART) * dt_s / 3600)
        self.temperature_c += gains_w * dt_s / _HEAT_CAPACITY_J_PER_K
        self.temperature_c += (outdoor.temperature_c - self.temperature_c) * loss
        self.temperature_c += (inside_c - self.temperature_c) * (1 - math.exp(-dt_s / 3600 / _WALLS_H))
        steam_g = _STEAM_G_PER_S.get(self.name, 0.0) + _PERSON_WATER_G_PER_S
        water_g = (self.people * steam_g + self.water_g_per_s) * dt_s
        self.water_g_per_m3 += water_g / self.volume_m3
        self.water_g_per_m3 += (outdoor.water_g_per_m3 - self.water_g_per_m3) * fresh
        self.water_g_per_m3 = min(self.water_g_per_m3, saturation_g_per_m3(self.temperature_c))
        self.co2_ppm += self.people * _PERSON_CO2_M3_PER_S * dt_s / self.volume_m3 * 1e6
        self.co2_ppm += (_OUTDOOR_CO2_PPM - self.co2_ppm) * fresh

    def light_lx(self, sun: float) -> float:
        """How bright it is."""
        return 1 + self.lamps_lx + 900 * sun * self.sunny * self.blinds


@dataclass(slots=True)
class World:
    """All rooms, the weather, two people and the time."""

    rooms: dict[str, Room]
    outdoors: str
    """The name of the room that is none."""
    chance: random.Random
    time_s: float
    people: list[str] = field(default_factory=list)
    watts: dict[str, float] = field(default_factory=dict)
    """What each device draws."""
    energy_kwh: float = 4213.0
    clouds: float = 0.4
    _weather_c: float = 0.0
    _moved_s: float = -1e9

    @property
    def hour(self) -> float:
        """The time of day, 0 to 24."""
        return self.time_s % DAY_S / 3600

    @property
    def sun(self) -> float:
        """How strong the sun is, 0 at night to 1."""
        return max(0.0, math.sin(math.pi * (self.hour - 6.5) / 13)) * (1 - 0.8 * self.clouds)

    @property
    def base_w(self) -> float:
        """What the house draws when nobody does anything: standby, and a fridge that comes and goes."""
        return 45 + 15 * math.sin(self.time_s / 1700) + (75 if self.time_s % 2700 < 900 else 0)

    @property
    def outdoor(self) -> Room:
        """The air outside."""
        return self.rooms[self.outdoors]

    def live(self, dt_s: float) -> None:
        """Let `dt_s` seconds pass; at most a few minutes at a time."""
        self.time_s += dt_s
        self.energy_kwh += (self.base_w + sum(self.watts.values())) * dt_s / 3.6e6
        self._weather(dt_s)
        if self.time_s - self._moved_s >= _MOVES_EVERY_S:
            self._move_people()
        inside = [room for room in self.rooms.values() if room is not self.outdoor]
        inside_c = sum(room.temperature_c for room in inside) / len(inside)
        for room in inside:
            room.breathe(dt_s, self.outdoor, inside_c, self.sun)

    def _weather(self, dt_s: float) -> None:
        """A daily wave, coldest before sunrise, with a slow drift on top."""
        step = math.sqrt(dt_s / 3600)
        self._weather_c += self.chance.gauss(0, 0.3) * step - self._weather_c * dt_s / 3600 / 30
        self.clouds = min(1.0, max(0.0, self.clouds + self.chance.gauss(0, 0.08) * step))
        outdoor = self.outdoor
        outdoor.temperature_c = 11 + 5 * math.cos(2 * math.pi * (self.hour - 15.5) / 24) + self._weather_c
        outdoor.water_g_per_m3 = 0.8 * saturation_g_per_m3(6.5 + self._weather_c)
        outdoor.co2_ppm = _OUTDOOR_CO2_PPM

    def _move_people(self) -> None:
        self._moved_s = self.time_s
        places = next(places for until, places in _WHEREABOUTS if self.hour < until)
        self.people = [self.chance.choice(places) for _ in range(2)]
        for room in self.rooms.values():
            room.people = 0 if room is self.outdoor else self.people.count(room.name)


_NIGHT: Final = ("Bedroom",)
_WHEREABOUTS: Final[tuple[tuple[float, tuple[str, ...]], ...]] = (
    (6.5, _NIGHT),
    (7.0, ("Bathroom", "Bedroom", "Bathroom")),
    (8.5, ("Kitchen", "Kitchen", "Bathroom", "Hall")),
    (12.0, ("Office", "Office", "away", "away", "Kitchen")),
    (13.5, ("Kitchen", "Living Room", "Garden")),
    (17.5, ("Office", "away", "Living Room", "Garden")),
    (19.5, ("Kitchen", "Kitchen", "Living Room", "Hall")),
    (22.5, ("Living Room", "Living Room", "Living Room", "Kitchen", "Bathroom")),
    (23.5, ("Bathroom", "Bedroom", "Living Room")),
    (24.1, _NIGHT),
)
"""Where people may be until which hour."""


def saturation_g_per_m3(temperature_c: float) -> float:
    """How much water air can hold, by the Magnus formula."""
    pressure_hpa = 6.112 * math.exp(17.62 * temperature_c / (243.12 + temperature_c))
    return 216.7 * pressure_hpa / (273.15 + temperature_c)
