"""A simulated house in which what moves a sensor is known: windows, heating, a freezer, mains, sun, a pump.

Each case is four weeks of ordinary life, and one thing planted on the last day; beside it things that have no effect
happen too (lights, motion, a television), shortly before. In cases of no cause something is at work
that no sensor sees.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.sensors.history.schema import open_to_write
from tests.bench.sensors.writing import START_S, Writing

DAYS = 29
DAY_MIN = 1440
ROOMS = ("living", "kitchen", "bedroom", "study", "pump_room", "greenhouse", "utility")
FLOORS = dict.fromkeys((*ROOMS, "hall"), "ground") | {"bedroom": "first", "study": "first"}
NAMES = {"living": "Living Room", "pump_room": "Pump Room"}
PLANTED = ("window", "heating", "freezer_door", "power_cut", "sun", "pump", "guests", "drier")
NOTHING = ("freezer_broken", "unseen_heater", "unseen_window", "air_sensor", "damp")
Flags = NDArray[np.bool_]
Numbers = NDArray[np.float64]


@dataclass
class Case:
    """`true`: keys that are right as a cause, none where there is none; `direction`: `up` or `down`."""

    kind: str
    subject: str
    direction: str
    planted_s: float
    asked_s: float
    true: frozenset[str]


@dataclass
class Life:
    """What happens, minute by minute."""

    outside: Numbers
    sun: Numbers
    wanted: Numbers
    windows: dict[str, Flags]
    people: dict[str, Numbers]
    guests: Numbers
    freezer_door: Numbers
    """The share of each minute that it is open."""
    pump: Flags
    drier: Flags
    mains: Flags
    unseen_heat: dict[str, Numbers] = field(default_factory=dict)
    """Degrees a minute."""
    compressor: Flags | None = None
    air_offset: Numbers | None = None
    damp: Numbers | None = None


def build(kind: str, seed: int, file: Path, *, reports_min: int = 5) -> Case:
    """Live it, and leave the history of it in `file`."""
    rng = np.random.default_rng([seed, sum(map(ord, kind))])
    count = DAYS * DAY_MIN
    life = ordinary(rng, count, sunny=kind == "sun")
    planted = (DAYS - 1) * DAY_MIN + int(rng.uniform(10, 15) * 60)
    slow = kind in ("power_cut", "freezer_broken")  # nobody would ask before it is warm
    asked = planted + int(rng.uniform(*((150, 240) if slow else (40, 80))))
    subject, direction, true = _plant(kind, life, planted, rng)
    events = _distractions(rng, count, life)
    _decoys(events, rng, planted, subject)
    told = _live(life, rng)
    _write(file, life, told, events, rng, asked, reports_min)
    return Case(kind, subject, direction, START_S + 60 * planted, START_S + 60 * asked, frozenset(true))


def _plant(  # noqa: C901 (a case each)
    kind: str, life: Life, at: int, rng: np.random.Generator
) -> tuple[str, str, set[str]]:
    long = slice(at, at + int(rng.uniform(60, 150)))
    calm = slice(at - 150, at)
    match kind:
        case "window":
            room = str(rng.choice(["living", "bedroom", "study", "kitchen"]))
            life.windows[room][calm] = False
            life.windows[room][long] = True
            return f"sensor.{room}_temperature", "down", {f"binary_sensor.window_{room}"}
        case "heating":
            life.wanted[calm] = 17.0
            life.wanted[at : at + 240] = 24.0
            return "sensor.living_temperature", "up", {"climate.living:hvac_action", "climate.living:temperature"}
        case "freezer_door":
            life.freezer_door[calm] = 0
            life.freezer_door[long] = 1.0
            return "sensor.freezer", "up", {"binary_sensor.freezer_door"}
        case "power_cut":
            life.freezer_door[calm] = 0
            life.mains[at : at + 200] = False
            seen = {"sensor.mains_voltage", "sensor.mains_power", "outage", "switch.coffee", "switch.washing_machine"}
            return "sensor.freezer", "up", seen
        case "sun":
            life.sun[at - 120 : at] *= 0.15
            life.sun[at : at + 180] = np.maximum(life.sun[at : at + 180], 45_000 * rng.uniform(0.8, 1.1))
            life.windows["greenhouse"][at - 150 : at + 180] = False
            return "sensor.greenhouse_temperature", "up", {"sensor.outside_light"}
        case "pump":
            life.pump[at - 200 : at] = False
            life.pump[at : at + 240] = True
            return "sensor.pump_room_temperature", "up", {"switch.pump", "sensor.pump_power"}
        case "guests":
            life.windows["living"][at - 150 : at + 120] = False
            life.people["living"][at - 150 : at] = 0
            life.guests[at - 300 : at] = 0
            life.guests[at : at + 180] = rng.integers(4, 9)
            return "sensor.living_co2", "up", {"sensor.guest_phones"}
        case "drier":
            life.drier[at - 200 : at] = False
            life.drier[at : at + 120] = True
            return "sensor.utility_humidity", "up", {"switch.drier", "sensor.drier_power"}
        case "freezer_broken":
            life.freezer_door[calm] = 0
            life.compressor = np.ones(len(life.sun), bool)
            life.compressor[at:] = False
            return "sensor.freezer", "up", set()
        case "unseen_heater":
            life.pump[at - 200 : at + 100] = False
            life.unseen_heat["pump_room"] = _during(len(life.sun), at, 200, 0.08)
            return "sensor.pump_room_temperature", "up", set()
        case "unseen_window":
            life.unseen_heat["utility"] = _during(len(life.sun), at, 120, -0.09)
            return "sensor.utility_temperature", "down", set()
        case "air_sensor":
            life.windows["bedroom"][at - 150 : at + 100] = False
            life.people["bedroom"][at - 150 : at + 100] = 0
            life.air_offset = np.clip((np.arange(len(life.sun)) - at) * 12.0, 0, 700)
            return "sensor.bedroom_co2", "up", set()
        case _:
            life.drier[at - 200 : at + 100] = False
            life.damp = _during(len(life.sun), at, 200, 0.35)
            return "sensor.utility_humidity", "up", set()


def _during(count: int, at: int, minutes: int, value: float) -> Numbers:
    values = np.zeros(count)
    values[at : at + minutes] = value
    return values


def ordinary(rng: np.random.Generator, count: int, *, sunny: bool) -> Life:
    """Four weeks in which people get up, air, cook, dry their clothes, and sometimes have guests."""
    minute = np.arange(count)
    hour = (minute % DAY_MIN) / 60
    days = count // DAY_MIN
    awake = (hour > 6.8) & (hour < 22.8)
    away = np.repeat(rng.random(days) < 0.55, DAY_MIN) & (hour > 8.5) & (hour < 16.5)
    home = ~away
    weather = np.cumsum(rng.normal(0, 0.35, count // 60 + 1))
    weather -= np.linspace(0, weather[-1], len(weather)) * 0.9
    outside = 4.0 + 3 * np.sin(2 * np.pi * (hour - 9) / 24) + np.repeat(np.clip(weather, -6, 6), 60)[:count]
    clear = np.repeat(rng.random(count // 40 + 1) < (0.5 if sunny else 0.35), 40)[:count]
    height = np.clip(np.sin((hour - 7.5) / 9.5 * np.pi), 0, None) * ((hour > 7.5) & (hour < 17))
    sun = 48_000 * height * np.where(clear, 1.0, 0.18)
    outside = outside + sun / 60_000
    morning, evening = rng.normal(6.3, 0.15, days), rng.normal(22.2, 0.3, days)
    warm = (hour > np.repeat(morning, DAY_MIN)) & (hour < np.repeat(evening, DAY_MIN))
    wanted = np.where(warm, 20.5, 17.0)
    for at in rng.integers(0, count - 200, days // 5):
        wanted[at : at + 120] = 23.5
    windows = {}
    for room, per_day in (("living", 1.2), ("bedroom", 1.6), ("study", 0.7), ("kitchen", 1.5), ("greenhouse", 0.8)):
        windows[room] = _spells(rng, count, per_day, (5, 50), awake & home)
    people = {
        "living": np.where(
            home & (hour > 17) & (hour < 22.5), 2.0, np.where(home & awake & (rng.random(count) < 0.3), 1, 0)
        ),
        "bedroom": np.where((hour > 22.8) | (hour < 6.8), 2.0, 0.0),
    }
    guests = np.zeros(count)
    for day in np.flatnonzero(rng.random(days) < 0.28):
        at = day * DAY_MIN + int(rng.uniform(13, 20) * 60)
        guests[at : at + int(rng.uniform(60, 200))] = rng.integers(2, 7)
    door = np.zeros(count)
    for at in np.flatnonzero(awake & home & (rng.random(count) < 4 / 700)):
        door[at] = rng.uniform(0.1, 1.0)
    pump = _spells(rng, count, 2.5, (15, 60), hour >= 0)
    drier = _spells(rng, count, 0.6, (50, 90), awake & home)
    return Life(outside, sun, wanted, windows, people, guests, door, pump, drier, np.ones(count, bool))


def _spells(rng: np.random.Generator, count: int, per_day: float, minutes: tuple[float, float], among: Flags) -> Flags:
    spells = np.zeros(count, bool)
    chance = per_day / max(1.0, among.sum() / (count / DAY_MIN))
    for at in np.flatnonzero(among & (rng.random(count) < chance)):
        spells[at : at + int(rng.uniform(*minutes))] = True
    return spells


@dataclass
class Told:
    """What would be measured by the minute."""

    rooms: dict[str, Numbers]
    freezer: Numbers
    air: dict[str, Numbers]
    humidity: Numbers
    heating: Flags
    power: Numbers


def _live(life: Life, rng: np.random.Generator) -> Told:
    count = len(life.sun)
    rooms = {room: np.empty(count) for room in ROOMS}
    now = dict.fromkeys(ROOMS, 19.0) | {"pump_room": 14.0, "greenhouse": 8.0, "utility": 16.0}
    heated = {"living": 1.0, "kitchen": 0.8, "bedroom": 0.7, "study": 0.8, "utility": 0.3}
    loss = {"greenhouse": 1 / 70, "pump_room": 1 / 500}
    base = {"pump_room": 7.0, "utility": 3.0}
    freezer, cold, cooling = np.empty(count), -18.0, False
    air = {"living": np.empty(count), "bedroom": np.empty(count)}
    ppm = {"living": 500.0, "bedroom": 700.0}
    damp, humidity = 50.0, np.empty(count)
    heating, burning = np.zeros(count, bool), False
    powers = np.empty(count)
    extra = life.unseen_heat
    for at in range(count):
        mains, outside = bool(life.mains[at]), float(life.outside[at])
        error = life.wanted[at] - now["living"]
        burning = mains and (error > -0.3 if burning else error > 0.3)
        heating[at] = burning
        for room in ROOMS:
            value = now[room]
            rate = loss.get(room, 1 / 420)
            moved = (outside + base.get(room, 0.0) - value) * rate
            if room in life.windows and life.windows[room][at]:
                moved += (outside - value) * (1 / 90 if room != "greenhouse" else 1 / 40)
            moved += 0.085 * heated.get(room, 0.0) * burning
            if room == "greenhouse":
                moved += life.sun[at] * 6.5e-6
            if room == "pump_room":
                moved += 0.07 * bool(life.pump[at] and mains)
            if room in extra:
                moved += extra[room][at]
            now[room] = value + moved
            rooms[room][at] = now[room]
        cooling = mains and (cold > -20.0 if cooling else cold > -16.5)
        works = life.compressor is None or bool(life.compressor[at])
        cold += (19 - cold) / 900 - (0.13 if cooling and works else 0.0) + 0.22 * life.freezer_door[at]
        freezer[at] = cold
        for room, values in air.items():
            who = life.people[room][at] + (life.guests[at] if room == "living" else 0)
            leak = 1 / 25 if life.windows[room][at] else 1 / 170
            ppm[room] += who * 4.2 + (420 - ppm[room]) * leak
            values[at] = ppm[room]
        damp += (52 - damp) / 90 + 0.5 * bool(life.drier[at] and mains)
        damp += float(life.damp[at]) if life.damp is not None else 0.0
        humidity[at] = damp
        powers[at] = mains * (
            180 + 90 * cooling + 60 * burning + 700 * life.pump[at] + 1900 * life.drier[at] + rng.normal(0, 15)
        )
    if life.air_offset is not None:
        air["bedroom"] = air["bedroom"] + life.air_offset
    return Told(rooms, freezer, air, humidity, heating, powers)


Events = dict[str, list[tuple[float, str]]]


def _distractions(rng: np.random.Generator, count: int, life: Life) -> Events:
    """Things with no effect on anything that is measured: minutes and states, in order."""
    hour = (np.arange(count) % DAY_MIN) / 60
    awake = (hour > 6.8) & (hour < 22.8)
    events: Events = {}
    for key, per_day, minutes in (
        *((f"light.{room}", 4.0, (5, 120)) for room in ROOMS),
        ("media_player.tv", 2.0, (20, 150)),
        ("switch.coffee", 3.0, (3, 20)),
        ("switch.washing_machine", 0.8, (60, 110)),
        ("binary_sensor.front_door", 8.0, (0.2, 3)),
        ("binary_sensor.gate", 4.0, (0.5, 5)),
        *((f"binary_sensor.motion_{room}", 40.0, (1, 8)) for room in ("hall", "living", "kitchen")),
    ):
        events[key] = [(0.0, "off")]
        spells = _spells(rng, count, per_day, minutes, awake)
        flips = np.flatnonzero(np.diff(spells.astype(int)))
        events[key] += [(float(at + 1 + rng.random() * 0.9), "on" if spells[at + 1] else "off") for at in flips]
    return events


def _decoys(events: Events, rng: np.random.Generator, planted: int, subject: str) -> None:
    """Three of them happen shortly before, one of those in the same room where there is one."""
    room = next((one for one in ROOMS if f".{one}_" in subject), "kitchen")
    chosen = [f"light.{room}"]
    others = [one for one in events if one not in chosen]
    chosen += [str(one) for one in rng.choice(others, 2, replace=False)]
    for key in chosen:
        at = planted - rng.uniform(0, 12)
        kept = [one for one in events[key] if one[0] < at - 30]
        if kept[-1][1] == "on":
            kept.append((at - 20, "off"))
        events[key] = [*kept, (at, "on"), (at + 25, "off")]


def _write(
    file: Path, life: Life, told: Told, events: Events, rng: np.random.Generator, asked: int, reports_min: int
) -> None:
    database = open_to_write(file)
    database.execute("PRAGMA synchronous=OFF")
    writing = Writing(database, rng, asked, reports_min)
    for room, values in told.rooms.items():
        writing.numbers(
            f"sensor.{room}_temperature", f"{_name(room)} Temperature", "°C", "temperature", room, values, 0.1
        )
    writing.numbers("sensor.outside_temperature", "Outside Temperature", "°C", "temperature", "", life.outside, 0.1)
    writing.numbers("sensor.outside_light", "Outside Light", "lx", "illuminance", "", life.sun + 1, 1.0)
    writing.numbers("sensor.freezer", "Freezer Temperature", "°C", "temperature", "kitchen", told.freezer, 0.1)
    for room, values in told.air.items():
        writing.numbers(f"sensor.{room}_co2", f"{_name(room)} CO2", "ppm", "carbon_dioxide", room, values, 1.0, 6)
    writing.numbers("sensor.utility_humidity", "Utility Humidity", "%", "humidity", "utility", told.humidity, 0.1, 0.3)
    on_pump, on_drier = life.pump & life.mains, life.drier & life.mains
    writing.numbers("sensor.pump_power", "Pump Power", "W", "power", "pump_room", 700.0 * on_pump + 1, 1.0, 2)
    writing.numbers("sensor.drier_power", "Drier Power", "W", "power", "utility", 1900.0 * on_drier + 1, 1.0, 2)
    writing.numbers("sensor.mains_power", "Mains Power", "W", "power", "", told.power, 1.0)
    writing.numbers("sensor.mains_voltage", "Mains Voltage", "V", "voltage", "", 231.0 * life.mains, 1.0, 1)
    writing.numbers("sensor.guest_phones", "Guest Phones", "", "", "", life.guests, 1.0, 0)
    for room, flags in life.windows.items():
        kind = "door" if room == "greenhouse" else "window"
        name = f"{_name(room)} {kind.title()}"
        writing.states(f"binary_sensor.window_{room}", name, kind, room, _flips(flags, rng, "on", "off"))
    door = [(0.0, "off")]
    for at in np.flatnonzero(life.freezer_door):
        if life.freezer_door[at] == 1.0 and life.freezer_door[at - 1] == 1.0:
            continue
        end = at + float(life.freezer_door[at])
        if life.freezer_door[at] == 1.0:
            end = float(at + np.argmin(life.freezer_door[at:]))
        door += [(float(at), "on"), (end, "off")]
    writing.states("binary_sensor.freezer_door", "Freezer Door", "door", "kitchen", door)
    heating = _flips(told.heating, rng, "heating", "idle")
    writing.states("climate.living:hvac_action", "Heating hvac action", "", "living", heating)
    writing.numbers(
        "climate.living:temperature", "Heating temperature", "°C", "temperature", "living", life.wanted, 0.5, 0
    )
    dark = np.flatnonzero(~life.mains)
    cut = (float(dark[0]), float(dark[-1] + 1)) if len(dark) else None
    for key, name, room, flags in (("pump", "Pump", "pump_room", on_pump), ("drier", "Drier", "utility", on_drier)):
        writing.states(f"switch.{key}", name, "", room, _flips(flags, rng, "on", "off"), cut)
    for key, changes in events.items():
        room = key.partition(".")[2].removeprefix("motion_")
        area = room if room in (*ROOMS, "hall") else {"tv": "living", "coffee": "kitchen", "washing_machine": "utility"}
        at_home = area if isinstance(area, str) else area.get(room, "hall")
        kind = "motion" if "motion" in key else "door" if "door" in key else "opening" if "gate" in key else ""
        plain = f"{_name(room)} {key.partition('.')[0].title()}" if key.startswith("light") else _name(room)
        name = f"{_name(room)} Motion" if "motion" in key else plain
        writing.states(key, name, kind, at_home, changes, cut if key.startswith(("switch", "light", "media")) else None)
    writing.finish()
    database.close()


def _name(room: str) -> str:
    return NAMES.get(room, room.replace("_", " ").title())


def _flips(flags: Flags, rng: np.random.Generator, on: str, off: str) -> list[tuple[float, str]]:
    flips = np.flatnonzero(np.diff(flags.astype(int)))
    found = [(0.0, on if flags[0] else off)]
    return found + [(float(at + 1), on if flags[at + 1] else off) for at in flips]
