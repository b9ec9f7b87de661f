"""Gathers a summary from the history: exact figures of the time itself, days before it as what is usual."""

from collections.abc import Iterator, Sequence
from typing import Final

from edge.sensors.explaining.model import Places
from edge.sensors.explaining.priors import Kind, What, is_outdoors, kind_of, what_of
from edge.sensors.history.grids import Daily, Grids
from edge.sensors.history.model import Counter, Sensor, Sort
from edge.sensors.history.reader import Reader
from edge.sensors.summary.days import Learnt, crept, learnt, strange
from edge.sensors.summary.model import Battery, Drift, Odd, Opening, Room, Silent, Summary, Total, Width

_BEFORE: Final = 28
_DAY_S: Final = 86_400.0
_ROOMS: Final = 40
_METERS: Final = 20
_OPENINGS: Final = 100
_OPENING: Final = frozenset({"door", "window", "opening", "garage_door", "garage", "gate"})
_OPEN: Final = frozenset({"on", "open"})
_LEFT_S: Final = 1800.0
"""What is open now is told from then on,"""
_LONG_S: Final = 3 * 3600.0
"""and what was open before where it was for so long."""
_LOW: Final = 20.0
_METERED: Final = ("energy", "water", "gas")
_SILENT_S: Final = 6 * 3600.0
_OFTEN: Final = 4
"""Reports a day of a sensor that can be missed."""
_MOST: Final = 8


def summarise(
    reader: Reader, places: Places, width: Width, since_s: float, until_s: float, now_s: float, up_s: float = 0.0
) -> Summary:
    """`up_s`: since when it has been listened; before, silence is nobody's. Alarms are for others to put in.

    Blocks for a tenth of a second or so. Raises `SensorError`.
    """
    grids = Grids(reader.database)
    first = reader.zone.day(round(since_s * 1000))
    daily = grids.daily(first - _BEFORE, first)
    every = list(grids.sensors.values())
    numbers = [one for one in every if one.sort is Sort.NUMBER]
    known = {one.key: learnt(daily[one.key], one.counter is not Counter.NO) for one in numbers if one.key in daily}
    days = max(1.0, (until_s - since_s) / _DAY_S)
    recent = reader.zone.day(round(until_s * 1000))
    drifting = grids.daily(recent - 14, recent)
    return Summary(
        width,
        since_s,
        until_s,
        rooms=tuple(_rooms(reader, numbers, places, known, since_s, until_s)),
        totals=tuple(_totals(reader, numbers, known, since_s, until_s)),
        openings=tuple(_openings(grids, every, since_s, until_s, now_s)),
        batteries=tuple(_batteries(reader, every, now_s)),
        silent=tuple(_silent(grids, numbers, known, now_s, up_s)),
        odd=tuple(_odd(grids, numbers, places, known, since_s, until_s, days)),
        drifts=tuple(_drifts(numbers, places, drifting)),
    )


# Rooms and meters --------------------------------------------------------------------------------------------------


def _rooms(
    reader: Reader,
    sensors: Sequence[Sensor],
    places: Places,
    known: dict[str, Learnt],
    since_s: float,
    until_s: float,
) -> Iterator[Room]:
    """One thermometer of each room, and one outdoors."""
    by_place: dict[str, Sensor] = {}
    for one in sensors:
        if what_of(one, places) is not What.WARMTH or kind_of(one, places) is Kind.HEATING or one.unit == "K":
            continue
        place = "" if is_outdoors(one, places) else one.area
        if not place and not is_outdoors(one, places):
            continue
        chosen = by_place.get(place)
        if chosen is None or _plainness(one) < _plainness(chosen):
            by_place[place] = one
    for place, one in list(by_place.items())[:_ROOMS]:
        stats = reader.stats(one.key, since_s, until_s)
        if stats.low is None or stats.high is None:
            continue
        usual = known.get(one.key)
        low, high = (usual.middle_low, usual.middle_high) if usual else (None, None)
        yield Room(one.key, one.name, one.area, not place, one.unit, stats.low, stats.high, low, high)


def _plainness(sensor: Sensor) -> tuple[bool, int]:
    return sensor.device_class != "temperature", len(sensor.name)


def _totals(
    reader: Reader, sensors: Sequence[Sensor], known: dict[str, Learnt], since_s: float, until_s: float
) -> Iterator[Total]:
    """Of each kind the meter that counted most: it is the whole house's."""
    days = (until_s - since_s) / _DAY_S
    for kind in _METERED:
        meters = [one for one in sensors if one.device_class == kind and one.counter is not Counter.NO][:_METERS]
        found = [(gain, one) for one in meters if (gain := reader.stats(one.key, since_s, until_s).gain) is not None]
        by_unit: dict[str, list[tuple[float, Sensor]]] = {}
        for gain, one in found:
            by_unit.setdefault(one.unit, []).append((gain, one))
        if not by_unit:
            continue
        most = max(by_unit.values(), key=lambda pairs: len(pairs))
        gain, one = max(most, key=lambda pair: pair[0])
        usual = known[one.key].middle_gain if one.key in known else None
        yield Total(one.key, one.name, kind, one.unit, gain, None if usual is None else usual * days)


