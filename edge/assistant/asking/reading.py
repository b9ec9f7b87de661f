"""Reads a sentence, with what the router found in it, as a question about the history."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from edge.assistant.asking.certainty import surely_asked
from edge.assistant.asking.draft import Draft, drafted
from edge.assistant.asking.finding import Finder
from edge.assistant.asking.kinds import kind_of
from edge.assistant.asking.lexicon import COUNTED
from edge.assistant.asking.mentions import mentions
from edge.assistant.asking.sentence import taken_apart, words_of
from edge.assistant.asking.spans import Spans
from edge.assistant.asking.subjects import Group, Subjects, Wanted, classes_of
from edge.assistant.asking.testing import EVENTS, TESTED, Tests, has_power, state_test
from edge.devices.registry import Registry
from edge.devices.words import tokens
from edge.router.model import Call
from edge.schedule.clock import Clock
from edge.sensors.history.model import Sensor, Sort
from edge.sensors.history.units import quantity_of
from edge.sensors.questions import Form, Question, Span, Test, What

_USED: Final = re.compile(r"\b(?:use|used|consume|consumed)\b")
_READ: Final = re.compile(r"\b(?:say|said|read|reading|stand|stood|show|showed)\b")
_COMING: Final = frozenset({"will", "tomorrow", "gonna", "next"})
_ADDING: Final = frozenset({"power", "flow", "precipitation_intensity", "energy"})
_MOST: Final = 4
"""Things of which one is asked at once."""


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A question as far as it is understood: `choices` are the series of which one is to be picked first."""

    question: Question
    choices: Group = ()

    @property
    def present(self) -> bool:
        """Whether it asks no more than how something is now."""
        question = self.question
        state = question.what is What.EVER and all(one.sort is Sort.STATE for one in question.subjects)
        asks_how = question.what is What.VALUE or state
        return asks_how and question.form is Form.PLAIN and not question.spans[0].given


class SentenceReader:
    """`temperature_unit`: the home's."""

    def __init__(self, registry: Registry, clock: Clock, temperature_unit: str = "°C") -> None:
        self._registry = registry
        self._clock = clock
        self._subjects = Subjects(registry, temperature_unit)
        self._finder = Finder(self._subjects, Tests(temperature_unit))
        self.spans = Spans(clock)

    def read(self, text: str, calls: Sequence[Call], area: str | None, *, surely: bool = False) -> Inquiry | None:
        """The question; None where no series of this home can be meant.

        `surely`: only where the sentence by itself leaves no doubt that it is one.
        """
        words = words_of(text)
        if not _COMING.isdisjoint(words):
            return None
        found = mentions(words, self._registry)
        sentence = taken_apart(text, self._clock.now(), tuple((one.first, one.last) for one in found))
        named = max(len(found), sum(bool(call.targets) for call in calls))
        draft = drafted(sentence, kind_of(sentence, mentions=named), found, calls, area)
        groups, test = self._finder.find(draft)
        if not groups:
            return None
        inquiry = self._inquiry(draft, groups, test)
        return None if surely and not self._sure(draft, inquiry.question) else inquiry

    def _sure(self, draft: Draft, question: Question) -> bool:
        named = draft.found or self._subjects.nouns(draft.sentence.tokens)
        devices = [self._registry.devices.get(one.device) for one in question.subjects]
        names = [name for one in devices if one is not None for name in (one.name, *one.aliases)]
        return surely_asked(draft.sentence, question, named, frozenset(word for name in names for word in tokens(name)))

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
        known = [series for group in groups for series in group]
        if not any(series.device_class == one.device_class for series in known):
            siblings = self._subjects.siblings(words, one)
            groups = [siblings] if siblings else groups
        if not groups:
            return None
        group, test = groups[0], last.test
        group = tuple(series for series in group if series.device_class == one.device_class) or group
        if test is not None and one.sort is Sort.STATE:
            test = replace(state_test("", test.said, group[0]), ends=test.ends, ended=test.ended)
        return group, test

    # The question --------------------------------------------------------------------------------------------------

    def _inquiry(self, draft: Draft, groups: list[Group], test: Test | None) -> Inquiry:
        sentence, kind, sensor = draft.sentence, draft.kind, groups[0][0]
        spans, form = self.spans.named(sentence), kind.form
        what = _figure(draft, sensor, spans, test)
        if what is What.VALUE and _is_counter(sensor) and spans and not spans[0].moment:
            spans = (replace(spans[0], start_s=spans[0].end_s - 1, end_s=spans[0].end_s - 1),)
        if form is Form.COMPARE and len(groups) < 2 and len(spans) == 1:
            spans = (self.spans.beside(spans[0]), spans[0])
        if form is Form.COMPARE and len(groups) < 2 and len(spans) < 2:
            form = Form.PLAIN
        if form is not Form.COMPARE or (len(groups) > 1 and len(spans) > 2):
            spans = spans[:1]
        subjects = tuple(group[0] for group in groups[:2]) if form is Form.COMPARE else groups[0]
        question = Question(
            what,
            subjects,
            spans or (self.spans.usual(what, sensor, sentence),),
            form,
            test,
            of=kind.of,
            direction=kind.direction,
            first=kind.first,
            unit=sentence.unit,
            measure=draft.measure,
            asked=sentence.text,
        )
        return _with_choices(question, groups)


def _with_choices(question: Question, groups: list[Group]) -> Inquiry:
    """Several things are answered one after another; of several that one word may mean, one is to be picked."""
    form = question.form
    if form is Form.PLAIN and len(groups) > 1 and question.what is not What.NORMAL:
        together = tuple(dict.fromkeys(one for group in groups for one in group))
        return Inquiry(replace(question, subjects=together[:_MOST]))
    if form is Form.COMPARE:
        return Inquiry(question, next((group for group in groups[:2] if len(group) > 1), ()))
    ambiguous = form is not Form.WHICH and len(question.subjects) > 1
    return Inquiry(question, question.subjects if ambiguous else ())


def _figure(draft: Draft, sensor: Sensor, spans: tuple[Span, ...], test: Test | None) -> What:
    """The figure that is asked for, in view of what the sensor tells: a counter counts, of a state there is no mean."""
    what, plain, said = draft.kind.what, draft.kind.form is Form.PLAIN, draft.sentence.said
    moment = bool(spans) and spans[0].moment
    if what in TESTED and test is None and not (what in EVENTS and draft.kind.direction):
        what = What.AVERAGE if spans else What.VALUE
    if what in (What.VALUE, What.AVERAGE) and has_power(sensor) and spans and _USED.search(said):
        what = What.TOTAL
    if what is What.TOTAL and not (_is_counter(sensor) or quantity_of(sensor.unit) in _ADDING):
        what = What.VALUE
    if what in (What.AVERAGE, What.TOTAL) and (sensor.sort is Sort.STATE or moment):
        return What.VALUE
    if what is What.TOTAL and spans and _is_counter(sensor) and _READ.search(said):
        return What.VALUE
    if what is What.VALUE and plain and spans and not moment and sensor.sort is Sort.NUMBER:
        what = What.AVERAGE
    if what is What.AVERAGE and _is_counter(sensor) and (not plain or draft.kind.what is not What.AVERAGE):
        read = plain and _READ.search(said)
        return What.VALUE if read else What.TOTAL
    return what


def _is_counter(sensor: Sensor) -> bool:
    return bool(sensor.counter) or sensor.device_class in COUNTED
