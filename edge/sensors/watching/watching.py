"""Watches every series: readings in, what is found into the alarm book; pure, with clocks that are given."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from edge.sensors.alarms.book import AlarmBook
from edge.sensors.alarms.model import AlarmRule, Subject
from edge.sensors.alarms.rules import Found, RuleWatch
from edge.sensors.detectors import AnySettings
from edge.sensors.history.model import Sensor, Sort
from edge.sensors.model import Change, Finding, Kind, Reading, Severity
from edge.sensors.neighbourhood import Neighbourhood
from edge.sensors.watch import Watch
from edge.sensors.watching.choosing import Choice, Choosing
from edge.sensors.watching.memory import Row, packed, unpacked
from edge.settings.watch import WatchedSettings

log = logging.getLogger(__name__)

TICK_S: Final = 60.0
"""How often each series is told the time."""
AWAY_S: Final = 150.0
"""After so long without having been told the time the machine slept."""
_KEEP_S: Final = 3 * 3600.0
"""How often what was learnt is written: it wears out a card, and little is lost by it."""
_FLOOD_OVER_S: Final = 600.0
_MOST_EARLY: Final = 16
"""Readings of a new series that wait for what it had learnt to be read back."""


@dataclass(slots=True)
class Surroundings:
    """What is known of the house; everything is called on the loop and must not wait."""

    now_s: Callable[[], float]
    """By which readings are timed."""
    trusted: Callable[[], bool] = lambda: True
    """Whether the time of day can be believed."""
    minute: Callable[[float], int | None] = lambda _at_s: None
    """Minutes after the home's midnight."""
    subject: Callable[[Sensor], Subject] = lambda one: Subject(
        one.key, one.name or one.key, one.unit, one.device_class, one.area
    )
    """What people call a series."""
    reachable: Callable[[str], bool] = lambda _device: True
    """Whether a device of this id could be heard now: the broker, say, is there."""
    flooding: Callable[[], Iterable[str]] = tuple
    """Keys of series that are thinned now."""
    most_per_second: float = 10.0
    last: Callable[[str], float | str | None] = lambda _key: None
    """What a series said last."""


class _Watched:
    """One series."""

    __slots__ = ("beside", "changed", "choice", "kept_s", "sensor", "subject", "ticked_s", "watch")

    def __init__(self, sensor: Sensor, subject: Subject, choice: Choice | None, now_s: float) -> None:
        self.sensor = sensor
        self.subject = subject
        self.choice = choice
        self.watch = Watch(choice.settings, numeric=sensor.sort is Sort.NUMBER) if choice is not None else None
        self.beside: Neighbourhood | None = None
        self.kept_s = self.ticked_s = now_s
        self.changed = False


