"""An answer that somebody outside orders: their own words, tools, form and sampling, and nothing of the house's."""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from edge.llm.errors import LlmRefused
from edge.llm.tools import Toolbox, ToolCall
from edge.llm.wire import MAX_LINE_BYTES, Answer, Sampling, encode

MAX_CHARACTERS: Final = 400_000


@dataclass(frozen=True, slots=True)
class Said:
    """One turn; `role` is `user`, `assistant`, or `tool` for the results of calls."""

    role: str
    text: str
    calls: tuple[ToolCall, ...] = ()
    """What an assistant's turn ends in."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be answered, and how; `instructions` are the system's words, none where they are empty."""

    turns: tuple[Said, ...]
    max_tokens: int
    instructions: str = ""
    temperature: float = 0.7
    seed: int | None = None
    sampling: Sampling = field(default_factory=Sampling)
    stop: tuple[str, ...] = ()
    toolbox: Toolbox | None = None
    may_call: bool = True
    must_call: bool = False
    form: str = ""
    """A JSON Schema, as text, that the answer keeps to."""
    think: bool = False
    deadline_s: float = 120.0

    def answer(self, number: int) -> Answer:
        """As the worker is asked. Raises `LlmRefused` where it is too long for that."""
        if sum(len(turn.text) for turn in self.turns) + len(self.instructions) > MAX_CHARACTERS:
            raise LlmRefused(f"that is too long: more than {MAX_CHARACTERS} characters")
        request = Answer(
            id=number,
            instructions=self.instructions,
            turns=[_plain(turn) for turn in merged(self.turns)],
            max_tokens=self.max_tokens,
            temperature=self.temperature,
            seed=random.getrandbits(32) if self.seed is None else self.seed & 0xFFFFFFFF,
            deadline_s=self.deadline_s,
            toolbox=self.toolbox,
            may_call=self.may_call,
            must_call=self.must_call,
            sampling=self.sampling,
            stop=list(self.stop),
            form=self.form,
            think=self.think,
            foreign=True,
        )
        if len(encode(request)) > MAX_LINE_BYTES:
            raise LlmRefused("that is too long: messages and tools together")
        return request


def merged(turns: Sequence[Said]) -> list[Said]:
    """The turns with those of one speaker in a row put together: templates may insist that speakers take turns."""
    kept: list[Said] = []
    for turn in turns:
        before = kept[-1] if kept else None
        if before is None or before.role != turn.role or before.calls:
            kept.append(turn)
            continue
        text = "\n\n".join(text for text in (before.text, turn.text) if text)
        kept[-1] = Said(turn.role, text, turn.calls)
    return kept


def _plain(turn: Said) -> list[str]:
    calls = [json.dumps([[call.name, dict(call.arguments)] for call in turn.calls])] if turn.calls else []
    return [turn.role, turn.text, *calls]
