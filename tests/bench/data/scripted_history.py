"""Three weeks of a made-up house, always the same: the history behind `sensor_questions.json`.

`readings()` gives {entity_id: [(local datetime, value), ...]} from START to NOW, oldest first. Numeric sensors report
every five minutes (each at its own second), state sensors when they change; the front door repeats its state every
six hours as well, which is no change. Times are Europe/London; no daylight-saving change falls inside.
Standard library only. Run as a program it prints CSV: entity_id,timestamp,value.
"""

from datetime import datetime, timedelta
from itertools import pairwise
from zlib import crc32
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/London")
NOW = datetime(2026, 3, 12, 19, 40, tzinfo=ZONE)
START = NOW - timedelta(days=21)
STEP = timedelta(minutes=5)

# A usual day: (hour, value) corners joined by straight lines, and the half-width of the noise.
DAYS = {
    "sensor.kitchen_temperature": ([(0, 18.6), (6, 17.6), (9, 20.2), (16, 19.6), (19, 21.9), (24, 18.6)], 0.15),
    "sensor.living_room_temperature": ([(0, 18.9), (6, 17.9), (9, 19.6), (16, 19.3), (20, 21.0), (24, 18.9)], 0.15),
    "sensor.bedroom_temperature": ([(0, 17.8), (6, 16.6), (9, 18.4), (16, 17.9), (21, 19.2), (24, 17.8)], 0.15),
    "sensor.study_temperature": ([(0, 17.0), (6, 16.0), (10, 19.8), (17, 20.4), (20, 18.8), (24, 17.0)], 0.15),
    "sensor.bathroom_temperature": ([(0, 19.2), (6, 18.4), (8, 22.4), (12, 20.4), (21, 22.0), (24, 19.2)], 0.15),
    "sensor.freezer_temperature": ([(0, -18.8), (6, -19.2), (12, -18.4), (24, -18.8)], 0.3),
    "sensor.outside_temperature": ([(0, 5.4), (6, 3.6), (15, 11.0), (24, 5.4)], 0.1),
    "sensor.greenhouse_temperature": ([(0, 8.2), (6, 6.4), (9, 12.0), (14, 24.6), (18, 14.2), (24, 8.2)], 0.2),
    "sensor.bathroom_humidity": ([(0, 58), (7, 60), (8, 78), (10, 62), (18, 57), (24, 58)], 1.0),
    "sensor.greenhouse_humidity": ([(0, 84), (6, 88), (14, 58), (20, 76), (24, 84)], 1.0),
    "sensor.study_co2": ([(0, 480), (8, 450), (11, 760), (13, 690), (16, 870), (19, 590), (24, 480)], 12),
    "sensor.house_power": ([(0, 260), (6, 270), (7.5, 1150), (9, 480), (16, 520), (18.5, 1600), (24, 260)], 40),
}
# Warmer or colder days, fed in from noon to noon.
DAY_SHIFT = {
    "sensor.outside_temperature": {
        "2026-02-24": -3.0, "2026-03-03": -6.5, "2026-03-04": -5.8, "2026-03-07": -6.4, "2026-03-08": -1.0,
        "2026-03-09": 2.0, "2026-03-10": -2.2, "2026-03-11": 1.2, "2026-03-12": -1.4,
    },
    "sensor.greenhouse_temperature": {
        "2026-03-03": -3.0, "2026-03-05": -4.0, "2026-03-07": 6.0, "2026-03-08": -2.0, "2026-03-10": -3.5,
        "2026-03-11": 4.4, "2026-03-12": -0.8,
    },
    "sensor.bedroom_temperature": {"2026-03-11": 1.3, "2026-03-12": -0.9},
    "sensor.study_temperature": {"2026-03-09": -1.0},
    "sensor.greenhouse_humidity": {"2026-03-10": 7.0, "2026-03-11": -3.0},
}  # fmt: skip
# One-off humps: start, minutes to rise, to stay, to fall, and how much on top.
HUMPS = {
    "sensor.freezer_temperature": [("2026-02-27T18:05", 20, 15, 60, 5.6), ("2026-03-10T14:15", 25, 30, 80, 7.4)],
    "sensor.bathroom_humidity": [("2026-03-12T17:10", 120, 60, 60, 31), ("2026-03-12T07:20", 15, 20, 60, 12)],
    "sensor.study_co2": [("2026-03-10T14:30", 45, 20, 60, 330), ("2026-03-11T13:30", 60, 50, 70, 560)],
    "sensor.house_power": [
        ("2026-03-07T12:00", 5, 90, 5, 2300), ("2026-03-08T10:00", 5, 240, 5, 2500),
            ("2026-03-10T17:40", 5, 50, 5, 2100),
        ("2026-03-12T12:15", 5, 25, 5, 1900), ("2026-03-12T18:55", 5, 60, 5, 4300),
    ],
    "sensor.kitchen_temperature": [("2026-03-08T11:00", 60, 60, 90, 2.6), ("2026-03-11T17:30", 45, 20, 90, 1.9)],
    "sensor.living_room_temperature": [("2026-03-11T19:00", 60, 60, 60, 1.8)],
    "sensor.outside_temperature": [("2026-03-12T04:30", 40, 5, 60, -1.9)],
}  # fmt: skip
# Slow things: corners over the three weeks, straight lines between, and the noise.
SLOW = {
    "sensor.tomato_bed_moisture": (
        [("2026-02-19T19:40", 46), ("2026-02-26T17:00", 33), ("2026-02-26T17:30", 52), ("2026-03-06T09:00", 29.5),
         ("2026-03-06T09:30", 49), ("2026-03-12T19:40", 34.2)], 0.2),
    "sensor.front_door_battery": ([("2026-02-19T19:40", 41), ("2026-03-12T19:40", 23)], 0),
    "sensor.greenhouse_sensor_battery": ([("2026-02-19T19:40", 88), ("2026-03-12T19:40", 86)], 0),
}  # fmt: skip
# Counters: start value, amount an hour by hour of the day, extra amounts (when, minutes, how much), falls to nought.
COUNTERS = {
    "sensor.freezer_energy": (212.0, [0.031] * 24, [("2026-03-10T14:40", 120, 0.35)], ["2026-03-09T11:02"], 3),
    "sensor.water_meter": (
        481200.0, [0, 0, 0, 0, 0, 2, 22, 48, 20, 8, 6, 6, 12, 9, 5, 5, 8, 14, 26, 22, 14, 30, 16, 2],
        [("2026-03-07T10:00", 60, 95), ("2026-03-08T15:00", 90, 240), ("2026-03-11T18:30", 45, 88),
         ("2026-03-12T13:05", 150, 410)], [], 0),
    "sensor.rain_gauge": (
        311.4, [0] * 24,
        [("2026-02-22T03:00", 300, 8.6), ("2026-03-01T13:00", 150, 4.2), ("2026-03-02T05:00", 180, 6.4),
         ("2026-03-05T20:30", 240, 9.8), ("2026-03-06T14:00", 120, 5.2), ("2026-03-07T09:20", 60, 1.8),
         ("2026-03-08T21:10", 150, 7.4), ("2026-03-10T02:00", 200, 3.6), ("2026-03-10T16:10", 65, 2.2)], [], 1),
}  # fmt: skip
# State sensors. Every day of the week in `week` (0 Monday): (from, to) in the second state; then single spans; days in
# `off` have none of the usual ones.
ALL = "0123456"
STATES = {
    "binary_sensor.front_door": (
        "off", "on",
        [("01234", "08:12:20", "08:13:05"), ("01234", "17:36:10", "17:37:30"), (ALL, "13:02:00", "13:04:00"),
         ("56", "10:29:30", "10:31:00"), ("5", "14:05:00", "14:06:40")],
        [("2026-03-11T15:05", "2026-03-11T15:47"), ("2026-03-12T10:20", "2026-03-12T10:22"),
         ("2026-03-12T11:41", "2026-03-12T11:42"), ("2026-03-12T18:27", "2026-03-12T18:29")], []),
    "binary_sensor.back_door": (
        "off", "on",
        [(ALL, "06:50:00", "06:53:00"), (ALL, "12:15:00", "12:18:00"), (ALL, "21:40:00", "21:43:00")],
        [("2026-03-11T15:30", "2026-03-11T15:58"), ("2026-03-12T16:31", "2026-03-12T16:34")], []),
    "binary_sensor.bedroom_window": (
        "off", "on", [(ALL, "08:30:00", "09:15:00")],
        [("2026-03-11T13:10", "2026-03-11T16:20"), ("2026-03-12T18:52", "2026-03-13T00:00")], []),
    "binary_sensor.hall_motion": (
        "off", "on",
        [(ALL, "06:48:00", "06:51:00"), (ALL, "08:10:00", "08:13:30"), (ALL, "12:59:00", "13:05:00"),
         (ALL, "17:36:00", "17:40:00"), (ALL, "19:05:00", "19:08:00"), (ALL, "22:20:00", "22:24:00")],
        [("2026-03-10T01:15", "2026-03-10T01:17"), ("2026-03-12T00:35", "2026-03-12T00:37"),
         ("2026-03-12T02:47", "2026-03-12T02:50"), ("2026-03-12T03:21", "2026-03-12T03:23"),
         ("2026-03-12T19:17", "2026-03-12T19:21")], []),
    "switch.borehole_pump": (
        "off", "on",
        [(ALL, "06:00:00", "06:18:00"), (ALL, "11:00:00", "11:20:00"), (ALL, "16:00:00", "16:25:00")],
        [("2026-03-08T13:00", "2026-03-08T14:10"), ("2026-03-11T18:40", "2026-03-11T20:45"),
         ("2026-03-11T22:05", "2026-03-11T22:12")], []),
    "person.anna": (
        "home", "not_home",
        [("01234", "08:13:00", "17:37:00"), ("5", "10:30:00", "14:06:00")],
        [("2026-03-10T19:30", "2026-03-10T21:45"), ("2026-03-12T10:21", "2026-03-12T18:28")], ["2026-03-12"]),
}  # fmt: skip
# The heating's day: it is off at night and otherwise goes between heat and idle.
HEATING = [("05:30", "heat"), ("06:40", "idle"), ("07:10", "heat"), ("08:20", "idle"), ("10:05", "heat"),
    ("10:35", "idle"),
           ("16:30", "heat"), ("18:05", "idle"), ("19:22", "heat"), ("20:40", "idle"), ("22:30", "off")]  # fmt: skip