class Watching:
    """Belongs to the event loop. `heard` takes readings, `second` is called about once a second."""

    def __init__(self, book: AlarmBook, choosing: Choosing, around: Surroundings) -> None:
        self._book = book
        self._choosing = choosing
        self._around = around
        self._learnt: dict[str, bytes] = {}
        self._watched: dict[str, _Watched] = {}
        self._early: dict[str, list[tuple[Sensor, Reading]]] = {}
        self._neighbourhoods: dict[str, Neighbourhood] = {}
        self._rules = RuleWatch(around.minute)
        self._turn: list[_Watched] = []
        self._floods: dict[str, float] = {}
        self._dated = True
        self._since_s = self._last_s = around.now_s()
        book.rules_changed = self.read_rules
        self.read_rules()

    def learn(self, learnt: Mapping[str, bytes]) -> None:
        """What was kept, by series; before the first `second`."""
        self._learnt = dict(learnt)

    def heard(self, sensor: Sensor, reading: Reading) -> None:
        """A series said something, or said it again."""
        one = self._watched.get(sensor.key)
        if one is None:
            early = self._early.setdefault(sensor.key, [])
            early.append((sensor, reading))
            del early[:-_MOST_EARLY]
            return
        if one.sensor is not sensor:
            self._describe(one, sensor)
        value = reading.value
        watch = one.watch
        if watch is not None:
            beside = None
            if one.beside is not None and not isinstance(value, str):
                beside = one.beside.note(sensor.key, reading.at_s, value)
            one.changed = True
            for finding in watch.update(reading, beside=beside, dated=self._dated):
                self._book.found(one.subject, finding)
        self._book.heard(sensor.key, value)
        if self._rules.knows(sensor.key):
            self._obey(self._rules.update(sensor.key, sensor.unit, reading.at_s, value))

    def second(self, most: int = 20) -> list[Row]:
        """Some of what is to be done again and again, in small pieces: `most` new series are made.

        Returns what was learnt and is to be kept.
        """
        now_s = self._around.now_s()
        if now_s - self._last_s > AWAY_S:
            self.listening_again()
        passed_s, self._last_s = max(0.0, now_s - self._last_s), now_s
        self._dated = self._around.trusted()
        for key in list(self._early)[:most]:
            self._make(key)
        rows = self._tick_some(now_s, passed_s)
        if self._book.rules():
            self._obey(self._rules.tick(now_s))
        self._look_at_floods(now_s)
        return rows

    @property
    def waiting(self) -> int:
        """New series that are not watched yet."""
        return len(self._early)

    def keep_all(self, enough: Callable[[], bool] = lambda: False) -> list[Row]:
        """Everything that was learnt since it was kept last, the oldest first, until there is `enough`."""
        now_s = self._around.now_s()
        rows: list[Row] = []
        for one in sorted(self._watched.values(), key=lambda one: one.kept_s):
            if enough():
                log.warning("watch.not_all_kept", extra={"kept": len(rows), "of": len(self._watched)})
                break
            if (row := self._kept(one, now_s)) is not None:
                rows.append(row)
        return rows

    def forget(self, device: str) -> list[Row]:
        """A device has left the house: its alarms are over. Returns what it had learnt, should it come back."""
        now_s = self._around.now_s()
        rows = []
        for key in [one for one in self._watched if one.partition(":")[0] == device]:
            one = self._watched.pop(key)
            row = self._kept(one, now_s)
            if row is not None:
                rows.append(row)
                self._learnt[key] = row[2]
            if one.beside is not None:
                one.beside.leave(key)
            self._book.forget(key)
        self._turn = [one for one in self._turn if one.sensor.key in self._watched]
        return rows

    def forget_strangers(self, devices: Callable[[str], bool]) -> None:
        """Some time after the start: alarms of what is not in the house any more are over."""
        for alarm in self._book.all():
            if alarm.sensor not in self._watched and not devices(alarm.device):
                self._book.forget(alarm.sensor)
        self._learnt.clear()

    def clock_set(self, by_s: float, *, wrong: bool) -> None:
        """The wall clock jumped; `wrong`: it was not to be believed before."""
        self._last_s += by_s
        self._since_s += by_s
        for one in self._watched.values():
            one.kept_s += by_s
            one.ticked_s += by_s
            if one.watch is not None:
                one.watch.clock_set(by_s)
        self._floods = {key: at_s + by_s for key, at_s in self._floods.items()}
        self._rules.shift(by_s)
        self._book.clock_set(by_s, wrong=wrong)

    def listening_again(self) -> None:
        """Nothing could be heard for a while: the machine slept, or was too busy."""
        now_s = self._around.now_s()
        for one in self._watched.values():
            if one.watch is not None:
                one.watch.listening_again(now_s)
        self._rules.listening_again(now_s)

    def normal(self, sensor: str, at_s: float) -> tuple[float, float] | None:
        """From and to what a series normally is at this hour of the week; None while that has not been learnt."""
        one = self._watched.get(sensor)
        return one.watch.normal(at_s) if one is not None and one.watch is not None else None

    def settings(self, sensor: str) -> tuple[AnySettings, ...]:
        """How a series is watched; nothing where it is not."""
        one = self._watched.get(sensor)
        return one.choice.settings if one is not None and one.choice is not None else ()

    def choose(self, entries: Sequence[WatchedSettings]) -> None:
        """From now on go by these settings; what was learnt stays where it still counts."""
        self._choosing = self._choosing.by(entries)
        for one in self._watched.values():
            self._describe(one, one.sensor)

    def keys(self) -> tuple[str, ...]:
        """Those that are watched."""
        return tuple(self._watched)

    def facts(self) -> dict[str, Any]:
        """For `edge status`."""
        return {
            "sensors": sum(1 for one in list(self._watched.values()) if one.watch is not None),
            "waiting": len(self._early),
            "rules": len(self._book.rules()),
        }

    def read_rules(self) -> None:
        """There are other rules than before."""

        def active(sensor: str, key: str) -> float | None:
            return next((one.since_s for one in self._book.of_sensor(sensor) if one.key == key and one.is_active), None)

        def last(sensor: str) -> tuple[float | str, str] | None:
            value, one = self._around.last(sensor), self._watched.get(sensor)
            return None if value is None else (value, one.sensor.unit if one is not None else "")

        self._rules.set_rules(self._book.rules(), self._around.now_s(), active=active, last=last)

    # Series ----------------------------------------------------------------------------------------------------------

    def _make(self, key: str) -> None:
        """Begin to watch a series, with what it had learnt and with the alarms it has."""
        early = self._early.pop(key)
        now_s = self._around.now_s()
        sensor = early[-1][0]
        one = _Watched(sensor, self._around.subject(sensor), self._choosing.of(sensor), now_s)
        self._watched[key] = one
        blob = self._learnt.pop(key, None)
        if one.watch is not None and blob is not None:
            state = unpacked(blob)
            same = isinstance(state, dict) and state.get("unit") == sensor.unit
            lost = one.watch.restore(state.get("watch"), now_s) if isinstance(state, dict) and same else ()
            if lost:
                log.info("watch.learns_anew", extra={"sensor": key, "detectors": list(lost)})
        self._settle(one)
        self._join(one)
        for told, reading in early:
            self.heard(told, reading)

    def _describe(self, one: _Watched, sensor: Sensor) -> None:
        """It is called or placed otherwise, or measures something else from now on."""
        before = one.sensor
        one.sensor, one.subject = sensor, self._around.subject(sensor)
        choice = self._choosing.of(sensor)
        if choice == one.choice and (before.unit, before.sort) == (sensor.unit, sensor.sort):
            return
        if one.beside is not None:
            one.beside.leave(sensor.key)
        now_s = self._around.now_s()
        same = (before.unit, before.sort) == (sensor.unit, sensor.sort)
        fresh = _Watched(sensor, one.subject, choice, now_s)
        if fresh.watch is not None and one.watch is not None and same:
            fresh.watch.restore(one.watch.state(), now_s)
        one.watch, one.choice, one.beside = fresh.watch, choice, None
        self._settle(one)
        self._join(one)

    def _settle(self, one: _Watched) -> None:
        """What the book says of it holds; what nobody looks for any more is over."""
        active = {
            alarm.key: alarm.since_s
            for alarm in self._book.of_sensor(one.sensor.key)
            if alarm.is_active and alarm.rule is None and alarm.kind is not Kind.FLOOD
        }
        for key in one.watch.settle(active) if one.watch is not None else active:
            self._book.end(one.sensor.key, key)

    def _join(self, one: _Watched) -> None:
        name = one.choice.beside if one.choice is not None else ""
        one.beside = self._neighbourhoods.setdefault(name, Neighbourhood()) if name else None

    # Time ------------------------------------------------------------------------------------------------------------

    def _tick_some(self, now_s: float, passed_s: float) -> list[Row]:
        """Each of them about once a minute; one that can't be heard now is not silent."""
        if not self._turn:
            self._turn = list(self._watched.values())
        count = min(len(self._turn), 1 + int(len(self._watched) * passed_s / TICK_S))
        rows = []
        for _ in range(count):
            one = self._turn.pop()
            watch = one.watch
            if watch is None or now_s - one.ticked_s < TICK_S / 2:
                continue
            one.ticked_s = now_s
            if not self._around.reachable(one.sensor.device):
                watch.listening_again(now_s)
            for finding in watch.tick(now_s):
                self._book.found(one.subject, finding)
            if now_s - one.kept_s >= _KEEP_S and (row := self._kept(one, now_s)) is not None:
                rows.append(row)
        return rows

    def _kept(self, one: _Watched, now_s: float) -> Row | None:
        if one.watch is None or not one.changed:
            return None
        one.kept_s, one.changed = now_s, False
        return one.sensor.key, now_s, packed({"unit": one.sensor.unit, "watch": one.watch.state()})

    def _look_at_floods(self, now_s: float) -> None:
        """One finding a series, until it has been quiet for a while."""
        flooding = set(self._around.flooding())
        if not (flooding or self._floods):
            return
        for key in flooding:
            if key not in self._floods:
                self._tell_flood(key, Change.BEGAN, now_s, now_s)
            self._floods[key] = now_s
        for key, last_s in list(self._floods.items()):
            if now_s - last_s >= _FLOOD_OVER_S:
                del self._floods[key]
                self._tell_flood(key, Change.ENDED, now_s, last_s)

    def _tell_flood(self, key: str, change: Change, now_s: float, since_s: float) -> None:
        one = self._watched.get(key)
        if one is not None:
            most = self._around.most_per_second
            found = Finding("flood", Kind.FLOOD, change, Severity.INFO, now_s, since_s, most, high=most)
            self._book.found(one.subject, found)

    def _obey(self, found: Iterable[Found]) -> None:
        for rule, key, finding in found:
            one = self._watched.get(key)
            subject = one.subject if one is not None else self._stranger(rule, key)
            self._book.found(subject, finding, rule)
            if finding.change is Change.ENDED and not rule.repeat:
                self._book.retire_rule(rule.id)

    def _stranger(self, rule: AlarmRule, key: str) -> Subject:  # noqa: ARG002
        """Of a series that has said nothing since the start."""
        return self._around.subject(Sensor(key, Sort.NUMBER, key))
