"""Takes a question apart: its words without times and bounds, the times, the bounds, and the words that measure."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from edge.assistant.asking.lexicon import ADJECTIVES, COMPARATIVES, MEASURES, STATES, SUPERLATIVES, longest
from edge.router.values.bounds import Bound, bounds, holding_s, unit_wanted
from edge.router.values.numbers import split
from edge.router.values.past import pasts
from edge.router.values.stretch import Past

_POSSESSIVE: Final = re.compile(r"['’]s\b", re.IGNORECASE)
_OUT: Final = "…"
"""In the place of a word that was taken out."""
_BARE_POSSESSIVE: Final = {f"{day}s": day for day in ("yesterday", "today", "tonight")}


@dataclass(frozen=True, slots=True)
class Word:
    """A word that measures: where it stands, what it measures (nothing for "highest"), and which end it means."""

    said: str
    at: int
    measure: str
    direction: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """`tokens`: all words; `rest`: those that are in no time, bound or name, with … in their place."""

    text: str
    tokens: tuple[str, ...]
    rest: tuple[str, ...]
    times: tuple[Past, ...]
    bounds: tuple[Bound, ...]
    held_s: int
    unit: str

    @property
    def said(self) -> str:
        """What is left, with … where something was taken out, for patterns."""
        shown: list[str] = []
        for word in self.rest:
            if word != _OUT or shown[-1:] != [_OUT]:
                shown.append(word)
        return " ".join(shown)

    def superlatives(self) -> list[Word]:
        """ "Coldest", "most humid"."""
        return self._words(SUPERLATIVES)

    def comparatives(self) -> list[Word]:
        """ "Colder", "more humid"."""
        return self._words(COMPARATIVES)

    def adjectives(self) -> list[Word]:
        """ "Cold", "high"."""
        return self._words(ADJECTIVES)

    def measures(self) -> list[Word]:
        """Nouns for what is measured, names included."""
        return [Word(word, at, MEASURES[word], "") for word, at in _found(self.tokens, MEASURES)]

    def states(self) -> list[tuple[str, int]]:
        """Words for states, and where they stand."""
        return [(word, at) for word, at in _found(self.rest, STATES)]

    def _words(self, table: "dict[str, tuple[str, str]] | object") -> list[Word]:
        entries: dict[str, tuple[str, str]] = table  # type: ignore[assignment]
        return [Word(word, at, *entries[word]) for word, at in _found(self.rest, entries)]


def taken_apart(text: str, now: datetime, names: tuple[tuple[int, int], ...] = ()) -> Sentence:
    """A sentence; `names`: words from and to that are a name, in which no time is looked for (see `words_of`)."""
    tokens = words_of(text)
    open_ = [word if not any(first <= at < last for first, last in names) else _OUT for at, word in enumerate(tokens)]
    times = pasts(open_, now)
    for one in times:
        open_[one.first : one.last] = [_OUT] * (one.last - one.first)
    held = holding_s(open_)
    if held is not None:
        open_[held[1] : held[2]] = [_OUT] * (held[2] - held[1])
    found = bounds(open_)
    for bound in found:
        open_[bound.first : bound.last] = [_OUT] * (bound.last - bound.first)
    unit = unit_wanted(open_)
    return Sentence(text, tokens, tuple(open_), tuple(times), tuple(found), held[0] if held else 0, unit)


def words_of(text: str) -> tuple[str, ...]:
    """The words of a sentence in lower case, possessives without their s: "last night's low"."""
    return tuple(_BARE_POSSESSIVE.get(word, word) for word in split(_POSSESSIVE.sub("", text)))


def _found(words: tuple[str, ...], table: object) -> list[tuple[str, int]]:
    entries: dict[str, object] = table  # type: ignore[assignment]
    found = []
    at = 0
    while at < len(words):
        one = longest(words, at, entries)
        if one is None:
            at += 1
        else:
            found.append((one[0], at))
            at = one[1]
    return found
