"""A simulated house's sensors through all between MQTT and a person: registry, intake, watch, alarm book."""

import heapq
import json
from collections.abc import Iterable, Iterator

import numpy as np

from edge.devices.model import Device, DeviceState
from edge.devices.registry import Registry
from edge.sensors.alarms import AlarmBook, AlarmChange, News
from edge.sensors.alarms.codec import alarm_from, to_json
from edge.sensors.alarms.words import Moments
from edge.sensors.history.choosing import Choosing as Series
from edge.sensors.history.intake import Intake
from edge.sensors.watching import Choosing, Watching
from edge.sensors.watching.watching import Surroundings
from tests.bench.sensors.house import DAY_S, START_S, Sensor

_MINUTE_S = 60.0

_LOOKS = {
    "indoor_temperature": ("sensor", "temperature", "°C", "room"),
    "outdoor_temperature": ("sensor", "temperature", "°C", None),
    "temperature": ("sensor", "temperature", "°C", None),
    "fridge": ("sensor", "temperature", "°C", "kitchen"),
    "freezer": ("sensor", "temperature", "°C", "kitchen"),
    "carbon_dioxide": ("sensor", "carbon_dioxide", "ppm", "bedroom"),
    "humidity": ("sensor", "humidity", "%", "bath"),
    "pressure": ("sensor", "atmospheric_pressure", "hPa", None),
    "soil_moisture": ("sensor", "moisture", "%", None),
    "number": ("sensor", None, "x", None),
    "fridge_door": ("binary_sensor", "door", None, "kitchen"),
    "leak": ("binary_sensor", "moisture", None, "bath"),
    "lock": ("lock", None, None, "hall"),
    **{sort: ("binary_sensor", sort, None, "hall") for sort in ("door", "garage_door", "window", "smoke")},
    **{sort: ("sensor", sort, None, None) for sort in ("power", "energy", "water", "gas", "battery", "pm25")},
    "illuminance": ("sensor", "illuminance", "lx", None),
}
"""Domain, device class, unit and area of each sort, as discovery would tell them."""
_UNITS = {"power": "W", "energy": "kWh", "water": "L", "gas": "m³", "battery": "%", "pm25": "µg/m³"}


class House:
    """The sensors in one registry, lived through minute by minute; started again now and then, and away meanwhile."""

    def __init__(self, sensors: Iterable[Sensor]) -> None:
        self.now_s = START_S
        self.sensors = list(sensors)
        self.changes: list[tuple[float, AlarmChange]] = []
        """When, and what was told."""
        self._registry = Registry()
        self._reported = 0.0
        for one in self.sensors:
            self._registry.put_device(_device(one))
        self._learnt: dict[str, bytes] = {}
        self._begin(AlarmBook(self._moments()))

    def live(self, until_s: float, rng: np.random.Generator) -> None:
        restarts = sorted(START_S + rng.uniform(1, 55, 3) * DAY_S)
        away_until_s = tick_s = START_S
        for at_s, place, value in _in_order(self.sensors, until_s):
            while tick_s < at_s:
                if tick_s >= away_until_s:
                    self._tick(tick_s)
                tick_s += _MINUTE_S
            if restarts and at_s > restarts[0]:
                away_until_s = restarts.pop(0) + rng.uniform(60, 1800)
                self.now_s = away_until_s
                self._restart()
            if at_s >= away_until_s:
                self.now_s = at_s
                self._say(place, value)
        while tick_s < until_s:
            self._tick(tick_s)
            tick_s += _MINUTE_S

    def _say(self, place: int, value: float | str) -> None:
        sensor = self.sensors[place]
        self._reported += 1.0
        state = value if isinstance(value, str) else repr(value)
        if sensor.sort == "lock":
            state = "unlocked" if value == "on" else "locked"
        self._registry.set_state(_id(sensor), DeviceState(state, reported_s=self._reported))

    def _tick(self, now_s: float) -> None:
        self.now_s = max(self.now_s, now_s)
        for row in self.watching.second(most=1000):
            self._learnt[row[0]] = row[2]
        self.book.tick()

    def _restart(self) -> None:
        """With a state of learning that may be hours old, as after a power cut."""
        book = AlarmBook(self._moments())
        alarms = json.loads(json.dumps([to_json(one) for one in self.book.all()]))
        book.load([alarm_from(one) for one in alarms], (), (), ())
        self._end()
        self._begin(book)

    def _begin(self, book: AlarmBook) -> None:
        self.book = book
        book.listen(lambda change: self.changes.append((self.now_s, change)))
        intake = Intake(choosing=Series(), wall_s=lambda: self.now_s)
        around = Surroundings(now_s=lambda: self.now_s, flooding=intake.flooding)
        self.watching = Watching(book, Choosing(), around)
        self.watching.learn(self._learnt)
        intake.hear(self.watching.heard)
        self._end = intake.begin(self._registry)
        self._intake = intake
        intake.enough = lambda: intake.take_waiting() and None

    def _moments(self) -> Moments:
        return Moments(lambda: self.now_s)

    def told(self, begin_s: float = 0.0, end_s: float = 1e18) -> list[AlarmChange]:
        """What people were told of within a span."""
        return [one for at_s, one in self.changes if one.news is News.BEGAN and begin_s <= at_s <= end_s]

    def knew(self, sensor: Sensor, begin_s: float, end_s: float) -> bool:
        """Whether an alarm of a sensor began within a span, told by itself or with others."""
        key, begin_s = _id(sensor), begin_s - 0.001  # readings are kept to the millisecond
        return any(one.sensor == key and begin_s <= one.at_s <= end_s for one in (*self.book.all(), *self.book.past))


def _in_order(sensors: list[Sensor], until_s: float) -> Iterator[tuple[float, int, float | str]]:
    def of(place: int, sensor: Sensor) -> Iterator[tuple[float, int, float | str]]:
        last = int(np.searchsorted(sensor.at_s, until_s, side="right"))
        for at_s, value in zip(sensor.at_s[:last].tolist(), sensor.values[:last], strict=True):
            yield at_s, place, value

    return heapq.merge(*(of(place, sensor) for place, sensor in enumerate(sensors)))


def _id(sensor: Sensor) -> str:
    domain = _LOOKS[sensor.sort][0]
    return f"{domain}.{sensor.name.replace(' ', '_')}"


def _device(sensor: Sensor) -> Device:
    _, device_class, unit, area = _LOOKS[sensor.sort]
    area = f"{sensor.name}" if area == "room" else area
    name = f"{sensor.name} outside" if sensor.sort == "outdoor_temperature" else sensor.name
    unit = unit or _UNITS.get(sensor.sort)
    return Device(_id(sensor), name, area=area, device_class=device_class, unit=unit)