HEATING_DAYS = {"2026-03-08": [("07:00", "heat"), ("11:30", "idle"), ("15:00", "heat"), ("18:45", "idle"),
    ("22:30", "off")],
                "2026-03-11": [("05:30", "heat"), ("06:50", "idle"), ("17:00", "heat"), ("19:10", "idle"),
                    ("22:30", "off")]}  # fmt: skip


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def noise(name: str, k: int) -> float:
    return crc32(f"{name} {k}".encode()) / 2**31 - 1.0


def line(corners, x):
    for (x0, y0), (x1, y1) in pairwise(corners):
        if x0 <= x <= x1:
            return y0 + (y1 - y0) * ((x - x0) / (x1 - x0))
    return corners[0][1] if x < corners[0][0] else corners[-1][1]


def hump(t, start, rise, stay, fall, height):
    m = (t - local(start)).total_seconds() / 60
    return height * line([(0, 0), (rise, 1), (rise + stay, 1), (rise + stay + fall, 0)], m)


def shift(name, t):
    days = DAY_SHIFT.get(name, {})
    noon = t.replace(hour=12, minute=0, second=0)
    if t < noon:
        noon -= timedelta(days=1)
    a, b = (days.get((noon + timedelta(days=d)).date().isoformat(), 0.0) for d in (0, 1))
    return a + (b - a) * ((t - noon) / timedelta(days=1))


