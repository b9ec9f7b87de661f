"""Conversations as tokens: what never changes first, and the oldest turns left out when the context is full."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from edge.llm.errors import LlmRefused
from edge.llm.template import ChatTemplate, Part, plain_parts
from edge.llm.tools import Toolbox

REMEMBERED: Final = 16
KEPT_SHARE: Final = 0.5
"""How much of the context a conversation fills after turns were dropped: dropping seldom keeps the prefix in memory."""

_UNLIKE: Final = ("A", "7")
"""Two questions that share no token."""

Turn = tuple[str, str]
"""Role (`user`, `assistant`, or `tool` for the results of calls) and text."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """Tokens to read, and how many of the oldest turns they leave out."""

    tokens: list[int]
    dropped_turns: int
    static_tokens: int
    """The first tokens, which are the same in every conversation under these instructions."""


class Conversation:
    """Makes prompts that fit, dropping the same turns again until more must go."""

    def __init__(
        self,
        template: ChatTemplate | None,
        tokenize: Callable[[Part], list[int]],
        opening: Callable[[Sequence[int]], list[int]],
        n_ctx: int,
    ) -> None:
        self._template = template
        self._tokenize = tokenize
        self._opening = opening
        self._n_ctx = n_ctx
        self._dropped: list[Turn] = []
        self._own: OrderedDict[str, list[int]] = OrderedDict()
        self._static: tuple[str, Toolbox | None, list[int]] | None = None

    def remember(self, text: str, tokens: list[int]) -> None:
        """An answer of the model's own, with the tokens it was made of: they are in memory, others would not be."""
        self._own[text.strip()] = tokens
        if len(self._own) > REMEMBERED:
            self._own.popitem(last=False)

    def know(self, text: str, tokens: Callable[[], list[int]]) -> None:
        """An answer that this model may have written, in its words; `tokens` are asked for where it has not."""
        if text.strip() not in self._own:
            self.remember(text, tokens())

    def prompt(
        self,
        instructions: str,
        turns: Sequence[Turn],
        max_tokens: int,
        toolbox: Toolbox | None = None,
        *,
        think: bool = False,
        static: bool = True,
    ) -> Prompt:
        """The prompt for `turns`, with room for an answer of `max_tokens`; raises `LlmError` where one is too long.

        Without `static` nobody asks where it begins to be of this conversation alone.
        """
        room = self._n_ctx - min(max_tokens, self._n_ctx // 2)
        known = len(self._dropped)
        start = known if known < len(turns) and list(turns[:known]) == self._dropped else 0
        tokens = self._tokens(instructions, turns[start:], toolbox, think=think)
        if len(tokens) > room:
            target = int(self._n_ctx * KEPT_SHARE)
            while len(tokens) > target and (later := _next_boundary(turns, start)) is not None:
                start = later
                tokens = self._tokens(instructions, turns[start:], toolbox, think=think)
        if len(tokens) > room:
            raise LlmRefused(f"that is too long: {len(tokens)} tokens, and the model's context has room for {room}")
        self._dropped = list(turns[:start])
        beginning = self.static(instructions, toolbox) if static else []
        return Prompt(tokens, start, len(beginning) if tokens[: len(beginning)] == beginning else 0)

    def static(self, instructions: str, toolbox: Toolbox | None = None) -> list[int]:
        """The tokens with which every prompt under these instructions, with these tools, begins."""
        if self._static is None or self._static[:2] != (instructions, toolbox):
            one, other = (self._tokens(instructions, [("user", text)], toolbox) for text in _UNLIKE)
            pairs = enumerate(zip(one, other, strict=False))
            same = next((at for at, (left, right) in pairs if left != right), 0)
            self._static = instructions, toolbox, one[:same]
        return self._static[2]

    def _tokens(
        self, instructions: str, turns: Sequence[Turn], toolbox: Toolbox | None, *, think: bool = False
    ) -> list[int]:
        if self._template is None:
            parts = plain_parts(instructions, turns, toolbox)
        else:
            parts = self._template.parts(instructions, turns, toolbox, think=think)
        return self._opening([token for part in parts for token in self._of(part)])

    def _of(self, part: Part) -> list[int]:
        own = self._own.get(part.text.strip()) if part.said else None
        return self._tokenize(part) if own is None else own


def _next_boundary(turns: Sequence[Turn], start: int) -> int | None:
    """Where the next question begins after `start`, the last one at most; None when there is none."""
    return next((index for index in range(start + 1, len(turns)) if turns[index][0] == "user"), None)
