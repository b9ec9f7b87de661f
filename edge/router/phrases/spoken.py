"""A sentence as templates compare it: folded words without contractions, politeness and hesitation."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from edge.router.contractions import WRITTEN_OUT
from edge.router.text import split_words


@dataclass(frozen=True, slots=True)
class Spoken:
    """The words of a sentence; each with the place in the text of what it was said as."""

    text: str
    words: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def said(self, start: int, end: int) -> str:
        """The text of some of the words, as it was given."""
        return self.text[self.starts[start] : self.ends[end - 1]]


_NOISE: Final = frozenset({"please", "um", "uh", "uhm", "erm", "er", "hmm", "kindly"})
"""Words that are nowhere part of what is asked."""
_BEFORE: Final = (
    *("hey", "hi", "hello", "ok", "so", "well", "now", "oh", "and", "right", "listen", "edge", "computer", "assistant"),
    *("could you", "can you", "would you", "will you", "would you mind", "could you just", "can you just"),
    *(
        "i would like you to",
        "i want you to",
        "i need you to",
        "i would love you to",
        "you can",
        "you could",
        "you may",
    ),
    *("i would appreciate it if you", "do me a favor and", "do me a favour and", "be so kind and", "go ahead and"),
    *(
        "perfect",
        "great",
        "lovely",
        "brilliant",
        "excellent",
        "wonderful",
        "thanks",
        "thank you",
        "all right",
        "alright",
    ),
    *("that looks good", "that looks great", "that looks lovely", "that looks nice", "looks good", "looks great"),
    *("that is it", "that is perfect", "that is great", "that is lovely", "that is better", "that is nice"),
    *("i wonder if you could", "i was wondering if you could", "make sure to", "make sure you", "just", "also", "then"),
)
_AFTER: Final = (
    *("thanks", "thank you", "cheers", "will you", "would you", "could you", "can you", "for me", "ok", "then", "now"),
    *("thanks a lot", "thank you very much", "if you can", "if you could", "if possible", "if you do not mind"),
)


def _by_length(phrases: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    return tuple(sorted((tuple(one.split()) for one in phrases), key=len, reverse=True))


_LEADING: Final = _by_length(_BEFORE)
_TRAILING: Final = _by_length(_AFTER)
_FIRST: Final = frozenset(one[0] for one in _LEADING)
_LAST: Final = frozenset(one[-1] for one in _TRAILING)


def plain_words(text: str) -> tuple[str, ...]:
    """The words of a template's text, as those of sentences are compared with them."""
    return tuple(chain.from_iterable(WRITTEN_OUT.get(word.text, (word.text,)) for word in split_words(text)))


def spoken(text: str) -> Spoken:
    """A sentence with contractions written out, without hesitation; politeness around it is taken off by `bared`."""
    words: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for word in split_words(text):
        if word.text in _NOISE:
            continue
        for one in WRITTEN_OUT.get(word.text, (word.text,)):
            words.append(one)
            starts.append(word.start)
            ends.append(word.end)
    return Spoken(text, tuple(words), tuple(starts), tuple(ends))


def bared(said: Sequence[str]) -> tuple[int, int]:
    """From which to which word a sentence goes without the politeness around it; all of it where nothing else is."""
    start, end = 0, len(said)
    while start < end and said[start] in _FIRST:
        size = next((len(one) for one in _LEADING if tuple(said[start : start + len(one)]) == one), 0)
        if not size or start + size >= end:
            break
        start += size
    while start < end and said[end - 1] in _LAST:
        size = next((len(one) for one in _TRAILING if tuple(said[end - len(one) : end]) == one), 0)
        if not size or end - size <= start:
            break
        end -= size
    return start, end
