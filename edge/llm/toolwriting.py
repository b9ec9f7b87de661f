"""What a loaded model needs to write calls: grammars for its tools, its vocabulary by bytes, its tokens for marks."""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Final, Protocol

from edge.llm.calling import CallGuide
from edge.llm.forming import FormGuide
from edge.llm.json_schema import grammar_of
from edge.llm.pieces import Pieces
from edge.llm.toolcalls import OWN, Format, Ways, written_calls
from edge.llm.tools import Toolbox, ToolCall

_MOST_STATES: Final = 60_000
"""Grammars that have more are made anew: names by the thousand must not fill the memory."""
_MARK: Final = re.compile(r"</?[|\w]+>|\[/?[A-Z_]+\]")
"""What marks of calls look like, whoever's they are."""


class Speaker(Protocol):
    """The engine, as far as it is needed."""

    @property
    def n_vocab(self) -> int: ...
    def text(self, token: int) -> bytes: ...
    def tokenize(self, text: str, *, control: bool) -> list[int]: ...
    def ends_turn(self, token: int) -> bool: ...


class ToolWriting:
    """Keeps what was made for the last toolbox; a house changes seldom."""

    def __init__(self, engine: Speaker, format_: Format | None) -> None:
        self._engine = engine
        self._format = format_ or OWN
        self._toolbox: Toolbox | None = None
        self._ways: Ways | None = None
        self._pieces: Pieces | None = None
        self._marks: dict[int, bytes] = {}

    def guide(self, toolbox: Toolbox, *, may_call: bool = True, must_call: bool = False) -> CallGuide:
        """A guide for one answer with these tools."""
        ways, pieces = self.prepare(toolbox)
        return CallGuide(
            ways,
            pieces,
            self._piece,
            self._engine.ends_turn,
            lambda text: self._engine.tokenize(text, control=True),
            may_call=may_call,
            must_call=must_call,
        )

    def form(self, schema: str, toolbox: Toolbox | None) -> FormGuide:
        """A guide for one answer that keeps to a JSON Schema, or calls one of these tools. Raises `LlmRefused`."""
        ways = self.prepare(toolbox)[0] if toolbox else None
        pieces = self._vocabulary()
        pieces.forget()
        form = grammar_of(json.loads(schema))
        return FormGuide(form, pieces, self._piece, lambda text: self._engine.tokenize(text, control=True), ways)

    def written(self, calls: Sequence[ToolCall]) -> tuple[str, list[int]]:
        """Calls as this model writes them, and the tokens for that: its marks are marks, all else is data."""
        text, tokens = "", []
        for piece, is_mark in written_calls(self._format, calls):
            text += piece
            for part in [piece] if is_mark else self.unmarked(piece):
                tokens += self._engine.tokenize(part, control=is_mark)
        return text, tokens

    def prepare(self, toolbox: Toolbox) -> tuple[Ways, Pieces]:
        """Make what a guide needs, if that was not done yet; the first time, the whole vocabulary is looked at."""
        pieces = self._vocabulary()
        if self._ways is None or toolbox != self._toolbox or self._ways.states > _MOST_STATES:
            self._ways, self._toolbox = Ways(self._format, toolbox), toolbox
            pieces.forget()
        return self._ways, pieces

    def _vocabulary(self) -> Pieces:
        if self._pieces is None:
            formats = Ways(self._format, Toolbox())
            self._marks = dict(self._single(formats.marks))
            self._pieces = Pieces(list(map(self._piece, range(self._engine.n_vocab))))
        return self._pieces

    def unmarked(self, text: str) -> list[str]:
        """Somebody's words in pieces, none of which holds a mark."""
        pieces, start = [], 0
        for found in _MARK.finditer(text):
            pieces.append(text[start : found.start() + 1])
            start = found.start() + 1
        return [*pieces, text[start:]]

    def _piece(self, token: int) -> bytes:
        return self._marks.get(token) or self._engine.text(token)

    def _single(self, marks: Iterable[bytes]) -> Iterable[tuple[int, bytes]]:
        """The marks that are one token each."""
        for mark in marks:
            tokens = self._engine.tokenize(mark.decode(), control=True)
            if len(tokens) == 1:
                yield tokens[0], mark
