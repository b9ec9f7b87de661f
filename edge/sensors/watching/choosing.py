"""Which detectors a series has: the defaults of its sort, and a person's own laid over them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final

from edge.sensors.defaults import DEFAULTS, sort_of, with_changes
from edge.sensors.detectors import AnySettings
from edge.sensors.errors import SensorError
from edge.sensors.history.model import Counter, Sensor, Sort
from edge.settings.watch import WatchedSettings

_COVERS: Final = {"garage": "garage_door", "door": "door", "gate": "door", "window": "window"}
_MEASURING: Final = frozenset({"current_temperature", "current_humidity", "battery_level"})
"""Attributes that are measured; others are what somebody has set."""
_WEATHER: Final = {"temperature": "outdoor_temperature", "pressure": "pressure"}
_METERS: Final = frozenset({"energy", "water", "gas"})
_OF_ITSELF: Final = frozenset({"battery", "problem", "tamper", "smoke", "carbon_monoxide", "gas", "moisture"})
"""Device classes that matter of diagnostic entities too."""
_BESIDE: Final = frozenset(
    {"indoor_temperature", "temperature", "outdoor_temperature", "humidity", "carbon_dioxide", "pressure", "pm25"}
)
"""Sorts whose sensors are neighbours of one another all over the house."""


@dataclass(frozen=True, slots=True)
class Choice:
    """How a series is watched."""

    settings: tuple[AnySettings, ...]
    beside: str = ""
    """Which neighbourhood it belongs to; none where that is empty."""


@dataclass(frozen=True, slots=True)
class _Own:
    """An entry of the settings that can be used."""

    fits: WatchedSettings
    area: str
    changes: Mapping[str, Mapping[str, Any] | bool]


def described(entries: Sequence[WatchedSettings]) -> list[str]:
    """Sentences about what is written of detectors and can't be used."""
    return [str(problem) for place, entry in enumerate(entries) for problem in _usable(place, entry)[1]]


class Choosing:
    """`area_id` gives the id of an area by id or name; `category` that of a device (`diagnostic`)."""

    def __init__(
        self,
        entries: Sequence[WatchedSettings] = (),
        *,
        area_id: Callable[[str], str | None] = lambda given: given,
        category: Callable[[str], str | None] = lambda device: None,  # noqa: ARG005 (no device has one)
    ) -> None:
        self._entries = tuple(entries)
        self._area_id = area_id
        self._category = category
        self._changes = [_usable(place, entry)[0] for place, entry in enumerate(entries)]

    def by(self, entries: Sequence[WatchedSettings]) -> "Choosing":
        """The same by other entries."""
        return Choosing(entries, area_id=self._area_id, category=self._category)

    def of(self, sensor: Sensor) -> Choice | None:
        """None where nothing is looked for."""
        sort = self._sort(sensor)
        settings = DEFAULTS[sort] if sort is not None else ()
        for entry, changes in zip(self._entries, self._changes, strict=True):
            if not self._fits(entry, sensor):
                continue
            if not entry.enabled:
                return None
            settings = with_changes(settings, changes)
        if not settings:
            return None
        return Choice(settings, f"{sort}/{sensor.unit}" if sort in _BESIDE else "")

    def _fits(self, entry: WatchedSettings, sensor: Sensor) -> bool:
        if entry.sensor is not None and not fnmatchcase(sensor.key, entry.sensor):
            return False
        if entry.device_class is not None and entry.device_class != sensor.device_class:
            return False
        return entry.area is None or sensor.area in (entry.area, self._area_id(entry.area))

    def _sort(self, sensor: Sensor) -> str | None:
        if self._category(sensor.device) is not None and sensor.device_class not in _OF_ITSELF:
            return None
        domain, attribute = sensor.key.partition(".")[0], sensor.key.partition(":")[2]
        if sensor.sort is Sort.STATE:
            return None if attribute else _sort_of_states(domain, sensor)
        if domain in ("number", "input_number"):
            return None
        if domain == "weather":
            return _WEATHER.get(attribute)
        if attribute and attribute not in _MEASURING:
            return None
        if sensor.counter is not Counter.NO and sensor.device_class not in _METERS:
            return "illuminance"  # reports again and again, and goes where it likes
        return sort_of(sensor.device_class or None, sensor.name, sensor.area or None, numeric=True)


def _sort_of_states(domain: str, sensor: Sensor) -> str | None:
    if domain == "lock":
        return "lock"
    if domain == "cover":
        return _COVERS.get(sensor.device_class)
    if domain in ("binary_sensor", "sensor"):
        return sort_of(sensor.device_class or None, sensor.name, sensor.area or None, numeric=False)
    return "intruder" if domain == "alarm_control_panel" else None


def _usable(place: int, entry: WatchedSettings) -> tuple[dict[str, Any], list[SensorError]]:
    """What of an entry can be used, and what is wrong with the rest."""
    usable, problems = {}, []
    for key, change in entry.detectors.items():
        try:
            with_changes((), {key: change})
        except SensorError as error:
            problems.append(SensorError(f"watch.sensors[{place}]: {error}"))
        else:
            usable[key] = change
    return usable, problems
