"""Runs the detectors of one sensor: a reading in, what was found out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from edge.sensors.detectors import DETECTORS, AnyDetector, AnySettings, Takes
from edge.sensors.detectors.counter import Counter
from edge.sensors.detectors.stale import Stale
from edge.sensors.detectors.unusual import Unusual
from edge.sensors.errors import SensorError
from edge.sensors.intake import Intake, Rejected
from edge.sensors.keeping import Json, moved_in_time, read_back, written
from edge.sensors.lately import HOUR_S, Condition
from edge.sensors.model import Finding, Reading

_VERSION = 1


@dataclass(slots=True)
class _Hour:
    """The hour that is not over yet: sums of its numbers and of their differences from the neighbours'."""

    hour: int = -1
    sum: float = 0.0
    count: int = 0
    differences: float = 0.0
    compared: int = 0


@dataclass(slots=True)
class _Memory:
    intake: Intake = field(default_factory=Intake)
    hour: _Hour = field(default_factory=_Hour)


class Watch:
    """All detectors of one sensor. Memory is constant, each call takes some microseconds and gives what changed.

    `numeric` tells whether the sensor reports numbers or states; None leaves it to its first reading.
    """

    __slots__ = ("_detectors", "_differences", "_hours", "_memory", "_reports", "_states", "_ticking", "_values")

    def __init__(self, settings: Iterable[AnySettings], *, numeric: bool | None = None) -> None:
        """Raise SensorError where two settings share a key."""
        self._detectors: dict[str, AnyDetector] = {}
        for one in settings:
            if one.key in self._detectors:
                raise SensorError(f"two detectors are called {one.key!r}: give one of them a key of its own")
            self._detectors[one.key] = DETECTORS[type(one)](one)  # type: ignore[arg-type]
        self._memory = _Memory(Intake(numeric))
        self._values = self._that_take(Takes.NUMBERS)
        self._states = self._that_take(Takes.STATES)
        self._reports = self._that_take(Takes.REPORTS)
        self._hours = self._that_take(Takes.HOURS)
        self._differences = self._that_take(Takes.DIFFERENCES)
        self._ticking: Sequence[Any] = tuple(one for one in self._detectors.values() if one.ticks)

    def update(
        self, reading: Reading, *, now_s: float | None = None, beside: float | None = None, dated: bool = True
    ) -> list[Finding]:
        """Take in a reading; `beside` is the neighbours' middle value then (see `Neighbourhood`).

        What can't be a reading is counted in `rejected` and changes nothing else. `now_s`, where given, is by which
        readings from the future are known. `dated`: whether the time of day can be believed.
        """
        value, jumped_s = self._memory.intake.judge(reading, now_s)
        if value is None:
            return []
        if jumped_s:
            self._move(jumped_s)
        at_s = reading.at_s
        found = [one.update(at_s, value) for one in self._reports]
        if isinstance(value, str):
            found += [one.update(at_s, value) for one in self._states]
        else:
            found += [one.update(at_s, value) for one in self._values]
            self._in_its_hour(at_s, value, beside, found, dated=dated)
        return [one for one in found if one is not None]

    def tick(self, now_s: float) -> list[Finding]:
        """Tell the time, about once a minute: silence and states that last are found by it."""
        found = [one.tick(now_s) for one in self._ticking]
        return [one for one in found if one is not None]

    @property
    def rejected(self) -> dict[str, int]:
        """How many readings were kept apart, by reason."""
        counts = self._memory.intake.rejected
        return {one.name.lower(): counts[one] for one in Rejected if counts[one]}

    def normal(self, at_s: float) -> tuple[float, float] | None:
        """What would be normal at this hour of the week, from and to; None until that has been learnt, in two weeks."""
        for one in self._detectors.values():
            if isinstance(one, Unusual):
                return one.normal(at_s)
        return None

    @property
    def active(self) -> tuple[str, ...]:
        """The keys of what has been said and is not over yet."""
        return tuple(key for key, one in self._conditions() if one.active)

    def settle(self, active: Mapping[str, float]) -> tuple[str, ...]:
        """Take for said what others know of, by key and since when, and nothing else; keys that nobody here looks for.

        What was remembered may be older than what was told: so each beginning has its end, and none comes twice.
        """
        unknown = dict(active)
        for key, condition in self._conditions():
            since_s = unknown.pop(key, None)
            if since_s is not None and not condition.active:
                condition.since_s, condition.active = since_s, True
            elif since_s is None and condition.active:
                condition.since_s, condition.active = None, False
        return tuple(unknown)

    def clock_set(self, by_s: float) -> None:
        """The clock by which readings are told was set: what is remembered moves with it."""
        self._move(by_s)
        moved_in_time(self._memory.intake, by_s)

    def listening_again(self, now_s: float) -> None:
        """Nothing could be heard for a while: that was not the sensor's silence."""
        for one in self._detectors.values():
            if isinstance(one, Stale):
                one.listening_again(now_s)

    def state(self) -> dict[str, Json]:
        """Everything learnt, as JSON values of some kilobytes; settings are not in it."""
        return {
            "version": _VERSION,
            "intake": written(self._memory.intake),
            "hour": written(self._memory.hour),
            "detectors": {key: written(one) for key, one in self._detectors.items()},
        }

    def restore(self, state: Json, now_s: float) -> tuple[str, ...]:
        """Go on from what `state` gave; the keys of what could not be read, which begins anew.

        A sensor is not silent for the time we were not there: staleness counts from `now_s`.
        """
        whole = state if isinstance(state, dict) and state.get("version") == _VERSION else {}
        kept = whole.get("detectors")
        parts: dict[str, Json] = kept if isinstance(kept, dict) else {}
        numeric = self._memory.intake.numeric
        lost = [key for key, one in self._detectors.items() if not read_back(one, parts.get(key))]
        if not read_back(self._memory.intake, whole.get("intake")):
            lost.append("intake")
        if numeric is not None:
            self._memory.intake.numeric = numeric
        if len(self._memory.intake.rejected) != len(Rejected):
            self._memory.intake.rejected = [0] * len(Rejected)
        if not read_back(self._memory.hour, whole.get("hour")):
            lost.append("hour")
        self.listening_again(now_s)
        return tuple(lost)

    def _move(self, by_s: float) -> None:
        for one in self._detectors.values():
            moved_in_time(one, by_s)

    def _conditions(self) -> Iterator[tuple[str, Condition]]:
        """What is or may be said, by its key."""
        for key, one in self._detectors.items():
            if isinstance(one, Counter):
                yield from ((f"{key}.running", one.running), (f"{key}.fast", one.fast), (f"{key}.still", one.still))
            else:
                yield key, one.condition

    def _that_take(self, what: Takes) -> Sequence[Any]:
        return tuple(one for one in self._detectors.values() if one.takes is what)

    def _in_its_hour(
        self, at_s: float, value: float, beside: float | None, found: list[Finding | None], *, dated: bool
    ) -> None:
        running = self._memory.hour
        hour = int(at_s // HOUR_S)
        if hour != running.hour:
            self._hour_over(running, found, dated=dated)
            running.hour = hour
        running.sum += value
        running.count += 1
        if beside is not None:
            running.differences += value - beside
            running.compared += 1

    def _hour_over(self, running: _Hour, found: list[Finding | None], *, dated: bool) -> None:
        middle_s = (running.hour + 0.5) * HOUR_S
        if running.count:
            mean = running.sum / running.count
            hours = self._hours if dated else [one for one in self._hours if not isinstance(one, Unusual)]
            found += [one.update(middle_s, mean) for one in hours]
        if running.compared:
            difference = running.differences / running.compared
            found += [one.update(middle_s, difference) for one in self._differences]
        running.sum = running.differences = 0.0
        running.count = running.compared = 0
