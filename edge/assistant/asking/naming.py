"""How answers call sensors, times and amounts."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from edge.assistant.naming import device_name, in_area, with_article, written
from edge.assistant.phrases import UNITS, clock, counted, number
from edge.devices.registry import Registry
from edge.devices.words import tokens
from edge.router.values.stretch import day_said
from edge.schedule.words import span
from edge.sensors.defaults import sort_of
from edge.sensors.history.model import Point, Sensor
from edge.sensors.questions import Figure, Span

_MEASURED: Final = {
    "temperature": "temperature", "humidity": "humidity", "carbon_dioxide": "carbon dioxide", "pm25": "fine dust",
    "illuminance": "light", "pressure": "pressure", "atmospheric_pressure": "air pressure", "moisture": "moisture",
    "volatile_organic_compounds": "volatile organic compounds", "aqi": "air quality",
}  # fmt: skip
_AIR: Final = frozenset({"sensor", "thermometer", "room", "thermostat", "indoor", "outdoor", "inside", "outside", "air",
                         "hygrometer", "climate", "the", "of", "in", "co2", "relative", "level"})  # fmt: skip
_OF_POWER: Final = frozenset({"power", "energy", "consumption", "wattage", "plug", "socket", "current"})
_OUTSIDE: Final = frozenset({"outside", "outdoors", "outdoor"})


class Namer:
    """Words for one home at one moment; `local` tells the home's time."""

    def __init__(self, registry: Registry, local: Callable[[float], datetime], now_s: float) -> None:
        self._registry = registry
        self._local = local
        self._now = local(now_s)

    def thing(self, sensor: Sensor) -> str:
        """What was measured, as the subject of a sentence: "the freezer", "the humidity in the bathroom"."""
        device = self._registry.devices.get(sensor.device)
        area = self._registry.areas.get(device.area or "") if device is not None else None
        name = device.name if device is not None else sensor.name or sensor.key
        measured = _MEASURED.get(sensor.device_class, "")
        own = set(tokens(name))
        place = {word for one in ((area.name, *area.aliases) if area else ()) for word in tokens(one)}
        if area is not None and measured and own <= place | _AIR | set(tokens(measured)) | {"carbon", "dioxide"}:
            if sensor.device_class == "temperature":
                return with_article(area.name) if not place & _OUTSIDE else "the air outside"
            return f"the {measured} {in_area(area) if not place & _OUTSIDE else 'outside'}"
        if sensor.device_class == "temperature" and "temperature" in own and len(own) > 1:
            bare = " ".join(word for word in name.split() if word.lower() not in ("temperature", "sensor"))
            return "the air outside" if set(tokens(bare)) <= _OUTSIDE else with_article(bare)
        return device_name(device, self._registry) if device is not None else f"the {written(name)}"

    def quantity(self, sensor: Sensor) -> str:
        """The measured quantity: "the temperature in the pump room"."""
        thing = self.thing(sensor)
        if sensor.device_class != "temperature":
            return thing
        if thing == "the air outside":
            return "the temperature outside"
        area = self._registry.areas.get(sensor.area)
        return f"the temperature {in_area(area)}" if area is not None and thing == with_article(area.name) else (
            f"the temperature of {thing}"
        )  # fmt: skip

    def machine(self, sensor: Sensor) -> str:
        """What draws the power that is measured: "the washing machine"."""
        device = self._registry.devices.get(sensor.device)
        name = device.name if device is not None else sensor.name
        kept = [word for word in name.split() if word.lower() not in _OF_POWER]
        return with_article(" ".join(kept or [name]))

    def place(self, sensor: Sensor) -> str:
        """The room something is in, or the thing itself: the answer to "which room"."""
        area = self._registry.areas.get(sensor.area)
        return with_article(area.name) if area is not None else self.thing(sensor)

    def name(self, sensor: Sensor) -> str:
        """A device by its own name."""
        device = self._registry.devices.get(sensor.device)
        return device_name(device, self._registry) if device is not None else self.thing(sensor)

    def is_warmth(self, sensor: Sensor) -> bool:
        """Whether it is cold or warm."""
        return sensor.device_class == "temperature"

    def is_cooled(self, sensor: Sensor) -> bool:
        """Whether it stands in a fridge or freezer."""
        return sort_of(sensor.device_class, sensor.name) in ("freezer", "fridge")

    # Times ---------------------------------------------------------------------------------------------------------

    def at(self, at_s: float, within: Span | None = None, *, about: bool = False) -> str:
        """ "at 3:12", "yesterday at 14:05", "on Tuesday at 9:30"; the time alone in a stretch that tells the day."""
        local = self._local(at_s)
        time = f"{'about' if about else 'at'} {clock(local)}"
        if within is not None and within.given and within.seconds <= 26 * 3600:
            return time
        day = day_said(local.date(), self._now.replace(tzinfo=None))
        return time if day == "today" else f"{day} {time}"

    def day(self, at_s: float) -> str:
        """ "today", "on Tuesday"."""
        return day_said(self._local(at_s).date(), self._now.replace(tzinfo=None))

    def clock(self, at_s: float) -> str:
        """ "3:12"."""
        return clock(self._local(at_s))

    def same_day(self, one_s: float, other_s: float) -> bool:
        """Whether two moments are on one day."""
        return self._local(one_s).date() == self._local(other_s).date()


_SCALES: Final = {"°C": " Celsius", "°F": " Fahrenheit"}
"""Said where it is not the sensor's own."""


def amount(value: object, figure: Figure, *, mean: bool = False, unit: str | None = None) -> str:
    """A figure with its unit, as exact as its sensor: "minus 21.4 degrees", "71 percent"."""
    if not isinstance(value, int | float):
        return str(value)
    unit = figure.unit if unit is None else unit
    places = figure.places
    if mean and places == 0 and abs(value) < 100:
        places = 1
    said = number(value, min(places, 2))
    if said == "minus 0":
        said = "0"
    if not unit:
        return said
    one, many = UNITS.get(unit, (unit, unit))
    scale = _SCALES.get(unit, "") if unit != figure.sensor.unit else ""
    return f"{said} {one if said in ('1', 'minus 1') else many}{scale}"


def bare(value: object, figure: Figure, *, mean: bool = False) -> str:
    """The number alone."""
    return amount(value, figure, mean=mean, unit="")


def point(one: Point | None, figure: Figure) -> str:
    """The value of a point."""
    return amount(one.value, figure) if one is not None else ""


def length(seconds: float) -> str:
    """A length of time: "2 hours and 5 minutes"; seconds only where there is no more."""
    if seconds >= 120:
        seconds = round(seconds / 60) * 60
    return span(seconds)


def times(count: int) -> str:
    """ "once", "twice", "three times"."""
    return {0: "never", 1: "once", 2: "twice"}.get(count) or counted(count, "time", "times")
