"""From a sentence to a typed rule: the grammar of conditions for the one half, the router for the other."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from edge.assistant.alarmkeeping.wording import converted, unit_of
from edge.assistant.naming import device_name
from edge.assistant.phrases import sentence
from edge.assistant.rulekeeping.clauses import Parted, ordered, parted, spoken, until
from edge.assistant.timing import local_time
from edge.devices.model import Device
from edge.devices.registry import Registry
from edge.router.model import Call, Decision, Routing
from edge.router.resolution.watched import Watched, watched
from edge.router.values.clock import DAYS, read_clock
from edge.router.values.conditions import Condition as Spoken
from edge.router.values.conditions import Relation, condition
from edge.router.values.hours import Hours
from edge.router.values.numbers import split
from edge.router.values.times import sun_event, when
from edge.schedule.clock import Clock
from edge.schedule.rules.model import Action, Condition, ConditionKind, Mode, Rule, Trigger, TriggerKind

_TIMES: Final = ("at", "repeat", "sun", "sun_offset")
_PRONOUN: Final = re.compile(r"\b(?:its?|that|them|those)\b", re.IGNORECASE)
_CONDITIONAL: Final = re.compile(
    r"\b(?:when(?:ever)?|if|once|as soon as|every time|each time|any ?time|the moment|the minute|unless|should)\b",
    re.IGNORECASE,
)
_WARNS: Final = "alarms.add_rule"
"""What only tells is the alarms', who ask what they lack in their own way."""
_OUR_OWN: Final = ("timer", "alarm", "reminder", "todo", "rules", "assistant", "memory", "summary")
Route = Callable[[str, str | None], Routing]


