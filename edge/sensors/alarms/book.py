"""Every alarm there is: begins, ends, is seen, is muted, and is told once; pure, with a clock that is given."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Final

from edge.sensors.alarms.beginning import again, first
from edge.sensors.alarms.errors import AlarmError
from edge.sensors.alarms.grouping import RANK, head_of
from edge.sensors.alarms.leaving import may_leave, patience_s
from edge.sensors.alarms.model import Alarm, AlarmChange, AlarmRule, AlarmState, Mute, News, Subject
from edge.sensors.alarms.muting import Mutes
from edge.sensors.alarms.shelf import Shelf
from edge.sensors.alarms.wording import advised, described, over, together
from edge.sensors.alarms.words import Moments
from edge.sensors.model import Change, Finding, Kind

log = logging.getLogger(__name__)

COOL_DOWN_S: Final = 1800.0
"""What comes back within so long is told no second time; twice as long each time that it does."""
MOST: Final = 6000
_OF_NOW: Final = frozenset({Kind.LIMITS, Kind.RULE})
"""Kinds whose text tells what the sensor says now."""
_REWORD_S: Final = 6 * 3600.0
"""After so long "since 10:04" may need its day."""
_MOST_RULES: Final = 500
_REMEMBERED: Final = 8

Listener = Callable[[AlarmChange], None]


class AlarmBook:
    """Belongs to the event loop; nothing here waits. `Keeper` keeps it on the disk.

    `all` gives every alarm by itself; `active` and `listed`, and what listeners hear, one for each cause: an alarm
    that tells others too (`members`) has their number in its text, and is active while one of them is.
    """

    def __init__(self, moments: Moments, *, cool_down_s: float = COOL_DOWN_S) -> None:
        self._moments = moments
        self._cool_down_s = cool_down_s
        self._shelf = Shelf()
        self._devices: dict[tuple[str, str], str] = {}
        self._begun: dict[tuple[str, str], list[float]] = {}
        self._rules: dict[str, AlarmRule] = {}
        self._mutes = Mutes()
        self._listeners: list[Listener] = []
        self._here: set[str] = set()
        self._withheld: set[str] = set()
        self._moved: set[str] = set()
        self.changed: Callable[[], None] = lambda: None
        """Called after every change that is to be kept; `Keeper` then takes `dirty` and `gone`."""
        self.dirty: dict[str, Alarm] = {}
        """By id, alarms that are otherwise than on the disk."""
        self.past: list[Alarm] = []
        """Those that have left since they were taken."""
        self.rules_changed: Callable[[], None] = lambda: None
        """Called when there are other rules: whoever evaluates them reads them again."""

    def load(
        self,
        alarms: Iterable[Alarm],
        rules: Iterable[AlarmRule],
        mutes: Iterable[Mute],
        begun: Iterable[tuple[str, str, float]],
    ) -> None:
        """Go on from what was kept; `begun`: when alarms that have left began, by sensor and key, the oldest first."""
        for alarm in alarms:
            self._shelf.put(alarm)
        self._rules = {one.id: one for one in rules}
        self._mutes = Mutes(mutes)
        self._withheld = {one.id for one in self._shelf if not one.told and self.is_muted(one)}
        for sensor, key, at_s in begun:
            self._note_begun(sensor, key, at_s)
        self.rules_changed()

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Have it called with everything that happens to an alarm; returns what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    # What there is ---------------------------------------------------------------------------------------------------

    def all(self) -> tuple[Alarm, ...]:
        """Every alarm by itself, over or not, the latest first."""
        return tuple(sorted(self._shelf, key=lambda one: -one.at_s))

    def listed(self) -> tuple[Alarm, ...]:
        """One for each cause, over or not: the worst that are active first."""
        return tuple(sorted((self._whole(one) for one in self._shelf.heads()), key=_worst_first))

    def active(self) -> tuple[Alarm, ...]:
        """One for each cause that still is, the worst first."""
        return tuple(one for one in self.listed() if one.is_active)

    def get(self, id_: str) -> Alarm | None:
        """The alarm of this id, as listed."""
        found = self._shelf.by_id(id_)
        return self._whole(found) if found is not None else None

    def members(self, id_: str) -> tuple[Alarm, ...]:
        """All alarms that the one of this id tells, itself first."""
        return self._shelf.members(id_)

    def untold(self) -> tuple[Alarm, ...]:
        """Those that people have not been told of and may be now: active, and not muted."""
        return tuple(one for one in self.active() if not one.told and not self.is_muted(one))

    def is_active(self, sensor: str, key: str) -> bool:
        """Whether this condition of a sensor is known to hold."""
        known = self._shelf.get(sensor, key)
        return known is not None and known.is_active

    def of_sensor(self, sensor: str) -> tuple[Alarm, ...]:
        """The alarms of a series, each by itself."""
        return self._shelf.of_sensor(sensor)

    def told_of(self, sensor: str) -> tuple[Alarm, ...]:
        """Those that are listed under a series, the worst that are active first."""
        heads = [self._whole(one) for one in self.of_sensor(sensor) if not one.group]
        return tuple(sorted(heads, key=_worst_first))

    # What happens ----------------------------------------------------------------------------------------------------

    def found(self, subject: Subject, finding: Finding, rule: AlarmRule | None = None) -> None:
        """Take in what a detector or a rule has found."""
        known = self._shelf.get(subject.key, finding.key)
        if finding.change is Change.ENDED:
            if known is not None and known.is_active:
                self._end(known, finding.at_s, finding.value)
        elif known is None:
            self._begin(subject, finding, rule)
        elif not known.is_active:
            self._begin_again(known, subject, finding, rule)

    def heard(self, sensor: str, value: float | str) -> None:
        """A series said this: what is told of its alarms is told with it. Nothing is written, nobody is called."""
        for alarm in self._shelf.of_sensor(sensor):
            if alarm.is_active and alarm.kind in _OF_NOW and type(alarm.value) is type(value):
                self._shelf.put(replace(alarm, value=value))
                self._moved.add(alarm.id)

    def end(self, sensor: str, key: str) -> None:
        """It is over without a word from a detector: nobody looks for it any more."""
        known = self._shelf.get(sensor, key)
        if known is not None and known.is_active:
            self._end(known, self._moments.now_s(), known.value)

    def forget(self, sensor: str) -> None:
        """The sensor has left the house: its alarms are over, and seen."""
        for alarm in self.of_sensor(sensor):
            self.end(sensor, alarm.key)
            self._acknowledge(alarm.id)
        self.tick()

    def acknowledge(self, which: str) -> tuple[Alarm, ...]:
        """Somebody has seen the alarm of this id, those of a sensor or device, or `all`; which those were."""
        chosen = {one.group or one.id for one in self._shelf if _is_meant(one, which)}
        seen = [self._acknowledge(one) for one in chosen]
        self.tick()
        return tuple(one for one in seen if one is not None)

    def note_told(self, id_: str) -> None:
        """People have been told of it."""
        for one in self.members(id_):
            if not one.told:
                self._put(replace(one, told=True))

    def tick(self) -> None:
        """Look at the time, once a minute or so: mutes end, and what is over and seen leaves."""
        now_s = self._moments.now_s()
        if self._mutes.expire(now_s):
            self.changed()
        for head in self._shelf.heads():
            if may_leave(self._shelf.members(head.id), now_s, self._cool_down_s):
                self._leave(head)
            elif head.id in self._withheld and not self.is_muted(head):
                self._withheld.discard(head.id)
                if self._whole(head).is_active:
                    self._tell(News.BEGAN, head)

    def clock_set(self, by_s: float, *, wrong: bool) -> None:
        """The wall clock jumped; `wrong`: it was not to be believed before, nor were the times of what began then."""
        self._mutes.shift(by_s)
        if wrong:
            for alarm in [one for one in self._shelf if one.id in self._here]:
                ended_s = None if alarm.ended_s is None else alarm.ended_s + by_s
                moved = replace(alarm, since_s=alarm.since_s + by_s, at_s=alarm.at_s + by_s, ended_s=ended_s)
                self._put(self._worded(moved))
        self.changed()

    # Mutes and rules -------------------------------------------------------------------------------------------------

    def mute(self, sensor: str | None, for_s: float, *, area: str | None = None, by: str = "") -> Mute:
        """Tell nobody of a sensor or device, of an area, or of any alarm (None) for so long.

        Smoke, carbon monoxide and gas are told all the same, unless their own sensor is named. Raises `AlarmError`.
        """
        muted = self._mutes.add(sensor, area, self._moments.now_s(), for_s, by)
        self.changed()
        return muted

    def unmute(self, sensor: str | None, *, area: str | None = None) -> tuple[Mute, ...]:
        """End the mute of a sensor or area, or (None) all there are; which those were."""
        ended = self._mutes.remove(sensor, area)
        self.changed()
        self.tick()
        return ended

    def mutes(self) -> tuple[Mute, ...]:
        """Those that hold."""
        now_s = self._moments.now_s()
        return tuple(one for one in self._mutes.all() if one.until_s > now_s)

    def is_muted(self, alarm: Alarm) -> bool:
        """Whether nobody is to be told of it now."""
        return self._mutes.cover(alarm, self._moments.now_s())

    def rules(self) -> tuple[AlarmRule, ...]:
        """Those that people made, the oldest first."""
        return tuple(self._rules.values())

    def add_rule(self, rule: AlarmRule) -> None:
        """Watch for this from now on; one of the same id is replaced. Raises `AlarmError`."""
        if not rule.sensors:
            raise AlarmError("a rule needs a sensor to look at")
        if rule.id not in self._rules and len(self._rules) >= _MOST_RULES:
            raise AlarmError(f"there are {_MOST_RULES} rules already: remove one first")
        self._rules[rule.id] = rule
        self.rules_changed()
        self.changed()

    def remove_rule(self, id_: str) -> AlarmRule | None:
        """Watch for it no more: its alarms are over, and seen; None where there is no such rule."""
        rule = self._rules.pop(id_, None)
        if rule is None:
            return None
        for alarm in [one for one in self._shelf if one.rule == id_]:
            self.end(alarm.sensor, alarm.key)
            self._acknowledge(alarm.id)
        self.rules_changed()
        self.changed()
        self.tick()
        return rule

    def retire_rule(self, id_: str) -> None:
        """It has done what it was made for: its alarms stay until they are seen."""
        if self._rules.pop(id_, None) is not None:
            self.rules_changed()
            self.changed()

    # How it goes -----------------------------------------------------------------------------------------------------

    def _begin(self, subject: Subject, finding: Finding, rule: AlarmRule | None) -> None:
        if len(self._shelf) >= MOST and not self._make_room():
            return
        alarm = first(subject, finding, rule)
        self._devices[subject.key, finding.key] = subject.group
        self._here.add(alarm.id)
        muted = self.is_muted(alarm)
        others = (
            (one, self._devices.get((one.sensor, one.key), ""))
            for one in self._shelf.heads()
            if self.is_muted(one) is muted
        )
        head = head_of(alarm, subject.group, others)
        if head is not None:
            alarm = replace(alarm, group=head.id, acknowledged=head.acknowledged, told=head.told)
        self._put(self._worded(alarm, rule))
        self._note_begun(alarm.sensor, alarm.key, alarm.at_s)
        self._tell(News.BEGAN if head is None else News.CHANGED, alarm if head is None else head)

    def _begin_again(self, known: Alarm, subject: Subject, finding: Finding, rule: AlarmRule | None) -> None:
        """Once more: quietly where it is soon."""
        soon = 0.0 <= finding.at_s - (known.ended_s or 0.0) <= patience_s(known, self._cool_down_s)
        alarm = again(known, subject, finding, soon=soon)
        self._here.add(alarm.id)
        self._put(self._worded(alarm, rule))
        self._note_begun(alarm.sensor, alarm.key, alarm.at_s)
        head = self._shelf.head(alarm)
        self._tell((News.AGAIN if soon else News.BEGAN) if head is alarm else News.CHANGED, head)

    def _end(self, known: Alarm, at_s: float, value: float | str) -> None:
        alarm = replace(known, state=AlarmState.CLEARED, ended_s=max(at_s, known.since_s), value=value)
        alarm = replace(alarm, text=over(alarm, self._moments))
        self._put(alarm)
        head = self._shelf.head(alarm)
        self._tell(News.CHANGED if self._whole(head).is_active else News.CLEARED, head)

    def _acknowledge(self, id_: str) -> Alarm | None:
        members = self._shelf.members(id_)
        if not members or all(one.acknowledged for one in members):
            return None
        for one in members:
            self._put(replace(one, acknowledged=True, told=True))
        head = self._shelf.by_id(id_) or members[0]
        self._tell(News.ACKNOWLEDGED, head)
        return self._whole(head)

    def _leave(self, head: Alarm) -> None:
        for one in self._shelf.remove(head):
            self._devices.pop((one.sensor, one.key), None)
            self._here.discard(one.id)
            self._withheld.discard(one.id)
            self._moved.discard(one.id)
            self.dirty.pop(one.id, None)
            self.past.append(one)
        self.changed()
        self._say(AlarmChange(News.GONE, head))

    def _make_room(self) -> bool:
        """There are too many: the oldest that is over leaves; False where all still are."""
        overs = [one for one in self._shelf.heads() if not self._whole(one).is_active]
        if overs:
            self._leave(min(overs, key=lambda one: one.at_s))
        return bool(overs)

    def _worded(self, alarm: Alarm, rule: AlarmRule | None = None) -> Alarm:
        rule = rule or self._rules.get(alarm.rule or "")
        advice = f"You asked for this: {rule.said}" if rule is not None and rule.said else advised(alarm)
        if not alarm.is_active:
            return replace(alarm, text=over(alarm, self._moments), advice=advice)
        before = self._begun.get((alarm.sensor, alarm.key), [])
        earlier = [one for one in before if one < alarm.at_s]
        return replace(alarm, text=described(alarm, self._moments, earlier), advice=advice)

    def _whole(self, head: Alarm) -> Alarm:
        """The alarm with all that it tells."""
        if head.is_active and (head.id in self._moved or self._moments.now_s() - head.at_s > _REWORD_S):
            head = self._worded(head)
        members: Sequence[Alarm] = self._shelf.members(head.id) if not head.group else ()
        if len(members) < 2:
            return head
        active = [one for one in members if one.is_active]
        if not active:
            return replace(head, count=sum(one.count for one in members))
        return replace(
            head,
            state=AlarmState.ACTIVE,
            severity=max((one.severity for one in active), key=lambda one: RANK[one]),
            since_s=min(one.since_s for one in active),
            ended_s=None,
            text=together([head, *(one for one in active if one is not head)], self._moments),
        )

    def _note_begun(self, sensor: str, key: str, at_s: float) -> None:
        times = self._begun.setdefault((sensor, key), [])
        times.append(at_s)
        del times[:-_REMEMBERED]

    def _put(self, alarm: Alarm) -> None:
        self._shelf.put(alarm)
        self.dirty[alarm.id] = alarm
        self.changed()

    def _tell(self, news: News, head: Alarm) -> None:
        """Of one that is muted nobody is told that it began."""
        if news is News.BEGAN and self.is_muted(head):
            self._withheld.add(head.id)
            news = News.CHANGED
        self._say(AlarmChange(news, self._whole(self._shelf.by_id(head.id) or head)))

    def _say(self, change: AlarmChange) -> None:
        for listener in tuple(self._listeners):
            try:
                listener(change)
            except Exception:
                log.exception("alarms.listener")


def _worst_first(alarm: Alarm) -> tuple[bool, int, float]:
    return not alarm.is_active, -RANK[alarm.severity], -alarm.at_s


def _is_meant(alarm: Alarm, which: str) -> bool:
    return which == "all" or which in (alarm.id, alarm.sensor, alarm.device)
