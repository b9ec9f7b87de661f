"""What is planned, asked for by when it is, and called off by what it was to do: "don't turn it off after all"."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from edge.assistant.later import Later
from edge.assistant.model import Utterance
from edge.devices.registry import Registry
from edge.devices.words import tokens
from edge.router.model import Call, Decision, Routing
from edge.schedule.agenda import select
from edge.schedule.clock import Clock
from edge.schedule.errors import ScheduleError
from edge.schedule.model import Entry, Kind
from edge.schedule.schedule import Schedule

_PLANNED: Final = re.compile(
    r"(?:and )?(?:what(?:['’]s| is| are| have (?:i|we)(?: got)?| do (?:i|we) have|['’]ve (?:i|we) got)|"
    r"tell me what(?:['’]s| is)|is (?:there )?anything|anything)(?: (?:there|still|else))? (?:planned|scheduled|"
    r"coming up|going to happen|lined up|due|happening|"
    r"on(?: the (?:schedule|agenda|cards))?|set)(?: up)?(?: (?:for|on|in))? (?P<when>.+?)",
    re.IGNORECASE,
)
_OFF: Final = re.compile(
    r"(?:(?:actually|oh|no|wait|sorry),? )*(?:do ?n['’]?o?t|do not|no need to|"
    r"you (?:need ?n['’]t|do ?n['’]t (?:need|have) to)|there(?:['’]s| is) no need to|never mind|"
    r"forget(?: about)?|skip)(?: bother)?(?: to)? (?P<order>.+?)"
    r"(?P<all> after all| any ?more| then)?",
    re.IGNORECASE,
)
_CANCEL: Final = re.compile(
    r"(?:please )?(?:cancel|call off|scrap|drop|forget(?: about)?|skip|leave out|never mind) (?P<what>.+?)"
    r"(?P<when> (?:for |on )?(?:today|tonight|tomorrow(?: \w+)?|this \w+|(?:mon|tues|wednes|thurs|fri|satur|sun)day)|"
    r" at (?:\w+ ?){1,4})?(?: after all)?(?: please)?",
    re.IGNORECASE,
)
_NO: Final = re.compile(
    r"(?:(?:actually|oh|wait|sorry),? )*(?:do ?n['’]t bother|no need to|you need ?n['’]t|"
    r"you do ?n['’]t (?:need|have) to|there(?:['’]s| is) no need to)\b|do ?n['’]t .+ after all$",
    re.IGNORECASE,
)
_ENDING: Final = {"alarm.cancel": Kind.ALARM, "reminder.cancel": Kind.REMINDER}
_ASKING: Final = {"alarm.status": Kind.ALARM, "reminder.status": Kind.REMINDER}
_HOUR: Final = re.compile(r"\b(?:at|o['’]?clock|am|pm|\d+|half|quarter)\b", re.IGNORECASE)
_DAY: Final = re.compile(
    r"\b(?P<day>tomorrow(?:['’]s)?(?: (?:morning|afternoon|evening|night))?|tonight(?:['’]s)?|today(?:['’]s)?|"
    r"this (?:morning|afternoon|evening)|(?:mon|tues|wednes|thurs|fri|satur|sun)day(?:['’]s)?)\b",
    re.IGNORECASE,
)
_SLEEPS_IN: Final = re.compile(
    r"(?:please )?(?:(?:let (?:me|us)|(?:i|we) (?:can|want to|would like to|get to|am going to|are going to|will)|"
    r"i['’]?m going to|we['’]?re going to|i['’]d like to) "
    r"(?:sleep in|lie in|sleep late|have a lie[ -]in|get a lie[ -]in|stay in bed)|"
    r"(?:i|we) do(?:n['’]?t| not) (?:need|want|have) to (?:get up|be woken|wake up)|no wake[ -]?up(?: call)?|"
    r"do(?:n['’]?t| not) wake (?:me|us)(?: up)?) .+",
    re.IGNORECASE,
)
_GERUND: Final = re.compile(
    r"^(?P<verb>turn|switch|open|clos|lock|start|stopp|set|dimm|paus|play|put)ing\b", re.IGNORECASE
)
_WHOLE: Final = {"clos": "close", "stopp": "stop", "dimm": "dim", "paus": "pause"}
_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_PARTS: Final = {"morning": (4, 12), "afternoon": (12, 18), "evening": (17, 24), "night": (18, 29), "tonight": (17, 29)}
_NOT_THESE: Final = frozenset({"timer", "timers", "alarm", "alarms", "everything", "it", "that", "this", "all", "them"})
_EMPTY: Final = frozenset({"the", "a", "my", "our", "in", "on", "of", "to", "off", "for", "at", "and"})


class Planned:
    """Reads what nobody else has understood; `route` reads an order as it would be given."""

    def __init__(
        self, schedule: Schedule, registry: Registry, clock: Clock, route: Callable[[str, str | None], Routing]
    ) -> None:
        self._schedule = schedule
        self._registry = registry
        self._clock = clock
        self._route = route

    async def read(self, routing: Routing, utterance: Utterance) -> Routing:
        """The routing with entries that are told of or called off in its place; the same where it is about none."""
        text = utterance.text.strip(" .!?")
        call = self._skipped(routing, text) or self._told_of_day(routing, text)
        if call is None:
            call = self._asked(routing, text) or self._called_off(text, utterance.area) or self._cancelled(text)
            if call is not None and call.function == "entries.cancel" and _about_entries(routing):
                return routing
        if call is None and _NO.match(text) and any(call.targets for call in routing.calls):
            call = Call("entries.none", {"about": text})  # whatever it was read as, it says what is not to be done
        if call is None:
            return routing
        asks = call.function not in ("entries.cancel", "entries.skip", *_ENDING)
        return Routing(utterance.text, Decision.QUERY if asks else Decision.ACT, (call,), 1.0)

    def _asked(self, routing: Routing, text: str) -> Call | None:
        found = _PLANNED.fullmatch(text)
        within = self._span(found["when"]) if found is not None else None
        if within is None or any(call.function == "entries.tell" for call in routing.calls):
            return None
        kinds = (Kind.CALL, Kind.REMINDER, Kind.ALARM)
        entries = [one for one in self._entries(*kinds) if self._comes(one, *within)]
        return _of("tell", entries) if entries else Call("entries.none", {"about": "when"})

    def _skipped(self, routing: Routing, text: str) -> Call | None:
        """ "Switch the alarm off tomorrow": one that comes back is left out that day, and comes again after it."""
        ends = next((call for call in routing.calls if call.function in _ENDING), None)
        sleeps = _SLEEPS_IN.fullmatch(text)
        if ends is None and sleeps is None:
            return None
        day = _DAY.search(text)
        within = self._span(re.sub(r"['’]s\b", "", day["day"])) if day is not None else None
        if within is None:
            return None
        kind = _ENDING[ends.function] if ends is not None else Kind.ALARM
        name = str(ends.arguments.get("name") or ends.arguments.get("message") or "") if ends is not None else ""
        known = select(self._entries(kind), name=name)
        entries = [one for one in known if self._comes(one, *within)]
        if not entries and known:
            return Call("entries.none", {"kind": kind.value, "when": day["day"].lower() if day is not None else ""})
        if any(one.again.rule for one in entries):
            begin = self._clock.local(within[0])
            return Call("entries.skip", {**_of("skip", entries).arguments, "day": begin.date().isoformat()})
        if len(entries) == 1:
            return _of("cancel", entries)
        # Nobody has said the hour that a day alone is read as: which of them it is will be asked.
        several = ends is not None and bool(entries) and not _HOUR.search(text)
        return Call(ends.function, {"name": name} if name else {}) if ends is not None and several else None

    def _told_of_day(self, routing: Routing, text: str) -> Call | None:
        """ "What time do I get up on Monday": whatever rings that day, at whatever hour."""
        asks = routing.calls[0] if len(routing.calls) == 1 else None
        day = _DAY.search(text) if asks is not None and asks.function in _ASKING and asks.arguments.get("at") else None
        within = self._span(re.sub(r"['’]s\b", "", day["day"])) if day is not None and not _HOUR.search(text) else None
        if asks is None or day is None or within is None:
            return None
        kind = _ASKING[asks.function]
        entries = [one for one in self._entries(kind) if self._comes(one, *within)]
        return (
            _of("tell", entries) if entries else Call("entries.none", {"kind": kind.value, "when": day["day"].lower()})
        )

    def _called_off(self, text: str, area: str | None) -> Call | None:
        """ "Don't turn the heater off after all": what would do that to any of these devices."""
        found = _OFF.fullmatch(text)
        planned = self._entries(Kind.CALL)
        if found is None or not planned:
            return None
        order = _GERUND.sub(lambda one: _WHOLE.get(one["verb"].lower(), one["verb"]), found["order"].strip())
        calls = self._route(order, area).calls
        entries = [one for one in planned if any(_does(entry, call) for entry in Later.calls(one) for call in calls)]
        return _of("cancel", entries) if entries else None

    def _cancelled(self, text: str) -> Call | None:
        """ "Cancel the blinds tomorrow": what has these words, on that day or at that time."""
        found = _CANCEL.fullmatch(text)
        if found is None:
            return None
        words = set(tokens(found["what"])) - _EMPTY
        if not words or words & _NOT_THESE:
            return None
        within = self._span(found["when"].strip()) if found["when"] else None
        entries = [one for one in self._entries(Kind.CALL, Kind.REMINDER) if words <= self._words(one)]
        if found["when"] and within is not None:
            entries = [one for one in entries if self._comes(one, *within)]
            if any(one.again.rule for one in entries):
                day = self._clock.local(within[0]).date().isoformat()
                return Call("entries.skip", {**_of("skip", entries).arguments, "day": day})
        return _of("cancel", entries) if entries else None

    def _entries(self, *kinds: Kind) -> list[Entry]:
        found = [one for kind in kinds for one in self._schedule.agenda.of_kind(kind)]
        return sorted(found, key=self._due)

    def _words(self, entry: Entry) -> set[str]:
        known = self._registry.devices
        named = [known[one] for call in Later.calls(entry) for one in call.targets if one in known]
        areas = [area.name for one in named if (area := self._registry.areas.get(one.area or "")) is not None]
        names = [name for one in named for name in (one.name, *one.aliases)]
        return set(tokens(" ".join([entry.label, *names, *areas])))

    def _comes(self, entry: Entry, begin_s: float, end_s: float) -> bool:
        """Whether it is due then, the first time or again."""
        if begin_s <= self._due(entry) < end_s:
            return True
        if not entry.again.rule or self._due(entry) >= end_s:
            return False
        try:
            next_s = self._schedule.calendar.next_s(entry.again, begin_s - 1)
        except ScheduleError:
            return False
        return next_s is not None and next_s < end_s

    def _due(self, entry: Entry) -> float:
        return self._clock.now().timestamp() + entry.remaining_s(self._schedule.now())

    def _span(self, said: str) -> tuple[float, float] | None:
        """From and to of a day, or a part of one, that is to come; None for anything else."""
        words = [one for one in said.lower().split() if one not in ("the", "this", "on", "for", "in", "rest", "of")]
        now = self._clock.now()
        day = now.replace(hour=0, minute=0, second=0, microsecond=0)
        if words[:1] == ["tomorrow"]:
            day, words = day + timedelta(days=1), words[1:]
        elif words[:1] == ["today"]:
            words = words[1:]
        elif words and words[0] in _DAYS:
            day, words = day + timedelta(days=(_DAYS.index(words[0]) - day.weekday()) % 7 or 7), words[1:]
        elif words == ["week"]:
            return now.timestamp(), (day + timedelta(days=7)).timestamp()
        elif not words or words[0] not in _PARTS:
            return None
        if not words:
            return self._between(day, 0, 24)
        return self._between(day, *_PARTS[words[0]]) if len(words) == 1 and words[0] in _PARTS else None

    def _between(self, day: datetime, begin: int, end: int) -> tuple[float, float]:
        local = day.replace(tzinfo=None)
        first, last = local + timedelta(hours=begin), local + timedelta(hours=end)
        return self._clock.epoch_s(first), self._clock.epoch_s(last)


def _about_entries(routing: Routing) -> bool:
    """Whether it was understood already as something about what is planned."""
    ours = ("entries.", "timer.", "alarm.", "reminder.")
    return any(call.function.startswith(ours) and call.function != "entries.none" for call in routing.calls)


def _does(planned: Call, call: Call) -> bool:
    return planned.function == call.function and bool(set(planned.targets) & set(call.targets))


def _of(verb: str, entries: Sequence[Entry]) -> Call:
    return Call(f"entries.{verb}", {"ids": ",".join(one.id for one in entries)})
