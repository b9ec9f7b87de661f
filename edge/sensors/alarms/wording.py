"""What alarms say: what is wrong, since when, how unusual, and what to do, by kind and by what is measured."""

from collections.abc import Sequence
from typing import Final

from edge.sensors.alarms.model import Alarm
from edge.sensors.alarms.words import Moments, between, listed, measured, nth, number, span, times
from edge.sensors.model import Kind

_WEEK_S: Final = 7 * 86_400.0
_WORTH_SAYING: Final = 1.5
_OPEN: Final = frozenset({"door", "window", "garage_door", "garage", "opening", "gate", "cover"})
_ON_OFF: Final = {
    "motion": ("seeing motion", "seeing no motion"),
    "occupancy": ("occupied", "empty"),
    "presence": ("seeing somebody", "seeing nobody"),
    "moisture": ("wet", "dry"),
    "lock": ("unlocked", "locked"),
    "connectivity": ("connected", "disconnected"),
    "running": ("running", "standing still"),
    "battery": ("low", "charged"),
}
_STATES: Final = {
    "smoke": "There is smoke",
    "carbon_monoxide": "There is carbon monoxide",
    "gas": "There is gas",
    "moisture": "There is water",
    "tamper": "Somebody is tampering",
    "problem": "Something is wrong",
    "battery": "The battery is low",
}

_PAIRS: Final = {
    **dict.fromkeys(_OPEN, ("is open", "is closed")),
    **dict.fromkeys(("motion", "occupancy", "presence", "moving"), ("sees somebody", "sees nobody")),
    **dict.fromkeys(("smoke", "carbon_monoxide", "gas", "tamper", "problem"), ("has found something", "is clear")),
    "moisture": ("is wet", "is dry"),
    "lock": ("is unlocked", "is locked"),
    "running": ("is running", "has stopped"),
}
"""What "on" and "off" are of a device class."""


def described(alarm: Alarm, moments: Moments, before: Sequence[float] = ()) -> str:
    """What is wrong; `before`: when the same began earlier, the latest last."""
    told = [_WHAT.get(alarm.kind, _limits)(alarm, moments), _again(alarm, before)]
    return " ".join(one for one in told if one)


def over(alarm: Alarm, moments: Moments) -> str:
    """That it is over."""
    ended_s = alarm.ended_s if alarm.ended_s is not None else moments.now_s()
    lasted = f"after {span(ended_s - alarm.since_s)}"
    what = _OVER.get(alarm.kind, "is back to normal")
    if alarm.kind is Kind.STATE and alarm.device_class in _OPEN:
        what = "is closed again"
    value = ""
    if alarm.kind in _VALUED and not isinstance(alarm.value, str):
        value = f", at {measured(alarm.value, alarm.unit)}"
    return f"{alarm.name} {what}{value}, {lasted}."


def together(alarms: Sequence[Alarm], moments: Moments) -> str:
    """One sentence for several alarms of one cause, the first of which is told."""
    head = alarms[0]
    active = [one for one in alarms if one.is_active] or list(alarms)
    names = listed(one.name for one in active)
    since = moments.since(min(one.since_s for one in active))
    if len(active) == 1:
        return active[0].text
    if head.kind is Kind.STALE:
        return f"{len(active)} sensors have fallen silent {since}: {names}."
    if head.kind is Kind.FLOOD:
        return f"{len(active)} sensors send more than is kept {since}: {names}."
    if all(one.kind is head.kind and one.device_class == head.device_class for one in active):
        return f"{len(active)} sensors are unusual {since}: {names}. {head.text}"
    others = listed(_short(one) for one in active if one is not head)
    return f"{head.text} Besides: {others}."


def _short(alarm: Alarm) -> str:
    return f"{alarm.name} ({_SHORT.get(alarm.kind, alarm.kind.value)})"


def advised(alarm: Alarm) -> str:
    """What to do about it."""
    known = [what for what in (_sort(alarm), alarm.device_class) if what]
    for what in (*known, ""):
        if (alarm.kind, what) in _ADVICE:
            return _ADVICE[alarm.kind, what]
    return "Look at the place and at the sensor."


