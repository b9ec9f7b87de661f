"""How well a sentence fits groups of examples: the network's state of it, and its words."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from edge.devices.words import listed
from edge.router.network import FloatArray
from edge.router.teaching.background import Background, stem

_OTHERWISE: Final = listed(
    "did, why, who, when, if, unless, until, stop, cancel, disable, deactivate, without, undo, end, tomorrow, "
    "yesterday, later, before, after, ago, every, daily, minute, minutes, hour, hours, second, seconds, o'clock, "
    "pm, noon, midnight, sunset, sunrise, monday, tuesday, wednesday, thursday, friday, saturday, sunday, two, "
    "three, four, five, six, seven, eight, nine, ten, eleven, twelve, fifteen, twenty, thirty, forty, fifty"
)
"""Words that turn a request into another one, or into one for another time. Where no example has them, a sentence that
does is not what was taught, however like it looks."""
_NEGATIONS: Final = listed("not, don't, dont, never, won't, shouldn't, mustn't")
"""Of these one in an example allows for all."""
_GONE: Final = listed("i'm, im, am, we're, are, he's, she's, they're, be, set, head, heading, drop")
"""Words after which "off" switches nothing off."""
FILLERS: Final = listed(
    "please, could, can, would, will, you, hey, ok, okay, just, now, the, a, an, my, our, so, well, um, uh, then, "
    "kindly, thanks, thank, right, edge, computer, house, assistant"
)
"""Words that change nothing about what a sentence asks for."""
_OPPOSITES: Final = {
    one: other
    for pair in ("on off", "up down", "open close", "open shut", "start stop", "enable disable", "arm disarm", "in out")
    for one, other in (pair.split(), pair.split()[::-1])
} | {"lock": "unlock", "unlock": "lock", "mute": "unmute", "unmute": "mute", "close": "open", "shut": "open"}

_ASKING: Final = listed(
    "what, what's, which, how, how's, where, where's, whose, is, isn't, are, aren't, was, were, does, has, had"
)
"""Words that begin a question. Where no example is one, no question is what was taught."""
_WORTH: Final = 0.1
"""A probability that is worth a closer look."""
_TELLING: Final = 3.0
"""Nats: the rarity of a word that one sentence in twenty has."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is looked at of one sentence."""

    state: FloatArray
    """(D,): the vector its first token was chosen from."""
    words: tuple[str, ...]
    device_odds: float = 0.0
    """The log-odds that it is for a device, as the network has it."""


class Evidence:
    """Groups of examples, each group at least one sentence, compared with a sentence all at once."""

    def __init__(self, background: Background, groups: Sequence[Sequence[Sentence]]) -> None:
        self._background = background
        sizes = [len(group) for group in groups]
        self._starts = np.cumsum([0, *sizes[:-1]])
        self._sizes = np.array(sizes, np.float32)
        examples = [example for group in groups for example in group]
        self._examples = background.normal(np.array([example.state for example in examples], np.float32))
        self._directions = np.array(
            [_direction(background, part) for part in np.split(self._examples, self._starts[1:])], np.float32
        )
        self._spread = background.spread(self._directions)
        stems = [{stem(word) for word in example.words} for example in examples]
        known = sorted(set().union(*stems))
        self._column = {one: at for at, one in enumerate(known)}
        self._rarity = np.array(background.rarity(known), np.float32)
        self._has = np.zeros((len(examples), len(known)), np.float32)
        for row, own in enumerate(stems):
            self._has[row, [self._column[one] for one in own]] = 1
        self._weight = np.sqrt(np.maximum(self._has @ self._rarity, 1e-3))
        self._shared = np.add.reduceat(self._has, self._starts)
        self._total = np.maximum(self._shared @ self._rarity, 1e-3)
        self._words = [_known(group) for group in groups]
        self._ask = [any(asks(example.words) for example in group) for group in groups]

    def touches(self, words: Sequence[str]) -> bool:
        """Whether a word that tells something is one of the examples'."""
        known = (self._column.get(stem(word)) for word in words)
        return any(column is not None and self._rarity[column] > _TELLING for column in known)

    def features(self, sentence: Sentence) -> FloatArray:
        """(groups, len(EVIDENCE)): what speaks for each group."""
        state = self._background.normal(sentence.state)
        fit = self._directions @ state
        cosine = np.maximum.reduceat(self._examples @ state, self._starts)
        stems = list({stem(word) for word in sentence.words})
        rarity = self._background.rarity(stems)
        total = max(sum(rarity), 1e-3)
        said = np.zeros(len(self._column), np.float32)
        for one, weight in zip(stems, rarity, strict=True):
            if (column := self._column.get(one)) is not None:
                said[column] = weight
        likeness = np.maximum.reduceat(self._has @ said / (self._weight * math.sqrt(total)), self._starts)
        coverage = (self._shared > 0) @ said / total
        kernel = self._shared @ said / self._total * np.sqrt(self._sizes)
        ones = np.ones_like(fit)
        columns = (
            *(ones, fit, fit / self._spread, cosine, likeness, coverage, kernel),
            *(ones * sentence.device_odds, fit * likeness, 1 / self._sizes),
        )
        stacked: FloatArray = np.stack(columns, -1).astype(np.float32)
        return stacked

    def probabilities(self, sentence: Sentence) -> FloatArray:
        """(groups,): that the sentence means what each group's examples mean; 0 where a word of it says otherwise."""
        scores = self.features(sentence) @ self._background.weights
        probabilities: FloatArray = 1 / (1 + np.exp(-np.clip(scores, -30, 30)))
        for at in np.flatnonzero(probabilities > _WORTH).tolist():
            if self.barred(sentence, at):
                probabilities[at] = 0
        return probabilities

    def barred(self, sentence: Sentence, group: int) -> bool:
        """Whether a word of the sentence says that it is not what the group means, however like it looks."""
        if asks(sentence.words) and not self._ask[group]:
            return True
        return differs(sentence.words, *self._words[group])


def differs(said: Sequence[str], known: frozenset[str], usual: frozenset[str]) -> bool:
    """Whether what is said has a word that turns it into something else than sentences with the known words mean.

    `usual` are those that most of the sentences have: one "set off the fan" does not make "fan on" another thing.
    """
    for at, word in enumerate(said):
        if word in known:
            continue
        if word in _OTHERWISE or word[:1].isdigit() or _OPPOSITES.get(word) in usual:
            return True
        if word in _NEGATIONS and not known & _NEGATIONS:
            return True
        if word == "off" and (at == 0 or said[at - 1] not in _GONE):
            return True
    return False


def asks(said: Sequence[str]) -> bool:
    """Whether the words begin as a question does."""
    first = next((word for word in said if word not in FILLERS), "")
    return first in _ASKING


def _known(group: Sequence[Sentence]) -> tuple[frozenset[str], frozenset[str]]:
    counts = Counter(word for example in group for word in set(example.words))
    return frozenset(counts), frozenset(word for word, count in counts.items() if 2 * count >= len(group))


def _direction(background: Background, examples: FloatArray) -> FloatArray:
    """Ridge regression of "one of the examples" against the background, by the matrix inversion lemma."""
    count = len(examples)
    solved = background.solve(examples)
    mean = solved.mean(0)
    inner = np.eye(count, dtype=np.float32) * count + examples @ solved.T
    direction: FloatArray = mean - solved.T @ np.linalg.solve(inner, examples @ mean)
    return direction
