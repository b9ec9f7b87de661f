"""Takes readings in at once and holds them until they are written: thins floods, keeps apart what can't be used."""

import logging
import math
import traceback
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from edge.devices.model import Device, DeviceState
from edge.devices.registry import Change, ChangeKind, Registry
from edge.log import RateLimited
from edge.sensors.history.choosing import Choosing
from edge.sensors.history.model import Point, Sensor, Sort
from edge.sensors.history.units import convert, convertible
from edge.sensors.model import Reading

log = logging.getLogger(__name__)

MOST_WAITING: Final = 200_000
"""Readings that wait to be written where the disk takes none; the oldest go."""
_BURST_S: Final = 5.0
"""So many seconds' worth may come at once before a sensor is thinned."""
_LONGEST_STATE: Final = 64
_MOST_STATES: Final = 200
"""Different states of one sensor; what has more is text."""
_NOTHING: Final = frozenset({"", "unknown", "unavailable", "none"})

ReadingListener = Callable[[Sensor, Reading], None]


@dataclass(slots=True)
class Batch:
    """Readings by column: places in `Intake.sensors`, milliseconds, and numbers (NaN: nothing usable; of a state its
    place in `Intake.states`)."""

    sensors: "array[int]" = field(default_factory=lambda: array("l"))
    times: "array[int]" = field(default_factory=lambda: array("q"))
    values: "array[float]" = field(default_factory=lambda: array("d"))

    def __len__(self) -> int:
        return len(self.sensors)

    def add(self, sensor: int, at_ms: int, value: float) -> None:
        self.sensors.append(sensor)
        self.times.append(at_ms)
        self.values.append(value)

    def extend(self, other: "Batch") -> None:
        self.sensors.extend(other.sensors)
        self.times.extend(other.times)
        self.values.extend(other.values)

    def shift(self, by_ms: int) -> None:
        """The clock was wrong by so much."""
        self.times = array("q", [at + by_ms for at in self.times])

    def drop_oldest(self, count: int) -> None:
        """There is no room for them."""
        for column in (self.sensors, self.times, self.values):
            del column[:count]


@dataclass(slots=True)
class Apart:
    """What of a sensor was kept apart for one reason."""

    count: int = 0
    last_ms: int = 0
    example: str = ""


class _Series:
    """What is known of one series while the service runs."""

    __slots__ = (
        "attribute",
        "given_unit",
        "held",
        "last_ms",
        "place",
        "sensor",
        "states",
        "thinned",
        "tokens",
        "value",
    )

    def __init__(self, sensor: Sensor, place: int, attribute: str | None, given_unit: str) -> None:
        self.sensor = sensor
        self.place = place
        self.attribute = attribute
        self.given_unit = given_unit
        self.last_ms = 0
        self.value = math.nan
        self.tokens = -1.0
        self.held: tuple[int, float] | None = None
        self.thinned = 0
        self.states = 0


