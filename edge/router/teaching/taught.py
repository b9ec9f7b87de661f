"""The taught functional tokens: which of them, if any, a sentence means."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from edge.router.network import FloatArray, Reading
from edge.router.teaching.background import Background
from edge.router.teaching.evidence import FILLERS, Evidence, Sentence, differs
from edge.router.teaching.lessons import PREFIX, Lesson, Notebook, Order, Publish
from edge.router.text import split_words
from edge.router.vocabulary import CHAT, IGNORE, SPECIAL_TOKENS

TAKES: Final = 0.5
"""From this probability on a sentence means a taught function."""
SURELY: Final = 0.9
"""With this probability it does whatever else the sentence might mean, and as one of several in a sentence."""
_CORRECTS: Final = 0.9
"""A correction is one sentence, so that others must be very like it to be taken the same way."""
_EMPTY_BOOK: Final = Notebook()
_PARTS: Final = re.compile(r"\s*(?:,|;|\band then\b|\band also\b|\band\b|\bthen\b|\bplus\b|\balso\b)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Recognised:
    """A sentence that means something taught."""

    token: str
    """`taught.NAME`, or a corrected sentence's function, `chat` or `ignore`."""
    action: Publish | Order | None
    probability: float


@dataclass(frozen=True, slots=True)
class _Group:
    """Examples of one meaning: a lesson's, or the corrected sentences with one order."""

    meaning: Recognised
    sentences: tuple[str, ...]
    correction: bool


class Taught:
    """Immutable; safe to read while a newer one is made."""

    def __init__(
        self,
        notebook: Notebook = _EMPTY_BOOK,
        states: Mapping[str, Sentence] = MappingProxyType({}),
        background: Background | None = None,
    ) -> None:
        """`states` has every sentence of the notebook as the network reads it."""
        self.notebook = notebook
        self._exact: dict[tuple[str, ...], Recognised] = {}
        self._groups = [_of_lesson(lesson) for lesson in notebook.lessons.values()]
        orders: dict[object, _Group] = {}
        for one in notebook.corrections:
            meaning = self._meaning(one.order)
            self._exact[_bare(_words(one.sentence))] = meaning
            group = orders.get(one.order.key, _Group(meaning, (), True))
            orders[one.order.key] = _Group(meaning, (*group.sentences, one.sentence), True)
        self._groups += orders.values()
        self._evidence = None
        if background is not None and self._groups:
            self._evidence = Evidence(
                background, [[states[text] for text in group.sentences] for group in self._groups]
            )

    def __bool__(self) -> bool:
        return bool(self._groups)

    def recognise(self, reading: Reading) -> Recognised | None:
        """What was taught for the sentence; None where the network's own opinion stands."""
        words = tuple(word.text for word in reading.words)
        exact = self._exact.get(_bare(words)) if self._exact else None
        if exact is not None or self._evidence is None:
            return exact
        probabilities = self._evidence.probabilities(sentence_of(reading))
        for at in probabilities.argsort()[::-1].tolist():
            group, probability = self._groups[at], float(probabilities[at])
            if probability < TAKES:
                return None
            if not group.correction or (probability >= _CORRECTS and _nearly(words, group.sentences)):
                return Recognised(group.meaning.token, group.meaning.action, probability)
        return None

    def probabilities(self, reading: Reading) -> dict[str, float]:
        """Of every taught function; for explaining."""
        if self._evidence is None:
            return {}
        found = self._evidence.probabilities(sentence_of(reading)).tolist()
        pairs = zip(self._groups, found, strict=True)
        return {group.meaning.token: probability for group, probability in pairs if not group.correction}

    def parts(self, text: str) -> list[str]:
        """The requests of a sentence that may be several, at most three, one taught; empty where it is not."""
        if self._evidence is None or not self._evidence.touches(_words(text)):
            return []
        found = [part for part in _PARTS.split(text) if part.strip()]
        return found if 2 <= len(found) <= 3 else []

    def _meaning(self, order: Order) -> Recognised:
        lesson = self.notebook.lessons.get(order.function.removeprefix(PREFIX))
        if order.function.startswith(PREFIX) and lesson is not None:
            return Recognised(lesson.function, lesson.action, 1.0)
        return Recognised(order.function, order, 1.0)


def sentence_of(reading: Reading) -> Sentence:
    """What teaching looks at of a reading."""
    row = reading.functions[0]
    outside = np.exp(row[SPECIAL_TOKENS.index(CHAT)]) + np.exp(row[SPECIAL_TOKENS.index(IGNORE)])
    inside = min(0.9999, max(1e-4, 1 - float(outside)))
    state: FloatArray = reading.states[0]
    return Sentence(state, tuple(word.text for word in reading.words), float(np.log(inside / (1 - inside))))


def _of_lesson(lesson: Lesson) -> _Group:
    return _Group(Recognised(lesson.function, lesson.action, 1.0), lesson.examples, False)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.text for word in split_words(text))


def _bare(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for word in words if word not in FILLERS) or words


def _nearly(words: tuple[str, ...], sentences: tuple[str, ...]) -> bool:
    """Whether at least half of the words are those of one of the sentences, and none turns it into its opposite."""
    said = frozenset(_bare(words))
    for sentence in sentences:
        known = frozenset(_bare(_words(sentence)))
        alike = len(said & known) / max(len(said | known), 1)
        if alike >= 0.5 and not differs(tuple(said), known, known) and not differs(tuple(known), said, said):
            return True
    return False
