"""Whether a sentence that the router left to talk is surely a question about this home's past: every word explained."""

from collections.abc import Sequence
from typing import Final

from edge.assistant.asking.lexicon import ADJECTIVES, COMPARATIVES, MEASURES, STATES, SUPERLATIVES
from edge.assistant.asking.sentence import Sentence
from edge.sensors.questions import Form, Question, What

_FUNCTION: Final = frozenset(
    """a about actually all altogether am an and any anybody anyone are as ask at be been being between both by can
    check come coming compare compared could day days degree degrees did do does doing done down during each ever every
    exactly far find for from get gets getting give go goes going gone got had happen has have having hello hey hour
    hours how hows i if im in into is it its just kind know last least like long look lot many may me mean minute
    minutes month more most much my near need no not now number of often ok on one or our out over past please question
    quickly rather read reading really record recorded reported right room rooms roughly said saw say says see seems
    show since so some somebody someone sort still taking tell than thank thanks that thats the their them then there
    these they thing think this those through time times to today together told too total up us usual usually value
    values very want was we week well went were weve what whats when whens where wheres which while whole why with
    within without would year you your … anything people it'd ive youd theres howd gotten made makes make use used
    using again first earlier later before after until twice once peak average averaged mean range temperature
    apart difference versus vs changed change drop dropped fall fell fallen rise rose risen trend rising falling
    normal typical unusual high low higher lower been sensor sensors meter thermometer history log ago point worst best
    """.split()
)
"""Words that name nothing in the world."""
_PAST: Final = frozenset({What.WHEN, What.SINCE, What.COUNT, What.DURATION, What.LASTING, What.LONGEST, What.DAYS})
_KNOWN: Final = frozenset(
    word
    for table in (SUPERLATIVES, COMPARATIVES, ADJECTIVES, MEASURES, STATES)
    for phrase in table
    for word in phrase.split()
)


def surely_asked(sentence: Sentence, question: Question, named: Sequence[object]) -> bool:
    """Whether nothing in it is foreign and it asks of something here: by name, or of what only one thing measures."""
    past = any(span.given for span in question.spans) or question.what in _PAST or question.form is Form.COMPARE
    foreign = [word for word in sentence.rest if word not in _FUNCTION and word not in _KNOWN and not word.isdecimal()]
    return past and not foreign and (bool(named) or (bool(question.measure) and len(question.subjects) == 1))
