"""Reads a sentence, with what the router found in it, as a question about the history."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from edge.assistant.asking.certainty import surely_asked
from edge.assistant.asking.kinds import Kind, kind_of
from edge.assistant.asking.lexicon import COUNTED, HIGH, LOW, STATES
from edge.assistant.asking.mentions import Mention, mentions
from edge.assistant.asking.sentence import Sentence, taken_apart, words_of
from edge.assistant.asking.subjects import Group, Subjects, Wanted, classes_of
from edge.assistant.asking.testing import bound_test, has_power, running_test, state_test, state_word
from edge.devices.registry import Registry
from edge.router.model import Call
from edge.router.values.bounds import Bound
from edge.router.values.past import Past
from edge.schedule.clock import Clock
from edge.sensors.defaults import DEFAULTS, sort_of
from edge.sensors.detectors.limits import LimitsSettings
from edge.sensors.history.model import Sensor, Sort
from edge.sensors.history.units import quantity_of
from edge.sensors.questions import Form, Question, Span, Test, What

_TESTED: Final = frozenset(
    {What.COUNT, What.DAYS, What.DURATION, What.LONGEST, What.SINCE, What.LASTING, What.EVER, What.ALWAYS, What.WHEN}
)
_UNLIMITED: Final = frozenset({What.WHEN, What.SINCE, What.LASTING})
_TODAY: Final = frozenset({What.TOTAL, What.COUNT, What.DURATION, What.LONGEST, What.EVER, What.ALWAYS})
_TREND_S: Final = {"battery": 30 * 86400, "moisture": 86400}
_NO_BOUNDS: Final = Sort.NUMBER


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A question as far as it is understood: `choices` are the series of which one is to be picked first."""

    question: Question
    choices: Group = ()

    @property
    def present(self) -> bool:
        """Whether it asks no more than how something is now."""
        question = self.question
        return question.what is What.VALUE and question.form is Form.PLAIN and not question.spans[0].given


