"""From words for states and bounds to what a series must say for them to hold."""

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from edge.assistant.asking.draft import Draft
from edge.assistant.asking.lexicon import COUNTED, ENDS, LOW, STATES
from edge.assistant.asking.sentence import Sentence
from edge.assistant.phrases import measured
from edge.router.values.bounds import Bound
from edge.sensors.defaults import DEFAULTS, sort_of
from edge.sensors.detectors.limits import LimitsSettings
from edge.sensors.errors import SensorError
from edge.sensors.history.model import Sensor, Sort
from edge.sensors.history.units import convert, convertible, quantity_of
from edge.sensors.questions import Test, What

EVENTS: Final = frozenset({What.WHEN, What.SINCE})
"""What asks when something happened: of "finish" the end of being on."""
TESTED: Final = EVENTS | {
    What.COUNT, What.DAYS, What.DURATION, What.LONGEST, What.LASTING, What.EVER, What.ALWAYS,
}  # fmt: skip
"""Figures of a test."""

_RUNNING_W: Final = 10.0
"""What draws more is running."""
_POSITIVE: Final = frozenset({"open", "unlocked", "on", "detected", "wet", "home", "heating", "charging", "playing"})
_OWN: Final = {
    "lock": {"open": {"unlocked"}, "closed": {"locked"}, "locked": {"locked"}, "unlocked": {"unlocked", "open"}},
    "cover": {"open": {"open", "opening", "closing"}, "closed": {"closed"}, "on": {"opening", "closing"}},
    "valve": {"open": {"open", "opening", "closing"}, "closed": {"closed"}},
    "person": {"home": {"home"}},
    "device_tracker": {"home": {"home"}},
    "media_player": {"playing": {"playing"}},
    "climate": {
        "heating": {"heat", "heating", "preheating"},
        "on": {"heat", "heating", "preheating", "cool", "cooling", "heat_cool", "auto", "dry", "drying", "fan_only",
               "fan"},
        "cooling": {"cool", "cooling"},
    },
    "vacuum": {"cleaning": {"cleaning"}, "on": {"cleaning", "returning"}},
    "lawn_mower": {"mowing": {"mowing"}, "on": {"mowing"}},
    "alarm_control_panel": {
        "armed": {"armed_home", "armed_away", "armed_night", "armed_vacation", "armed_custom_bypass"},
        "detected": {"triggered"},
    },
}  # fmt: skip
"""By domain: the states that a word stands for."""
_OFF: Final = {
    "media_player": {"off", "standby"},
    "climate": {"off", "idle"},
    "vacuum": {"docked", "idle", "paused"},
    "sensor": {"off", "idle", "standby", "stop", "stopped", "end", "finished", "ready", "done", "none"},
}


class Tests:
    """Makes tests for drafts; `temperature_unit` is the home's, which bare degrees are in."""

    def __init__(self, temperature_unit: str) -> None:
        self._temperature_unit = temperature_unit

    def of_states(self, draft: Draft, group: tuple[Sensor, ...]) -> Test | None:
        """For states; of several series any that one of them may be in."""
        tests = [one for sensor in group if (one := self._of_state(draft, sensor)) is not None]
        if not tests or len(tests) < len(group):
            return None
        if any(one.inverted for one in tests):
            return tests[0]
        return replace(tests[0], states=frozenset().union(*(one.states for one in tests)))

    def _of_state(self, draft: Draft, sensor: Sensor) -> Test | None:
        kind = draft.kind
        word = state_word(draft.sentence, (sensor.device.partition(".")[0],))
        if word is not None:
            return replace(state_test(word[0], STATES[word[0]], sensor, event=kind.what in EVENTS), ended=kind.ended)
        told = next((str(call.arguments["state"]) for call in draft.calls if call.arguments.get("state")), "")
        if told in STATES.values():
            return state_test("", told, sensor)
        return state_test("", _DEFAULTS.get(sensor.device_class, "on"), sensor) if kind.what in TESTED else None

    def of_number(self, draft: Draft, sensor: Sensor) -> Test | None:
        """Above or below what is said; frost, "too warm", and whether a counter counts."""
        sentence, kind = draft.sentence, draft.kind
        if sentence.bounds:
            tests = [bound_test(one, sensor, self._temperature_unit) for one in sentence.bounds[:2]]
            above = next((one.above for one in tests if one.above is not None), None)
            below = next((one.below for one in tests if one.below is not None), None)
            return replace(tests[0], above=above, below=below, ended=kind.ended)
        if not _FROST.isdisjoint(sentence.rest):
            frost = bound_test(Bound(False, 0.0, "°C", 0, 0), sensor, "°C")
            return replace(frost, said="below freezing", ended=kind.ended)
        if kind.what not in TESTED:
            return None
        if draft.measure in COUNTED:
            return _counting_test(sensor)
        too = "too" in sentence.rest or kind.what in (What.EVER, What.DURATION)
        return _limit_test(sensor, kind.direction) if too and kind.direction else None


