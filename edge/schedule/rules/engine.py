"""Which rules are set off, by what happens in the house and by the clock: pure, driven from outside."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from edge.devices.registry import Change, ChangeKind, Registry
from edge.schedule.clock import Clock
from edge.schedule.errors import ScheduleError
from edge.schedule.model import Instant
from edge.schedule.recurrence import Calendar, Recurrence
from edge.schedule.rules.model import Rule, TriggerKind
from edge.schedule.rules.truth import holds, so

LATE_S: Final = 900.0
"""How late a rule by the clock is still carried out; later it is left out, and told."""
MOST_A_MINUTE: Final = 20
"""A rule that is set off more often is switched off: it sets itself off, or something in the house is broken."""
_MINUTE_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Firing:
    """A rule was set off: by `device` or by the clock. With `stopped` or `missed` nothing is to be done but to tell."""

    rule: Rule
    device: str = ""
    late_s: float = 0.0
    missed: bool = False
    stopped: bool = False


@dataclass(slots=True)
class _Armed:
    rule: Rule
    was: bool | None = None
    """What the trigger's device last said about it."""
    due_boot_s: float | None = None
    """When it has stayed so for long enough."""
    due_wall_s: float | None = None
    fired: deque[float] = field(default_factory=lambda: deque(maxlen=MOST_A_MINUTE))


class Engine:
    """All rules that are switched on."""

    def __init__(self, registry: Registry, clock: Clock, calendar: Calendar) -> None:
        self._registry = registry
        self._clock = clock
        self._calendar = calendar
        self._armed: dict[str, _Armed] = {}
        self._of: dict[str, list[str]] = {}

    @property
    def rules(self) -> Mapping[str, Rule]:
        """Those that are switched on, by id."""
        return MappingProxyType({key: one.rule for key, one in self._armed.items()})

    def put(self, rules: Iterable[Rule], now: Instant) -> None:
        """Have these, and no others, watched from now on; one that stays as it was goes on as it was.

        What is so already sets nothing off: only its beginning does.
        """
        before = self._armed
        self._armed = {}
        for rule in rules:
            if rule.enabled:
                known = before.get(rule.id)
                self._armed[rule.id] = known if known is not None and known.rule == rule else self._arm(rule, now)
        self._of = {}
        for key, one in self._armed.items():
            if one.rule.trigger.device:
                self._of.setdefault(one.rule.trigger.device, []).append(key)

    def changed(self, change: Change, now: Instant) -> list[Firing]:
        """What a change in the house sets off at once."""
        if change.kind is not ChangeKind.STATE:
            return []
        firings = []
        for key in self._of.get(change.device.id, ()):
            one = self._armed[key]
            is_so = so(one.rule.trigger, change.state)
            if is_so is None:
                continue
            was, one.was = one.was, is_so
            if not is_so:
                one.due_boot_s = None
            elif was is False and one.rule.trigger.for_s > 0:
                one.due_boot_s = now.boot_s + one.rule.trigger.for_s
            elif was is False:
                firings += self._fire(one, now, device=change.device.id)
        return firings

    def due(self, now: Instant) -> list[Firing]:
        """What the clock sets off."""
        firings = []
        for one in self._armed.values():
            if one.due_boot_s is not None and now.boot_s >= one.due_boot_s:
                one.due_boot_s = None
                firings += self._fire(one, now, device=one.rule.trigger.device)
            if one.due_wall_s is not None and now.wall_s >= one.due_wall_s:
                late_s = now.wall_s - one.due_wall_s
                one.due_wall_s = self._next_s(one.rule, now.wall_s)
                if late_s > LATE_S:
                    firings.append(Firing(one.rule, late_s=late_s, missed=True))
                else:
                    firings += self._fire(one, now, late_s=late_s)
        return firings

    def next_due(self) -> tuple[float | None, float | None]:
        """The next moment on the boot clock and on the wall clock."""
        boot = [one.due_boot_s for one in self._armed.values() if one.due_boot_s is not None]
        wall = [one.due_wall_s for one in self._armed.values() if one.due_wall_s is not None]
        return min(boot, default=None), min(wall, default=None)

    def clock_was_set(self, now: Instant, by_s: float) -> None:
        """Rules by the clock are due by the time it is now; what a jump forwards went over is late."""
        from_s = now.wall_s - min(max(by_s, 0.0), LATE_S)
        for one in self._armed.values():
            if one.due_wall_s is not None:
                one.due_wall_s = self._next_s(one.rule, from_s)

    def _arm(self, rule: Rule, now: Instant) -> _Armed:
        one = _Armed(rule)
        if rule.trigger.device in self._registry.devices:
            one.was = so(rule.trigger, self._registry.state(rule.trigger.device))
        one.due_wall_s = self._next_s(rule, now.wall_s)
        return one

    def _next_s(self, rule: Rule, after_s: float) -> float | None:
        what = recurrence(rule)
        try:
            return self._calendar.next_s(what, after_s) if what else None
        except ScheduleError:
            return None

    def _fire(self, one: _Armed, now: Instant, *, device: str = "", late_s: float = 0.0) -> list[Firing]:
        local = self._clock.local(now.wall_s)
        if not all(holds(condition, self._registry, self._calendar, local) for condition in one.rule.conditions):
            return []
        if len(one.fired) == MOST_A_MINUTE and now.boot_s - one.fired[0] < _MINUTE_S:
            del self._armed[one.rule.id]
            self._of.get(one.rule.trigger.device, []).remove(one.rule.id)
            return [Firing(one.rule, device, late_s, stopped=True)]
        one.fired.append(now.boot_s)
        return [Firing(one.rule, device, late_s)]


def recurrence(rule: Rule) -> Recurrence:
    """When a rule by the clock or the sun is due; false for others."""
    when = rule.trigger
    if when.kind not in (TriggerKind.TIME, TriggerKind.SUN):
        return Recurrence()
    days = f"FREQ=WEEKLY;BYDAY={','.join(day[:2].upper() for day in when.days)}" if when.days else "FREQ=DAILY"
    return Recurrence(days, f"2000-01-01T{when.at or '00:00'}:00", when.sun, when.offset_s)
