"""Whether a sentence that the router left to talk is surely a question about this home's past: every word explained."""

from collections.abc import Sequence
from typing import Final

from edge.assistant.asking.lexicon import ADJECTIVES, COMPARATIVES, MEASURES, STATES, SUPERLATIVES
from edge.assistant.asking.sentence import Sentence
from edge.devices.words import fold
from edge.sensors.questions import Form, Question, What

_FUNCTION: Final = frozenset(
    [
        *("a", "about", "actually", "after", "again", "ago", "all", "altogether", "am", "an", "and", "any"),
        *("anybody", "anyone", "anything", "apart", "are", "as", "ask", "at", "average", "averaged", "be"),
        *("been", "before", "being", "best", "between", "both", "by", "can", "change", "changed", "check"),
        *("come", "coming", "compare", "compared", "could", "day", "days", "degree", "degrees", "did"),
        *("difference", "do", "does", "doing", "done", "down", "drop", "dropped", "during", "each", "earlier"),
        *("ever", "every", "exactly", "fall", "fallen", "falling", "far", "fell", "find", "first", "for"),
        *("from", "get", "gets", "getting", "give", "go", "goes", "going", "gone", "got", "gotten", "had"),
        *("happen", "has", "have", "having", "hello", "hey", "high", "higher", "history", "hour", "hours"),
        *("how", "howd", "hows", "i", "if", "im", "in", "into", "is", "it", "it'd", "its", "ive", "just"),
        *("kind", "know", "last", "later", "least", "like", "log", "long", "look", "lot", "low", "lower"),
        *("made", "make", "makes", "many", "may", "me", "mean", "meter", "minute", "minutes", "month", "more"),
        *("most", "much", "my", "near", "need", "no", "normal", "not", "now", "number", "of", "often", "ok"),
        *("on", "once", "one", "or", "our", "out", "over", "past", "peak", "people", "please", "point"),
        *("question", "quickly", "range", "rather", "read", "reading", "really", "record", "recorded"),
        *("reported", "right", "rise", "risen", "rising", "room", "rooms", "rose", "roughly", "said", "saw"),
        *("say", "says", "see", "seems", "sensor", "sensors", "show", "since", "so", "some", "somebody"),
        *("someone", "sort", "still", "taking", "tell", "temperature", "than", "thank", "thanks", "that"),
        *("thats", "the", "their", "them", "then", "there", "theres", "thermometer", "these", "they", "thing"),
        *("think", "this", "those", "through", "time", "times", "to", "today", "together", "told", "too"),
        *("total", "trend", "twice", "typical", "until", "unusual", "up", "us", "use", "used", "using"),
        *("usual", "usually", "value", "values", "versus", "very", "vs", "want", "was", "we", "week", "well"),
        *("went", "were", "weve", "what", "whats", "when", "whens", "where", "wheres", "which", "while"),
        *("whole", "why", "with", "within", "without", "worst", "would", "year", "you", "youd", "your", "…"),
    ]
)
"""Words that name nothing in the world."""
_PAST: Final = frozenset({What.WHEN, What.SINCE, What.COUNT, What.DURATION, What.LASTING, What.LONGEST, What.DAYS})
_KNOWN: Final = frozenset(
    word
    for table in (SUPERLATIVES, COMPARATIVES, ADJECTIVES, MEASURES, STATES)
    for phrase in table
    for word in phrase.split()
)


def surely_asked(sentence: Sentence, question: Question, named: Sequence[object], names: frozenset[str]) -> bool:
    """Whether nothing in it is foreign and it asks of something here: by name, or of what only one thing measures.

    `names`: the words of the names of what it is taken to be about.
    """
    past = any(span.given for span in question.spans) or question.what in _PAST or question.form is Form.COMPARE
    foreign = [
        word
        for word in sentence.rest
        if word not in _FUNCTION and word not in _KNOWN and fold(word) not in names and not word.isdecimal()
    ]
    return past and not foreign and (bool(named) or (bool(question.measure) and len(question.subjects) == 1))
