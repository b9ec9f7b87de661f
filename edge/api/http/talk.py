"""An answer as all interfaces tell it: words, thoughts and calls as they come, and how it ended."""

import asyncio
import json
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Final

from edge.api.http.access import Caller
from edge.api.http.desk import Desk
from edge.api.http.errors import HttpError
from edge.assistant.model import Reply
from edge.llm.json_schema import SchemaError, grammar_of
from edge.llm.order import Order
from edge.llm.tools import Tool, Toolbox, ToolCall, ToolCalls
from edge.llm.wire import Done, Reason

MOST_TOOLS: Final = 128
ANY_OBJECT: Final = '{"type": "object"}'
_OPENED, _CLOSED = "<think>", "</think>"


@dataclass(frozen=True, slots=True)
class Ending:
    """How an answer ended, and what it took: tokens, seconds."""

    reason: str = "stop"
    """`stop`, `length` or `tool_calls`."""
    prompt_tokens: int = 0
    reused_tokens: int = 0
    tokens: int = 0
    prompt_s: float = 0.0
    tokens_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Told:
    """A piece of an answer: some words, or a thought, or calls; the last one has the ending."""

    text: str = ""
    thought: str = ""
    calls: tuple[ToolCall, ...] = ()
    ending: Ending | None = None


@dataclass(slots=True)
class Whole:
    """An answer put together."""

    text: str = ""
    thought: str = ""
    calls: tuple[ToolCall, ...] = ()
    ending: Ending = field(default_factory=Ending)

    def add(self, piece: Told) -> None:
        """One more piece."""
        self.text += piece.text
        self.thought += piece.thought
        self.calls += piece.calls
        self.ending = piece.ending or self.ending


@dataclass(frozen=True, slots=True)
class Offered:
    """A tool as a client describes it."""

    name: str
    description: str = ""
    parameters: Mapping[str, Any] | None = None


async def answer(desk: Desk, order: Order, caller: Caller) -> AsyncGenerator[Told, None]:
    """What the raw model makes of an order. Raises `HttpError` and `LlmError`; closing it stops the work."""
    thinking = Thinking()
    called = False
    async with aclosing(desk.answer(order, caller)) as pieces:
        async for piece in pieces:
            match piece:
                case str():
                    for told in thinking.feed(piece):
                        yield told
                case ToolCalls(calls):
                    called = True
                    yield Told(calls=calls)
                case Done():
                    for told in thinking.rest():
                        yield told
                    yield Told(ending=_ending(piece, called))


async def assisted(desk: Desk, text: str, caller: Caller, area: str | None = None) -> AsyncGenerator[Told, None]:
    """What the assistant does and says. Raises `HttpError`."""
    async with aclosing(desk.ask(text, caller, area)) as pieces:
        async for piece in pieces:
            if isinstance(piece, Reply):
                yield Told(ending=Ending(tokens_s=piece.ms / 1000))
            else:
                yield Told(text=piece)


async def whole(pieces: AsyncGenerator[Told, None]) -> Whole:
    """All of it."""
    found = Whole()
    async with aclosing(pieces) as told:
        async for piece in told:
            found.add(piece)
    return found


def _ending(done: Done, called: bool) -> Ending:
    reason = "tool_calls" if called else "length" if done.reason is Reason.LENGTH else "stop"
    return Ending(
        reason, done.prompt_tokens, done.reused_tokens, done.tokens, max(0.0, done.prompt_s), max(0.0, done.tokens_s)
    )


class Thinking:
    """Parts what a model thinks aloud, between its marks at the beginning, from what it says."""

    def __init__(self) -> None:
        self._held = ""
        self._state = "before"

    def feed(self, text: str) -> Iterator[Told]:
        """What is known to be one or the other by now."""
        self._held += text
        if self._state == "before":
            begun = self._held.lstrip()
            if begun.startswith(_OPENED):
                self._state, self._held = "thinking", begun[len(_OPENED) :].lstrip("\n")
            elif not _OPENED.startswith(begun):
                self._state = "saying"
        if self._state == "thinking":
            thought, closed, after = self._held.partition(_CLOSED)
            if closed:
                self._state, self._held = "after", after
                yield from _thought(thought)
            else:
                sure = len(thought) - _overlap(thought, _CLOSED)
                self._held = thought[sure:]
                yield from _thought(thought[:sure])
        if self._state == "after" and (said := self._held.lstrip()):
            self._state, self._held = "saying", said
        if self._state == "saying" and self._held:
            said, self._held = self._held, ""
            yield Told(text=said)

    def rest(self) -> Iterator[Told]:
        """What was held back, once nothing more comes."""
        held, self._held = self._held, ""
        if self._state == "thinking":
            yield from _thought(held)
        elif self._state != "after" and held:
            yield Told(text=held)


def _thought(text: str) -> Iterator[Told]:
    if text:
        yield Told(thought=text)


def _overlap(text: str, mark: str) -> int:
    """How many of the last characters could be the beginning of the mark."""
    return next((length for length in range(min(len(mark) - 1, len(text)), 0, -1) if text.endswith(mark[:length])), 0)


async def toolbox_of(offered: Sequence[Offered]) -> Toolbox | None:
    """Tools for the model. Raises `HttpError` (400) that says what is wrong with which."""
    return await asyncio.to_thread(_toolbox, offered) if offered else None


async def form_of(schema: Mapping[str, Any], at: str) -> str:
    """A JSON Schema as text, which a grammar can be made of. Raises `HttpError` (400)."""

    def written() -> str:
        try:
            grammar_of(schema)
        except SchemaError as error:
            raise HttpError(400, f"{at}: {error}", code="invalid_json_schema", param=at) from error
        return json.dumps(schema)

    return await asyncio.to_thread(written)


def _toolbox(offered: Sequence[Offered]) -> Toolbox:
    if len(offered) > MOST_TOOLS:
        raise HttpError(400, f"tools: expected {MOST_TOOLS} at most", param="tools")
    tools: dict[str, Tool] = {}
    for number, one in enumerate(offered):
        at = f"tools[{number}].function"
        if one.name in tools:
            raise HttpError(400, f"{at}.name: there is another {one.name} before it", param="tools")
        takes = dict(one.parameters or {"properties": {}})
        if takes.get("type", "object") != "object":
            raise HttpError(400, f"{at}.parameters: expected a schema of an object", param="tools")
        takes["type"] = "object"
        try:
            grammar_of(takes)
        except SchemaError as error:
            raise HttpError(
                400, f"{at}.parameters: {error}", code="invalid_function_parameters", param="tools"
            ) from error
        tools[one.name] = Tool(one.name, one.description, takes=json.dumps(takes))
    return Toolbox(tuple(tools.values()))