class Intake:
    """Belongs to the event loop; nothing here waits."""

    def __init__(
        self,
        *,
        choosing: Choosing,
        wall_s: Callable[[], float],
        most_per_second: float = 10.0,
        known_units: dict[tuple[str, str], str] | None = None,
    ) -> None:
        self._choosing = choosing
        self._wall_s = wall_s
        self._rate = most_per_second / 1000
        self._burst = max(1.0, most_per_second * _BURST_S)
        self._known_units = known_units or {}
        self._of: dict[str, tuple[_Series, ...]] = {}
        self._series: dict[tuple[str, str, str], _Series] = {}
        self._flooded: dict[_Series, None] = {}
        self._state_places: dict[str, int] = {}
        self._listeners: list[ReadingListener] = []
        self._hearers: list[ReadingListener] = []
        self.sensors: list[Sensor] = []
        self.states: list[str] = []
        self.changed: dict[int, Sensor] = {}
        """New sensors, and those that are called otherwise now, by place; the writer takes them."""
        self.apart: dict[tuple[str, str], Apart] = {}
        """By key and reason, what was kept apart since the writer took it."""
        self.waiting = Batch()
        self.enough: Callable[[], None] = lambda: None
        """Called when so much waits that it should be written before the window ends."""
        self.enough_at = 10_000
        self.taken = 0
        self.thinned = 0
        self.kept_apart = 0
        self.lost = 0
        self._reported: set[tuple[str, str]] = set()
        self._limited = RateLimited(log)

    def listen(self, listener: ReadingListener) -> Callable[[], None]:
        """Have `listener` called for every reading that is kept; returns what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def hear(self, listener: ReadingListener) -> Callable[[], None]:
        """As `listen`, and called too where a state is said again that is kept already; returns what ends that."""
        self._hearers.append(listener)
        return lambda: self._hearers.remove(listener)

    def begin(self, registry: Registry) -> Callable[[], None]:
        """Take what the registry says from now on, and what it says now; returns what ends that."""
        for device in registry.devices.values():
            state = registry.state(device.id)
            self._describe(device, state)
            self._take(device.id, state, None)
        return registry.listen(self._on_change)

    def flooding(self) -> tuple[str, ...]:
        """The keys of sensors that are thinned now."""
        return tuple(one.sensor.key for one in self._flooded)

    def take_waiting(self) -> Batch:
        """Everything that waits, in the order it came; what was held back of floods as the last."""
        for series in list(self._flooded):
            self._let_go(series)
        batch, self.waiting = self.waiting, Batch()
        return batch

    def put_back(self, batch: Batch) -> None:
        """It could not be written; the oldest of all that waits goes where that is too much."""
        batch.extend(self.waiting)
        self.waiting = batch
        if (over := len(batch) - MOST_WAITING) > 0:
            batch.drop_oldest(over)
            self.lost += over

    def count_again(self, apart: "dict[tuple[str, str], Apart]") -> None:
        """What was kept apart could not be written."""
        for key, one in apart.items():
            newer = self.apart.setdefault(key, Apart(0, one.last_ms, one.example))
            newer.count += one.count

    def clock_set(self, by_ms: int, *, shift: bool) -> None:
        """The wall clock jumped; `shift`: it was wrong before."""
        if shift:
            self.waiting.shift(by_ms)
        for series in self._series.values():
            series.last_ms = series.last_ms + by_ms if shift else 0

    # Devices -------------------------------------------------------------------------------------------------------

    def _on_change(self, change: Change) -> None:
        device = change.device
        if change.kind is ChangeKind.STATE:
            if device.id not in self._of:
                self._describe(device, change.state)
            self._take(device.id, change.state, change.before)
        elif change.kind is ChangeKind.REMOVED:
            for series in self._of.pop(device.id, ()):
                self._nothing(series)
        else:
            self._describe(device, change.state)

    def _describe(self, device: Device, state: DeviceState) -> None:
        found = []
        for choice in self._choosing.of(device, state.state):
            sensor = choice.sensor
            given_unit = sensor.unit
            unit = self._known_units.setdefault((sensor.key, sensor.sort), given_unit)
            if unit != given_unit:
                sensor = self._in_other_unit(sensor, unit)
            known = self._series.get((sensor.key, sensor.sort, sensor.unit))
            if known is None:
                known = _Series(sensor, len(self.sensors), choice.attribute, given_unit)
                self._series[sensor.key, sensor.sort, sensor.unit] = known
                self.sensors.append(sensor)
                self.changed[known.place] = sensor
            elif known.sensor != sensor:
                known.sensor = self.sensors[known.place] = self.changed[known.place] = sensor
            known.given_unit = given_unit
            found.append(known)
        if found or state.state is not None:
            self._of[device.id] = tuple(found)

    def _in_other_unit(self, sensor: Sensor, unit: str) -> Sensor:
        """The unit is another than it was: converted where that can be done, a series of its own from now on if not."""
        same = convertible(sensor.unit, unit)
        self._keep_apart(sensor, "unit_changed", f"{unit or 'none'} to {sensor.unit or 'none'}")
        if same:
            return replace(sensor, unit=unit)
        self._known_units[sensor.key, sensor.sort] = sensor.unit
        return sensor

    # Readings ------------------------------------------------------------------------------------------------------

    def _take(self, device: str, state: DeviceState, before: DeviceState | None) -> None:
        for series in self._of.get(device, ()):
            if not state.available:
                self._nothing(series)
                continue
            attribute = series.attribute
            if attribute is None:
                given: Any = state.state
                said_again = before is not None and state.reported_s == before.reported_s and given == before.state
            else:
                given = state.attributes.get(attribute)
                said_again = before is not None and given == before.attributes.get(attribute)
            if said_again and not math.isnan(series.value):
                continue
            if given is None or (isinstance(given, str) and given.lower() in _NOTHING):
                self._nothing(series)
            elif series.sensor.sort is Sort.NUMBER:
                self._take_number(series, given)
            else:
                self._take_state(series, str(given))

    def _take_number(self, series: _Series, given: Any) -> None:
        try:
            value = float(given)
        except (TypeError, ValueError, OverflowError):
            self._keep_apart(series.sensor, "not_a_number", str(given))
            return
        if not -1e300 < value < 1e300:
            self._keep_apart(series.sensor, "not_finite", str(given))
            return
        if series.given_unit != series.sensor.unit:
            value = convert(value, series.given_unit, series.sensor.unit)
        self._add(series, value)

    def _take_state(self, series: _Series, name: str) -> None:
        """States are kept when they change."""
        place = self._state_places.get(name)
        if place is None or series.value != place:
            if len(name) > _LONGEST_STATE or series.states >= _MOST_STATES:
                self._keep_apart(series.sensor, "text", name)
                return
            if place is None:
                place = self._state_places[name] = len(self.states)
                self.states.append(name)
                series.states += 1
            self._add(series, float(place))
        elif self._hearers:
            self._tell(self._hearers, series, int(self._wall_s() * 1000), float(place))

    def _nothing(self, series: _Series) -> None:
        if not math.isnan(series.value):
            self._add(series, math.nan)

    def _add(self, series: _Series, value: float) -> None:
        now_ms = int(self._wall_s() * 1000)
        passed_ms = now_ms - series.last_ms
        if passed_ms <= 0:
            now_ms = series.last_ms + 1  # two within a millisecond, or the clock was put right by a little
            passed_ms = 0
        tokens = self._burst if series.tokens < 0 else min(self._burst, series.tokens + passed_ms * self._rate)
        series.value = value
        if tokens < 1:
            self._thin(series, now_ms, value)
            return
        series.tokens = tokens - 1
        series.last_ms = now_ms
        if series.held is not None:
            series.held = None
            series.thinned += 1
            self.thinned += 1
        self._keep(series, now_ms, value)

    def _keep(self, series: _Series, at_ms: int, value: float) -> None:
        waiting = self.waiting
        waiting.add(series.place, at_ms, value)
        self.taken += 1
        if len(waiting.sensors) >= self.enough_at:
            self.enough()
            if len(waiting.sensors) > MOST_WAITING:
                waiting.drop_oldest(MOST_WAITING // 10)
                self.lost += MOST_WAITING // 10
        if not math.isnan(value):
            self._tell(self._listeners, series, at_ms, value)
            self._tell(self._hearers, series, at_ms, value)

    def _tell(self, listeners: list[ReadingListener], series: _Series, at_ms: int, value: float) -> None:
        if not listeners:
            return
        reading = Reading(at_ms / 1000, value if series.sensor.sort is Sort.NUMBER else self.states[int(value)])
        for listener in listeners:
            try:
                listener(series.sensor, reading)
            except Exception as error:  # noqa: BLE001 (what it is depends on who listens)
                where = traceback.format_exc(limit=-3)
                self._limited.warning("history.listener", type(error).__name__, {"traceback": where})

    def _thin(self, series: _Series, at_ms: int, value: float) -> None:
        """The latest of what is too much is held, so that the last word of a flood is not lost."""
        if series not in self._flooded:
            self._flooded[series] = None
            log.warning("history.flood", extra={"sensor": series.sensor.key, "most_per_second": self._rate * 1000})
        if series.held is not None:
            series.thinned += 1
            self.thinned += 1
        series.held = (at_ms, value)

    def _let_go(self, series: _Series) -> None:
        if series.held is not None:
            at_ms, value = series.held
            series.held, series.last_ms = None, at_ms
            self._keep(series, at_ms, value)
            return
        del self._flooded[series]
        log.info("history.flood_over", extra={"sensor": series.sensor.key, "thinned": series.thinned})
        series.thinned = 0

    def _keep_apart(self, sensor: Sensor, reason: str, example: str) -> None:
        self.kept_apart += 1
        apart = self.apart.setdefault((sensor.key, reason), Apart())
        apart.count += 1
        apart.last_ms = int(self._wall_s() * 1000)
        apart.example = example[:_LONGEST_STATE]
        if (sensor.key, reason) not in self._reported:
            self._reported.add((sensor.key, reason))
            facts = {"sensor": sensor.key, "reason": reason, "example": apart.example}
            log.warning("history.kept_apart", extra=facts)

    def last(self, key: str) -> Point | None:
        """The latest reading of a series, written or not; None where none came since the start."""
        found = [one for (of, _, _), one in self._series.items() if of == key and one.last_ms]
        if not found:
            return None
        series = max(found, key=lambda one: one.last_ms)
        if math.isnan(series.value):
            return Point(series.last_ms / 1000, None)
        number = series.sensor.sort is Sort.NUMBER
        return Point(series.last_ms / 1000, series.value if number else self.states[int(series.value)])
