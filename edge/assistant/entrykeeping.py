"""Changes what is on the schedule: ends it, holds it, puts it at another time or on other days, tells of it."""

import json
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from edge.assistant.following.picking import DAYS, rule_days
from edge.assistant.keepers import EntriesOnDemand
from edge.assistant.later import Later
from edge.assistant.model import ReplySource, Utterance
from edge.assistant.naming import names
from edge.assistant.phrases import clock, joined, moment, sentence
from edge.assistant.timing import LONGEST_S, Timing, local_time, said
from edge.assistant.told import Told
from edge.assistant.wording import instruction, ordered
from edge.devices.registry import Registry
from edge.router.model import Call
from edge.schedule.agenda import countdown, extended
from edge.schedule.clock import Clock
from edge.schedule.errors import ScheduleError
from edge.schedule.model import Entry, Kind, Status
from edge.schedule.recurrence import ONCE, Recurrence, rule_of
from edge.schedule.schedule import Schedule
from edge.schedule.words import span, title

_GONE: Final = "That is over already."


class EntryKeeper:
    """Carries out the functions `entries.…`: of entries that are named by their ids."""

    source = ReplySource.SCHEDULE

    def __init__(self, schedule: Schedule, registry: Registry, clock_: Clock) -> None:
        self._schedule = schedule
        self._registry = registry
        self._clock = clock_

    @staticmethod
    def handles(function: str) -> bool:
        """Whether `tell` takes the function."""
        return EntriesOnDemand.handles(function)

    @staticmethod
    def reads(function: str) -> bool:
        """Whether the function only asks."""
        return EntriesOnDemand.reads(function)

    async def tell(self, call: Call, utterance: Utterance) -> Told:  # noqa: ARG002 (every keeper's)
        """Do it and say so. Raises `ScheduleError` where it can't be saved."""
        known = self._schedule.agenda.entries
        entries = [known[one] for one in str(call.arguments.get("ids") or "").split(",") if one in known]
        if call.function == "entries.on":
            return Told(self._on(call))
        if call.function == "entries.none" and (kind := call.arguments.get("kind")):
            when = str(call.arguments.get("when") or "then").replace("’s", "").replace("'s", "")
            return Told(f"There is no {kind} {'on ' * (when in DAYS)}{when.capitalize() if when in DAYS else when}.")
        if call.function == "entries.none":
            return Told("Nothing is planned." if not call.arguments.get("about") else "Nothing is planned for that.")
        if not entries:
            return Told(_GONE)
        match call.function.partition(".")[2]:
            case "tell":
                return Told(self._told(entries, call))
            case "cancel":
                return await self._cancel(entries)
            case "pause":
                return await self._each(entries, self._schedule.pause, "is paused, with {left} left")
            case "resume":
                return await self._each(entries, self._schedule.resume, "goes on, with {left} left")
            case "rename":
                name = str(call.arguments["name"])
                return await self._changed(entries, [replace(one, label=name) for one in entries])
            case "skip":
                return await self._skip(entries, str(call.arguments.get("day") or ""))
            case "leave_out":
                return await self._leave_out(entries, str(call.arguments["devices"]).split(","))
            case _:
                changed = self._retimed(entries, call)
        return Told(changed) if isinstance(changed, str) else await self._changed(entries, changed)

    # Changing ------------------------------------------------------------------------------------------------------

    async def _cancel(self, entries: Sequence[Entry]) -> Told:
        await self._schedule.cancel(*entries)

        async def undo() -> str:
            now = self._schedule.now()
            alive = [one for one in entries if one.status is not Status.RINGING and one.remaining_s(now) > 0]
            await self._schedule.add(*alive)
            what = joined([self._what(one) for one in alive])
            return sentence(f"{what} {_is(alive)} back") if alive else "It was over already."

        calls = [one for one in entries if one.kind is Kind.CALL]
        others = [one for one in entries if one.kind is not Kind.CALL]
        parts = [sentence(f"{joined([title(one) for one in others])} {_is(others)} cancelled")] if others else []
        parts += [sentence(f"I won't {joined([self._what(one) for one in calls], 'or')}")] if calls else []
        return Told(" ".join(parts), undo)

    async def _skip(self, entries: Sequence[Entry], day: str) -> Told:
        """Leave one time out, that of a day or the next; what does not come back is over then."""
        gone = [one for one in entries if not one.again.rule]
        kept: list[Entry] = []
        for one in entries:
            due = self._clock.local(self._due_s(one))
            if not one.again.rule:
                continue
            if day and due.date().isoformat() != day:
                early = (
                    "that is no day of it" if day < due.date().isoformat() else "I can leave out the next time alone"
                )
                return Told(sentence(f"{early}: {self._next(one)}"))
            kept.append(self._without_next(one))
        await self._schedule.cancel(*gone)
        await self._schedule.add(*kept)

        async def undo() -> str:
            await self._schedule.add(*entries)
            return sentence(joined([self._is_set(one) for one in entries]))

        texts = [sentence(f"{title(one)} is cancelled") for one in gone]
        for one, after in zip([one for one in entries if one.again.rule], kept, strict=True):
            due, then = (self._clock.local(self._due_s(each)) for each in (one, after))
            what = f"I won't {self._what(one)}" if one.kind is Kind.CALL else f"I leave out {title(one)}"
            texts.append(sentence(f"{what} {self._moment(due)}; it comes again {self._moment(then)}"))
        return Told(" ".join(texts), undo)

    def _without_next(self, entry: Entry) -> Entry:
        """It counts from the time after the next one on: what came before that never was."""
        next_s = self._schedule.calendar.next_s(entry.again, self._due_s(entry))
        if next_s is None:
            return replace(entry, again=ONCE)
        local = self._clock.local(next_s).replace(tzinfo=None)
        first = local.replace(hour=0, minute=0, second=0) if entry.again.sun else local
        again = replace(entry.again, first=first.isoformat(timespec="seconds"))
        return replace(entry, due_wall_s=next_s, again=again)

    def _moment(self, due: datetime) -> str:
        return moment(due, self._clock.now())

    async def _each(self, entries: Sequence[Entry], change: Callable[[Entry], Awaitable[Entry]], how: str) -> Told:
        now = [await change(one) for one in entries]
        at = self._schedule.now()
        texts = [sentence(f"{title(one)} {how.format(left=span(one.remaining_s(at)))}") for one in now]

        async def undo() -> str:
            await self._schedule.add(*entries)
            return sentence(joined([self._is_set(one) for one in entries]))

        return Told(" ".join(texts), undo)

    async def _changed(self, before: Sequence[Entry], after: Sequence[Entry]) -> Told:
        """Put the changed ones in the place of what they were."""
        await self._schedule.add(*after)

        async def undo() -> str:
            await self._schedule.add(*before)
            return sentence(joined([self._is_set(one) for one in before]))

        return Told(sentence(joined([self._is_set(one) for one in after])), undo)

    async def _leave_out(self, entries: Sequence[Entry], devices: Sequence[str]) -> Told:
        kept: list[Entry] = []
        gone: list[Entry] = []
        for one in entries:
            left = self._without(one, devices)
            (gone if left is None else kept).append(one if left is None else left)
        await self._schedule.cancel(*gone)
        await self._schedule.add(*kept)

        async def undo() -> str:
            await self._schedule.add(*entries)
            return sentence(joined([self._is_set(one) for one in entries]))

        known = [self._registry.devices[one] for one in devices if one in self._registry.devices]
        return Told(sentence(f"all right, without {names(known, self._registry)}"), undo)

    def _without(self, entry: Entry, devices: Sequence[str]) -> Entry | None:
        """The call that waits without some of its devices; None where none is left."""
        payload = json.loads(entry.payload or "{}")
        orders = [Call.from_json(call) for call in payload.get("calls", ())]
        left = [replace(call, targets=tuple(one for one in call.targets if one not in devices)) for call in orders]
        kept = [call for call in left if call.targets]
        ends = [one for one in payload.get("services", ()) if one.get("device") not in devices]
        if not kept and not ends:
            return None
        label = joined([instruction(call, self._registry) for call in kept]) or entry.label
        payload |= {"calls": [call.to_json() for call in kept]} if kept else {"services": ends}
        return replace(entry, label=label, payload=json.dumps(payload))

    # Other times ---------------------------------------------------------------------------------------------------

    def _retimed(self, entries: Sequence[Entry], call: Call) -> list[Entry] | str:
        """The entries at their new times; a sentence where that makes no sense."""
        changed = []
        for one in entries:
            try:
                new = self._at_new_time(one, call)
            except ScheduleError as error:
                return str(error)
            if isinstance(new, str):
                return new
            changed.append(new)
        return changed

    def _at_new_time(self, entry: Entry, call: Call) -> Entry | str:
        now = self._schedule.now()
        match call.function.partition(".")[2]:
            case "shift":
                by_s = float(call.arguments["by_s"])
                return extended(entry, by_s, now) if entry.counts else self._moved(entry, by_s)
            case "lasts":
                length_s = float(call.arguments["length_s"])
                if length_s > LONGEST_S:
                    return "That is longer than I can count: a year at most."
                return countdown(replace(entry, length_s=length_s), length_s, now)
            case "days":
                days, until = str(call.arguments["days"]).split(","), str(call.arguments.get("until") or "")
                return self._on_days(entry, days, str(call.arguments["how"]), until)
            case "at":
                return self._at(entry, call)
        return "I can't change that."

    def _moved(self, entry: Entry, by_s: float) -> Entry | str:
        due_s = (entry.due_wall_s or self._clock.now().timestamp()) + by_s
        if due_s <= self._clock.now().timestamp():
            return _passed(self._clock.local(due_s))
        if entry.again.sun:
            again = replace(entry.again, sun_offset_s=entry.again.sun_offset_s + by_s)
            return replace(entry, due_wall_s=due_s, again=again)
        return self._due_at(entry, self._clock.local(due_s))

    def _at(self, entry: Entry, call: Call) -> Entry | str:
        """At the time of day, or the moment, that was said: the half of the day that is nearest to what it was."""
        after = call.arguments.get("after")
        if isinstance(after, int | float):
            return countdown(replace(entry, length_s=float(after)), float(after), self._schedule.now())
        sun, repeat = call.arguments.get("sun"), call.arguments.get("repeat")
        at = local_time(call.arguments.get("at"))
        if sun:
            first = (at or self._clock.now().replace(tzinfo=None)).isoformat(timespec="seconds")
            offset = call.arguments.get("sun_offset")
            rule = rule_of(str(repeat)) if repeat else entry.again.rule
            return self._again(entry, Recurrence(rule, first, str(sun), float(offset or 0)))
        if at is None:
            return "For when?"
        if repeat:
            return self._again(entry, Recurrence(rule_of(str(repeat)), at.isoformat(timespec="seconds")))
        if call.arguments.get("dated"):
            return self._due_at(replace(entry, again=ONCE), at) if not entry.again else self._due_at(entry, at)
        return self._due_at(entry, self._nearest(entry, at, half=bool(call.arguments.get("half"))))

    def _nearest(self, entry: Entry, at: datetime, *, half: bool) -> datetime:
        """The reading of a time of day that is nearest to what it was, on the same day, or the next time it comes."""
        before = self._clock.local(self._due_s(entry)).replace(tzinfo=None)
        day = before.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
        times = [day] if half or at.hour >= 12 else [day, day + timedelta(hours=12)]
        now_s = self._clock.now().timestamp()
        ahead = [one for one in times if self._clock.epoch_s(one) > now_s]
        later = [one + timedelta(days=1) for one in times]
        return min(ahead or later, key=lambda one: abs((one - before).total_seconds()))

    def _due_at(self, entry: Entry, at: datetime) -> Entry | str:
        local = at.replace(tzinfo=None)
        if entry.again and not entry.again.sun:
            first = datetime.fromisoformat(entry.again.first)
            new = first.replace(hour=local.hour, minute=local.minute, second=0)
            rule = ";".join(part for part in entry.again.rule.split(";") if not part.startswith(("BYHOUR", "BYMINUTE")))
            return self._again(entry, Recurrence(rule, new.isoformat(timespec="seconds")))
        due_s = self._clock.epoch_s(local)
        if due_s <= self._clock.now().timestamp():
            return _passed(local)
        return replace(entry, counts=False, due_wall_s=due_s, due_boot_s=None, provisional=False, again=ONCE)

    def _again(self, entry: Entry, again: Recurrence) -> Entry | str:
        due_s = self._schedule.calendar.next_s(again, self._clock.now().timestamp())
        if due_s is None:
            return "That never comes."
        return replace(entry, counts=False, due_wall_s=due_s, due_boot_s=None, provisional=False, again=again)

    def _on_days(self, entry: Entry, days: Sequence[str], how: str, until: str) -> Entry | str:
        known = rule_days(entry)
        if how == "once":
            return replace(entry, again=ONCE)
        if how == "every":
            first = self._clock.local(self._due_s(entry)).replace(tzinfo=None).isoformat(timespec="seconds")
            rule = f"{_weekly(days)};{until}" if until else _weekly(days)
            return self._again(entry, Recurrence(rule, entry.again.first or first, *_sun_of(entry)))
        if not entry.again:
            at = self._clock.local(self._due_s(entry)).replace(tzinfo=None)
            ahead = (DAYS.index(days[0]) - self._clock.now().weekday()) % 7
            day = self._clock.now().date() + timedelta(days=ahead)
            new = datetime.combine(day, at.time())
            passed = self._clock.epoch_s(new) <= self._clock.now().timestamp()
            return self._due_at(entry, new + timedelta(days=7 * passed))
        wanted = {"only": set(days), "add": set(known) | set(days), "drop": set(known) - set(days)}[how]
        if not wanted:
            return "Then there would be no day left: shall I cancel it?"
        first = entry.again.first
        if how == "add" and first:  # the new day may come before the first of the old ones
            first = (datetime.fromisoformat(first) - timedelta(days=7)).isoformat(timespec="seconds")
        return self._again(entry, replace(entry.again, rule=_weekly(wanted), first=first))

    # Telling -------------------------------------------------------------------------------------------------------

    def _told(self, entries: Sequence[Entry], call: Call) -> str:
        if call.arguments.get("left"):
            return " ".join(sentence(self._left(one)) for one in entries)
        if call.arguments.get("next"):
            return " ".join(sentence(self._next(one)) for one in entries)
        return sentence(joined([self._is_set(one) for one in entries]))

    def _left(self, entry: Entry) -> str:
        left = span(entry.remaining_s(self._schedule.now()))
        if entry.kind is Kind.CALL:
            return f"I'll {self._what(entry)} in {left}"
        return f"{title(entry)} has {left} left{' and is paused' if entry.status is Status.PAUSED else ''}"

    def _next(self, entry: Entry) -> str:
        """When it comes next, whatever comes after that."""
        due = self._clock.local(self._due_s(entry))
        when = moment(due, self._clock.now())
        if entry.kind is Kind.CALL:
            return f"I'll {self._what(entry)} {when}"
        often = said(Timing(due, entry.again), due) if entry.again else ""
        return f"{title(entry)} is due {when}{f', then {often}' if often else ''}"

    def _on(self, call: Call) -> str:
        """Whether anything of a kind comes on some days of the next week."""
        days = str(call.arguments.get("days") or "").split(",")
        kind = Kind(str(call.arguments.get("kind") or "alarm"))
        found = []
        for one in self._schedule.agenda.of_kind(kind):
            due = self._clock.local(self._due_s(one))
            comes = set(rule_days(one)) if one.again.rule else {DAYS[due.weekday()]}
            near = one.again.rule or (due - self._clock.now()).days < 7
            if near and comes & set(days):
                found.append(one)
        on = joined([day.capitalize() for day in days])
        if not found:
            return f"No, there is no {kind.value} on {on}."
        return sentence(f"yes, {joined([self._is_set(one) for one in found])}")

    def _is_set(self, entry: Entry) -> str:
        now = self._schedule.now()
        if entry.kind is Kind.CALL:
            if entry.counts:
                return f"I'll {self._what(entry)} in {span(entry.remaining_s(now))}"
            when = said(Timing(self._clock.local(self._due_s(entry)), entry.again), self._clock.now())
            return f"I'll {self._what(entry)} {when}"
        if entry.counts:
            paused = " and is paused" if entry.status is Status.PAUSED else ""
            return f"{title(entry)} has {span(entry.remaining_s(now))} left{paused}"
        due = self._clock.local(self._due_s(entry))
        when = said(Timing(due, entry.again), self._clock.now())
        return f"{title(entry)} is set for {when.removeprefix('at ').removeprefix('on ')}"

    def _what(self, entry: Entry) -> str:
        """A call as what it does: "turn off the heater"; anything else as people call it."""
        if entry.kind is not Kind.CALL:
            return title(entry)
        ends = [call for call in Later.service_calls(entry) if call.device in self._registry.devices]
        if not ends:
            return entry.label
        devices = [self._registry.devices[call.device] for call in ends]
        return ordered(devices[0], ends[0], names(devices, self._registry))

    def _due_s(self, entry: Entry) -> float:
        return float(round(self._clock.now().timestamp() + entry.remaining_s(self._schedule.now())))


def _weekly(days: Collection[str]) -> str:
    if set(days) >= set(DAYS):
        return rule_of("daily")
    return f"FREQ=WEEKLY;BYDAY={','.join(day[:2].upper() for day in DAYS if day in days)}"


def _sun_of(entry: Entry) -> tuple[str, float]:
    return entry.again.sun, entry.again.sun_offset_s


def _passed(at: datetime) -> str:
    return f"{clock(at)} has passed already: when shall it be?"


def _is(entries: Sequence[Entry]) -> str:
    return "is" if len(entries) == 1 else "are"
