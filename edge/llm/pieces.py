"""The vocabulary by its bytes, so that the tokens which a grammar allows are found without trying each."""

from array import array
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.llm.grammar import DEAD, Grammar

WIDE: Final = 64
"""From so many possible bytes on, the allowed tokens are too many to be listed."""
_FEW: Final = 48
_KEPT: Final = 4096
"""States of one grammar whose tokens are kept."""

Tokens = NDArray[np.intp]


class Pieces:
    """The bytes of every token that has any, sorted; about twenty bytes of memory a token."""

    def __init__(self, pieces: Sequence[bytes]) -> None:
        """`pieces` by token; empty for those that write nothing."""
        order = sorted((token for token, piece in enumerate(pieces) if piece), key=pieces.__getitem__)
        self._tokens = array("i", order)
        self._bytes = b"".join(pieces[token] for token in order)
        self._starts = array("I", [0])
        for token in order:
            self._starts.append(self._starts[-1] + len(pieces[token]))
        self._known: dict[tuple[int, int], Tokens | None] = {}

    def allowed(self, grammar: Grammar, state: int) -> Tokens | None:
        """The tokens that may follow; None where they are a large part of all."""
        key = id(grammar), state
        if key not in self._known:
            if len(self._known) >= _KEPT:
                self._known.clear()
            self._known[key] = self._found(grammar, state)
        return self._known[key]

    def forget(self) -> None:
        """Keep nothing of any grammar: its states have other numbers now, or it is gone."""
        self._known.clear()

    def _found(self, grammar: Grammar, state: int) -> Tokens | None:
        if len(grammar.possible(state)) >= WIDE:
            return None
        found: list[int] = []
        self._walk(grammar, state, 0, len(self._tokens), 0, found)
        return np.array(found, np.intp)

    def _walk(self, grammar: Grammar, state: int, first: int, last: int, depth: int, found: list[int]) -> None:
        """Add those of the sorted tokens from `first` to `last`, whose first `depth` bytes led to `state`, that fit."""
        while first < last and self._length(first) == depth:
            found.append(self._tokens[first])
            first += 1
        possible = grammar.possible(state) if last - first > _FEW else []
        if last - first <= _FEW or len(possible) >= WIDE:
            for at in range(first, last):
                rest = self._bytes[self._starts[at] + depth : self._starts[at + 1]]
                if grammar.after(state, rest) != DEAD:
                    found.append(self._tokens[at])
            return
        for byte in possible:
            start = self._bisected(first, last, depth, byte)
            end = self._bisected(start, last, depth, byte + 1)
            if start < end:
                self._walk(grammar, grammar.step(state, byte), start, end, depth + 1, found)

    def _length(self, at: int) -> int:
        return self._starts[at + 1] - self._starts[at]

    def _bisected(self, first: int, last: int, depth: int, byte: int) -> int:
        """The first of these tokens whose byte at `depth` is `byte` or more."""
        while first < last:
            middle = (first + last) // 2
            if self._bytes[self._starts[middle] + depth] < byte:
                first = middle + 1
            else:
                last = middle
        return first
