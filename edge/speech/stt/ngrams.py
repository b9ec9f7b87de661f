"""A trigram language model computed from patterns: expected counts without sampling a sentence, written as ARPA."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

from edge.speech.stt.patterns import Choice, Classes, Named, Node, Phrases, Row, Word, Words

START: Final = "<s>"
END: Final = "</s>"
CALL: Final = "_call_"
"""What is heard of a wake word where a sentence follows it in the same breath."""
_CALLED_LATER: Final = 1e-4
"""What is left of its mass for the middle of a sentence, where there is none."""
CALLS: Final = "call"
"""The class of the wake words."""
_CALLED: Final = 0.3
"""How many do."""
_Key = TypeVar("_Key")
Pair = tuple[str, str]
Triple = tuple[str, str, str]


@dataclass(slots=True)
class Fragment:
    """What a piece of a sentence may be, as far as trigrams need to know.

    With the probabilities of being empty, of being one word, of starting and ending (if longer) with two words, and the
    expected counts of the trigrams inside.
    """

    empty: float = 0.0
    ones: dict[str, float] = field(default_factory=dict)
    starts: dict[Pair, float] = field(default_factory=dict)
    ends: dict[Pair, float] = field(default_factory=dict)
    triples: dict[Triple, float] = field(default_factory=dict)

    def then(self, other: "Fragment") -> "Fragment":
        """This one followed by another, which is independent of it."""
        made = Fragment(self.empty * other.empty)
        _add(made.ones, self.ones, other.empty)
        _add(made.ones, other.ones, self.empty)
        other_all = other.empty + sum(other.ones.values()) + sum(other.starts.values())
        own_all = self.empty + sum(self.ones.values()) + sum(self.starts.values())
        other_long = sum(other.starts.values())
        _add(made.starts, self.starts, other_all)
        _add(made.starts, other.starts, self.empty)
        _add(made.ends, other.ends, own_all)
        _add(made.ends, self.ends, other.empty)
        for one, p in self.ones.items():
            for two, q in other.ones.items():
                _put(made.starts, (one, two), p * q)
                _put(made.ends, (one, two), p * q)
            if other_long:
                for two, p_two in other.first.items():
                    _put(made.starts, (one, two), p * p_two)
        for two, q in other.ones.items():
            for one, p_one in self.last.items():
                _put(made.ends, (one, two), p_one * q)
        _add(made.triples, self.triples, other_all)
        _add(made.triples, other.triples, own_all)
        heads = dict(other.ones)
        _add(heads, other.first, 1.0)
        for (a, b), p in self.ends.items():
            for c, q in heads.items():
                _put(made.triples, (a, b, c), p * q)
        tails = dict(self.ones)
        _add(tails, self.last, 1.0)
        for (b, c), q in other.starts.items():
            for a, p in tails.items():
                _put(made.triples, (a, b, c), p * q)
        return made

    @property
    def first(self) -> dict[str, float]:
        """The first words of what is longer than a word."""
        found: dict[str, float] = {}
        for (a, _), p in self.starts.items():
            found[a] = found.get(a, 0.0) + p
        return found

    @property
    def last(self) -> dict[str, float]:
        """The last words of what is longer than a word."""
        found: dict[str, float] = {}
        for (_, b), p in self.ends.items():
            found[b] = found.get(b, 0.0) + p
        return found

    def add(self, other: "Fragment", share: float) -> None:
        """Be the other one with this probability as well."""
        self.empty += other.empty * share
        _add(self.ones, other.ones, share)
        _add(self.starts, other.starts, share)
        _add(self.ends, other.ends, share)
        _add(self.triples, other.triples, share)


def _put(counts: dict[_Key, float], key: _Key, value: float) -> None:
    counts[key] = counts.get(key, 0.0) + value


def _add(counts: dict[_Key, float], more: Mapping[_Key, float], factor: float) -> None:
    if factor:
        for key, value in more.items():
            counts[key] = counts.get(key, 0.0) + value * factor


class Compiler:
    """Turns patterns into fragments, each macro once."""

    def __init__(self, phrases: Phrases, classes: Classes) -> None:
        self._phrases = phrases
        self._classes = classes
        self._known: dict[str, Fragment | None] = {}

    def sentences(self) -> Fragment:
        """All sections in their shares, between `START` and `END`."""
        total = Fragment()
        sections = [(share, self._of(choice)) for share, choice in self._phrases.sections]
        there = [(share, fragment) for share, fragment in sections if fragment is not None]
        whole = sum(share for share, _ in there)
        for share, fragment in there:
            total.add(fragment, share / whole)
        share = _CALLED if self._classes.get(CALLS) else 0.0
        called = Fragment(1 - share, ones={CALL: share} if share else {})
        return Fragment(ones={START: 1.0}).then(called).then(total).then(Fragment(ones={END: 1.0}))

    def _of(self, node: Node) -> Fragment | None:
        """None: it takes something that the house lacks."""
        match node:
            case Word(text):
                return Fragment(ones={text: 1.0})
            case Named(name):
                if name not in self._known:
                    self._known[name] = self._named(name)
                return self._known[name]
            case Row(parts):
                made = Fragment(1.0)
                for part in parts:
                    fragment = self._of(part)
                    if fragment is None:
                        return None
                    made = made.then(fragment)
                return made
            case Choice(options):
                found = [(share, self._of(option)) for share, option in options]
                there = [(share, fragment) for share, fragment in found if fragment is not None]
                if not there:
                    return None
                whole = sum(share for share, _ in there)
                total = Fragment()
                for share, fragment in there:
                    total.add(fragment, share / whole)
                return total

    def _named(self, name: str) -> Fragment | None:
        if name.startswith("<"):
            return self._of(self._phrases.macros[name])
        if name.startswith("{?"):
            return Fragment(1.0) if self._classes.get(name[2:-1]) else None
        return phrases_fragment(self._classes.get(name[1:-1], {}))


def phrases_fragment(phrases: Mapping[Words, float]) -> Fragment | None:
    """One of these phrases; None where there are none."""
    if not phrases:
        return None
    total = Fragment()
    whole = sum(phrases.values())
    for words, weight in phrases.items():
        made = Fragment(1.0)
        for word in words:
            made = made.then(Fragment(ones={word: 1.0}))
        total.add(made, weight / whole)
    return total


@dataclass(frozen=True, slots=True)
class Mixture:
    """How much of the mass each order leaves to the one below it."""

    below_three: float = 0.1
    below_two: float = 0.1
    background: float = 0.1
    """Of the single words, the share of those that are none of the house's."""


