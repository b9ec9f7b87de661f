"""Follows an answer token by token: words to say, and calls, in which no token passes that the grammar forbids."""

from collections.abc import Callable
from typing import Final

from edge.llm.grammar import DEAD, Grammar
from edge.llm.pieces import Pieces, Tokens
from edge.llm.toolcalls import Ways, calls_in
from edge.llm.tools import ToolCall

LONGEST_ANSWER: Final = 1 << 16


class CallGuide:
    """Guides one answer. The engine asks what may follow; the session hands each token over and gets words back."""

    def __init__(
        self,
        ways: Ways,
        pieces: Pieces,
        piece: Callable[[int], bytes],
        ends: Callable[[int], bool],
        tokenize: Callable[[str], list[int]],
        *,
        may_call: bool = True,
        must_call: bool = False,
    ) -> None:
        """`piece` is a token's bytes, marks included; `ends` whether it ends a turn; `tokenize` takes marks for marks.

        An answer that must call begins with the call; one that may not writes no mark of one.
        """
        self._ways = ways
        self._pieces = pieces
        self._piece = piece
        self._ends = ends
        self._tokenize = tokenize
        self._may_call = may_call
        self._written = bytearray()
        self._said = 0
        self._began = 0
        self._grammar: Grammar | None = ways.own if must_call else None
        self._state = 0

    @property
    def calling(self) -> bool:
        """Whether a call is being written."""
        return self._grammar is not None

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """The calls that were written; nothing while the last one is not whole."""
        if self._grammar is None or not self._grammar.done(self._state):
            return ()
        return calls_in(self._written[self._began :].decode("utf-8", "replace"), nested=self._ways.nested)

    @property
    def text(self) -> str:
        """Everything that was written."""
        return self._written.decode("utf-8", "replace")

    @property
    def finished(self) -> bool:
        """Whether nothing can follow."""
        return self._grammar is not None and not self._grammar.possible(self._state)

    def ends(self, token: int) -> bool:
        """Whether the answer ends instead of going on with this token, which is allowed."""
        if self._grammar is None:
            return not self._marks(token) and self._ends(token)
        return self._after(token) == DEAD

    def allows(self, token: int) -> bool:
        """Whether the token may follow, or end the answer."""
        if self._grammar is not None:
            return self._after(token) != DEAD or self._grammar.done(self._state)
        piece = self._piece(token)
        opened = self._opened(piece) if piece else None
        return opened is None or (self._may_call and opened[1] != DEAD)

    def allowed(self) -> Tokens | None:
        """The tokens that may follow; None where they are too many to be listed."""
        return self._pieces.allowed(self._grammar, self._state) if self._grammar is not None else None

    def forced(self) -> list[int]:
        """The tokens of what must follow; nothing where there is a choice."""
        if self._grammar is None or not (must := self._grammar.forced(self._state)):
            return []
        tokens = self._tokenize(must.decode("utf-8", "ignore"))
        return tokens if b"".join(map(self._piece, tokens)) == must else []

    def accept(self, token: int) -> bytes:
        """Go on with a token that is allowed; what may be said now."""
        piece = self._piece(token)
        if self._grammar is not None:
            self._written += piece
            self._state = self._grammar.after(self._state, piece)
            return b""
        opened = self._opened(piece)
        self._written += piece
        if opened is not None:
            self._grammar, self._state, self._began = opened
            return self._say(self._began)
        return self._say(len(self._written) - self._held())

    def rest(self) -> bytes:
        """What was held back, once nothing more comes."""
        return b"" if self.calling else self._say(len(self._written))

    def _say(self, until: int) -> bytes:
        start, self._said = self._said, max(self._said, until)
        return bytes(self._written[start : self._said])

    def _after(self, token: int) -> int:
        assert self._grammar is not None  # noqa: S101 - its callers look
        piece = self._piece(token)
        return self._grammar.after(self._state, piece) if piece else DEAD

    def _marks(self, token: int) -> bool:
        return self._piece(token) in self._ways.marks

    def _opened(self, piece: bytes) -> tuple[Grammar, int, int] | None:
        """The grammar that a mark in `piece` would begin, its state after the piece, and where the mark stands."""
        for mark, grammar in self._ways.anywhere.items():
            tail = bytes(self._written[max(self._said, len(self._written) - len(mark) + 1) :])
            found = (tail + piece).find(mark)
            if found >= 0:
                return grammar, grammar.after(0, (tail + piece)[found:]), len(self._written) - len(tail) + found
        if len(self._written) < LONGEST_ANSWER and not self._written[: self._said].strip():
            whole = bytes(self._written) + piece
            start = len(whole) - len(whole.lstrip())
            for mark, grammar in self._ways.at_start.items():
                if whole.startswith(mark, start):
                    return grammar, grammar.after(0, whole[start:]), start
        return None

    def _held(self) -> int:
        """How many of the last bytes could be the beginning of a mark."""
        if not self._written[: self._said].strip():
            begun = bytes(self._written).lstrip()
            if not begun or any(mark.startswith(begun) for mark in self._ways.at_start):
                return len(self._written) - self._said
        longest = max(map(len, self._ways.anywhere), default=1) - 1
        tail = bytes(self._written[max(self._said, len(self._written) - longest) :])
        starts = (at for at in range(len(tail)) if any(mark.startswith(tail[at:]) for mark in self._ways.anywhere))
        return len(tail) - next(starts, len(tail))
