"""What is done later: calls with a delay or a time, and the ends of what was asked for a while."""

import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from edge.assistant.cause import cause, confirmed
from edge.assistant.model import Performed, Utterance
from edge.assistant.naming import names
from edge.assistant.phrases import joined, sentence
from edge.assistant.timing import DOUBT, LONGEST_S, TIMES, timed, timing_of
from edge.assistant.timing import said as when_said
from edge.assistant.told import Told
from edge.assistant.wording import instruction
from edge.assistant.wording import ordered as ordered_to
from edge.devices.critical import is_critical
from edge.devices.model import Outcome, ServiceCall
from edge.devices.registry import Registry
from edge.devices.undo import ends
from edge.router.model import Call
from edge.schedule.clock import Clock
from edge.schedule.model import Entry, Kind
from edge.schedule.schedule import Schedule
from edge.schedule.words import span

log = logging.getLogger(__name__)


class Later:
    """Puts calls on the schedule, and reads them back when they are due."""

    def __init__(self, schedule: Schedule, registry: Registry, clock: Clock) -> None:
        self._schedule = schedule
        self._registry = registry
        self._clock = clock

    @staticmethod
    def delayed(call: Call) -> bool:
        """Whether the call names a time to come."""
        return timed(call)

    async def plan(self, calls: Sequence[Call], utterance: Utterance) -> Told:
        """Take delayed calls up: what was asked together for one moment is one entry. Raises `ScheduleError`."""
        entries: list[Entry] = []
        said: list[str] = []
        for call in calls:
            when = timing_of(call, self._schedule.calendar, self._clock)
            if isinstance(when, str):
                return Told(when)
            order = replace(call, arguments={key: one for key, one in call.arguments.items() if key not in TIMES})
            payload = json.dumps({"calls": [order.to_json()], **_ordered()})
            label = instruction(order, self._registry)
            if when.counts:
                after_s = float(call.arguments["after"])
                entries.append(self._schedule.countdown(Kind.CALL, after_s, label, utterance.area, payload=payload))
            else:
                due_s, area = when.due.timestamp(), utterance.area
                entries.append(self._schedule.at(Kind.CALL, due_s, label, area, payload=payload, again=when.again))
            said.append(self.order(call))
        await self._schedule.add(*entries)

        async def undo() -> str:
            await self._schedule.cancel(*entries)
            return sentence(f"I won't {joined([entry.label for entry in entries], 'or')}")

        text = f"I'll {joined(said)}."
        unsure = not self._clock.trusted and any(not entry.counts for entry in entries)
        return Told(f"{text} {DOUBT}" if unsure else text, undo)

    def order(self, call: Call) -> str:
        """A call as somebody would say it, with when and for how long."""
        said = f"{instruction(call, self._registry)}{_for(call)}"
        when = timing_of(call, self._schedule.calendar, self._clock) if timed(call) else ""
        if isinstance(when, str):
            return said
        if when.counts:
            return f"{said} in {span(float(call.arguments['after']))}"
        return f"{said} {when_said(when, self._clock.now())}"

    async def end(self, call: Call, performed: Iterable[Performed], utterance: Utterance) -> str:
        """Have what was just begun end after the call's `duration`; what to say of it. Raises `ScheduleError`."""
        seconds = duration(call)
        if seconds <= 0:
            return ""
        if seconds > LONGEST_S:
            return "I can't end that by myself: a year is the most I keep in mind."
        entries: list[Entry] = []
        begun: list[tuple[Performed, Sequence[ServiceCall]]] = []
        for one in performed:
            device = self._registry.devices.get(one.call.device)
            if device is None or not one.went_well:
                continue
            back = ends(device, one.call, one.before, one.after)
            if back:
                begun.append((one, back))
                payload = json.dumps({"services": [_plain(service_call) for service_call in back], **_ordered()})
                label = f"end: {instruction(replace(call, targets=(device.id,)), self._registry)}"
                entries.append(
                    self._schedule.countdown(Kind.CALL, seconds, label, utterance.area, payload=payload, must=True)
                )
        await self._schedule.add(*entries)
        if not entries:
            return ""
        if all(one.outcome is Outcome.ALREADY for one, _ in begun):
            over = [(self._registry.devices[one.call.device], back[0]) for one, back in begun]
            what = ordered_to(*over[0], names([device for device, _ in over], self._registry))
            return f"I'll {what} in {span(seconds)}."
        return f"I'll undo that in {span(seconds)}."

    async def release(self, devices: Iterable[str]) -> None:
        """Forget the ends that wait for devices which somebody has moved since. Raises `ScheduleError`."""
        moved = set(devices)
        stale = [
            entry
            for entry in self._schedule.agenda.of_kind(Kind.CALL)
            if entry.must and moved.intersection(call.device for call in self.service_calls(entry))
        ]
        if stale:
            await self._schedule.cancel(*stale)

    def ends_critically(self, call: Call, service_calls: Iterable[ServiceCall]) -> bool:
        """Whether the end of a call's duration would unlock or open something."""
        if duration(call) <= 0:
            return False
        for one in service_calls:
            device = self._registry.devices.get(one.device)
            state = self._registry.state(one.device)
            if device is not None and any(is_critical(device, end) for end in ends(device, one, state, state)):
                return True
        return False

    @staticmethod
    def ordered(entry: Entry) -> tuple[str, str]:
        """Who ordered it, and the id of the request; empty where that was not kept."""
        try:
            asked = json.loads(entry.payload or "{}").get("ordered", {})
            return str(asked.get("by", "")), str(asked.get("request", ""))
        except (ValueError, AttributeError):
            return "", ""

    @staticmethod
    def by_guest(entry: Entry) -> bool:
        """Whether a visitor ordered it."""
        ordered = _kept(entry).get("ordered")
        return isinstance(ordered, dict) and ordered.get("guest") is True

    @classmethod
    def confirmed(cls, entry: Entry) -> bool:
        """Whether it was confirmed when it was ordered; entries of earlier versions say so by their calls."""
        sure = _kept(entry).get("confirmed")
        return sure is True if sure is not None else any(call.confirm for call in cls.calls(entry))

    @staticmethod
    def calls(entry: Entry) -> tuple[Call, ...]:
        """The calls of a due entry."""
        return tuple(_read(entry, "calls", Call.from_json))

    @staticmethod
    def service_calls(entry: Entry) -> tuple[ServiceCall, ...]:
        """The service calls of a due end."""
        return tuple(
            _read(entry, "services", lambda one: ServiceCall(one["device"], one["service"], dict(one["data"])))
        )


def duration(call: Call) -> float:
    """For how many seconds something is asked; 0 where it is for good."""
    value = call.arguments.get("duration")
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0


def _for(call: Call) -> str:
    seconds = duration(call)
    return f" for {span(seconds)}" if seconds > 0 else ""


def _ordered() -> dict[str, Any]:
    """Who orders it now."""
    whose = cause()
    if whose is None:
        return {}
    by = whose.author or " ".join(part for part in (whose.source, whose.origin) if part)
    ordered = {"by": by, "request": whose.request} | ({"guest": True} if whose.guest else {})
    return {"ordered": ordered, "confirmed": confirmed()}


def _kept(entry: Entry) -> dict[str, Any]:
    try:
        kept = json.loads(entry.payload or "{}")
    except ValueError:
        return {}
    return kept if isinstance(kept, dict) else {}


def _plain(call: ServiceCall) -> dict[str, Any]:
    return {"device": call.device, "service": call.service, "data": dict(call.data)}


def _read(entry: Entry, key: str, make: Any) -> list[Any]:
    try:
        return [make(one) for one in json.loads(entry.payload or "{}").get(key, ())]
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        log.warning("assistant.payload_skipped", extra={"id": entry.id, "error": str(error)})
        return []
