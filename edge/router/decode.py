"""Constrained decoding: from log-probabilities to function tokens with copied spans, always well formed."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

import numpy as np

from edge.router.model import RawCall, Slot, Span
from edge.router.network import FloatArray, Reading
from edge.router.vocabulary import CHAT, END, IGNORE, Function, Vocabulary

TAGS: Final = ("", *(f"{mark}-{slot}" for slot in Slot for mark in "BI"))
"""The network's tags: none, then the beginning and the inside of each slot's spans."""
_SLOTS: Final = tuple(Slot)
_BEGIN: Final = np.arange(1, len(TAGS), 2)
_INSIDE: Final = _BEGIN + 1
_ALIKE: Final = {"clean_area": "start", "stop": "pause"}
"""Verbs between which the named place decides, or nothing that matters: doubt between them is no doubt of the order."""


def meaning(verb: str) -> str:
    """The verb that stands for all that come to the same."""
    return _ALIKE.get(verb, verb)


@dataclass(frozen=True, slots=True)
class Decoded:
    """The token sequence: calls, or the one special token."""

    calls: tuple[RawCall, ...]
    special: str | None
    """`<chat>` or `<ignore>`; None where there are calls."""
    function_probability: float
    """Of the whole sequence of functions up to its end, those of one verb counted as one."""
    span_probability: float
    """Of the least certain call's tags."""
    device_probability: float
    """That the first token is a function at all: one minus chat and ignore."""


class Decoder:
    """Decodes readings with one vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        tokens = vocabulary.tokens
        self._tokens = tokens
        self._end, self._chat, self._ignore = tokens.index(END), tokens.index(CHAT), tokens.index(IGNORE)
        verbs = sorted({function.verb for function in vocabulary.functions.values()})
        column = {verb: index for index, verb in enumerate(verbs)}
        self._verb_of = np.array(
            [
                column[vocabulary.functions[t].verb] if t in vocabulary.functions else len(verbs) + i
                for i, t in enumerate(tokens)
            ]
        )
        self._verb_count = len(verbs) + len(tokens)
        self._families = [np.flatnonzero(self._verb_of == verb) for verb in range(self._verb_count)]
        """The tokens of each verb."""
        self._barred = {True: self._verb_of[[self._end]], False: self._verb_of[[self._chat, self._ignore]]}
        """Verbs that can't come: first, later."""
        meanings = {column[verb]: column[meaning(verb)] for verb in verbs}
        meant = np.array([meanings.get(int(one), int(one)) for one in self._verb_of])
        self._alike = [np.flatnonzero(meant == one) for one in meant]
        """The tokens that come to the same as each."""
        self._allowed = lru_cache(maxsize=256)(self._allowed_tags)

    def decode(self, reading: Reading) -> Decoded:
        """The most probable well-formed sequence; a special token only ever stands alone."""
        rows = np.exp(reading.functions)
        first = rows[0]
        outside = float(first[self._chat] + first[self._ignore])
        best = self._best(first, first_step=True)
        if best in (self._chat, self._ignore):
            return Decoded((), self._tokens[best], float(first[best]), 1.0, 1 - outside)
        calls: list[RawCall] = []
        probability, spans_probability = 1.0, 1.0
        for step in range(len(reading.tags)):
            row = rows[step]
            best = best if step == 0 else self._best(row, first_step=False)
            probability *= float(row[self._alike[best]].sum())
            if best == self._end:
                break
            function = self._vocabulary.functions[self._tokens[best]]
            spans = self._spans(reading, step, function)
            certainty = min((span.probability for span in spans), default=1.0)
            spans_probability = min(spans_probability, certainty)
            calls.append(RawCall(function.name, spans, float(row[best])))
        else:
            probability *= float(rows[len(reading.tags)][self._end])
        return Decoded(tuple(calls), None, probability, spans_probability, 1 - outside)

    def probability(self, reading: Reading, functions: frozenset[str]) -> float:
        """That the sentence is one call of one of these functions."""
        first = np.exp(reading.functions[0])
        mass = sum(float(first[at]) for at, token in enumerate(self._tokens) if token in functions)
        return min(1.0, mass) * float(np.exp(reading.functions[1][self._end]))

    def _best(self, row: FloatArray, *, first_step: bool) -> int:
        """The likeliest verb's likeliest token; the end can't come first, chat and ignore only first."""
        masses = np.bincount(self._verb_of, row, self._verb_count)
        masses[self._barred[first_step]] = -1
        family = self._families[int(masses.argmax())]
        return int(family[row[family].argmax()])

    def _allowed_tags(self, name: str) -> FloatArray:
        """0 for the tags a function may use, minus infinity for the rest. Functions of one verb may turn into each
        other once the devices are known, so each may use what any of its family uses."""
        slots = {slot for function in self._vocabulary.family(name) for slot in function.slots}
        penalty = np.full(len(TAGS), -np.inf, np.float32)
        penalty[0] = 0
        for index, slot in enumerate(_SLOTS):
            if slot in slots:
                penalty[1 + 2 * index : 3 + 2 * index] = 0
        return penalty

    def _spans(self, reading: Reading, step: int, function: Function) -> tuple[Span, ...]:
        scores = reading.tags[step] + self._allowed(function.name)
        return tuple(_spans_of(reading, _likeliest_path(scores), scores))


def _likeliest_path(scores: FloatArray) -> list[int]:
    """The likeliest tag of each word such that an inside follows its own beginning or inside (Viterbi 1967)."""
    likeliest: list[int] = scores.argmax(-1).tolist()
    if all(_follows(tag, before) for before, tag in pairwise([0, *likeliest])):
        return likeliest
    best = scores[0].copy()
    best[_INSIDE] = -np.inf
    steps = []
    for row in scores[1:]:
        anything = int(best.argmax())
        came = np.full(len(TAGS), anything)
        came[_INSIDE] = np.where(best[_BEGIN] >= best[_INSIDE], _BEGIN, _INSIDE)
        best = best[came] + row
        steps.append(came)
    path = [int(best.argmax())]
    for came in reversed(steps):
        path.append(int(came[path[-1]]))
    return path[::-1]


def _follows(tag: int, before: int) -> bool:
    """An inside has an even number, its beginning the odd one below."""
    return tag % 2 == 1 or tag == 0 or before in (tag, tag - 1)


def _spans_of(reading: Reading, path: Sequence[int], scores: FloatArray) -> list[Span]:
    """Spans along a path. Two things are never named without a word between them, but for the items of a list: what
    begins where its like ended is the rest of it."""
    found: list[tuple[int, int, int]] = []
    for at, tag in enumerate(path):
        if not tag:
            continue
        slot = (tag - 1) // 2
        goes_on = bool(found) and found[-1][0] == slot and found[-1][2] == at
        if goes_on and (tag % 2 == 0 or _SLOTS[slot] is not Slot.ITEM):
            found[-1] = (slot, found[-1][1], at + 1)
        else:
            found.append((slot, at, at + 1))
    return [_span(reading, slot, start, end, scores) for slot, start, end in found]


def _span(reading: Reading, slot: int, start: int, end: int, scores: FloatArray) -> Span:
    words = reading.words[start:end]
    # A word's beginning and inside tags are one opinion on the slot.
    pair = np.logaddexp(scores[start:end, 1 + 2 * slot], scores[start:end, 2 + 2 * slot])
    first, last = words[0].start, words[-1].end
    return Span(_SLOTS[slot], reading.text[first:last], first, last, float(np.exp(pair.min())))
