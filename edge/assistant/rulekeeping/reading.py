"""From a sentence to a typed rule: the grammar of conditions for the one half, the router for the other."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from edge.assistant.phrases import sentence
from edge.assistant.rulekeeping.clauses import Parted, ordered, parted, spoken, until
from edge.assistant.rulekeeping.recast import lacks_a_thing
from edge.assistant.rulekeeping.recast import orders as rephrased
from edge.assistant.rulekeeping.sensing import Sensing, When
from edge.assistant.timing import local_time
from edge.devices.registry import Registry
from edge.router.model import Call, Decision, Routing
from edge.router.values.clock import DAYS, read_clock
from edge.router.values.numbers import split
from edge.router.values.times import when
from edge.schedule.clock import Clock
from edge.schedule.rules.model import Action, Condition, Mode, Rule, Trigger, TriggerKind

_TIMES: Final = ("at", "repeat", "sun", "sun_offset")
_PRONOUN: Final = re.compile(r"\b(?:its?|that|them|those)\b", re.IGNORECASE)
_CONDITIONAL: Final = re.compile(
    r"\b(?:when(?:ever)?|if|once|as soon as|every time|each time|any ?time|next time|the moment|the minute|unless|"
    r"should)\b",
    re.IGNORECASE,
)
WARNS: Final = "alarms.add_rule"
"""What only tells is the alarms', who ask what they lack in their own way."""
_OUR_OWN: Final = (
    "timer",
    "alarm",
    "reminder",
    "todo",
    "rules",
    "assistant",
    "memory",
    "names",
    "notes",
    "scenes",
    "summary",
)
_OPPOSITE: Final = {
    "turn_on": "turn_off", "turn_off": "turn_on", "open": "close", "close": "open", "lock": "unlock",
    "unlock": "lock",
}  # fmt: skip
Route = Callable[[str, str | None], Routing]


@dataclass(frozen=True, slots=True)
class Draft:
    """The rules a sentence makes; or what must be asked or said instead."""

    rules: tuple[Rule, ...] = ()
    problem: str = ""
    routing: Routing | None = None
    """What it is to others, said in a manner that the router knows: a warning, something at a time that comes back."""