# States ------------------------------------------------------------------------------------------------------------


def _openings(grids: Grids, sensors: Sequence[Sensor], since_s: float, until_s: float, now_s: float) -> list[Opening]:
    found = []
    for one in [one for one in sensors if _opens(one)][:_OPENINGS]:
        spells = _spells(grids, one, since_s, max(until_s, now_s))
        if not spells:
            continue
        begin_s, end_s = spells[-1]
        if end_s is None and now_s - begin_s >= _LEFT_S:
            found.append(Opening(one.key, one.name, one.area, one.device_class, begin_s, now_s - begin_s, still=True))
            continue
        longest = (
            max(((end if end is not None else until_s) - begin, begin) for begin, end in spells if begin < until_s)
            if any(begin < until_s for begin, _ in spells)
            else (0.0, 0.0)
        )
        if longest[0] >= _LONG_S:
            found.append(Opening(one.key, one.name, one.area, one.device_class, longest[1], longest[0], still=False))
    return sorted(found, key=lambda one: (not one.still, -one.open_s))[:_MOST]


def _opens(sensor: Sensor) -> bool:
    domain = sensor.key.partition(".")[0]
    if sensor.sort is not Sort.STATE or ":" in sensor.key:
        return False
    return (domain == "binary_sensor" and sensor.device_class in _OPENING) or (
        domain in ("cover", "valve") and sensor.device_class not in ("blind", "curtain", "shade", "shutter", "awning")
    )


def _spells(grids: Grids, sensor: Sensor, since_s: float, until_s: float) -> list[tuple[float, float | None]]:
    """Since when it was open, and until when."""
    spells: list[tuple[float, float | None]] = []
    for change in grids.changes(sensor.key, since_s, until_s):
        if change.state in _OPEN:
            if not spells or spells[-1][1] is not None:
                spells.append((change.at_s, None))
        elif spells and spells[-1][1] is None:
            spells[-1] = (spells[-1][0], change.at_s)
    return spells


def _batteries(reader: Reader, sensors: Sequence[Sensor], now_s: float) -> list[Battery]:
    found = []
    for one in sensors:
        if one.device_class != "battery":
            continue
        last = reader.last(one.key)
        if last is None or now_s - last.at_s > 60 * _DAY_S:
            continue
        if isinstance(last.value, float | int) and last.value < _LOW and one.unit in ("%", ""):
            found.append(Battery(one.key, one.name, one.area, float(last.value)))
        elif last.value == "on":
            found.append(Battery(one.key, one.name, one.area, None))
    return sorted(found, key=lambda one: one.percent if one.percent is not None else 0.0)[: 2 * _MOST]


def _silent(
    grids: Grids, sensors: Sequence[Sensor], known: dict[str, Learnt], now_s: float, up_s: float
) -> list[Silent]:
    """Those that report several times a day, and have not for long; what has been silent for a week is known."""
    found = []
    often = [one for one in sensors if one.key in known and known[one.key].reports >= _OFTEN]
    last_s = grids.last_s([one.key for one in often])
    for one in often:
        at_s = last_s.get(one.key)
        patience_s = max(_SILENT_S, 3 * _DAY_S / known[one.key].reports)
        if at_s is not None and patience_s < now_s - max(at_s, up_s):
            found.append(Silent(one.key, one.name, one.area, at_s))
    return sorted(found, key=lambda one: -one.since_s)[:_MOST]


# What is not as always ---------------------------------------------------------------------------------------------


def _odd(
    grids: Grids,
    sensors: Sequence[Sensor],
    places: Places,
    known: dict[str, Learnt],
    since_s: float,
    until_s: float,
    days: float,
) -> list[Odd]:
    figures = grids.figures(since_s, until_s)
    found = []
    for one in sensors:
        if one.key not in known or one.key not in figures or one.device_class in ("battery", "signal_strength"):
            continue
        if is_outdoors(one, places) or kind_of(one, places) is Kind.HEATING:
            continue
        odd = strange(figures[one.key], known[one.key], days)
        if odd is not None:
            value, low, high, times, counted = odd
            about = (one.key, one.name, one.area, one.unit, one.device_class)
            found.append(Odd(*about, value, low, high, times, counted))
    return sorted(found, key=lambda one: -one.times)[:_MOST]


def _drifts(sensors: Sequence[Sensor], places: Places, daily: dict[str, list[Daily]]) -> list[Drift]:
    """Freezers that get warmer, air that gets damper or staler: what people can do something about."""
    found: list[tuple[float, Drift]] = []
    for one in sensors:
        what = what_of(one, places)
        if what not in (What.COLD, What.HUMIDITY, What.AIR) or is_outdoors(one, places):
            continue
        drift = crept(daily.get(one.key, []), what)
        if drift is not None:
            by, sure = drift
            found.append((sure, Drift(one.key, one.name, one.area, one.unit, by, len(daily[one.key]))))
    return [drift for _, drift in sorted(found, key=lambda pair: -pair[0])][:_MOST]