def _sort(alarm: Alarm) -> str:
    """What tells freezers and the like from others of the class."""
    name = alarm.name.lower()
    if any(word in name for word in ("freezer", "deep freeze")):
        return "freezer"
    if any(word in name for word in ("fridge", "refrigerator", "icebox")):
        return "fridge"
    if alarm.kind is Kind.COUNTER:
        return alarm.key.rpartition(".")[2]
    return "open" if alarm.device_class in _OPEN else ""


def _again(alarm: Alarm, before: Sequence[float]) -> str:
    """How often, or how long not."""
    if alarm.count > 1:
        return f"It is the {nth(alarm.count)} time that it begins."
    if alarm.kind in (Kind.RULE, Kind.FLOOD) or not before:
        return ""
    now_s = alarm.at_s
    days = (now_s - before[-1]) / 86_400
    if days >= 2:
        return f"It is the first time in {span(now_s - before[-1])}."
    week = sum(1 for one in before if now_s - one <= _WEEK_S) + 1
    return f"It is the {nth(week)} time within a week." if week > 1 else ""


def _limits(alarm: Alarm, moments: Moments) -> str:
    value = alarm.value
    if isinstance(value, str):
        return f"{alarm.name} is {_state_word(alarm, value)} {moments.since(alarm.since_s)}."
    bound = ""
    if alarm.high is not None and value > alarm.high:
        bound = f"above {measured(alarm.high, alarm.unit)} "
    elif alarm.low is not None and value < alarm.low:
        bound = f"below {measured(alarm.low, alarm.unit)} "
    return f"{alarm.name} is at {measured(value, alarm.unit)}, {bound}{moments.since(alarm.since_s)}."


def _rate(alarm: Alarm, moments: Moments) -> str:  # noqa: ARG001 (all of them take the same)
    moved = _float(alarm.value)
    way = "risen" if moved >= 0 else "fallen"
    within = span(max(1.0, alarm.at_s - alarm.since_s))
    return f"{alarm.name} has {way} by {measured(abs(moved), alarm.unit)} within {within}."


def _stale(alarm: Alarm, moments: Moments) -> str:
    usual_s = _float(alarm.value) / max(alarm.times, 1.0)
    usual = f": it usually reports every {span(usual_s)}" if alarm.times >= _WORTH_SAYING and usual_s >= 1 else ""
    return f"{alarm.name} has been silent {moments.since(alarm.since_s)}{usual}."


def _stuck(alarm: Alarm, moments: Moments) -> str:
    usual = f": {times(alarm.times)} as long as ever lately" if alarm.times >= _WORTH_SAYING else ""
    return f"{alarm.name} has reported one and the same value {moments.since(alarm.since_s)}{usual}."


def _spike(alarm: Alarm, moments: Moments) -> str:
    normal = between(alarm.low, alarm.high, alarm.unit)
    value = measured(alarm.value, alarm.unit)
    return f"{alarm.name} said {value} for a moment {moments.at(alarm.since_s)}: {normal} is normal{_swing(alarm)}."


def _shift(alarm: Alarm, moments: Moments) -> str:  # noqa: ARG001
    normal, value = between(alarm.low, alarm.high, alarm.unit), measured(alarm.value, alarm.unit)
    return f"{alarm.name} has been at {value} over the past day: {normal} is normal{_swing(alarm)}."


def _drift(alarm: Alarm, moments: Moments) -> str:  # noqa: ARG001
    now, text = _float(alarm.value), ""
    if alarm.low is not None and alarm.high is not None:
        first = (alarm.low + alarm.high) / 2
        way = "up" if now > first else "down"
        text = f" {way}, from {number(first)} to {measured(now, alarm.unit)}"
    return f"{alarm.name} has been creeping{text} within {span(max(1.0, alarm.at_s - alarm.since_s))}."


