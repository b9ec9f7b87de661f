"""Timers, alarm clocks and reminders: from calls to the schedule, and back into sentences."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from edge.assistant.model import ReplySource, Utterance
from edge.assistant.phrases import counted, joined, sentence
from edge.assistant.timing import DOUBT, LONGEST_S, Timing, local_time, timing_of
from edge.assistant.timing import said as when_said
from edge.assistant.told import Told
from edge.devices.registry import Registry
from edge.devices.words import tokens
from edge.router.model import Call
from edge.schedule.agenda import rings_for, select
from edge.schedule.clock import Clock
from edge.schedule.model import Entry, Kind, Status
from edge.schedule.schedule import Schedule
from edge.schedule.words import span, title

_SNOOZE_S: Final = 540.0
_KINDS: Final = {"timer": Kind.TIMER, "alarm": Kind.ALARM, "reminder": Kind.REMINDER}


class Timekeeper:
    """Carries out the functions `timer.…`, `alarm.…` and `reminder.…`."""

    source = ReplySource.SCHEDULE

    def __init__(self, schedule: Schedule, registry: Registry, clock_: Clock) -> None:
        self._schedule = schedule
        self._registry = registry
        self._clock = clock_

    @staticmethod
    def handles(function: str) -> bool:
        """Whether `tell` takes the function."""
        return function.partition(".")[0] in _KINDS

    @staticmethod
    def reads(function: str) -> bool:
        """Whether the function only asks."""
        return function.rpartition(".")[2] in ("status", "get_items")

    async def tell(self, call: Call, utterance: Utterance) -> Told:
        """Do it and say so. Raises `ScheduleError` where it can't be saved."""
        domain, _, verb = call.function.partition(".")
        kind = _KINDS[domain]
        match verb:
            case "start":
                return await self._start(call, utterance)
            case "set":
                return await self._set(kind, call, utterance)
            case "status":
                return self._status(kind, call, utterance)
            case "cancel_all":
                return await self._cancel(self._schedule.agenda.of_kind(kind), kind)
            case "snooze":
                return await self._snooze(call, utterance)
        found = self._found(kind, call, utterance)
        if not found:
            return Told(self._none(kind, call))
        if len(found) > 1:
            which = joined([self._told_apart(entry, found) for entry in found], "or")
            return Told(sentence(f"{which}?"), candidates=tuple(entry.id for entry in found))
        if verb == "cancel":
            return await self._cancel(found, kind)
        return await self._change(verb, found[0], call)

    def name(self, entry_id: str) -> tuple[str, ...]:
        """What an entry can be called in an answer; empty for one that is gone."""
        entry = self._schedule.agenda.entries.get(entry_id)
        if entry is None:
            return ()
        area = self._registry.areas.get(entry.area or "")
        at = () if entry.counts else (f"{self._due(entry):%-I o'clock %p %-H:%M} {self._due_said(entry)}",)
        return (title(entry), span(entry.length_s), *at, *((area.name,) if area else ()))

    async def silence(self, area: str | None) -> bool:
        """Stop what rings: in the area, or anywhere when nothing does there. Whether anything rang."""
        ringing = self._schedule.agenda.ringing(area) or self._schedule.agenda.ringing()
        await self._schedule.cancel(*ringing)
        return bool(ringing)

    # Setting -------------------------------------------------------------------------------------------------------

    async def _start(self, call: Call, utterance: Utterance) -> Told:
        seconds = length(call)
        if not seconds:
            return Told("For how long?")
        if seconds > LONGEST_S:
            return Told("That is longer than I can count: a year at most.")
        label = str(call.arguments.get("name") or "").strip()
        entry = self._schedule.countdown(Kind.TIMER, seconds, label, self._area(call, utterance))
        await self._schedule.add(entry)
        name = f"The {title(entry).removeprefix('the ')}" if label else "The timer"
        return Told(f"{name} is set for {span(seconds)}.", self._undo(entry))

    async def _set(self, kind: Kind, call: Call, utterance: Utterance) -> Told:
        label = str(call.arguments.get("message") or call.arguments.get("name") or "").strip()
        if kind is Kind.REMINDER and not label:
            return Told("What shall I remind you of?")
        call = _by_day(call, utterance.text, self._clock) if kind is Kind.REMINDER else call
        when = timing_of(call, self._schedule.calendar, self._clock)
        if isinstance(when, str):
            return Told(when)
        area = self._area(call, utterance)
        if when.counts:
            entry = self._schedule.countdown(kind, float(call.arguments["after"]), label, area)
        else:
            entry = self._schedule.at(kind, when.due.timestamp(), label, area, again=when.again)
        await self._schedule.add(entry)
        said = when_said(when, self._clock.now())
        if kind is Kind.REMINDER:
            text = f"I'll remind you {said}: {label}."
        else:
            text = (
                f"{sentence(title(entry)).removesuffix('.')} is set for {said.removeprefix('at ').removeprefix('on ')}."
            )
        return Told(text if entry.counts or self._clock.trusted else f"{text} {DOUBT}", self._undo(entry))

    async def _snooze(self, call: Call, utterance: Utterance) -> Told:
        ringing = self._schedule.agenda.ringing(utterance.area) or self._schedule.agenda.ringing()
        if not ringing:
            return Told("Nothing is ringing.")
        seconds = length(call) or _SNOOZE_S
        again = [self._schedule.countdown(one.kind, seconds, one.label, one.area) for one in ringing]
        await self._schedule.cancel(*ringing)
        await self._schedule.add(*again)
        return Told(
            f"{sentence(joined([title(one) for one in again])).removesuffix('.')} rings again in {span(seconds)}."
        )

    # Changing ------------------------------------------------------------------------------------------------------

    async def _cancel(self, entries: Sequence[Entry], kind: Kind) -> Told:
        if not entries:
            return Told(_NONE[kind])
        await self._schedule.cancel(*entries)

        async def undo() -> str:
            now = self._schedule.now()
            alive = [entry for entry in entries if entry.status is not Status.RINGING and entry.remaining_s(now) > 0]
            await self._schedule.add(*alive)
            return sentence(f"{_listed(alive)} {_is(alive)} back") if alive else "It was over already."

        ringing = all(entry.status is Status.RINGING for entry in entries)
        what = "stopped" if ringing else "cancelled"
        if len(entries) > 3:
            return Told(sentence(f"{counted(len(entries), kind.value, f'{kind.value}s')} are {what}"), undo)
        return Told(sentence(f"{_listed(entries)} {_is(entries)} {what}"), undo)

    async def _change(self, verb: str, entry: Entry, call: Call) -> Told:
        name = sentence(title(entry)).removesuffix(".")
        if verb == "pause":
            if entry.status is Status.PAUSED:
                return Told(f"{name} was paused already, with {self._left(entry)} left.")
            entry = await self._schedule.pause(entry)
            return Told(f"{name} is paused, with {self._left(entry)} left.")
        if verb == "resume":
            if entry.status is not Status.PAUSED:
                return Told(f"{name} is running already, with {self._left(entry)} left.")
            entry = await self._schedule.resume(entry)
            return Told(f"{name} goes on, with {self._left(entry)} left.")
        seconds = length(call)
        if not seconds:
            return Told("By how much?")
        changed = await self._schedule.extend(entry, seconds if verb == "add" else -seconds)

        async def undo() -> str:
            back = await self._schedule.extend(changed, -seconds if verb == "add" else seconds)
            return f"{name} has {self._left(back)} left again."

        return Told(f"{name} now has {self._left(changed)} left.", undo)

    # Telling -------------------------------------------------------------------------------------------------------

    def _status(self, kind: Kind, call: Call, utterance: Utterance) -> Told:
        chosen = bool(
            _name(call) or length(call, "start_") or call.arguments.get("at") or call.arguments.get("message")
        )
        found = self._found(kind, call, utterance) if chosen else self._schedule.agenda.of_kind(kind)
        if not found:
            return Told(self._none(kind, call) if chosen else _NONE[kind])
        now = self._schedule.now()
        found.sort(key=lambda entry: entry.remaining_s(now))
        if kind is Kind.TIMER:
            said = joined([self._timer_status(entry) for entry in found])
        else:
            said = joined([self._when(entry) for entry in found])
        unsure = any(entry.provisional for entry in found) or (
            not self._clock.trusted and any(not entry.counts for entry in found)
        )
        return Told(f"{sentence(said)} {DOUBT}" if unsure else sentence(said))

    def _timer_status(self, entry: Entry) -> str:
        if entry.status is Status.RINGING:
            return f"{title(entry)} has finished"
        still = " and is paused" if entry.status is Status.PAUSED else ""
        return f"{title(entry)} has {self._left(entry)} left{still}"

    def _when(self, entry: Entry) -> str:
        if entry.status is Status.RINGING:
            return f"{title(entry)} is ringing"
        return f"{title(entry)} is set for {self._due_said(entry).removeprefix('at ').removeprefix('on ')}"

    def _told_apart(self, entry: Entry, others: Sequence[Entry]) -> str:
        """Its title, and when it is due where another has the same."""
        alone = sum(title(one) == title(entry) for one in others) == 1
        return title(entry) if alone or entry.counts else f"{title(entry)} {self._due_said(entry)}"

    def _due_said(self, entry: Entry) -> str:
        return when_said(Timing(self._due(entry), entry.again), self._clock.now())

    def _due(self, entry: Entry) -> datetime:
        due_s = self._clock.now().timestamp() + entry.remaining_s(self._schedule.now())
        return self._clock.local(round(due_s))  # of two clocks, not read at once

    def _left(self, entry: Entry) -> str:
        return span(entry.remaining_s(self._schedule.now()))

    def _found(self, kind: Kind, call: Call, utterance: Utterance) -> list[Entry]:
        chosen = call.arguments.get("id")
        if chosen is not None:
            entry = self._schedule.agenda.entries.get(str(chosen))
            return [entry] if entry is not None else []
        entries = self._schedule.agenda.of_kind(kind)
        adjusts = call.function in ("timer.add", "timer.subtract")
        wall = local_time(call.arguments.get("at"))
        ringing = {rings_for(entry) for entry in entries if entry.status is Status.RINGING}
        return select(
            [entry for entry in entries if entry.status is Status.RINGING or entry.id not in ringing],
            name=_name(call),
            length_s=length(call, "start_") or (None if adjusts else length(call)) or None,
            wall_s=self._clock.epoch_s(wall) if wall is not None else None,
            area=self._named_area(call),
            here=utterance.area,
        )

    def _none(self, kind: Kind, call: Call) -> str:
        name = _name(call)
        if not self._schedule.agenda.of_kind(kind) or not name:
            return _NONE[kind] if not self._schedule.agenda.of_kind(kind) else f"There is no such {kind.value}."
        return f"There is no {kind.value} called {name}."

    def _area(self, call: Call, utterance: Utterance) -> str | None:
        return self._named_area(call) or utterance.area

    def _named_area(self, call: Call) -> str | None:
        name = call.arguments.get("area")
        found = self._registry.area_names.exact(tokens(str(name))) if name else ()
        return found[0] if found else None

    def _undo(self, entry: Entry) -> "_Cancelling":
        return _Cancelling(self._schedule, entry)


