"""Parses what was heard once more: whether the words are a sentence that the patterns know, and how usual a one.

A trigram model lets sentences through that begin as one order and end as another; parsing does not.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from edge.speech.stt.patterns import Choice, Classes, Named, Node, Phrases, Row, Word, Words

Ends = Mapping[int, float]
"""Where a match may end, and the probability of the likeliest such match."""

_NONE: Final[Ends] = {}
_FILLING: Final = frozenset(
    ["a", "an", "and", "at", "are", "for", "hey", "in", "is", "of", "off", "on", "the", "to", "up", "what"]
)
"""Short words that noise before and after a sentence is taken for."""
_DROPPED: Final = 0.6


class Parser:
    """The patterns with the words of one house."""

    def __init__(self, phrases: Phrases, classes: Classes) -> None:
        self._macros = phrases.macros
        self._sections = [(share, choice) for share, choice in phrases.sections]
        self._classes = {f"{{{name}}}": _by_first(of) for name, of in classes.items()}
        self._there = {f"{{?{name}}}" for name, of in classes.items() if of}
        self._firsts: dict[int, tuple[frozenset[str], bool]] = {}
        self._names: dict[str, tuple[frozenset[str], bool]] = {}

    def probability(self, words: Sequence[str]) -> float:
        """That of the likeliest way to say just this, 0 where the patterns have none."""
        run = _Run(self, tuple(words))
        return max((share * run.of(choice, 0).get(len(words), 0.0) for share, choice in self._sections), default=0.0)

    def nearest(self, words: Words) -> tuple[Words, float]:
        """The words without what noise may have added at their ends, and a share, 0..1, that was lost by it.

        The words themselves and 0 where that leads to no sentence either.
        """
        if self.probability(words):
            return words, 1.0
        for dropped in (words[:-1], words[1:], words[1:-1], words[:-2]):
            if len(dropped) >= 2 and _FILLING.issuperset(_ends(words, dropped)) and self.probability(dropped):
                return dropped, _DROPPED ** (len(words) - len(dropped))
        return words, 0.0

    def first(self, node: Node) -> tuple[frozenset[str], bool]:
        """The words that a node may begin with, and whether it may be empty."""
        known = self._firsts.get(id(node))
        if known is None:
            known = self._firsts[id(node)] = self._first(node)
        return known

    def named(self, name: str) -> Node | None:
        """A macro's pattern."""
        return self._macros.get(name)

    def phrases(self, name: str) -> Mapping[str, Sequence[tuple[Words, float]]]:
        """A class's phrases by their first words."""
        return self._classes.get(name, {})

    def has(self, name: str) -> bool:
        """Whether a condition holds."""
        return name in self._there

    def _first(self, node: Node) -> tuple[frozenset[str], bool]:
        match node:
            case Word(text):
                return frozenset([text]), False
            case Named(name):
                if name not in self._names:
                    self._names[name] = self._first_of_name(name)
                return self._names[name]
            case Row(parts):
                words: frozenset[str] = frozenset()
                for part in parts:
                    more, empty = self.first(part)
                    words |= more
                    if not empty:
                        return words, False
                return words, True
            case Choice(options):
                found = [self.first(option) for _, option in options]
                return frozenset().union(*(words for words, _ in found)), any(empty for _, empty in found)

    def _first_of_name(self, name: str) -> tuple[frozenset[str], bool]:
        if name.startswith("<"):
            return self.first(self._macros[name])
        if name.startswith("{?"):
            return frozenset(), name in self._there
        return frozenset(self._classes.get(name, {})), False


class _Run:
    """One sentence being parsed."""

    def __init__(self, parser: Parser, words: Words) -> None:
        self._parser = parser
        self._words = words
        self._known: dict[tuple[str, int], Ends] = {}

    def of(self, node: Node, at: int) -> Ends:
        """How the node may match from here on."""
        first, empty = self._parser.first(node)
        if not empty and (at >= len(self._words) or self._words[at] not in first):
            return _NONE
        match node:
            case Word():
                return {at + 1: 1.0}
            case Named(name):
                found = self._known.get((name, at))
                if found is None:
                    found = self._known[name, at] = self._named(name, at)
                return found
            case Row(parts):
                return self._row(parts, at)
            case Choice(options):
                ends: dict[int, float] = {}
                for share, option in options:
                    for end, p in self.of(option, at).items():
                        ends[end] = max(ends.get(end, 0.0), share * p)
                return ends

    def _row(self, parts: Sequence[Node], at: int) -> Ends:
        ends: Ends = {at: 1.0}
        for part in parts:
            after: dict[int, float] = {}
            for start, p in ends.items():
                for end, q in self.of(part, start).items():
                    after[end] = max(after.get(end, 0.0), p * q)
            if not after:
                return _NONE
            ends = after
        return ends

    def _named(self, name: str, at: int) -> Ends:
        if name.startswith("<"):
            node = self._parser.named(name)
            return self.of(node, at) if node is not None else _NONE
        if name.startswith("{?"):
            return {at: 1.0} if self._parser.has(name) else _NONE
        if at >= len(self._words):
            return _NONE
        ends: dict[int, float] = {}
        for phrase, share in self._parser.phrases(name).get(self._words[at], ()):
            end = at + len(phrase)
            if self._words[at:end] == phrase:
                ends[end] = max(ends.get(end, 0.0), share)
        return ends


def _by_first(phrases: Mapping[Words, float]) -> Mapping[str, Sequence[tuple[Words, float]]]:
    found: dict[str, list[tuple[Words, float]]] = defaultdict(list)
    total = sum(phrases.values())
    for phrase, weight in phrases.items():
        if phrase[0]:
            found[phrase[0]].append((phrase, weight / total))
    return found


def _ends(words: Words, kept: Words) -> Words:
    """The words at both ends that are not among those kept."""
    start = next(at for at in range(len(words)) if words[at : at + len(kept)] == kept)
    return words[:start] + words[start + len(kept) :]