def _unusual(alarm: Alarm, moments: Moments) -> str:
    value, normal = measured(alarm.value, alarm.unit), between(alarm.low, alarm.high, alarm.unit)
    since = moments.since(alarm.since_s)
    return f"{alarm.name} has been at {value} {since}: at this hour {normal} is normal{_swing(alarm)}."


def _state(alarm: Alarm, moments: Moments) -> str:
    since = moments.since(alarm.since_s)
    told = _STATES.get(alarm.device_class)
    if told is not None:
        return f"{told}: {alarm.name}, {since}."
    word = "open" if alarm.device_class in _OPEN else "unlocked" if alarm.device_class == "lock" else "on"
    usual = f", {times(alarm.times)} as long as usual" if alarm.times >= _WORTH_SAYING else ""
    return f"{alarm.name} has been {word} {since}{usual}."


def _counter(alarm: Alarm, moments: Moments) -> str:
    aspect, value = alarm.key.rpartition(".")[2], _float(alarm.value)
    since = moments.since(alarm.since_s)
    usual = f", {times(alarm.times)} what was the most lately" if alarm.times >= _WORTH_SAYING else ""
    if aspect == "running":
        return f"{alarm.name} has been counting without a pause {since}{usual}."
    if aspect == "fast":
        return f"{alarm.name} has counted {measured(value, alarm.unit)} in a short time{usual}."
    return f"{alarm.name} has been standing still {since}{usual}."


def _neighbours(alarm: Alarm, moments: Moments) -> str:
    off = measured(abs(_float(alarm.value)), alarm.unit)
    way = "above" if _float(alarm.value) >= 0 else "below"
    normal = between(alarm.low, alarm.high, alarm.unit)
    return (
        f"{alarm.name} has gone its own way {moments.since(alarm.since_s)}: it is {off} {way} the others of its kind, "
        f"{normal} is normal."
    )


def _rule(alarm: Alarm, moments: Moments) -> str:
    since = moments.since(alarm.since_s)
    if not isinstance(alarm.value, str):
        return _limits(alarm, moments)
    if alarm.value == "on" and alarm.device_class in _STATES:
        return f"{_STATES[alarm.device_class]}: {alarm.name}, {since}."
    on, off = _PAIRS.get(alarm.device_class, ("is on", "is off"))
    what = {"on": on, "off": off}.get(alarm.value, f"is {alarm.value.replace('_', ' ')}")
    return f"{alarm.name} {what} {since}."


def _state_word(alarm: Alarm, state: str) -> str:
    """What a person calls the state of a thing of this class."""
    on, off = ("open", "closed") if alarm.device_class in _OPEN else _ON_OFF.get(alarm.device_class, ("on", "off"))
    return {"on": on, "off": off}.get(state, state.replace("_", " "))


def _flood(alarm: Alarm, moments: Moments) -> str:
    most = f" {number(alarm.high)}" if alarm.high is not None else ""
    return f"{alarm.name} has sent more than the{most} readings a second that are kept {moments.since(alarm.since_s)}."


def _swing(alarm: Alarm) -> str:
    return f", it is {times(alarm.times)} as far off as ever lately" if alarm.times >= _WORTH_SAYING else ""


def _float(value: float | str) -> float:
    return 0.0 if isinstance(value, str) else value