class ClauseReader:
    """`home_unit`: °C or °F, for degrees without a scale."""

    def __init__(self, route: Route, registry: Registry, clock: Clock, home_unit: str) -> None:
        self._route = route
        self._registry = registry
        self._clock = clock
        self.sensing = Sensing(registry, clock, home_unit)

    def read(self, text: str, area: str | None, routing: Routing) -> Draft | None:
        """A sentence that says it with "when" or "if"."""
        if routing.decision is Decision.QUERY:
            return None
        conditions = [call.arguments["condition"] for call in routing.calls if call.arguments.get("condition")]
        told = str(conditions[0]) if conditions else ""
        if not told and not _CONDITIONAL.search(text):
            return None
        warns = any(call.function == WARNS for call in routing.calls)
        asked: Draft | None = None
        for one in parted(text, told):
            draft = self._read(one, text, area)
            if draft is not None and draft.rules:
                return draft
            if not (warns and not spoken(one.orders).orders):
                asked = asked or draft
        return asked

    def sensed(self, one: Parted, area: str | None) -> bool:
        """Whether what must happen is something that this home tells."""
        when = self.sensing.when(one, area)
        return when is not None and bool(when.triggers)

    def _read(self, one: Parted, text: str, area: str | None) -> Draft | None:
        when = self.sensing.when(one, area)
        if when is None:
            return None
        if when.problem and ordered(one.orders):
            return Draft(problem=when.problem)
        said = spoken(one.orders)
        orders, end = until(said.orders)
        calls = self._calls(orders, area, when)
        if calls is None or (not calls and said.say is None):
            return None
        timed = [self.timed(call) for call in calls]
        if one.at and self._at(one.at) is None:
            return None
        trigger = next((found for found in timed if found is not None), None) or self._at(one.at)
        if trigger is not None:
            when = replace(when, triggers=(trigger,), conditions=self.sensing.as_conditions(when))
        elif (not calls and not said.word_for_word) or one.only_if or one.negated:
            return None  # warnings are the alarms', and conditions alone set nothing off
        if any(_never(trigger, when.conditions) for trigger in when.triggers):
            return Draft(problem="That can never be so both at once. Did you mean or? Say it once more.")
        if when.problem or not when.triggers:
            return Draft(problem=when.problem) if when.problem else None
        ended = self._ended(end, calls, when, text, area)
        if ended is None:
            return Draft(problem=f"I can't tell when “until {end}” is. Say a time, or what happens then.")
        actions = tuple(self.action(call, end) for call in calls)
        if said.say is not None:
            actions = (*actions, Action(say=self._told(said.say, when)))
        mode = Mode.RESTART
        conditions = tuple(dict.fromkeys(when.conditions))
        made = tuple(
            Rule(self._name(actions, place), trigger, actions, conditions, mode, said=text, area=area,
                 made_s=self._clock.now().timestamp())
            for place, trigger in enumerate(when.triggers)
        )  # fmt: skip
        return Draft((*made, *ended))

    def _ended(
        self, end: str, calls: Sequence[Call], when: When, text: str, area: str | None
    ) -> tuple[Rule, ...] | None:
        """The rules that take back what was done, where "until" names no time; None where nothing tells it."""
        if not end or read_clock(split(end)) is not None:
            return ()
        device = self._registry.devices.get(when.triggers[0].device)
        clause = re.sub(r"^(?:it|that)(?=['’]s | )", f"the {device.name}", end) if device else end
        back = self.sensing.when(Parted(clause, ""), area)
        opposite = [_OPPOSITE.get(call.function.rpartition(".")[2], "") for call in calls]
        if back is None or not back.triggers or back.problem or not all(opposite):
            return None
        undone = tuple(
            self.action(replace(call, function=f"{call.function.partition('.')[0]}.{verb}"), "")
            for call, verb in zip(calls, opposite, strict=True)
        )
        made_s = self._clock.now().timestamp()
        return tuple(
            Rule(self._name(undone, place), trigger, undone, back.conditions, said=text, area=area, made_s=made_s)
            for place, trigger in enumerate(back.triggers)
        )

    # What ----------------------------------------------------------------------------------------------------------

    def _calls(self, orders: str, area: str | None, when: When) -> tuple[Call, ...] | None:
        if not orders:
            return ()
        named = [*(one.device for one in when.triggers), *(one.device for one in when.conditions)]
        devices = [one for one in named if one in self._registry.devices]
        device = self._registry.devices[devices[0]] if devices else None
        room = self._registry.areas.get((device.area or "") if device else "")
        if room is not None:
            orders = re.sub(r"\b(?:in )?there\b", f"in the {room.name}", orders)
        calls = self._routed(orders, area)
        if calls is None and device is not None and _PRONOUN.search(orders):
            calls = self._routed(_PRONOUN.sub(f"the {device.name}", orders, count=1), area)
        if calls is None:
            calls = self._of_the_same(orders, area, devices)
        if calls is not None:
            return calls
        several: list[Call] = []
        for piece in re.split(r",? (?:and then|then|and) |, ", orders):
            one = self._routed(piece, area)
            if one is None:
                return None
            several += one
        return tuple(several)

    def _of_the_same(self, orders: str, area: str | None, devices: Sequence[str]) -> tuple[Call, ...] | None:
        """ "the lamp" in an order is the one that was named in the condition."""
        for device in devices:
            name = self._registry.devices[device].name
            the = re.compile(rf"\bthe {re.escape(name.split()[-1])}\b", re.IGNORECASE)
            if the.search(orders) and (calls := self._routed(the.sub(f"the {name}", orders), area)) is not None:
                return calls
        return None

    def _routed(self, orders: str, area: str | None) -> tuple[Call, ...] | None:
        plain = None if lacks_a_thing(orders) else self._found(orders, area)
        usual = (self._found(one, area) for one in rephrased(orders)) if plain is None else ()
        return plain or next((calls for calls in usual if calls), None) or self._found(orders, area)

    def _found(self, orders: str, area: str | None) -> tuple[Call, ...] | None:
        routing = self._route(orders, area)
        if routing.decision is not Decision.ACT or not routing.calls:
            return None
        if any(is_ours(call) or not call.targets or call.arguments.get("condition") for call in routing.calls):
            return None
        return routing.calls

    def timed(self, call: Call) -> Trigger | None:
        """The trigger that a call's own time makes."""
        sun, repeat, at = (call.arguments.get(name) for name in ("sun", "repeat", "at"))
        days = _days(str(repeat or ""))
        if sun:
            offset = call.arguments.get("sun_offset")
            return Trigger(
                TriggerKind.SUN, sun=str(sun), offset_s=float(offset) if isinstance(offset, int | float) else 0.0,
                days=days,
            )  # fmt: skip
        moment = local_time(at)
        return Trigger(TriggerKind.TIME, at=f"{moment:%H:%M}", days=days) if moment is not None and repeat else None

    def _at(self, text: str) -> Trigger | None:
        """The trigger that a time makes which was said before the condition."""
        read = when(text, self._clock.now()) if text else None
        if read is None:
            return None
        call = Call("", read.arguments())
        return self.timed(replace(call, arguments={"repeat": "daily", **call.arguments}))

    def action(self, call: Call, end: str) -> Action:
        kept = {
            key: value
            for key, value in call.arguments.items()
            if key not in (*_TIMES, "after", "duration", "condition")
        }
        clock = read_clock(split(end)) if end else None
        return Action(
            {"function": call.function, "targets": list(call.targets), "arguments": kept},
            delay_s=_seconds(call.arguments.get("after")),
            for_s=_seconds(call.arguments.get("duration")),
            until="" if clock is None else f"{_likely(clock.hour24, sure=clock.sure):02d}:{clock.minute:02d}",
        )

    def _told(self, say: str, when: When) -> str:
        """What is said: the words that were given, or what has happened, and what is to be done about it."""
        from edge.assistant.rulekeeping.wording import condition_said, trigger_said

        if say and not say.lower().startswith("to "):
            return say
        trigger = when.triggers[0]
        timed = trigger.kind in (TriggerKind.TIME, TriggerKind.SUN) and when.conditions
        so = condition_said(when.conditions[0], self._registry) if timed else trigger_said(trigger, self._registry)
        return sentence(f"{so}: {say[3:]}" if say else so)

    def _name(self, actions: tuple[Action, ...], place: int) -> str:
        first = next((one for one in actions if one.call), None)
        if first is None:
            return f"say_{place + 1}"
        verb = str(first.call["function"]).rpartition(".")[2]
        target = str(first.call["targets"][0]).rpartition(".")[2]
        slug = re.sub(r"[^a-z0-9]+", "_", f"{verb}_{target}".lower()).strip("_")[:50] or "rule"
        return slug if not place else f"{slug}_{place + 1}"


def _never(trigger: Trigger, conditions: tuple[Condition, ...]) -> bool:
    """Whether what sets it off rules out what must be so besides."""
    for one in conditions:
        if one.device != trigger.device or one.attribute != trigger.attribute:
            continue
        if trigger.above is not None and one.below is not None and one.below <= trigger.above:
            return True
        if trigger.below is not None and one.above is not None and one.above >= trigger.below:
            return True
    return False


def is_ours(call: Call) -> bool:
    """Whether no device carries it out."""
    return call.function.partition(".")[0] in _OUR_OWN


def _days(repeat: str) -> tuple[str, ...]:
    if repeat == "weekdays":
        return DAYS[:5]
    if repeat == "weekends":
        return DAYS[5:]
    days = tuple(repeat.split(","))
    return days if repeat and set(days) <= set(DAYS) else ()


def _seconds(value: object) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0


def _likely(hour: int, *, sure: bool) -> int:
    """An hour that ends something, said without its half of the day: the evening's."""
    return hour if sure or hour >= 12 or hour < 4 else hour + 12
