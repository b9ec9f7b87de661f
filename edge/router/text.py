"""From an utterance to the network's tokens: words with their places, and WordPiece ids for them."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np

MAX_WORDS: Final = 64
"""Nobody says a longer command; what comes after is not read."""
MAX_PIECES: Final = 96
MAX_CHARACTERS: Final = 4000
_WORD: Final = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)*|[%°]")
_PIECE: Final = re.compile(r"\d+|[^\W\d_]+|[^\w\s]")
_MAX_WORD: Final = 40


@dataclass(frozen=True, slots=True)
class Word:
    """A word in lower case without accents; `start` and `end` count characters of the utterance."""

    text: str
    start: int
    end: int


def fold(text: str) -> str:
    """Lower case without accents, as the network's vocabulary is."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFD", text.lower().replace("’", "'"))
    return "".join(char for char in decomposed if unicodedata.category(char) != "Mn")


def split_words(text: str) -> list[Word]:
    """The first `MAX_WORDS` words; punctuation falls away, "20%" is two words, "7:30" one."""
    words: list[Word] = []
    for match in _WORD.finditer(text, 0, MAX_CHARACTERS):
        words.append(Word(fold(match.group()), match.start(), match.end()))
        if len(words) == MAX_WORDS:
            break
    return words


class WordPiece:
    """Greedy longest-match subwords (Schuster and Nakajima 2012, as in BERT) over a fixed vocabulary."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        """Raises `ValueError` where the marks are missing."""
        # A tenth of what a dict of them would take in memory.
        tokens = np.array([token.encode() for token in vocabulary])
        self._ids = np.argsort(tokens)
        self._tokens = tokens[self._ids]
        marks = [self._id(mark) for mark in ("[PAD]", "[UNK]", "[CLS]", "[SEP]")]
        if None in marks:
            raise ValueError("no [PAD], [UNK], [CLS] or [SEP] in the vocabulary")
        self.pad, self.unknown, self.start, self.end = (mark or 0 for mark in marks)
        self._known = lru_cache(maxsize=4096)(self._of_word)

    def __len__(self) -> int:
        return len(self._ids)

    @classmethod
    def load(cls, path: Path) -> "WordPiece":
        """From a vocabulary file, one token a line."""
        return cls(path.read_text("utf-8").split("\n"))

    def _id(self, token: str) -> int | None:
        key = token.encode()
        at = int(self._tokens.searchsorted(key))
        return int(self._ids[at]) if at < len(self._tokens) and self._tokens[at] == key else None

    def of_word(self, word: str) -> tuple[int, ...]:
        """The ids of one folded word, at least one; an endless word is an unknown one."""
        return self._known(word) if len(word) <= _MAX_WORD else (self.unknown,)

    def _of_word(self, word: str) -> tuple[int, ...]:
        ids: list[int] = []
        for part in _PIECE.findall(word):
            ids += self._of_part(part)
        return tuple(ids) or (self.unknown,)

    def _of_part(self, part: str) -> list[int]:
        ids: list[int] = []
        at = 0
        while at < len(part):
            for end in range(len(part), at, -1):
                token = self._id(("##" if at else "") + part[at:end])
                if token is not None:
                    ids.append(token)
                    at = end
                    break
            else:
                return [self.unknown]
        return ids

    def encode(self, words: Sequence[str]) -> tuple[list[int], list[int]]:
        """(token ids with start and end marks, index of each word's first token), at most `MAX_PIECES` tokens.

        Words past the limit have no first token: the second list is then shorter than `words`.
        """
        ids, first = [self.start], []
        for word in words:
            pieces = self.of_word(word)
            if len(ids) + len(pieces) >= MAX_PIECES:
                break
            first.append(len(ids))
            ids += pieces
        ids.append(self.end)
        return ids, first