class SentenceReader:
    """`temperature_unit`: the home's."""

    def __init__(self, registry: Registry, clock: Clock, temperature_unit: str = "°C") -> None:
        self._registry = registry
        self._clock = clock
        self._temperature_unit = temperature_unit
        self._subjects = Subjects(registry, temperature_unit)

    def read(self, text: str, calls: Sequence[Call], area: str | None, *, surely: bool = False) -> Inquiry | None:
        """The question; None where no series of this home can be meant.

        `surely`: only where the sentence by itself leaves no doubt that it is one.
        """
        now = self._clock.now()
        words = words_of(text)
        if not _COMING.isdisjoint(words):
            return None
        found = mentions(words, self._registry)
        sentence = taken_apart(text, now, tuple((one.first, one.last) for one in found))
        kind = kind_of(sentence, mentions=max(len(found), sum(bool(call.targets) for call in calls)))
        measure = self._measure(sentence, kind, calls)
        draft = _Draft(sentence, kind, measure, found, tuple(calls), area)
        groups, test = self._subjects_and_test(draft)
        if not groups:
            return None
        inquiry = self._inquiry(draft, groups, test)
        if inquiry is None or (surely and not surely_asked(sentence, inquiry.question, found)):
            return None
        return inquiry

    def alike(
        self, text: str, calls: Sequence[Call], area: str | None, last: Question
    ) -> tuple[Group, Test | None] | None:
        """What a sentence names of the kind that the last question was about, and its test for that."""
        words = words_of(text)
        found = mentions(words, self._registry)
        one = last.subjects[0]
        measure = next((word.measure for word in taken_apart(text, self._clock.now()).measures()), "")
        classes = classes_of(measure) if measure else ((one.device_class,) if one.device_class else ())
        wanted = Wanted(one.sort, classes if one.sort is Sort.NUMBER else ())
        groups = self._subjects.groups(words, found, calls, wanted, area)
        if not groups and one.sort is Sort.STATE:
            groups = self._subjects.groups((*words, *one.device_class.split("_")), found, calls, wanted, area)
        known = [one for group in groups for one in group]
        if not any(series.device_class == one.device_class for series in known):
            siblings = self._subjects.siblings(words, one)
            groups = [siblings] if siblings else groups
        if not groups:
            return None
        group, test = groups[0], last.test
        same = [series for series in group if series.device_class == one.device_class]
        group = tuple(same) or group
        if test is not None and one.sort is Sort.STATE:
            test = replace(state_test("", test.said, group[0]), ends=test.ends, ended=test.ended)
        return group, test

    def spans(self, sentence: Sentence) -> tuple[Span, ...]:
        """The stretches of time that a sentence names."""
        return tuple(self.span(one) for one in sentence.times)

    def span(self, past: Past) -> Span:
        """A stretch of local time in seconds since 1970."""
        now_s = self._clock.epoch_s(self._clock.now().replace(tzinfo=None))
        now_s = self._clock.now().timestamp() if abs(now_s - self._clock.now().timestamp()) > 1 else now_s
        if past.back_s is not None:
            start_s = now_s - past.back_s
            return Span(start_s, start_s if past.moment else now_s, past.said)
        start_s, end_s = self._clock.epoch_s(past.start), self._clock.epoch_s(past.end)
        return Span(start_s, end_s, past.said)

    # Subjects ------------------------------------------------------------------------------------------------------

    def _measure(self, sentence: Sentence, kind: Kind, calls: Sequence[Call]) -> str:
        if {"left", "remaining"}.intersection(sentence.tokens) and _STORED.intersection(sentence.tokens):
            return "battery"
        nouns = [one for one in sentence.measures() if one.said not in ("heat", "charge", "load")]
        if nouns and not (kind.measure and nouns[-1].measure == "level"):
            return nouns[-1].measure if not kind.measure or kind.measure == "dampness" else kind.measure
        if kind.measure:
            return kind.measure
        if how := [one.measure for one in sentence.adjectives() if one.measure]:
            return how[0]
        told = (str(call.arguments.get("measure") or "") for call in calls)
        measure = next((one for one in told if one in _KNOWN_MEASURES), "")
        if measure or not sentence.bounds:
            return measure
        return _OF_UNITS.get(quantity_of(sentence.bounds[0].unit) or "", "")

    def _subjects_and_test(self, draft: "_Draft") -> tuple[list[Group], Test | None]:
        sentence, kind = draft.sentence, draft.kind
        wants_state = self._wants_state(draft)
        if wants_state:
            groups = self._of_states(draft)
            if groups:
                return groups, self._state_test(draft, groups[0][0])
            groups = self._groups(draft, Wanted(Sort.NUMBER, ("power",)), named=True)
            if groups and has_power(groups[0][0]):
                word = state_word(sentence, _domains(groups[0])) or ("on", 0)
                event = kind.what in _EVENTS
                return groups, running_test(word[0], STATES[word[0]], groups[0][0], event=event)
            if not draft.measure and kind.what in _TESTED and not (kind.what in _EVENTS and kind.direction):
                return [], None
        if not sentence.measures() and not draft.found and {"meter", "meters", "counter"}.intersection(sentence.tokens):
            return [self._subjects.meters()] if self._subjects.meters() else [], None
        groups = self._groups(draft, Wanted(Sort.NUMBER, classes_of(self._meant(draft))))
        if not groups and self._meant(draft) != draft.measure:
            groups = self._groups(draft, Wanted(Sort.NUMBER, classes_of(draft.measure)))
        if not groups and not draft.measure and sentence.bounds and not draft.found:
            groups = self._groups(draft, Wanted(Sort.NUMBER, ("temperature",)))
        if not groups and draft.measure and kind.what is What.TOTAL:
            groups = self._groups(draft, Wanted(Sort.NUMBER))
        if not groups and not draft.measure and kind.what is What.VALUE:
            return self._groups(draft, Wanted(Sort.STATE)), None
        return groups, self._number_test(draft, groups[0][0]) if groups and groups[0] else None

    def _meant(self, draft: "_Draft") -> str:
        """The measure in view of what is asked of it: a peak is one of power, a wet day one with rain."""
        kind, measure = draft.kind, draft.measure
        if measure == "energy" and kind.what in (What.HIGHEST, What.LOWEST) and kind.form is Form.PLAIN:
            return "peak energy"
        days = kind.form is Form.WHICH_DAY or (kind.form is Form.COMPARE and len(draft.sentence.times) > 1)
        return "wet weather" if measure == "dampness" and days and not draft.found else measure

    def _wants_state(self, draft: "_Draft") -> bool:
        sentence, kind = draft.sentence, draft.kind
        told = bool(sentence.measures() or kind.measure) if kind.what in _SPELLS else bool(draft.measure)
        if sentence.bounds or (told and draft.measure not in _STATEFUL):
            return False
        if draft.measure == "precipitation":
            return False
        if kind.what is What.NORMAL and not {"open", "closed", "locked", "unlocked", "on", "off"}.intersection(sentence.rest):
            return False
        figures = _TESTED | {What.VALUE}
        if kind.what is What.AVERAGE and kind.form is Form.COMPARE and not draft.measure and not kind.measure:
            return False
        if kind.what not in figures and kind.of not in figures:
            return False
        targets = {target.partition(".")[0] for call in draft.calls for target in call.targets}
        targets |= {device.partition(".")[0] for one in draft.found for device in one.devices}
        return state_word(sentence, targets) is not None or any(call.function == "state.get" for call in draft.calls)

    def _groups(self, draft: "_Draft", wanted: Wanted, *, named: bool = False) -> list[Group]:
        words = draft.sentence.tokens
        if draft.kind.form is Form.WHICH:
            named = self._subjects.groups(words, draft.found, draft.calls, wanted, None) if len(draft.found) > 1 else []
            listed = tuple(series for group in named for series in group)
            group = listed or self._subjects.everywhere(words, wanted, rooms=draft.kind.rooms)
            return [group] if group else []
        cold = any(not one.above and one.value == 0 for one in draft.sentence.bounds)
        kind = draft.kind
        weather = kind.form is Form.WHICH_DAY or kind.what is What.NORMAL or len(draft.sentence.times) > 1
        outdoors = cold or (weather and draft.measure == "temperature" and kind.measure == "temperature")
        return self._subjects.groups(
            words, draft.found, draft.calls, wanted, draft.area, outdoors=outdoors, named=named
        )

    def _of_states(self, draft: "_Draft") -> list[Group]:
        """Series that can be in the state asked about: a lock where something is locked, a contact where it is open."""
        targets = {target.partition(".")[0] for call in draft.calls for target in call.targets}
        targets |= {device.partition(".")[0] for one in draft.found for device in one.devices}
        word = state_word(draft.sentence, targets)
        for domains in _DOMAINS.get(STATES[word[0]] if word else "", (frozenset(),)):
            groups = self._groups(draft, Wanted(Sort.STATE, domains=domains))
            if groups:
                return [tuple(one for one in group if one.key.endswith(":hvac_action")) or group for group in groups]
        return []

    # Tests ---------------------------------------------------------------------------------------------------------

    def _state_test(self, draft: "_Draft", sensor: Sensor) -> Test | None:
        word = state_word(draft.sentence, _domains((sensor,)))
        if word is not None:
            event = draft.kind.what in _EVENTS
            return replace(state_test(word[0], STATES[word[0]], sensor, event=event), ended=draft.kind.ended)
        told = next((str(call.arguments["state"]) for call in draft.calls if call.arguments.get("state")), "")
        if told in STATES.values():
            return state_test("", told, sensor)
        if draft.kind.what in _TESTED:
            return state_test("", _DEFAULT_STATES.get(sensor.device_class, "on"), sensor)
        return None

    def _number_test(self, draft: "_Draft", sensor: Sensor) -> Test | None:
        sentence, kind = draft.sentence, draft.kind
        if sentence.bounds:
            test = replace(bound_test(sentence.bounds[0], sensor, self._temperature_unit), ended=kind.ended)
            if len(sentence.bounds) > 1:
                other = bound_test(sentence.bounds[1], sensor, self._temperature_unit)
                test = replace(test, above=test.above or other.above, below=test.below or other.below)
            return test
        said = f" {sentence.said} "
        if any(f" {word} " in said for word in ("freeze", "froze", "frozen", "freezing", "frost")):
            frost = bound_test(Bound(False, 0.0, "°C", 0, 0), sensor, "°C")
            return replace(frost, said="below freezing", ended=kind.ended)
        if kind.what not in _TESTED:
            return None
        if draft.measure in COUNTED and has_power(sensor):
            return running_test("on", sensor)
        if draft.measure in COUNTED:
            return (
                Test(rises=True, said="more") if sensor.device_class != "precipitation_intensity" else Test(above=0.0)
            )
        if (" too " in said or kind.what in (What.EVER, What.DURATION)) and kind.direction:
            return _limit_test(sensor, kind.direction)
        return None

    # The question --------------------------------------------------------------------------------------------------

    def _inquiry(self, draft: "_Draft", groups: list[Group], test: Test | None) -> Inquiry | None:
        sentence, kind = draft.sentence, draft.kind
        spans = self.spans(sentence)
        what, form, of = kind.what, kind.form, kind.of
        if what in _TESTED and test is None and not (what in (What.WHEN, What.SINCE) and kind.direction):
            what = What.VALUE if not spans else What.AVERAGE
        sensor = groups[0][0]
        if what in (What.VALUE, What.AVERAGE) and has_power(sensor) and spans and _USED.search(sentence.said):
            what = What.TOTAL
        if what is What.TOTAL and not _adds_up(sensor):
            what = What.VALUE
        if what in (What.AVERAGE, What.TOTAL) and (sensor.sort is Sort.STATE or (spans and spans[0].moment)):
            what = What.VALUE
        if what is What.VALUE and form is Form.PLAIN and spans and not spans[0].moment and sensor.sort is Sort.NUMBER:
            what = What.TOTAL if _is_counter(sensor) else What.AVERAGE
        if what is What.AVERAGE and form is not Form.PLAIN and _is_counter(sensor):
            what = What.TOTAL
        if what is What.TOTAL and _is_counter(sensor) and _READ.search(sentence.said) and spans:
            what, spans = What.VALUE, (replace(spans[0], start_s=spans[0].end_s - 1, end_s=spans[0].end_s - 1),)
        if form is Form.COMPARE and len(groups) < 2 and len(spans) == 1:
            spans = (self._now_of(spans[0]), spans[0])
        if form is Form.COMPARE and len(groups) < 2 and len(spans) < 2:
            form = Form.PLAIN
        if form is not Form.COMPARE:
            spans = spans[:1]
        spans = spans or (self._default(what, sensor, sentence),)
        subjects = tuple(group[0] for group in groups[:2]) if form is Form.COMPARE else groups[0]
        if form is Form.COMPARE and len(subjects) > 1 and len(spans) > 2:
            spans = spans[:1]
        question = Question(
            what,
            subjects,
            spans,
            form,
            test,
            of,
            kind.direction,
            kind.first,
            sentence.unit,
            draft.measure,
            sentence.text,
        )
        if form is Form.PLAIN and len(groups) > 1 and what is not What.NORMAL:
            together = tuple(dict.fromkeys(one for group in groups for one in group))
            return Inquiry(replace(question, subjects=together[:4]))
        ambiguous = form in (Form.PLAIN, Form.WHICH_DAY) and len(subjects) > 1
        if form is Form.COMPARE and any(len(group) > 1 for group in groups[:2]):
            which = next(at for at, group in enumerate(groups[:2]) if len(group) > 1)
            return Inquiry(question, groups[which])
        return Inquiry(question, subjects if ambiguous else ())

    def _now_of(self, span: Span) -> Span:
        """What "than yesterday" and "than last week" are compared with: today, this week."""
        now = self._clock.now().replace(tzinfo=None)
        now_s = self._clock.epoch_s(now)
        if span.moment:
            return Span(now_s, now_s, "now", given=False)
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        if span.seconds > 2 * 86400:
            start, said = midnight - timedelta(days=now.weekday()), "this week"
            if span.seconds > 20 * 86400:
                start, said = midnight.replace(day=1), "this month"
            return Span(self._clock.epoch_s(start), now_s, said)
        return Span(self._clock.epoch_s(midnight), now_s, "today")

    def _default(self, what: What, sensor: Sensor, sentence: Sentence) -> Span:
        now = self._clock.now().replace(tzinfo=None)
        now_s = self._clock.epoch_s(now)
        if what in (What.EVER, What.ALWAYS) and sentence.said.startswith(("is ", "are ", "does ", "do ")):
            return Span(now_s, now_s, "now", given=False)
        if what in _UNLIMITED or what in (What.VALUE, What.NORMAL):
            return Span(now_s, now_s, "now", given=False)
        if " ever " in f" {sentence.said} " or " on record" in sentence.said:
            return Span(0.0, now_s, "as far as I remember")
        if what is What.TREND:
            seconds = _TREND_S.get(sensor.device_class, 3 * 3600)
            said = {30 * 86400: "in the past 30 days", 86400: "in the past 24 hours"}.get(
                seconds, "in the past three hours"
            )
            return Span(now_s - seconds, now_s, said, given=False)
        if what in _TODAY:
            midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
            return Span(self._clock.epoch_s(midnight), now_s, "today", given=False)
        return Span(now_s - 86400, now_s, "in the past 24 hours", given=False)