def clock(name):
    t = START + timedelta(seconds=crc32(name.encode()) % 300)
    while t <= NOW:
        yield t
        t += STEP


def daily(name):
    corners, wobble = DAYS[name]
    places = 0 if name.endswith(("co2", "power")) else 1
    for k, t in enumerate(clock(name)):
        hour = t.hour + t.minute / 60 + t.second / 3600
        value = line(corners, hour) + shift(name, t) + wobble * noise(name, k)
        yield t, round(value + sum(hump(t, *h) for h in HUMPS.get(name, [])), places)


def slow(name):
    corners, wobble = SLOW[name]
    corners = [(local(at).timestamp(), value) for at, value in corners]
    for k, t in enumerate(clock(name)):
        yield t, round(line(corners, t.timestamp()) + wobble * noise(name, k), 1 if wobble else 0)


def counter(name):
    value, rates, extras, resets, places = COUNTERS[name]
    before = START
    for t in clock(name):
        if any(before < local(at) <= t for at in resets):
            value = 0.0
        value += rates[t.hour] * (t - before).total_seconds() / 3600
        for at, minutes, amount in extras:
            begin, end = local(at), local(at) + timedelta(minutes=minutes)
            value += amount * max(0.0, (min(t, end) - max(before, begin)) / (end - begin))
        before = t
        yield t, round(value, places)