_WHAT: Final = {
    Kind.LIMITS: _limits,
    Kind.RATE: _rate,
    Kind.STALE: _stale,
    Kind.STUCK: _stuck,
    Kind.SPIKE: _spike,
    Kind.SHIFT: _shift,
    Kind.DRIFT: _drift,
    Kind.UNUSUAL: _unusual,
    Kind.STATE: _state,
    Kind.COUNTER: _counter,
    Kind.NEIGHBOURS: _neighbours,
    Kind.RULE: _rule,
    Kind.FLOOD: _flood,
}
_OVER: Final = {
    Kind.STALE: "reports again",
    Kind.STUCK: "moves again",
    Kind.STATE: "is over",
    Kind.FLOOD: "is down to what can be kept",
}
_VALUED: Final = frozenset({Kind.LIMITS, Kind.UNUSUAL, Kind.SHIFT, Kind.DRIFT})
_SHORT: Final = {
    Kind.LIMITS: "beyond its limit",
    Kind.RATE: "moving fast",
    Kind.STALE: "silent",
    Kind.STATE: "too long",
    Kind.COUNTER: "meter",
    Kind.NEIGHBOURS: "unlike the others",
}
_ADVICE: Final = {
    (Kind.LIMITS, "freezer"): "Close its door, see that it runs, and move the food if it stays warm.",
    (Kind.LIMITS, "fridge"): "Close its door, and see that it runs and is not packed too full.",
    (Kind.LIMITS, "temperature"): "See to the heating, the windows and the sun; pipes freeze below zero.",
    (Kind.LIMITS, "humidity"): "Air the room; where it stays damp look for a leak, where it stays dry heat less.",
    (Kind.LIMITS, "carbon_dioxide"): "Open a window.",
    (Kind.LIMITS, "pm25"): "Find what smokes or burns, then air the room when the air outside is better.",
    (Kind.LIMITS, "battery"): "Change or charge the battery.",
    (Kind.LIMITS, "moisture"): "Water it.",
    (Kind.RATE, "temperature"): "Go and look now: a fire, an oven left on, or a window in the frost.",
    (Kind.RATE, "battery"): "The battery is at its end: change it.",
    (Kind.STALE, ""): "Look at its battery, its radio and its power; where many are silent, at their gateway.",
    (Kind.STUCK, ""): "Take its battery out for a moment; where that does not help it is broken.",
    (Kind.SPIKE, ""): "Nothing, once; where it comes again look at the probe and its cable.",
    (Kind.SHIFT, ""): "Look for what has changed; a level that stays becomes normal in some days.",
    (Kind.SHIFT, "freezer"): "See to its seal, its ice and its thermostat.",
    (Kind.SHIFT, "fridge"): "See to its seal, its thermostat and what stands before its vents.",
    (Kind.SHIFT, "power"): "Look for what was left on.",
    (Kind.DRIFT, ""): "Compare it with another one: either the place changes, or the probe ages.",
    (Kind.DRIFT, "freezer"): "Defrost it; where that does not help its compressor gives in.",
    (Kind.DRIFT, "fridge"): "See to its seal; where that does not help its compressor gives in.",
    (Kind.UNUSUAL, ""): "Look for what is otherwise than on other days: a window, the heating, something left on.",
    (Kind.UNUSUAL, "power"): "Look for what was left on.",
    (Kind.STATE, "smoke"): "Get everybody out, and call the fire brigade from outside.",
    (Kind.STATE, "carbon_monoxide"): "Get everybody out into the air, and call the fire brigade.",
    (Kind.STATE, "gas"): "No switch, no flame: open the windows, get out, and call the gas company.",
    (Kind.STATE, "moisture"): "Turn the water off and look for where it comes from.",
    (Kind.STATE, "tamper"): "Look who is at it.",
    (Kind.STATE, "battery"): "Change or charge the battery.",
    (Kind.STATE, "problem"): "Look at the device: it reports a problem of its own.",
    (Kind.STATE, "lock"): "Lock it, if nobody is about to come in.",
    (Kind.STATE, "open"): "Close it, if it is not meant to be open.",
    (Kind.STATE, ""): "Turn it off, if it is not meant to be on.",
    (Kind.COUNTER, "running"): "Look for a tap, a cistern or a pipe that runs.",
    (Kind.COUNTER, "fast"): "Turn the main tap off if nobody is drawing that much: a pipe may have burst.",
    (Kind.COUNTER, "still"): "See whether the meter still counts.",
    (Kind.NEIGHBOURS, ""): "Compare it with another one beside it: its probe may age, or its place be special.",
    (Kind.RULE, ""): "You asked to be warned of this.",
    (Kind.FLOOD, ""): "Have it report less often, or raise history.most_per_second.",
}
"""By kind, and by device class or what the name tells."""