class TrigramModel:
    """Trigrams, backing off to pairs and to single words, these mixed with a background of common words."""

    def __init__(self, sentences: Fragment, background: Mapping[str, float], mixture: Mixture = Mixture()) -> None:
        pairs: dict[Pair, float] = {}
        single: dict[str, float] = {}
        for (a, b, c), count in sentences.triples.items():
            _put(pairs, (b, c), count)
            _put(single, c, count)
            if a == START:
                _put(pairs, (a, b), count)
                _put(single, b, count)
        if CALL in single:
            single[CALL] *= _CALLED_LATER
        self.mixture = mixture
        self.words = _normal(single)
        self.single = {word: (1 - mixture.background) * p for word, p in self.words.items()}
        _add(self.single, _normal({w: p for w, p in background.items() if w != START}), mixture.background)
        self.single = _normal(self.single)
        self._after_one = _grouped(pairs)
        self._after_two = _grouped(sentences.triples)

    def of(self, word: str, before: str, earlier: str) -> float:
        """P(word | earlier before), 0 for a word that it does not know."""
        below = self._of_pair(word, before)
        after = self._after_two.get((earlier, before))
        if after is None:
            return below
        share = self.mixture.below_three
        return (1 - share) * after.get(word, 0.0) + share * below

    def _of_pair(self, word: str, before: str) -> float:
        below = self.single.get(word, 0.0)
        after = self._after_one.get((before,))
        if after is None:
            return below
        share = self.mixture.below_two
        return (1 - share) * after.get(word, 0.0) + share * below

    def arpa(self) -> Iterable[str]:
        """The lines of an ARPA file."""
        pairs = [(history[0], word) for history, after in self._after_one.items() for word in after]
        triples = [(*history, word) for history, after in self._after_two.items() for word in after]
        yield f"\\data\\\nngram 1={len(self.single) + 1}\nngram 2={len(pairs)}\nngram 3={len(triples)}\n"
        yield "\\1-grams:"
        yield f"-99 {START} {self._backoff_of_one(START):.4f}"
        for word, p in sorted(self.single.items()):
            yield f"{math.log10(p):.4f} {word} {self._backoff_of_one(word):.4f}"
        yield "\n\\2-grams:"
        for a, b in sorted(pairs):
            yield f"{_log10(self._of_pair(b, a))} {a} {b} {self._backoff_of_two(a, b):.4f}"
        yield "\n\\3-grams:"
        for a, b, c in sorted(triples):
            yield f"{_log10(self.of(c, b, a))} {a} {b} {c}"
        yield "\n\\end\\"

    def _backoff_of_one(self, word: str) -> float:
        after = self._after_one.get((word,))
        return 0.0 if after is None else math.log10(self.mixture.below_two)

    def _backoff_of_two(self, a: str, b: str) -> float:
        after = self._after_two.get((a, b))
        return 0.0 if after is None else math.log10(self.mixture.below_three)


def _grouped(counts: Mapping[Pair, float] | Mapping[Triple, float]) -> dict[tuple[str, ...], dict[str, float]]:
    """History to word to probability."""
    groups: dict[tuple[str, ...], dict[str, float]] = defaultdict(dict)
    for ngram, count in counts.items():
        groups[ngram[:-1]][ngram[-1]] = count
    return {history: _normal(after) for history, after in groups.items()}


def _normal(counts: Mapping[str, float]) -> dict[str, float]:
    total = sum(counts.values())
    return {word: count / total for word, count in counts.items() if count > 0}


def _log10(p: float) -> str:
    return f"{math.log10(max(p, 1e-9)):.4f}"
