"""Questions that go on from the last one: "and the bedroom?", "what about yesterday?", "is that normal?", "when was
that?"."""

import re
from dataclasses import replace
from datetime import datetime
from typing import Final

from edge.assistant.asking.kinds import Kind, kind_of
from edge.assistant.asking.lexicon import HIGH, LOW
from edge.assistant.asking.mentions import mentions
from edge.assistant.asking.reading import Inquiry, SentenceReader
from edge.assistant.asking.sentence import taken_apart, words_of
from edge.devices.registry import Registry
from edge.router.model import Routing
from edge.router.values.past import earlier
from edge.router.values.stretch import Past
from edge.sensors.history.model import Sort
from edge.sensors.questions import Answer, Form, Question, Span, What

_LEAD: Final = re.compile(
    r"^(?:ok |okay |so |hm+ |oh |right |alright )*(?:and|or|but|what about|how about|what of|also|same for|then|"
    r"compared (?:to|with)|versus|than)\b"
)
_BEFORE: Final = re.compile(r"\b(day|night|week|month) before$")
_COMPARED: Final = re.compile(r"^(?:and )?(?:versus|than)\b|\bcompare[ds]?\b")
_POINTING: Final = re.compile(r"\b(?:that|this|it|there|they|those|then)\b")
_JUDGING: Final = re.compile(
    r"^(?:is|was|isn't|wasn't) (?:that|this) (?:(?:quite|rather|very|too|really|not) )?"
    r"(?:a lot|much|many|little|few|high|low|long|often|bad|warm|cold|hot|wet|dry)(?: then| for .*)?$"
)
"""Whether the last figure is as ever, in other words."""
_WORD_LIMIT: Final = 12
_ENDS: Final = (What.LOWEST, What.HIGHEST)


def follow_up(
    text: str,
    routing: Routing,
    last: Question,
    reader: SentenceReader,
    registry: Registry,
    now: datetime,
    area: str | None,
    *,
    surely: bool = False,
) -> Inquiry | None:
    """The last question with what is new in the sentence; None where it is a sentence of its own.

    `surely`: by itself the sentence makes no sense.
    """
    words = words_of(text)
    if not words or len(words) > _WORD_LIMIT:
        return None
    found = mentions(words, registry)
    sentence = taken_apart(text, now, tuple((one.first, one.last) for one in found))
    leads = _LEAD.match(" ".join(words)) is not None
    points = _POINTING.search(sentence.said) is not None
    if not (surely or leads or (points and not found)) and not (len(words) <= 4 and not routing.calls):
        return None
    kind = kind_of(sentence, mentions=0)
    before = _BEFORE.search(" ".join(words))
    spans = (_earlier(last.spans[0], before.group(1), reader),) if before else reader.spans.named(sentence)
    doubts = _JUDGING.match(" ".join(words)) is not None
    if (kind.what is What.NORMAL or doubts) and not found:
        text = text if kind.what is What.NORMAL else "is that unusual"
        of = last.of or last.what
        judged = of if of in _JUDGED else What.VALUE
        return Inquiry(replace(last, what=What.NORMAL, of=judged, form=Form.PLAIN, asked=text, spans=last.spans[-1:],
                               subjects=last.subjects[:1], test=last.test if last.subjects[0].sort is Sort.STATE
                               else None))  # fmt: skip
    if not found and not spans and (timed := _about_time(last, kind, text)) is not None:
        return Inquiry(timed)
    other = leads and not spans and kind.what is What.VALUE
    if found or other or (leads and any(call.targets for call in routing.calls)):
        asked = _other_subject(text, routing, last, reader, spans, area)
        if asked is not None or found:
            return asked
    if spans and _COMPARED.search(" ".join(words)):
        both = (last.spans[0], spans[0])
        return Inquiry(replace(last, form=Form.COMPARE, spans=both, asked=text, what=_figure(last)))
    changed = _changed(kind, last)
    if spans:
        return Inquiry(replace(_given(changed, spans), asked=text))
    return Inquiry(replace(changed, asked=text)) if changed is not last else None