@dataclass(frozen=True, slots=True)
class _Draft:
    """What is known of a sentence before its series are looked for."""

    sentence: Sentence
    kind: Kind
    measure: str
    found: Sequence[Mention]
    calls: tuple[Call, ...]
    area: str | None


_USED: Final = re.compile(r"\b(?:use|used|consume|consumed)\b")
_READ: Final = re.compile(r"\b(?:say|said|read|reading|stand|stood|show|showed)\b")
_COMING: Final = frozenset({"will", "tomorrow", "gonna", "next"})
_STORED: Final = frozenset({"juice", "charge", "power", "battery", "life"})
"""What is left of them is in a battery."""
_STATEFUL: Final = frozenset({"moisture", "water", "power", "energy", "battery"})
_KNOWN_MEASURES: Final = frozenset(
    {
        *(
            "temperature",
            "humidity",
            "moisture",
            "carbon_dioxide",
            "illuminance",
            "wind_speed",
            "precipitation",
            "power",
        ),
        *("energy", "water", "gas", "pressure", "atmospheric_pressure", "battery", "pm25", "aqi", "voltage", "current"),
        *("volatile_organic_compounds", "sound_pressure", "signal_strength", "weight", "distance", "ph", "uv_index"),
        *("conductivity", "dew_point", "irradiance", "frequency", "speed", "volume_flow_rate"),
    }
)
_OF_UNITS: Final = {"temperature": "temperature", "power": "power", "energy": "energy", "speed": "wind_speed"}
_SPELLS: Final = frozenset({What.COUNT, What.DURATION, What.LASTING, What.LONGEST})
_EVENTS: Final = frozenset({What.WHEN, What.SINCE})
_SWITCHED: Final = frozenset(
    {"switch", "light", "fan", "media_player", "climate", "humidifier", "water_heater", "valve", "siren", "vacuum",
     "input_boolean", "binary_sensor", "sensor", "lawn_mower"}
)  # fmt: skip
_OPENINGS: Final = (frozenset({"binary_sensor", "cover", "valve"}), frozenset({"lock"}))
_LOCKS: Final = (frozenset({"lock"}), frozenset({"binary_sensor", "cover"}))
_PEOPLE: Final = (frozenset({"person", "device_tracker"}),)
_DOMAINS: Final = {
    "on": (_SWITCHED,),
    "off": (_SWITCHED,),
    "open": _OPENINGS,
    "closed": _OPENINGS,
    "locked": _LOCKS,
    "unlocked": _LOCKS,
    "detected": (frozenset({"binary_sensor", "alarm_control_panel"}), _SWITCHED),
    "heating": (frozenset({"climate", "water_heater"}),),
    "home": _PEOPLE,
    "not_home": _PEOPLE,
}
"""By state: what can be in it, and what else where there is none of those."""
_DEFAULT_STATES: Final = {"door": "open", "window": "open", "garage_door": "open", "garage": "open", "opening": "open",
                          "motion": "detected", "occupancy": "detected", "moisture": "wet"}  # fmt: skip


def _domains(sensors: Sequence[Sensor]) -> frozenset[str]:
    return frozenset(one.device.partition(".")[0] for one in sensors)


def _adds_up(sensor: Sensor) -> bool:
    return _is_counter(sensor) or quantity_of(sensor.unit) in ("power", "flow", "precipitation_intensity", "energy")


def _is_counter(sensor: Sensor) -> bool:
    return bool(sensor.counter) or sensor.device_class in COUNTED


def _limit_test(sensor: Sensor, direction: str) -> Test | None:
    """ "Too warm": beyond the limit that such a sensor is watched by."""
    settings = DEFAULTS.get(sort_of(sensor.device_class, sensor.name, sensor.area), ())
    limits = next((one for one in settings if isinstance(one, LimitsSettings)), None)
    bound = None if limits is None else limits.high if direction == HIGH else limits.low
    if bound is None:
        return None
    return bound_test(Bound(direction != LOW, bound, sensor.unit, 0, 0), sensor, sensor.unit)