def _counting_test(sensor: Sensor) -> Test:
    if has_power(sensor):
        return running_test("on", "on", sensor)
    return Test(above=0.0, said="above 0") if quantity_of(sensor.unit) in _RATES else Test(rises=True, said="more")


def _limit_test(sensor: Sensor, direction: str) -> Test | None:
    """ "Too warm": beyond the limit that such a sensor is watched by."""
    settings = DEFAULTS.get(sort_of(sensor.device_class, sensor.name, sensor.area), ())
    limits = next((one for one in settings if isinstance(one, LimitsSettings)), None)
    bound = None if limits is None else limits.low if direction == LOW else limits.high
    return None if bound is None else bound_test(Bound(direction != LOW, bound, sensor.unit, 0, 0), sensor, sensor.unit)


_RATES: Final = frozenset({"precipitation_intensity", "flow"})
_FROST: Final = frozenset({"freeze", "froze", "frozen", "freezing", "frost"})
_DEFAULTS: Final = {"door": "open", "window": "open", "garage_door": "open", "garage": "open", "opening": "open",
                    "motion": "detected", "occupancy": "detected", "moisture": "wet"}  # fmt: skip
"""What is asked of a class where nobody says which state."""


def state_test(word: str, state: str, sensor: Sensor, *, event: bool = True) -> Test:
    """Being in a state, for a series of states; "finish" asks for the end of being on where an `event` is asked for."""
    domain = sensor.device.partition(".")[0]
    ends = word in ENDS and event
    if ends:
        state = "on"
    elif word.endswith(" off") and domain not in ("binary_sensor", "alarm_control_panel"):
        state = "off"
    own = _OWN.get(domain, {}).get(state)
    if own is not None:
        return Test(frozenset(own), said=state, ends=ends)
    if domain in ("person", "device_tracker") and state == "not_home":
        return Test(frozenset({"home"}), said=state, ends=ends, inverted=True)
    if domain == "cover" and state in ("on", "off"):
        return Test(frozenset({"open", "opening"} if state == "on" else {"closed"}), said=state, ends=ends)
    if domain in _OFF and state in ("on", "off", "detected"):
        return Test(frozenset(_OFF[domain]), said=state, ends=ends, inverted=state != "off")
    if domain == "binary_sensor":
        return Test(frozenset({"on"} if state in _POSITIVE else {"off"}), said=state, ends=ends)
    return Test(frozenset({state}), said=state, ends=ends)


def running_test(word: str, state: str, sensor: Sensor, *, event: bool = True) -> Test:
    """Being on or off, of something of which only the power it draws is known."""
    watts = convert(_RUNNING_W, "W", sensor.unit)
    if state == "off" and not (word in ENDS and event):
        return Test(below=watts, said="off")
    return Test(above=watts, said="on", ends=word in ENDS)


def has_power(sensor: Sensor) -> bool:
    """Whether it measures what a machine draws."""
    return sensor.sort is Sort.NUMBER and quantity_of(sensor.unit) == "power"


def bound_test(bound: Bound, sensor: Sensor, temperature_unit: str) -> Test:
    """Above or below a number, in the sensor's unit; a bare number of degrees is in the home's unit."""
    unit = bound.unit
    if not unit and sensor.unit == "%" and 0 < bound.value < 1:
        bound = replace(bound, value=round(bound.value * 100, 6))  # "below half", "under a quarter"
    if not unit and quantity_of(sensor.unit) == "temperature":
        unit = temperature_unit
    value = bound.value
    if unit and unit != sensor.unit:
        try:
            value = convert(bound.value, unit, sensor.unit) if convertible(unit, sensor.unit) else bound.value
        except SensorError:
            value = bound.value
    said = f"{'above' if bound.above else 'below'} {measured(bound.value, unit or sensor.unit)}"
    if bound.inclusive:
        value += -1e-9 if bound.above else 1e-9
    return Test(above=value, said=said) if bound.above else Test(below=value, said=said)


def state_word(sentence: Sentence, domains: Collection[str]) -> tuple[str, int] | None:
    """The word for a state that the question is about; `domains`: of what it may be about."""
    of_people = bool({"person", "device_tracker"}.intersection(domains))
    usable = [one for one in sentence.states() if of_people or one[0] not in _OF_PEOPLE]
    strong = [one for one in usable if one[0] not in _WEAK]
    found = strong or usable
    return found[-1] if found else None


_OF_PEOPLE: Final = frozenset(
    [
        *(
            "in",
            "out",
            "home",
            "left",
            "leave",
            "return",
            "returned",
            "away",
            "away from home",
            "gone",
            "leaves",
            "back",
        ),
        *("been back", "been in", "get in", "got in", "set off"),
    ]
)
"""Words that are states of people alone."""
_WEAK: Final = frozenset(
    {"on", "off", "dry", "heat", "end", "clear", "empty", "back", "fire", "cycle", "take", "took", "going"}
)