class _Cancelling:
    """Takes a new entry back."""

    def __init__(self, schedule: Schedule, entry: Entry) -> None:
        self._schedule = schedule
        self._entry = entry

    async def __call__(self) -> str:
        await self._schedule.cancel(self._entry)
        return sentence(f"{title(self._entry)} is cancelled")


_NONE: Final = {
    Kind.TIMER: "No timer is running.",
    Kind.ALARM: "No alarm is set.",
    Kind.REMINDER: "There are no reminders.",
    Kind.CALL: "Nothing is planned.",
}


_NIGHT: Final = re.compile(
    r"\b(?:a\.?m|in the morning|morning|tonight|night|early|o'?clock at night|0\d)\b|\d[:.]\d\d", re.IGNORECASE
)
_SOON_S: Final = 4 * 3600.0


def _by_day(call: Call, text: str, clock_: Clock) -> Call:
    """An hour of the night that nobody said so, and that is not near, is meant by day: "at four" in the evening."""
    at = local_time(call.arguments.get("at"))
    if at is None or call.arguments.get("repeat") or not 0 < at.hour < 6 or _NIGHT.search(text):
        return call
    if clock_.epoch_s(at) - clock_.now().timestamp() < _SOON_S:
        return call
    return replace(call, arguments={**call.arguments, "at": (at + timedelta(hours=12)).isoformat()})


def length(call: Call, prefix: str = "") -> float:
    """The seconds of `hours`, `minutes` and `seconds` (or `duration`) together; 0 where there are none."""
    seconds = 0.0
    for name, size in (("hours", 3600), ("minutes", 60), ("seconds", 1), ("duration", 1)):
        value = call.arguments.get(prefix + name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            seconds += value * size
    return seconds if 0 < seconds < float("inf") else 0.0


def _name(call: Call) -> str | None:
    name = call.arguments.get("name") or call.arguments.get("message")
    return str(name) if name else None


def _listed(entries: Sequence[Entry]) -> str:
    return joined([title(entry) for entry in entries])


def _is(entries: Sequence[Entry]) -> str:
    return "is" if len(entries) == 1 else "are"