def energy(power):
    """The house's energy meter: what its power sensor saw, added up."""
    total, before = 8127.0, None
    for t, watts in power:
        if before:
            total += before[1] * (t - before[0]).total_seconds() / 3.6e6
        before = (t, watts)
        yield t + timedelta(seconds=3), round(total, 2)


def states(name):
    usual, other, week, spans, off = STATES[name]
    changes = []
    day = START.date() - timedelta(days=1)
    while day <= NOW.date():
        for days, begin, end in week:
            if str(day.weekday()) in days and day.isoformat() not in off:
                changes += [(local(f"{day}T{begin}"), other), (local(f"{day}T{end}"), usual)]
        day += timedelta(days=1)
    for begin, end in spans:
        changes += [(local(begin), other), (local(end), usual)]
    return settle(name, sorted(changes), usual)


def heating(name):
    changes = []
    day = START.date() - timedelta(days=1)
    while day <= NOW.date():
        changes += [(local(f"{day}T{at}"), s) for at, s in HEATING_DAYS.get(day.isoformat(), HEATING)]
        day += timedelta(days=1)
    return settle(name, sorted(changes), "off")


def settle(name, changes, state):
    out = [(START, [state, *(s for t, s in changes if t <= START)][-1])]
    out += [(t, s) for t, s in changes if START < t <= NOW]
    if name == "binary_sensor.front_door":
        t = START + timedelta(hours=6)
        while t <= NOW:
            out.append((t, [s for at, s in out if at <= t][-1]))
            t += timedelta(hours=6)
        out.sort()
    return out


def readings():
    out = {name: list(daily(name)) for name in DAYS}
    out |= {name: list(slow(name)) for name in SLOW}
    out |= {name: list(counter(name)) for name in COUNTERS}
    out["sensor.house_energy"] = [(t, v) for t, v in energy(out["sensor.house_power"]) if t <= NOW]
    out |= {name: states(name) for name in STATES}
    out["climate.heating"] = heating("climate.heating")
    return out


if __name__ == "__main__":
    print("entity_id,timestamp,value")
    for entity, rows in readings().items():
        for t, value in rows:
            print(f"{entity},{t.isoformat()},{value}")
