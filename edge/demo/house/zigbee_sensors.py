"""Zigbee devices that measure the rooms, and watch doors, windows, smoke and water."""

from collections.abc import Iterator
from typing import ClassVar

from edge.demo.house.thing import Json, Radio, Surroundings
from edge.demo.house.zigbee import Entity, Zigbee


class Measuring(Zigbee):
    """Reports what it measures when that has changed enough, and now and then anyway."""

    every_s: ClassVar[float] = 60.0
    at_most_every_s: ClassVar[float] = 1.0
    steps: ClassVar[dict[str, float]] = {}
    """How much of a change is worth a report, by key."""
    _reported_s: float = -1e9
    _last: Json

    def measure(self) -> Json:
        """What it would say now."""
        raise AttributeError("subclasses measure something")

    def live(self, dt_s: float) -> None:  # noqa: ARG002
        now_s = self.around.agenda.now_s
        if now_s - self._reported_s < self.at_most_every_s:
            return
        self.state |= self.measure()
        if now_s - self._reported_s >= self.every_s or self._differs():
            self._reported_s, self._last = now_s, dict(self.state)
            self.report()

    def _differs(self) -> bool:
        for key, value in self.state.items():
            before = self._last.get(key)
            if isinstance(value, int | float) and not isinstance(value, bool) and before is not None:
                if abs(value - before) >= self.steps.get(key, 0.5):
                    return True
            elif value != before:
                return True
        return False


class AirSensor(Measuring):
    """Temperature and humidity, and CO₂ where it can."""

    model = ("Klarluft", "Air sensor")
    steps: ClassVar[dict[str, float]] = {"temperature": 0.1, "humidity": 1.0, "co2": 20.0}

    def __init__(self, around: Surroundings, radio: Radio, name: str, area: str, *, co2: bool = False) -> None:
        super().__init__(around, radio, name, area)
        self._co2 = co2
        self.state |= {"battery": around.chance.randrange(40, 100), **self.measure()}

    def entities(self) -> Iterator[Entity]:
        yield self.sensor("temperature", device_class="temperature", unit_of_measurement="°C")
        yield self.sensor("humidity", device_class="humidity", unit_of_measurement="%")
        if self._co2:
            yield self.sensor("co2", device_class="carbon_dioxide", unit_of_measurement="ppm")
        yield self.battery()

    def measure(self) -> Json:
        room = self.room
        found: Json = {"temperature": round(room.temperature_c, 1), "humidity": round(room.humidity_percent)}
        return found | ({"co2": round(room.co2_ppm)} if self._co2 else {})


class MotionSensor(Measuring):
    """Sees people move, and how bright it is."""

    model = ("Klarluft", "Motion sensor")
    steps: ClassVar[dict[str, float]] = {"illuminance": 25.0}

    def __init__(self, around: Surroundings, radio: Radio, name: str, area: str) -> None:
        super().__init__(around, radio, name, area)
        self.state |= {"battery": around.chance.randrange(40, 100), **self.measure()}

    def entities(self) -> Iterator[Entity]:
        yield self.binary("occupancy", "motion")
        yield self.sensor("illuminance", device_class="illuminance", unit_of_measurement="lx")
        yield self.battery()

    def measure(self) -> Json:
        sun = self.around.world.sun
        return {"occupancy": self.room.people > 0, "illuminance": round(self.room.light_lx(sun))}


class Contact(Zigbee):
    """On a door or a window; an open window lets air in."""

    model = ("Klarluft", "Contact")

    def __init__(self, around: Surroundings, radio: Radio, name: str, area: str, *, kind: str) -> None:
        super().__init__(around, radio, name, area)
        self._kind = kind
        self.state |= {"contact": True, "battery": around.chance.randrange(40, 100)}

    def entities(self) -> Iterator[Entity]:
        yield self.binary("contact", self._kind, on=False, off=True)
        yield self.battery()

    def hand(self, deed: str) -> bool:
        """`open` and `close`."""
        if deed not in ("open", "close"):
            return False
        self.state["contact"] = deed == "close"
        if self._kind == "window":
            self.room.window_open = deed == "open"
        self.report()
        return True


class Alert(Zigbee):
    """Smoke, water: something that is not so until it is."""

    model = ("Klarluft", "Detector")

    def __init__(self, around: Surroundings, radio: Radio, name: str, area: str, *, key: str, kind: str) -> None:
        super().__init__(around, radio, name, area)
        self._key, self._kind = key, kind
        self.state |= {key: False, "battery": around.chance.randrange(40, 100)}

    def entities(self) -> Iterator[Entity]:
        yield self.binary(self._key, self._kind)
        yield self.battery()

    def hand(self, deed: str) -> bool:
        """`trip` and `clear`."""
        if deed in ("trip", "clear"):
            self.state[self._key] = deed == "trip"
            self.report()
        return deed in ("trip", "clear")
