"""Fills slots with conditions: what is to be watched, which sensors of the home that is, as arguments of a call."""

import re
from dataclasses import replace
from typing import Final

from edge.router.model import Value
from edge.router.phrases.filled import Filled, Where
from edge.router.resolution.watched import Watched, watched
from edge.router.resolution.wording import which
from edge.router.values.clock import DAYS
from edge.router.values.conditions import Condition, Relation, condition
from edge.router.values.hours import Hours

_NO_REASON: Final = re.compile(
    r"\s*(?:and |then )*(?:turn|switch|open|close|shut|lock|unlock|start|stop|set|dim|put|play|pause|water|run|with|"
    r"while|unless|only|if|but)\b"
)
_POINTS: Final = frozenset({"it", "that", "this", "they", ""})
_ALL: Final = frozenset({"all", "both"})
ABOUT: Final = "about"
"""The slot that tells what "it" is in a condition."""


def fill_condition(slot: str, text: str, where: Where) -> Filled | None:  # noqa: ARG001 (every filler's signature)
    """A condition of the home's sensors; a question where it is one of something that the home lacks."""
    return _filled(text, where, plain=True)


def fill_event(slot: str, text: str, where: Where) -> Filled | None:  # noqa: ARG001
    """The same, but for what is or is not so at once: "the door is open" may be a question about now."""
    return _filled(text, where, plain=False)


def _filled(text: str, where: Where, *, plain: bool) -> Filled | None:
    # A part of it may only say why: "the post is here, the letterbox opens then". An order is no reason.
    parts = text.split(",")
    parts = [] if any(_NO_REASON.match(part) for part in parts) else parts
    for part in dict.fromkeys((text, *parts)):
        made = condition(part)
        if made is None or (made.plain and not plain and not made.hold_s and made.hours is None):
            continue
        filled = _of(made, where)
        if filled is not None:
            return filled
    return None


def _of(made: Condition, where: Where) -> Filled | None:
    about = str(where.told.get(ABOUT, ""))
    if about:
        rest = " ".join(word for word in made.subject.split() if word not in _POINTS)
        made = replace(made, subject=f"{about} {rest}".strip())
    found = watched(made, where.registry, where.area)
    if found is None:
        return _unknown(made)
    besides: list[str] = []
    for other in made.besides:
        one = watched(other, where.registry, where.area)
        if one is None or not one.devices or not one.fits:
            return _unknown(other) if one is None else None
        besides.append(_compact(one, where))
    if len(found.devices) > 1 and made.subject.split()[0] in _ALL:
        # All of them: the first, and what must hold besides is that the others are so, too.
        besides += [_compact(replace(found, devices=(other,)), where) for other in found.devices[1:]]
        found = replace(found, devices=found.devices[:1])
    arguments = _arguments(found, where) | ({"while": "; ".join(besides)} if besides else {})
    question = which(where.registry, found.choices, "sensor") if found.choices else None
    return Filled(arguments, found.devices, found.choices, question)


def _unknown(made: Condition) -> Filled | None:
    """A measure of something that the home lacks: asked about; whatever else is unknown was not meant for the house."""
    if not made.subject or made.state or not (made.unit or made.measure) or (made.too and not made.measure):
        return None
    return Filled(question=f"I don't know anything called {made.subject}. Which sensor do you mean?")


def _arguments(found: Watched, where: Where) -> dict[str, Value]:
    said, means = found.condition, found.means
    made: dict[str, Value] = {"relation": _RELATIONS.get(means.relation, means.relation).value}
    if means.relation is Relation.REACHES:
        made["relation"] = _side(found, where)
    if isinstance(means.value, str):
        made["state"] = means.value
    elif means.value is not None:
        made["value"] = means.value
    elif said.high is not None and said.value is not None:
        made |= {"low": said.value, "high": said.high}
    elif said.value is not None:
        made["value"] = said.value
    made |= {"too": True} if said.too else {}
    named: dict[str, Value] = {
        "unit": means.unit or said.unit,
        "measure": said.measure,
        "attribute": means.attribute,
        "hold": said.hold_s or means.hold_s,
        "over": said.over_s,
    }
    return made | {key: value for key, value in named.items() if value} | (_hours(said.hours) if said.hours else {})


def _side(found: Watched, where: Where) -> str:
    """From which side a value is reached that is not reached yet."""
    try:
        now = float(where.registry.state(found.devices[0]).state or "") if found.devices else 0.0
    except ValueError:
        now = 0.0
    return "below" if found.condition.value is not None and now > found.condition.value else "above"


_RELATIONS: Final = {Relation.AT_LEAST: Relation.ABOVE, Relation.AT_MOST: Relation.BELOW}


def _hours(hours: Hours) -> dict[str, Value]:
    made: dict[str, Value] = {}
    if hours.begin is not None and hours.end is not None:
        made = {"from": _clock(hours.begin), "to": _clock(hours.end)}
    if hours.days:
        made["days"] = ",".join(DAYS[day] for day in sorted(hours.days))
    return made | ({"dark": True} if hours.dark else {})


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _compact(found: Watched, where: Where) -> str:
    """A condition that must hold, too, in one argument: "switch.pump is off", "sensor.co2 above 800 ppm"."""
    made = _arguments(found, where)
    value = made.get("state", made.get("value", ""))
    return " ".join(
        str(part) for part in (",".join(found.devices), made["relation"], value, made.get("unit", "")) if part != ""
    )