@dataclass(frozen=True, slots=True)
class Draft:
    """The rules a sentence makes; or what must be asked or said instead."""

    rules: tuple[Rule, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class _When:
    triggers: tuple[Trigger, ...] = ()
    conditions: tuple[Condition, ...] = ()
    problem: str = ""


class RuleReader:
    """`home_unit`: °C or °F, for degrees without a scale."""

    def __init__(self, route: Route, registry: Registry, clock: Clock, home_unit: str) -> None:
        self._route = route
        self._registry = registry
        self._clock = clock
        self._home = home_unit

    def read(self, text: str, area: str | None, routing: Routing) -> Draft | None:
        """None where it is no rule, or nothing of it can be found in this home."""
        if routing.decision is Decision.QUERY or any(map(_is_ours, routing.calls[:1])):
            return None
        conditions = [call.arguments["condition"] for call in routing.calls if call.arguments.get("condition")]
        told = str(conditions[0]) if conditions else ""
        if not told and not _CONDITIONAL.search(text):
            return None
        warns = any(call.function == _WARNS for call in routing.calls)
        asked: Draft | None = None
        for one in parted(text, told):
            draft = self._read(one, text, area)
            if draft is not None and draft.rules:
                return draft
            if not (warns and not spoken(one.orders).orders):
                asked = asked or draft
        return asked

    def _read(self, one: Parted, text: str, area: str | None) -> Draft | None:
        when = self._when(one, area)
        if when is None:
            return None
        if when.problem and ordered(one.orders):
            return Draft(problem=when.problem)
        said = spoken(one.orders)
        orders, end = until(said.orders)
        calls = self._calls(orders, area, when.triggers)
        if calls is None or (not calls and said.say is None):
            return None
        timed = [self._timed(call) for call in calls]
        trigger = next((found for found in timed if found is not None), None) or self._at(one.at)
        if trigger is not None:
            when = replace(when, triggers=(trigger,), conditions=self._as_conditions(when))
        elif not calls or one.only_if or one.negated:
            return None  # warnings are the alarms', and conditions alone set nothing off
        if any(_never(trigger, when.conditions) for trigger in when.triggers):
            return Draft(problem="That can never be so both at once. Did you mean or? Say it once more.")
        if when.problem or not when.triggers:
            return Draft(problem=when.problem) if when.problem else None
        actions = tuple(self._action(call, end) for call in calls)
        if said.say is not None:
            actions = (*actions, Action(say=self._told(said.say, when)))
        mode = Mode.RESTART
        conditions = tuple(dict.fromkeys(when.conditions))
        return Draft(
            tuple(
                Rule(self._name(actions, place), trigger, actions, conditions, mode, said=text, area=area,
                     made_s=self._clock.now().timestamp())
                for place, trigger in enumerate(when.triggers)
            )
        )  # fmt: skip

    # When ----------------------------------------------------------------------------------------------------------

    def _when(self, one: Parted, area: str | None) -> _When | None:
        sun = sun_event(one.condition)
        made = condition(one.condition) if sun is None else None
        if sun is None and made is None:
            sun = when(one.condition, self._clock.now())
        if sun is not None and sun.sun is not None:
            return _When((Trigger(TriggerKind.SUN, sun=sun.sun, offset_s=float(sun.sun_offset)),))
        if made is None:
            return self._with_the_sun(one, area)
        if one.negated:
            made = _turned(made)
            if made is None:
                return None
        return self._of(made, area)

    def _with_the_sun(self, one: Parted, area: str | None) -> _When | None:
        """ "it gets dark and nobody is home"."""
        first, joint, rest = one.condition.partition(" and ")
        sun = sun_event(first) if joint else None
        made = condition(rest) if sun is not None else None
        of = self._of(made, area) if made is not None else None
        if sun is None or sun.sun is None or of is None:
            return None
        trigger = Trigger(TriggerKind.SUN, sun=sun.sun, offset_s=float(sun.sun_offset))
        return replace(of, triggers=(trigger,), conditions=self._as_conditions(of))

    def _of(self, made: Spoken, area: str | None) -> _When | None:
        found = watched(made, self._registry, area)
        if found is None:
            return None
        if found.choices:
            which = [device_name(self._registry.devices[one], self._registry) for one in found.choices[:4]]
            return _When(problem=f"Which one do you mean: {', '.join(which)}? Say it once more with that.")
        if not found.fits:
            return _When(problem="That is not what it measures. Say it once more with another measure.")
        triggers = tuple(t for device in found.devices if (t := self._trigger(found, self._registry.devices[device])))
        if made.too:
            return _When(problem="How much is too much? Say it once more with a number, such as above thirty degrees.")
        if not triggers:
            return _When(problem="I can make no rule of that. I can warn you: say warn me when.")
        conditions = list(_hours(made.hours))
        for other in made.besides:
            besides = self._of(other, area)
            if besides is None or besides.problem or not besides.triggers:
                return besides
            conditions += self._as_conditions(besides)
        return _When(triggers, tuple(conditions))

    def _trigger(self, found: Watched, device: Device) -> Trigger | None:
        said, means = found.condition, found.means
        hold_s = float(said.hold_s or means.hold_s)
        if isinstance(means.value, str):
            other = means.relation is Relation.IS_NOT
            return Trigger(TriggerKind.STATE, device.id, (means.value,), other, for_s=hold_s)
        value = means.value if means.value is not None else said.value
        if value is None or means.relation not in _SIDES:
            return None
        unit = unit_of(device, f"{device.id}:temperature" if means.attribute else device.id)
        own = converted(float(value), means.unit or said.unit, unit, self._home)
        if own is None:
            return None
        above = own if _SIDES[means.relation] == "above" else None
        below = own if above is None else None
        return Trigger(
            TriggerKind.NUMERIC, device.id, above=above, below=below, attribute=means.attribute, for_s=hold_s
        )

    @staticmethod
    def _as_conditions(when: _When) -> tuple[Condition, ...]:
        """What would set it off, as something that must be so."""
        made = []
        for one in when.triggers:
            if one.kind is TriggerKind.SUN:
                made.append(Condition(ConditionKind.SUN, up=one.sun in ("sunrise", "dawn")))
            else:
                kind = ConditionKind(one.kind.value)
                made.append(Condition(kind, one.device, one.states, one.other, one.above, one.below, one.attribute))
        return (*made, *when.conditions)

    # What ----------------------------------------------------------------------------------------------------------

    def _calls(self, orders: str, area: str | None, triggers: tuple[Trigger, ...]) -> tuple[Call, ...] | None:
        if not orders:
            return ()
        calls = self._routed(orders, area)
        device = self._registry.devices.get(triggers[0].device) if triggers else None
        if calls is None and device is not None and _PRONOUN.search(orders):
            calls = self._routed(_PRONOUN.sub(f"the {device.name}", orders, count=1), area)
        if calls is not None:
            return calls
        several: list[Call] = []
        for piece in re.split(r",? (?:and then|then|and) |, ", orders):
            one = self._routed(piece, area)
            if one is None:
                return None
            several += one
        return tuple(several)

    def _routed(self, orders: str, area: str | None) -> tuple[Call, ...] | None:
        routing = self._route(orders, area)
        if routing.decision is not Decision.ACT or not routing.calls:
            return None
        if any(map(_is_ours, routing.calls)) or not all(call.targets for call in routing.calls):
            return None
        return routing.calls

    def _timed(self, call: Call) -> Trigger | None:
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
        return self._timed(replace(call, arguments={"repeat": "daily", **call.arguments}))

    def _action(self, call: Call, end: str) -> Action:
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

    def _told(self, say: str, when: _When) -> str:
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


_SIDES: Final = {
    Relation.ABOVE: "above",
    Relation.AT_LEAST: "above",
    Relation.BELOW: "below",
    Relation.AT_MOST: "below",
}


def _is_ours(call: Call) -> bool:
    """Whether no device carries it out."""
    return call.function.partition(".")[0] in _OUR_OWN


def _turned(made: Spoken) -> Spoken | None:
    """The opposite, for "unless"."""
    other = {
        Relation.IS: Relation.IS_NOT, Relation.IS_NOT: Relation.IS,
        Relation.ABOVE: Relation.AT_MOST, Relation.BELOW: Relation.AT_LEAST,
        Relation.AT_LEAST: Relation.BELOW, Relation.AT_MOST: Relation.ABOVE,
    }.get(made.relation)  # fmt: skip
    return None if other is None or made.besides else replace(made, relation=other)


def _hours(hours: Hours | None) -> tuple[Condition, ...]:
    if hours is None:
        return ()
    made = []
    days = tuple(DAYS[day] for day in sorted(hours.days)) if hours.days else ()
    if hours.begin is not None or hours.end is not None or days:
        made.append(Condition(ConditionKind.TIME, after=_clock(hours.begin), before=_clock(hours.end), days=days))
    if hours.dark:
        made.append(Condition(ConditionKind.SUN))
    return tuple(made)


def _clock(minute: int | None) -> str:
    return "" if minute is None else f"{minute // 60 % 24:02d}:{minute % 60:02d}"


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
