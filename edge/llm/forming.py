"""Follows an answer that keeps to a form from its first byte: JSON of a schema, or calls in its place."""

from collections.abc import Callable

from edge.llm.grammar import DEAD, Expression, Grammar, choice
from edge.llm.pieces import Pieces, Tokens
from edge.llm.toolcalls import Ways, calls_in
from edge.llm.tools import ToolCall


class FormGuide:
    """Guides one answer; the engine asks what may follow, the session hands each token over and gets words back.

    Where calls are possible as well, nothing is said before it is known which of the two it has become.
    """

    def __init__(
        self,
        form: Expression,
        pieces: Pieces,
        piece: Callable[[int], bytes],
        tokenize: Callable[[str], list[int]],
        ways: Ways | None = None,
    ) -> None:
        """`piece` is a token's bytes, marks included; `tokenize` takes marks for marks; `ways` are those of calls."""
        self._ways = ways
        self._grammar = Grammar(choice(form, ways.own_expression) if ways else form)
        self._pieces = pieces
        self._piece = piece
        self._tokenize = tokenize
        self._written = bytearray()
        self._state = 0

    @property
    def calling(self) -> bool:
        """Whether what is being written must not be broken off: a form has its length."""
        return False

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """The calls that were written in place of the form."""
        if self._ways is None or not self._grammar.done(self._state):
            return ()
        if not self._ways.own.done_after(bytes(self._written)):
            return ()
        return calls_in(self.text, nested=self._ways.nested)

    @property
    def text(self) -> str:
        """Everything that was written."""
        return self._written.decode("utf-8", "replace")

    @property
    def finished(self) -> bool:
        """Whether nothing can follow."""
        return not self._grammar.possible(self._state)

    def ends(self, token: int) -> bool:
        """Whether the answer ends instead of going on with this token, which is allowed."""
        return self._after(token) == DEAD

    def allows(self, token: int) -> bool:
        """Whether the token may follow, or end the answer."""
        return self._after(token) != DEAD or self._grammar.done(self._state)

    def allowed(self) -> Tokens | None:
        """The tokens that may follow; None where they are too many to be listed."""
        return self._pieces.allowed(self._grammar, self._state)

    def forced(self) -> list[int]:
        """The tokens of what must follow; nothing where there is a choice."""
        if not (must := self._grammar.forced(self._state)):
            return []
        tokens = self._tokenize(must.decode("utf-8", "ignore"))
        return tokens if b"".join(map(self._piece, tokens)) == must else []

    def accept(self, token: int) -> bytes:
        """Go on with a token that is allowed; what may be said now."""
        piece = self._piece(token)
        self._written += piece
        self._state = self._grammar.after(self._state, piece)
        return b"" if self._ways else piece

    def rest(self) -> bytes:
        """What was held back, once nothing more comes."""
        return b"" if self._ways is None or self.calls else bytes(self._written)

    def _after(self, token: int) -> int:
        piece = self._piece(token)
        return self._grammar.after(self._state, piece) if piece else DEAD
