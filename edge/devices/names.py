"""Finds things by what people call them: by full name, by part of it, or by what sounds or is spelt like it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from edge.devices.words import distance, fold, sound, tokens

_Value = TypeVar("_Value")

_RARE: Final = 256
"""A word that more names than this have picks out nothing by itself; it only adds to what rarer words found."""
_ALTERNATIVES: Final = 8
_JOINABLE: Final = 5
"""Words of a phrase of which two may be one in a name: "slo cooker", "els as"."""
_JOINT: Final = 0.97
_SURE: Final = 0.9
_WORD_LIMIT: Final = 0.5
"""Likeness below which two words are not taken for each other."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """One candidate of an inexact search; `score` 0..1, 1 being the very name."""

    id: str
    score: float


@dataclass(frozen=True, slots=True)
class _Name:
    id: str
    words: tuple[str, ...]


class NameIndex:
    """Names of one sort of thing, kept up as they come and go; no search looks at all of them."""

    def __init__(self) -> None:
        self._names: dict[int, _Name] = {}
        self._owned: dict[str, tuple[int, ...]] = {}
        self._by_whole: dict[str, tuple[int, ...]] = {}
        self._by_sound: dict[str, tuple[int, ...]] = {}
        self._by_word: dict[str, dict[int, None]] = {}
        self._words_by_sound: dict[str, tuple[str, ...]] = {}
        self._words_by_cut: dict[str, tuple[str, ...]] = {}
        self._longest = 0
        self._next = 0

    @property
    def longest(self) -> int:
        """The most words any name has had."""
        return self._longest

    def put(self, thing: str, names: Iterable[str], *, whole_only: bool = False) -> None:
        """Give a thing its names, instead of those it had; `whole_only`: found by a full name and nothing less."""
        self.remove(thing)
        numbers: list[int] = []
        for said in dict.fromkeys(tokens(name) for name in names):
            if not said:
                continue
            number = self._next
            self._next += 1
            numbers.append(number)
            self._names[number] = _Name(thing, said)
            self._longest = max(self._longest, len(said))
            _add(self._by_whole, "".join(said), number)
            if not whole_only:
                _add(self._by_sound, _whole_sound(said), number)
                self._add_words(number, said)
        if numbers:
            self._owned[thing] = tuple(numbers)

    def remove(self, thing: str) -> None:
        """Forget a thing; nothing happens when it has no names."""
        for number in self._owned.pop(thing, ()):
            said = self._names.pop(number).words
            _drop(self._by_whole, "".join(said), number)
            _drop(self._by_sound, _whole_sound(said), number)
            for word in set(said):
                posting = self._by_word[word]
                posting.pop(number, None)
                if not posting:
                    del self._by_word[word]
                    self._forget_word(word)

    def exact(self, said: Sequence[str]) -> tuple[str, ...]:
        """The things with exactly this name, words joined or apart ("wi fi", "wifi")."""
        found = self._by_whole.get("".join(said))
        return () if found is None else self._things(found)

    def partial(self, said: Sequence[str]) -> tuple[str, ...]:
        """The things that have a name with all these words in it, in any order."""
        postings = sorted((self._by_word.get(word, {}) for word in set(said)), key=len)
        if not postings or not postings[0]:
            return ()
        found: Iterable[int] = postings[0]
        for posting in postings[1:]:
            found = [number for number in found if number in posting]
        return self._things(found)

    def like(self, said: Sequence[str]) -> list[Likeness]:
        """The things whose names sound or are spelt like this, the likest first."""
        scores: dict[str, float] = {}
        joined = "".join(said)
        spelt: dict[str, float] = {}
        for number in self._by_sound.get(_whole_sound(said), ())[:_RARE]:
            name = self._names[number]
            other = "".join(name.words)
            if other not in spelt:
                spelt[other] = 0.5 + 0.5 * _spelling(joined, other)
            score = spelt[other]
            scores[name.id] = max(scores.get(name.id, 0.0), score)
        self._score_words(said, 1.0, scores)
        if 1 < len(said) <= _JOINABLE and max(scores.values(), default=0.0) < _SURE:
            for at in range(len(said) - 1):
                joint = fold(said[at] + said[at + 1])
                if not joint.isalpha():
                    continue
                self._score_words((*said[:at], joint, *said[at + 2 :]), _JOINT, scores)
        return sorted((Likeness(thing, score) for thing, score in scores.items()), key=lambda like: -like.score)

    def _score_words(self, said: Sequence[str], weight: float, scores: dict[str, float]) -> None:
        for number, matched in self._match_words(said).items():
            name = self._names[number]
            share = matched / len(said)
            score = weight * (0.7 * share + 0.3 * 2 * matched / (len(said) + len(name.words)))
            scores[name.id] = max(scores.get(name.id, 0.0), score)

    def _match_words(self, said: Sequence[str]) -> dict[int, float]:
        """Per name how many of the said words it has, each counted by its likeness; names lacking one are left out."""
        options = [self._alternatives(word) for word in said]
        if not said or not all(options):
            return {}
        sizes = [sum(len(self._by_word[word]) for word in option) for option in options]
        seed = min(range(len(said)), key=sizes.__getitem__)
        if sizes[seed] > _RARE:
            return {}
        matched: dict[int, float] = {}
        for number in {number for word in options[seed] for number in self._by_word[word]}:
            found = [
                max((score for word, score in option.items() if number in self._by_word[word]), default=0.0)
                for option in options
            ]
            if all(found):
                matched[number] = sum(found)
        return matched

    def _alternatives(self, word: str) -> dict[str, float]:
        """Words in names that this word may be, with how like it they are."""
        if word.isdecimal():
            return {word: 1.0} if word in self._by_word else {}
        near: dict[str, float] = {}
        for other in self._words_by_sound.get(sound(word), ())[:64]:
            near[other] = 0.5 + 0.5 * _spelling(word, other)
        for cut in _cuts(word):
            for other in self._words_by_cut.get(cut, ())[:64]:
                if other not in near and (score := _spelling(word, other)) >= _WORD_LIMIT:
                    near[other] = score
        if not near and word not in self._by_word:
            # What a misspelling ends in was folded away as a plural: "cavnas" was read as "cavna".
            for cut in _cuts(word + "s"):
                for other in self._words_by_cut.get(cut, ())[:64]:
                    if (score := _spelling(word + "s", other)) >= _WORD_LIMIT:
                        near[other] = score
        best = sorted(near.items(), key=lambda item: -item[1])[:_ALTERNATIVES]
        if word in self._by_word:
            return {**dict(best), word: 1.0}
        return {other: score for other, score in best if score >= _WORD_LIMIT}

    def _add_words(self, number: int, said: tuple[str, ...]) -> None:
        for word in set(said):
            posting = self._by_word.get(word)
            if posting is None:
                posting = self._by_word[word] = {}
                if not word.isdecimal():
                    _add(self._words_by_sound, sound(word), word)
                    for cut in _cuts(word):
                        _add(self._words_by_cut, cut, word)
            posting[number] = None

    def _forget_word(self, word: str) -> None:
        if word.isdecimal():
            return
        _drop(self._words_by_sound, sound(word), word)
        for cut in _cuts(word):
            _drop(self._words_by_cut, cut, word)

    def _things(self, numbers: Iterable[int]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self._names[number].id for number in sorted(numbers)))


def _add(index: dict[str, tuple[_Value, ...]], key: str, value: _Value) -> None:
    index[key] = (*index.get(key, ()), value)


def _drop(index: dict[str, tuple[_Value, ...]], key: str, value: _Value) -> None:
    left = tuple(other for other in index.get(key, ()) if other != value)
    if left:
        index[key] = left
    else:
        index.pop(key, None)


def _whole_sound(said: Sequence[str]) -> str:
    return sound("".join(said)) if not any(word.isdecimal() for word in said) else "".join(map(sound, said))


def _cuts(word: str) -> set[str]:
    """A word and what it is with one letter left out: two words that share one are at most two edits apart."""
    if not 4 <= len(word) <= 12:
        return set()
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}


def _spelling(one: str, other: str) -> float:
    """How alike two words are spelt, 0..1."""
    longest = max(len(one), len(other))
    return max(0.0, 1.0 - distance(one[:32], other[:32], longest) / longest) if longest else 0.0
