"""From what must happen, as it is said, to a rule's triggers and conditions in this home."""

import re
from dataclasses import dataclass, replace
from typing import Final

from edge.assistant.alarmkeeping.wording import converted, unit_of
from edge.assistant.naming import device_name
from edge.assistant.rulekeeping.clauses import Parted
from edge.devices.model import Device
from edge.devices.registry import Registry
from edge.router.resolution.watched import Watched, watched
from edge.router.values.clock import DAYS
from edge.router.values.conditions import Condition as Spoken
from edge.router.values.conditions import Relation, condition
from edge.router.values.hours import Hours
from edge.router.values.times import sun_event, when
from edge.schedule.clock import Clock
from edge.schedule.rules.model import Condition, ConditionKind, Trigger, TriggerKind

_A_TIME: Final = re.compile(
    r"(?:it(?:['’]s| is| gets| becomes)|the sun|(?:about |around |just )?(?:at|by|before|after|from)\b|[\w-]+(?: an?)? "
    r"(?:minutes?|hours?)\b|half|a quarter|sun\w+|dusk|dawn|dark|night)", re.IGNORECASE,
)  # fmt: skip
_MORE: Final = re.compile(
    r"\b(?:and|or|if|while|when|unless|nobody|no one|somebody|someone|anybody|anyone)\b", re.IGNORECASE
)
"""A clause with one of these says more than a time."""


@dataclass(frozen=True, slots=True)
class When:
    """What sets a rule off, any of these, and what must be so besides; or what must be asked instead."""

    triggers: tuple[Trigger, ...] = ()
    conditions: tuple[Condition, ...] = ()
    problem: str = ""


class Sensing:
    """`home_unit`: °C or °F, for degrees without a scale."""

    def __init__(self, registry: Registry, clock: Clock, home_unit: str) -> None:
        self._registry = registry
        self._clock = clock
        self._home = home_unit

    def when(self, one: Parted, area: str | None) -> When | None:
        """What a clause comes to; None where nothing in this home tells it."""
        sun = sun_event(one.condition)
        made = condition(one.condition) if sun is None else None
        if sun is None and made is None and _A_TIME.match(one.condition) and not _MORE.search(one.condition):
            sun = when(one.condition, self._clock.now())
        if sun is not None and sun.sun is not None:
            return When((Trigger(TriggerKind.SUN, sun=sun.sun, offset_s=float(sun.sun_offset)),))
        if made is None:
            return self._with_the_sun(one, area)
        if one.negated:
            made = _turned(made)
            if made is None:
                return None
        return self._of(made, area)

    def _with_the_sun(self, one: Parted, area: str | None) -> When | None:
        """ "it gets dark and nobody is home"."""
        first, joint, rest = one.condition.partition(" and ")
        sun = sun_event(first) if joint else None
        made = condition(rest) if sun is not None else None
        of = self._of(made, area) if made is not None else None
        if sun is None or sun.sun is None or of is None:
            return None
        trigger = Trigger(TriggerKind.SUN, sun=sun.sun, offset_s=float(sun.sun_offset))
        return replace(of, triggers=(trigger,), conditions=self.as_conditions(of))

    def _of(self, made: Spoken, area: str | None) -> When | None:
        found = watched(made, self._registry, area)
        if found is None:
            return None
        if found.choices:
            which = [device_name(self._registry.devices[one], self._registry) for one in found.choices[:4]]
            return When(problem=f"Which one do you mean: {', '.join(which)}? Say it once more with that.")
        if not found.fits:
            return When(problem="That is not what it measures. Say it once more with another measure.")
        triggers = tuple(t for device in found.devices if (t := self._trigger(found, self._registry.devices[device])))
        if made.too:
            return When(problem="How much is too much? Say it once more with a number, such as above thirty degrees.")
        if not triggers:
            return When(problem="I can make no rule of that. I can warn you: say warn me when.")
        conditions = list(hours_of(made.hours))
        for other in made.besides:
            besides = self._of(other, area)
            if besides is None or besides.problem or not besides.triggers:
                return besides
            conditions += self.as_conditions(besides)
        return When(triggers, tuple(conditions))

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
    def as_conditions(when: When) -> tuple[Condition, ...]:
        """What would set it off, as something that must be so."""
        made = []
        for one in when.triggers:
            if one.kind is TriggerKind.SUN:
                made.append(Condition(ConditionKind.SUN, up=one.sun in ("sunrise", "dawn")))
            else:
                kind = ConditionKind(one.kind.value)
                made.append(Condition(kind, one.device, one.states, one.other, one.above, one.below, one.attribute))
        return (*made, *when.conditions)


_SIDES: Final = {
    Relation.ABOVE: "above",
    Relation.AT_LEAST: "above",
    Relation.BELOW: "below",
    Relation.AT_MOST: "below",
}


def _turned(made: Spoken) -> Spoken | None:
    """The opposite, for "unless"."""
    other = {
        Relation.IS: Relation.IS_NOT, Relation.IS_NOT: Relation.IS,
        Relation.ABOVE: Relation.AT_MOST, Relation.BELOW: Relation.AT_LEAST,
        Relation.AT_LEAST: Relation.BELOW, Relation.AT_MOST: Relation.ABOVE,
    }.get(made.relation)  # fmt: skip
    return None if other is None or made.besides else replace(made, relation=other)


def hours_of(hours: Hours | None) -> tuple[Condition, ...]:
    """The hours as what must be so."""
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
