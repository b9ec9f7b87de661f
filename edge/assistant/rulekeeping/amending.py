"""A rule that was just told of with one figure of it changed: "make that ten minutes", "at eleven instead"; pure."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from edge.router.values.clock import read_clock
from edge.router.values.durations import duration
from edge.router.values.levels import percent
from edge.router.values.numbers import number, split
from edge.schedule.rules.model import Action, Rule, TriggerKind

_MADE: Final = re.compile(
    r"(?:(?:no|ok|okay|actually|well|and|but|please|can you|could you|sorry),? )*"
    r"(?:(?:make|change|set|put|switch|do) (?:it|that|this|the (?:time|length|level))(?: to| at| for)? |"
    r"(?:for|to|at) (?=.* (?:instead|rather)))(?P<value>.+?)(?: instead| rather|,? please| after all)*",
    re.IGNORECASE,
)
_FIGURE: Final = re.compile(r"(?P<number>.+?)(?: ?(?:degrees?|percent|per cent|%|lux|watts?))?", re.IGNORECASE)
_LEVELS: Final = ("brightness", "percentage", "position", "volume_level")


def amended(rule: Rule, text: str) -> Rule | None:
    """The rule with the length, level or hour that a sentence names in the place of its own.

    None where the sentence names none, or the rule has none of the kind, or several.
    """
    found = _MADE.fullmatch(text.strip(" .!?"))
    if found is None:
        return None
    value = re.sub(r"^(?:at|for|to) ", "", found["value"].strip())
    length = duration(value)
    if length is not None and length.total_s > 0:
        return _lasting(rule, float(length.total_s))
    level = percent(value)
    if level is not None and re.search(r"percent|per cent|%", value) and (made := _levelled(rule, level)) is not None:
        return made
    return _at(rule, value) or _bounded(rule, value)


def _bounded(rule: Rule, value: str) -> Rule | None:
    """From which reading on it is done, where that is what the rule goes by."""
    figure = _FIGURE.fullmatch(value)
    bound = number(figure["number"]) if figure is not None else None
    if bound is None or rule.trigger.kind is not TriggerKind.NUMERIC:
        return None
    above = rule.trigger.above is not None
    trigger = replace(rule.trigger, above=bound) if above else replace(rule.trigger, below=bound)
    return replace(rule, trigger=trigger)


def _lasting(rule: Rule, length_s: float) -> Rule | None:
    """How long it does it, how long it waits, or how long it must be so: whichever it has."""
    ways: tuple[tuple[bool, Callable[[], Rule]], ...] = (
        (any(one.for_s for one in rule.actions), lambda: _acting(rule, lambda one: bool(one.for_s), for_s=length_s)),
        (bool(rule.trigger.for_s), lambda: replace(rule, trigger=replace(rule.trigger, for_s=length_s))),
        (any(one.delay_s for one in rule.actions),
         lambda: _acting(rule, lambda one: bool(one.delay_s), delay_s=length_s)),
    )  # fmt: skip
    fitting = [make for fits, make in ways if fits]
    return fitting[0]() if len(fitting) == 1 else None


def _acting(rule: Rule, which: Callable[[Action], bool], **fields: Any) -> Rule:
    return replace(rule, actions=tuple(replace(one, **fields) if which(one) else one for one in rule.actions))


def _levelled(rule: Rule, level: int) -> Rule | None:
    """Every order with a level at this one, where they have the same kind of level."""
    known = {key for one in rule.actions for key in _arguments(one) if key in _LEVELS}
    if len(known) != 1:
        return None
    key = known.pop()
    actions = tuple(
        replace(one, call={**one.call, "arguments": {**_arguments(one), key: level}}) if key in _arguments(one) else one
        for one in rule.actions
    )
    return replace(rule, actions=actions)


def _arguments(action: Action) -> Mapping[str, Any]:
    found = action.call.get("arguments", {})
    return found if isinstance(found, Mapping) else {}


def _at(rule: Rule, value: str) -> Rule | None:
    """At this hour, in the half of the day that is nearest to the one before where none is said."""
    clock = read_clock(split(value)) if rule.trigger.kind is TriggerKind.TIME else None
    if clock is None:
        return None
    before = int(rule.trigger.at[:2]) * 60 + int(rule.trigger.at[3:])
    minute = clock.hour24 * 60 + clock.minute
    halves = (minute,) if clock.sure else (minute, (minute + 720) % 1440)
    nearest = min(halves, key=lambda one: min(abs(one - before), 1440 - abs(one - before)))
    return replace(rule, trigger=replace(rule.trigger, at=f"{nearest // 60:02d}:{nearest % 60:02d}"))