def _earlier(span: Span, unit: str, reader: SentenceReader) -> Span:
    """ "And the day before?": before what was asked about last."""
    local = reader.spans.local
    other = Past(local(span.start_s), local(span.end_s), span.said)
    return reader.spans.of(earlier(other, unit, reader.spans.local(reader.spans.now_s())))


def as_answered(last: Question, answer: Answer) -> Question:
    """For "is that normal?": what was asked when about, as the time that was told; else as it was."""
    figure = answer.figures[answer.best or 0]
    test, sensor = last.test, last.subjects[0]
    if last.what in (What.WHEN, What.SINCE) and test is None:
        return replace(last, of=What.LOWEST if last.direction == LOW else What.HIGHEST)
    if last.what not in (What.WHEN, What.SINCE) or figure.at_s is None or sensor.sort is Sort.STATE:
        return last
    if test is None or test.rises:
        return last
    until_s = max(figure.until_s or figure.at_s, figure.at_s + 900)
    span = Span(figure.at_s, until_s, "then")
    return replace(last, of=What.HIGHEST if test.above is not None else What.LOWEST, spans=(*last.spans, span))


_JUDGED: Final = frozenset({What.LOWEST, What.HIGHEST, What.AVERAGE, What.TOTAL, What.COUNT, What.DURATION, What.VALUE})


def _about_time(last: Question, kind: Kind, text: str) -> Question | None:
    """ "When was that?", "how long ago was that?"."""
    if kind.what not in (What.WHEN, What.SINCE):
        return None
    direction = last.direction or {What.LOWEST: LOW, What.HIGHEST: HIGH}.get(last.what, "")
    if last.what is What.LOWEST:
        direction = LOW
    return replace(last, what=kind.what, direction="" if last.test is not None else direction, asked=text,
                   form=Form.PLAIN, subjects=last.subjects[:1], spans=last.spans[:1])  # fmt: skip


def _other_subject(
    text: str, routing: Routing, last: Question, reader: SentenceReader, spans: tuple[Span, ...], area: str | None
) -> Inquiry | None:
    """The same of something else."""
    read = reader.alike(text, routing.calls, area, last)
    if read is None:
        return None
    subjects, test = read
    question = replace(last, subjects=subjects[:1], test=test, asked=text)
    if last.form is not Form.PLAIN:
        question = replace(question, form=Form.PLAIN, spans=last.spans[:1])
    if spans:
        question = _given(question, spans)
    return Inquiry(question, subjects if len(subjects) > 1 else ())


def _given(question: Question, spans: tuple[Span, ...]) -> Question:
    """Of another stretch of time; what was asked of now is asked of the whole of it."""
    what, sensor = question.what, question.subjects[0]
    if what is What.VALUE and not spans[0].moment and sensor.sort is Sort.NUMBER and question.test is None:
        what = What.TOTAL if sensor.counter else What.AVERAGE
    elif spans[0].moment and what in (What.AVERAGE, What.TOTAL, What.RANGE, *_ENDS):
        what = What.VALUE
    if what is What.LASTING:
        what = What.DURATION
    return replace(question, what=what, spans=spans[:2] if question.form is Form.COMPARE else spans[:1])


def _changed(kind: Kind, last: Question) -> Question:
    """Another figure of the same: "and the highest?"."""
    if kind.what in (*_ENDS, What.AVERAGE, What.RANGE, What.TREND, What.TOTAL):
        if last.subjects[0].sort is Sort.STATE:
            return last
        return replace(last, what=kind.what, direction=kind.direction, test=None)
    if kind.what in (What.COUNT, What.DURATION, What.LONGEST) and last.test is not None:
        return replace(last, what=kind.what if last.spans[0].given else What.WHEN)
    return last


def _figure(last: Question) -> What:
    """What is compared with another time."""
    return What.AVERAGE if last.what is What.VALUE and not last.spans[0].moment else last.what
